"""What is in a one-dimensional cell: every ion and the inner potential from wall to wall."""

from __future__ import annotations

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from thincell.geometry.tags import Tag
from thincell.studies import names
from thincell.studies.formulation.ionic import IonicSolution
from thincell.studies.problem import Problem
from thincell.studies.schema.cell import CoinCell

Array = NDArray[np.float64]


def ion_profile(problem: Problem) -> dict[str, Array]:
    """z [m], the concentration of each ion and the inner potential, at the nodes, sorted by z.

    For models that follow every ion, in a cell of one dimension; the nodes at one height differ by the
    error of the discretisation, and are averaged. Collective; every rank gets the whole.
    """
    model = problem.formulation
    if not isinstance(model, IonicSolution) or not isinstance(problem.case.cell, CoinCell):
        raise ValueError("profiles of ions need a model that follows them and a cell of one dimension")
    size = problem.space.dofmap.index_map.size_local
    unknowns = problem.state.x.array[: size * model.fields].reshape(size, model.fields)
    height = problem.space.tabulate_dof_coordinates()[:size, 1]
    potential = model.medium.variables.potential(unknowns.T)
    local = np.column_stack([height, model.values(unknowns), np.asarray(potential)])
    table = np.concatenate(problem.comm.allgather(local))
    _, level = np.unique(np.round(table[:, 0], 12), return_inverse=True)
    sums = np.column_stack([np.bincount(level, column) for column in table.T])
    table = sums / np.bincount(level)[:, None]
    scales = problem.scales
    columns = {
        names.concentration_of(ion): table[:, 1 + k] * scales.concentration
        for k, ion in enumerate(model.ions)
    }
    return {
        names.Z.name: table[:, 0] * scales.length,
        **columns,
        names.INNER.name: table[:, -1] * scales.potential,
    }


def surface_charge(problem: Problem, electrode: str) -> float:
    """Mean charge of an electrode's metal [C.m-2]: the boundary term of the residual itself."""
    model, tag = problem.formulation, Tag[electrode.upper()]
    surface = next(s for s in problem.surfaces if s.tag == int(tag))
    found = model.at_electrode(surface, problem.state).get(names.SURFACE_CHARGE.name)
    if found is None:
        raise ValueError("the surface charge is known only where there is a double layer")
    total = problem.integral(problem.measures.surface(found[0], tag))
    area = problem.integral(problem.measures.surface(fem.Constant(problem.domain, 1.0), tag))
    return total / area * found[1]
