"""What a command says, and on which ranks: rank 0 speaks, all ranks end alike.

MPI is loaded only when a launcher started this process or something else has loaded it: light commands
do without.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from thincell.studies.schema.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console


def mpi() -> Any:
    """MPI if it runs or a launcher started this process, else None."""
    launched = any(key.startswith(("PMI_", "PMIX_", "OMPI_COMM_")) for key in os.environ)
    if "mpi4py.MPI" in sys.modules or launched:
        from mpi4py import MPI

        return MPI
    return None


def rank() -> int:
    """This process among those that were started together."""
    world = mpi()
    return int(world.COMM_WORLD.rank) if world else 0


def on_root[T](work: Callable[[], T]) -> T | None:
    """Result of ``work`` on rank 0, None elsewhere; its exception everywhere."""
    world = mpi()
    if world is None or world.COMM_WORLD.size == 1:
        return work()
    from thincell.studies.parallel import on_root as on_root_of

    return on_root_of(world.COMM_WORLD, work)


def same(code: int) -> int:
    """Rank 0's exit code on every rank."""
    world = mpi()
    return int(world.COMM_WORLD.bcast(code, root=0)) if world else code


def abort_others(code: int) -> None:
    """End all ranks when this one alone cannot go on."""
    world = mpi()
    if world is not None and world.COMM_WORLD.size > 1:
        sys.stderr.flush()
        if world.COMM_WORLD.rank > 0:
            time.sleep(1.0)  # rank 0 speaks first, if it fails as well
        world.COMM_WORLD.Abort(code)


def console() -> Console:
    """The terminal, or the log."""
    from rich.console import Console

    return Console()


def say(text: str | None) -> None:
    """One line or more on stdout, from rank 0."""
    if text is not None and rank() == 0:
        sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """One line per mistake on stderr, from rank 0."""
    if rank() == 0:
        for line in text.splitlines():
            sys.stderr.write(f"error: {one_line(line)}\n")
        sys.stderr.flush()
