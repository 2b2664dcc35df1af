"""The unknowns of a bordered system: fields, then on rank 0 the potentials, as one vector."""

from __future__ import annotations

from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from thincell.solvers.elimination import scalars
from thincell.solvers.floating import FloatingBodies

Array = NDArray[np.float64]


class Unknowns:
    """Fields, potential of the electrode and of floating bodies, some unknowns being constrained.

    ``fixed`` unknowns keep a value, or those that a function holds; those ``on_metal`` equal E.
    """

    def __init__(
        self,
        state: fem.Function,
        potential: fem.Constant,
        bodies: FloatingBodies | None,
        fixed: tuple[np.ndarray, float | fem.Function] | None,
        on_metal: np.ndarray | None,
    ) -> None:
        space = state.function_space
        self.comm: Any = space.mesh.comm
        self.owned = space.dofmap.index_map.size_local * space.dofmap.index_map_bs
        self._state, self._potential, self._bodies = state, potential, bodies
        self._value = fixed[1] if fixed is not None else 0.0
        self.fixed = self.own(fixed[0] if fixed is not None else None)
        self.on_metal = self.own(on_metal)
        self.rows = np.concatenate([self.fixed, self.on_metal])
        self._constrained = self.comm.allreduce(self.rows.size, MPI.SUM) > 0

    def own(self, dofs: np.ndarray | None) -> np.ndarray:
        """Those that this rank owns."""
        dofs = np.asarray([] if dofs is None else dofs, dtype=np.int32)
        return dofs[dofs < self.owned]

    @property
    def bodies(self) -> int:
        """How many bodies float."""
        return self._bodies.count if self._bodies is not None else 0

    @property
    def size(self) -> int:
        """Entries of the vector on this rank."""
        return self.owned + (1 + self.bodies if self.comm.rank == 0 else 0)

    def pack(self, x: PETSc.Vec) -> None:
        """Write them into a vector."""
        array = x.getArray()
        array[: self.owned] = self._state.x.array[: self.owned]
        if self.comm.rank == 0:
            array[self.owned] = float(self._potential.value)
            if self._bodies is not None:
                array[self.owned + 1 :] = self._bodies.values

    def unpack(self, x: PETSc.Vec) -> None:
        """Take them from a vector."""
        self._state.x.array[: self.owned] = x.getArray(readonly=True)[: self.owned]
        self._state.x.scatter_forward()
        values = scalars(self.comm, x, self.owned)
        self._potential.value = float(values[0])
        if self._bodies is not None:
            self._bodies.put(values[1:])

    def largest(self) -> float:
        """Largest magnitude of a field."""
        owned = self._state.x.array[: self.owned]
        local = float(np.abs(owned).max()) if owned.size else 0.0
        return float(self.comm.allreduce(local, MPI.MAX))

    # -- constraints ----------------------------------------------------------------------------------

    def constrain(self, residual: Array) -> None:
        """Put the constraints in place of their rows of the residual."""
        w, kept = self._state.x.array, self._value
        target = kept.x.array[self.fixed] if isinstance(kept, fem.Function) else kept
        residual[self.fixed] = w[self.fixed] - target
        residual[self.on_metal] = w[self.on_metal] - self._potential.value

    def constrain_matrix(self, matrix: Any) -> None:
        """And in place of those of the matrix."""
        if self._constrained:
            matrix.zeroRowsLocal(self.rows, diag=1.0)

    def constrain_columns(self, columns: list[Array]) -> None:
        """And of the columns of derivatives by the potentials, E first."""
        for column in columns:
            column[self.rows] = 0.0
        columns[0][self.on_metal] = -1.0
