"""The plan view of a chip: liquid and electrodes as seen from above, and its mesh of triangles.

Electrodes are areas of the floor inside the liquid's outline. x = 0 lies at the edge of the working
electrode that faces the counter electrode, x points into the gap, y along the electrodes, with y = 0 in
their middle. All lengths in metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.columns import _session, boundary_lines
from thincell.geometry.planemesh import PlaneMesh
from thincell.geometry.plansize import Leaves, PlanGrading, Sizes, leaves, wanted_sizes
from thincell.geometry.tags import Tag

#: All corners lie on a grid of this spacing [m], so that outlines that touch have the same corners.
GRID = 1e-15
#: Outlines closer than this [m] are a slip: no chip is made so finely, and no liquid fits in between.
CLOSEST = 1e-9


@dataclass(frozen=True)
class Area:
    """The metal of one electrode: a shapely polygon, or several [m]."""

    tag: Tag
    polygon: Any


@dataclass(frozen=True)
class Plan:
    """Liquid and electrodes from above; electrodes are cut to the liquid.

    ``liquid`` is one shapely polygon; its holes are pillars. Its outline is insulating; with
    ``ends = "reservoir"`` the straight ends at the smallest and the largest x are inlet and outlet.
    ``walls`` are electrodes that fill the layer from floor to lid: no liquid is there, and their outlines
    are boundary with their tag.
    """

    liquid: Any
    electrodes: tuple[Area, ...]
    ends: Literal["closed", "reservoir"] = "closed"
    walls: tuple[Area, ...] = ()

    @property
    def metals(self) -> tuple[Area, ...]:
        """Electrodes and walls."""
        return self.electrodes + self.walls

    def __post_init__(self) -> None:
        import shapely

        liquid = _on_grid(self.liquid)
        if liquid.geom_type != "Polygon" or liquid.is_empty:
            raise ValueError(f"the liquid must be one connected area, not {_kind(liquid)}")
        tags = [area.tag for area in self.metals]
        for tag in set(tags):
            if tags.count(tag) > 1:
                raise ValueError(f"there are {tags.count(tag)} {tag.group} electrodes; join their areas")
        object.__setattr__(self, "liquid", shapely.orient_polygons(liquid))
        for name in ("electrodes", "walls"):
            cut = tuple(self._cut(area) for area in getattr(self, name))
            object.__setattr__(self, name, cut)
        self._check_distances()
        self._take_out_walls()
        if self.ends == "reservoir":
            self._check_ends()

    def _cut(self, area: Area) -> Area:
        """An electrode as far as it lies in the liquid."""
        import shapely

        inside = shapely.intersection(_on_grid(area.polygon), self.liquid, grid_size=GRID)
        if inside.area == 0:
            raise ValueError(f"the {area.tag.group} electrode lies outside the liquid")
        return Area(area.tag, shapely.union_all(_polygons(inside)))

    def _take_out_walls(self) -> None:
        """Leave the liquid that is not within a wall."""
        import shapely

        if not self.walls:
            return
        metal = shapely.union_all([area.polygon for area in self.walls])
        rest = _polygons(shapely.difference(self.liquid, metal, grid_size=GRID))
        if len(rest) != 1:
            names = " and ".join(area.tag.group for area in self.walls)
            raise ValueError(
                f"the {names} electrode, which fills the layer from floor to lid, leaves {len(rest)} pieces"
                " of liquid; let it end at the outline of the liquid, or have liquid around"
            )
        object.__setattr__(self, "liquid", shapely.orient_polygons(rest[0]))

    def _check_distances(self) -> None:
        for a, b in combinations(self.metals, 2):
            names = f"the {a.tag.group} and the {b.tag.group} electrode"
            overlap = a.polygon.intersection(b.polygon).area
            if overlap > 0:
                raise ValueError(f"{names} overlap, by {overlap:.4g} m2")
            distance = a.polygon.distance(b.polygon)
            if distance < CLOSEST:
                raise ValueError(
                    f"{names} are {distance:.4g} m apart; at least {CLOSEST:g} m are needed"
                )
        for area in self.metals:
            distance = area.polygon.distance(self.liquid.boundary)
            if 0 < distance < CLOSEST:
                raise ValueError(
                    f"the {area.tag.group} electrode ends {distance:.4g} m before the outline of the"
                    f" liquid; let it cross the outline, or stay {CLOSEST:g} m away"
                )

    def _check_ends(self) -> None:
        import shapely

        x0, _, x1, _ = self.liquid.bounds
        for tag, x in ((Tag.INLET, x0), (Tag.OUTLET, x1)):
            line = shapely.LineString([(x, self.liquid.bounds[1]), (x, self.liquid.bounds[3])])
            end = self.liquid.boundary.intersection(line)
            if end.length == 0:
                raise ValueError(
                    f"the liquid has no straight end at x = {x:.4g} m to be the {tag.group}"
                )
            for area in self.metals:
                if area.polygon.distance(end) < CLOSEST:
                    raise ValueError(
                        f"the {area.tag.group} electrode touches the {tag.group}; liquid is needed"
                        " between electrodes and reservoirs"
                    )

    @cached_property
    def faces(self) -> tuple[tuple[Any, int], ...]:
        """The pieces into which the outlines cut the liquid, counter-clockwise, and their regions.

        A region is the tag of the electrode there, 0 where there is none.
        """
        import shapely

        rings = [self.liquid.boundary, *(area.polygon.boundary for area in self.electrodes)]
        noded = shapely.union_all(rings, grid_size=GRID)
        pieces = shapely.orient_polygons(_polygons(shapely.polygonize(shapely.get_parts(noded))))
        inner = shapely.point_on_surface(pieces)
        region = np.zeros(len(pieces), dtype=np.int32)
        for area in self.electrodes:
            region[shapely.contains(area.polygon, inner)] = area.tag
        wet = shapely.contains(self.liquid, inner)
        return tuple((pieces[k], int(region[k])) for k in np.flatnonzero(wet))

    def footprint(self, tag: Tag) -> float:
        """Area [m2] of an electrode within the liquid; KeyError when the plan has none."""
        areas = [shape.area for shape, region in self.faces if region == tag]
        if not areas:
            raise KeyError(f"this plan has no {tag.group} electrode")
        return float(sum(areas))


@dataclass(frozen=True)
class TaggedPlane:
    """A mesh of a plan and the region of each triangle: the tag of its electrode, or 0."""

    mesh: PlaneMesh
    regions: NDArray[np.int32]

    def area(self, region: int) -> float:
        """Area [m2] of all triangles of a region."""
        a, b, c = (self.mesh.points[self.mesh.triangles[self.regions == region, k]] for k in range(3))
        return float(np.sum((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2)


def surrounding(electrodes: Sequence[Area], left: float, right: float, sides: float) -> Any:
    """The rectangle around electrodes with margins [m] at both ends of x and at both sides of y."""
    import shapely

    x0, y0, x1, y1 = shapely.total_bounds([area.polygon for area in electrodes])
    return shapely.box(x0 - left, y0 - sides, x1 + right, y1 + sides)


def plan_mesh(plan: Plan, grading: PlanGrading) -> TaggedPlane:
    """Triangles that conform to all outlines. Call on one rank only: gmsh is not parallel."""
    import gmsh

    sizes = wanted_sizes(plan, grading)
    unit = grading.edge
    with _session(gmsh):
        gmsh.option.setNumber("General.Terminal", 0)
        for source in ("FromPoints", "FromCurvature", "ExtendFromBoundary"):
            gmsh.option.setNumber(f"Mesh.MeshSize{source}", 0)
        gmsh.option.setNumber("Mesh.Algorithm", 6)
        gmsh.model.add("plan")
        surfaces = _draw(gmsh.model, plan, unit)
        _set_sizes(gmsh, sizes, leaves(plan, sizes), unit)
        gmsh.model.mesh.generate(2)
        points, triangles, regions = _collect(gmsh.model, surfaces)
    points = points * unit
    lines = boundary_lines(triangles)
    tags = _classify(plan, points[lines])
    return TaggedPlane(PlaneMesh(points, triangles, lines, tags), regions)


def _draw(model: Any, plan: Plan, unit: float) -> list[tuple[int, int]]:
    """Points, lines and surfaces of all faces; surfaces with their regions."""
    corners: dict[tuple[float, float], int] = {}
    edges: dict[tuple[int, int], int] = {}

    def corner(x: float, y: float) -> int:
        if (x, y) not in corners:
            corners[x, y] = model.geo.addPoint(x / unit, y / unit, 0)
        return corners[x, y]

    def edge(a: int, b: int) -> int:
        if (b, a) in edges:
            return -edges[b, a]
        if (a, b) not in edges:
            edges[a, b] = model.geo.addLine(a, b)
        return edges[a, b]

    surfaces = []
    for shape, region in plan.faces:
        loops = []
        for ring in (shape.exterior, *shape.interiors):
            numbers = [corner(x, y) for x, y in ring.coords]
            loops.append(model.geo.addCurveLoop([edge(a, b) for a, b in pairwise(numbers)]))
        surfaces.append((model.geo.addPlaneSurface(loops), region))
    model.geo.synchronize()
    return surfaces


def _set_sizes(gmsh: Any, sizes: Sizes, tree: Leaves, unit: float) -> None:
    """The leaves as gmsh's background: interpolated between corners, nowhere above the centre's size."""
    corners = tree.corners()
    size = np.minimum(sizes.at(corners.reshape(-1, 2)).reshape(-1, 4), tree.size[:, None])
    data = np.concatenate([corners[..., 0], corners[..., 1], 0 * size, size], axis=1) / unit
    view = gmsh.view.add("sizes")
    gmsh.view.addListData(view, "SQ", len(data), data.ravel())
    field = gmsh.model.mesh.field.add("PostView")
    gmsh.model.mesh.field.setNumber(field, "ViewTag", view)
    gmsh.model.mesh.field.setAsBackgroundMesh(field)


def _collect(
    model: Any, surfaces: list[tuple[int, int]]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int32]]:
    """Points, triangles and regions."""
    tags, coordinates, _ = model.mesh.getNodes()
    kind = model.mesh.getElementType("triangle", 1)
    found = [model.mesh.getElementsByType(kind, surface)[1].reshape(-1, 3) for surface, _ in surfaces]
    regions = np.repeat([region for _, region in surfaces], [len(part) for part in found])
    used, triangles = np.unique(np.concatenate(found), return_inverse=True)
    row = np.zeros(int(tags.max()) + 1, dtype=np.int64)
    row[tags] = np.arange(tags.size)
    points = coordinates.reshape(-1, 3)[row[used], :2]
    return points, triangles.reshape(-1, 3).astype(np.int64), regions.astype(np.int32)


def _classify(plan: Plan, ends: NDArray[np.float64]) -> NDArray[np.int32]:
    """Tag of each boundary line (n, 2, 2): those of walls, and the ends of x if these are open."""
    import shapely

    tags = np.full(len(ends), int(Tag.INSULATOR), dtype=np.int32)
    places = np.concatenate([ends, ends.mean(axis=1, keepdims=True)], axis=1)
    for area in plan.walls:
        away = shapely.distance(area.polygon.boundary, shapely.points(places))
        tags[np.all(away < CLOSEST / 2, axis=1)] = area.tag
    if plan.ends == "closed":
        return tags
    x0, _, x1, _ = plan.liquid.bounds
    for tag, x in ((Tag.INLET, x0), (Tag.OUTLET, x1)):
        tags[np.all(np.abs(ends[:, :, 0] - x) < CLOSEST / 2, axis=1)] = tag
    return tags


def _on_grid(shape: Any) -> Any:
    import shapely

    return shapely.set_precision(shape, GRID)


def _polygons(shape: Any) -> NDArray[Any]:
    """The polygons of a collection, without the points and lines at which outlines only touch."""
    import shapely

    parts = shapely.get_parts(shape)
    return parts[shapely.get_dimensions(parts) == 2]


def _kind(shape: Any) -> str:
    return "an empty one" if shape.is_empty else f"{len(shape.geoms)} pieces"
