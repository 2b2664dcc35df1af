"""`thincell impedance`: its folder, going on, and what it refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thincell.solvers import impedance as solver
from thincell.studies.case import Case
from thincell.studies.impedance import Spectrum

COIN = """
title = "a coin cell at rest"

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
rest = true
for = "1 ms"

[mesh]
columns = 1
layers = 4

[impedance]
from = "10 mHz"
to = "10 kHz"
points_per_decade = 3
"""

FILES = ("case.toml", "manifest.json", "history.csv", "summary.json", "impedance.csv", "impedance.json")
FIGURES = ("impedance-nyquist.png", "impedance-nyquist.svg", "impedance-bode.png", "impedance-bode.svg")


@pytest.fixture
def coin(tmp_path: Path) -> Path:
    path = tmp_path / "coin.toml"
    path.write_text(COIN)
    return path


def test_folder(thincell: Callable[..., Any], coin: Path) -> None:
    out = coin.parent / "out"
    answer = thincell("impedance", coin, "--out", out)
    assert answer.code == 0, answer.err
    assert "impedance 19/19: 0.01 Hz" in answer.out
    assert "19 frequencies, high-frequency resistance" in answer.out
    assert all((out / name).is_file() for name in FILES)
    assert all((out / "figures" / name).stat().st_size > 1000 for name in FIGURES)
    assert not list(out.rglob("*.part"))
    with (out / "impedance.csv").open(newline="") as stream:  # readable without thincell
        rows = list(csv.DictReader(stream))
    z = np.array([complex(float(r[RE]), float(r[IM])) for r in rows])
    f = np.array([float(r["Frequency [Hz]"]) for r in rows])
    assert f[0] == 1e4
    assert f[-1] == 0.01
    assert np.all(z.imag <= 0)
    assert np.all(np.diff(z.real) > 0)
    record = json.loads((out / "impedance.json").read_text())
    assert record["Low-frequency resistance [ohm.m2]"] == z[-1].real
    assert record["High-frequency resistance [ohm.m2]"] == z[0].real
    assert f[-1] < record["Peak frequency [Hz]"] < f[0]
    assert record["Height of the peak [ohm.m2]"] >= -z.imag.min()
    assert record["Operating point: Current density [A.m-2]"] == pytest.approx(0, abs=1e-9)
    again = Spectrum.load(out)
    assert np.allclose(again.area_specific, z, rtol=1e-14)
    assert again.summary() == record
    assert Case.load(out / "case.toml").impedance == again.case.impedance


RE, IM = "Real part of impedance [ohm.m2]", "Imaginary part of impedance [ohm.m2]"


def test_going_on(thincell: Callable[..., Any], coin: Path) -> None:
    out = coin.parent / "out"
    few = ("--set", "output.figures=false", "--quiet")
    assert thincell("impedance", coin, "--out", out, *few).code == 0
    table = (out / "impedance.csv").read_bytes()
    when = (out / "impedance.csv").stat().st_mtime_ns
    refused = thincell("impedance", coin, "--out", out, *few)
    assert refused.code == 2
    assert "--resume" in refused.err
    assert thincell("impedance", coin, "--out", out, *few, "--resume").code == 0
    assert (out / "impedance.csv").stat().st_mtime_ns == when
    other = thincell("impedance", coin, "--out", out, *few, "--resume", "--set", 'impedance.to="1 Hz"')
    assert other.code == 2
    assert "impedance.to" in other.err
    (out / "impedance.json").unlink()  # killed between the run and the end of the spectrum
    assert thincell("impedance", coin, "--out", out, *few, "--resume").code == 0
    assert (out / "impedance.json").is_file()
    assert (out / "impedance.csv").read_bytes() == table
    assert thincell("impedance", coin, "--out", out, *few, "--force").code == 0


def test_without_a_table(thincell: Callable[..., Any], coin: Path) -> None:
    """The defaults are used, and written into the resolved case."""
    coin.write_text(COIN.split("[impedance]")[0])
    out = coin.parent / "out"
    few = ("--set", "output.figures=false", "--quiet", "--set", "impedance.points_per_decade=1")
    assert thincell("impedance", coin, "--out", out, *few).code == 0
    resolved = Case.load(out / "case.toml").resolved()["impedance"]
    assert resolved == {"from": "0.001 Hz", "to": "1000000.0 Hz", "points_per_decade": 1}
    assert thincell("run", coin, "--out", coin.parent / "run", "--quiet").code == 0
    assert "impedance" not in Case.load(coin.parent / "run" / "case.toml").resolved()


def test_a_moving_operating_point_is_told(thincell: Callable[..., Any], coin: Path) -> None:
    step = 'protocol=[{plate = "10 mA/cm^2", for = "10 ms"}]'
    few = ("--set", step, "--set", "output.figures=false", "--out", coin.parent / "out")
    answer = thincell("impedance", coin, *few)
    assert answer.code == 0, answer.err
    assert "the operating point is not steady" in answer.out.replace("\n", " ")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ('impedance.from="1 MHz"', ("impedance.from", "1e+06 Hz is above to = 10000 Hz")),
        ('impedance.from="0 Hz"', ("impedance.from", "> 0 Hz")),
        ('impedance.from="6.28 rad/s"', ("impedance.from", "angular frequency", "1 kHz")),
        ("impedance.from=1", ("impedance.from", "no unit", "1 Hz")),
        ('impedance.to="1 s"', ("impedance.to", "dimension")),
        ("impedance.points_per_decade=0", ("impedance.points_per_decade",)),
        ("impedance.amplitude=1", ("impedance.amplitude",)),
    ],
)
def test_refused(thincell: Callable[..., Any], coin: Path, setting: str, words: tuple[str, ...]) -> None:
    out = coin.parent / "out"
    answer = thincell("impedance", coin, "--out", out, "--set", setting)
    assert answer.code == 2
    assert len(answer.errors) == 1
    for word in words:
        assert word in answer.err
    assert not out.exists()


def test_failure(thincell: Callable[..., Any], coin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot be solved: exit code 3, the frequency, and no spectrum."""
    monkeypatch.setattr(solver, "REFUSED", 0.0)
    out = coin.parent / "out"
    answer = thincell("impedance", coin, "--out", out, "--quiet")
    assert answer.code == 3
    assert "no impedance at 10000 Hz" in answer.err
    assert "Traceback" not in answer.err
    assert not (out / "impedance.json").exists()
    assert not (out / "impedance.csv").exists()
