"""Sphinx extension: writes docs/_generated/*.md from the code at the beginning of every build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import case_keys
import equations
import library
import results

PAGES = {
    "case-keys.md": case_keys.page,
    "equations.md": equations.page,
    "benchmarks.md": equations.benchmarks,
    "api.md": equations.api,
    "figures.md": results.figures,
    "library.md": library.page,
    "results.md": results.page,
}


def write(folder: Path) -> None:
    """All generated pages; a page that has not changed keeps its time stamp."""
    folder.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        path, text = folder / name, make()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "_generated"))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    write(Path(__file__).resolve().parent.parent / "_generated")
