"""A mesh that follows the front beside one that is fine wherever the metal may come, at equal error.

    python benchmarks/deposit_adaptive.py            # three minutes

A ripple 4 um long on a flat film in a cell 12 um high, delta = 50 nm; the fixed mesh is fine up to 8 um
above the electrode, 160 delta. Both grow through the first 8 delta; the error is that of the growth rate
against the sharp front (`validation/theory/deposit_stability.py`). Every run has a process of its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import dolfinx_solver  # noqa: F401

from thincell.validation.theory.deposit_stability import Ripple
from thincell.validation.theory.front_cases import um

RIPPLE = Ripple(4.0, 0.05, growth=8.0, gap=12.0, share=0.6)
RUNS: dict[str, dict[str, Any]] = {
    "follows, band = 8": {"band": 8.0},
    "follows, band = 4": {"band": 4.0},
    "follows, band = 2": {"band": 2.0},
    "fixed": {"adaptive": False, "reach": um(8.0)},
}


def one(name: str) -> None:
    """Run and print as JSON."""
    began = time.process_time()
    found = RIPPLE.run(**RUNS[name])
    spent = time.process_time() - began
    books = max(v for key, v in found.summary.items() if key.endswith("imbalance"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps([found.rate / RIPPLE.theory - 1, spent, peak, books]))


def main() -> None:
    """The table."""
    print("| mesh | error of the growth rate | CPU [s] | fixed / this | memory [GB] | books |")
    print("|---|---|---|---|---|---|")
    rows = {}
    for name in RUNS:
        command = [sys.executable, __file__, name]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        rows[name] = json.loads(answer.splitlines()[-1])
    for name, (error, spent, peak, books) in rows.items():
        ratio = rows["fixed"][1] / spent
        print(f"| {name} | {error:.2%} | {spent:.0f} | {ratio:.1f} | {peak:.2f} | {books:.0e} |")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        one(sys.argv[1])
    else:
        main()
