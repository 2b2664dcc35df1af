"""Pages from a small comparison: complete, self-contained, made again from folders alone."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from thincell.studies.case import Case, InputError
from thincell.studies.compare import Comparison, compare
from thincell.studies.figures import data
from thincell.studies.report import report

CASE: dict[str, Any] = {
    "title": "zinc & hydrogen <small>",
    "cell": {
        "type": "chip",
        "height": "1 um",
        "gap": "5 um",
        "working": {"width": "10 um"},
        "margin": "10 um",
    },
    "electrolyte": {"name": "ZnSO4-aq", "concentration": "0.1 mol/L"},
    "reactions": {"zinc": {"name": "Zn/Zn2+"}, "hydrogen": {"name": "HER-Zn"}},
    "protocol": [{"plate": "40 mA/cm^2", "for": "60 ms", "compliance": "2 V"}],
    "mesh": {"edge": 0.2, "columns": 4, "layers": 2},
    "compare": {"vary": {"protocol.0.plate": ["20 mA/cm^2", "100 mA/cm^2"]}},
}

FIGURES = {"schematic", "current-along-electrode", "concentration", "over-time", "reactions"}


class Page(HTMLParser):
    """What a page loads, what it shows, and whether its tags close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)
        self.ids |= {values["id"] or ""} if "id" in values else set()
        loading = ("src",) if tag != "link" else ("href",)
        self.loads += [str(values[name]) for name in loading if name in values]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """A comparison at two currents, made once."""
    folder = tmp_path_factory.mktemp("comparison") / "out"
    return compare(Case.parse(CASE), folder)


@pytest.fixture
def folder(compared: Comparison, tmp_path: Path) -> Path:
    """A copy of its folder, to be changed."""
    assert compared.folder is not None
    return Path(shutil.copytree(compared.folder, tmp_path / "copy"))


def read(folder: Path) -> str:
    """The page in a folder."""
    return (folder / "report.html").read_text(encoding="utf-8")


def test_everything_finished(compared: Comparison) -> None:
    assert compared.failures == []
    assert [pair.label for pair in compared.pairs] == ["20 mA/cm^2", "100 mA/cm^2"]


def test_page_is_self_contained(compared: Comparison) -> None:
    assert compared.folder is not None
    text = read(compared.folder)
    page = Page(text)
    assert page.unbalanced == []
    assert page.open == []
    assert len(page.loads) == len(FIGURES)
    assert all(source.startswith("data:image/png;base64,") for source in page.loads)
    assert "@import" not in text
    assert not re.search(r"url\(", text)


def test_every_figure_is_there(compared: Comparison) -> None:
    assert compared.folder is not None
    assert Page(read(compared.folder)).ids >= FIGURES
    for name in FIGURES:
        for kind in ("png", "svg"):
            assert (compared.folder / "figures" / f"{name}.{kind}").stat().st_size > 5000


def test_sections_and_answers(compared: Comparison) -> None:
    assert compared.folder is not None
    text = read(compared.folder)
    sections = {"answer", "figures", "evenness", "summary", "groups", "inputs", "audit"}
    assert Page(text).ids >= sections | {"protocol", "cite", "versions"}
    assert "zinc &amp; hydrogen &lt;small&gt;" in text
    assert "Zinc was" in text
    assert "% of the charge" in text
    assert re.search(r"The thin cell (ran dry after|did not run dry)", text)
    assert "balances" in text
    assert "10.1149/1945-7111/ac39e0" not in text  # of a chip that was not used
    assert "assumed" in text
    assert "nan" not in re.sub(r"data:image[^\"]*", "", text).lower().replace("finance", "")


def test_scalars_side_by_side(compared: Comparison) -> None:
    assert compared.folder is not None
    record = json.loads((compared.folder / "comparison.json").read_text(encoding="utf-8"))
    assert record["state"] == "finished"
    for item in record["pairs"]:
        thin, coin = item["summary of the thin cell"], item["summary of the coin cell"]
        assert thin.keys() == coin.keys()
        assert coin["Largest charge imbalance"] < 1e-9


def test_page_again_from_the_folder_alone(folder: Path) -> None:
    before = read(folder)
    (folder / "report.html").unlink()
    shutil.rmtree(folder / "figures")
    assert report(folder) == [folder / "report.html"]
    assert read(folder) == before


def test_pages_of_single_runs(folder: Path) -> None:
    places = [folder / "20-ma-cm-2" / kind for kind in ("thin", "coin")]
    for page, cell in zip(report(*places), ("thin cell", "coin cell"), strict=True):
        text = page.read_text(encoding="utf-8")
        assert "One run" in text
        assert f"The {cell}" in text
        assert Page(text).ids >= FIGURES


def test_failed_member_is_told(folder: Path) -> None:
    """One member failed, another left nothing: the page says so and shows the rest."""
    path = folder / "comparison.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["pairs"][0]["thin"] |= {"state": "failed", "message": "Newton's method <failed> here"}
    record["pairs"][1]["coin"] |= {"state": "error", "message": "died"}
    path.write_text(json.dumps(record), encoding="utf-8")
    shutil.rmtree(folder / "100-ma-cm-2" / "coin")
    report(folder)
    text = read(folder)
    assert "Newton&#39;s method &lt;failed&gt; here" in text
    assert "100 mA/cm², coin cell: error" in text
    assert Page(text).ids >= FIGURES


def test_nothing_left_is_still_a_page(folder: Path) -> None:
    for kind in ("thin", "coin"):
        for place in ("20-ma-cm-2", "100-ma-cm-2"):
            shutil.rmtree(folder / place / kind)
    report(folder)
    assert "No run left results." in read(folder)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the folder"):
        report(tmp_path)


def test_distance_is_from_the_rim(compared: Comparison) -> None:
    """Of a disc the current is largest at the rim: distance zero."""
    coin = compared.pairs[0].coin
    assert coin is not None
    assert coin.run is not None
    distance, density, _ = data.edge_profile(coin.run)
    assert distance[0] < 1e-4 < distance[-1]
    assert density[0] == density.max()
