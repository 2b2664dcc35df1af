"""Arms of a deposit: tips along the outer front, how long, how wide, how free, and which are branches.

Along the front, the distance g from the electrode through the metal (geodesic.py) rises to every tip and
falls into every cleft. A tip's prominence, its g minus that of the higher of the two clefts that part it
from farther tips, is the length of an arm; the chord between the two sides of the front half way down is
its width. It needs no skeleton, and waves, bumps, columns, needles and branches are one thing with
different ratios of length to width: a sine of amplitude A and wavelength L has 4 A / L, a hemisphere
1/sqrt(3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks, peak_prominences

from thincell.studies.morphology import constants
from thincell.studies.morphology.geodesic import distances
from thincell.studies.morphology.line import Line, lines, rimmed
from thincell.studies.morphology.outline import Outline
from thincell.studies.morphology.raster import Raster
from thincell.studies.morphology.shape import Array, Indices


@dataclass(frozen=True)
class Arm:
    """``tip`` and ``middle`` (x, z) [m]; ``length`` and ``width`` [m]; ``foot``: g of its cleft [m].

    ``packing``: share of metal on the denser side of the disc about its middle whose diameter is its
    length. ``branch``: it leaves another arm well above that one's foot, and overhangs. ``whole``: one,
    or one half for an arm whose other half is beyond the side of the section.
    """

    tip: Array
    middle: Array
    length: float
    width: float
    foot: float
    packing: float
    branch: bool
    whole: float

    @property
    def aspect(self) -> float:
        """Length over width."""
        return self.length / self.width


@dataclass(frozen=True)
class Peaks:
    """Tips along a line: their places, prominences and the places of their clefts on either side."""

    place: Indices
    prominence: Array
    left: Indices
    right: Indices


def arms(outline: Outline, pixels: Raster) -> list[Arm]:
    """Arms at least four delta and 5 % of the tip height long."""
    least = max(constants.ARM_DELTAS * outline.shape.delta, constants.ARM_SHARE * outline.tip)
    closed = rimmed(outline)
    g = distances(outline, closed)
    found = []
    for line in lines(outline, closed):
        found += _along(outline, pixels, line, g[line.nodes], least)
    return found


def _along(outline: Outline, pixels: Raster, line: Line, g: Array, least: float) -> list[Arm]:
    # of equal tips the later one is made higher by next to nothing, and mirror images are made lower
    number = np.arange(g.size)
    image = (number < line.first) | (number > line.last)
    g = g + (1e-12 * number / g.size - 1e-9 * image) * outline.tip
    place, _ = find_peaks(g, prominence=least)
    peaks = Peaks(place, *peak_prominences(g, place))
    return [
        _arm(outline, pixels, line, g, peaks, k)
        for k in np.flatnonzero((place >= line.first) & (place <= line.last)).tolist()
    ]


def _arm(outline: Outline, pixels: Raster, line: Line, g: Array, peaks: Peaks, k: int) -> Arm:
    place, length = int(peaks.place[k]), float(peaks.prominence[k])
    one, other = sides(line, g, place, float(g[place]) - length / 2)
    width, middle = float(np.linalg.norm(other - one)), (one + other) / 2
    overhangs = length >= constants.BRANCH_ASPECT * width and _overhangs(outline, middle)
    return Arm(
        tip=line.points[place],
        middle=middle,
        length=length,
        width=width,
        foot=float(g[place]) - length,
        packing=pixels.packing(line.points[place], middle, length / 2),
        branch=overhangs and above_foot(line, g, peaks, k),
        whole=1.0 if _inside(outline, middle) else 0.5,
    )


def sides(line: Line, g: Array, place: int, level: float) -> tuple[Array, Array]:
    """The points on both sides of a tip where g first falls to a level."""
    low = g < level
    before, after = np.flatnonzero(low[:place]), np.flatnonzero(low[place:])
    i = int(before[-1]) if before.size else 0
    j = place + int(after[0]) if after.size else g.size - 1
    return _between(line, g, i, i + 1, level), _between(line, g, j, j - 1, level)


def _between(line: Line, g: Array, low: int, high: int, level: float) -> Array:
    share = np.clip((level - g[low]) / (g[high] - g[low]), 0.0, 1.0)
    return np.asarray(line.points[low] + share * (line.points[high] - line.points[low]))


def above_foot(line: Line, g: Array, peaks: Peaks, k: int) -> bool:
    """Whether an arm leaves the arm that it joins at its cleft well above that one's foot."""
    place, foot = int(peaks.place[k]), float(g[peaks.place[k]] - peaks.prominence[k])
    left, right = int(peaks.left[k]), int(peaks.right[k])
    if g[left] >= g[right]:
        beyond = np.flatnonzero(g[:left] < foot)
        region = np.arange(int(beyond[-1]) + 1 if beyond.size else 0, left)
    else:
        beyond = np.flatnonzero(g[right + 1 :] < foot)
        region = np.arange(right + 1, right + 1 + int(beyond[0]) if beyond.size else g.size)
    if not region.size:
        return False
    stem = int(region[np.argmax(g[region])])
    which = np.flatnonzero(peaks.place == stem)
    if g[stem] <= g[place] or not which.size:
        return False
    length = float(peaks.prominence[which[0]])
    one, other = sides(line, g, stem, float(g[stem]) - length / 2)
    width = float(np.linalg.norm(other - one))
    stands_out = length >= constants.BRANCH_ASPECT * width
    return stands_out and foot - (float(g[stem]) - length) >= constants.BRANCH_ABOVE * width


def _inside(outline: Outline, place: Array) -> bool:
    low, high = outline.shape.points.min(axis=0), outline.shape.points.max(axis=0)
    near = 1e-6 * (high - low).max()
    return bool(low[0] + near < place[0] < high[0] - near)


def _overhangs(outline: Outline, place: Array) -> bool:
    """Whether liquid lies somewhere between a point and the electrode below it."""
    shape, columns = outline.shape, outline.envelope
    if not shape.start <= place[0] <= shape.end:
        return True
    standing = columns.standing[columns.column(place[:1])[0]]
    return bool(standing < place[1] - shape.floor)
