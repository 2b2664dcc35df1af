"""The derivatives of a bordered system at a state, for those who solve with them by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from thincell.solvers.floating import Coupling


@dataclass(frozen=True)
class Slopes:
    """Derivatives of a bordered system at its present state; vectors hold this rank's unknowns.

    ``by_state`` is dF/dw as (row starts, global columns, values), ``by_potential`` dF/dE,
    ``current_by_state`` dI/dw, ``current_by_potential`` dI/dE, ``reference_by_state`` dR/dw.
    Potentials of floating bodies count as unknowns w, their net currents as rows of F: behind those
    of rank 0.
    """

    by_state: tuple[np.ndarray, np.ndarray, np.ndarray]
    by_potential: np.ndarray
    current_by_state: np.ndarray
    current_by_potential: float
    reference_by_state: np.ndarray


def with_bodies(slopes: Slopes, coupling: Coupling, comm: Any) -> Slopes:
    """Slopes in which the floating bodies have joined the unknowns. Collective."""
    bodies = len(coupling.rows)
    first = int(comm.bcast(slopes.by_potential.size, root=0))  # number of the first body
    starts, columns, values = slopes.by_state
    size = len(starts) - 1
    of_row = np.repeat(np.arange(size), np.diff(starts))
    columns = columns + np.where(columns >= first, bodies, 0).astype(columns.dtype)
    more = np.arange(first, first + bodies)
    of_row = np.concatenate([of_row, np.repeat(np.arange(size), bodies)])
    columns = np.concatenate([columns, np.tile(more, size).astype(columns.dtype)])
    values = np.concatenate([values, np.column_stack(coupling.columns).ravel()])
    parts = comm.gather(np.stack(coupling.rows), root=0)
    extra = bodies if comm.rank == 0 else 0
    if parts is not None:
        dense = np.hstack([parts[0], coupling.by_bodies, *parts[1:]])
        of_row = np.concatenate([of_row, np.repeat(size + np.arange(bodies), dense.shape[1])])
        wide = np.tile(np.arange(dense.shape[1]), bodies).astype(columns.dtype)
        columns, values = np.concatenate([columns, wide]), np.concatenate([values, dense.ravel()])
    order = np.lexsort((columns, of_row))
    counts = np.bincount(of_row, minlength=size + extra)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(starts.dtype)
    return Slopes(
        (starts, columns[order], values[order]),
        np.concatenate([slopes.by_potential, coupling.by_potential[:extra]]),
        np.concatenate([slopes.current_by_state, coupling.delivered[:extra]]),
        slopes.current_by_potential,
        np.concatenate([slopes.reference_by_state, np.zeros(extra)]),
    )
