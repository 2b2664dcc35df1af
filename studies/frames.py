"""Frames of a growing deposit: a mesh and the fields on it at each output time.

The metal is where the metal fraction xi exceeds 1/2; between the vertices xi is linear, so that its
outline is a polygon that crosses each triangle in one straight line. Two layouts of `Run.maps`:

- one mesh for all times: ``points`` (points, 2), ``triangles`` (triangles, 3), and each field with shape
  (times, points);
- a mesh per time: ``points`` and ``triangles`` are those of all times after each other, the triangles
  numbered within their own time, ``point counts`` and ``triangle counts`` say how many belong to each
  time, and each field is as long as ``points``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.studies import names

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

METAL = names.METAL.name
"""xi: 1 in the metal, 0 in the liquid."""

LEVEL = 0.5
"""Where the metal ends."""

_POINTS, _TRIANGLES, _TIMES = "points", "triangles", "times"
_POINT_COUNTS, _TRIANGLE_COUNTS = "point counts", "triangle counts"
_MESH = (_POINTS, _TRIANGLES, _TIMES, _POINT_COUNTS, _TRIANGLE_COUNTS)


@dataclass(frozen=True, eq=False)
class Frame:
    """Fields at one time [s] on points (n, 2) [m] joined by triangles (m, 3), by name with unit.

    In three dimensions the points are (n, 3), and tetrahedra (m, 4) stand in the place of triangles.
    """

    time: float
    points: Array
    triangles: Indices
    fields: dict[str, Array]

    @property
    def metal(self) -> Array:
        """xi at the points."""
        return self.fields[METAL]

    def liquid(self, name: str) -> Array:
        """A field, not a number in the metal of a deposit."""
        values = np.array(self.fields[name], dtype=float)
        if METAL in self.fields:
            values[self.metal > LEVEL] = np.nan
        return values

    def same_mesh(self, other: Frame) -> bool:
        """Whether two frames have the same points and triangles."""
        if self.points is other.points and self.triangles is other.triangles:
            return True
        return np.array_equal(self.points, other.points) and np.array_equal(
            self.triangles, other.triangles
        )


def frames(maps: Mapping[str, Any]) -> list[Frame]:
    """The frames in `Run.maps`, of either layout; ValueError when its arrays do not fit together."""
    times = np.asarray(maps[_TIMES], dtype=float)
    points, triangles = np.asarray(maps[_POINTS], dtype=float), np.asarray(maps[_TRIANGLES])
    fields = {name: np.asarray(values) for name, values in maps.items() if name not in _MESH}
    if _POINT_COUNTS not in maps:
        for name, values in fields.items():
            _expect(name, values.shape, (len(times), len(points)))
        return [
            Frame(float(t), points, triangles, {name: v[k] for name, v in fields.items()})
            for k, t in enumerate(times)
        ]
    nodes, cells = np.asarray(maps[_POINT_COUNTS]), np.asarray(maps[_TRIANGLE_COUNTS])
    _expect(_POINT_COUNTS, nodes.shape, times.shape)
    _expect(_TRIANGLE_COUNTS, cells.shape, times.shape)
    for name, values in {_POINTS: points, **fields}.items():
        _expect(name, values.shape[:1], (int(nodes.sum()),))
    _expect(_TRIANGLES, triangles.shape[:1], (int(cells.sum()),))
    at, of = _parts(nodes), _parts(cells)
    return [
        Frame(float(t), points[at[k]], triangles[of[k]], {name: v[at[k]] for name, v in fields.items()})
        for k, t in enumerate(times)
    ]


def frame_at(maps: Mapping[str, Any], time: float) -> Frame:
    """The frame nearest to a time [s]."""
    return frames(maps)[int(np.argmin(np.abs(np.asarray(maps[_TIMES]) - time)))]


def pack(frames: Sequence[Frame]) -> dict[str, Any]:
    """`Run.maps` of frames: of one mesh where all frames have the same, else of a mesh per time."""
    if not frames:
        raise ValueError("no frames to pack")
    known = list(frames[0].fields)
    for frame in frames:
        if list(frame.fields) != known:
            raise ValueError(f"a frame at {frame.time:g} s has other fields than the first one")
    times = np.array([frame.time for frame in frames])
    first = frames[0]
    if all(frame.same_mesh(first) for frame in frames):
        mesh = {_POINTS: first.points, _TRIANGLES: first.triangles, _TIMES: times}
        return mesh | {name: np.stack([frame.fields[name] for frame in frames]) for name in known}
    return {
        _POINTS: np.concatenate([frame.points for frame in frames]),
        _TRIANGLES: np.concatenate([frame.triangles for frame in frames]),
        _TIMES: times,
        _POINT_COUNTS: np.array([len(frame.points) for frame in frames]),
        _TRIANGLE_COUNTS: np.array([len(frame.triangles) for frame in frames]),
    } | {name: np.concatenate([frame.fields[name] for frame in frames]) for name in known}


def pieces(frame: Frame) -> Indices:
    """Number of the connected piece of metal that each point is in, from 0; -1 in the liquid.

    Two points are in one piece when edges of the mesh join them on which xi exceeds 1/2.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    inside = frame.metal > LEVEL
    edges = np.concatenate([frame.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    edges = edges[inside[edges].all(axis=1)]
    count = len(inside)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    numbers = np.full(count, -1)
    _, numbers[inside] = np.unique(label[inside], return_inverse=True)
    return numbers


def outline(frame: Frame) -> tuple[Array, Indices]:
    """Segments (k, 2, 2) [m] where xi = 1/2, and for each a point of the mesh in its metal."""
    above = frame.metal - LEVEL
    inside = (above > 0)[frame.triangles]
    crossed = np.flatnonzero((inside.sum(axis=1) % 3) != 0)
    inside, corners = inside[crossed], frame.triangles[crossed]
    single = np.argmax(inside == (inside.sum(axis=1) == 1)[:, None], axis=1)  # alone on its side
    row = np.arange(len(crossed))
    odd, pair = corners[row, single], [corners[row, (single + k) % 3] for k in (1, 2)]
    ends = []
    for other in pair:
        share = (above[odd] / (above[odd] - above[other]))[:, None]
        ends.append(frame.points[odd] + share * (frame.points[other] - frame.points[odd]))
    return np.stack(ends, axis=1), np.where(inside[row, single], odd, pair[0])


def metal_areas(frame: Frame) -> Array:
    """Area [m2] of each triangle in which xi exceeds 1/2, exact for a linear xi."""
    a, b, c = (frame.points[frame.triangles[:, k]] for k in range(3))
    (abx, aby), (acx, acy) = (b - a).T, (c - a).T
    area = 0.5 * np.abs(abx * acy - aby * acx)
    low, middle, high = np.sort(frame.metal[frame.triangles] - LEVEL, axis=1).T
    with np.errstate(divide="ignore", invalid="ignore"):
        tip = high**2 / ((high - low) * (high - middle))
        rest = 1 - low**2 / ((middle - low) * (high - low))
    share = np.where(high <= 0, 0.0, np.where(middle <= 0, tip, np.where(low < 0, rest, 1.0)))
    return area * share


def _expect(name: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise ValueError(f"{name!r} has shape {found} where {wanted} is expected")


def _parts(counts: Indices) -> list[slice]:
    ends = np.cumsum(counts)
    return [slice(int(end - count), int(end)) for count, end in zip(counts, ends, strict=True)]
