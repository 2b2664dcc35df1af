"""A sweep's folder: where things are, and the two records that make it continuable.

`sweep.json` says what was asked; `points/<id>/point.json` what became of one case. The latter is
written by the process that runs the point, so a dead driver loses nothing. `parsl/session.json`
names the driver that is in charge: points stop by themselves when it is gone or replaced.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from thincell.studies import output
from thincell.studies.lock import Lock
from thincell.studies.schema.errors import InputError

RECORD, FILE = "sweep.json", "sweep.toml"
DATASET, TABLE, PAGE, LOG = "results.nc", "results.csv", "report.html", "sweep.log"
POINT, CASE, POINT_LOG = "point.json", "case.toml", "log.txt"

#: Folders of the first and the second attempt of a point.
ATTEMPTS = ("run", "retry")


@dataclass(frozen=True)
class Attempt:
    """One attempt that came to an end: how, after how long, with which changed settings."""

    folder: str
    exit_code: int
    seconds: float
    reason: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PointRecord:
    """What became of a point: point.json. ``state`` is waiting, running, finished or failed.

    ``run`` is the folder of the latest attempt, ``seconds`` its wall time and that of the attempts
    before it, interrupted ones included.
    """

    id: str
    state: str = "waiting"
    reason: str = ""
    run: str = ATTEMPTS[0]
    attempts: tuple[Attempt, ...] = ()
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        """Whether there is nothing left to do."""
        return self.state in ("finished", "failed")


def point_folder(root: Path, id_: str) -> Path:
    """Folder of a point; it does not depend on the sweep's axes."""
    return root / "points" / id_


def read_point(place: Path) -> PointRecord:
    """A point's record; a waiting one if there is none yet."""
    try:
        data = json.loads((place / POINT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return PointRecord(place.name)
    attempts = tuple(
        Attempt(a["folder"], a["exit code"], a["seconds"], a["reason"], a["settings"])
        for a in data["attempts"]
    )
    return PointRecord(data["id"], data["state"], data["reason"], data["run"], attempts, data["seconds"])


def write_point(place: Path, record: PointRecord) -> None:
    """Atomically replace a point's record."""
    data = asdict(record)
    for attempt in data["attempts"]:
        attempt["exit code"] = attempt.pop("exit_code")
    output.write_json(place / POINT, data)


def read_progress(place: Path, run: str) -> dict[str, Any]:
    """progress.json of a running attempt; empty if it has said nothing yet."""
    try:
        found: dict[str, Any] = json.loads((place / run / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def is_sweep(root: Path) -> bool:
    """Whether a folder is a sweep's."""
    return (root / RECORD).is_file()


def read_record(root: Path) -> dict[str, Any]:
    """sweep.json; InputError if the folder is not a sweep's."""
    if not is_sweep(root):
        raise InputError(
            f"DIR: {str(root)!r} is not a sweep's folder (it has no {RECORD}); name the folder given"
            " to `thincell sweep --out`"
        )
    found: dict[str, Any] = json.loads((root / RECORD).read_text(encoding="utf-8"))
    return found


def clear(place: Path) -> None:
    """Forget a point's attempts. Raises InUse while a process works on it."""
    locks = [Lock(folder) for folder in (place, *(place / name for name in ATTEMPTS)) if folder.is_dir()]
    try:
        for lock in locks:
            lock.take()
        (place / POINT).unlink(missing_ok=True)
        for name in ATTEMPTS:
            shutil.rmtree(place / name, ignore_errors=True)
    finally:
        for lock in locks:
            lock.give_back()


# -- who is in charge --------------------------------------------------------------------------------


def session_file(root: Path) -> Path:
    """The file by which the driver in charge is known."""
    return root / "parsl" / "session.json"


def begin_session(root: Path) -> str:
    """Take charge of a folder: what an earlier driver left running stops. The session's token."""
    token = uuid.uuid4().hex
    _write_session(root, token, wanted=True)
    return token


def end_session(root: Path, token: str) -> None:
    """Ask everything that still runs to write a checkpoint and end."""
    _write_session(root, token, wanted=False)


def _write_session(root: Path, token: str, wanted: bool) -> None:
    data = {"token": token, "host": platform.node(), "pid": os.getpid(), "wanted": wanted}
    output.write_json(session_file(root), data)


def is_wanted(session: Path, token: str) -> bool | None:
    """Whether the driver of this token wants work done; None if it does not seem to be in charge.

    Asked by any process on any node; whether the driver is alive can be told on its own host only.
    """
    try:
        data = json.loads(session.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if data["token"] != token:
        return None
    return bool(data["wanted"]) and not (data["host"] == platform.node() and _is_gone(data["pid"]))


def is_abandoned(root: Path) -> bool:
    """Whether the driver is gone without having said so; told on its own host only."""
    try:
        data = json.loads(session_file(root).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(data["host"] == platform.node() and _is_gone(data["pid"]))


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it is there, and somebody else's
    return False
