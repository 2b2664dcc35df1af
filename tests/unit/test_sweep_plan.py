"""From a sweep file to its points, cases, twins and record."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from thincell.studies.case import Case
from thincell.studies.check import check
from thincell.studies.compare import twin
from thincell.studies.schema.errors import InputError
from thincell.studies.sweep.plan import SweepPlan, plan, record
from thincell.studies.toml import dumps

ROOT = Path(__file__).resolve().parents[2]

CASE = """
title = "base"
[cell]
type = "chip"
[electrolyte]
name = "LiPF6-EC-DMC"
[reactions.p]
name = "Li/Li+"
[[protocol]]
plate = "10 mA/cm^2"
for = "1 s"
"""

HEIGHT = """
[[axis]]
name = "height"
label = "Liquid height"
key = "cell.height"
values = ["300 nm", "500 nm", "1 um"]
"""

CURRENT = """
[[axis]]
name = "current"
key = "protocol.0.plate"
values = ["1 mA/cm^2", "10 mA/cm^2"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "case.toml").write_text(CASE)
    return tmp_path


def planned(folder: Path, text: str, *overrides: str, head: str = "") -> SweepPlan:
    """The plan of a sweep of case.toml."""
    (folder / "sweep.toml").write_text(f'{head}\ncase = "case.toml"\n{text}')
    return plan(folder / "sweep.toml", overrides)


def ids(found: SweepPlan) -> dict[tuple[float | str, ...], str]:
    return {tuple(point.coordinates.values()): point.id for point in found.points}


def test_cases_are_the_base_with_the_values(folder: Path) -> None:
    found = planned(folder, HEIGHT + CURRENT)
    assert found.design == "grid"
    assert [point.number for point in found.points] == list(range(6))
    for point in found.points:
        case = found.cases[point.id]
        assert case.cell.height == point.coordinates["height"]  # type: ignore[union-attr]
        assert case.protocol[0].current() == (point.coordinates["current"], True)
        assert point.id == case.fingerprint()[:16]
        assert case.title.startswith("base: Liquid height ")
        assert point.dropped == ""
    assert len(set(ids(found).values())) == 6


def test_twins_are_shared(folder: Path) -> None:
    """The twin of a chip does not depend on its height: one for each current."""
    found = planned(folder, HEIGHT + CURRENT)
    assert len(found.twins) == 2
    assert len(found.cases) == 8
    for point in found.points:
        wanted = twin(found.cases[point.id])
        assert point.twin == wanted.fingerprint()[:16]
        assert found.cases[point.twin] == wanted.changed({"title": found.cases[point.twin].title})
        assert point.twin in found.twins


def test_twins_of_plating_and_stripping_differ(folder: Path) -> None:
    step = '{ %s = "1 mA/cm^2", for = "1 s" }'
    steps = ", ".join(step % kind for kind in ("plate", "strip"))
    found = planned(folder, f'[[axis]]\nname = "a"\nkey = "protocol.0"\nvalues = [{steps}]')
    assert len(found.twins) == 2


def test_twins_of_a_total_current_follow_the_electrode(folder: Path) -> None:
    text = '[set]\n"protocol.0.plate" = "4 uA"\n[[axis]]\nname = "w"\nkey = "cell.working.width"\n'
    found = planned(folder, text + 'values = ["10 um", "20 um"]')
    assert len(found.twins) == 2


def test_no_twins_if_not_wanted(folder: Path) -> None:
    found = planned(folder, HEIGHT + "[twin]\nrun = false")
    assert not found.twins
    assert len(found.cases) == 3
    assert all(point.twin == "" for point in found.points)


def test_coin_cells_have_no_twins(folder: Path) -> None:
    (folder / "case.toml").write_text(CASE.replace('"chip"', '"coin"'))
    assert not planned(folder, CURRENT).twins


def test_titles_do_not_change_ids(folder: Path) -> None:
    before = ids(planned(folder, HEIGHT))
    (folder / "case.toml").write_text(CASE.replace('title = "base"', 'title = "another"'))
    assert ids(planned(folder, HEIGHT, head='title = "a"\ndescription = "b"')) == before
    telling = '[set]\n"output.figures" = false\n"output.fields" = false\n'
    assert ids(planned(folder, telling + HEIGHT)) == before


def test_points_that_stay_keep_their_ids(folder: Path) -> None:
    before = ids(planned(folder, HEIGHT))
    after = ids(planned(folder, HEIGHT.replace('"500 nm"', '"0.5 um", "700 nm"')))
    assert len(after) == 4
    assert before.items() < after.items()


def test_what_matters_changes_ids(folder: Path) -> None:
    before = ids(planned(folder, HEIGHT))
    after = ids(planned(folder, HEIGHT, "solver.tolerance=1e-3"))
    assert not set(before.values()) & set(after.values())


def test_same_cases_are_run_once(folder: Path) -> None:
    """Two places whose cases agree: here an axis that is only told."""
    text = '[[axis]]\nname = "t"\nkey = "description"\nvalues = ["a", "b"]\n[twin]\nrun = false\n'
    found = planned(folder, text)
    assert len(found.points) == 2
    assert len({point.id for point in found.points}) == len(found.cases) == 1


def test_symbols_and_rules(folder: Path) -> None:
    text = """
    [symbols]
    gap = "cell.gap"
    duration = "protocol.0.for"
    [[drop]]
    when = "height > gap / 30"
    reason = "too high for the gap"
    [[drop]]
    when = "height < 400e-9"
    reason = "too low"
    """
    found = planned(folder, HEIGHT + text, "cell.gap='20 um'")
    assert [point.dropped for point in found.points] == ["too low", "", "too high for the gap"]
    assert [bool(point.id) for point in found.points] == [False, True, False]
    assert found.points[1].symbols == {"gap": 2e-5, "duration": 1.0}
    assert len(found.cases) == 2


def test_symbols_follow_the_axes(folder: Path) -> None:
    text = '[symbols]\nagain = "protocol.0.plate"\n'
    found = planned(folder, CURRENT + text)
    assert [point.symbols["again"] for point in found.points] == [10.0, 100.0]


def test_rules_on_names(folder: Path) -> None:
    text = """
    [[axis]]
    name = "kind"
    key = "electrolyte.model"
    values = ["ohmic", "electroneutral"]
    [[drop]]
    when = "kind == 'ohmic'"
    reason = "no depletion"
    """
    assert [point.dropped for point in planned(folder, text).points] == ["no depletion", ""]


def test_invalid_points_are_dropped(folder: Path) -> None:
    found = planned(folder, HEIGHT.replace('"1 um"', '"-1 um"'))
    assert [bool(point.dropped) for point in found.points] == [False, False, True]
    assert found.points[2].dropped.startswith("not a valid case: cell.height: '-1 um'")


def test_a_rule_saves_what_would_be_invalid(folder: Path) -> None:
    """The reason that the user gave is told, not the case's."""
    rule = '[[drop]]\nwhen = "height < 0"\nreason = "below the floor"\n'
    found = planned(folder, HEIGHT.replace('"1 um"', '"-1 um"') + rule)
    assert found.points[2].dropped == "below the floor"


def test_library_entries_bring_their_own_values(folder: Path) -> None:
    text = """
    [[axis]]
    name = "metal"
    labels = ["lithium", "zinc"]
    [axis.zip]
    "electrolyte.name" = ["LiPF6-EC-DMC", "ZnSO4-aq"]
    "reactions.p.name" = ["Li/Li+", "Zn/Zn2+"]
    """
    found = planned(folder, text)
    salts = [found.cases[point.id].electrolyte.salt.cation for point in found.points]
    assert salts == ["Li+", "Zn2+"]
    assert [point.coordinates["metal"] for point in found.points] == ["lithium", "zinc"]
    assert len(found.twins) == 2


def test_overrides_win(folder: Path) -> None:
    found = planned(folder, '[set]\n"cell.gap" = "30 um"\n' + CURRENT, "cell.gap='40 um'")
    assert {case.cell.gap for case in found.cases.values() if case.cell.type == "chip"} == {4e-5}


def test_vary_of_the_base_is_left_out(folder: Path) -> None:
    (folder / "case.toml").write_text(CASE + '[compare]\nvary = { "cell.gap" = ["30 um"] }\n')
    assert not any(case.compare.vary for case in planned(folder, HEIGHT).cases.values())


@pytest.mark.parametrize("inline", [False, True])
def test_a_copy_elsewhere_means_the_same(folder: Path, inline: bool) -> None:
    """The file that is kept in the sweep's folder: base inlined, names of files absolute."""
    (folder / "mine.toml").write_text('height = "400 nm"\ngap = "15 um"\nworking.width = "10 um"\n')
    text = '[[axis]]\nname = "chip"\nkey = "cell.chip"\nvalues = ["generic-coplanar", "leenheer-2015"]\n'
    text = text.replace('"generic-coplanar"', '"generic-coplanar", "own/chip.toml"')
    (folder / "own").mkdir()
    chip = (ROOT / "geometry/library/chips/generic-coplanar.toml").read_text()
    (folder / "own/chip.toml").write_text(chip)
    if inline:
        indented = CASE.replace("[cell]", "[base.cell]").replace("[electrolyte]", "[base.electrolyte]")
        indented = indented.replace("[reactions.p]", "[base.reactions.p]")
        indented = indented.replace("[[protocol]]", "[[base.protocol]]")
        indented = indented.replace("title", "base.title")
        (folder / "sweep.toml").write_text(indented + text)
        found = plan(folder / "sweep.toml", ["protocol.0.for='2 s'"])
    else:
        found = planned(folder, text, "protocol.0.for='2 s'")
    away = folder / "away" / "further"
    away.mkdir(parents=True)
    (away / "sweep.toml").write_text(dumps(found.file.written()))
    again = plan(away / "sweep.toml")
    assert record(again) == record(found)
    assert again.cases == found.cases
    assert [axis.values for axis in again.axes] == [("generic-coplanar", "chip.toml", "leenheer-2015")]


def test_estimate_is_that_of_check(folder: Path) -> None:
    found = planned(folder, HEIGHT + CURRENT)
    assert set(found.estimate) == set(found.cases)
    for id_, case in found.cases.items():
        assert found.estimate[id_] == check(case).seconds


def test_record_is_complete_and_the_same_again(folder: Path) -> None:
    text = HEIGHT + CURRENT + '[symbols]\ndry = "Layer dry after [s]"\n[derived]\n"x [s]" = "dry"\n'
    found = record(planned(folder, text, head='title = "all"'))
    assert json.loads(json.dumps(found)) == found
    assert found == record(planned(folder, text, head='title = "all"'))
    assert found["format"] == 1
    assert found["title"] == "all"
    assert found["symbols"] == {"dry": "Layer dry after [s]"}
    assert found["derived"] == {"x [s]": "dry"}
    assert found["axes"][0] == {
        "name": "height",
        "label": "Liquid height",
        "keys": ["cell.height"],
        "unit": "m",
        "values": [3e-7, 5e-7, 1e-6],
        "written": ["300 nm", "500 nm", "1 um"],
    }
    assert found["points"][1]["index"] == [0, 1]
    assert len(found["cases"]) == len(set(found["cases"])) == 8
    assert set(found["twins"]) < set(found["cases"])


SAMPLE = """
[design]
method = "latin-hypercube"
points = 8
seed = 3
[[axis]]
name = "height"
key = "cell.height"
from = "100 nm"
to = "2 um"
spacing = "log"
"""


def test_sample(folder: Path) -> None:
    found = planned(folder, SAMPLE)
    assert found.design == "latin-hypercube"
    assert len({point.id for point in found.points}) == 8
    assert all(point.index == () for point in found.points)
    for point in found.points:
        assert found.cases[point.id].cell.height == point.coordinates["height"]  # type: ignore[union-attr]
    assert ids(planned(folder, SAMPLE)) == ids(found)
    assert not set(ids(planned(folder, SAMPLE.replace("= 3", "= 4")))) & set(ids(found))


def test_every_point_of_the_example_is_there() -> None:
    found = plan(ROOT / "examples" / "sweep-height-current.toml")
    assert [len(axis.values) for axis in found.axes] == [5, 4, 3]
    assert len({point.id for point in found.points}) == 60
    assert len(found.twins) == 12
    assert not any(point.dropped for point in found.points)
    assert len({case.skeleton() for case in found.cases.values()}) == 2


def test_unlucky_rules_name_their_numbers(folder: Path) -> None:
    rule = '[[drop]]\nwhen = "1 / (height - 500e-9) > 1e30"\nreason = "x"\n'
    with pytest.raises(InputError, match=r"drop\.0\.when.*division by zero at height = 5e-07"):
        planned(folder, HEIGHT + rule)


def test_a_symbol_without_value(folder: Path) -> None:
    """Here at the step that has no duration of its own."""
    steps = '[{ plate = "1 mA/cm^2", for = "1 s" }, { rest = true, until = "voltage < 1 V" }]'
    text = f'[[axis]]\nname = "s"\nkey = "protocol.0"\nvalues = {steps}\nlabels = ["a", "b"]\n'
    text += '[symbols]\nduration = "protocol.0.for"\n'
    assert [point.symbols for point in planned(folder, text).points] == [{"duration": 1.0}, {}]
    with pytest.raises(InputError, match=r"drop\.0\.when: 'duration' has no value"):
        planned(folder, text + '[[drop]]\nwhen = "duration > 2"\nreason = "x"\n')


def test_bad_meshes_are_told_before_anything_runs(folder: Path) -> None:
    mesh: dict[str, Any] = {
        "type": "mesh", "file": str(folder / "m.msh"), "unit": "1 um", "height": "1 um",
        "length": "1 um", "names": {"working": "w", "counter": "c"},
    }  # fmt: skip
    (folder / "m.msh").write_text("nothing")
    data = Case.load(folder / "case.toml").changed({"cell": mesh})
    (folder / "case.toml").write_text(dumps(data.resolved()))
    with pytest.raises(InputError, match=r"cell\.file"):
        planned(folder, CURRENT)


def blocks_of(page: str) -> list[str]:
    """The TOML of a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize("block", blocks_of("sweeps.md"), ids=lambda text: text.split("\n")[0])
def test_what_the_documentation_shows(tmp_path: Path, block: str) -> None:
    """Every piece of the page is good in a sweep that has the rest."""
    data = tomllib.loads(block)
    place = tmp_path / "folder" / "sweep.toml"
    place.parent.mkdir()
    (tmp_path / "leenheer-2015.toml").write_text((ROOT / "examples/leenheer-2015.toml").read_text())
    data.setdefault("case", "../leenheer-2015.toml")
    heights: dict[str, Any] = {"name": "height", "key": "cell.height"}
    if "design" in data:
        heights |= {"from": "100 nm", "to": "1 um"}
    else:
        heights |= {"values": ["200 nm", "500 nm"]}
    if "axis" not in data:
        data["axis"] = [heights]
    if "metal" in block and data["axis"] == [heights]:
        data["axis"].append({"name": "metal", "key": "title", "values": ["lithium", "zinc"]})
    place.write_text(dumps(data))
    found = plan(place)
    assert found.points
    assert any(point.id for point in found.points)


def test_the_range_of_the_documentation(folder: Path) -> None:
    block = next(text for text in blocks_of("sweeps.md") if "250 A/m^2" in text)
    found = planned(folder, block)
    assert found.axes[1].written == ("1 mA/cm^2", "5 mA/cm^2", "25 mA/cm^2")
