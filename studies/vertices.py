"""Values at the vertices of a mesh, in the order of the plane mesh that it was made of."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Vertices:
    """Gathers unknowns of a space of linear elements on rank 0, and deals them out."""

    def __init__(self, space: fem.FunctionSpace) -> None:
        domain = space.mesh
        self.comm: MPI.Intracomm = domain.comm
        self.block = int(space.dofmap.index_map_bs)
        self._nodes = domain.geometry.dofmaps[0].ravel()
        self._unknowns = space.dofmap.list.ravel()
        self._original = np.asarray(domain.geometry.input_global_indices)
        self._parts = self.comm.gather(self._original, root=0)
        self._size = space.dofmap.index_map.size_local + space.dofmap.index_map.num_ghosts

    def gather(self, values: Array) -> Array | None:
        """Unknowns of this rank, ghosts included, as (vertices, block) on rank 0; None elsewhere."""
        mine = np.zeros((len(self._original), self.block))
        mine[self._nodes] = values.reshape(-1, self.block)[self._unknowns]
        parts = self.comm.gather(mine, root=0)
        if parts is None or self._parts is None:
            return None
        whole = np.empty((max(int(p.max(initial=-1)) for p in self._parts) + 1, self.block))
        for original, local in zip(self._parts, parts, strict=True):
            whole[original] = local
        return whole

    def scatter(self, whole: Array | None) -> Array:
        """The reverse: unknowns of this rank, ghosts included, of what rank 0 holds."""
        parts = None
        if whole is not None and self._parts is not None:
            parts = [np.ascontiguousarray(whole[original]) for original in self._parts]
        mine = self.comm.scatter(parts, root=0)
        values = np.zeros((self._size, self.block))
        values[self._unknowns] = mine[self._nodes]
        return values.ravel()
