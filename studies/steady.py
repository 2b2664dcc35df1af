r"""Steady states of a case: polarisation curves below and above the limiting current.

A steady state is the end of a few very long backward Euler steps: unlike a form without time
derivative they keep the amount of every ion, which a closed cell needs to be determined at all. The
error of `STEPS` steps of the length dt = `Problem.long_time` is (tau/dt)^STEPS with tau the longest
diffusion time of the cell.

    steady = Steady(case)
    steady.at_current(0.9 * limiting)      # A/m2 per nominal area; anodic positive
    steady.voltage                         # V
"""

from __future__ import annotations

from dataclasses import dataclass

from mpi4py import MPI

from thincell.geometry.planemesh import PlaneMesh
from thincell.solvers.continuation import FIRST_POTENTIAL, Count, Curve, follow, reach
from thincell.solvers.controls import GivenCurrent, GivenPotential
from thincell.studies.case import Case
from thincell.studies.equilibrium import charge_double_layer
from thincell.studies.observe import Observer
from thincell.studies.problem import Problem

#: Long steps to a steady state.
STEPS = 3


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

    def at_current(self, density: float) -> SteadyState:
        """At a current per nominal area [A.m-2], anodic positive. Raises NotConverged."""
        units = self.problem.units
        return self._at(GivenCurrent(density * units.nominal_area / units.current))

    def at_potential(self, potential: float) -> SteadyState:
        """At a potential of the working electrode [V]. Raises NotConverged."""
        return self._at(GivenPotential(potential / self.problem.scales.potential))

    def ramp(self, potential: float) -> Count:
        """Go to a potential of the working electrode [V] by continuation alone; what that took.

        Unlike `at_potential` it does not try the whole way at once. Raises NotConverged.
        """
        system = self.problem.stepper.system
        assert system is not None
        self._long_step()
        curve = Curve(system, GivenPotential, keep=self._keep)
        end = potential / self.problem.scales.potential
        follow(curve, system.reading(), end, FIRST_POTENTIAL)
        return curve.count

    def _keep(self) -> None:
        """Accept the present state; the next one is another long step away.

        One long step over the whole way would have to move the salt of the initial state out of the
        space charge, against its vanishing concentration there: many more iterations.
        """
        self.problem.stepper.accept(self.problem.readings.rates())
        self._long_step()

    def _long_step(self) -> None:
        """Prepare a step of backward Euler to the steady state."""
        stepper = self.problem.stepper
        stepper.restart()
        stepper.prepare(self.problem.long_time, None)

    def _at(self, control: GivenCurrent | GivenPotential) -> SteadyState:
        stepper, system = self.problem.stepper, self.problem.stepper.system
        assert system is not None
        if isinstance(control, GivenCurrent):
            system.current_scale = max(abs(control.current), self.problem.smallest_current())
        effort = Count()
        for number in range(STEPS):
            self._long_step()
            done = reach(system, control, self._keep)
            effort = effort if number else done
            stepper.accept(self.problem.readings.rates())
        return self.present(effort)

    def present(self, effort: Count | None = None) -> SteadyState:
        """The state that is held."""
        p = self.problem
        assert p.stepper.system is not None
        reading, voltage = p.readings.voltages()
        current = p.units.density(p.stepper.system.current())
        return SteadyState(current, voltage, reading, effort or Count())
