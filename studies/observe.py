"""What is recorded of a run: one row per time step, electrode profiles and maps at output times."""

from __future__ import annotations

from typing import Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from thincell.geometry.section import Section
from thincell.geometry.tags import Tag
from thincell.model.terms import Surface
from thincell.solvers.flux import boundary_flux
from thincell.solvers.sample import Sampler
from thincell.studies import names
from thincell.studies.expressions import bare, carried_out
from thincell.studies.flow.stream import stream_of
from thincell.studies.formulation.chen import ChenSalt
from thincell.studies.growth.books import MetalBooks
from thincell.studies.growth.contour import FrontSampler
from thincell.studies.problem import Problem
from thincell.studies.readings import CHARGING
from thincell.studies.schema.cell import ChipCell, MeshCell, coordinates

Row = dict[str, Any]


_REMEMBERED = ("started_with", "_charge_error", "_largest_current", "_ion_errors", "_ions_passed")


class Observer:
    """Records a problem. Collective: every method is called on all ranks."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.started_with = self._amounts()
        self._charge_error, self._largest_current = 0.0, 1e-300
        self._ion_errors = dict.fromkeys(self.started_with, 0.0)
        self._ions_passed = dict.fromkeys(self.started_with, 1e-300)
        cell = problem.case.cell
        self.section: Section | None = None
        if not isinstance(cell, MeshCell) and cell.view == "section":
            self.section = cell.section()
        self._samplers: dict[Tag, Any] = {}
        self._mapper: Any = None
        self.metal = None if problem.deposit is None else MetalBooks(problem, problem.deposit)

    def _amounts(self) -> dict[str, float]:
        """Scaled amount of each ion in the cell."""
        values = self.problem.readings.functionals()
        return {ion: values[f"amount {ion}"] for ion in self.problem.formulation.ions}

    def memory(self) -> dict[str, Any]:
        """What the audit remembers."""
        own = {key: getattr(self, key) for key in _REMEMBERED}
        return own if self.metal is None else own | {"metal": self.metal.memory()}

    def recall(self, memory: dict[str, Any]) -> None:
        """Go on with the audit of another observer."""
        for key in _REMEMBERED:
            setattr(self, key, memory[key])
        if self.metal is not None:
            self.metal.recall(memory["metal"])

    # -- history ----------------------------------------------------------------------------------

    def row(self, step: int, event: str | None) -> Row:
        """The row of history.csv for the last accepted step."""
        p = self.problem
        flows, totals = p.readings.rates(), p.stepper.ledger.totals
        reading, voltage = p.readings.voltages()
        lows, highs = (values * p.scales.concentration for values in p.readings.extremes())
        main = p.formulation.main
        density = p.units.density(flows["charge working"])
        per_area = p.units.current * p.scales.time / p.units.nominal_area
        row: Row = {
            names.TIME.name: p.stepper.time * p.scales.time,
            names.STEP.name: step,
            names.CURRENT_DENSITY.name: density,
            names.CURRENT.name: density * p.units.nominal_area,
            names.POTENTIAL.name: reading,
            names.VOLTAGE.name: voltage,
            names.CHARGE.name: totals["charge working"] * per_area,
            names.LOWEST.name: float(lows[main]),
            names.HIGHEST.name: float(highs[main]),
            names.CHARGE_BALANCE.name: self._charge_imbalance(flows),
            names.ION_BALANCE.name: self._ion_imbalance(totals),
            names.TIME_STEP.name: p.stepper.dt * p.scales.time,
            names.NEWTON.name: p.stepper.newton_iterations,
        }
        for reaction in p.surfaces[0].reactions:
            key = f"charge working {reaction.name}"
            row[names.of_reaction(reaction.name)] = p.units.density(flows[key])
            row[names.charge_of(reaction.name)] = totals[key] * per_area
        charging = f"charge working {CHARGING}"
        if charging in flows:
            row[names.CHARGING.name] = p.units.density(flows[charging])
            row[names.charge_of(CHARGING)] = totals[charging] * per_area
        for k, ion in enumerate(p.formulation.ions if p.formulation.by_ion else ()):
            row[names.lowest_of(ion)], row[names.highest_of(ion)] = float(lows[k]), float(highs[k])
        if self.metal is not None:
            row |= self.metal.row(totals)
        row[names.EVENT.name] = event or ""
        return row

    def _charge_imbalance(self, flows: dict[str, float]) -> float:
        """Of this step, relative to the sum of its partial currents."""
        system = self.problem.stepper.system
        assert system is not None
        error = abs(flows["charge working"] + flows["charge counter"])
        self._charge_error = max(self._charge_error, error)
        gross = sum(abs(v) for k, v in flows.items() if k.startswith("charge working "))
        current = max(gross, abs(flows["charge working"]), system.current_scale)
        self._largest_current = max(self._largest_current, current)
        return error / current

    def _ion_imbalance(self, totals: dict[str, float]) -> float:
        """The worst ion's up to now, relative to what passed of any ion, at least 1e-3 of its amount."""
        passed = max((total for name, total in totals.items() if name.endswith(" gross")), default=0.0)
        for ion, amount in self._amounts().items() if self.problem.stores else ():
            places = ("working", "counter", "reservoir", "made")
            gained = sum(totals.get(f"{ion} {place}", 0.0) for place in places)
            before = self.started_with[ion]
            error = abs(amount - before - gained)
            self._ion_errors[ion] = max(self._ion_errors[ion], error)
            made = abs(totals.get(f"{ion} made", 0.0))
            self._ions_passed[ion] = max(passed, made, 1e-3 * before)
        return max(self._relative_ion_errors(), default=0.0)

    def _relative_ion_errors(self) -> list[float]:
        return [error / self._ions_passed[ion] for ion, error in self._ion_errors.items()]

    @property
    def worst(self) -> dict[str, float]:
        """The run's audit: largest errors relative to its largest current and to all ions passed."""
        found = {
            "charge": self._charge_error / self._largest_current,
            "ions": max(self._relative_ion_errors(), default=0.0),
        }
        return found if self.metal is None else found | {"metal": self.metal.worst}

    @property
    def audited(self) -> dict[str, float]:
        """Those of `worst` that the model promises to keep: Chen et al. 2015 do not keep the charge."""
        broken = ("charge",) if isinstance(self.problem.formulation, ChenSalt) else ()
        return {what: error for what, error in self.worst.items() if what not in broken}

    # -- electrode profiles -------------------------------------------------------------------------

    def profiles(self) -> dict[str, NDArray[Any]] | None:
        """Columns of electrode.csv at the present time on rank 0, None elsewhere."""
        self.problem.formulation.refresh()
        tables = [self._profile(tag) for tag in (Tag.WORKING, Tag.COUNTER)]
        if any(table is None for table in tables):
            return None
        keys = {key: None for table in tables if table is not None for key in table}
        count = [len(table[names.X.name]) for table in tables if table is not None]
        return {
            key: np.concatenate(
                [
                    table.get(key, np.full(n, np.nan))
                    for table, n in zip(tables, count, strict=True)
                    if table is not None
                ]
            )
            for key in keys
        }

    def _profile(self, tag: Tag) -> dict[str, NDArray[Any]] | None:
        p = self.problem
        surface = p.surfaces[0 if tag == Tag.WORKING else 1]
        if tag not in self._samplers:
            self._samplers[tag] = self._sampler(tag)
        rows = self._samplers[tag]() if not p.primary else self._primary_rows(tag)
        if rows is None:
            return None
        length, letters = p.scales.length, coordinates(p.case)
        places = rows[:, : len(letters)] * length
        along = self._along(tag, places)
        order = np.argsort(along, kind="stable")
        rows, along, places = rows[order, len(letters) - 2 :], along[order], places[order]
        count = 1 if p.primary else len(surface.reactions)
        columns = iter(rows[:, 3 + count :].T)
        weight = 2 * np.pi * rows[:, 0] if p.stage.axisymmetric else 1.0
        table: dict[str, NDArray[Any]] = {
            names.TIME.name: np.full(len(rows), p.stepper.time * p.scales.time),
            names.ELECTRODE.name: np.full(len(rows), tag.group),
            names.ALONG.name: along,
            **{f"{letter} [m]": places[:, k] for k, letter in enumerate(letters)},
            names.AREA.name: rows[:, 2] * weight * p.units.area,
            names.LOCAL.name: rows[:, 3 : 3 + count].sum(axis=1) * p.scales.current_density,
            names.CONCENTRATION.name: next(columns) * p.scales.concentration,
            names.PHI.name: next(columns) * p.scales.potential,
            names.OVERPOTENTIAL.name: next(columns) * p.scales.potential,
        }
        for k, reaction in enumerate(surface.reactions if not p.primary else ()):
            table[names.local_of(reaction.name)] = rows[:, 3 + k] * p.scales.current_density
        for name, (_, unit) in self._extras(surface).items():
            table[name] = next(columns) * unit
        return table

    def _extras(self, surface: Surface) -> dict[str, tuple[Any, float]]:
        """Further columns of an electrode: expression and its unit in SI."""
        p = self.problem
        return p.formulation.at_electrode(surface, p.state) if not p.primary else {}

    def _sampler(self, tag: Tag) -> Sampler | FrontSampler | None:
        p = self.problem
        if p.primary:
            return None
        if p.deposit is not None and tag == Tag.WORKING:
            return FrontSampler(p, p.deposit.along(self._whole(p.surfaces[0])))
        surface = p.surfaces[0 if tag == Tag.WORKING else 1]
        electrode = p.electrodes[0 if tag == Tag.WORKING else 1]
        expressions = [*electrode.densities().values(), *self._whole(surface)]
        return p.stage.sampler(tag, [carried_out(e) for e in expressions])

    def _whole(self, surface: Surface) -> list[Any]:
        """Concentration, potential, overpotential and further columns of an electrode."""
        p = self.problem
        extras = [expression for expression, _ in self._extras(surface).values()]
        overpotential = p.formulation.overpotential(surface, p.state)
        return [p.concentration, p.phi, overpotential, *extras]

    def _primary_rows(self, tag: Tag) -> NDArray[np.float64] | None:
        """Samples of the consistent flux of an equipotential electrode."""
        p = self.problem
        test, trial = ufl.TestFunction(p.space), ufl.TrialFunction(p.space)
        mass = p.measures.surface(trial[0] * test[0], tag)
        flux = boundary_flux(p._residual(test), mass, p._unknowns(tag), p.space)
        rows = p.stage.sampler(tag, [flux[0], p.state[0]])()
        if rows is None:
            return None
        one, none = np.ones(len(rows)), np.zeros(len(rows))
        d = self.problem.stage.dimension
        return np.column_stack([rows[:, : d + 2], one, rows[:, d + 2], none])

    def _along(self, tag: Tag, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance along the surface from the edge that faces the other electrode, or from the rim."""
        cell = self.problem.case.cell
        if isinstance(cell, ChipCell) and cell.view != "section":
            return _from_rim(cell, tag, places)
        x, z = places.T
        if self.section is None:
            return x
        electrode = self.section.electrode(tag)
        if self.section.axisymmetric:
            return electrode.end - x
        facing_right = tag == Tag.WORKING
        inner, outer = (
            (electrode.end, electrode.start) if facing_right else (electrode.start, electrode.end)
        )
        if self.problem.deposit is not None and tag == Tag.WORKING:
            return np.asarray(inner - x if facing_right else x - inner)
        t, slack = electrode.thickness, 1e-9 * self.section.height
        top = t + np.abs(x - inner)
        along = np.where(np.abs(x - inner) < slack, z, top)
        on_outer = (np.abs(x - outer) < slack) & (z < t - slack)
        return np.where(on_outer, t + electrode.width + (t - z), along)

    # -- maps ---------------------------------------------------------------------------------------

    def maps(self) -> dict[str, NDArray[np.float64]] | None:
        """Concentration and potential at the mesh's points on rank 0, None elsewhere."""
        p = self.problem
        if self._mapper is None:
            self._mapper = _Mapper(p)
        stream = stream_of(p)
        metal = [] if p.deposit is None else [p.deposit.growing.xi(p.state)]
        flowing = [psi for psi, _ in stream.values()]
        c, phi, *more = self._mapper([bare(p.concentration), bare(p.phi), *flowing, *metal])
        if c is None:
            return None
        found = {
            names.CONCENTRATION.name: c * p.scales.concentration,
            names.PHI.name: phi * p.scales.potential,
        }
        for name, (_, unit) in stream.items():
            found[name] = more.pop(0) * unit
        if not metal:
            return found
        made = p.stage.made
        assert made is not None
        return found | {names.METAL.name: more[0], "points": made.points, "triangles": made.cells}


def _from_rim(cell: ChipCell, tag: Tag, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance from an electrode's outline, seen from above."""
    import shapely

    rim = next(area.polygon.boundary for area in cell.areas() if area.tag == tag)
    shapely.prepare(rim)
    return np.asarray(shapely.distance(rim, shapely.points(places[:, :2])))


class _Mapper:
    """Interpolates expressions at the vertices and gathers them in the order of the plane mesh."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        domain = problem.domain
        element = basix.ufl.element("Lagrange", domain.basix_cell(), 1)
        self.space = fem.functionspace(domain, element)
        self.function = fem.Function(self.space)
        self.nodes = domain.geometry.dofmaps[0].ravel()
        self.unknowns = self.space.dofmap.list.ravel()
        self.original = domain.geometry.input_global_indices
        self.expressions: list[Any] = []

    def __call__(self, expressions: list[Any]) -> list[Any]:
        if not self.expressions:
            points = self.space.element.interpolation_points
            zero = fem.Constant(self.problem.domain, 0.0)
            self.expressions = [fem.Expression(e + zero, points) for e in expressions]
        return [self._gather(e) for e in self.expressions]

    def _gather(self, expression: Any) -> NDArray[np.float64] | None:
        self.function.interpolate(expression)
        values = np.zeros(len(self.original))
        values[self.nodes] = self.function.x.array[self.unknowns]
        parts = self.problem.comm.gather((self.original, values), root=0)
        if parts is None:
            return None
        made = self.problem.stage.made
        assert made is not None
        whole = np.empty(len(made.points))
        for indices, local in parts:
            whole[indices] = local
        return whole
