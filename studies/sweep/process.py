"""Processes of a point: started in a clean environment, watched, and ended in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from thincell.studies.exits import (
    AUDIT,
    BAD_INPUT,
    CANNOT_WRITE,
    FAILED,
    GOOD,
    IN_USE,
    INTERRUPTED,
    STOPPED,
)
from thincell.studies.launchers import without_traces

#: What coreutils' `timeout` says when the time is up.
TIMED_OUT = 124

#: Ended by SIGTERM before it could answer, as told by the system, by shells and launchers, by PETSc.
ENDED = (-signal.SIGTERM, 128 + signal.SIGTERM, signal.SIGTERM)

#: Codes that stand, whatever else has happened.
FINAL = (GOOD, BAD_INPUT, FAILED, AUDIT, IN_USE, CANNOT_WRITE)

#: How often it is asked whether to stop [s].
PERIOD = 0.5

#: Time for a run to write its checkpoint before it is ended by force [s].
GRACE = 60.0


def environment(launcher: Sequence[str] = ()) -> dict[str, str]:
    """The environment of a run: this Python's mpiexec first, one thread, no traces of a launcher.

    srun needs those of Slurm. Any other launcher has to start its ranks here, on this node, whatever
    else belongs to the job.
    """
    by_slurm = bool(launcher) and Path(launcher[0]).name == "srun"
    kept = without_traces(os.environ, ("SLURM_",) if by_slurm else ())
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return {**kept, "PATH": path, "OMP_NUM_THREADS": "1"}


def run(
    launcher: Sequence[str],
    command: Sequence[str],
    log: Path,
    stop: Callable[[], bool],
    limit: float | None = None,
) -> tuple[int, str]:
    """Run a command, its output appended to a file: exit code, and what it said.

    A request to stop, and the end of the time limit [s], reach it as SIGTERM; mpiexec and srun hand
    that on to every rank. The code is then TIMED_OUT, or STOPPED unless it was done all the same.
    """
    with log.open("a+b") as stream:
        begin = stream.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            [*launcher, *command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=environment(launcher),
        )
        code = _watch(process, stop, limit)
        stream.seek(begin)
        return code, stream.read().decode("utf-8", "replace")


def _watch(process: subprocess.Popen[bytes], stop: Callable[[], bool], limit: float | None) -> int:
    deadline = time.monotonic() + limit if limit is not None else float("inf")
    while not stop():
        left = deadline - time.monotonic()
        if left <= 0.0:
            return GOOD if _end(process) == GOOD else TIMED_OUT
        with suppress(subprocess.TimeoutExpired):
            code = process.wait(min(PERIOD, left))
            stopped = code in (*ENDED, INTERRUPTED) or (code not in FINAL and stop())
            return STOPPED if stopped else code
    return GOOD if _end(process) == GOOD else STOPPED


def _end(process: subprocess.Popen[bytes]) -> int:
    """End a process, by force if it takes too long to write its checkpoint; its exit code."""
    process.terminate()
    try:
        return process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
