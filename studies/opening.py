"""Opening a run's folder: new, replaced, or resumed; held by one process at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpi4py import MPI

from thincell.studies import checkpoint, output
from thincell.studies.case import Case, InputError, differences
from thincell.studies.checkpoint import Snapshot
from thincell.studies.lock import Lock
from thincell.studies.parallel import on_root
from thincell.studies.results import AuditFailed


@dataclass(frozen=True)
class Opened:
    """A run's folder: finished, or to be begun, or to be gone on with from a snapshot.

    The snapshot's memory is there on every rank, its arrays on rank 0.
    """

    folder: Path
    finished: bool = False
    number: int = 0
    snapshot: Snapshot | None = None
    warnings: tuple[str, ...] = ()


@contextmanager
def opened(
    case: Case, folder: Path, comm: MPI.Intracomm, force: bool = False, resume: bool = False
) -> Iterator[Opened]:
    """The folder for as long as the run works in it. Collective.

    Raises InputError (a folder that cannot be used, another case, damaged checkpoints) or InUse.
    """
    lock = Lock(folder)

    def work() -> Opened:
        output.prepare(folder, force, resume=resume)
        lock.take()
        if resume:
            return _resumed(case, folder)
        output.clear(folder)
        return Opened(folder)

    try:
        yield _shared(on_root(comm, work), comm)
    finally:
        lock.give_back()


def _resumed(case: Case, folder: Path) -> Opened:
    state = _state(folder)
    if state is None:  # nothing, or a run that was killed before it had a manifest
        output.clear(folder)
        return Opened(folder)
    _refuse_another(case, folder)
    if state["state"] == "audit failed":
        raise AuditFailed(f"{state['message']}; this run is over: --force begins it again")
    if state["state"] == "finished":
        checkpoint.discard(folder)
        return Opened(folder, finished=True)
    number, snapshot, warnings = checkpoint.latest(folder)
    checkpoint.tidy(folder, 0 if snapshot is None else len(snapshot.memory["outputs"]))
    return Opened(folder, number=number, snapshot=snapshot, warnings=tuple(warnings))


def _state(folder: Path) -> dict[str, Any] | None:
    path = folder / output.MANIFEST
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"state": str(found["state"]), "message": str(found["message"])}
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InputError(f"--resume: {str(path)!r} cannot be read ({error}); use --force") from None


def _refuse_another(case: Case, folder: Path) -> None:
    """InputError when the folder's run is of another case."""
    begun = Case.load(folder / "case.toml")
    changed = differences(begun.identity(), case.identity())
    if not changed:
        return
    shown = ", ".join(changed[:10]) + (f" and {len(changed) - 10} more" if len(changed) > 10 else "")
    raise InputError(
        f"--resume: the run in {str(folder)!r} is of another case: it differs in {shown}; resume it with"
        " its own case.toml, name another folder, or replace it with --force"
    )


def _shared(mine: Opened | None, comm: MPI.Intracomm) -> Opened:
    """Rank 0's findings on every rank, but for the arrays."""
    plain = None
    if mine is not None:
        memory = None if mine.snapshot is None else mine.snapshot.memory
        plain = (mine.folder, mine.finished, mine.number, memory, mine.warnings)
    folder, finished, number, memory, warnings = comm.bcast(plain, root=0)
    if mine is not None:
        return mine
    snapshot = None if memory is None else Snapshot(memory, {})
    return Opened(folder, finished, number, snapshot, warnings)
