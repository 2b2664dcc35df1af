"""Running one point, on a worker of whatever engine: `thincell run`, and once more with safer settings.

The function `run_point` is what is sent to the workers. It runs the case in processes of its own, so
that a crash or a lack of memory costs this attempt only, and records in point.json what became of it.
A point that is done is never run again; one that was interrupted goes on from its checkpoint.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

from thincell.studies.exits import AUDIT, BAD_INPUT, CANNOT_WRITE, FAILED, GOOD, IN_USE, STOPPED
from thincell.studies.lock import InUse, Lock
from thincell.studies.schema.errors import one_line
from thincell.studies.sweep import folder, process
from thincell.studies.sweep.folder import ATTEMPTS, Attempt, PointRecord
from thincell.studies.sweep.process import PERIOD

#: A second attempt would end the same way.
HOPELESS = (BAD_INPUT, CANNOT_WRITE)


@dataclass(frozen=True)
class Order:
    """How the points of a sweep are run: the same for all of them."""

    session: Path
    token: str
    host: str
    ranks: int = 1
    launcher: str = "mpiexec -n {ranks}"
    time_limit: float | None = None
    retry: dict[str, Any] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        """What starts the ranks; nothing for one rank, which is faster by itself."""
        return shlex.split(self.launcher.format(ranks=self.ranks)) if self.ranks > 1 else []


#: How long the driver must seem to be gone [s]: another host may see an old state of its file.
SURE, SURE_ELSEWHERE = 0.0, 10.0


class Stop:
    """Whether this worker is to stop: it was sent SIGTERM, or its driver is gone."""

    def __init__(self, order: Order) -> None:
        self.order, self.signal, self.alone = order, 0, False
        self._sure = SURE if order.host == platform.node() else SURE_ELSEWHERE
        self._next, self._seen = 0.0, time.monotonic()

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handler of signals."""
        self.signal = number

    def __call__(self) -> bool:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 0.9 * PERIOD
            wanted = folder.is_wanted(self.order.session, self.order.token)
            if wanted:
                self._seen = now
            self.alone = wanted is False or now - self._seen > self._sure
        return self.alone or self.signal != 0


@contextmanager
def _listening(order: Order) -> Iterator[Stop]:
    """Note SIGTERM while a point runs; afterwards the worker ends by it, as was meant."""
    stop = Stop(order)
    try:
        before = signal.signal(signal.SIGTERM, stop.note)
    except ValueError:  # a worker that is a thread: nobody sends it signals
        yield stop
        return
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
        if stop.signal:
            os.kill(os.getpid(), stop.signal)


def run_point(place: Path, order: Order) -> PointRecord:
    """Do what is left to do of a point; its record. Also when another process is at work on it."""
    with _listening(order) as stop:
        lock = Lock(place)
        while not stop():
            try:
                lock.take()
            except InUse:  # a worker of an earlier driver, which is about to stop
                time.sleep(PERIOD)
                continue
            try:
                return _proceed(place, order, stop)
            finally:
                lock.give_back()
    return folder.read_point(place)


def _proceed(place: Path, order: Order, stop: Stop) -> PointRecord:
    """Attempts, from where the record says that they are, until the point is done or has to stop."""
    record = folder.read_point(place)
    while not record.done:
        number = len(record.attempts)
        settings = order.retry if number else {}
        record = replace(record, state="running", run=ATTEMPTS[number])
        folder.write_point(place, record)
        begin = time.monotonic()
        code, reason = _attempt(place, record.run, settings, order, stop)
        attempt = Attempt(record.run, code, round(time.monotonic() - begin, 3), reason, settings)
        record = _judged(record, attempt)
        folder.write_point(place, record)
        if record.state == "waiting":
            break
    return record


def _judged(record: PointRecord, attempt: Attempt) -> PointRecord:
    """The record after an attempt: still running if another one is worth it."""
    seconds = round(record.seconds + attempt.seconds, 3)
    if attempt.exit_code == STOPPED:
        return replace(record, state="waiting", seconds=seconds)
    record = replace(record, attempts=(*record.attempts, attempt), seconds=seconds)
    if attempt.exit_code == GOOD:
        return replace(record, state="finished")
    if attempt.exit_code in HOPELESS or len(record.attempts) == len(ATTEMPTS):
        return replace(record, state="failed", reason=attempt.reason)
    return record


def _attempt(
    place: Path, name: str, settings: dict[str, Any], order: Order, stop: Stop
) -> tuple[int, str]:
    """(exit code, reason) of one attempt. What an earlier process has brought to an end stays so."""
    known = _concluded(place / name)
    if known is not None:
        return known
    command = [sys.executable, "-m", "thincell", "run", str(place / folder.CASE)]
    command += ["--out", str(place / name), "--resume", "--quiet", "--set", "output.figures=false"]
    for key, value in settings.items():
        command += ["--set", f"{key}={json.dumps(value)}"]
    log = place / folder.POINT_LOG
    code, said = process.run(order.command, command, log, stop, order.time_limit)
    while code == IN_USE:  # a run that outlived its worker: wait for it and look again
        time.sleep(PERIOD)
        code, said = process.run(order.command, command, log, stop, order.time_limit)
    known = _concluded(place / name)
    if known is not None and known[0] == GOOD:  # the signal came when all was done
        return known
    return code, _reason(code, said, order)


def _concluded(run: Path) -> tuple[int, str] | None:
    """Exit code and reason of a run that is over, from its manifest; None if it is not."""
    try:
        manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    codes = {"finished": GOOD, "failed": FAILED, "audit failed": AUDIT}
    code = codes.get(manifest["state"])
    return None if code is None else (code, one_line(manifest.get("message", "")))


def _reason(code: int, said: str, order: Order) -> str:
    """Why an attempt failed, in one line; nothing if it did not."""
    if code in (GOOD, STOPPED):
        return ""
    if code == process.TIMED_OUT:
        return f"the time limit of {order.time_limit:g} s was up"
    errors = [line.removeprefix("error: ") for line in said.splitlines() if line.startswith("error: ")]
    if errors:
        return one_line("; ".join(dict.fromkeys(errors)))
    if code < 0:
        hint = "; is there enough memory?" if code == -signal.SIGKILL else ""
        return f"its process was ended by {signal.Signals(-code).name}{hint}"
    last = said.strip().splitlines()[-1:] or ["it said nothing"]
    return one_line(f"exit code {code}: {last[0]}")
