"""Models of one cell: what the members are, and how differences are measured and said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from thincell.studies.case import Case, InputError
from thincell.studies.compare import Comparison, compare
from thincell.studies.difference_words import percent, when
from thincell.studies.differences import (
    CHARGING,
    GREATEST,
    VOLTAGE,
    Difference,
    Measure,
    compared_distributions,
)
from thincell.studies.figures import models
from thincell.studies.models import member, members
from thincell.studies.outcome import Outcome, away_from
from thincell.studies.report import report

MODELS = ["electroneutral", "electroneutral with closure", "nernst-planck-poisson"]

CASE: dict[str, Any] = {
    "title": "a column",
    "cell": {
        "type": "coin",
        "working_diameter": "1 mm",
        "counter_diameter": "1 mm",
        "separator_diameter": "1 mm",
        "separator_thickness": "1 um",
        "porosity": 1,
    },
    "electrolyte": {"name": "ZnSO4-aq", "concentration": "1 mmol/L"},
    "reactions": {"zinc": {"name": "Zn/Zn2+"}},
    "protocol": [{"plate": "10 mA/cm^2", "for": "1 ms"}],
    "mesh": {"columns": 1, "double_layer_growth": 1.6, "double_layer_edge": 2},
    "output": {"every": "0.5 ms", "times": ["1 us", "0.1 ms"]},
    "compare": {"models": MODELS},
}


def case(**changes: Any) -> Case:
    """The small case with dotted keys (written with __) changed."""
    return Case.parse(CASE).changed({key.replace("__", "."): v for key, v in changes.items()})


def test_members_follow_the_same_ions() -> None:
    made = dict(members(case()))
    assert list(made) == MODELS
    plain, closed, resolved = made.values()
    assert [m.electrolyte.model for m in made.values()] == [MODELS[0], MODELS[0], MODELS[2]]
    assert plain.double_layer is None
    assert closed.double_layer == resolved.double_layer
    assert closed.double_layer is not None
    ions = [[(s.name, s.charge) for s in m.electrolyte.species] for m in made.values()]
    assert ions == [[("Zn2+", 2), ("SO4 2-", -2)]] * 3
    assert not any(m.compare.models for m in made.values())
    assert {m.protocol[0].plate for m in made.values()} == {"10 mA/cm^2"}


def test_own_species_and_double_layer_are_kept() -> None:
    """A Stern layer given by its capacitance survives being written out with the defaults."""
    ions = [
        {"name": "Zn2+", "charge": 2, "diffusivity": "6e-10 m^2/s", "concentration": "1 mol/m^3"},
        {"name": "SO4 2-", "charge": -2, "diffusivity": "1e-9 m^2/s", "concentration": "1 mol/m^3"},
    ]
    changed = case(electrolyte__species=ions, double_layer={"stern_capacitance": "0.2 F/m^2"})
    made = member(changed, "nernst-planck-poisson")
    assert made.electrolyte.solution().species[1].diffusivity == pytest.approx(1e-9)
    assert made.double_layer is not None
    assert made.double_layer.stern_capacitance == pytest.approx(0.2)


def test_early_outputs_unless_times_are_given() -> None:
    assert len(member(case(), MODELS[0]).output.times) == 2
    times = member(case(output__times=[]), MODELS[0]).output.times
    assert times[:3] == pytest.approx([1e-8, 3e-8, 1e-7])
    assert max(times) < 1e-3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"compare__models": MODELS[:1]}, "two or three different models"),
        ({"compare__models": [MODELS[0], MODELS[0]]}, "two or three different models"),
        ({"compare__models": ["electroneutral", "ohmic"]}, r"compare\.models"),
        ({"compare__vary": {"protocol.0.plate": ["1 mA/cm^2"]}}, "nothing can be varied besides"),
        ({"compare__tolerance": 0}, r"compare\.tolerance"),
        ({"electrolyte__model": "ohmic"}, "has electrolyte.model = 'ohmic'"),
        ({"electrolyte__kind": "supported"}, "supported electrolyte"),
        (
            {
                "electrolyte__model": "nernst-planck-poisson",
                "electrolyte__fixed_charge": {
                    "charge": 1, "concentration": "1 mmol/L", "thickness": "50 nm",
                },
            },
            r"compare\.models, electroneutral: .*film's edge",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        compare(case(**changes), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def measure(*values: float) -> Measure:
    """A measure at 1, 2, 3, ... s."""
    return Measure("", np.arange(1.0, len(values) + 1), np.array(values), 0.01)


@pytest.mark.parametrize(
    ("values", "intervals", "told"),
    [
        ((0.0, 0.005, 0.01), [], ""),
        ((0.5, 0.5, 0.02), [(1, 3)], "throughout"),
        ((0.5, 0.02, 0.0), [(1, 2.5)], "until 2.5 s"),
        ((0.0, 0.02, 0.02), [(1.5, 3)], "from 1.5 s on"),
        ((0.0, 0.02, 0.0), [(1.5, 2.5)], "from 1.5 s to 2.5 s"),
        ((0.02, 0.0, 0.02), [(1, 1.5), (2.5, 3)], "until 1.5 s and from 2.5 s on"),
        ((0.02, 0.0) * 4, None, "in 4 intervals between 1 s and 7.5 s"),
    ],
)
def test_intervals(values: tuple[float, ...], intervals: Any, told: str) -> None:
    one = measure(*values)
    if intervals is not None:
        assert np.allclose(one.intervals, intervals)
    assert when(one) == told


def test_largest_and_what_follows() -> None:
    one = measure(0.5, 0.02, 0.004, 0.006)
    assert (one.largest, one.at, one.last) == (0.5, 0, 0.006)
    assert one.after(one.intervals[-1][1]) == 0.006
    assert percent(0.0123) == "1.2 %"


class Strip:
    """Stands in for an Outcome: i/<i> = 2 s/L on ``count`` facets of a unit electrode."""

    def __init__(self, *widths: float) -> None:
        self.area = np.array(widths) / sum(widths)

    def distribution(self, time: float) -> tuple[Any, Any, Any]:
        middle = np.cumsum(self.area) - self.area / 2
        return middle, 2 * middle, self.area


def test_meshes_of_unequal_facets_compare_exactly() -> None:
    """The same current on both: no difference on the coarser facets, wherever the finer ones end."""
    fine, coarse = Strip(*[1.0] * 60), Strip(1, 1, 2, 4, 4)
    place, one, two, share = compared_distributions(cast(Any, fine), cast(Any, coarse), 0.0)
    assert place.size == 5
    assert share.sum() == pytest.approx(1)
    assert np.allclose(one, two, rtol=1e-12)


def test_figure_of_distributions() -> None:
    """A distribution on two meshes is drawn at the times compared; a column has none to be drawn."""
    strips = [("a", Strip(*[1.0] * 9)), ("b", Strip(1, 1, 2, 4, 4))]
    times = np.array([1e-3, 1e-2, 1.0])
    one = Measure(GREATEST, times, np.array([0.5, 0.1, 0.02]), 0.01)
    found = Difference("a", "b", {VOLTAGE: one, GREATEST: one}, {})
    made = models._current(cast(Any, strips), [found])
    assert made is not None
    assert [axes.get_title(loc="left") for axes in made.axes[:3]] == ["(a) 1 ms", "(b) 10 ms", "(c) 1 s"]
    assert models._current(cast(Any, strips), [Difference("a", "b", {VOLTAGE: one}, {})]) is None


def test_outside_of_double_layers() -> None:
    points = np.array([[x, z] for x in (0.0, 0.5, 1.0) for z in (0.0, 0.1, 0.5)])
    floor = [np.array([[0.0, 0.0], [1.0, 0.0]])]
    assert points[away_from(points, floor, 0.2)][:, 1].min() == 0.5
    assert points[away_from(points, floor, 9.0)][:, 1].min() == 0.5  # thinner than the double layers
    assert len(away_from(points, floor, 0.05)) == 6


def test_charging_share_is_what_no_reaction_carries() -> None:
    columns = {
        "Current density [A.m-2]": np.array([-10.0, -10.0, 0.0]),
        "Current density of zinc [A.m-2]": np.array([-1.0, -10.0, 5.0]),
    }
    reaction = SimpleNamespace(electrodes=["working"])
    run = SimpleNamespace(history=columns, case=SimpleNamespace(reactions={"zinc": reaction}))
    assert np.allclose(Outcome(cast(Any, run)).charging_share, [0.9, 0, 0])


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """The closure against resolved double layers in a column, made once."""
    changes = {"compare.models": MODELS[1:], "compare.tolerance": 0.02}
    return compare(Case.parse(CASE).changed(changes), tmp_path_factory.mktemp("models") / "out")


def test_comparison_of_a_column(compared: Comparison) -> None:
    assert not compared.failures
    folder = compared.folder
    assert folder is not None
    record = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert [item["model"] for item in record["models"]] == MODELS[1:]
    (found,) = record["differences"]
    assert found["reference"] == MODELS[2]
    assert found[VOLTAGE]["Above the tolerance in [s]"][0][0] < 1e-6  # charging comes first ...
    assert found[VOLTAGE]["Difference at the end"] < 0.02  # ... and then the closure holds
    assert found[CHARGING]["Largest difference"] > 0.9
    assert found[CHARGING]["Difference at the end"] < 0.02
    assert any("takes more than 2 % of the current until" in sentence for sentence in found["in words"])
    whole = json.loads((folder / "differences.json").read_text(encoding="utf-8"))
    table = whole["differences"][0]["over time"][VOLTAGE]
    assert len(table["Time [s]"]) == len(table["Difference"]) > 10


def test_books_of_every_member(compared: Comparison) -> None:
    for _, run in compared.finished_models:
        assert run.summary["Largest charge imbalance"] < 1e-9
        assert run.summary["Largest ion imbalance"] < 1e-9


def test_page_of_models(compared: Comparison) -> None:
    assert compared.folder is not None
    text = (compared.folder / "report.html").read_text(encoding="utf-8")
    assert 'id="differences"' in text
    assert 'id="models-over-time"' in text
    assert "against nernst-planck-poisson" in text
    for kind in ("png", "svg"):
        assert (compared.folder / "figures" / f"models-over-time.{kind}").stat().st_size > 5000


def test_page_is_made_again_from_the_folder(
    compared: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("draw_all", "draw_models"):
        monkeypatch.setattr(f"thincell.studies.report.{name}", lambda *_: [])
    assert compared.folder is not None
    before = (compared.folder / "report.html").read_text(encoding="utf-8")
    (page,) = report(compared.folder)
    assert sentences(page.read_text(encoding="utf-8")) == sentences(before) != []


def sentences(text: str) -> list[str]:
    """The items of the section on differences."""
    section = text.split('id="differences"')[1].split("</section>")[0]
    return re.findall(r"<li>(.*?)</li>", section)
