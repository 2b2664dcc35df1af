"""Outlines from drawings: the closed curves of one layer of a DXF, SVG or GDSII file.

DXF with ezdxf (maintained, reads all versions, knows every kind of curve), SVG with svgpathtools
(maintained; svgelements had its last release in 2023), GDSII with gdstk (successor of gdspy by the same
author; KLayout's library is many times larger). They are the optional dependencies `drawings`.

In DXF and SVG an outline inside another is a hole, one inside that is metal again. In GDSII every
polygon is metal. y points up: that of SVG, which points down, is reversed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Curve = list[tuple[float, float]]

_SVG = "{http://www.w3.org/2000/svg}"
_INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"


@dataclass(frozen=True)
class Drawing:
    """One layer of a drawing, moved by (x, y) [m].

    ``layer`` is a DXF layer; an SVG id, Inkscape layer or fill; a GDSII "layer/datatype". ``unit`` [m]
    is the length of one unit of the file. ``tolerance`` [m] is the largest distance between a curve and
    its polyline, and between two ends of curves that count as joined.
    """

    file: Path
    layer: str
    unit: float
    x: float = 0.0
    y: float = 0.0
    tolerance: float = 1e-9

    def polygon(self) -> Any:
        """The metal: a shapely polygon, or several. ValueError says what is wrong with the drawing."""
        import shapely

        readers = {".dxf": _read_dxf, ".svg": _read_svg, ".gds": _read_gds, ".gdsii": _read_gds}
        read = readers.get(self.file.suffix.lower())
        if read is None:
            raise ValueError(f"{self.file.name} is not a drawing: {', '.join(readers)} can be read")
        layers = read(self.file, self.tolerance / self.unit)
        if self.layer not in layers:
            known = ", ".join(repr(name) for name in sorted(layers)) or "none"
            raise ValueError(f"{self.file.name} has no layer {self.layer!r}; it has {known}")
        rings = _joined(layers[self.layer], self.tolerance / self.unit, self)
        if not rings:
            raise ValueError(f"the layer {self.layer!r} of {self.file.name} has no closed outline")
        shape = shapely.union_all(rings) if read is _read_gds else _nested(rings)
        return shapely.transform(shape, lambda points: points * self.unit + [self.x, self.y])


def _read_dxf(file: Path, tolerance: float) -> dict[str, list[Curve]]:
    from ezdxf import path
    from ezdxf.filemanagement import readfile
    from ezdxf.lldxf.const import DXFError

    try:
        document = readfile(file)
    except (OSError, DXFError) as error:
        raise ValueError(f"{file.name} cannot be read as DXF: {error}") from None
    layers: dict[str, list[Curve]] = {}
    for entity, layer in _entities(document.modelspace(), "0"):
        curves = layers.setdefault(layer, [])
        if entity.dxftype() in ("CIRCLE", "ARC", "ELLIPSE", "SPLINE"):
            # a path would make Bezier curves of them, which miss a circle by 3e-4 of its radius
            curves.append([(p.x, p.y) for p in entity.flattening(tolerance)])
            continue
        if entity.dxftype() == "HATCH":
            paths = list(path.from_hatch(entity))
        elif entity.dxftype() in _DXF_CURVES:
            paths = [path.make_path(entity)]
        else:
            continue
        for whole in paths:
            parts = whole.sub_paths() if whole.has_sub_paths else [whole]
            curves += [[(p.x, p.y) for p in part.flattening(tolerance)] for part in parts]
    return layers


_DXF_CURVES = ("LINE", "LWPOLYLINE", "POLYLINE", "SOLID", "TRACE")


def _entities(container: Any, outer: str) -> Iterator[tuple[Any, str]]:
    """All entities and their layers; blocks are resolved, and their layer "0" is that of the insert."""
    for entity in container:
        layer = outer if entity.dxf.layer == "0" else entity.dxf.layer
        if entity.dxftype() == "INSERT":
            inserts = entity.multi_insert() if entity.mcount > 1 else [entity]
            for insert in inserts:
                yield from _entities(insert.virtual_entities(), layer)
        elif entity.dxftype() in ("LWPOLYLINE", "POLYLINE") and entity.has_arc:
            yield from ((part, layer) for part in entity.virtual_entities())
        else:
            yield entity, layer


def _read_svg(file: Path, tolerance: float) -> dict[str, list[Curve]]:
    from xml.etree.ElementTree import ParseError

    from svgpathtools import Document

    try:
        document = Document(str(file))
    except (OSError, ParseError) as error:
        raise ValueError(f"{file.name} cannot be read as SVG: {error}") from None
    parents = {child: parent for parent in document.tree.iter() for child in parent}
    layers: dict[str, list[Curve]] = {}
    for path in document.paths():
        names = set()
        element: Any = path.element
        names |= {_fill(element, parents)}
        while element is not None and element.tag != f"{_SVG}svg":
            names |= {element.get("id"), element.get(f"{_INKSCAPE}label")}
            element = parents.get(element)
        parts = [_flat(part, tolerance) for part in path.continuous_subpaths()]
        for name in names - {None}:
            layers.setdefault(str(name), []).extend(parts)
    return layers


def _fill(element: Any, parents: dict[Any, Any]) -> str | None:
    """The fill of an element: its own or inherited; style goes before attribute."""
    while element is not None:
        style = dict(pair.split(":", 1) for pair in element.get("style", "").split(";") if ":" in pair)
        fill = {key.strip(): value.strip() for key, value in style.items()}.get(
            "fill", element.get("fill")
        )
        if fill is not None:
            return str(fill)
        element = parents.get(element)
    return None


def _flat(path: Any, tolerance: float) -> Curve:
    """A continuous path as a polyline, y upwards."""
    from svgpathtools import Line

    points = [path[0].start]
    for piece in path:
        count = 1 if isinstance(piece, Line) else 4
        while not isinstance(piece, Line) and _error(piece, count) > tolerance:
            count *= 2
        points += [piece.point(k / count) for k in range(1, count + 1)]
    return [(p.real, -p.imag) for p in points]


def _error(piece: Any, count: int) -> float:
    """Largest distance of the middles of the parts of a curve from their chords."""
    ends = [piece.point(k / count) for k in range(count + 1)]
    middles = [piece.point((k + 0.5) / count) for k in range(count)]
    return max(abs(m - (ends[k] + ends[k + 1]) / 2) for k, m in enumerate(middles))


def _read_gds(file: Path, tolerance: float) -> dict[str, list[Curve]]:
    import gdstk

    try:
        library = gdstk.read_gds(str(file), tolerance=tolerance)
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{file.name} cannot be read as GDSII: {error}") from None
    layers: dict[str, list[Curve]] = {}
    for cell in library.top_level():
        # a raw cell is one that gdstk did not read
        for polygon in cell.get_polygons() if isinstance(cell, gdstk.Cell) else ():
            points = [(float(x), float(y)) for x, y in polygon.points]
            layers.setdefault(f"{polygon.layer}/{polygon.datatype}", []).append([*points, points[0]])
    return layers


def _joined(curves: list[Curve], tolerance: float, drawing: Drawing) -> list[Any]:
    """Polygons of closed curves; open ones are joined end to end. ValueError where an end is loose."""
    import shapely

    rings, chains = [], [curve for curve in curves if len(curve) > 1]
    while chains:
        chain = chains.pop()
        while math.dist(chain[0], chain[-1]) > tolerance or len(chain) < 4:
            follower = _follower(chain[-1], chains, tolerance)
            if follower is None:
                x, y = chain[-1]
                raise ValueError(
                    f"an outline on the layer {drawing.layer!r} of {drawing.file.name} is open: it ends"
                    f" at ({x:.6g}, {y:.6g}) in the file's units; close it there"
                )
            chain = chain + follower[1:]
        ring = shapely.make_valid(shapely.Polygon([*chain[:-1], chain[0]]))
        if ring.area > 0:
            rings.append(ring)
    return rings


def _follower(end: tuple[float, float], chains: list[Curve], tolerance: float) -> Curve | None:
    """Take the curve that begins or ends at a point out of ``chains``, running away from the point."""
    for k, other in enumerate(chains):
        if math.dist(end, other[0]) <= tolerance:
            return chains.pop(k)
        if math.dist(end, other[-1]) <= tolerance:
            return chains.pop(k)[::-1]
    return None


def _nested(rings: list[Any]) -> Any:
    """Outlines with an even number of others around them are metal, those with an odd number holes."""
    import shapely

    distinct: list[Any] = []
    for ring in rings:
        if not any(ring.equals(other) for other in distinct):
            distinct.append(ring)
    depths = [sum(other.covers(ring) for other in distinct) - 1 for ring in distinct]
    shape = shapely.Polygon()
    for depth in range(max(depths) + 1):
        level = shapely.union_all([r for r, d in zip(distinct, depths, strict=True) if d == depth])
        shape = shape.difference(level) if depth % 2 else shape.union(level)
    return shape
