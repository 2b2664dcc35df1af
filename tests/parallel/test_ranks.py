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
{model}
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
    "model": "",
    "reaction": "Li/Li+",
    "more": STEP.format("10 mA/cm^2", "1 s") + '[[protocol]]\nrest = true\nfor = "1 s"\n',
    "every": "0.5 s",
}

OPEN = {
    "cell": 'ends = "reservoir"\nreference = { width = "5 um", gap = "10 um" }',
    "electrolyte": "ZnSO4-aq",
    "concentration": "0.1 mol/L",
    "model": "",
    "reaction": "Zn/Zn2+",
    "more": '[reactions.hydrogen]\nname = "HER-Zn"\n'
    + STEP.format("10 mA/cm^2", "0.2 s")
    + '[[protocol]]\nhold = "-0.05 V"\nfor = "0.2 s"\n',
    "every": "0.1 s",
}

#: Four ions with a fast equilibrium between them, and the closure at the electrodes.
IONS = {
    "cell": "",
    "electrolyte": "ZnSO4-aq",
    "concentration": "0.1 mol/L",
    "model": """
species = [
    { name = "Zn2+", charge = 2 },
    { name = "SO4 2-", charge = -2, concentration = "0.0999995 mol/L" },
    { name = "OH-", charge = -1, diffusivity = "5.3e-9 m^2/s", concentration = "1.001 umol/L" },
    { name = "ZnOH+", charge = 1, diffusivity = "7e-10 m^2/s", concentration = "1 nmol/L" },
]
[[electrolyte.homogeneous]]
equation = "Zn2+ + OH- = ZnOH+"
equilibrium_constant = 1e4
forward_rate = "1e6 L/mol/s"
""",
    "reaction": "Zn/Zn2+",
    "more": '[reactions.hydrogen]\nname = "HER-Zn"\nequation = "2 H2O + 2 e- = H2 + 2 OH-"\n'
    + '[double_layer]\nstern_thickness = "0.5 nm"\n'
    + "[mesh]\nedge = 0.2\nlayers = 2\ncolumns = 4\n"
    + STEP.format("10 mA/cm^2", "0.1 ms"),
    "every": "0.1 ms",
}

RESOLVED = {
    "cell": "",
    "electrolyte": "ZnSO4-aq",
    "concentration": "1 mmol/L",
    "model": 'model = "nernst-planck-poisson"',
    "reaction": "Zn/Zn2+",
    "more": "[mesh]\ndouble_layer_edge = 2\ndouble_layer_growth = 2.5\ngrowth = 2.5\ncolumns = 2\n"
    + '[double_layer]\npotential_of_zero_charge = "-0.02 V"\n'
    + STEP.format("0.2 mA/cm^2", "50 us"),
    "every": "50 us",
}

STREAM = {
    "cell": 'ends = "reservoir"',
    "electrolyte": "ZnSO4-aq",
    "concentration": "0.3 mol/L",
    "model": "",
    "reaction": "Zn/Zn2+",
    "more": '[flow]\nrate = "1e-3 uL/min"\n' + STEP.format("10 mA/cm^2", "0.2 s"),
    "every": "0.2 s",
}

CASES = {
    "closed, plate and rest": CLOSED,
    "reservoir with reference": OPEN,
    "stream": STREAM,
    "four ions with the closure": IONS,
    "resolved double layers": RESOLVED,
}


#: Its kernels alone take half a minute to compile.
SLOW = "four ions with the closure"


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n == SLOW else ()) for n in CASES]
)
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
