"""Axes, ranges and samples of a sweep, and its expressions."""

from __future__ import annotations

import contextlib
import math
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thincell.studies.schema.errors import InputError
from thincell.studies.sweep import design, expression
from thincell.studies.sweep.file import SweepFile
from thincell.studies.sweep.quantity import Range, quantity


def file(text: str) -> SweepFile:
    """A sweep file with an empty base."""
    return SweepFile.model_validate(tomllib.loads(text) | {"base": {}})


def only(text: str) -> design.Axis:
    """The axis of a file with one."""
    (axis,) = design.axes(file(f'[[axis]]\nname = "a"\nkey = "k"\n{text}'))
    return axis


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("500 nm", (5e-7, "m")),
        ("10 mA/cm^2", (100.0, "A/m^2")),
        ("10 mA/cm2", (100.0, "A/m^2")),
        ("4 uA", (4e-6, "A")),
        ("1 mol/L", (1000.0, "mol/m^3")),
        ("-0.5 V", (-0.5, "V")),
        ("25 degC", (298.15, "K")),
        ("0.3 eV", (0.3, "eV")),
        ("1 min", (60.0, "s")),
        (0.02, (0.02, "")),
        ("0.02", (0.02, "")),
        (3, (3.0, "")),
        (True, None),
        ("Li/Li+", None),
        ("2 parrots", None),
    ],
)
def test_quantity(value: Any, wanted: tuple[float, str] | None) -> None:
    found = quantity(value)
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert found[1] == wanted[1]
        assert found[0] == pytest.approx(wanted[0], rel=1e-14)


def test_linear_range_keeps_its_unit() -> None:
    axis = only('from = "100 nm"\nto = "2 um"\ncount = 5')
    assert axis.written == ("100 nm", "575 nm", "1050 nm", "1525 nm", "2000 nm")
    assert axis.unit == "m"
    assert axis.values == (1e-7, 5.75e-7, 1.05e-6, 1.525e-6, 2e-6)


def test_logarithmic_range() -> None:
    axis = only('from = "1 mA/cm^2"\nto = "1000 A/m^2"\ncount = 3\nspacing = "log"')
    assert axis.written == ("1 mA/cm^2", "10 mA/cm^2", "100 mA/cm^2")
    assert axis.values == (10.0, 100.0, 1000.0)


def test_range_of_temperatures() -> None:
    """Kelvin and degrees Celsius differ by more than a factor."""
    axis = only('from = "10 degC"\nto = "303.15 K"\ncount = 3')
    assert axis.written == ("10 degC", "20 degC", "30 degC")
    assert axis.values == pytest.approx((283.15, 293.15, 303.15))


def test_range_of_numbers() -> None:
    axis = only("from = 0.1\nto = 0.3\ncount = 3")
    assert axis.values == (0.1, 0.2, 0.3)
    assert [setting["k"] for setting in axis.settings] == [0.1, 0.2, 0.3]
    whole = [setting["k"] for setting in only("from = 2\nto = 6\ncount = 3").settings]
    assert whole == [2, 4, 6]
    assert all(isinstance(number, int) for number in whole)


@given(
    st.floats(1e-3, 1e3), st.floats(1.001, 1e6), st.sampled_from(["linear", "log"]),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_ranges_rise_and_keep_their_ends(a: float, by: float, spacing: str, s: float, t: float) -> None:
    span = Range.between(f"{a!r} um", f"{a * by!r} um", spacing, "axis")

    def at(share: float) -> float:
        found = quantity(span.at(share))
        assert found is not None
        return found[0]

    low, high = sorted((s, t))
    assert at(0) == pytest.approx(a * 1e-6, rel=1e-11)
    assert at(1) == pytest.approx(a * by * 1e-6, rel=1e-11)
    assert at(0) <= at(low) <= at(high) <= at(1)


def test_values_of_mixed_units() -> None:
    axis = only('values = ["150 nm", "0.3 um", "1 um"]')
    assert axis.values == (1.5e-7, 3e-7, 1e-6)
    assert axis.written == ("150 nm", "0.3 um", "1 um")
    assert axis.label == "a"


def test_names_are_labels() -> None:
    axis = only('values = ["A", "/there/B.toml", "C"]\nlabel = "Kind"')
    assert axis.values == ("A", "B.toml", "C")
    assert (axis.unit, axis.label) == ("", "Kind")
    assert axis.settings[1] == {"k": "/there/B.toml"}


def test_labels_replace_values() -> None:
    axis = only('values = ["1 um", "1 mA"]\nlabels = ["one", "other"]')
    assert axis.values == ("one", "other")
    assert axis.written == ("1 um", "1 mA")


def test_lists_and_flags_are_labels() -> None:
    assert only("values = [true, false]").values == ("true", "false")
    assert only('values = [["working"], ["working", "counter"]]').values == (
        "working", "working, counter",
    )  # fmt: skip


ZIP = """
[[axis]]
name = "metal"
zip = { "electrolyte.name" = ["A", "B"], "reactions.p.name" = ["X", "Y"] }
"""


def test_zip_changes_keys_together() -> None:
    (axis,) = design.axes(file(ZIP))
    assert axis.keys == ("electrolyte.name", "reactions.p.name")
    assert axis.values == ("A", "B")
    assert axis.written == ("A, X", "B, Y")
    assert axis.settings[1] == {"electrolyte.name": "B", "reactions.p.name": "Y"}
    (named,) = design.axes(file(ZIP + 'labels = ["lithium", "zinc"]'))
    assert named.values == ("lithium", "zinc")
    assert named.written == axis.written


def test_zip_of_quantities_has_numbers() -> None:
    (axis,) = design.axes(
        file('[[axis]]\nname = "w"\nzip = { "a" = ["1 um", "2 um"], "b" = ["5 um", "5 um"] }')
    )
    assert axis.values == (1e-6, 2e-6)
    (other,) = design.axes(file('[[axis]]\nname = "w"\nzip = { "a" = ["A", "A"], "b" = ["B", "C"] }'))
    assert other.values == ("A, B", "A, C")


GRID = """
[[axis]]
name = "a"
key = "x"
values = [1, 2]
[[axis]]
name = "b"
key = "y"
values = ["1 m", "2 m", "3 m"]
"""


def test_grid_goes_through_the_last_axis_first() -> None:
    given_ = file(GRID)
    places = list(design.places(given_, design.axes(given_)))
    assert [place.index for place in places] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert places[4].coordinates == {"a": 2.0, "b": 2.0}
    assert places[4].changes == {"x": 2, "y": "2 m"}
    assert places[4].written == {"a": "2", "b": "2 m"}


def sample(method: str, points: int, seed: int = 0) -> list[design.Place]:
    given_ = file(
        f"""
        [design]
        method = "{method}"
        points = {points}
        seed = {seed}
        [[axis]]
        name = "a"
        key = "x"
        from = "1 nm"
        to = "1 um"
        spacing = "log"
        [[axis]]
        name = "b"
        key = "y"
        from = 0.0
        to = 1.0
        """
    )
    return list(design.places(given_, design.axes(given_)))


@pytest.mark.parametrize("method", ["latin-hypercube", "sobol"])
def test_samples_fill_their_ranges(method: str) -> None:
    """Every one of 16 equal parts of each range holds a point, in the logarithm where that is asked."""
    places = sample(method, 16)
    logs = [math.log(float(place.coordinates["a"]) / 1e-9) / math.log(1000) for place in places]
    assert sorted(int(16 * share) for share in logs) == list(range(16))
    assert sorted(int(16 * float(place.coordinates["b"])) for place in places) == list(range(16))
    assert all(place.index == () for place in places)
    assert all(str(place.changes["x"]).endswith(" nm") for place in places)
    assert all(quantity(place.changes["x"]) == (place.coordinates["a"], "m") for place in places)


@pytest.mark.parametrize("method", ["latin-hypercube", "sobol"])
def test_samples_follow_their_seed(method: str) -> None:
    assert sample(method, 8) == sample(method, 8)
    assert sample(method, 8) != sample(method, 8, seed=1)


def test_sobol_grows() -> None:
    """More points keep the first ones, also where their number is no power of two."""
    assert sample("sobol", 12)[:8] == sample("sobol", 8)


def test_axis_of_a_sample_has_its_ends() -> None:
    text = '[design]\nmethod = "sobol"\npoints = 4\n'
    (axis,) = design.axes(file(f'{text}[[axis]]\nname = "a"\nkey = "k"\nfrom = "1 nm"\nto = "1 um"'))
    assert axis.written == ("1 nm", "1000 nm")
    assert axis.values == (1e-9, 1e-6)


# -- expressions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a + b * 2", 7.0),
        ("-a ** 2", -1.0),
        ("sqrt(b ** 2 + 16)", 5.0),
        ("max(a, b, 2)", 3.0),
        ("log10(1000) + log(exp(1))", 4.0),
        ("a if b > 2 else 0", 1.0),
        ("(1e7 * a) ** 2", 1e14),
        ("2 if kind == 'x' else 1", 2.0),
        ("a > b", 0.0),
    ],
)
def test_numbers(text: str, wanted: float) -> None:
    values: dict[str, expression.Value] = {"a": 1.0, "b": 3.0, "kind": "x"}
    found = expression.number(expression.read(text, "derived", values), values)
    assert found == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize(
    "text", ["a / (b - b)", "log(-b)", "(-b) ** 0.5", "exp(1e9)", "none + 1", "none > 1", "min(none, 1)"]
)
def test_what_has_no_value_is_nan(text: str) -> None:
    values: dict[str, expression.Value] = {"a": 1.0, "b": 3.0, "none": math.nan}
    assert math.isnan(expression.number(expression.read(text, "derived", values), values))


def test_conditions() -> None:
    values: dict[str, expression.Value] = {"height": 2.0, "gap": 1.0, "kind": "x"}
    for text, wanted in (
        ("height > gap and not gap > 3", True),
        ("0 < gap <= 1", True),
        ("kind != 'x' or height < gap", False),
    ):
        assert expression.holds(expression.read(text, "drop", values), values) is wanted
    with pytest.raises(InputError, match="not a condition"):
        expression.holds(expression.read("height", "drop", values), values)


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_a_clear_mistake(text: str) -> None:
    with contextlib.suppress(InputError):
        found = expression.read(text, "derived.x", ["a", "b"])
        assert isinstance(expression.number(found, {"a": 1.0, "b": 2.0}), float)
