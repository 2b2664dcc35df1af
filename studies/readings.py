"""What is read off a solved problem: integrals, flows for the ledger, extremes, voltages.

Everything here is in scaled units, but for places; `Problem.units` converts to SI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from thincell.geometry.tags import Tag
from thincell.studies.formulation.binary import BinarySalt

if TYPE_CHECKING:
    from thincell.studies.problem import Problem

#: Name of the charging current among the partial currents.
CHARGING = "double-layer charging"


class Readings:
    """Readings of a problem's present state. Collective; forms are compiled once."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.comm = problem, problem.comm
        self._compiled = {name: fem.form(form) for name, form in functionals(problem).items()}

    def functionals(self) -> dict[str, float]:
        """Values of all compiled functionals for the present state."""
        local = np.array([fem.assemble_scalar(form) for form in self._compiled.values()])
        total = self.comm.allreduce(local, MPI.SUM) if local.size else local
        return dict(zip(self._compiled, (float(v) for v in np.atleast_1d(total)), strict=True))

    def rates(self) -> dict[str, float]:
        """Scaled flows for the ledger: charge per electrode and reaction, cations released."""
        p, values = self.problem, self.functionals()
        if p.primary:
            assert p.stepper.system is not None
            current = p.stepper.system.current()
            # a residual of its own: the rows of the counter electrode, not minus the working one's
            return {"charge working": current, "charge counter": p.integral(p.on_counter)}
        rates = {
            name.replace("current", "charge", 1): value
            for name, value in values.items()
            if name.startswith("current ")
        }
        for surface in p.surfaces:
            electrode = Tag(surface.tag).group
            parts = {r: values[f"current {electrode} {r.name}"] for r in surface.reactions}
            charging = values.get(f"charging {electrode}")
            if charging is not None:
                rates[f"charge {electrode} {CHARGING}"] = charging
            rates[f"charge {electrode}"] = sum(parts.values()) + (charging or 0.0)
            for ion in p.formulation.ions:
                rates[f"{ion} {electrode}"] = sum(
                    p.formulation.released(ion, r) * current for r, current in parts.items()
                )
        if p.deposit is not None:
            volumes = p.deposit.volumes.items()
            rates["metal gross"] = sum(v * abs(values[f"current working {r}"]) for r, v in volumes)
        for ion in p.formulation.ions:
            rates |= self._other_flows(ion, values)
            rates[f"{ion} gross"] = abs(rates[f"{ion} working"]) + values.get(f"leaving {ion}", 0.0)
        return rates

    def _other_flows(self, ion: str, values: dict[str, float]) -> dict[str, float]:
        """What reactions in the liquid make of an ion, and what enters from a reservoir."""
        flows = {f"{ion} made": values[f"made {ion}"]} if f"made {ion}" in values else {}
        if self.problem.has_reservoir:
            system = self.problem.stepper.system
            assert system is not None
            entering = values.get(f"entering {ion}")
            flows[f"{ion} reservoir"] = (
                system.fixed_inflow() if entering is None else entering
            ) - values.get(f"leaving {ion}", 0.0)
        return flows

    def extremes(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest c/c0 of every ion at nodes in the liquid; ones when nothing is stored."""
        p = self.problem
        if not p.stores:
            return np.ones(1), np.ones(1)
        values = p.conserved_values(p.state.x.array)
        values = values[~np.isnan(values[:, 0])]
        low, high = values.min(axis=0, initial=np.inf), values.max(axis=0, initial=-np.inf)
        self.comm.Allreduce(MPI.IN_PLACE, low, MPI.MIN)
        self.comm.Allreduce(MPI.IN_PLACE, high, MPI.MAX)
        return low, high

    def place_of_lowest(self) -> tuple[float, tuple[float, ...]]:
        """c/c0 where the concentration is smallest, and that place [m]."""
        p = self.problem
        if not p.stores:
            return 1.0, (0.0,) * p.stage.dimension
        values = p.conserved_values(p.state.x.array)[:, p.formulation.main]
        points = p.space.tabulate_dof_coordinates()
        best: tuple[float, tuple[float, ...]] = (np.inf, ())
        if np.isfinite(values).any():
            k = int(np.nanargmin(values))
            place = points[k, : p.stage.dimension] * p.scales.length
            best = (float(values[k]), tuple(map(float, place)))
        return min(self.comm.allgather(best))

    def voltages(self) -> tuple[float, float]:
        """(reading of the potentiostat, working minus counter electrode) [V]."""
        p = self.problem
        assert p.stepper.system is not None
        volt = p.scales.potential
        return p.stepper.system.reading() * volt, float(p.potential.value) * volt


def functionals(p: Problem) -> dict[str, Any]:
    """Forms by name: currents of each reaction, stored amounts, what is made of ions, enters and leaves."""
    m, model, w = p.measures, p.formulation, p.state
    found: dict[str, Any] = {}
    for electrode in p.electrodes:
        name = Tag(electrode.surface.tag).group
        for reaction, form in electrode.currents().items():
            found[f"current {name} {reaction}"] = form
        charging = electrode.charging()
        if charging is not None:
            found[f"charging {name}"] = charging
    for ion, amount in model.amounts(w).items():
        found[f"amount {ion}"] = m.volume(amount)
    for ion, rate in model.production(w).items():
        found[f"made {ion}"] = m.volume(rate)
    for ion, flux in model.entering(w).items() if p.has_reservoir else ():
        found[f"entering {ion}"] = sum(m.surface(flux, t) for t in (Tag.INLET, Tag.OUTLET))
    for ion, flux in model.leaving(w).items() if isinstance(model, BinarySalt) else ():
        found[f"leaving {ion}"] = m.surface(flux, Tag.OUTLET)
    return found
