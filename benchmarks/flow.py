"""Which flow rates matter: steady current at 1 V of `examples/flow-li-2021.toml`, with and without a bypass.

python benchmarks/flow.py docs/images/flow.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from thincell.studies.case import Case
from thincell.studies.flow.channel import channel, supply
from thincell.studies.steady import Steady

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "flow-li-2021.toml"
BYPASS = {"height": "100 um", "width": "2 mm"}
RATES = np.geomspace(0.1, 100.0, 4)
POTENTIALS = (-0.1, -0.3, -0.6, -1.0)


def steady(case: Case) -> float:
    """Steady current density [A.m-2] at the last of the potentials."""
    held = Steady(case)
    return -[held.at_potential(potential).current_density for potential in POTENTIALS][-1]


def main(to: Path) -> None:
    """Solve and draw."""
    base = Case.load(EXAMPLE).resolved()
    still = steady(Case.parse({key: value for key, value in base.items() if key != "flow"}))
    figure, axes = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
    print(f"without flow: {still / 10:.2f} mA/cm2")
    for label, bypass, mark in (
        ("all through the layer", None, "o"),
        ("with a bypass, 100 µm high", BYPASS, "s"),
    ):
        found = []
        for rate in RATES:
            flow = {**base["flow"], "rate": f"{rate} uL/min"} | ({"bypass": bypass} if bypass else {})
            case = Case.parse({**base, "flow": flow})
            c, s, current = channel(case), supply(case), steady(case)
            found.append(current / still)
            print(f"{rate:7.3f} uL/min {label}: share {c.share:.3g}, U {c.mean * 1e3:.3g} mm/s, "
                f"Pe {s.peclet:.3g},"
                  f" Lv {s.leveque_number:.3g}, i {current / 10:.2f}, limit {s.limit / 10:.4g} mA/cm2,"
                  f" drop {(c.drop or 0) / 1e5:.3g} bar", flush=True)  # fmt: skip
        axes.loglog(RATES, found, marker=mark, label=label)
    axes.set_xlabel("Flow through the chip [µL/min]")
    axes.set_ylabel("Steady current at 1 V over that without flow")
    axes.axhline(1.0, color="0.6", linewidth=0.8)
    axes.legend(frameon=False)
    figure.savefig(to, dpi=160)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
