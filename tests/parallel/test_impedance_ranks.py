"""One, two and three ranks give the same spectrum."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from thincell.studies.impedance import Spectrum

#: A reference electrode, open ends, a current, and unknowns that keep their values.
CASE = """
[cell]
type = "chip"
height = "500 nm"
working = { width = "5 um", thickness = "50 nm" }
margin = "10 um"
gap = "10 um"
ends = "reservoir"
reference = { width = "5 um", gap = "5 um" }
[electrolyte]
name = "LiPF6-EC-DMC"
[reactions.plating]
name = "Li/Li+"
[[protocol]]
hold = "-20 mV"
for = "0.1 s"
[mesh]
edge = 0.2
layers = 3
columns = 4
[impedance]
from = "1 mHz"
to = "1 MHz"
points_per_decade = 3
[output]
figures = false
fields = false
"""


def spectrum(case: Path, ranks: int) -> Spectrum:
    out = case.parent / str(ranks)
    launcher = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
    own = [sys.executable, "-m", "thincell", "impedance", str(case), "--out", str(out), "--quiet"]
    done = subprocess.run([*launcher, *own], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Spectrum.load(out)


def test_spectrum_does_not_depend_on_ranks(tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    case.write_text(CASE)
    alone = spectrum(case, 1)
    for ranks in (2, 3):
        together = spectrum(case, ranks)
        assert np.array_equal(together.frequencies, alone.frequencies)
        deviation = np.abs(together.impedance - alone.impedance) / np.abs(alone.impedance)
        assert deviation.max() < 1e-8
        assert together.area == pytest.approx(alone.area, rel=1e-12)
        assert together.peaks == pytest.approx(alone.peaks, rel=1e-5)
