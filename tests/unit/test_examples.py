"""The examples and the code in the documentation do what they say."""

from __future__ import annotations

import importlib.util
import re
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from thincell.studies.case import Case
from thincell.studies.compare import twin
from thincell.studies.groups import groups
from thincell.studies.run import run
from thincell.studies.schema.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
DOCS = ROOT / "docs"


def code_of(page: str) -> str:
    """All Python of a page, at its own line numbers so that a traceback points there."""
    lines, inside = [], False
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        fence = line.startswith("```")
        inside = line == "```python" if fence else inside
        lines.append(line if inside and not fence else "")
    return "\n".join(lines)


def files_of(page: str) -> dict[str, str]:
    """The TOML files of a page that have a name."""
    text = (DOCS / page).read_text(encoding="utf-8")
    pattern = r"```\{code-block\} toml\n:caption: (\S+)\n\n(.*?)```"
    return dict(re.findall(pattern, text, flags=re.DOTALL))


def execute(page: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the Python of a page from the present folder, as a module of its own."""
    module = ModuleType(f"docs_{page.removesuffix('.md')}")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # dataclasses look themselves up
    exec(compile(code_of(page), str(DOCS / page), "exec"), module.__dict__)
    return module.__dict__


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the examples in it, and the working directory in there."""
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


CASES = [path for path in sorted(EXAMPLES.glob("*.toml")) if not path.stem.startswith("sweep-")]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_examples_have_twins(path: Path) -> None:
    case = Case.load(path)
    if case.deposit is not None and case.cell.view == "solid":
        with pytest.raises(InputError, match="section"):
            twin(case)
        return
    made = twin(case)
    assert made.cell.type == "coin"
    assert (made.deposit is None) == (case.deposit is None)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_example_is_a_good_case(path: Path) -> None:
    case = Case.load(path)
    assert case.title != "untitled case"
    assert groups(case)


def test_first_study(capsys: pytest.CaptureFixture[str]) -> None:
    thin, coin = runpy.run_path(str(EXAMPLES / "first_study.py"))["main"]()
    printed = capsys.readouterr().out
    assert "Thin cell after 2 s" in printed
    assert "coin cell" in printed
    gini = "Gini coefficient of the current density"
    assert thin.summary[gini] > 5 * coin.summary[gini]


def test_python_page(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = execute("python.md", monkeypatch)
    assert found["mean"] == pytest.approx(-100, rel=1e-6)  # plating: cathodic
    assert found["thicker"].cell.height == 1e-6
    assert found["voltage"].shape == found["time"].shape
    assert 0 < found["concentration"].min() < 1000
    assert found["comparison"].failures == []
    assert (elsewhere / "comparison" / "comparison.json").is_file()
    assert "500 kg" in capsys.readouterr().out


def test_impedance_page(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = execute("impedance.md", monkeypatch)  # it asserts what it says
    assert len(found["spectrum"].frequencies) == 21
    assert found["spectrum"].peaks == pytest.approx([0.08525], rel=1e-3)


def test_files_of_one_s_own(elsewhere: Path) -> None:
    files = files_of("extending.md")
    assert set(files) == {"my-salt.toml", "my-chip.toml", "my-reaction.toml", "my-case.toml"}
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    case = Case.load("my-case.toml")
    assert case.cell.height == 350e-9
    assert case.electrolyte.build().ionic_conductivity(1000.0) == pytest.approx(1.0)
    assert {p.confidence for _, p in case.provenance()} == {"high", "medium", "assumed"}
    result = run(case.changed({"protocol.0.for": "0.05 s"}))
    assert result.summary["Current density at the end [A.m-2]"] == pytest.approx(-20)


def test_laws_and_benchmark_of_one_s_own(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = execute("extending.md", monkeypatch)  # it asserts what it says
    assert found["rows"] is not None


def test_generated_pages_are_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key, every library entry and every module of the model is in the documentation."""
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    spec = importlib.util.spec_from_file_location("generate", DOCS / "_ext" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    generate.write(tmp_path)
    pages = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}

    schema = Case.model_json_schema()
    tables = [schema, *schema["$defs"].values()]
    for key in (key for table in tables for key in table["properties"]):
        assert f"| `{key}` |" in pages["case-keys.md"], key
    entries = [p for room in ("model", "geometry") for p in (ROOT / room).glob("library/*/*.toml")]
    for path in entries:
        assert f"### `{path.stem}`" in pages["library.md"], path
    for room in ("model", "solvers"):
        left_out = {"__init__", "constants", "units", "failure", "sample"}
        for path in (ROOT / room).glob("*.py"):
            if path.stem not in left_out:
                assert f"`thincell.{room}.{path.stem}`" in pages["equations.md"], path


def test_documentation_names_real_commands() -> None:
    """Every `thincell COMMAND` of the hand-written pages exists."""
    from typer.main import get_command

    from thincell.studies.cli import app

    known = set(getattr(get_command(app), "commands", {}))
    for path in DOCS.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        shell = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE))
        said = set(re.findall(r"(?:^|/| )thincell ([a-z]+)", shell, flags=re.MULTILINE))
        said |= set(re.findall(r"`thincell ([a-z]+)[^`]*`", text))
        assert said <= known, f"{path.name}: {said - known}"


def theory(name: str) -> Any:
    """What the main function of a script of examples/theory returns."""
    return runpy.run_path(str(EXAMPLES / "theory" / f"{name}.py"))["main"]()


def test_double_layer_of_gouy_and_chapman() -> None:
    for _, charge, exact in theory("gouy_chapman"):
        assert charge == pytest.approx(exact, rel=1e-4)


def test_thin_cell_beyond_the_limiting_current() -> None:
    reference = runpy.run_path(str(EXAMPLES / "theory" / "space_charge.py"))["REFERENCE"]
    assert theory("space_charge") == pytest.approx(reference, rel=1e-4)


def test_charging_of_blocking_electrodes() -> None:
    found, leading = theory("charging")
    assert found == pytest.approx(leading, rel=1e-2)


def test_spectrum_of_two_plates() -> None:
    assert theory("spectrum") < 1e-2


def test_supporting_salt() -> None:
    for _, found, exact in theory("supporting_salt"):
        assert found == pytest.approx(exact, rel=1e-4)
