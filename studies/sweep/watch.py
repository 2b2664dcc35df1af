"""Watching a sweep: points go to the engine, what becomes of them is told, until all are done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

from thincell.studies.schema.errors import one_line
from thincell.studies.sweep import folder, point
from thincell.studies.sweep.engine import Engine
from thincell.studies.sweep.folder import ATTEMPTS, PointRecord
from thincell.studies.sweep.point import Order
from thincell.studies.sweep.progress import Board, Running, Standing, duration

#: How often the futures are looked at, and at least how often the points' own files [s].
TICK, LOOK = 0.2, 1.0

#: Looking at files takes at most this part of the time, however slow the file system is.
LOOKING = 0.05

#: A point whose worker is lost this often is failed.
LOSSES = 4

#: Time for the running points to write their checkpoints when the sweep is interrupted [s].
PATIENCE = 90.0


@dataclass(frozen=True)
class Job:
    """A case to be run. ``estimate`` [s] is a guess; equal ``kernels`` are compiled once."""

    id: str
    label: str
    estimate: float
    kernels: str


class Watch:
    """Runs jobs on an engine. ``finished`` and ``failed`` count those done in this session."""

    def __init__(self, root: Path, engine: Engine, order: Order, board: Board) -> None:
        self.root, self.engine, self.order, self.board = root, engine, order, board
        self.finished = self.failed = 0
        self._waiting: list[list[Job]] = []
        self._points: dict[Future[PointRecord], Job] = {}
        self._compiling: Future[int] | None = None
        self._losses: Counter[str] = Counter()
        self._since: dict[str, float] = {}
        self._next_look = 0.0
        self._spent = self._expected = 0.0

    def run(self, jobs: Sequence[Job], asked: Callable[[], int]) -> bool:
        """Do all jobs, the longest first; False if it was asked to stop before.

        Raises EngineFailed when there are no workers. Either way nothing runs any more afterwards,
        but for what the end of the engine ends.
        """
        groups: dict[str, list[Job]] = {}
        for job in sorted(jobs, key=lambda job: -job.estimate):
            groups.setdefault(job.kernels, []).append(job)
        self._waiting = list(groups.values())
        self._compile_next()
        while self._compiling is not None or self._points:
            if asked():
                self._stop()
                return False
            futures = [*self._points, *([self._compiling] if self._compiling else [])]
            done, _ = wait(futures, timeout=TICK, return_when=FIRST_COMPLETED)
            self.engine.check()
            if self._compiling in done:
                self._compiled()
            for future in done & self._points.keys():
                self._over(future)
            self._look()
        return True

    # -- jobs --------------------------------------------------------------------------------------

    def _compile_next(self) -> None:
        """Compile the kernels of the next group on a worker, one group at a time."""
        self._compiling = None
        if self._waiting:
            case = folder.point_folder(self.root, self._waiting[0][0].id) / folder.CASE
            log = self.root / "parsl" / "warm.log"
            self._compiling = self.engine.submit(point.warm, [case], log, self.order)

    def _compiled(self) -> None:
        """Let the points of a group go. If compiling failed, they will say it better themselves."""
        group = self._waiting.pop(0)
        self._compile_next()  # before the points, so that a worker takes it before them
        for job in group:
            self._submit(job)

    def _submit(self, job: Job) -> None:
        place = folder.point_folder(self.root, job.id)
        self._points[self.engine.submit(point.run_point, place, self.order)] = job

    def _over(self, future: Future[PointRecord]) -> None:
        job = self._points.pop(future)
        self._since.pop(job.id, None)
        error = future.exception()
        record = None if error is not None else future.result()
        if record is not None and record.done:
            self._count(job, record)
            return
        self._losses[job.id] += 1
        why = "it was stopped" if error is None else one_line(str(error) or type(error).__name__)
        if self._losses[job.id] < LOSSES:
            self.board.say(f"again: {job.label}: {why}")
            self._submit(job)
            return
        place = folder.point_folder(self.root, job.id)
        lost = f"its worker was lost {LOSSES} times, at last because {why}"
        record = replace(folder.read_point(place), state="failed", reason=lost)
        folder.write_point(place, record)
        self._count(job, record)

    def _count(self, job: Job, record: PointRecord) -> None:
        if record.state == "finished":
            self.finished += 1
            self._spent += record.seconds
            self._expected += job.estimate
            note = ", at the second attempt" if record.run != ATTEMPTS[0] else ""
            self.board.say(f"finished: {job.label} ({duration(record.seconds)}{note})")
        else:
            self.failed += 1
            self.board.say(f"failed: {job.label}: {record.reason}")

    def _stop(self) -> None:
        """Ask what runs to write a checkpoint and end, and wait for it."""
        folder.end_session(self.root, self.order.token)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(
            folder.read_point(folder.point_folder(self.root, job.id)).state == "running"
            for future, job in self._points.items()
            if not future.done()
        ):
            time.sleep(TICK)

    # -- how things stand --------------------------------------------------------------------------

    def _look(self) -> None:
        begin = time.monotonic()
        if begin < self._next_look:
            return
        self.board.show(self.standing())
        self._next_look = time.monotonic() + max(LOOK, (time.monotonic() - begin) / LOOKING)

    def standing(self) -> Standing:
        """How the jobs stand by now."""
        factor = self._spent / self._expected if self._expected else None
        left = sum(job.estimate for group in self._waiting for job in group)
        running = []
        for job in self._points.values():
            item = self._running(job)
            left += job.estimate * (1.0 - (item.share or 0.0) if item else 1.0)
            running += [item] if item else []
        waiting = len(self._points) - len(running) + sum(map(len, self._waiting))
        remaining = None if factor is None else left * factor / self.engine.slots
        return Standing(self.finished, self.failed, waiting, remaining, running)

    def _running(self, job: Job) -> Running | None:
        place = folder.point_folder(self.root, job.id)
        record = folder.read_point(place)
        if record.state != "running":
            return None
        since = self._since.setdefault(job.id, time.monotonic())
        share = folder.read_progress(place, record.run).get("share")
        return Running(job.label, time.monotonic() - since, share, record.run != ATTEMPTS[0])
