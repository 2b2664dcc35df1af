"""The front xi = 1/2 as line segments, with values along it."""

from __future__ import annotations

from typing import Any

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from thincell.studies.growth.deposit import distance
from thincell.studies.growth.segments import segments
from thincell.studies.problem import Problem
from thincell.studies.vertices import Vertices

Array = NDArray[np.float64]


class FrontSampler:
    """Rows (x, z, length of the segment, values ...) along the front on rank 0, None elsewhere."""

    def __init__(self, problem: Problem, expressions: list[Any]) -> None:
        assert problem.deposit is not None
        self.problem, deposit = problem, problem.deposit
        points = deposit.scalars.element.interpolation_points
        zero = fem.Constant(problem.domain, 0.0)
        self._expressions = [fem.Expression(e + zero, points) for e in expressions]
        self._function = fem.Function(deposit.scalars)
        self._vertices = Vertices(deposit.scalars)

    def __call__(self) -> Array | None:
        deposit, columns = self.problem.deposit, []
        assert deposit is not None
        for expression in self._expressions:
            self._function.interpolate(expression)
            columns.append(self._vertices.gather(self._function.x.array))
        xi = self._vertices.gather(deposit.xi().copy())
        if xi is None:
            return None
        plane = self.problem.plane
        assert plane is not None
        points = plane.points / self.problem.scales.length
        gathered = [column for column in columns if column is not None]
        ends = segments(plane.triangles, distance(xi[:, 0]), np.column_stack([points, *gathered]))
        length = np.hypot(*(ends[:, 1, :2] - ends[:, 0, :2]).T)
        middle = ends.mean(axis=1)
        return np.column_stack([middle[:, :2], length, middle[:, 2:]])
