"""Pages of a sweep's points, made by processes of their own: `python -m thincell.studies.sweep.pages`.

Points are run without pictures to save time on the cluster; their pages, with pictures unless the
point's own case does without, are made here, side by side, where the sweep's report is made.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from math import ceil
from pathlib import Path

from thincell.studies.sweep.folder import CASE, PAGE, read_point

#: Files without which a run's folder cannot be read.
NEEDED = ("case.toml", "manifest.json", "summary.json", "history.csv", "electrode.csv", "maps.npz")

#: Most runs per process: starting one costs about as much as a page, and one that dies loses its batch.
_BATCH = 8


def run_folder(point: Path) -> Path:
    """The folder of a point's last attempt."""
    return point / read_point(point).run


def make_pages(folder: Path, processes: int = 0) -> list[Path]:
    """Make the pages of all points that have results but no page; run folders that still have none.

    ``processes`` is by default the number of cores this process may use.
    """
    runs = [run_folder(place) for place in sorted((folder / "points").glob("*/"))]
    todo = [run for run in runs if _readable(run) and not _has_page(run)]
    processes = processes or len(os.sched_getaffinity(0))
    batches = batched(todo, max(1, min(_BATCH, ceil(len(todo) / processes))))
    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(_run_batch, batches))
    return [run for run in todo if not _has_page(run)]


def _readable(run: Path) -> bool:
    return all((run / name).is_file() for name in NEEDED)


def _has_page(run: Path) -> bool:
    """Whether there is a page of this run, not of one that it replaced."""
    page = run / PAGE
    return page.is_file() and page.stat().st_mtime >= (run / "summary.json").stat().st_mtime


def _run_batch(runs: tuple[Path, ...]) -> None:
    subprocess.run(
        [sys.executable, "-m", "thincell.studies.sweep.pages", *map(str, runs)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        check=False,
    )


def main() -> None:
    """Make the page of every run folder named in the arguments."""
    from thincell.studies.case import Case
    from thincell.studies.report import write_run
    from thincell.studies.results import Run

    for place in map(Path, sys.argv[1:]):
        try:
            run, wanted = Run.load(place), place.parent / CASE
            figures = Case.load(wanted).output.figures if wanted.is_file() else True
            run.case = run.case.changed({"output.figures": figures})
            write_run(run)
        except Exception:  # one page that cannot be made is no reason to lose the others
            print(f"no page for {place}:\n{traceback.format_exc()}", file=sys.stderr)


if __name__ == "__main__":
    main()
