r"""Pieces of metal without contact to the electrode: each has a potential of its own and no net current.

In the forms of the caller the potential of the metal at a point is

    E (1 - \sum_k \chi_k) + \sum_k \chi_k E_k

with the indicators chi_k of the bodies, nodal functions of one scalar space. The potential E_k of body
k is fixed by

    I_k(w; E, E_1, ...) = 0,  I_k = \int \chi_k j

the current that it gives off. The forms hold the two sums only, whatever the number of bodies.
Since I_k is linear in chi_k, one assembly with the test functions in its place gives the current of
every node, and sums of it those of all bodies; likewise for derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from numpy.typing import NDArray
from ufl.algorithms import expand_derivatives

from thincell.solvers.forms import assembled

Array = NDArray[np.float64]

#: Largest net current of a body, relative to its gross current.
NET = 1e-6

#: Error (RT/F) of a body's potential that is always good enough: the gross current may be rounding.
SMALLEST = 1e-12

#: dI_k/dE_k relative to the scale of currents below which a body keeps its potential.
NEGLIGIBLE = 1e-14


@dataclass
class FloatingBodies:
    r"""The floating bodies at present: none at first.

    ``potentials`` is \sum_k \chi_k E_k and ``floating`` \sum_k \chi_k, which the caller's forms
    contain; ``current`` is the net current I_k of a body whose indicator is ``indicator``, in which
    it is linear. All three are of one nodal scalar space (P1 or DG0). ``net`` and ``gross`` hold the
    currents of the bodies at the last evaluation, gross being the sum over their nodes without sign.
    """

    potentials: fem.Function
    floating: fem.Function
    indicator: fem.Function
    current: ufl.Form
    labels: NDArray[np.int32] = field(init=False)
    values: Array = field(init=False)
    net: Array = field(init=False)
    gross: Array = field(init=False)

    def __post_init__(self) -> None:
        self.set_bodies(np.zeros(self.potentials.x.array.size, dtype=np.int32), [])

    @property
    def count(self) -> int:
        """How many bodies there are."""
        return len(self.values)

    def set_bodies(self, labels: np.ndarray, potentials: Sequence[float] | Array) -> None:
        """New bodies: at each local node, ghosts included, the number of its body from 1, or 0.

        ``potentials`` are first guesses of E_1, E_2, ..., the same on every rank.
        """
        labels = np.asarray(labels, dtype=np.int32)
        if labels.shape != self.potentials.x.array.shape:
            raise ValueError(f"{labels.size} labels for {self.potentials.x.array.size} nodes")
        if labels.size and (labels.min() < 0 or labels.max() > len(potentials)):
            raise ValueError(f"labels must lie between 0 and {len(potentials)}, the number of bodies")
        self.labels = labels.copy()
        self.floating.x.array[:] = labels > 0
        self.net, self.gross = np.zeros(len(potentials)), np.zeros(len(potentials))
        self.put(potentials)

    def put(self, potentials: Sequence[float] | Array) -> None:
        """Potentials of the same bodies."""
        self.values = np.array(potentials, dtype=float)
        self.potentials.x.array[:] = np.concatenate([[0.0], self.values])[self.labels]


@dataclass(frozen=True)
class Coupling:
    """Derivatives of and by the bodies: lists and first indices run over the bodies.

    ``columns`` dF/dE_k, ``rows`` dI_k/dw, ``by_potential`` dI_k/dE, ``by_bodies`` dI_k/dE_l,
    ``delivered`` dI/dE_k of the current of the electrode.
    """

    columns: list[Array]
    rows: list[Array]
    by_potential: Array
    by_bodies: Array
    delivered: Array

    def around(self, corner: float, by_current: float) -> Array:
        """The corner with the electrode's scalar first; ``by_current`` is dg/dI of its equation."""
        first = by_current * self.delivered[None, :]
        return np.block([[np.array([[corner]]), first], [self.by_potential[:, None], self.by_bodies]])


class Islands:
    """The rows and columns of floating bodies in a bordered system."""

    def __init__(
        self, bodies: FloatingBodies, residual: ufl.Form, state: fem.Function, current: ufl.Form
    ) -> None:
        space, fields = bodies.indicator.function_space, state.function_space
        self.bodies, self.comm = bodies, space.mesh.comm
        test, trial = ufl.TestFunction(space), ufl.TrialFunction(space)
        net = ufl.replace(bodies.current, {bodies.indicator: test})
        self._net = fem.form(net)
        self._forms = [
            fem.form(ufl.derivative(residual, bodies.potentials, trial)),
            fem.form(ufl.derivative(net, state, ufl.TrialFunction(fields))),
            fem.form(ufl.derivative(net, bodies.potentials, trial)),
        ]
        delivered = expand_derivatives(ufl.derivative(current, bodies.potentials, test))
        self._delivered = None if delivered.empty() else fem.form(delivered)
        self._nodes = space.dofmap.index_map.size_local
        self._fields = fields.dofmap.index_map.size_local * fields.dofmap.index_map_bs
        self._work, self._product = (fem_petsc.create_vector(space) for _ in range(2))
        self._of_fields = fem_petsc.create_vector(fields)
        self._matrices: list[Any] = []
        self.held = np.zeros(0, dtype=bool)
        self.weights = self._kept = np.zeros(0)

    # -- equations ------------------------------------------------------------------------------------

    def begin(self, scale: float) -> None:
        """Weights of the rows for one solve, and which bodies keep their potential in it.

        A row is worth as much as that of the electrode, ``scale``: relative to its gross current, or
        to its slope where that is more, the body being close to equilibrium.
        """
        self.measure()
        slopes = np.abs(np.diag(self._corner()[:, 1:]))
        self.held = slopes <= NEGLIGIBLE * scale
        with np.errstate(over="ignore", invalid="ignore"):
            worth = np.maximum(self.bodies.gross, slopes)
            self.weights = scale / np.where(self.held, 1.0, worth)
        self._slopes, self._kept = slopes, self.bodies.values.copy()

    def measure(self) -> None:
        """Net and gross currents at the present state."""
        nodes = assembled(self._net, self._work, self._nodes)
        both = self._sums(np.stack([nodes, np.abs(nodes)]))
        self.bodies.net, self.bodies.gross = both[0], both[1]

    def residual(self) -> Array:
        """The rows of the bodies at the present state."""
        self.measure()
        kept = self.bodies.values - self._kept
        with np.errstate(over="ignore", invalid="ignore"):
            return self.weights * np.where(self.held, kept, self.bodies.net)

    def balanced(self) -> bool:
        """Whether the net currents are small at the last evaluation."""
        enough = np.maximum(NET * self.bodies.gross, SMALLEST * self._slopes)
        return bool(np.all(self.held | (np.abs(self.bodies.net) <= enough)))

    # -- derivatives ----------------------------------------------------------------------------------

    def coupling(self, weights: Array | None = None) -> Coupling:
        """Derivatives with rows of these weights, 1 by default; bodies that kept their potential do."""
        if self.held.size != self.bodies.count:
            self.held = np.zeros(self.bodies.count, dtype=bool)
        weights = np.ones(self.bodies.count) if weights is None else weights
        columns_matrix, rows_matrix = (self._assembled(k) for k in (0, 1))
        columns, rows = [], []
        for k, weight in enumerate(np.where(self.held, 0.0, weights)):
            self._work.getArray()[: self._nodes] = self._owned_labels() == k + 1
            columns_matrix.mult(self._work, self._of_fields)
            columns.append(np.array(self._of_fields.getArray(readonly=True)[: self._fields]))
            rows_matrix.multTranspose(self._work, self._of_fields)
            rows.append(weight * self._of_fields.getArray(readonly=True)[: self._fields])
        corner = weights[:, None] * self._corner()
        corner[self.held] = 0.0
        corner[self.held, 1 + np.flatnonzero(self.held)] = weights[self.held]
        delivered = np.zeros(self.bodies.count)
        if self._delivered is not None:
            nodes = assembled(self._delivered, self._work, self._nodes)
            delivered = self._sums(nodes[None, :])[0]
        return Coupling(columns, rows, corner[:, 0], corner[:, 1:], delivered)

    def _corner(self) -> Array:
        """dI_k/dE, then dI_k/dE_l."""
        matrix, labels = self._assembled(2), self._owned_labels()
        products = []
        for k in range(self.bodies.count + 1):  # the rest of the metal is the electrode's
            self._work.getArray()[: self._nodes] = labels == k
            matrix.mult(self._work, self._product)
            products.append(np.array(self._product.getArray(readonly=True)[: self._nodes]))
        return self._sums(np.stack(products)).T

    def _assembled(self, which: int) -> Any:
        if not self._matrices:
            self._matrices = [fem_petsc.create_matrix(form) for form in self._forms]
        matrix = self._matrices[which]
        matrix.zeroEntries()
        fem_petsc.assemble_matrix(matrix, self._forms[which])
        matrix.assemble()
        return matrix

    def _owned_labels(self) -> NDArray[np.int32]:
        return self.bodies.labels[: self._nodes]

    def _sums(self, nodes: Array) -> Array:
        """Sums of rows of nodal values over the nodes of each body."""
        labels, size = self._owned_labels(), self.bodies.count + 1
        local = np.stack([np.bincount(labels, row, size)[1:] for row in nodes])
        return np.asarray(self.comm.allreduce(local, MPI.SUM))

    def release(self) -> None:
        """Free the PETSc objects, in the same order on every rank."""
        for thing in (self._work, self._product, self._of_fields, *self._matrices):
            thing.destroy()
