r"""Current along an electrode's rim near a corner of its outline, seen from above.

In a layer thinner than everything else the rim of a flush electrode is the boundary of a Laplace problem in
the plane, and the current per length of rim at a distance r from a corner with liquid all over the opening
omega is

    q(r) ~ r^(p - 1),        p = pi/omega

    sharp tip of the angle alpha: omega = 2 pi - alpha       corner of a bar: 3 pi/2
    straight edge: pi, the same everywhere                   where a finger meets its spine: pi/2, none

(separation of variables; the next term is smaller by (r/L)^2p in a cell that is symmetric about the corner's
bisector). A tip rounded to the radius rho has q ~ rho^(p - 1) on its rounding.

**Rim.** A mesh of one's own: the rim as an equipotential line, a counter electrode on an arc around it. The
exponent over a decade of r, by least squares.

**Plan.** The view from above of a tip in a layer of the height h. Current enters the metal within h of the
rim, so q is what flows into a slice of the metal normal to the rim; and it enters as if the rim of fast
kinetics stood back by the end correction Delta L(Bi), so r counts from the corner of that rim, which is
Delta L/sin(alpha/2) behind the tip, and rho is less by Delta L. Nothing is fitted but the exponent. Closer
than 10 h to a tip of 40 degrees the metal is not wide enough for this: its two rims share it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from thincell.studies import names
from thincell.studies.results import Run
from thincell.validation.rows import Row
from thincell.validation.theory import exact
from thincell.validation.theory.cases import THERMAL_VOLTAGE, electrolyte, plating, solve

Array = npt.NDArray[np.float64]

#: Corners by name and the opening of the liquid [degrees].
OPENINGS = {
    "tip of 20 degrees": 340.0,
    "tip of 40 degrees": 320.0,
    "corner of a bar": 270.0,
    "finger meets spine": 90.0,
}

#: Angles of the tips in the plan view [degrees].
TIPS = (40.0, 60.0, 90.0)
#: Radii in heights, of the tip of the first angle.
RADII = (10.0, 20.0, 40.0)
#: Between which distances from the corner exponents are fitted: in radii of the cell; in heights.
NEAR, DECADE = (1e-4, 1e-3), (10.0, 100.0)

HEIGHT = 1e-6
#: Of the plan view, in heights: gap and length of the tip, and the window, where the mesh is finest.
FAR, WINDOW = 4000.0, 200.0
BIOT = 1e4


def rows() -> Iterator[Row]:
    """Exponents at the rim; in the plan view against distance and against radius."""
    for name, opening in OPENINGS.items():
        yield Row(f"rim: {name}", "exponent of q(r)", along_rim(opening), theory(opening), 1e-3)
    straight = along_rim(180.0)
    yield Row("rim: straight edge", "exponent of q(r)", straight, 0.0, 1e-3, absolute=True)
    for angle in TIPS:
        found = along_tip(angle)
        yield Row(
            f"plan: tip of {angle:g} degrees", "exponent of q(r)", found, theory(360 - angle), 2e-2
        )
    case = f"plan: rounded tip of {TIPS[0]:g} degrees"
    yield Row(case, "exponent of q(rho)", against_radius(TIPS[0]), theory(360 - TIPS[0]), 2e-2)


def theory(opening: float) -> float:
    """pi/omega - 1."""
    return 180.0 / opening - 1.0


def _exponent(x: Array, y: Array, weight: Array | None = None) -> float:
    """Slope of log y against log x."""
    w = None if weight is None else np.sqrt(weight)
    return float(np.polyfit(np.log(x), np.log(y), 1, w=w)[0])


# --- The rim as a boundary ---


def along_rim(opening: float) -> float:
    """Exponent of the current density along both flanks of a corner."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rim.msh"
        _draw(path, np.deg2rad(opening))
        run = solve(
            {
                "cell": {
                    "type": "mesh",
                    "file": str(path),
                    "unit": "1 um",
                    "names": {"working": "rim", "counter": "arc"},
                    "height": "1 um",
                    "length": "1 um",
                },
                "electrolyte": {**electrolyte(), "model": "ohmic"},
                "reactions": {"plating": plating(1.0, "equipotential")},
                "protocol": [{"hold": "0.01 V", "for": "1 s"}],
                "output": {"every": "1 s"},
                "mesh": {"order": 3},
            }
        )
    profile = run.profile("working")
    r = np.hypot(profile[names.X.name], profile[names.Z.name]) / 1e-6
    near = (r > NEAR[0]) & (r < NEAR[1])
    density, share = np.abs(profile[names.LOCAL.name])[near], profile[names.AREA.name][near] / r[near]
    return _exponent(r[near], density, share)


def _draw(path: Path, opening: float, rings: int = 80, sectors: int = 36) -> None:
    """Liquid within a circle of radius 1 around a corner at its centre; rings grow by the same ratio.

    The counter electrode is the arc about the bisector, far from the rim; the rest of the circle insulates.
    """
    import meshio

    radius, angle = np.geomspace(1e-6, 1.0, rings), np.linspace(-opening / 2, opening / 2, sectors + 1)
    grid = radius[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    points = np.vstack([np.zeros(3), np.pad(grid.reshape(-1, 2), ((0, 0), (0, 1)))])
    node = 1 + np.arange(rings * (sectors + 1)).reshape(rings, sectors + 1)
    a, b, c, d = node[:-1, :-1], node[1:, :-1], node[1:, 1:], node[:-1, 1:]
    fan = np.stack([np.zeros_like(node[0, :-1]), node[0, :-1], node[0, 1:]], axis=-1)
    split = [np.stack(three, axis=-1).reshape(-1, 3) for three in ((a, b, c), (a, c, d))]
    sides = [np.concatenate([[0], node[:, k]]) for k in (0, -1)]
    rim = np.concatenate([np.column_stack([side[:-1], side[1:]]) for side in sides])
    facing = np.abs(angle[:-1] + angle[1:]) / 2 < min(np.pi / 4, opening / 4)
    arc = np.column_stack([node[-1, :-1], node[-1, 1:]])[facing]
    triangles = np.concatenate([fan, *split])
    kinds = [np.repeat([1, 2], [len(rim), len(arc)]), np.full(len(triangles), 3)]
    mesh = meshio.Mesh(
        points,
        [("line", np.concatenate([rim, arc])), ("triangle", triangles)],
        cell_data={"gmsh:physical": kinds, "gmsh:geometrical": kinds},
        field_data={"rim": np.array([1, 1]), "arc": np.array([2, 1]), "liquid": np.array([3, 2])},
    )
    meshio.write(path, mesh, file_format="gmsh22", binary=False)


# --- The plan view ---


@cache
def tip(angle: float, radius: float = 0.0) -> Run:
    """A tip that faces a bar from side to side of the liquid; lengths in heights, angle in degrees."""

    def metres(value: float) -> str:
        return f"{value * HEIGHT!r} m"

    width = FAR * float(np.tan(np.deg2rad(angle / 2)))
    shape = {"shape": "tip", "angle": f"{angle} deg", "radius": metres(radius)}
    bar = {"shape": "bar", "x": metres(FAR + 10), "width": metres(20), "length": metres(2 * FAR)}
    return solve(
        {
            "cell": {
                "type": "chip",
                "view": "plan",
                "height": metres(1),
                "gap": metres(FAR),
                "length": metres(2 * FAR),
                "margin": "0 m",
                "working": {
                    "width": metres(FAR),
                    "thickness": "0 m",
                    "outline": {**shape, "width": metres(width), "length": metres(FAR)},
                },
                "counter": {"width": metres(20), "thickness": "0 m", "outline": bar},
                "window": {"width": metres(WINDOW), "length": metres(WINDOW)},
            },
            "electrolyte": {**electrolyte(conductivity="1 S/m"), "model": "ohmic"},
            "reactions": {"plating": plating(BIOT * THERMAL_VOLTAGE / HEIGHT, "linear")},
            "protocol": [{"hold": "0.01 V", "for": "1 s"}],
            "output": {"every": "1 s"},
            "mesh": {"growth": 1.3},
        }
    )


def _entering(run: Run) -> tuple[Array, Array, Array]:
    """Where current enters the working electrode, in heights from the tip, and how much [A]."""
    profile = run.profile("working")
    current = np.abs(profile[names.LOCAL.name]) * profile[names.AREA.name]
    return profile[names.X.name] / HEIGHT, profile[names.Y.name] / HEIGHT, current


def along_tip(angle: float) -> float:
    """Exponent of the current per length of the rim of a sharp tip."""
    x, y, current = _entering(tip(angle))
    half = np.deg2rad(angle / 2)
    corner = -exact.end_correction_series(BIOT) / np.sin(half)
    along = (corner - x) * np.cos(half) + np.abs(y) * np.sin(half)
    nodes = np.geomspace(*DECADE, 9)
    # hats on a logarithmic scale: unlike boxes they do not jump from sample to sample
    place = np.log(along[along > 0] / nodes[0]) / np.log(nodes[1] / nodes[0])
    hats = np.maximum(1 - np.abs(place - np.arange(1, 8)[:, None]), 0)
    return _exponent(nodes[1:-1], hats @ current[along > 0] / nodes[1:-1])


def on_rounding(angle: float, radius: float) -> float:
    """Current per length of the rounding of a tip, of the radius less the end correction [A/m]."""
    x, y, current = _entering(tip(angle, radius))
    opens = np.pi / 2 - np.deg2rad(angle / 2)
    inside = np.abs(np.arctan2(y, x + radius)) < opens
    length = 2 * opens * (radius - exact.end_correction_series(BIOT)) * HEIGHT
    return float(current[inside].sum() / length)


def against_radius(angle: float) -> float:
    """Exponent of the current per length of rounding against its radius."""
    effective = np.array(RADII) - exact.end_correction_series(BIOT)
    return _exponent(effective, np.array([on_rounding(angle, radius) for radius in RADII]))
