"""Docstrings as MyST, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def from_docstring(text: str) -> str:
    """A docstring of this project as Markdown.

    Indented blocks are formulas: they become literal blocks, with or without a blank line before
    them. Tables and lists stay. Signs with a meaning in Markdown are escaped in running text.
    """
    out: list[str] = []
    lines = text.strip("\n").split("\n")
    position, in_list = 0, False
    while position < len(lines):
        line = lines[position]
        if not line.strip():
            in_list = False
            out.append("")
            position += 1
            continue
        if line.startswith("    ") and not in_list:
            block = []
            while position < len(lines) and (
                lines[position].startswith("    ")
                or (not lines[position].strip() and _formula_follows(lines, position))
            ):
                block.append(lines[position][4:])
                position += 1
            while out and not out[-1]:
                out.pop()
            out += ["", "```text", *block, "```", ""]
            continue
        if line.startswith("|"):
            out.append(line)
        else:
            bullet = re.match(r"(\* |- )", line)
            in_list = in_list or bool(bullet)
            out.append(bullet.group() + escape(line[2:]) if bullet else _no_bullet(escape(line)))
        position += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip()


def _formula_follows(lines: Sequence[str], position: int) -> bool:
    return position + 1 < len(lines) and lines[position + 1].startswith("    ")


def _no_bullet(line: str) -> str:
    """A line of a formula in running text may begin with a sign."""
    return re.sub(r"^(\s*)([+-])(\s)", r"\1\\\2\3", line)


def escape(line: str) -> str:
    """Escape a line outside of its `code`."""
    parts = re.split(r"(``.*?``|`[^`]*`)", line)
    return "".join(part if k % 2 else _escape(part) for k, part in enumerate(parts))


def _escape(text: str) -> str:
    text = re.sub(r"(?<=[\w)\]'])(\*{1,2})(?=[\w(\[])", lambda m: "\\*" * len(m.group()), text)
    return re.sub(r"([\[\]<])", r"\\\1", text)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    body = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(_cell(item) for item in row) + " |" for row in body)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|") or " "


def code(text: str) -> str:
    """Inline code; nothing for nothing."""
    return f"`{text}`" if text else ""
