"""All measures of a shape: one small function each, and all of them by name."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from thincell.studies.morphology import constants, names
from thincell.studies.morphology.arms import Arm, arms
from thincell.studies.morphology.dimension import box_dimension
from thincell.studies.morphology.outline import Outline, outline
from thincell.studies.morphology.raster import Raster, raster
from thincell.studies.morphology.shape import Array, Shape
from thincell.studies.morphology.tip import tip_radius


def metal_area(shape: Shape) -> float:
    """A = int xi dA [m2], all metal: what Faraday's law counts."""
    return float((shape.areas * shape.metal[shape.triangles].mean(axis=1)).sum())


def over_electrode(outline: Outline) -> Array:
    """Heights H(x) of the envelope over the electrode [m]."""
    columns, shape = outline.envelope, outline.shape
    heights = columns.top[columns.within(shape.start, shape.end)]
    return heights if heights.size else columns.top[columns.column(np.array([shape.start]))]


def roughness(outline: Outline) -> float:
    """R_q = sqrt(<(H - <H>)^2>) over the electrode [m]."""
    return float(over_electrode(outline).std())


def covered_share(outline: Outline) -> float:
    """Share of the electrode with H > 0."""
    return float((over_electrode(outline) > 0).mean())


def uniformity(outline: Outline) -> float:
    """u = <H>^2 / <H^2> over the electrode.

    1 for an even film, the covered share for an even film on part of the electrode, 2 l / w for a film
    that decays as exp(-x / l) along a width w >> l. nan without metal.
    """
    heights = over_electrode(outline)
    squares = float((heights**2).mean())
    return float(heights.mean()) ** 2 / squares if squares > 0 else math.nan


def compactness(outline: Outline) -> float:
    """Attached metal (xi > 1/2) over int H dx: less than 1 for voids and for liquid under overhangs."""
    under = float(outline.envelope.top.sum() * outline.envelope.step)
    return _over(outline.attached_area, under)


def dead_share(outline: Outline) -> float:
    """Area of metal that is not attached over the area of all metal (xi > 1/2)."""
    total = float(outline.areas[outline.metal].sum())
    return float(outline.areas[outline.metal & ~outline.attached].sum()) / total if total > 0 else 0.0


def fractal_dimension(outline: Outline) -> tuple[float, float]:
    """Box-counting dimension of the outer front and the decades of box sizes behind it.

    Boxes from 4 delta, which the interface still resolves, to a fifth of the front's larger extent.
    """
    front = outline.front
    extent = float(np.ptp(front.nodes, axis=0).max()) if len(front.nodes) else 0.0
    smallest = constants.SMALLEST_BOX * outline.shape.delta
    return box_dimension(front.starts, front.ends, smallest, constants.LARGEST_BOX * extent)


def spread_and_width(outline: Outline, pixels: Raster) -> tuple[float, float]:
    """Spread of the outline, and width of what lies within it [m].

    Spread: from the height where 90 % of the electrode's width are metal, 0 if nowhere, up to that where
    5 % of the deposit's shadow are (two different widths, so that neither a wide bare electrode nor a
    single needle, whose shadow is itself, leaves nothing). Width: twice the median distance from the
    front along the ridges of the metal between these heights; nan if there are none.
    """
    few, most = constants.SPREAD
    metal = pixels.metal.sum(axis=1) * pixels.pixel
    dense = np.flatnonzero(metal >= most * outline.shape.width)
    sparse = np.flatnonzero(metal >= few * outline.envelope.shadow)
    low = int(dense[-1]) + 1 if dense.size else 0
    high = int(sparse[-1]) + 1 if sparse.size else 0
    ridge = pixels.ridge()[low:high]
    ridge = ridge[ridge > 0]
    width = 2 * float(np.median(ridge)) if ridge.size else math.nan
    return max(high - low, 0) * pixels.pixel, width


def steep_share(outline: Outline) -> float:
    """sum |dx| of the outer front where |dz/dx| > tan 30 deg, over the deposit's shadow.

    Overhanging fronts count on both sides, so it may exceed 1.
    """
    dx, dz = np.abs(outline.front.ends - outline.front.starts).T
    steep = dz > math.tan(math.radians(constants.STEEP_ANGLE)) * dx
    return _over(float(dx[steep].sum()), outline.envelope.shadow)


def free_aspect(outline: Outline, found: Sequence[Arm]) -> float:
    """Largest length over width of an arm of 30 % of the tip height with liquid around it; 0: none."""
    least = constants.NEEDLE_SHARE * outline.tip
    free = [arm for arm in found if arm.length >= least and arm.packing < constants.FREE_PACKING]
    return max((arm.aspect for arm in free if not arm.branch), default=0.0)


def measure(shape: Shape) -> dict[str, float]:
    """All measures of a shape by their names (names.py); what has no value is nan or inf.

    They are of the attached metal, except for the areas, the perimeter and what is cut off.
    """
    line = outline(shape)
    values = {name.name: math.nan for name in names.MEASURES}
    area = metal_area(shape)
    large = line.areas >= constants.SPECK * shape.delta**2
    mean, tip = area / shape.width, line.tip
    values |= {
        names.METAL_AREA.name: area,
        names.MEAN_HEIGHT.name: mean,
        names.TIP_HEIGHT.name: tip,
        names.TIP_RATIO.name: _over(tip, mean),
        names.ROUGHNESS.name: roughness(line),
        names.COVERED.name: covered_share(line),
        names.UNIFORMITY.name: uniformity(line),
        names.PERIMETER.name: line.perimeter,
        names.PERIMETER_PER_AREA.name: _over(line.perimeter, area),
        names.TORTUOSITY.name: line.front.length / shape.width,
        names.FOLDING.name: _over(line.front.length, line.envelope.shadow),
        names.STEEP_SHARE.name: steep_share(line),
        names.COMPACTNESS.name: compactness(line),
        names.POROSITY.name: 1 - compactness(line),
        names.TIP_RADIUS.name: tip_radius(line),
        names.PIECES.name: float((line.metal & large).sum()),
        names.DEAD_SHARE.name: dead_share(line),
        names.VOIDS.name: float((line.void & large).sum()),
        names.TRAPPED.name: float(line.areas[line.void & large].sum()),
        names.DELTA.name: shape.delta,
    }
    values[names.DIMENSION.name], values[names.DECADES.name] = fractal_dimension(line)
    return values | (_of_arms(line) if line.attached.any() and tip > 0 else {})


def _of_arms(line: Outline) -> dict[str, float]:
    pixels = raster(line)
    found = arms(line, pixels)
    spread, width = spread_and_width(line, pixels)
    branches = [arm for arm in found if arm.branch]
    least = constants.NEEDLE_SHARE * line.tip
    stems = [
        a for a in found if not a.branch and a.aspect >= constants.BRANCH_ASPECT and a.length >= least
    ]
    return {
        names.SPREAD.name: spread,
        names.LOCAL_WIDTH.name: width,
        names.ASPECT.name: spread / width,
        names.ARMS.name: float(len(found)),
        names.BRANCHES.name: float(len(branches)),
        names.STEMS.name: float(len(stems)),
        names.ARM_LENGTH.name: max((arm.length for arm in found), default=0.0),
        names.ARM_ASPECT.name: max((arm.aspect for arm in found), default=0.0),
        names.FREE_ASPECT.name: free_aspect(line, found),
    }


def _over(value: float, by: float) -> float:
    return value / by if by > 0 else math.nan
