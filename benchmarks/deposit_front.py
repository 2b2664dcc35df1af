r"""A growing deposit as a test problem for linear solvers: two time steps of one metal front.

The equations of model/deposit.py with D = 1, c0 = 1, RT/F = 1, lengths in micrometres:

    d xi/dt    = Omega R + div {M [grad xi - xi(1-xi)/delta n] + v d n}
    d(p c)/dt  = div q [2 grad c + c grad psi] - R           phi = psi + ln c
    0          = div q [2 grad c + 2 c grad psi] - R

    R = k0 [c exp(-eta/2) - exp(eta/2)] s(xi) n.grad xi,     eta = E - phi

for a 1:1 salt of equal diffusivities, in the unknowns (y, psi, xi) of model/electroneutral.py. ``ions``
= 3 adds a second cation, which does not react, in the unknowns (y_1 y_2 y_3, psi, xi) and the rows of
model/nernst_planck.py: that of the anion is the balance of charge, that of psi electroneutrality. The
front is a cosine; delta = 1.5 h; steps of ``cfl`` delta/v begin at rest.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import dolfinx_solver  # noqa: F401

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc as fem_petsc
from numpy.typing import NDArray

from thincell.model import deposit
from thincell.model.ops import exp, log_softplus, softplus
from thincell.solvers.bordered import BorderedSystem
from thincell.solvers.linear import Linear

#: Omega c0, k0, the potential of the metal and the expected rate at the front.
OMEGA, RATE, METAL, SPEED = 5e-3, 0.1, -2.0, 0.12
#: c/c0 below which y is the logarithm.
SOFT = 1e-4
#: Charges of the ions; the second cation does not react.
CHARGES = (1, -1, 1)
#: Cells far from the front are this many times larger (graded meshes).
COARSER = 32


@dataclass(frozen=True)
class Deposit:
    """``kind``: "uniform" (16 x 16 um), "graded" (the same, refined at the front), "thin" (20 x 0.5 um).

    ``cells`` along the height; of a graded mesh, those that a uniform one as fine would have.
    """

    cells: int = 100
    kind: str = "uniform"
    cfl: float = 0.5
    ions: int = 2
    degree: int = 2
    native: int = 0

    @property
    def swapped(self) -> tuple[int, int] | None:
        """The anion follows from electroneutrality, which stands in the row of psi."""
        return None if self.ions == 2 else (1, 3)

    @property
    def height(self) -> float:
        return 0.5 if self.kind == "thin" else 16.0

    @property
    def thickness(self) -> float:
        return 1.5 * self.height / self.cells

    def far(self, x: Any) -> Any:
        """A mass transfer so fast, on the side far from the front, that it holds the electrolyte."""
        along = x[0] / 20.0 if self.kind == "thin" else x[1] / self.height
        return ufl.conditional(ufl.gt(along, 0.9999), 1e3, 0.0)

    def distance(self, x: Any) -> Any:
        """From the front, towards the liquid."""
        along, across, period, middle = (1, 0, 0.5, 3.0) if self.kind == "thin" else (0, 1, 8.0, 5.0)
        depth, k = period / 8, 2 * np.pi / period
        front = middle + depth * np.cos(k * x[along])
        return (x[across] - front) / np.sqrt(1 + (depth * k * np.sin(k * x[along])) ** 2)

    def mesh(self, comm: Any) -> mesh.Mesh:
        corners = [np.zeros(2), np.full(2, self.height)]
        if self.kind == "thin":
            along = _spaced(self.height / self.cells, 2.0, 4.5, 20.0)
            made = mesh.create_rectangle(comm, corners, [along.size - 1, self.cells])
            place = made.geometry.x[:, 0] * (along.size - 1) / self.height
            made.geometry.x[:, 0] = along[np.rint(place).astype(int)]
            return made
        if self.kind == "uniform":
            return mesh.create_rectangle(comm, corners, [self.cells] * 2)
        made = mesh.create_rectangle(comm, corners, [round(self.cells / COARSER)] * 2)
        size = made.comm.allreduce(made.h(2, np.arange(1)).max(), MPI.MAX) / np.sqrt(2)
        while size > 1.01 * self.height / self.cells:
            made.topology.create_entities(1)
            reach = 5 * self.thickness + 2 * size
            near = mesh.locate_entities(made, 2, lambda x, reach=reach: abs(self.distance(x)) < reach)
            edges = mesh.compute_incident_entities(made.topology, near, 2, 1)
            made = mesh.refine(made, edges)[0]
            size /= 2
        return made


def _spaced(step: float, first: float, last: float, end: float) -> NDArray[np.float64]:
    """Steps of one length from first to last, outside growing by a tenth up to COARSER times it."""
    parts = [np.arange(first, last, step)]
    for start, stop in ((first, 0.0), (parts[0][-1], end)):
        growth = np.minimum(1.1 ** np.minimum(np.arange(10_000), 99), COARSER)
        offsets = np.cumsum(step * growth)
        offsets = offsets[: np.searchsorted(offsets, abs(stop - start)) + 1]
        parts.append(start + np.sign(stop - start) * offsets * abs(stop - start) / offsets[-1])
    return np.sort(np.concatenate(parts))


class Step:
    """One implicit time step of a deposit: residual, Jacobian, and Newton's method around a solver."""

    def __init__(self, cell: Deposit, linear: Linear, comm: Any = MPI.COMM_WORLD) -> None:
        self.cell, self.linear, self.comm = cell, linear, comm
        domain = cell.mesh(comm)
        self.count = 3 if cell.ions == 2 else cell.ions + 2
        self.space = fem.functionspace(domain, ("Lagrange", 1, (self.count,)))
        self.w, self.old = (fem.Function(self.space) for _ in range(2))
        self.psi = fem.Function(fem.functionspace(domain, ("Lagrange", 1)))
        self.metal = fem.Constant(domain, METAL)
        self._variable = ufl.variable(self.metal)
        self._forms(domain)
        flags = ["-O3", "-march=native", "-ffast-math"] if cell.native else ["-O2"]
        options = {"cffi_extra_compile_args": flags, "timeout": 300}
        self.residual = fem.form(self.form, jit_options=options)
        self.jacobian = fem.form(ufl.derivative(self.form, self.w), jit_options=options)
        self._start()
        self.solver = linear.build(self.space)
        self.matrix: Any = self.solver.matrix(self.jacobian)
        self.b, self.x = (fem_petsc.create_vector(self.space) for _ in range(2))
        self.seconds = dict.fromkeys(("assembly", "setup", "solve"), 0.0)
        self.counts: list[int] = []

    def _forms(self, domain: mesh.Mesh) -> None:
        cell, last = self.cell, self.count - 1
        velocity, delta = OMEGA * SPEED, fem.Constant(domain, cell.thickness)
        dt = fem.Constant(domain, cell.cfl * cell.thickness / velocity)
        speed = fem.Constant(domain, velocity)
        mobility = fem.Constant(domain, 1.5 * velocity * cell.thickness)
        w, old, test = self.w, self.old, ufl.TestFunction(self.space)
        dx = ufl.dx(domain, metadata={"quadrature_degree": cell.degree})
        ds = ufl.ds(domain, metadata={"quadrature_degree": 2})
        n, xi = deposit.normal(self.psi, delta), w[last]
        q = deposit.Interface(delta).transport(xi)
        levels = self._levels()
        c = [SOFT * softplus(w[k] / SOFT) for k in range(len(levels))]
        past = [SOFT * softplus(old[k] / SOFT) for k in range(len(levels))]
        log = [np.log(SOFT) + log_softplus(w[k] / SOFT) for k in range(len(levels))]
        anion = min(1, len(levels) - 1)
        phi = w[last - 1] + log[anion]
        eta = self._variable - phi
        source = RATE * (exp(log[0] - eta / 2) - exp(eta / 2)) * deposit.area_density(xi, n)
        far = cell.far(ufl.SpatialCoordinate(domain))

        def balance(k: int, flux: Any, rate: Any, gain: Any) -> ufl.Form:
            return (rate - gain) * test[k] * dx - ufl.inner(flux, ufl.grad(test[k])) * dx

        fluxes = [-q * c[k] * ufl.grad(log[k] + z * phi) for k, z in enumerate(CHARGES[: len(c)])]
        rates = [((1 - xi) * c[k] - (1 - old[last]) * past[k]) / dt for k in range(len(c))]
        current = sum(z * flux for z, flux in zip(CHARGES, fluxes, strict=False))
        if len(c) == 1:
            current -= q * c[0] * ufl.grad(w[1])
        form = balance(1, current, 0.0, -source) + far * (w[last - 1] - self._far()) * test[1] * ds
        for k, level in enumerate(levels):
            if k != 1:
                form += balance(k, fluxes[k], rates[k], -source if k == 0 else 0.0)
                form += far * (c[k] - level) * test[k] * ds
        if len(c) > 1:
            form += sum(z * value for z, value in zip(CHARGES, c, strict=True)) * test[last - 1] * dx
        profile = deposit.profile_flux(xi, n, mobility, speed, delta)
        self.form = form + balance(last, profile / OMEGA, (xi - old[last]) / dt / OMEGA, source)
        slope = ufl.diff(source, self._variable)
        self.slopes = slope * (test[0] + test[1] - test[last]) * dx, -slope * dx
        self.current = -source * dx

    def system(self) -> BorderedSystem:
        """The same step with the potential of the metal unknown; before it, call ``begin``."""
        return BorderedSystem(
            self.form, self.w, self.metal, self.current, self.slopes, linear=self.linear
        )

    def _levels(self) -> list[float]:
        """Concentrations of the unknowns y far from the front."""
        return [1.0] if self.cell.ions == 2 else [1.0, 2.0, 1.0]

    def _far(self) -> float:
        """psi where phi = 0."""
        return 0.0 if self.cell.ions == 2 else -float(np.log(2.0))

    def _start(self) -> None:
        delta, table = self.cell.thickness, self.w.x.array.reshape(-1, self.count)
        points = self.space.tabulate_dof_coordinates().T
        table[:, -1] = 0.5 * (1 - np.tanh(self.cell.distance(points) / (2 * delta)))
        for k, level in enumerate(self._levels()):
            table[:, k] = level
        table[:, -2] = self._far()

    def begin(self) -> None:
        """The present state becomes that before the step."""
        self.old.x.array[:] = self.w.x.array
        xi = np.clip(self.w.x.array.reshape(-1, self.count)[:, -1], 1e-6, 1 - 1e-6)
        self.psi.x.array[:] = self.cell.thickness * np.log(xi / (1 - xi))

    def advance(self) -> int:
        """One time step; Newton iterations."""
        self.begin()
        first, iteration = 0.0, 0
        while True:
            with self.b.localForm() as local:
                local.set(0.0)
            fem_petsc.assemble_vector(self.b, self.residual)
            self.b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
            size: Any = self.b.norm()
            first = first or size
            if size <= 1e-8 * first or not np.isfinite(size) or iteration == 20:
                return iteration
            self._solve()
            array = self.w.x.array
            array[: self.x.getLocalSize()] -= self.x.getArray(readonly=True)
            self.w.x.scatter_forward()
            iteration += 1

    def _solve(self) -> None:
        marks = [time.process_time()]
        self.matrix.zeroEntries()
        fem_petsc.assemble_matrix(self.matrix, self.jacobian)
        self.matrix.assemble()
        marks.append(time.process_time())
        self.solver.set_operators(self.matrix)
        marks.append(time.process_time())
        before = self.solver.iterations
        self.solver.solve(self.b, self.x, 1e-5)
        self.counts.append(self.solver.iterations - before)
        marks.append(time.process_time())
        for name, spent in zip(self.seconds, np.diff(marks), strict=True):
            self.seconds[name] += float(spent)
