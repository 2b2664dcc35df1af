"""Cases: written back and read again, where values come from, settings, units."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thincell.model.units import UnitError, parse, show
from thincell.studies.case import Case, InputError, assign, override
from thincell.studies.library import KINDS, load, names
from thincell.studies.schema.cell import ChipCell
from thincell.studies.toml import dumps

PLATING = {"LiPF6": "Li", "NaPF6": "Na", "Zn": "Zn", "Ca": "Ca", "MACC": "Mg"}


def case(**changes: Any) -> dict[str, Any]:
    """A good case as a dictionary."""
    return {
        "title": "t",
        "cell": {"type": "chip"},
        "electrolyte": {"name": "LiPF6-EC-DMC"},
        "reactions": {"plating": {"name": "Li/Li+"}},
        "protocol": [{"plate": "10 mA/cm^2", "for": "5 s"}],
    } | changes


def again(read: Case) -> Case:
    """The case after one trip through TOML."""
    return Case.parse(tomllib.loads(dumps(read.resolved())))


VARIANTS: list[dict[str, Any]] = [
    {},
    {"cell": {"type": "coin"}},
    {"cell": {"type": "chip", "chip": "wittman-2024", "ends": "reservoir"}},
    {"protocol": [{"rest": True, "for": "1 s"}, {"hold": "-0.1 V", "until": "current < 1 A/m^2"}]},
    {"protocol": [{"sweep": {"vertices": ["0 V", "-1 V", "0 V"], "rate": "0.1 V/s", "cycles": 2}}]},
    {"reactions": {"plating": {"name": "Li", "kinetics": {"law": "marcus-hush-chidsey",
     "exchange_current_density": "1 A/m^2", "reorganisation_energy": "0.3 eV"}}}},
    {"compare": {"vary": {"protocol.0.plate": ["1 mA/cm^2", "25 mA/cm^2"]}}},
    {"electrolyte": {"name": "LiPF6-EC-DMC", "diffusivity": "3e-10 m^2/s", "model": "ohmic"}},
]  # fmt: skip


@pytest.mark.parametrize("changes", VARIANTS)
def test_resolved_case_reads_back(changes: dict[str, Any]) -> None:
    read = Case.parse(case(**changes))
    assert again(read) == read
    assert again(read).resolved() == read.resolved()


@pytest.mark.parametrize("name", [n for n in names("electrolytes") if not n.startswith("Ru")])
def test_every_salt_has_its_reaction(name: str) -> None:
    metal = next(metal for start, metal in PLATING.items() if name.startswith(start))
    read = Case.parse(case(electrolyte={"name": name}, reactions={"p": {"name": metal}}))
    assert again(read) == read


@pytest.mark.parametrize("name", names("chips"))
def test_every_chip_has_a_section(name: str) -> None:
    read = Case.parse(case(cell={"type": "chip", "chip": name}))
    assert isinstance(read.cell, ChipCell)
    section = read.cell.section()
    assert section.start < -read.cell.working.width < 0 < read.cell.gap < section.end


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k in KINDS for n in names(k)])
def test_every_quantity_of_the_library_has_a_source(kind: str, name: str) -> None:
    for item in load(kind, name).provenance:
        assert item.source, item
        assert item.confidence in ("high", "medium", "low", "assumed"), item
        assert item.confidence != "assumed" or item.range is not None, item


def test_provenance_names_the_values_used() -> None:
    read = Case.parse(case(cell={"type": "chip", "height": "800 nm", "working": {"width": "5 um"}}))
    found = dict(read.provenance())
    assert found["cell.gap"].confidence == "assumed"
    assert "electrolyte.conductivity" in found
    assert "reactions.plating.kinetics.exchange_current_density" in found
    assert "cell.height" not in found  # changed by the case
    assert "cell.working.width" not in found
    assert "cell.working.thickness" in found


def test_provenance_survives_another_spelling() -> None:
    read = Case.parse(case(cell={"type": "chip", "gap": "0.02 mm"}))
    assert "cell.gap" in {key for key, _ in read.provenance()}
    assert [key for key, _ in again(read).provenance()] == [key for key, _ in read.provenance()]


def test_changing_the_entry_changes_all_its_values() -> None:
    read = Case.parse(case(electrolyte={"name": "LiPF6-EC-DMC", "concentration": "0.5 mol/L"}))
    other = read.changed({"electrolyte.name": "LiPF6-PC"})
    assert other.electrolyte.diffusivity != read.electrolyte.diffusivity
    assert other.electrolyte.concentration == 500.0
    assert read.electrolyte.name == "LiPF6-EC-DMC"


def test_a_law_is_replaced_whole() -> None:
    law = {"law": "constant", "value": "1 S/m"}
    read = Case.parse(case(electrolyte={"name": "LiPF6-EC-DMC", "conductivity": law}))
    assert read.resolved()["electrolyte"]["conductivity"] == law


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ('cell.height="1 um"', ("cell", "height"), "1 um"),
        ("cell.height=1 um", ("cell", "height"), "1 um"),
        ("mesh.columns=3", ("mesh", "columns"), 3),
        ("output.fields=false", ("output", "fields"), False),
        ("protocol.0.plate=1 mA/cm^2", ("protocol", 0, "plate"), "1 mA/cm^2"),
        ("output.times=['1 s']", ("output", "times"), ["1 s"]),
        (" cell . gap = 1 um", ("cell", "gap"), "1 um"),
    ],
)
def test_override(text: str, key: tuple[Any, ...], value: Any) -> None:
    data: Any = case()
    override(data, text)
    for part in key:
        data = data[part]
    assert data == value


@pytest.mark.parametrize("text", ["cell.height", "=1", "a..b=1", "protocol.7.plate=1"])
def test_bad_override(text: str) -> None:
    with pytest.raises(InputError):
        override(case(), text)


def test_files_are_found_beside_the_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cases").mkdir()
    entry = (
        'height = "1 um"\ngap = "5 um"\nmargin = "9 um"\nlength = "1 um"\n'
        'working = { width = "1 um" }\ncounter = { width = "1 um" }\n'
    )
    (tmp_path / "cases" / "mine.toml").write_text(entry)
    file = tmp_path / "cases" / "case.toml"
    file.write_text(dumps(case(cell={"type": "chip", "chip": "mine.toml"})))
    monkeypatch.chdir(tmp_path)
    read = Case.load("cases/case.toml")
    assert isinstance(read.cell, ChipCell)
    assert read.cell.gap == 5e-6
    elsewhere = tmp_path / "case.toml"
    elsewhere.write_text(dumps(read.resolved()))
    assert Case.load(elsewhere) == read


def test_the_public_names() -> None:
    import thincell

    assert thincell.Case is Case
    assert issubclass(thincell.InputError, ValueError)
    assert set(thincell.__all__) <= set(dir(thincell))
    with pytest.raises(AttributeError):
        _ = thincell.nothing


# -- units -----------------------------------------------------------------------------------------

UNITS = ["m", "s", "V", "A", "A/m^2", "mol/m^3", "m^2/s", "S/m", "K", "V/s", "eV", "m^3/mol", "1"]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.floats(min_value=1e-30, max_value=1e30) | st.floats(min_value=-1e30, max_value=-1e-30),
    st.sampled_from(UNITS),
)
def test_what_is_shown_is_read_back_exactly(value: float, unit: str) -> None:
    assert parse(show(value, unit), unit) == value


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    st.decimals(min_value="0.001", max_value="1000", places=3),
    st.sampled_from(
        [("nm", "m", -9), ("um", "m", -6), ("mA/cm^2", "A/m^2", 1), ("mol/L", "mol/m^3", 3)]
    ),
)
def test_prefixes_are_exact(number: Any, unit: tuple[str, str, int]) -> None:
    """Decimal inside: 500 nm is 5e-07 to the last bit."""
    text, si, power = unit
    assert parse(f"{number} {text}", si) == float(number.scaleb(power))


@pytest.mark.parametrize(
    "text", ["10 mA/cm^2", "10 mA/cm2", "10 mA cm-2", "10mA/cm**2", "10 mA cm^-2", "1e1 mA/cm2"]
)
def test_powers_as_people_write_them(text: str) -> None:
    assert parse(text, "A/m^2") == 100.0


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=20), st.sampled_from(UNITS))
def test_any_text_is_a_quantity_or_a_unit_error(text: str, unit: str) -> None:
    try:
        assert isinstance(parse(text, unit), float)
    except UnitError as error:
        assert str(error)  # noqa: PT017


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=5,
    ),
    st.sampled_from(
        ["cell", "electrolyte", "reactions", "protocol", "mesh", "output", "compare", "title"]
    ),
)
def test_any_data_is_a_case_or_an_input_error(value: Any, key: str) -> None:
    try:
        Case.parse(case(**{key: value}))
    except InputError as error:
        assert all(": " in line for line in str(error).splitlines())  # noqa: PT017


def test_nothing_lies_below_a_value() -> None:
    with pytest.raises(InputError, match=r"output\.times\.0\.x: there is nothing below"):
        assign({"output": {"times": ["1 s"]}}, "output.times.0.x", 1)
