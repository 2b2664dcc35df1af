"""The front xi = 1/2 as line segments, or in space as triangles, with values along it."""

from __future__ import annotations

from typing import Any

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from thincell.model.measures import PlanMeasures
from thincell.studies.growth.deposit import distance
from thincell.studies.growth.nodal import NodalMeans
from thincell.studies.growth.segments import front_pieces, sizes
from thincell.studies.problem import Problem
from thincell.studies.vertices import Vertices

Array = NDArray[np.float64]


class FrontSampler:
    """Rows (place, area, values ...) along the front on rank 0, None elsewhere.

    In a section the area is the length of the segment, in a plan times the depth of the liquid.
    """

    def __init__(self, problem: Problem, expressions: list[Any]) -> None:
        assert problem.deposit is not None
        self.problem, deposit = problem, problem.deposit
        zero = fem.Constant(problem.domain, 0.0)
        self._means = NodalMeans(deposit.scalars)
        depth = problem.measures.depth if isinstance(problem.measures, PlanMeasures) else 1.0 + zero
        self._expressions = [self._means.compiled(e + zero) for e in (depth, *expressions)]
        self._vertices = Vertices(deposit.scalars)

    def __call__(self) -> Array | None:
        deposit = self.problem.deposit
        assert deposit is not None
        columns = [self._vertices.gather(self._means.of(e)) for e in self._expressions]
        xi = self._vertices.gather(deposit.xi().copy())
        if xi is None:
            return None
        made = self.problem.stage.made
        assert made is not None
        points = made.points / self.problem.scales.length
        gathered = [column for column in columns if column is not None]
        found = front_pieces(made.cells, distance(xi[:, 0]), np.column_stack([points, *gathered]))
        d, middle = points.shape[1], found.mean(axis=1)
        return np.column_stack(
            [middle[:, :d], sizes(found[:, :, :d]) * middle[:, d], middle[:, d + 1 :]]
        )
