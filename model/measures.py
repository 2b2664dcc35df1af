"""The one object that integrates: quadrature, axisymmetry, depth and the reference mesh.

No term can integrate with another measure. The weight is 1 in a planar section (integrals are per
unit length out of the plane) and in three dimensions, and 2 pi r in an axisymmetric section; it is
switched by a constant, so chip and coin cell share their compiled forms. Seen from above the weight is
the depth of the liquid, and electrodes are areas of the plan.
"""

from __future__ import annotations

import math

import ufl
from dolfinx import fem, mesh

from thincell.model.ops import Value

#: Quadrature degrees in cells and on facets. P2 fields under exponentials: raising them to 8 changes
#: the currents of the example cases by less than 1e-6.
CELL_DEGREE = 5
FACET_DEGREE = 8

#: In cells of linear elements, at a diffuse interface and in three dimensions; 5 instead changes the speed of
#: a front by < 1e-4.
LINEAR_DEGREE = 2


class Measures:
    """Integrals over the electrolyte and over tagged boundaries of a mesh."""

    def __init__(
        self,
        domain: mesh.Mesh,
        facets: mesh.MeshTags,
        axisymmetric: bool,
        degree: int = CELL_DEGREE,
    ) -> None:
        """``degree`` of the quadrature in cells."""
        self.domain = domain
        self.facets = facets
        switch = fem.Constant(domain, float(axisymmetric))
        radius = ufl.SpatialCoordinate(domain)[0]
        self.weight = 1 + switch * (2 * math.pi * radius - 1)
        cell = {"quadrature_degree": degree}
        facet = {"quadrature_degree": FACET_DEGREE}
        self._dx = ufl.Measure("dx", domain=domain, metadata=cell)
        self._ds = ufl.Measure("ds", domain=domain, subdomain_data=facets, metadata=facet)

    def volume(self, integrand: Value) -> ufl.Form:
        """Integral over the electrolyte."""
        return self.weight * integrand * self._dx

    def surface(self, integrand: Value, tag: int) -> ufl.Form:
        """Integral over the boundary with a tag."""
        return self.weight * integrand * self._ds(int(tag))


class PlanMeasures(Measures):
    """Integrals over a layer seen from above: everything is uniform from floor to lid.

    ``depth`` is the height of the liquid over the unit of length. Electrodes are cells with a tag.
    """

    def __init__(
        self,
        domain: mesh.Mesh,
        facets: mesh.MeshTags,
        regions: mesh.MeshTags,
        depth: fem.Function,
        electrodes: tuple[int, ...],
        degree: int = CELL_DEGREE,
    ) -> None:
        """``degree`` of the quadrature in cells; tags of the ``electrodes``."""
        self.domain = domain
        self.facets = facets
        self.depth = depth
        self._electrodes = electrodes
        cell = {"quadrature_degree": degree}
        facet = {"quadrature_degree": FACET_DEGREE}
        self._dx = ufl.Measure("dx", domain=domain, metadata=cell)
        self._area = ufl.Measure("dx", domain=domain, subdomain_data=regions, metadata=cell)
        self._ds = ufl.Measure("ds", domain=domain, subdomain_data=facets, metadata=facet)

    def volume(self, integrand: Value) -> ufl.Form:
        """Integral over the electrolyte."""
        return self.depth * integrand * self._dx

    def surface(self, integrand: Value, tag: int) -> ufl.Form:
        """Integral over an electrode, or over the side of the layer with a tag."""
        if int(tag) in self._electrodes:
            return integrand * self._area(int(tag))
        return self.depth * integrand * self._ds(int(tag))
