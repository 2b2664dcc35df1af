"""The coin-cell twin, and the processes that run the members of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from thincell.studies.case import Case, InputError
from thincell.studies.compare import cases, compare, twin
from thincell.studies.worker import Task, run_tasks

CASE: dict[str, Any] = {
    "title": "a small case",
    "cell": {"type": "chip", "height": "1 um", "working": {"width": "10 um"}, "length": "50 um"},
    "electrolyte": {"name": "LiPF6-EC-DMC"},
    "reactions": {"lithium": {"name": "Li/Li+"}},
    "protocol": [{"plate": "10 mA/cm^2", "for": "0.1 s"}, {"rest": True, "for": "0.1 s"}],
}


def case(**changes: Any) -> Case:
    """The small case with dotted keys (written with __) changed."""
    return Case.parse(CASE).changed({key.replace("__", "."): v for key, v in changes.items()})


def test_twin_keeps_all_but_the_cell() -> None:
    one = case()
    other = twin(one)
    assert other.cell.type == "coin"
    assert other.electrolyte == one.electrolyte
    assert other.reactions == one.reactions
    assert other.protocol[0].current() == (100.0, True)
    assert other.protocol[1] == one.protocol[1]


def test_total_current_becomes_a_density() -> None:
    """50 nA over 10 um x 50 um is 10 mA/cm^2."""
    value, per_area = twin(case(protocol__0__plate="50 nA")).protocol[0].current()
    assert per_area
    assert value == pytest.approx(100.0, rel=1e-12)


def test_mesh_of_the_chip_is_not_the_coins() -> None:
    other = twin(case(mesh__order=3, mesh__columns=40))
    assert (other.mesh.order, other.mesh.columns) == (3, 8)


def test_a_coin_cell_has_no_twin() -> None:
    with pytest.raises(InputError, match="coin cell already"):
        twin(twin(case()))


def test_values_of_what_is_varied() -> None:
    varied = case(compare__vary={"protocol.0.plate": ["1 mA/cm^2", "4 uA"]})
    key, found = cases(varied)
    assert key == "protocol.0.plate"
    assert [label for label, _ in found] == ["1 mA/cm^2", "4 uA"]
    assert found[1][1].protocol[0].current() == (pytest.approx(4e-6), False)


def test_keys_that_change_together() -> None:
    vary = {"protocol.0.plate": ["1 mA/cm^2", "4 uA"], "protocol.0.for": ["2 s", "3 s"]}
    key, found = cases(case(compare__vary=vary))
    assert key == "protocol.0.plate"
    assert [label for label, _ in found] == ["1 mA/cm^2", "4 uA"]
    assert [varied.protocol[0].duration for _, varied in found] == [2.0, 3.0]


@pytest.mark.parametrize("vary", [{"cell.hight": ["1 um"]}, {"protocol.0.plate": []}])
def test_what_cannot_be_varied(vary: dict[str, list[str]], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"hight|no values"):
        compare(case(compare__vary=vary), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds files"):
        compare(case(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_bad_member_costs_itself_only(tmp_path: Path) -> None:
    """Its answer is the message; the process goes on with the next."""
    bad = tmp_path / "bad.toml"
    bad.write_text("title = 3\n")
    seen: list[str] = []
    tasks = [Task(bad, tmp_path / "a", "a"), Task(tmp_path / "none.toml", tmp_path / "b", "b")]
    answers = run_tasks(tasks, 1, lambda task: seen.append(task.label))
    assert [answer["state"] for answer in answers] == ["error", "error"]
    assert "there is no file" in answers[1]["message"]
    assert seen == ["a", "b"]


def test_resumed_keeps_what_is_finished(tmp_path: Path) -> None:
    small = case(protocol__0__for="0.01 s", mesh__edge=0.2, mesh__layers=1, output__figures=False)
    out = tmp_path / "out"
    first = compare(small, out)
    thin, coin = first.pairs[0].thin, first.pairs[0].coin
    assert coin is not None
    before = (thin.folder / "history.csv").stat().st_mtime_ns
    manifest = coin.folder / "manifest.json"  # as if killed before its first checkpoint
    manifest.write_text(manifest.read_text().replace('"finished"', '"running"'))
    again = compare(small, out, resume=True)
    assert not again.failures
    assert (thin.folder / "history.csv").stat().st_mtime_ns == before
    assert '"finished"' in manifest.read_text()
