"""Equations, benchmarks and the Python interface, from the docstrings; nothing is imported."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from myst_text import escape, from_docstring

ROOT = Path(__file__).resolve().parents[2]

#: Headings of the page of equations and the modules below them, in order.
CHAPTERS: dict[str, tuple[str, ...]] = {
    "The liquid": (
        "model/electrolyte.py", "model/electroneutral.py", "model/ohmic.py", "model/properties.py",
        "model/scales.py", "model/terms.py", "model/measures.py",
    ),
    "The electrodes": ("model/reactions.py", "model/kinetics.py"),
    "Exact formulas, used by `thincell check`": (
        "model/coplanar.py",
        "model/secondary.py",
        "model/capacity.py",
        "model/depletion.py",
        "studies/limits.py",
        "studies/groups.py",
    ),
    "The geometry and its mesh": (
        "geometry/cells.py", "geometry/section.py", "geometry/tags.py", "geometry/grading.py",
        "geometry/columns.py", "studies/meshing.py",
    ),
    "The solution": (
        "solvers/bordered.py", "solvers/controls.py", "solvers/bdf.py", "solvers/stepper.py",
        "solvers/march.py", "solvers/flux.py", "solvers/impedance.py",
    ),
    "What is made of the results": (
        "studies/uniformity.py", "studies/summary.py", "studies/differences.py",
    ),
}  # fmt: skip

#: Helpers without an equation of their own.
LEFT_OUT = {"model/constants.py", "model/units.py", "solvers/failure.py", "solvers/sample.py"}

API = (
    "studies/case.py", "studies/run.py", "studies/results.py", "studies/compare.py",
    "studies/impedance.py",
)  # fmt: skip
API_NAMES = (
    "Case", "run", "Run", "compare", "Comparison", "Pair", "Member", "twin", "impedance", "Spectrum",
)  # fmt: skip


def page() -> str:
    """Every module of the model and the solvers: a new one appears without being listed."""
    chapters = {title: list(files) for title, files in CHAPTERS.items()}
    listed = {file for files in chapters.values() for file in files} | LEFT_OUT
    for room, title in (("model", "The liquid"), ("solvers", "The solution")):
        for path in sorted((ROOT / room).glob("*.py")):
            name = f"{room}/{path.name}"
            if path.name != "__init__.py" and name not in listed:
                chapters[title].append(name)
    parts = []
    for title, files in chapters.items():
        parts.append(f"## {title}")
        parts += [_module(file) for file in files]
    return "\n\n".join(parts) + "\n"


def benchmarks() -> str:
    """What each benchmark of `thincell validate --theory` compares."""
    runner = ast.parse((ROOT / "validation/runner.py").read_text(encoding="utf-8"))
    theory = next(
        ast.literal_eval(node.value)
        for node in runner.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "THEORY"
    )
    parts = []
    for name in theory:
        tree = ast.parse(
            (ROOT / f"validation/theory/{name.replace('-', '_')}.py").read_text(encoding="utf-8")
        )
        parts.append(f"### `{name}`\n\n{from_docstring(ast.get_docstring(tree) or '')}")
    return "\n\n".join(parts) + "\n"


def api() -> str:
    """The few names that a script needs."""
    found = {}
    for file in API:
        for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in API_NAMES:
                place = f"thincell.{file.removesuffix('.py').replace('/', '.')}"
                found[node.name] = _entry(node, f"{place}.")
    return "\n\n".join(found[name] for name in API_NAMES) + "\n"


def _module(file: str) -> str:
    source = (ROOT / file).read_text(encoding="utf-8")
    tree = ast.parse(source)
    head, _, body = (ast.get_docstring(tree) or "").partition("\n")
    name = f"thincell.{file.removesuffix('.py').replace('/', '.')}"
    parts = [f"### {escape(head.rstrip('.'))}", f"`{name}`"]
    if body.strip():
        parts.append(from_docstring(body))
    constants = _constants(tree, source)
    if constants:
        parts.append("\n".join(f"- `{text}`: {escape(meaning)}" for text, meaning in constants))
    parts += [
        _entry(node)
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and _told(node)
    ]
    return "\n\n".join(parts)


def _constants(tree: ast.Module, source: str) -> list[tuple[str, str]]:
    """Numbers of a module with the comment `#:` above or the text below them."""
    lines, found = source.split("\n"), []
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant | ast.BinOp):
            continue
        told, above = [], node.lineno - 2
        while lines[above].startswith("#:"):
            told.insert(0, lines[above][2:].strip())
            above -= 1
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            told.append(str(after.value.value))
        if told:
            found.append((ast.unparse(node), " ".join(told)))
    return found


def _told(node: ast.ClassDef | ast.FunctionDef) -> bool:
    return not node.name.startswith("_") and ast.get_docstring(node) is not None


def _entry(node: ast.ClassDef | ast.FunctionDef, prefix: str = "") -> str:
    """A definition: signature, docstring, methods."""
    text = from_docstring(ast.get_docstring(node) or "")
    if isinstance(node, ast.ClassDef):
        methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and _told(m)]
        text += "".join("\n\n" + _entry(method) for method in methods)
    indented = "\n".join(f"  {line}" if line else "" for line in text.split("\n")).lstrip()
    return f"`{prefix}{_signature(node)}`\n: {indented}"


def _signature(node: ast.ClassDef | ast.FunctionDef) -> str:
    if isinstance(node, ast.ClassDef):
        fields = [_field(item) for item in node.body if isinstance(item, ast.AnnAssign)]
        fields = [field for field in fields if not field.startswith("_")]
        return f"{node.name}({', '.join(fields)})" if fields else node.name
    if any(ast.unparse(d) == "property" for d in node.decorator_list):
        return node.name
    arguments = re.sub(r": [^,=()]+(\[[^=]*?\])?(?= =|,|$)", "", ast.unparse(_bare(node.args)))
    return f"{node.name}({arguments})"


def _field(item: ast.AnnAssign) -> str:
    name = ast.unparse(item.target)
    simple = item.value is not None and isinstance(item.value, ast.Constant)
    return f"{name}={ast.unparse(item.value)}" if simple and item.value else name


def _bare(arguments: ast.arguments) -> ast.arguments:
    """The arguments without annotations and without self."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    for argument in [*every, arguments.vararg, arguments.kwarg]:
        if argument is not None:
            argument.annotation = None
    if arguments.args and arguments.args[0].arg in ("self", "cls"):
        arguments.args = arguments.args[1:]
    return arguments
