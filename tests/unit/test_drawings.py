"""Drawings: what is written comes back, curves to the tolerance; holes; errors that say where."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from thincell.geometry.drawings import Drawing

ezdxf = pytest.importorskip("ezdxf")
gdstk = pytest.importorskip("gdstk")
pytest.importorskip("svgpathtools")

UM = 1e-6


def dxf(folder: Path) -> Path:
    """A washer, a frame of loose lines with a block in it, an open line, and an empty layer."""
    document = ezdxf.new()
    space = document.modelspace()
    for radius in (10, 4):
        space.add_circle((5, 5), radius, dxfattribs={"layer": "washer"})
    corners = [(0, 0), (8, 0), (8, 3), (0, 3)]
    for a, b in ((0, 1), (3, 2), (1, 2), (0, 3)):
        space.add_line(corners[a], corners[b], dxfattribs={"layer": "frame"})
    block = document.blocks.new("pad")
    block.add_lwpolyline([(0, 0), (1, 0), (1, 1), (0, 1)], close=True)
    space.add_blockref("pad", (2, 1), dxfattribs={"layer": "frame"})
    space.add_lwpolyline([(0, 0), (7, 0), (7, 2)], dxfattribs={"layer": "open"})
    space.add_point((0, 0), dxfattribs={"layer": "points"})
    path = folder / "chip.dxf"
    document.saveas(path)
    return path


def test_dxf(tmp_path: Path) -> None:
    path = dxf(tmp_path)
    washer = Drawing(path, "washer", UM, 1 * UM, -5 * UM, 1e-9).polygon()
    assert washer.area == pytest.approx(math.pi * 84 * UM**2, rel=1e-3)
    assert washer.centroid.coords[0] == pytest.approx((6 * UM, 0), abs=1e-12)
    assert len(washer.interiors) == 1
    assert Drawing(path, "frame", UM).polygon().area == pytest.approx(23 * UM**2, rel=1e-12)


def test_finer_tolerance_is_nearer_to_the_circle(tmp_path: Path) -> None:
    path, exact = dxf(tmp_path), math.pi * 84 * UM**2
    errors = [abs(Drawing(path, "washer", UM, tolerance=t).polygon().area - exact) for t in (1e-7, 1e-9)]
    assert errors[1] < errors[0] / 20


def test_svg(tmp_path: Path) -> None:
    path = tmp_path / "chip.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><g id="metal" transform="translate(10 0)">'
        '<path d="M0 0 H6 V4 H0 Z M1 1 H3 V3 H1 Z"/></g>'
        '<circle id="dot" cx="0" cy="5" r="2" style="fill: #ff0000"/>'
        '<path id="loose" d="M0 0 L3 0 L3 9"/></svg>'
    )
    metal = Drawing(path, "metal", UM).polygon()
    assert metal.area == pytest.approx(20 * UM**2, rel=1e-12)
    assert metal.bounds == pytest.approx((10 * UM, -4 * UM, 16 * UM, 0), abs=1e-15)
    for name in ("dot", "#ff0000"):
        dot = Drawing(path, name, UM, tolerance=1e-10).polygon()
        assert dot.area == pytest.approx(4 * math.pi * UM**2, rel=1e-3)
        assert dot.centroid.y == pytest.approx(-5 * UM, rel=1e-6)
    with pytest.raises(ValueError, match=r"open: it ends at \(3, -9\)|open: it ends at \(0, 0\)"):
        Drawing(path, "loose", UM).polygon()


def test_gds(tmp_path: Path) -> None:
    library = gdstk.Library(unit=1e-6, precision=1e-9)
    pad = library.new_cell("pad")
    pad.add(gdstk.rectangle((0, 0), (2, 3), layer=5, datatype=1))
    top = library.new_cell("top")
    top.add(gdstk.Reference(pad, (0, 0), columns=2, rows=1, spacing=(10, 0)))
    top.add(gdstk.rectangle((0.5, 0.5), (1, 1), layer=5, datatype=1))
    path = tmp_path / "chip.gds"
    library.write_gds(path)
    pads = Drawing(path, "5/1", UM).polygon()
    assert pads.area == pytest.approx(12 * UM**2, rel=1e-9)
    assert len(pads.geoms) == 2
    with pytest.raises(ValueError, match="it has '5/1'"):
        Drawing(path, "5/0", UM).polygon()


def test_errors(tmp_path: Path) -> None:
    path = dxf(tmp_path)
    with pytest.raises(ValueError, match=r"no layer 'gold'; it has 'frame', 'open', 'points', 'washer'"):
        Drawing(path, "gold", UM).polygon()
    with pytest.raises(ValueError, match=r"open: it ends at \(7, 2\)"):
        Drawing(path, "open", UM).polygon()
    with pytest.raises(ValueError, match="no closed outline"):
        Drawing(path, "points", UM).polygon()
    with pytest.raises(ValueError, match="not a drawing"):
        Drawing(tmp_path / "chip.png", "0", UM).polygon()
    for suffix in ("dxf", "svg", "gds"):
        broken = tmp_path / f"broken.{suffix}"
        broken.write_bytes(b"nothing of the kind")
        with pytest.raises(ValueError, match="cannot be read as"):
            Drawing(broken, "0", UM).polygon()


def test_bulges_are_flattened_to_the_tolerance(tmp_path: Path) -> None:
    """A stadium: two half circles, as bulges, between straight sides."""
    document = ezdxf.new()
    corners = [(0, 0, 0), (10, 0, 1), (10, 4, 0), (0, 4, 1)]
    document.modelspace().add_lwpolyline(
        corners, format="xyb", close=True, dxfattribs={"layer": "bulge"}
    )
    path = tmp_path / "bulge.dxf"
    document.saveas(path)
    exact = (40 + 4 * math.pi) * UM**2
    errors = [1 - Drawing(path, "bulge", UM, tolerance=t).polygon().area / exact for t in (1e-8, 1e-10)]
    assert 0 < errors[1] < errors[0] / 20
