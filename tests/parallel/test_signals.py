"""A run that is asked to stop writes a checkpoint, says so with its exit code, and can be resumed."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from parallel import runs


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(runs.CASE.replace("50 ms", "1 h"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("ranks", "number", "code"),
    [
        (1, signal.SIGUSR1, 75),
        (1, signal.SIGTERM, 75),
        (1, signal.SIGINT, 130),
        (2, signal.SIGUSR1, 75),
        (2, signal.SIGINT, 130),
    ],
)
def test_stops_and_resumes(
    case: Path, tmp_path: Path, ranks: int, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    process = runs.start(case, out, ranks)
    runs.wait_for(out, "step 1/3")
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == code, errors
    told = [line for line in errors.splitlines() if line.startswith("error:")]
    assert len(told) == 1
    assert "--resume" in told[0]
    assert "Traceback" not in errors
    assert json.loads((out / "manifest.json").read_text())["state"] == "stopped"
    assert len(list((out / "checkpoint").glob("*.npz"))) == 1
    done = runs.finish(case, out, ranks, "--resume")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["state"], manifest["sessions"]) == ("finished", 2)
