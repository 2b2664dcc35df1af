"""Figures of runs and comparisons: matplotlib without a screen, each as PNG and SVG.

Every figure is made from a list of `Half` objects (a label, a thin cell's run and a coin cell's
run, either of which may be missing), so that a single run is a comparison with one of them.
"""

from __future__ import annotations

from thincell.studies.figures.build import Drawing, Half, draw_all

__all__ = ["Drawing", "Half", "draw_all"]
