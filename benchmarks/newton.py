"""Newton counts of random cells with resolved double layers, up to 0.95 of the limiting current.

    python benchmarks/newton.py --cases 200

Prints failures, with the case, and the distribution of steps and iterations. Exits with 1 when there
is a failure.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

import thincell  # noqa: F401  (loads MPI in the right order)
from thincell.validation.theory.batch import Trial, trials

LEVELS = (0, 50, 90, 95, 100)


def main(count: int, seed: int) -> int:
    """Run the cases; the exit code."""
    efforts, failures, start = [], 0, time.perf_counter()
    for number, trial in enumerate(trials(count, seed)):
        try:
            efforts.append(trial.run().effort)
        except RuntimeError as failure:
            failures += 1
            print(f"case {number}: {type(failure).__name__}: {failure}\n  {describe(trial)}", flush=True)
    spent = time.perf_counter() - start
    print(f"{count} cases, {failures} failures, {spent:.0f} s")
    if not efforts:
        return 1
    print(f"{'percentile':<12}" + "".join(f"{level:>8}" for level in LEVELS))
    for name in ("iterations", "steps", "rejected"):
        values = np.percentile([getattr(effort, name) for effort in efforts], LEVELS)
        print(f"{name:<12}" + "".join(f"{value:>8.0f}" for value in values))
    direct = sum(effort.steps == 1 and effort.rejected == 0 for effort in efforts)
    print(f"in one solve: {direct}; of these at most 8 iterations: "
          f"{sum(e.steps == 1 and not e.rejected and e.iterations <= 8 for e in efforts)}")  # fmt: skip
    return 1 if failures else 0


def describe(trial: Trial) -> str:
    """The numbers of a case."""
    return f"{trial.share:.3f} of the limiting current, {trial.plate}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=int, default=200, help="how many (200)")
    parser.add_argument("--seed", type=int, default=20250301, help="of the random numbers")
    arguments = parser.parse_args()
    sys.exit(main(arguments.cases, arguments.seed))
