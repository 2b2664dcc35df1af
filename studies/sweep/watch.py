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
    """Runs jobs on an engine. ``finished`` and ``failed`` count those done in this session.

    Of the jobs that share their kernels, the first goes ahead and compiles them; the others follow
    once it has begun to compute. So nothing is compiled twice and no worker compiles for nothing.
    """

    def __init__(self, root: Path, engine: Engine, order: Order, board: Board) -> None:
        self.root, self.engine, self.order, self.board = root, engine, order, board
        self.finished = self.failed = 0
        self._points: dict[Future[PointRecord], Job] = {}
        self._held: dict[str, list[Job]] = {}
        self._first: dict[str, Job] = {}
        self._losses: Counter[str] = Counter()
        self._since: dict[str, float] = {}
        self._next_look = 0.0
        self._spent = self._expected = 0.0

    def run(self, jobs: Sequence[Job], asked: Callable[[], int]) -> bool:
        """Do all jobs, the longest first; False if it was asked to stop before.

        Raises EngineFailed when there are no workers. Either way nothing runs any more afterwards,
        but for what the end of the engine ends.
        """
        for job in sorted(jobs, key=lambda job: -job.estimate):
            if job.kernels not in self._first:
                self._first[job.kernels] = job
                self._submit(job)
            else:
                self._held.setdefault(job.kernels, []).append(job)
        while self._points:
            if asked():
                self._stop()
                return False
            done, _ = wait(self._points, timeout=TICK, return_when=FIRST_COMPLETED)
            self.engine.check()
            for future in done:
                self._over(future)
            self._release()
            self._look()
        return True

    # -- jobs --------------------------------------------------------------------------------------

    def _release(self) -> None:
        """Let those go that have waited for the first of their kind to compile their kernels.

        It has compiled them when it tells of its progress, or is over.
        """
        under_way = {job.id for job in self._points.values()}
        for kernels in list(self._held):
            first = self._first[kernels]
            place = folder.point_folder(self.root, first.id)
            if first.id in under_way and not folder.read_progress(place, folder.read_point(place).run):
                continue
            for job in self._held.pop(kernels):
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
        held = [job for group in self._held.values() for job in group]
        left = sum(job.estimate for job in held)
        running = []
        for job in self._points.values():
            item = self._running(job)
            left += job.estimate * (1.0 - (item.share or 0.0) if item else 1.0)
            running += [item] if item else []
        waiting = len(self._points) - len(running) + len(held)
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
