"""Streamlines of a flow on a picture of the salt: contours of the stream function that a run records.

Contours are at equal steps, so that the same flow passes between any two neighbours. Between the points of a
mesh they are straight where the contoured quantity is linear. In a section that is, nearly, the height at
which plane Poiseuille flow would have the same flow below it: s of

    psi/q = 3 s^2 - 2 s^3,    s = 1/2 - sin(arcsin(1 - 2 psi/q)/3);

from above it is the stream function itself.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.tri import Triangulation
from numpy.typing import NDArray

from thincell.studies import names
from thincell.studies.frames import Frame

Array = NDArray[np.float64]

#: Streamlines in a picture.
COUNT = 8


def shares(frame: Frame) -> Array | None:
    """What is contoured at the points of a frame, from 0 at one wall to 1 at the other; None without flow."""
    if names.STREAM.name in frame.fields:
        return straightened(_share(frame.fields[names.STREAM.name]))
    if names.STREAM_ABOVE.name in frame.fields:
        return _share(frame.fields[names.STREAM_ABOVE.name])
    return None


def straightened(share: Array) -> Array:
    """The height s in plane Poiseuille flow with a share of the flow below it."""
    return np.asarray(0.5 - np.sin(np.arcsin(1 - 2 * np.clip(share, 0, 1)) / 3))


def draw(axes: Axes, mesh: Triangulation, frame: Frame) -> None:
    """Streamlines on a mesh of the frame's points, if there is flow."""
    values = shares(frame)
    if values is None:
        return
    levels = (np.arange(COUNT) + 0.5) / COUNT  # half a step from either wall
    if names.STREAM.name in frame.fields:
        levels = straightened(levels)
    made = axes.tricontour(mesh, values, levels=levels, colors="black", linewidths=0.5)
    made.set_path_effects([withStroke(linewidth=1.5, foreground="white", alpha=0.5)])
    made.set_label("streamlines")


def _share(values: Array) -> Array:
    low, high = values.min(), values.max()
    return np.asarray((values - low) / (high - low))
