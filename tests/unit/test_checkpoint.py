"""Checkpoints: damage is found wherever it is, other cases are refused, the folder is held by one."""

from __future__ import annotations

import itertools
import json
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from thincell.studies import checkpoint, output
from thincell.studies.case import Case, InputError
from thincell.studies.checkpoint import Snapshot
from thincell.studies.lock import InUse, Lock
from thincell.studies.run import RunStopped, run

CASE = """
[cell]
type = "chip"
height = "500 nm"
working = { width = "10 um" }
margin = "10 um"
[electrolyte]
name = "LiPF6-EC-DMC"
[reactions.plating]
name = "Li/Li+"
[[protocol]]
plate = "10 mA/cm^2"
for = "0.02 s"
[mesh]
edge = 0.3
layers = 1
columns = 2
[solver]
tolerance = 5e-3
first_step = "2 ms"
[output]
checkpoint = "1 ns"
every = "1 ms"
figures = false
fields = false
"""

#: How many places of a checkpoint are damaged.
PLACES = 48


class Soon:
    """Asks to stop after a number of questions."""

    def __init__(self, after: int) -> None:
        self.left = after

    @property
    def signal(self) -> int:
        self.left -= 1
        return signal.SIGUSR1 if self.left < 0 else 0


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    path = tmp_path_factory.mktemp("checkpoint") / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return Case.load(path)


@pytest.fixture(scope="module")
def stopped(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was asked to stop on its way, with two checkpoints."""
    out = tmp_path_factory.mktemp("stopped") / "run"
    with pytest.MonkeyPatch.context() as patch:  # a checkpoint at every step, whatever it costs
        patch.setattr("thincell.studies.keeper.SHARE", 1e9)
        _stop(case, out)
    assert json.loads((out / "manifest.json").read_text())["state"] == "stopped"
    assert len(files(out)) == checkpoint.KEPT
    return out


def _stop(case: Case, out: Path) -> None:
    with pytest.raises(RunStopped, match="--resume") as caught:
        run(case, out, stopping=Soon(9))  # type: ignore[arg-type]
    assert caught.value.signal == signal.SIGUSR1


@pytest.fixture(scope="module")
def whole(case: Case) -> dict[str, object]:
    """The summary of the run that nobody stopped."""
    return run(case).summary


def files(out: Path) -> list[Path]:
    """Checkpoints, oldest first."""
    return sorted((out / "checkpoint").iterdir())


def copy(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def damages(data: bytes) -> list[tuple[str, bytes]]:
    """The same bytes, wrong in one region after the other; cut off; too long; gone."""
    edges = np.linspace(0, len(data), PLACES + 1).astype(int)
    found = []
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        middle = (start + end) // 2
        flipped = bytes([data[middle] ^ (1 << number % 8)])
        found.append((f"a bit at {middle}", data[:middle] + flipped + data[middle + 1 :]))
        found.append((f"zeros from {start}", data[:start] + bytes(end - start) + data[end:]))
        found.append((f"cut off at {start}", data[:start]))
    return [*found, ("too long", data + b"\\0"), ("headless", data[1:])]


def test_damage_anywhere_is_found(stopped: Path, tmp_path: Path) -> None:
    out = copy(stopped, tmp_path / "run")
    older, newest = files(out)
    good = newest.read_bytes()
    number, snapshot, warnings = checkpoint.latest(out)
    assert (number, warnings) == (int(newest.name[:6]), [])
    before = checkpoint._read(out, older).memory
    assert snapshot is not None
    assert snapshot.memory["position"] != before["position"]
    tried = damages(good)
    assert len(tried) > 3 * 40
    for what, data in tried:
        if data == good:  # zeros where zeros were
            continue
        newest.write_bytes(data)
        number, snapshot, warnings = checkpoint.latest(out)
        assert number == int(older.name[:6]), what
        assert snapshot is not None
        assert snapshot.memory == before, what
        assert len(warnings) == 1, what
        assert newest.name in warnings[0], what


def test_a_damaged_run_ends_with_the_same_numbers(
    case: Case, stopped: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    out = copy(stopped, tmp_path / "run")
    newest = files(out)[-1]
    newest.write_bytes(newest.read_bytes()[:-100])
    assert run(case, out, resume=True).summary == whole
    assert "damaged" in (out / "run.log").read_text()


def test_all_damaged_is_an_error(case: Case, stopped: Path, tmp_path: Path) -> None:
    out = copy(stopped, tmp_path / "run")
    for path in files(out):
        path.write_bytes(path.read_bytes()[:-1])
    kept = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="--force"):
        run(case, out, resume=True)
    assert all(path.read_bytes() == data for path, data in kept.items())


def test_a_damaged_output_is_not_built_upon(
    case: Case, stopped: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    out = copy(stopped, tmp_path / "run")
    last = sorted((out / "outputs").iterdir())[-1]
    last.write_bytes(last.read_bytes()[:-1])
    alone = copy(out, tmp_path / "alone")
    files(alone)[0].unlink()
    with pytest.raises(InputError, match="missing or damaged"):
        run(case, alone, resume=True)
    assert run(case, out, resume=True).summary == whole  # from before that output
    assert f"builds on outputs/{last.name}" in (out / "run.log").read_text()


def test_resumed_and_finished(
    case: Case, stopped: Path, whole: dict[str, object], tmp_path: Path
) -> None:
    out = copy(stopped, tmp_path / "run")
    resumed = run(case, out, resume=True)
    assert resumed.summary == whole
    assert resumed.manifest["sessions"] == 2
    again = run(case, out, resume=True)  # finished: read, not computed
    assert again.summary == whole
    assert again.manifest["wall time [s]"] == resumed.manifest["wall time [s]"]
    assert not (out / "checkpoint").exists()


def test_an_empty_folder_is_begun(case: Case, whole: dict[str, object], tmp_path: Path) -> None:
    assert run(case, tmp_path / "new", resume=True).summary == whole


def test_another_case_is_refused(case: Case, stopped: Path, tmp_path: Path) -> None:
    out = copy(stopped, tmp_path / "run")
    other = case.changed({"cell.height": "600 nm", "protocol.0.for": "0.03 s"})
    with pytest.raises(InputError, match=r"it differs in cell\.height, protocol\.0\.for;"):
        run(other, out, resume=True)
    renamed = case.changed({"title": "another title"})
    assert run(renamed, out, resume=True).manifest["state"] == "finished"


def test_fingerprints() -> None:
    text = CASE.replace("[cell]", 'title = "x"\n[cell]', 1)
    import tomllib

    one, other = Case.parse(tomllib.loads(CASE)), Case.parse(tomllib.loads(text))
    assert one.fingerprint() == other.fingerprint()
    higher = one.changed({"cell.height": "501 nm"})
    assert higher.fingerprint() != one.fingerprint()
    assert higher.skeleton() == one.skeleton()
    assert one.changed({"mesh.order": 1}).skeleton() != one.skeleton()
    assert one.changed({"electrolyte.model": "ohmic"}).skeleton() != one.skeleton()
    assert Case.parse(one.resolved()).fingerprint() == one.fingerprint()


def test_one_at_a_time(case: Case, stopped: Path, tmp_path: Path) -> None:
    out = copy(stopped, tmp_path / "run")
    lock = Lock(out)
    lock.take()
    with pytest.raises(InUse, match="another process"):
        run(case, out, resume=True)
    with pytest.raises(InUse):
        run(case, out, force=True)
    assert len(files(out)) == checkpoint.KEPT  # nothing was cleared
    lock.give_back()
    assert run(case, out, resume=True).manifest["state"] == "finished"


def test_force_leaves_nothing_of_the_run_before(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(case.changed({"output.fields": True}), out)
    assert len(list((out / "fields").iterdir())) > 1
    (out / "mine.txt").write_text("notes")
    run(case, out, force=True)
    assert not (out / "fields").exists()
    assert (out / "mine.txt").read_text() == "notes"


def test_a_failed_write_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    output.write_text(path, "before")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "fsync", full)
    with pytest.raises(output.WriteError, match="No space left"):
        output.write_text(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_other_formats_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "FORMAT", 0)
    checkpoint.write(tmp_path, 1, Snapshot({"outputs": []}, {"state 0": np.zeros(3)}))
    monkeypatch.undo()
    with pytest.raises(InputError, match="format 0"):
        checkpoint.latest(tmp_path)
