"""What is told of a run whose solver gave up: which field, where, and what to try. Collective."""

from __future__ import annotations

from thincell.solvers.failure import StepFailed
from thincell.studies.problem import Problem
from thincell.studies.resolution import Resolution
from thincell.studies.schema.cell import coordinates


def explain(problem: Problem, resolution: Resolution | None, failure: StepFailed) -> str:
    """The message of a run that fails; ``resolution`` where double layers are resolved."""
    c, place = problem.readings.place_of_lowest()
    there = ", ".join(
        f"{name} = {value:.4g} m" for name, value in zip(coordinates(problem.case), place, strict=True)
    )
    low = c * problem.scales.concentration
    reading, _ = problem.readings.voltages()
    layers, finer = "", "a smaller mesh.edge"
    if resolution is not None:
        layers = f"; {resolution.sentence}"
        finer = "a larger mesh.diffuse_potential or more mesh.layers"
    return (
        f"Newton's method failed at t = {failure.time * problem.scales.time:.6g} s:"
        f" {failure.cause.reason}. Smallest concentration {low:.3g} mol/m^3 at"
        f" {there}; electrode potential {reading:.4g} V{layers}. The last good state is kept."
        f" Try: a lower compliance voltage, {finer}, or a smaller solver.tolerance."
    )
