"""Rank 0 does what is serial; an error there is raised on every rank, so that none waits forever."""

from __future__ import annotations

from collections.abc import Callable

from mpi4py import MPI


def on_root[T](comm: MPI.Intracomm, work: Callable[[], T]) -> T | None:
    """Result of ``work`` on rank 0, None elsewhere; an exception of rank 0 is raised everywhere."""
    result: T | None = None
    failure: BaseException | None = None
    if comm.rank == 0:
        try:
            result = work()
        except Exception as error:  # re-raised below, on every rank
            failure = error
    failure = comm.bcast(failure, root=0)
    if failure is not None:
        raise failure
    return result
