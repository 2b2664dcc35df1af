"""Columns over a plan: prolongations of constants and planes, and the solver beside MUMPS."""

from __future__ import annotations

from mpi4py import MPI

import basix.ufl
import numpy as np
import pytest
from dolfinx import fem, mesh

from tests.unit.test_solid import HEIGHT, box
from thincell.geometry.distribute import layout
from thincell.solvers.lattice import NotColumns
from thincell.solvers.stacks import WHOLE, coarser, stacks_of


def space(order: int, bulge: float = 0.0, scale: float = 1.0) -> fem.FunctionSpace:
    """Two fields on the box with a step; x and y in ``scale``."""
    domain = layout(MPI.COMM_SELF, box(bulge), 1.0).domain
    domain.geometry.x[:, :2] *= scale
    element = basix.ufl.element("Lagrange", "tetrahedron", order, shape=(2,))
    return fem.functionspace(domain, element)


@pytest.mark.parametrize("order", [1, 2])
def test_levels_are_counted_from_the_lid(order: int) -> None:
    """Columns over the thick electrode are shorter; those at its rim are not."""
    here = space(order)
    stacks, numbers = stacks_of(here)
    points = here.tabulate_dof_coordinates()[numbers]
    levels = np.round((HEIGHT - points[:, 2]) / 0.1 * order).astype(int)
    assert np.array_equal(stacks.level, levels)
    assert np.allclose(points[:, :2], stacks.place[stacks.column])
    assert np.all(np.diff(stacks.place[:, 0]) >= -1e-12)
    inside = points[:, 0] < -1e-9
    assert stacks.level[inside].max() == 4 * order
    assert stacks.level[~inside].max() == 5 * order


@pytest.mark.parametrize(("order", "bulge"), [(1, 0.0), (1, 0.1), (2, 0.1)])
def test_prolongations_keep_planes(order: int, bulge: float) -> None:
    """What is linear seen from above is interpolated exactly, however many columns are left out."""
    fine, _ = stacks_of(space(order, bulge))
    count = 0
    while np.any(fine.level != WHOLE):
        coarse, weights = coarser(fine)
        assert coarse.column.size < fine.column.size
        dense = np.zeros((fine.column.size, coarse.column.size))
        np.add.at(dense, (weights.row, weights.column), weights.value)
        for plane in (np.ones(len(fine.place)), fine.place[:, 0], fine.place @ [1.0, -2.0]):
            assert np.allclose(dense @ plane[coarse.column], plane[fine.column], atol=1e-12)
        fine, count = coarse, count + 1
    assert count > 1
    assert len(np.unique(fine.column)) == fine.column.size


def test_columns_far_apart_collapse_at_once() -> None:
    """Where neighbours are more than a height apart there is nothing to thin out."""
    fine, _ = stacks_of(space(1, scale=10.0))
    coarse, weights = coarser(fine)
    assert np.all(coarse.level == WHOLE)
    assert np.array_equal(np.unique(weights.value), [1.0])
    assert coarse.column.size == len(fine.place)


def test_other_meshes_are_refused() -> None:
    """Points that do not stand over each other."""
    domain = mesh.create_unit_cube(MPI.COMM_SELF, 4, 4, 4)
    domain.geometry.x[:, 0] += 0.1 * domain.geometry.x[:, 2]
    with pytest.raises(NotColumns, match="not a mesh of columns"):
        stacks_of(fem.functionspace(domain, ("Lagrange", 1)))
