r"""Steady states of a case: polarisation curves below and above the limiting current.

A steady state is the end of a few very long backward Euler steps: unlike a form without time
derivative they keep the amount of every ion, which a closed cell needs to be determined at all. The
error of `STEPS` steps of length dt is (tau/dt)^STEPS with tau the longest diffusion time of the cell.

    steady = Steady(case)
    steady.at_current(0.9 * limiting)      # A/m2 per nominal area; anodic positive
    steady.voltage                         # V
"""

from __future__ import annotations

from dataclasses import dataclass

from mpi4py import MPI

import numpy as np

from thincell.geometry.planemesh import PlaneMesh
from thincell.solvers.continuation import Count, reach
from thincell.solvers.controls import GivenCurrent, GivenPotential
from thincell.studies.case import Case
from thincell.studies.equilibrium import charge_double_layer
from thincell.studies.observe import Observer
from thincell.studies.problem import Problem

#: Backward Euler steps to a steady state; their length in units of the slowest diffusion time and, at
#: least, of L^2/D. Longer ones would let rounding into the amounts of the ions.
STEPS, LENGTH, LEAST = 3, 1e2, 1e4


@dataclass(frozen=True)
class SteadyState:
    """A steady state in SI units: current per nominal area, voltages, and what it took to find it.

    ``effort`` counts the way to the first of the long steps; the others correct it.
    """

    current_density: float
    voltage: float
    potential: float
    effort: Count


class Steady:
    """Steady states of one case, each found from the one before. Collective over ``comm``."""

    def __init__(
        self, case: Case, comm: MPI.Intracomm = MPI.COMM_WORLD, plane: PlaneMesh | None = None
    ) -> None:
        self.problem = Problem(case, comm, plane)
        charge_double_layer(self.problem)
        self.observer = Observer(self.problem)

    @property
    def _slowest(self) -> float:
        """L_x^2/(pi^2 D) in scaled time, at least that of the height."""
        points = self.problem.domain.geometry.x
        low, high = points.min(axis=0, initial=np.inf), points.max(axis=0, initial=-np.inf)
        comm = self.problem.comm
        ends = zip(low, high, strict=True)
        extent = [comm.allreduce(b, MPI.MAX) - comm.allreduce(a, MPI.MIN) for a, b in ends]
        across = 0.0 if self.problem.is_column else extent[0]
        return max(extent[1], across) ** 2 / np.pi**2

    def at_current(self, density: float) -> SteadyState:
        """At a current per nominal area [A.m-2], anodic positive. Raises NotConverged."""
        units = self.problem.units
        return self._at(GivenCurrent(density * units.nominal_area / units.current))

    def at_potential(self, potential: float) -> SteadyState:
        """At a potential of the working electrode [V]. Raises NotConverged."""
        return self._at(GivenPotential(potential / self.problem.scales.potential))

    def _at(self, control: GivenCurrent | GivenPotential) -> SteadyState:
        stepper, system = self.problem.stepper, self.problem.stepper.system
        assert system is not None
        if isinstance(control, GivenCurrent):
            system.current_scale = max(abs(control.current), self.problem.smallest_current())
        effort = Count()
        for number in range(STEPS):
            stepper.restart()
            stepper.prepare(max(LENGTH * self._slowest, LEAST), None)
            done = reach(system, control)
            effort = effort if number else done
            stepper.accept(self.problem.rates())
        return self.present(effort)

    def present(self, effort: Count | None = None) -> SteadyState:
        """The state that is held."""
        p = self.problem
        assert p.stepper.system is not None
        reading, voltage = p.voltages()
        current = p.units.density(p.stepper.system.current())
        return SteadyState(current, voltage, reading, effort or Count())
