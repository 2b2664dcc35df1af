"""A triangle mesh of a section on one rank: what gmsh makes and what a mesh file holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PlaneMesh:
    """Points (n, 2) [m], triangles (m, 3), boundary lines (k, 2) and their tags (k,)."""

    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    lines: NDArray[np.int64]
    line_tags: NDArray[np.int32]

    @property
    def cells(self) -> NDArray[np.int64]:
        """The triangles."""
        return self.triangles

    @property
    def sides(self) -> NDArray[np.int64]:
        """The boundary lines."""
        return self.lines

    @property
    def side_tags(self) -> NDArray[np.int32]:
        """Their tags."""
        return self.line_tags

    def __post_init__(self) -> None:
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        if not np.all(np.abs(area) > 0):
            raise ValueError(f"the mesh has {int(np.sum(area == 0))} triangles of zero area")


@dataclass(frozen=True)
class PlanMesh(PlaneMesh):
    """A chip seen from above: y in place of z, and of each triangle the tag of the electrode, or 0."""

    regions: NDArray[np.int32]
