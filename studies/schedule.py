"""The times of a protocol step: its outputs, and the sizes of its time steps. Scaled, but for the case's."""

from __future__ import annotations

import numpy as np

from thincell.solvers.bdf import StepSize
from thincell.studies.problem import Problem
from thincell.studies.schema.protocol import Step

#: Outputs of a protocol step that names no interval.
OUTPUTS = 20


def output_times(problem: Problem, start: float, duration: float) -> list[float]:
    """When outputs are due in a step that begins at ``start``, in order."""
    unit, table = problem.scales.time, problem.case.output
    interval = table.every / unit if table.every is not None else duration / OUTPUTS
    count = min(int(duration / interval * (1 + 1e-12)), 100000)
    regular = [start + k * interval for k in range(1, count + 1)]
    times = sorted([*regular, *(t / unit for t in table.times)])
    # Two spellings of one time (0.05 s, and the first of twenty in 1 s) differ by rounding: a
    # milestone that close to another would ask for a vanishing time step.
    return [t for k, t in enumerate(times) if k == 0 or t - times[k - 1] > 1e-9 * duration]


def step_size(problem: Problem, step: Step, duration: float) -> StepSize:
    """First, smallest and largest time step, and the tolerance."""
    unit, table = problem.scales.time, problem.case.solver
    if not problem.stores:  # every state is a solution of its own: no history to resolve
        return StepSize(table.tolerance, duration, duration * 1e-6)
    shortest = 1e-4 if problem.case.deposit is None else 1e-3
    first = table.first_step / unit if table.first_step else min(shortest, 1e-4 * duration)
    largest = table.largest_step / unit if table.largest_step else np.inf
    if step.sweep is not None:  # a wave is about RT/F wide: resolve it where nothing else does
        width = problem.scales.potential / step.sweep.rate / unit
        largest = min(largest, width / 4)
    return StepSize(table.tolerance, min(first, largest), first * 1e-6, largest)
