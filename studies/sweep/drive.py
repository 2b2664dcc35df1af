"""A sweep from its file to its report: plan, record, run what is left, collect, write the page.

The same command continues a sweep that was interrupted, however that happened, and one whose axes
were changed: points are known by what is computed, and those that are done are kept.
"""

from __future__ import annotations

import platform
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thincell.studies import output
from thincell.studies.case import Case
from thincell.studies.exits import FAILED, GOOD, INTERRUPTED, STOPPED
from thincell.studies.lock import Lock
from thincell.studies.stopping import Stopping
from thincell.studies.sweep import folder
from thincell.studies.sweep.engine import Engine, EngineFailed, start
from thincell.studies.sweep.plan import SweepPlan, record
from thincell.studies.sweep.point import Order
from thincell.studies.sweep.progress import Board
from thincell.studies.sweep.watch import Job, Watch
from thincell.studies.toml import dumps

#: Most points whose pages are made at the end, at some 2 s each; `thincell report` makes all.
PAGES = 200


@dataclass(frozen=True)
class Wish:
    """What the command line says about how to go on: where, and which points to run again."""

    engine: str = "local"
    retry: bool = False
    force: bool = False


class Diary:
    """A board that also keeps what is said, with the time, in sweep.log."""

    def __init__(self, board: Board, log: Path) -> None:
        self._board, self._log = board, log
        self.show, self.close = board.show, board.close

    def say(self, text: str) -> None:
        """Tell and keep a line."""
        with self._log.open("a", encoding="utf-8") as stream:
            stream.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
        self._board.say(text)


def sweep(plan: SweepPlan, root: Path, wish: Wish, board: Board) -> int:
    """Run a sweep, or what is left of it, and write its results; the exit code.

    Raises InputError (a folder that cannot be used, an engine that is not there), InUse (another
    driver is at work) or EngineFailed (no workers; what is done is collected).
    """
    output.prepare(root, force=True, mark=folder.RECORD)
    lock = Lock(root)
    lock.take()
    diary = Diary(board, root / folder.LOG)
    try:
        told = record(plan)
        _write(root, told, "running", plan)
        with Stopping() as stopping:
            complete = _run(plan, root, wish, diary, lambda: stopping.signal)
        failed = sum(_record(root, id_).state == "failed" for id_ in plan.cases)
        _write(root, told, _state(complete, failed))
        _conclude(root, diary, complete)
        if not complete:
            return INTERRUPTED if stopping.signal == signal.SIGINT else STOPPED
        return FAILED if failed else GOOD
    except BaseException:
        _write(root, record(plan), "interrupted")
        raise
    finally:
        diary.close()
        lock.give_back()


def _state(complete: bool, failed: int) -> str:
    if not complete:
        return "interrupted"
    return "some points failed" if failed else "finished"


def _write(root: Path, told: dict[str, Any], state: str, plan: SweepPlan | None = None) -> None:
    """sweep.json in a state; with a plan also sweep.toml, which stands on its own."""
    output.write_json(root / folder.RECORD, {**told, "state": state})
    if plan is not None:
        output.write_text(root / folder.FILE, dumps(plan.file.written()))


def _record(root: Path, id_: str) -> folder.PointRecord:
    return folder.read_point(folder.point_folder(root, id_))


# -- running -----------------------------------------------------------------------------------------


def _run(plan: SweepPlan, root: Path, wish: Wish, board: Board, asked: Callable[[], int]) -> bool:
    """Run the cases that are not done; False if it was asked to stop before."""
    token = folder.begin_session(root)
    left = [id_ for id_ in plan.cases if _again(root, id_, wish)]
    kept = len(plan.cases) - len(left)
    board.say(f"{len(plan.points)} points, {len(plan.cases)} cases, {kept} of them done already")
    if not left:
        return True
    table = plan.file.engine
    engine = start(wish.engine, table, root)
    try:
        for id_ in left:
            _write_case(root, id_, plan.cases[id_])
        order = Order(
            session=folder.session_file(root).absolute(),
            token=token,
            host=platform.node(),
            ranks=table.ranks,
            launcher=table.launcher,
            time_limit=table.time_limit,
            retry=table.retry,
        )
        return Watch(root.absolute(), engine, order, board).run(_jobs(plan, left), asked)
    except EngineFailed as error:
        board.say(f"stopped: {error}")
        raise
    finally:
        _close(engine, root, token)


def _close(engine: Engine, root: Path, token: str) -> None:
    folder.end_session(root, token)
    engine.close()


def _again(root: Path, id_: str, wish: Wish) -> bool:
    """Whether there is something to do for a case; forgets what is to be done again."""
    place = folder.point_folder(root, id_)
    found = folder.read_point(place)
    if wish.force or (wish.retry and found.state == "failed"):
        folder.clear(place)
        return True
    return not found.done


def _write_case(root: Path, id_: str, case: Case) -> None:
    file = folder.point_folder(root, id_) / folder.CASE
    if not file.is_file():
        output.write_case(file, case)


def _jobs(plan: SweepPlan, ids: Sequence[str]) -> list[Job]:
    labels = {id_: f"coin cell {id_}" for id_ in plan.twins}
    for point in reversed(plan.points):
        if point.id:
            labels[point.id] = ", ".join(f"{name} = {text}" for name, text in point.written.items())
    return [
        Job(id_, labels.get(id_, id_), plan.estimate[id_], plan.cases[id_].skeleton()) for id_ in ids
    ]


# -- results -----------------------------------------------------------------------------------------


def _conclude(root: Path, board: Board, complete: bool) -> None:
    """The table of results, and the page if the sweep came to its end."""
    from thincell.studies.sweep.collect import collect
    from thincell.studies.sweep.report import write_sweep

    if complete:
        board.say(f"report: {write_sweep(root, most=PAGES)}")
    else:
        collect(root)
