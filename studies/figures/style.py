"""Colours, dashes and fonts that survive grey printing and colour blindness; saving a figure."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

#: Thin cell and coin cell differ in lightness, dash and marker (Okabe and Ito 2008: blue, orange).
THIN = "#0b3c6f"
COIN = "#d98200"
METAL = "#5b5b5b"
LIQUID = "#dbe9f4"
SEPARATOR = "#f0e4cc"

#: One dash per variant, besides its lightness.
DASHES = ("-", (0, (6, 1.5)), (0, (4, 1.5, 1, 1.5)), (0, (1.2, 1.2)), (0, (8, 2, 1, 2, 1, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "svg.fonttype": "path",
    "svg.hashsalt": "thincell",
    "path.simplify": True,
}


@contextmanager
def styled() -> Iterator[None]:
    """The settings of all figures, for as long as they are drawn and saved."""
    with matplotlib.rc_context(RC):
        yield


def figure(width: float, height: float) -> Figure:
    """An empty figure [inches] that lays itself out."""
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def shades(count: int) -> list[Any]:
    """Colours of ``count`` variants, dark to light, none too pale to see."""
    return [colormaps["cividis"](0.8 * k / max(count - 1, 1)) for k in range(count)]


def log_scale(axes: Axes, which: str) -> None:
    """A logarithmic axis ("x" or "y") without minor ticks, which are slow to lay out."""
    axes.set(**{f"{which}scale": "log"})
    getattr(axes, f"{which}axis").set_minor_locator(NullLocator())


def panel_letter(axes: Axes, number: int, title: str) -> None:
    """A title that starts with (a), (b), ..."""
    axes.set_title(f"({chr(ord('a') + number)}) {title}", loc="left")


def as_bytes(made: Figure, kind: str) -> bytes:
    """The figure as "png" or "svg"; the same input gives the same bytes."""
    stream = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    made.savefig(stream, format=kind, dpi=140, metadata=metadata)
    return stream.getvalue()
