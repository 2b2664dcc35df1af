r"""A thin coplanar cell with resolved double layers, scaled, as a test problem for linear solvers.

A 1:1 salt with equal diffusivities between two electrodes on the floor of a layer of length 1 and height
h, the gap in the middle; unknowns y = ln c and phi of second order, as in model/nernst_planck.py:

    a0 [c(y) - 1] = div[c grad(y + z phi)],     -div(2 eps^2 grad phi) = c+ - c-

with Frumkin-Butler-Volmer kinetics (k = 10 D/L, charge transfer coefficient 1/2) and a Stern layer one
Debye length eps thick on both electrodes; a0 = 1/dt. Lengths in the cell's length L, potentials in RT/F.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dolfinx_solver  # noqa: F401

from mpi4py import MPI

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from numpy.typing import NDArray

from thincell.geometry.columns import boundary_lines
from thincell.geometry.distribute import layout
from thincell.geometry.planemesh import PlaneMesh
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.linear import Linear
from thincell.solvers.tolerances import Tolerances

#: Ends of the electrodes.
GAP = (0.4, 0.6)
#: Rate constant, in D/L.
RATE = 10.0


@dataclass(frozen=True)
class ThinCell:
    """``columns`` x ``layers`` cells, slenderness h/L, lambda_D/h, time step; sizes of the first cells:
    ``edge`` h along x at the electrodes' edges, ``wall`` lambda_D along z on the floor."""

    columns: int
    layers: int
    slenderness: float = 0.01
    debye: float = 0.01
    dt: float = 1e3
    edge: float = 0.05
    wall: float = 0.5
    order: int = 2

    @property
    def unknowns(self) -> int:
        return 3 * (self.order * self.columns + 1) * (self.order * self.layers + 1)

    def lines(self) -> tuple[Any, ...]:
        """Points along x and z."""
        h = self.slenderness
        side = round(0.38 * self.columns)
        fine = self.edge * h
        parts = [
            line(0.0, GAP[0], np.inf, fine, side),
            line(GAP[0], GAP[1], fine, fine, self.columns - 2 * side),
            line(GAP[1], 1.0, fine, np.inf, side),
        ]
        x = np.concatenate([parts[0], parts[1][1:], parts[2][1:]])
        return x, line(0.0, h, self.wall * self.debye * h, np.inf, self.layers)

    def mesh(self) -> PlaneMesh:
        h = self.slenderness
        x, z = self.lines()
        points = np.stack(np.meshgrid(x, z, indexing="ij"), axis=-1).reshape(-1, 2)
        i, j = np.meshgrid(np.arange(x.size - 1), np.arange(z.size - 1), indexing="ij")
        a = (i * z.size + j).ravel()
        b, d = a + z.size, a + 1
        triangles = np.concatenate([np.stack([a, b, b + 1], 1), np.stack([a, b + 1, d], 1)])
        lines = boundary_lines(triangles)
        middle = points[lines].mean(axis=1)
        floor = middle[:, 1] < 1e-9 * h
        tags = np.full(len(lines), 4, dtype=np.int32)
        tags[floor & (middle[:, 0] < GAP[0])], tags[floor & (middle[:, 0] > GAP[1])] = 1, 2
        return PlaneMesh(points, triangles, lines, tags)

    def system(self, linear: Linear, comm: MPI.Intracomm = MPI.COMM_WORLD) -> BorderedSystem:
        """The bordered system, at rest and uncharged."""
        made = layout(comm, self.mesh() if comm.rank == 0 else None, 1.0)
        domain, facets = made.domain, made.facets
        element = basix.ufl.element("Lagrange", domain.basix_cell(), self.order, shape=(3,))
        space = fem.functionspace(domain, element)
        state = fem.Function(space)
        potential = fem.Constant(domain, 0.0)
        metal = ufl.variable(potential)
        volume = ufl.Measure("dx", domain, metadata={"quadrature_degree": 5})
        surface = ufl.Measure("ds", domain, subdomain_data=facets, metadata={"quadrature_degree": 8})
        eps = self.debye * self.slenderness
        a0, eps2, stern = (fem.Constant(domain, v) for v in (1 / self.dt, 2 * eps**2, 2 * eps))
        *y, phi = ufl.split(state)
        *v, w = ufl.split(ufl.TestFunction(space))
        c = [ufl.exp(field) for field in y]
        form: Any = (eps2 * ufl.inner(ufl.grad(phi), ufl.grad(w)) - (c[0] - c[1]) * w) * volume
        for k, z in enumerate((1, -1)):
            flux = c[k] * ufl.grad(y[k] + z * phi)
            form += (a0 * (c[k] - 1) * v[k] + ufl.inner(flux, ufl.grad(v[k]))) * volume

        def rate(drop: Any) -> Any:
            return RATE * (ufl.exp(drop / 2) - c[0] * ufl.exp(-drop / 2))

        for tag, drop in ((1, metal - phi), (2, -phi)):
            form -= (rate(drop) * v[0] + stern * drop * w) * surface(tag)
        drop = metal - phi
        slopes = (
            -(ufl.diff(rate(drop), metal) * v[0] + stern * w) * surface(1),
            ufl.diff(rate(drop), metal) * surface(1),
        )
        return BorderedSystem(
            form,
            state,
            potential,
            rate(drop) * surface(1),
            slopes,
            tolerances=Tolerances(residual=1e-10),
            linear=linear,
        )


def line(start: float, end: float, first: float, last: float, cells: int) -> NDArray[np.float64]:
    """Points of cells that grow geometrically from given sizes at one or both ends."""
    half = np.geomspace(1e-9, 0.5, 4000) * (end - start)
    d = np.concatenate([[0.0], half, (end - start) - half[-2::-1], [end - start]])

    def count(growth: float) -> NDArray[np.float64]:
        size = np.minimum(first + growth * d, last + growth * (end - start - d))
        step = np.diff(d) * (1 / size[1:] + 1 / size[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(step)])

    low, high = 1e-6, 50.0
    for _ in range(80):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if count(middle)[-1] > cells else (low, middle)
    total = count(high)
    points = start + np.interp(np.linspace(0.0, total[-1], cells + 1), total, d)
    points[0], points[-1] = start, end
    return np.asarray(points)
