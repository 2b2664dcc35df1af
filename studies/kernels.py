"""The cache of compiled kernels: no process waits for one that another left half made.

DOLFINx marks a kernel as being compiled by its `.c` file and as ready by `.c.cached`. A process that is
killed between the two leaves a mark for which all later ones wait in vain. So thincell's processes share
a cache of their own, apart from that of other DOLFINx programs, and each holds a shared lock on it: who
gets it alone knows that nobody compiles there, and removes such marks. Where the file system knows no
locks, others are at work, or the user's settings of DOLFINx name a cache, only old marks go.

A process that sleeps while it compiles may find its kernel ready when it goes on; it fails, and takes the
`.c` file away. What says "ready" is then alone, and would make every later compilation fail: it goes too.
"""

from __future__ import annotations

import fcntl
import functools
import os
import time
from collections.abc import Sequence
from pathlib import Path

from mpi4py import MPI

from thincell.studies.case import Case

#: Seconds after which a kernel that is not ready never will be; one takes 1 to 20 s.
HOPELESS = 180

#: Held until the process ends.
_held: list[int] = []


def claim(comm: MPI.Intracomm) -> None:
    """Clear the cache of half-made kernels, and wait long enough for those of others. Once a process."""
    if _held:
        return
    cache, ours = choose()
    _held.append(tidy(cache, ours=ours) if comm.rank == 0 else -1)


@functools.cache
def choose() -> tuple[Path, bool]:
    """Have kernels made in thincell's cache; the folder, and whether it is ours or the user's choice."""
    from dolfinx import jit

    default = jit.DOLFINX_DEFAULT_JIT_OPTIONS
    own = Path(default["cache_dir"][0]) / "thincell"
    default["cache_dir"] = (own, default["cache_dir"][1])
    default["timeout"] = (HOPELESS + 20, default["timeout"][1])
    used = Path(jit.get_options()["cache_dir"])
    return used, used == own


def tidy(cache: Path, *, ours: bool = True) -> int:
    """Remove half-made kernels; the descriptor of the shared lock, -1 when there is none.

    In a cache that is not `ours`, others may compile without the lock: only old marks go.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = os.open(cache / ".thincell.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        return -1
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        age = 0.0 if ours else HOPELESS
    except OSError:
        age = HOPELESS
    for path in cache.glob("*.c"):
        _remove_half_made(path, age)
    for path in cache.glob("*.c.cached"):
        _remove_orphan(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
    except OSError:
        os.close(lock)
        return -1
    return lock


def _remove_half_made(path: Path, age: float) -> None:
    try:
        if not path.with_suffix(".c.cached").exists() and time.time() - path.stat().st_mtime >= age:
            path.unlink()
    except OSError:  # gone already, or not ours
        return


def _remove_orphan(path: Path) -> None:
    """DOLFINx writes the `.c` file first: a "ready" without one is nobody's."""
    try:
        if not path.with_suffix("").exists():
            path.unlink()
    except OSError:  # gone already, or not ours
        return


def warm(cases: Sequence[Case], comm: MPI.Intracomm = MPI.COMM_WORLD) -> int:
    """Compile the kernels of cases, once for each skeleton; how many skeletons. Collective."""
    from thincell.studies.observe import Observer
    from thincell.studies.problem import Problem

    claim(comm)
    distinct = {case.skeleton(): case for case in cases}
    for case in distinct.values():
        observer = Observer(Problem(case, comm))
        observer.profiles()
        observer.maps()
    return len(distinct)
