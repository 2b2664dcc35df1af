"""One, two and three ranks give the same numbers, in every kind of cell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHIP = """
[cell]
type = "chip"
height = "500 nm"
working = {{ width = "10 um", thickness = "50 nm" }}
margin = "50 um"
{cell}
[electrolyte]
name = "{electrolyte}"
concentration = "{concentration}"
[reactions.plating]
name = "{reaction}"
{more}
[output]
every = "{every}"
"""

STEP = '[[protocol]]\nplate = "{0}"\nfor = "{1}"\n'

CLOSED = {
    "cell": "",
    "electrolyte": "LiPF6-EC-DMC",
    "concentration": "1 mol/L",
    "reaction": "Li/Li+",
    "more": STEP.format("10 mA/cm^2", "1 s") + '[[protocol]]\nrest = true\nfor = "1 s"\n',
    "every": "0.5 s",
}

OPEN = {
    "cell": 'ends = "reservoir"\nreference = { width = "5 um", gap = "10 um" }',
    "electrolyte": "ZnSO4-aq",
    "concentration": "0.1 mol/L",
    "reaction": "Zn/Zn2+",
    "more": '[reactions.hydrogen]\nname = "HER-Zn"\n'
    + STEP.format("10 mA/cm^2", "0.2 s")
    + '[[protocol]]\nhold = "-0.05 V"\nfor = "0.2 s"\n',
    "every": "0.1 s",
}

CASES = {"closed, plate and rest": CLOSED, "reservoir with reference": OPEN}

#: Numbers that are themselves rounding errors.
ROUNDING = ("Largest charge imbalance", "Largest ion imbalance")


def unit(key: str) -> float:
    """Size of what a number is measured against when it is zero: 100 A/m2 after a rest, say."""
    return 100.0 if "[A.m-2]" in key else 1e-3


def summary(case: Path, ranks: int, out: Path) -> dict[str, Any]:
    launcher = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
    command = [*launcher, sys.executable, "-m", "thincell", "run", str(case), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    loaded = json.loads((out / "summary.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("name", list(CASES))
def test_summary_does_not_depend_on_ranks(name: str, tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    case.write_text(CHIP.format(**CASES[name]))
    alone = summary(case, 1, tmp_path / "1")
    for ranks in (2, 3):
        together = summary(case, ranks, tmp_path / str(ranks))
        assert together.keys() == alone.keys()
        for key, value in alone.items():
            if isinstance(value, float) and key not in ROUNDING:
                assert together[key] == pytest.approx(value, rel=1e-8, abs=1e-9 * unit(key)), (
                    ranks,
                    key,
                )
            elif key not in ROUNDING:
                assert together[key] == value, (ranks, key)
    assert alone["Largest charge imbalance"] < 1e-9
    assert alone["Largest ion imbalance"] < 1e-9
