"""Runs that are killed at any instant and resumed on any number of ranks end with the same numbers."""

from __future__ import annotations

import random
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from parallel import runs

from thincell.studies.case import Case
from thincell.studies.output import read_columns

#: How often a run is killed; so often among the slow tests.
TRIALS, MANY = 10, 25


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kills") / "case.toml"
    path.write_text(runs.CASE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def undisturbed(case: Path) -> tuple[dict[str, Any], dict[str, Any], float]:
    """(summary, history, seconds) of the run that nobody touches."""
    began = time.monotonic()
    out = case.parent / "undisturbed"
    done = runs.finish(case, out)
    assert done.returncode == 0, done.stderr
    return runs.summary(out), read_columns(out / "history.csv"), time.monotonic() - began


def readable(out: Path) -> None:
    """What a killed run left can be read."""
    if (out / "manifest.json").is_file():
        assert Case.load(out / "case.toml").title == "a run to be killed"
    if (out / "history.csv").is_file():
        assert len(read_columns(out / "history.csv")["Time [s]"]) > 0


@pytest.mark.parametrize("trials", [TRIALS, pytest.param(MANY, marks=pytest.mark.slow)])
def test_killed_runs_end_with_the_same_numbers(
    trials: int, case: Path, undisturbed: tuple[dict[str, Any], dict[str, Any], float]
) -> None:
    summary, history, seconds = undisturbed
    choice = random.Random(2015)

    def trial(number: int, ranks: tuple[int, int], instant: float) -> str:
        out = case.parent / f"killed-{number}"
        process = runs.start(case, out, ranks[0], "--resume")
        if number % 4:  # every fourth may be killed before it has solved anything
            runs.wait_for(out, "step 1/3")
        time.sleep(instant)
        runs.kill(process)
        readable(out)
        left = len(list((out / "checkpoint").glob("*.npz")))
        done = runs.finish(case, out, ranks[1], "--resume")
        assert done.returncode == 0, (number, ranks, instant, done.stderr)
        runs.same(summary, runs.summary(out))
        resumed = read_columns(out / "history.csv")
        assert len(resumed["Time [s]"]) == len(history["Time [s]"]), (number, ranks, instant)
        assert list(resumed["Event"]) == list(history["Event"])
        assert not (out / "checkpoint").exists()
        assert not list(out.rglob("*.part"))
        shutil.rmtree(out)
        return "checkpoints" if left else "nothing yet"

    plans = [
        (
            number,
            (choice.choice([1, 1, 2]), choice.choice([1, 2, 3])),
            choice.uniform(0.5, 1.1) * seconds,
        )
        for number in range(trials)
    ]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda plan: trial(*plan), plans))
    assert len(found) == trials
    assert found.count("checkpoints") >= trials // 3  # else the instants were badly chosen


def test_same_ranks_give_the_same_bits(
    case: Path, undisturbed: tuple[dict[str, Any], dict[str, Any], float]
) -> None:
    summary, history, _ = undisturbed
    out = case.parent / "bits"
    process = runs.start(case, out)
    deadline = time.monotonic() + 60
    while not list((out / "checkpoint").glob("*.npz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    runs.kill(process)
    done = runs.finish(case, out, 1, "--resume")
    assert done.returncode == 0, done.stderr
    assert "resumed from checkpoint" in (out / "run.log").read_text()
    assert runs.summary(out) == summary
    resumed = read_columns(out / "history.csv")
    for name, column in history.items():
        assert list(resumed[name]) == list(column), name


def test_a_finished_run_is_not_run_again(
    case: Path, undisturbed: tuple[dict[str, Any], dict[str, Any], float]
) -> None:
    out = case.parent / "undisturbed"
    before = (out / "history.csv").stat().st_mtime_ns
    done = runs.finish(case, out, 2, "--resume")
    assert done.returncode == 0, done.stderr
    assert "finished" in done.stdout
    assert (out / "history.csv").stat().st_mtime_ns == before
