"""A first study in Python: lithium at 10 mA/cm2 in 500 nm of liquid, and in a coin cell.

    python examples/first_study.py

From the command line, at all three currents and with a page:

    thincell compare examples/leenheer-2015.toml --out demo/leenheer-2015
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from thincell.studies.case import Case
from thincell.studies.compare import twin
from thincell.studies.groups import groups
from thincell.studies.run import Run, run

CASE = Path(__file__).with_name("leenheer-2015.toml")


def describe(name: str, result: Run) -> None:
    """Print where the current went at the last output time."""
    profile = result.profile("working")
    density = np.abs(profile["Local current density [A.m-2]"]) / 10
    summary = result.summary
    lowest = summary["Minimum concentration at the end [mol.m-3]"]
    print(f"{name} after {summary['Duration [s]']:.3g} s")
    print(f"  current density      {density.min():.2f} to {density.max():.2f} mA/cm2")
    print(f"  cell voltage         {1e3 * summary['Cell voltage at the end [V]']:.1f} mV")
    print(f"  lowest concentration {lowest:.0f} mol/m3")
    print(f"  Gini coefficient     {summary['Gini coefficient of the current density']:.3f}")
    print(f"  books                charge to {summary['Largest charge imbalance']:.1e},"
          f" ions to {summary['Largest ion imbalance']:.1e}")  # fmt: skip


def main() -> tuple[Run, Run]:
    """The thin cell and its twin."""
    case = Case.load(CASE, ['protocol.0.for = "2 s"'])

    for group in groups(case):  # what `thincell check` prints, in no time
        print(f"- {group.sentence}")

    thin = run(case)
    coin = run(twin(case))
    describe("Thin cell", thin)
    describe("Coin cell", coin)
    return thin, coin


if __name__ == "__main__":
    main()
