"""One, two and three ranks give the same numbers, in every kind of cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from parallel import runs

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


@pytest.mark.parametrize("name", list(CASES))
def test_summary_does_not_depend_on_ranks(name: str, tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    case.write_text(CHIP.format(**CASES[name]))
    found = []
    for ranks in (1, 2, 3):
        done = runs.finish(case, tmp_path / str(ranks), ranks)
        assert done.returncode == 0, done.stdout + done.stderr
        found.append(runs.summary(tmp_path / str(ranks)))
    for together in found[1:]:
        runs.same(found[0], together)
    assert found[0]["Largest charge imbalance"] < 1e-9
    assert found[0]["Largest ion imbalance"] < 1e-9
