"""Sweeps as users run them: to the end, interrupted, killed, continued, with points that fail."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

COMMAND = [sys.executable, "-m", "thincell"]

CASE = """
title = "a coin cell"

[cell]
type = "coin"
working_diameter = "100 um"
counter_diameter = "100 um"
separator_diameter = "100 um"

[electrolyte]
name = "LiPF6-EC-DMC"

[reactions.plating]
name = "Li/Li+"

[[protocol]]
plate = "1 mA/cm^2"
for = "1 ms"

[mesh]
columns = 1
layers = 4

[output]
figures = false
"""

SWEEP = """
title = "currents"
case = "case.toml"

[[axis]]
name = "current"
key = "protocol.0.plate"
values = {values}

[engine.local]
cores = 2
"""


@dataclass(frozen=True)
class Sweep:
    """A sweep over the current in a folder of its own."""

    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def write(self, *currents: str, more: str = "") -> None:
        (self.folder / "case.toml").write_text(CASE)
        text = SWEEP.format(values=json.dumps([f"{current} mA/cm^2" for current in currents]))
        (self.folder / "sweep.toml").write_text(text + more)

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, "sweep", str(self.folder / "sweep.toml"), "--out", str(self.out), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *options: str) -> tuple[int, str]:
        process = self.start(*options)
        said, _ = process.communicate(timeout=300)
        return process.returncode, said

    def record(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.out / "sweep.json").read_text())
        return found

    def points(self) -> dict[str, dict[str, object]]:
        return {
            file.parent.name: json.loads(file.read_text())
            for file in sorted(self.out.glob("points/*/point.json"))
        }

    def states(self) -> list[object]:
        return [point["state"] for point in self.points().values()]

    def marks(self) -> dict[str, tuple[int, ...]]:
        """What changes when a point that is done is touched again."""
        found = {}
        for id_, point in self.points().items():
            if point["state"] == "finished":
                place = self.out / "points" / id_
                files = [place / "point.json", place / "log.txt", place / "run" / "summary.json"]
                found[id_] = tuple(file.stat().st_mtime_ns for file in files)
        return found


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    return Sweep(tmp_path)


def wait_for(condition: object, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise AssertionError(f"{condition} did not come true in {seconds:g} s")


def family(process: subprocess.Popen[str], out: Path) -> list[psutil.Process]:
    """All processes of a sweep: those below the driver, and the workers, which are nobody's children."""
    try:
        found = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    for other in psutil.process_iter(["cmdline"]):
        if any(str(out / "parsl") in word for word in other.info["cmdline"] or ()):
            found += [other, *other.children(recursive=True)]
    return found


def all_gone(processes: list[psutil.Process], seconds: float) -> bool:
    def alive(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + seconds
    while any(map(alive, processes)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, str]:
    """A sweep of three points that is over, and what it said."""
    sweep = Sweep(tmp_path_factory.mktemp("sweep"))
    sweep.write("1", "2", "3")
    code, said = sweep.run()
    assert code == 0, said
    return sweep, said


def test_a_sweep_leaves_results_a_page_and_no_process(finished: tuple[Sweep, str]) -> None:
    import xarray

    sweep, said = finished
    assert said.count("finished: current = ") == 3
    assert sweep.record()["state"] == "finished"
    assert sweep.states() == ["finished"] * 3
    with xarray.open_dataset(sweep.out / "results.nc") as data:
        assert data.sizes == {"current": 3}
        assert list(data["current"].values) == pytest.approx([10.0, 20.0, 30.0])
        assert set(data["Status"].values) == {"finished"}
        assert data["Duration [s]"].values == pytest.approx(1e-3)
    assert len((sweep.out / "results.csv").read_text().splitlines()) == 4
    assert (sweep.out / "report.html").stat().st_size > 0
    lines = [line for line in psutil.process_iter(["cmdline"]) if line.info["cmdline"]]
    assert not [one for one in lines if any(str(sweep.out) in word for word in one.info["cmdline"])]


def test_again_it_has_nothing_to_do(finished: tuple[Sweep, str]) -> None:
    sweep, _ = finished
    before = sweep.marks()
    assert len(before) == 3
    code, said = sweep.run()
    assert code == 0, said
    assert "3 of them done already" in said
    assert sweep.marks() == before


def test_status_and_dry_run(finished: tuple[Sweep, str]) -> None:
    sweep, _ = finished
    said = subprocess.check_output([*COMMAND, "status", str(sweep.out)], text=True)
    assert "currents: finished" in said
    assert "3 finished, 0 failed, 0 running, 0 waiting" in said
    code, said = sweep.run("--dry-run")
    assert code == 0
    assert "3 points (grid), 0 of them dropped; 3 cases to run" in said
    answer = subprocess.run(
        [*COMMAND, "status", str(sweep.folder)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert "is not a sweep's folder" in answer.stderr


def test_failing_points_are_told_and_changed_axes_keep_what_is_done(sweep: Sweep) -> None:
    """1e9 mA/cm2 does not close the books: it fails twice, the others are done all the same."""
    sweep.write("1", "1e9")
    code, said = sweep.run()
    assert code == 3, said
    assert sweep.record()["state"] == "some points failed"
    failed = next(point for point in sweep.points().values() if point["state"] == "failed")
    assert [attempt["exit code"] for attempt in failed["attempts"]] == [4, 4]  # type: ignore[index, attr-defined]
    assert failed["attempts"][1]["settings"]["solver.tolerance"] == 1e-4  # type: ignore[index]
    assert "the books do not balance" in str(failed["reason"])
    assert f"failed: current = 1e9 mA/cm^2: {failed['reason']}" in said
    assert sorted(map(str, sweep.states())) == ["failed", "finished"]
    assert (sweep.out / "report.html").is_file()

    before = sweep.marks()
    sweep.write("1", "4")
    code, said = sweep.run("--retry")
    assert code == 0, said
    assert "2 points, 2 cases, 1 of them done already" in said
    assert sweep.marks().items() >= before.items()
    assert len(sweep.points()) == 3, "points of an earlier version of the sweep are kept"


def test_time_limit(sweep: Sweep) -> None:
    sweep.write("1", more='[engine]\ntime_limit = "300 ms"\n')
    code, said = sweep.run()
    assert code == 3, said
    (point,) = sweep.points().values()
    assert point["reason"] == "the time limit of 0.3 s was up"
    assert len(point["attempts"]) == 2  # type: ignore[arg-type]


def test_ctrl_c_ends_everything_and_the_same_command_goes_on(sweep: Sweep) -> None:
    sweep.write("1", "2", "3", "4", "5")
    process = sweep.start()
    wait_for(lambda: "finished" in sweep.states() and "running" in sweep.states())
    others = family(process, sweep.out)
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert all_gone(others, 5)
    assert sweep.record()["state"] == "interrupted"
    assert "running" not in sweep.states()
    before = sweep.marks()
    assert before
    assert (sweep.out / "results.nc").is_file()

    code, said = sweep.run()
    assert code == 0, said
    assert sweep.states() == ["finished"] * 5
    assert sweep.marks().items() >= before.items()


def test_killed_drivers_lose_nothing_and_compute_nothing_twice(sweep: Sweep) -> None:
    """SIGKILL to the driver at five random instants; what it left behind ends by itself."""
    chance = random.Random(20)
    sweep.write(*(str(k) for k in range(1, 9)))
    before: dict[str, tuple[int, ...]] = {}
    others: list[psutil.Process] = []
    for _ in range(5):
        process = sweep.start("--quiet")
        time.sleep(chance.uniform(1.0, 7.0))
        others += family(process, sweep.out)
        process.kill()
        process.communicate()
        now = sweep.marks()
        assert now.items() >= before.items(), "a point that was done was touched again"
        before = now
    code, said = sweep.run()
    assert code == 0, said
    assert sweep.states() == ["finished"] * 8
    after = sweep.marks()
    assert after.items() >= before.items()
    for id_ in after:
        log = (sweep.out / "points" / id_ / "run" / "run.log").read_text()
        assert log.count("finished") == 1
    assert all_gone(others, 5)


def test_two_drivers_do_not_share_a_folder(sweep: Sweep) -> None:
    sweep.write("1")
    process = sweep.start()
    wait_for(lambda: (sweep.out / "sweep.json").is_file())
    code, said = sweep.run()
    assert code == 73, said
    assert "another process" in said
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
