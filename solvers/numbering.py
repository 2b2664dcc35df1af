"""A numbering of a space's unknowns that does not depend on how the mesh is dealt out to ranks.

Unknowns are counted in the order in which the cells of the input mesh, in their original order, name
them first. Cells keep their vertices' order when a mesh is distributed, and DOLFINx orders the unknowns
of a cell by its vertices alone: two distributions of one mesh give the same numbers. A field written in
this order on n ranks is therefore read back, bit for bit, on m.
"""

from __future__ import annotations

from typing import Any

from mpi4py import MPI

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Numbering:
    """Gathers fields of a space on rank 0 in the partition-independent order, and deals them out."""

    def __init__(self, space: fem.FunctionSpace) -> None:
        self.comm: MPI.Intracomm = space.mesh.comm
        dofmap = space.dofmap
        self.block = int(dofmap.index_map_bs)
        self.local = int(dofmap.index_map.size_local)
        self._ghosted = fem.Function(space)
        cells = space.mesh.topology.index_map(space.mesh.topology.dim).size_local
        named = dofmap.list[:cells]
        numbers = dofmap.index_map.local_to_global(named.ravel().astype(np.int32))
        parts = self.comm.gather(
            (space.mesh.topology.original_cell_index[:cells], numbers.reshape(named.shape)), root=0
        )
        self._sizes = self.comm.gather(self.local, root=0)
        self._order = _first_named(parts) if parts is not None else None

    def gather(self, values: Array) -> Array | None:
        """Owned (and ghost) values of all ranks as an array (unknowns, block) on rank 0, else None."""
        parts = self.comm.gather(values[: self.local * self.block].reshape(-1, self.block), root=0)
        if parts is None:
            return None
        return np.asarray(np.concatenate(parts)[self._order])

    def scatter(self, values: Array | None) -> Array:
        """The reverse: this rank's owned and ghost values of an array that rank 0 holds."""
        parts: list[Any] | None = None
        if self._order is not None and self._sizes is not None:
            assert values is not None
            whole = np.empty_like(values)
            whole[self._order] = values
            parts = np.split(whole, np.cumsum(self._sizes)[:-1])
        mine = self.comm.scatter(parts, root=0)
        self._ghosted.x.array[: self.local * self.block] = mine.ravel()
        self._ghosted.x.scatter_forward()
        return np.array(self._ghosted.x.array)


def _first_named(parts: list[tuple[NDArray[Any], NDArray[Any]]]) -> NDArray[np.int64]:
    """Global numbers in the order in which the original cells name them first."""
    cells = np.concatenate([original for original, _ in parts])
    numbers = np.concatenate([named for _, named in parts])[np.argsort(cells)]
    found, first = np.unique(numbers.ravel(), return_index=True)
    return np.asarray(found[np.argsort(first)])
