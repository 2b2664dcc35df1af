"""The columns, scalars and files of a run, and the captions of its figures."""

from __future__ import annotations

import ast
from pathlib import Path

from myst_text import code, escape, table

from thincell.studies import names

ROOT = Path(__file__).resolve().parents[2]

FIGURES = ("schematic", "along", "maps", "time", "share")


def page() -> str:
    """history.csv, electrode.csv, maps.npz, summary.json, manifest.json."""
    reaction = "NAME"
    own = [
        (
            names.of_reaction(reaction),
            "Share of a reaction in the current density.",
        ),
        (names.charge_of(reaction), "Share of a reaction in the charge density."),
    ]
    local = (names.local_of(reaction), "Share of a reaction in the local current density.")
    history = [_row(name) for name in names.HISTORY]
    history += [("", code(key), meaning) for key, meaning in own]
    history.append(_row(names.EVENT))
    profile = [*(_row(name) for name in names.PROFILE), ("", code(local[0]), local[1])]
    headings = ("Symbol", "Column", "Meaning")
    maps = [
        ("`points`", "(points, 2)", "x and z (coin cell: radius and z) of the mesh's points [m]."),
        ("`triangles`", "(triangles, 3)", "Numbers of the points of each triangle."),
        ("`times`", "(times,)", "Output times [s]."),
        (code(names.CONCENTRATION.name), "(times, points)", names.CONCENTRATION.meaning),
        (code(names.PHI.name), "(times, points)", names.PHI.meaning),
        *(
            (code(name.name), "(times, points)", name.meaning)
            for name in (names.STREAM, names.STREAM_ABOVE)
        ),
    ]
    keys = "\n".join(f"- `{key}`" for key in keys_of("studies/summary.py"))
    made = [*keys_of("studies/manifest.py", "manifest"), *keys_of("studies/run.py", "_manifest")]
    head = "\n".join(f"- `{key}`" for key in made)
    return "\n\n".join(
        [
            "## `history.csv`: one row per time step", table(headings, history),
            "## `electrode.csv`: along both electrodes, at the output times",
            table(headings, profile),
            "## `maps.npz`: fields at the output times",
            table(("Array", "Shape", "Meaning"), maps),
            "## `impedance.csv`: one row per frequency, the highest first",
            table(headings, [_row(name) for name in names.SPECTRUM]),
            "## `summary.json`: scalars of the run", keys,
            "## `manifest.json`: how the run was made", head,
        ]
    ) + "\n"  # fmt: skip


def _row(name: names.Name) -> tuple[str, str, str]:
    return code(name.symbol), code(name.name), escape(name.meaning)


def figures() -> str:
    """Captions of the figures, in the order of the page."""
    parts = []
    for module in FIGURES:
        path = ROOT / f"studies/figures/{module}.py"
        tree = ast.parse(path.read_text(encoding="utf-8"))
        title = (ast.get_docstring(tree) or "").split("\n")[0].rstrip(".")
        caption = next(
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CAPTION"
        )
        parts.append(f"**{escape(title)}**\n: {escape(caption)}")
    return "\n\n".join(parts) + "\n"


def keys_of(file: str, function: str | None = None) -> list[str]:
    """Keys of the dictionaries that a module (or one function of it) makes, in order."""
    tree: ast.AST = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    if function is not None:
        tree = next(
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name == function
        )
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            found += [(key.lineno, _text(key)) for key in node.keys if key is not None]
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.append((node.lineno, _text(node.slice)))
    return list(dict.fromkeys(text for _, text in sorted(found) if text))


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "NAME" for part in node.values
        )
    return ""
