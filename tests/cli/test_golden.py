"""Good inputs: every command does what it says."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thincell.studies.case import Case
from thincell.studies.library import KINDS, names

COIN = """
title = "a coin cell"

[cell]
type = "coin"
working_diameter = "100 um"
counter_diameter = "100 um"
separator_diameter = "100 um"

[electrolyte]
name = "LiPF6-EC-DMC"

[reactions.plating]
name = "Li/Li+"

[[protocol]]
plate = "1 mA/cm^2"
for = "1 ms"

[mesh]
columns = 1
layers = 4

[output]
figures = false
"""


@pytest.fixture
def coin(tmp_path: Path) -> Path:
    path = tmp_path / "coin.toml"
    path.write_text(COIN)
    return path


def test_check(thincell: Callable[..., Any], good: Path) -> None:
    answer = thincell("check", good)
    assert answer.code == 0
    assert answer.err == ""
    for text in (
        "exhaustion time", "714 ms", "limiting current density", "Debye length", "unknowns",
        "At 10 mA/cm^2 this layer runs dry above the working electrode in 714 ms",
        "a coin cell would never run dry", "cell.gap", "assumed",
    ):  # fmt: skip
        assert text in answer.out


def test_check_of_a_rest_leaves_out_what_needs_a_current(
    thincell: Callable[..., Any], good: Path
) -> None:
    answer = thincell("check", good, "--set", 'protocol=[{rest=true, for="1 s"}]')
    assert answer.code == 0
    assert "exhaustion" not in answer.out
    assert "ohmic drop" not in answer.out
    assert "limiting current density" in answer.out


def test_check_needs_no_solver(good: Path) -> None:
    """It starts as fast as Python can: nothing that meshes, solves or draws is loaded."""
    program = (
        "import sys\nfrom thincell.studies.cli import main\n"
        "try: main()\nexcept SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, "check", str(good)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.split(".")[0] for name in answer.stderr.split()}
    heavy = {"dolfinx", "ufl", "basix", "gmsh", "matplotlib", "meshio", "petsc4py", "pyvista"}
    assert not loaded & heavy


def test_run(thincell: Callable[..., Any], coin: Path) -> None:
    out = coin.parent / "out"
    answer = thincell("run", coin, "--out", out, "--set", "title=again", "--quiet")
    assert answer.code == 0, answer.err
    assert "finished" in answer.out
    assert Case.load(out / "case.toml").title == "again"
    summary = json.loads((out / "summary.json").read_text())
    assert summary["Duration [s]"] == pytest.approx(1e-3)
    with (out / "history.csv").open() as stream:
        assert len(list(csv.DictReader(stream))) > 5
    again = thincell("run", coin, "--out", out)
    assert again.code == 2
    assert "--force" in again.err
    forced = thincell("run", out / "case.toml", "--out", out, "--force")
    assert forced.code == 0, forced.err
    assert not list(out.rglob("*.part"))


@pytest.mark.parametrize("suffix", ["msh", "vtu", "xdmf"])
def test_mesh_export(thincell: Callable[..., Any], coin: Path, suffix: str) -> None:
    target = coin.parent / f"cell.{suffix}"
    answer = thincell("mesh", coin, "--to", target)
    assert answer.code == 0, answer.err
    assert "triangles" in answer.out
    assert target.stat().st_size > 0
    assert not list(coin.parent.glob("*.part*"))


def test_exported_mesh_is_a_mesh_of_ones_own(thincell: Callable[..., Any], coin: Path) -> None:
    """The same triangles and boundaries: the same numbers at the end."""
    folder = coin.parent
    assert thincell("mesh", coin, "--to", folder / "cell.msh").code == 0
    own = folder / "own.toml"
    head, tail = COIN.split("[electrolyte]")
    cell = """
[cell]
type = "mesh"
file = "cell.msh"
unit = "1 m"
height = "25 um"
length = "1 m"
axisymmetric = true
porosity = 0.39
bruggeman_exponent = 1.5
names = { working = "working", counter = "counter", symmetry = "symmetry" }
"""
    rest = tail.replace("columns = 1\nlayers = 4", "order = 2")
    own.write_text(head.split("[cell]")[0] + cell + "\n[electrolyte]" + rest)
    assert thincell("check", own).code == 0
    for case in (coin, own):
        answer = thincell("run", case, "--out", folder / case.stem, "--quiet")
        assert answer.code == 0, answer.err
    one, two = (json.loads((folder / name / "summary.json").read_text()) for name in ("coin", "own"))
    key = "Cell voltage at the end [V]"
    assert two[key] == pytest.approx(one[key], rel=1e-9)
    assert two["Nominal area [m2]"] == pytest.approx(one["Nominal area [m2]"], rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_list_and_show(thincell: Callable[..., Any], kind: str) -> None:
    listed = thincell("list", kind)
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines()] == names(kind)
    for name in names(kind):
        shown = thincell("show", kind[:-1], name)
        assert shown.code == 0, shown.err
        assert "Confidence" in shown.out


def test_show_finds_a_reaction_by_its_own_name(thincell: Callable[..., Any]) -> None:
    answer = thincell("show", "reaction", "Zn/Zn2+")
    assert answer.code == 0
    assert "electrons" in answer.out


def test_schema(thincell: Callable[..., Any]) -> None:
    answer = thincell("schema")
    assert answer.code == 0
    schema = json.loads(answer.out)
    assert schema["additionalProperties"] is False
    assert {"cell", "electrolyte", "reactions", "protocol"} <= set(schema["properties"])
    assert "for" in schema["$defs"]["Step"]["properties"]


def test_version_and_help(thincell: Callable[..., Any]) -> None:
    assert thincell("--version").out[0].isdigit()
    answer = thincell("--help")
    assert answer.code == 0
    for command in (
        "check", "mesh", "run", "compare", "report", "validate", "list", "show", "schema", "doctor",
    ):  # fmt: skip
        assert command in answer.out
