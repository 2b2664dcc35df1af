"""A process of its own that runs cases, one after the other: `python -m thincell.studies.worker`.

It reads one JSON line per case from its input, {"case": FILE, "out": FOLDER, "resume": BOOL}, and
answers each with one JSON line, {"state": STATE, "message": TEXT}, where the state is "finished",
"failed", "audit failed" or "error". It ends when its input does. Whatever else is printed goes to the
error stream.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Processes that run members side by side.
PROCESSES = 2


@dataclass(frozen=True)
class Task:
    """A resolved case file, and the folder for its run: to be replaced, or gone on with."""

    case: Path
    out: Path
    label: str = ""
    resume: bool = False


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not come between the answers
    for line in sys.stdin:
        order = json.loads(line)
        task = Task(Path(order["case"]), Path(order["out"]), resume=order["resume"])
        answers.write(json.dumps(run_task(task)) + "\n")
        answers.flush()


def run_task(task: Task, comm: Any = None) -> dict[str, str]:
    """Run a case into a folder; what became of it. Collective when a communicator is given."""
    from mpi4py import MPI

    from thincell.studies.case import Case, InputError
    from thincell.studies.lock import InUse
    from thincell.studies.output import WriteError
    from thincell.studies.run import AuditFailed, RunFailed, run

    comm, resume = comm or MPI.COMM_WORLD, task.resume
    try:
        run(Case.load(task.case), task.out, comm=comm, force=not resume, resume=resume)
    except RunFailed as error:
        return {"state": "failed", "message": str(error)}
    except AuditFailed as error:
        return {"state": "audit failed", "message": str(error)}
    except (InputError, InUse, WriteError) as error:
        return {"state": "error", "message": str(error)}
    return {"state": "finished", "message": ""}


def alone() -> bool:
    """Whether further processes may start MPI: not below mpiexec or srun."""
    marks = ("PMI_", "PMIX_", "OMPI_", "HYDRA_", "MPI_LOCAL")
    return not any(name.startswith(marks) for name in os.environ)


def run_tasks(
    tasks: Sequence[Task], processes: int, done: Callable[[Task], None]
) -> list[dict[str, str]]:
    """Run tasks in several processes; their answers in the order of the tasks.

    A process that dies costs its task only: that one is answered with the state "error".
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(tasks)):
        waiting.put(number)
    answers: list[dict[str, str]] = [{} for _ in tasks]
    started: list[subprocess.Popen[str]] = []

    def serve() -> None:
        process: subprocess.Popen[str] | None = None
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                break
            if process is None:
                process = _start()
                started.append(process)
            answers[number] = _ask(process, tasks[number])
            if process.poll() is not None:
                process = None
            done(tasks[number])
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait()

    threads = [threading.Thread(target=serve, daemon=True) for _ in range(processes)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
    return answers


def run_all(
    tasks: Sequence[Task], comm: Any, progress: Any, first: Sequence[int]
) -> list[dict[str, str]]:
    """What became of each; several processes begin with those whose numbers come first in ``first``."""
    done = 0

    def tell(task: Task) -> None:
        nonlocal done
        done += 1
        progress.member(done, len(tasks), task.label)

    progress.member(0, len(tasks), "")
    processes = min(PROCESSES, os.cpu_count() or 1, len(tasks))
    try:
        if comm.size == 1 and processes > 1 and alone():
            found = run_tasks([tasks[k] for k in first], processes, tell)
            return [answer for _, answer in sorted(zip(first, found, strict=True), key=lambda x: x[0])]
        answers = []
        for task in tasks:
            answers.append(run_task(task, comm))
            tell(task)
        return answers
    finally:
        progress.stop()


def _start() -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "thincell.studies.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
    )


def _ask(process: subprocess.Popen[str], task: Task) -> dict[str, str]:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        order = {"case": str(task.case), "out": str(task.out), "resume": task.resume}
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except OSError:
        answer = ""
    if not answer:
        code = process.wait()
        return {"state": "error", "message": f"the process of this run ended with code {code}"}
    found: dict[str, str] = json.loads(answer)
    return found


if __name__ == "__main__":
    main()
