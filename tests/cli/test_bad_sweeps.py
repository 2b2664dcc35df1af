"""Bad sweep files: exit code 2, one clear message for each mistake, no traceback, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASE = 'case = "case.toml"\n'
HEIGHT = '[[axis]]\nname = "height"\nkey = "cell.height"\nvalues = ["300 nm", "500 nm"]\n'
SWEEP = CASE + HEIGHT


def axis(*lines: str) -> str:
    """A sweep of one axis, of which these lines are given."""
    return CASE + "[[axis]]\n" + "\n".join(lines) + "\n"


def ranged(*lines: str) -> str:
    """A sweep of one range of heights."""
    return axis('name = "height"', 'key = "cell.height"', *lines)


def listed(values: str, key: str = "cell.height") -> str:
    """A sweep of one list of values."""
    return axis('name = "height"', f'key = "{key}"', f"values = {values}")


def second(*lines: str) -> str:
    """A good sweep of heights and an axis of which these lines are given."""
    return SWEEP + "[[axis]]\n" + "\n".join(lines) + "\n"


def sobol(*lines: str) -> str:
    """A Sobol sample of one range with these lines."""
    design = '[design]\nmethod = "sobol"\npoints = 4\n'
    return CASE + design + ranged('from = "1 um"', 'to = "2 um"', *lines).removeprefix(CASE)


def expressed(table: str) -> str:
    """A good sweep with a table of expressions."""
    return f"{SWEEP}{table}\n"


ZIP = 'zip = {{ "cell.height" = ["1 um", "2 um"], "cell.gap" = {} }}'

BAD: dict[str, tuple[str, list[str]]] = {
    # -- the file as a whole
    "empty": ("", ["case", "[base]"]),
    "not TOML": ("case = [", ["sweep.toml", "not valid TOML"]),
    "no axis": (CASE, ["axis", "at least one [[axis]]"]),
    "empty axis list": ("axis = []\n" + CASE, ["axis", "at least one"]),
    "axis as a table": (CASE + '[axis]\nname = "h"', ["axis", "not a list"]),
    "axis as text": ('axis = "height"\n' + CASE, ["axis", "'height'", "not a list"]),
    "axes as text": ('axis = ["height"]\n' + CASE, ["axis.0", "not a table"]),
    "no base": (HEIGHT, ["case", "[base]"]),
    "two bases": (SWEEP + "[base.cell]\n", ["case", "either"]),
    "case is no text": ("case = 5\n" + HEIGHT, ["case", "5", "not text"]),
    "unknown key": ("titel = 'x'\n" + SWEEP, ["titel", "did you mean 'title'"]),
    "unknown table": (SWEEP + "[desing]\n", ["desing", "did you mean 'design'"]),
    "unknown axis entry": (ranged('vaules = ["1 um"]'), ["axis.0.vaules", "'values'"]),
    "unknown engine key": (SWEEP + "[engine]\nrank = 2\n", ["engine.rank", "'ranks'"]),
    "unknown slurm key": (SWEEP + "[engine.slurm]\nwaltime = '1'\n", ["waltime", "'walltime'"]),
    "own name of a field": (ranged('start = "1 um"', 'to = "2 um"'), ["axis.0.start", "unknown"]),
    "case is absent": ('case = "absent.toml"\n' + HEIGHT, ["case", "no file", "absent.toml"]),
    "case is a folder": ('case = "."\n' + HEIGHT, ["case", "folder"]),
    "case is broken": ('case = "broken.toml"\n' + HEIGHT, ["broken.toml", "not valid TOML"]),
    "case is binary": ('case = "binary.toml"\n' + HEIGHT, ["binary.toml", "UTF-8"]),
    "case is a sweep": ('case = "good.toml"\n' + HEIGHT, ["case", "good.toml", "sweep file"]),
    "case is invalid": ('case = "wrong.toml"\n' + HEIGHT, ["base case: cell.height", "5"]),
    "inline base is invalid": (HEIGHT + "[base]\nx = 1\n[base.cell]\n", ["base case: x", "unknown"]),
    "description": ("description = 3\n" + SWEEP, ["description", "not text"]),
    # -- names
    "no name": (axis('key = "cell.height"', 'values = ["1 um"]'), ["axis.0.name", "missing"]),
    "name with a space": (second('name = "the gap"'), ["axis.1.name", "'the gap'"]),
    "name with a digit": (second('name = "2d"'), ["axis.1.name", "'2d'"]),
    "name is a word of Python": (second('name = "if"'), ["axis.1.name", "'if'", "another"]),
    "name is a function": (second('name = "log"'), ["axis.1.name", "'log'"]),
    "name is a result": (second('name = "Status"'), ["axis.1.name", "'Status'"]),
    "name twice": (
        second('name = "height"', 'key = "cell.gap"', 'values = ["1 um"]'),
        ["axis.1.name", "'height'"],
    ),
    # -- keys
    "no key": (axis('name = "h"', 'values = ["1 um"]'), ["axis.0", "key", "zip"]),
    "key and zip": (ranged(ZIP.format('["1 um", "2 um"]')), ["axis.0", "either key"]),
    "key twice": (
        second('name = "b"', 'key = "cell.height"', 'values = ["1 um"]'),
        ["axis.1", "'cell.height'", "'height'"],
    ),
    "key within a key": (
        second('name = "b"', 'key = "cell"', "values = [{}]"),
        ["axis.1", "'cell'", "overwrites 'cell.height'"],
    ),
    "empty part of a key": (listed('["1 um"]', "cell..height"), ["axis.0.key", "'cell..height'"]),
    "unknown key of the case": (
        listed('["1 um", "2 um"]', "cell.hieght"),
        ["axis.0 (height)", "cell.hieght", "did you mean 'height'"],
    ),
    "unknown table of the case": (
        listed('["1 um"]', "sell.height"),
        ["axis.0 (height)", "sell", "did you mean 'cell'"],
    ),
    "step that is not there": (
        listed('["1 mA/cm^2"]', "protocol.1.plate"),
        ["axis.0 (height)", "protocol.1.plate", "1 items"],
    ),
    # -- values
    "no values": (ranged(), ["axis.0", "values", "from"]),
    "empty values": (listed("[]"), ["axis.0.values", "no values"]),
    "values no list": (listed('"1 um"'), ["axis.0.values", "'1 um'", "not a list"]),
    "wrong unit everywhere": (listed('["1 s", "2 s"]'), ["cell.height", "'1 s'", "'2 s'"]),
    "wrong unit once": (listed('["1 um", "2 s"]'), ["axis.0.values", "'2 s'", "in units of m"]),
    "no unit": (listed("[500, 600]"), ["cell.height", "no unit"]),
    "unit once": (listed('["500 nm", 600]'), ["axis.0.values", "'600'", "in units of m"]),
    "number and name": (listed('["500 nm", "high"]'), ["axis.0.values", "'high'"]),
    "twice": (listed('["1 um", "1 um"]'), ["axis.0.values", "'1 um'", "twice"]),
    "twice, in two units": (listed('["1 um", "1000 nm"]'), ["axis.0.values", "1000 nm", "twice"]),
    "not finite": (listed('["1 um", "inf um"]'), ["axis.0.values", "'inf um'"]),
    "unknown entry": (
        listed('["LiPF7"]', "electrolyte.name"),
        ["electrolyte.name", "'LiPF7'", "did you mean"],
    ),
    "too few labels": (
        listed('["1 um", "2 um"]\nlabels = ["a"]'),
        ["axis.0.labels", "1 labels for 2 values"],
    ),
    "labels twice": (listed('["1 um", "2 um"]\nlabels = ["a", "a"]'), ["axis.0.values", "twice"]),
    "labels of a range": (
        ranged('from = "1 um"', 'to = "2 um"', "count = 2", 'labels = ["a", "b"]'),
        ["axis.0.labels", "range"],
    ),
    # -- ranges
    "values and range": (ranged('values = ["1 um"]', 'from = "1 um"'), ["axis.0", "either values"]),
    "no end": (ranged('from = "1 um"', "count = 2"), ["axis.0.to", "missing"]),
    "no beginning": (ranged('to = "1 um"', "count = 2"), ["axis.0.from", "missing"]),
    "no count": (ranged('from = "1 um"', 'to = "2 um"'), ["axis.0.count", "count = 5"]),
    "count of one": (ranged('from = "1 um"', 'to = "2 um"', "count = 1"), ["axis.0.count", "1"]),
    "count as text": (ranged('from = "1 um"', 'to = "2 um"', 'count = "5"'), ["axis.0.count"]),
    "count of a list": (ranged('values = ["1 um"]', "count = 2"), ["axis.0.count", "range"]),
    "spacing of a list": (ranged('values = ["1 um"]', 'spacing = "log"'), ["spacing", "range"]),
    "unknown spacing": (
        ranged('from = "1 um"', 'to = "2 um"', "count = 2", 'spacing = "lin"'),
        ["axis.0.spacing", "did you mean 'linear'"],
    ),
    "downwards": (
        ranged('from = "2 um"', 'to = "1000 nm"', "count = 2"),
        ["axis.0.to", "'1000 nm'", "exchange"],
    ),
    "nowhere": (ranged('from = "1 um"', 'to = "1000 nm"', "count = 2"), ["axis.0.to", "above"]),
    "log from zero": (
        ranged('from = "0 um"', 'to = "1 um"', "count = 2", 'spacing = "log"'),
        ["axis.0.from", "'0 um'", "linear"],
    ),
    "downwards from log of zero": (
        ranged('from = "1 um"', 'to = "0 um"', "count = 2", 'spacing = "log"'),
        ["axis.0.to", "'0 um'"],
    ),
    "ends of two kinds": (
        ranged('from = "1 um"', 'to = "1 s"', "count = 2"),
        ["axis.0.to", "'1 s'", "in units of m"],
    ),
    "end without unit": (ranged('from = "1 um"', "to = 2", "count = 2"), ["axis.0.to", "2"]),
    "beginning without unit": (ranged("from = 1", 'to = "2 um"', "count = 2"), ["axis.0.to"]),
    "end is a name": (ranged('from = "low"', 'to = "high"', "count = 2"), ["from", "'low'"]),
    "end is endless": (ranged('from = "1 um"', 'to = "inf um"', "count = 2"), ["axis.0.to"]),
    "end is a table": (ranged("from = {}", 'to = "2 um"', "count = 2"), ["axis.0.from"]),
    "too many points": (
        ranged('from = "1 um"', 'to = "2 um"', "count = 1000")
        + '[[axis]]\nname = "gap"\nkey = "cell.gap"\nfrom = "1 um"\nto = "2 um"\ncount = 1000\n',
        ["axis", "1000000 points", "100000"],
    ),
    # -- keys that change together
    "zip of unequal lengths": (
        axis('name = "z"', ZIP.format('["1 um"]')),
        ["axis.0.zip", "cell.height has 2", "cell.gap has 1"],
    ),
    "zip of nothing": (axis('name = "z"', "zip = {}"), ["axis.0.zip", "no values"]),
    "zip of no values": (axis('name = "z"', 'zip = { "cell.gap" = [] }'), ["axis.0.zip", "no values"]),
    "zip of text": (axis('name = "z"', 'zip = { "cell.gap" = "1 um" }'), ["zip", "not a list"]),
    "zip and values": (
        axis('name = "z"', "values = [1]", ZIP.format('["1 um", "2 um"]')),
        ["axis.0.zip", "remove values"],
    ),
    # -- the design
    "unknown method": (SWEEP + '[design]\nmethod = "sobel"\n', ["design.method", "mean 'sobol'"]),
    "sobol without points": (
        ranged('from = "1 um"', 'to = "2 um"') + '[design]\nmethod = "sobol"\n',
        ["design.points", "sobol needs points"],
    ),
    "sobol with values": (
        SWEEP + '[design]\nmethod = "sobol"\npoints = 4\n',
        ["axis.0", "sobol needs a range"],
    ),
    "sobol with a count": (sobol("count = 4"), ["axis.0.count", "design.points"]),
    "points of a grid": (SWEEP + "[design]\npoints = 4\n", ["design.points", "grid"]),
    "no points at all": (
        SWEEP + '[design]\nmethod = "sobol"\npoints = 0\n',
        ["design.points", "0"],
    ),
    "seed": (SWEEP + "[design]\nseed = -1\n", ["design.seed", "-1"]),
    # -- fixed changes of the base
    "set an axis": (SWEEP + '[set]\n"cell.height" = "1 um"\n', ["set.cell.height", "'height'"]),
    "set an unknown key": (SWEEP + '[set]\n"cell.hieght" = 1\n', ["set: cell.hieght", "'height'"]),
    "set a wrong unit": (SWEEP + '[set]\n"cell.gap" = "1 s"\n', ["set: cell.gap", "'1 s'"]),
    "set a step": (SWEEP + '[set]\n"protocol.4.for" = "1 s"\n', ["set: protocol.4.for", "1 items"]),
    # -- expressions
    "rule without reason": (expressed('[[drop]]\nwhen = "height > 1"'), ["drop.0.reason", "missing"]),
    "rule without condition": (expressed('[[drop]]\nreason = "x"'), ["drop.0.when", "missing"]),
    "rule with an unknown name": (
        expressed('[[drop]]\nwhen = "hieght > 1"\nreason = "x"'),
        ["drop.0.when", "'hieght'", "did you mean 'height'"],
    ),
    "rule is no expression": (
        expressed('[[drop]]\nwhen = "height >"\nreason = "x"'),
        ["drop.0.when", "not an expression"],
    ),
    "rule is no condition": (
        expressed('[[drop]]\nwhen = "height"\nreason = "x"'),
        ["drop.0.when", "not a condition"],
    ),
    "rule divides by zero": (
        expressed('[[drop]]\nwhen = "1 / (height - height) > 1"\nreason = "x"'),
        ["drop.0.when", "division by zero"],
    ),
    "rule on a result": (
        expressed(
            '[symbols]\ndry = "Layer dry after [s]"\n[[drop]]\nwhen = "dry > 1"\nreason = "x"',
        ),
        ["drop.0.when", "'dry'", "after a run"],
    ),
    "rule drops everything": (
        expressed('[[drop]]\nwhen = "height > 0"\nreason = "all of it"'),
        ["drop", "every point", "all of it"],
    ),
    "unknown function": (expressed('[derived]\nx = "sin(height)"'), ["derived", "'sin'", "sqrt"]),
    "attribute": (expressed('[derived]\nx = "height.real"'), ["derived", "something else"]),
    "import": (
        expressed("[derived]\nx = \"__import__('os').system('true')\""),
        ["derived", "something else"],
    ),
    "subscript": (expressed('[derived]\nx = "height[0]"'), ["derived", "something else"]),
    "lambda": (expressed('[derived]\nx = "(lambda: 1)()"'), ["derived", "something else"]),
    "two statements": (expressed('[derived]\nx = "1; 2"'), ["derived", "not an expression"]),
    "too deep": (expressed(f'[derived]\nx = "{"(" * 999}1{")" * 999}"'), ["not an expression"]),
    "wrong number of arguments": (expressed('[derived]\nx = "sqrt(1, 2)"'), ["derived", "sqrt"]),
    "derived text": (expressed("[derived]\nx = \"'a'\""), ["derived", "text, not a number"]),
    "derived from later": (expressed('[derived]\nx = "y"\ny = "1"'), ["derived", "unknown name 'y'"]),
    "derived with a taken name": (expressed('[derived]\n"Status" = "1"'), ["derived", "taken"]),
    "derived is an axis": (expressed('[derived]\nheight = "1"'), ["derived", "taken"]),
    "derived is a result": (expressed('[derived]\n"Duration [s]" = "1"'), ["derived", "taken"]),
    "derived is a number": (expressed("[derived]\nx = 1"), ["derived.x", "not text"]),
    "symbol of nothing": (
        expressed('[symbols]\ngap = "cell.gpa"'),
        ["symbols.gap", "'cell.gpa'", "did you mean 'cell.gap'"],
    ),
    "symbol of no result": (
        expressed('[symbols]\ndry = "Layer dry [s]"'),
        ["symbols.dry", "did you mean 'Layer dry after [s]'"],
    ),
    "symbol of text": (expressed('[symbols]\nname = "cell.chip"'), ["symbols.name", "'cell.chip'"]),
    "symbol with a bad name": (expressed('[symbols]\n"a b" = "cell.gap"'), ["symbols", "'a b'"]),
    "symbol with an axis's name": (expressed('[symbols]\nheight = "cell.gap"'), ["symbols.height"]),
    # -- twins and engines
    "twin": (SWEEP + '[twin]\nrun = "yes"\n', ["twin.run", "'yes'"]),
    "twin of a coin cell": (
        axis('name = "i"', 'key = "protocol.0.plate"', 'values = ["1 mA/cm^2"]').replace(
            "case.toml", "coin.toml"
        )
        + "[twin]\nrun = true\n",
        ["twin.run", "coin cell already"],
    ),
    "no ranks": (SWEEP + "[engine]\nranks = 0\n", ["engine.ranks", "0"]),
    "time limit without unit": (SWEEP + "[engine]\ntime_limit = 3600\n", ["time_limit", "no unit"]),
    "time limit in metres": (SWEEP + '[engine]\ntime_limit = "1 m"\n', ["time_limit", "'1 m'"]),
    "unknown retry": (
        SWEEP + '[engine.retry]\n"solver.tolerence" = 1e-4\n',
        ["engine.retry: solver.tolerence", "'tolerance'"],
    ),
    "launcher": (SWEEP + '[engine]\nlauncher = "srun -n 2"\n', ["engine.launcher", "{ranks}"]),
    "no cores": (SWEEP + "[engine.local]\ncores = 0\n", ["engine.local.cores", "0"]),
    "walltime": (SWEEP + '[engine.slurm]\nwalltime = "1 h"\n', ["walltime", "'1 h'", "01:00:00"]),
    "points per node": (SWEEP + "[engine.slurm]\npoints_per_node = 1.5\n", ["points_per_node"]),
}

SETTINGS: dict[str, tuple[list[str], list[str]]] = {
    "an axis": (["cell.height='1 um'"], ["set.cell.height", "'height'"]),
    "no value": (["cell.gap"], ["--set", "'cell.gap'"]),
    "wrong unit": (["cell.gap='1 s'"], ["set: cell.gap", "'1 s'"]),
    "unknown": (["cell.gpa='1 um'"], ["set: cell.gpa", "did you mean 'gap'"]),
    "empty key": (["='1 um'"], ["--set"]),
}


@pytest.fixture
def folder(good: Path) -> Path:
    """A folder with good and bad files beside the sweep."""
    text = good.read_text(encoding="utf-8")
    place = good.parent
    (place / "good.toml").write_text(SWEEP)
    (place / "broken.toml").write_text("a = ")
    (place / "binary.toml").write_bytes(b"a = '\xff'")
    (place / "wrong.toml").write_text(text.replace('type = "chip"', 'type = "chip"\nheight = 5'))
    (place / "coin.toml").write_text(text.replace('type = "chip"', 'type = "coin"'))
    return place


def assert_bad(answer: Any, fragments: list[str]) -> None:
    """Exit code 2; every line an error, and together they say what is wanted."""
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.errors
    assert all(line.startswith("error: ") for line in answer.errors), answer.err
    assert "Traceback" not in answer.err
    for fragment in fragments:
        assert fragment in answer.err, answer.err


def test_there_are_enough() -> None:
    assert len(BAD) + len(SETTINGS) >= 60


def test_good_sweep_is_good(thincell: Callable[..., Any], folder: Path) -> None:
    answer = thincell("sweep", folder / "good.toml", "--dry-run")
    assert answer.code == 0, answer
    assert "2 points" in answer.out


@pytest.mark.parametrize(("text", "fragments"), BAD.values(), ids=BAD)
def test_bad_sweep(thincell: Callable[..., Any], folder: Path, text: str, fragments: list[str]) -> None:
    (folder / "sweep.toml").write_text(text, encoding="utf-8")
    before = sorted(folder.rglob("*"))
    assert_bad(thincell("sweep", folder / "sweep.toml", "--out", folder / "out"), fragments)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(("texts", "fragments"), SETTINGS.values(), ids=SETTINGS)
def test_bad_setting(
    thincell: Callable[..., Any], folder: Path, texts: list[str], fragments: list[str]
) -> None:
    settings = [part for text in texts for part in ("--set", text)]
    assert_bad(thincell("sweep", folder / "good.toml", "--dry-run", *settings), fragments)


@pytest.mark.parametrize(
    ("file", "fragments"),
    [
        ("case.toml", ["case file, not a sweep file", "thincell run"]),
        ("absent.toml", ["SWEEP", "no file", "absent.toml"]),
        ("", ["SWEEP", "folder"]),
        ("broken.toml", ["broken.toml", "not valid TOML"]),
        ("binary.toml", ["binary.toml", "UTF-8"]),
    ],
    ids=["a case", "absent", "a folder", "broken", "binary"],
)
def test_no_sweep_file(
    thincell: Callable[..., Any], folder: Path, file: str, fragments: list[str]
) -> None:
    assert_bad(thincell("sweep", folder / file, "--dry-run"), fragments)


def test_a_sweep_file_is_no_case(thincell: Callable[..., Any], folder: Path) -> None:
    assert_bad(thincell("run", folder / "good.toml", "--out", folder / "out"), ["axis", "unknown key"])
    assert not (folder / "out").exists()


def test_every_mistake_is_told(thincell: Callable[..., Any], folder: Path) -> None:
    text = "titel = 'x'\n" + SWEEP + "[engine]\nranks = 0\n[design]\nseed = -1\n"
    (folder / "sweep.toml").write_text(text)
    answer = thincell("sweep", folder / "sweep.toml", "--dry-run")
    assert_bad(answer, ["titel", "engine.ranks", "design.seed"])
    assert len(answer.errors) == 3
