r"""A thin coplanar cell in three dimensions, scaled, as a test problem for linear solvers.

The cell of thin_cell.py, `width` wide, with a working electrode that ends in the middle of the width, on
tetrahedra of first order; with resolved double layers (``npp``), or electroneutral (``neutral``): unknowns
y = ln c and phi, with the sum and the difference of the ions' balances

    a0 [c(y) - 1] = div[c grad(y + phi)],        0 = div[2 c grad phi]

and Butler-Volmer kinetics without the double layer.
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
from thin_cell import GAP, RATE, ThinCell, line

from thincell.geometry.columns import boundary_lines
from thincell.geometry.distribute import layout
from thincell.geometry.planemesh import PlanMesh
from thincell.geometry.solid import SolidMesh, extrude
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.linear import Linear
from thincell.solvers.tolerances import Tolerances


@dataclass(frozen=True)
class SolidCell(ThinCell):
    """``rows`` cells over the ``width``, which is counted in the cell's length."""

    rows: int = 8
    width: float = 0.2
    model: str = "neutral"
    order: int = 1

    @property
    def unknowns(self) -> int:
        fields = 3 if self.model == "npp" else 2
        return fields * (self.columns + 1) * (self.rows + 1) * (self.layers + 1)

    def lines(self) -> tuple[Any, Any, Any]:
        """Points along x, y and z."""
        x, z = super().lines()
        if self.model == "neutral":  # no layer on the floor to resolve
            z = line(0.0, self.slenderness, self.edge * self.slenderness, np.inf, self.layers)
        return x, np.linspace(0.0, self.width, self.rows + 1), z

    def mesh(self) -> SolidMesh:  # type: ignore[override]
        x, y, z = self.lines()
        points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
        i, j = np.meshgrid(np.arange(x.size - 1), np.arange(y.size - 1), indexing="ij")
        a = (i * y.size + j).ravel()
        b, d = a + y.size, a + 1
        triangles = np.concatenate([np.stack([a, b, b + 1], 1), np.stack([a, b + 1, d], 1)])
        middle = points[triangles].mean(axis=1)
        regions = np.zeros(len(triangles), dtype=np.int32)
        regions[(middle[:, 0] < GAP[0]) & (middle[:, 1] < self.width / 2)] = 1
        regions[middle[:, 0] > GAP[1]] = 2
        lines = boundary_lines(triangles)
        plan = PlanMesh(points, triangles, lines, np.full(len(lines), 4, dtype=np.int32), regions)
        return extrude(plan, z, lambda p: np.full(len(p), self.slenderness), np.zeros(8))

    def system(self, linear: Linear, comm: MPI.Intracomm = MPI.COMM_WORLD) -> BorderedSystem:
        """The bordered system, at rest."""
        return self.resolved(linear, comm) if self.model == "npp" else self.neutral(linear, comm)

    def resolved(self, linear: Linear, comm: MPI.Intracomm) -> BorderedSystem:
        """With double layers."""
        return super().system(linear, comm)

    def neutral(self, linear: Linear, comm: MPI.Intracomm) -> BorderedSystem:
        """Without."""
        made = layout(comm, self.mesh() if comm.rank == 0 else None, 1.0)
        domain, facets = made.domain, made.facets
        space = fem.functionspace(
            domain, basix.ufl.element("Lagrange", domain.basix_cell(), self.order, shape=(2,))
        )
        state = fem.Function(space)
        potential = fem.Constant(domain, 0.0)
        metal = ufl.variable(potential)
        volume = ufl.Measure("dx", domain, metadata={"quadrature_degree": 2})
        surface = ufl.Measure("ds", domain, subdomain_data=facets, metadata={"quadrature_degree": 4})
        a0 = fem.Constant(domain, 1 / self.dt)
        y, phi = ufl.split(state)
        v, w = ufl.split(ufl.TestFunction(space))
        c = ufl.exp(y)
        form: Any = (a0 * (c - 1) * v + c * ufl.inner(ufl.grad(y + phi), ufl.grad(v))) * volume
        form += 2 * c * ufl.inner(ufl.grad(phi), ufl.grad(w)) * volume

        def rate(drop: Any) -> Any:
            return RATE * (ufl.exp(drop / 2) - c * ufl.exp(-drop / 2))

        for tag, drop in ((1, metal - phi), (2, -phi)):
            form -= rate(drop) * (v + w) * surface(tag)
        slope = ufl.diff(rate(metal - phi), metal)
        return BorderedSystem(
            form,
            state,
            potential,
            rate(metal - phi) * surface(1),
            (-slope * (v + w) * surface(1), slope * surface(1)),
            tolerances=Tolerances(residual=1e-10),
            linear=linear,
        )
