"""From a case to its formulation."""

from __future__ import annotations

from typing import Any

from dolfinx import fem, mesh

from thincell.model.constants import FARADAY, VACUUM_PERMITTIVITY
from thincell.model.double_layer import Closure, DoubleLayer
from thincell.model.electrolyte import Electrolyte
from thincell.model.electroneutral import BACKGROUND
from thincell.model.nernst_planck import RESIDUAL, Ions, LogVariables, SoftVariables, Variables
from thincell.model.ops import Value
from thincell.model.reactions import Reaction
from thincell.model.scales import Scales
from thincell.model.species import Solution
from thincell.model.terms import Medium
from thincell.studies.formulation.base import Formulation
from thincell.studies.formulation.binary import BinarySalt, Ohmic, outside
from thincell.studies.formulation.diffuse import Diffuse
from thincell.studies.formulation.ionic import IonicSolution
from thincell.studies.schema.case import Case
from thincell.studies.schema.double_layer import DoubleLayerTable

#: Share of c0 below which an ion is a trace at the beginning, and its unknown the logarithm.
TRACE = 1e-2


def scales_of(case: Case, electrolyte: Electrolyte, length: float) -> Scales:
    """Scales of a case: of the salt, or of the first and the most concentrated species."""
    if not case.electrolyte.ionic:
        return Scales.of(electrolyte, length)
    return Scales.of_solution(case.electrolyte.solution(), length)


def formulate(
    case: Case,
    domain: mesh.Mesh,
    electrolyte: Electrolyte,
    scales: Scales,
    filling: tuple[float, float],
    reactions: dict[str, Reaction],
) -> Formulation:
    """The model of a case on a mesh. ``filling``: porosity and factor on the transport properties."""
    porosity, transport = (fem.Constant(domain, value) for value in filling)
    resolved = case.electrolyte.model == "nernst-planck-poisson"
    background = fem.Constant(domain, RESIDUAL if resolved else BACKGROUND)
    if case.electrolyte.ionic:
        return _ionic(case, domain, scales, (porosity, transport, background), reactions)
    medium = Medium(electrolyte.on(domain), scales.on(domain), porosity, transport, background)
    if case.electrolyte.model == "ohmic":
        return Ohmic(electrolyte, medium)
    return BinarySalt(electrolyte, medium)


def _ionic(
    case: Case,
    domain: mesh.Mesh,
    scales: Scales,
    constants: tuple[Any, Any, Any],
    reactions: dict[str, Reaction],
) -> IonicSolution:
    solution = case.electrolyte.solution()
    resolved = case.electrolyte.model == "nernst-planck-poisson"
    porosity, transport, background = constants
    medium = Ions(
        solution.on(domain),
        scales.on(domain),
        _variables(solution, scales, resolved, domain),
        porosity,
        transport,
        background,
    )
    made = {key: case.reactions[key].ionic(key, r, case.electrolyte) for key, r in reactions.items()}
    main = solution.number(case.electrolyte.salt.cation)
    layer = (case.double_layer or DoubleLayerTable()).build().on(domain) if resolved else None
    return IonicSolution(solution, scales, medium, made, main, layer)


def _variables(solution: Solution, scales: Scales, resolved: bool, domain: mesh.Mesh) -> Variables:
    count = len(solution.species)
    if not resolved:
        anchor, least = solution.anchor, TRACE * scales.concentration
        traces = tuple(k for k, s in enumerate(solution.species) if s.concentration < least)
        return SoftVariables(count, anchor, solution.charges[anchor], traces)
    if not solution.crowded:
        return LogVariables(count)
    sizes = [s.molar_volume * scales.concentration for s in solution.species]
    return LogVariables(count, tuple(fem.Constant(domain, size) for size in sizes))


def add_closure(
    formulation: Formulation, case: Case, state: fem.Function, facets: mesh.MeshTags, scales: Scales
) -> None:
    """Give an electroneutral model the Gouy-Chapman-Stern closure when the case has a double layer."""
    if case.double_layer is None:
        return
    layer = case.double_layer.build()
    if isinstance(formulation, BinarySalt):
        plating = next(r for r in case.reactions.values() if r.type == "plating")
        built = plating.build("", formulation.electrolyte.temperature)
        assert built is not None
        ratio = scales.concentration / built.exchange.reference
        salt = formulation.electrolyte.salt
        closure = _closure(
            layer,
            scales,
            formulation.electrolyte.relative_permittivity,
            (salt.cation_charge, salt.anion_charge),
        )
        formulation.diffuse = Diffuse(
            state, facets, layer, scales, closure, outside(formulation.electrolyte, ratio)
        )
    elif isinstance(formulation, IonicSolution) and not formulation.resolved:
        permittivity = float(formulation.solution.permittivity.relative(0.0))
        closure = _closure(layer, scales, permittivity, formulation.solution.charges)
        variables = formulation.medium.variables

        def of(fields: Any) -> tuple[Value, list[Value]]:
            return variables.potential(fields), variables.concentrations(fields)

        formulation.diffuse = Diffuse(state, facets, layer, scales, closure, of)


def _closure(
    layer: DoubleLayer, scales: Scales, permittivity: float, charges: tuple[int, ...]
) -> Closure:
    return Closure(
        float(layer.scaled_capacitance(scales)), squared_length(scales, permittivity), charges
    )


def squared_length(scales: Scales, permittivity: float) -> float:
    """eps2 = eps RT/(F^2 c0 L^2)."""
    unit = FARADAY * scales.concentration * scales.length**2
    return permittivity * VACUUM_PERMITTIVITY * scales.potential / unit
