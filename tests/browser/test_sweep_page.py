"""The page of a sweep in a real browser: what it draws, what its controls do, that it fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

KINDS = ("grid", "sample", "single", "begun")
UNEVENNESS, VOLTAGE = "Maximum over mean current density at the end", "Cell voltage at the end [V]"
CELLS, DOTS = 'g[aria-label="cell"] rect', 'g[aria-label="dot"] path'


@dataclass
class Opened:
    """A page with everything it complained about or asked for."""

    page: Any
    folder: Path
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def count(self, selector: str) -> int:
        """Elements that there are."""
        return int(self.page.locator(selector).count())

    def texts(self, selector: str) -> list[str]:
        """Their texts."""
        return list(self.page.locator(selector).all_text_contents())

    def all(self, selector: str, expression: str) -> list[Any]:
        """The values of an expression in ``mark`` for every element."""
        return list(
            self.page.locator(selector).evaluate_all(f"marks => marks.map(mark => {expression})")
        )

    def choose(self, place: str, label: str, value: str) -> None:
        """Choose in the list with a label."""
        lists = self.page.locator(place).locator("label").filter(has_text=re.compile(f"^{label}"))
        lists.locator("select").first.select_option(label=value)

    def column(self, head: str) -> list[str]:
        """The cells of the table below a head."""
        heads = [text.strip() for text in self.texts("#table thead th")]
        number = next(k for k, text in enumerate(heads, start=1) if text.startswith(head))
        return [text.strip() for text in self.texts(f"#table tbody td:nth-child({number})")]


@pytest.fixture
def opened(browser: Any, folders: Callable[[str], Path]) -> Iterator[Callable[..., Opened]]:
    """Opens the page of a kind of sweep; at the end nothing may have gone wrong on any."""
    made: list[Opened] = []

    def start(kind: str, width: int = 1280, **options: Any) -> Opened:
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        here = Opened(page, folders(kind))
        page.on("console", lambda m: here.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: here.complaints.append(str(error)))
        page.on("request", lambda request: here.requests.append(request.url))
        page.goto((here.folder / "report.html").as_uri())
        page.wait_for_selector("#families svg")
        made.append(here)
        return here

    yield start
    for here in made:
        foreign = [url for url in here.requests if not url.startswith(("file:", "data:"))]
        here.page.close()
        assert here.complaints == []
        assert foreign == []


def number(text: str) -> float:
    """A number as the page writes it; infinite where there is none."""
    return float(text.replace("−", "-")) if text not in ("–", "") else float("inf")


def test_grid_is_drawn(opened: Callable[..., Opened]) -> None:
    """Sixty fields in every map, three panels each; a line and a symbol for every current."""
    here = opened("grid")
    for figure in ("#regimes", "#heat-1", "#heat-2", "#heat-3"):
        assert here.count(f"{figure} .panel") == 3
        assert here.count(f"{figure} {CELLS}") == 60
    assert here.count('#families g[aria-label="line"] path[stroke-width]') >= 0
    fills = here.page.locator(f"#regimes {CELLS}").evaluate_all(
        "all => all.map(r => r.getAttribute('fill'))"
    )
    assert fills.count("url(#failed)") == 4
    assert fills.count("none") == 3
    assert len(set(fills)) == 5
    words = here.texts("#regimes .panel text")
    assert words.count("✕") == 4
    assert words.count("∅") == 3
    assert {"even", "edge", "dry"} < set(words)


def test_axes_are_in_the_units_of_the_user(opened: Callable[..., Opened]) -> None:
    here = opened("grid")
    words = here.texts("#regimes .panel:first-child text")
    assert {"Liquid height [nm]", "Current [mA/cm²]", "150", "2000", "25"} < set(words)
    assert "Liquid height [nm]" in here.texts("#families text")


def test_lines_and_twins(opened: Callable[..., Opened]) -> None:
    """Four currents at one electrolyte: four lines, four dashed ones, and no dot for what failed."""
    here = opened("grid")
    assert here.count('#families g[aria-label="line"]') == 2
    dashed = here.page.locator('#families g[aria-label="line"][stroke-dasharray="5,4"] path')
    assert dashed.count() == 4
    assert here.count('#families g[aria-label="line"]:not([stroke-dasharray]) path') == 4
    assert here.count(f"#families {DOTS}") == 17
    signs = [text for text in here.texts("#families .panel text") if text in ("✕", "∅")]
    assert sorted(signs) == ["∅", "✕", "✕"]
    assert "coin-cell twin" in here.texts("#families .key")[0]
    assert "edge-limited above 2" in here.texts("#families .key")[0]


def test_other_designs_are_drawn(opened: Callable[..., Opened]) -> None:
    sample = opened("sample")
    for figure in ("#regimes", "#heat-1", "#heat-2", "#heat-3"):
        assert sample.count(f"{figure} {DOTS}") == 40
    assert sample.count(f"#families {DOTS}") == 35
    single = opened("single")
    assert single.count(f"#regimes {CELLS}") == 4
    assert single.count(f"#families {DOTS}") == 4
    assert single.count('#families g[aria-label="line"]') == 2


def test_sweep_that_has_begun(opened: Callable[..., Opened]) -> None:
    """Nothing has finished: the page says so, and shows what failed and what is waited for."""
    here = opened("begun")
    assert "No point has finished." in here.texts("#answer")[0]
    assert "not complete (running)" in here.texts(".caution strong")[0]
    fills = here.all(f"#regimes {CELLS}", "mark.getAttribute('fill')")
    assert (fills.count("url(#failed)"), fills.count("url(#waiting)")) == (1, 19)
    assert here.count("figure.heat") == 0
    assert here.count("#table tbody tr") == 20


def test_more_axes_than_can_be_seen(opened: Callable[..., Opened]) -> None:
    """Five axes: three in the maps, the values of the others chosen; nothing is mixed."""
    here = opened("many")
    assert here.count(f"#regimes {CELLS}") == 60
    visible = here.all("#map-controls label:not([hidden])", "mark.firstChild.textContent")
    assert visible == ["Across", "Up", "Side by side", "Order of the elements", "Temperature"]
    before = here.page.locator("#regimes .panels").inner_html()
    here.choose("#map-controls", "Temperature", "15 degC")
    assert here.page.locator("#regimes .panels").inner_html() != before
    here.choose("#map-controls", "Side by side", "Temperature")
    assert here.count("#regimes .panel") == 9
    assert here.count(f"#regimes {CELLS}") == 9 * 20


def test_selectors_redraw(opened: Callable[..., Opened]) -> None:
    here = opened("grid")
    before = here.page.locator("#heat-1 .panels").inner_html()
    here.choose("#heat-1", "Quantity", VOLTAGE)
    assert here.page.locator("#heat-1 .panels").inner_html() != before
    assert VOLTAGE in here.texts("#heat-1 figcaption")[0]
    assert here.count(f"#heat-1 {CELLS}") == 60
    here.choose("#map-controls", "Side by side", "none")
    assert here.count("#regimes .panel") == 1
    assert here.count(f"#regimes {CELLS}") == 20
    regimes = here.page.locator("#regimes .panels").inner_html()
    here.choose("#map-controls", "Electrolyte", "lithium salt")
    assert here.page.locator("#regimes .panels").inner_html() != regimes
    here.choose("#map-controls", "Across", "Current")  # the two axes change places
    assert here.texts("#regimes .panel text")[-20:] != []
    labels = here.page.locator("#map-controls select").evaluate_all(
        "all => all.map(s => s.selectedOptions[0].text)"
    )
    assert labels[:2] == ["Current", "Liquid height"]


def test_line_controls(opened: Callable[..., Opened]) -> None:
    here = opened("grid")
    here.choose("#families", "A line for each", "Electrolyte")
    assert here.count('#families g[aria-label="line"]:not([stroke-dasharray]) path') == 3
    assert here.count('#families g[aria-label="line"][stroke-dasharray] path') == 1  # the same for all
    here.choose("#families", "A line for each", "none")
    assert here.count('#families g[aria-label="line"]:not([stroke-dasharray]) path') == 1
    logarithmic = here.page.get_by_label("logarithmic across")
    assert logarithmic.is_checked()
    path = here.page.locator('#families g[aria-label="line"] path').last
    before = path.get_attribute("d")
    logarithmic.uncheck()
    assert path.get_attribute("d") != before
    here.choose("#families", "Quantity", "Minimum concentration at the end [mol m⁻³]")
    assert here.page.get_by_label("logarithmic up").is_disabled()  # some are zero
    here.choose("#families", "Across", "Electrolyte")
    assert here.page.get_by_label("logarithmic across").is_disabled()
    assert "zinc salt" in here.texts("#families .panel text")


def test_filter(opened: Callable[..., Opened]) -> None:
    here = opened("grid")
    assert here.count("#table tbody tr") == 60
    search = here.page.get_by_label("Filter")
    search.fill("150 nm depleted")
    rows = here.count("#table tbody tr")
    assert 0 < rows < 12
    assert here.texts("#shown") == [f"{rows} of 60 points"]
    assert set(here.column("Regime")) == {"depleted"}
    search.fill("")
    here.page.get_by_label("finished (53)").uncheck()
    assert sorted(here.column("Status")) == ["dropped"] * 3 + ["failed"] * 4
    assert "Newton's method failed at t = 0.1 s <here>" in here.column("Reason")
    search.fill("no such thing")
    assert here.count("#table tbody tr") == 0


def test_sort(opened: Callable[..., Opened]) -> None:
    """By a click and by the keyboard; what has no value comes last either way."""
    here = opened("grid")
    button = here.page.locator("#table thead button").filter(has_text=UNEVENNESS)
    button.click()
    values = [number(text) for text in here.column(UNEVENNESS)]
    assert values == sorted(values)
    assert here.count('th[aria-sort="ascending"]') == 1
    here.page.keyboard.press("Enter")
    values = [number(text) for text in here.column(UNEVENNESS)]
    assert values[:53] == sorted(values[:53], reverse=True)
    assert values[53:] == [float("inf")] * 7
    assert here.count('th[aria-sort="descending"]') == 1


def test_all_quantities(opened: Callable[..., Opened]) -> None:
    here = opened("grid")
    before = here.count("#table thead th")
    assert any("Time per current [m² s A⁻¹]" in text for text in here.texts("#table thead th"))
    here.page.get_by_label("all quantities").check()
    heads = here.texts("#table thead th")
    assert len(heads) > before + 4
    assert any(text.startswith("Coin cell: Charge density [C m⁻²]") for text in heads)
    assert here.count("#table tbody tr:first-child td") == len(heads)


def test_keyboard_in_a_map(opened: Callable[..., Opened]) -> None:
    """One stop of the Tab key per plot; arrows go from field to field, and each says what it is."""
    here = opened("grid")
    assert here.count('#regimes .panel:first-child [tabindex="0"]') == 1
    here.page.locator('#regimes .panel:first-child [tabindex="0"]').focus()
    said = []
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        here.page.keyboard.press(key)
        said.append(here.page.evaluate("document.activeElement.getAttribute('aria-label')"))
        assert here.page.locator("#tip").is_visible()
    assert "Liquid height 500 nm; Current 1 mA/cm²" in said[1]
    assert "Liquid height 500 nm; Current 5 mA/cm²" in said[2]
    assert "Liquid height 300 nm; Current 5 mA/cm²" in said[3]
    here.page.keyboard.press("Escape")
    assert not here.page.locator("#tip").is_visible()
    here.page.keyboard.press("Enter")
    here.page.wait_for_url("**/points/*/run/report.html")


def test_pointer_tells(opened: Callable[..., Opened]) -> None:
    here = opened("grid")
    here.page.locator(f"#heat-1 {CELLS}").nth(3).hover()
    told = here.texts("#tip")[0]
    assert "Liquid height" in told
    assert "Coin cell: 1." in told


@pytest.mark.parametrize("kind", KINDS)
def test_links_lead_to_files(opened: Callable[..., Opened], kind: str) -> None:
    here = opened(kind)
    links = here.all(
        "a", "typeof mark.href === 'string' ? mark.getAttribute('href') : mark.href.baseVal"
    )
    files = {link for link in links if not link.startswith(("#", "https://doi.org/"))}
    assert len(files) >= 4
    for link in files:
        assert (here.folder / link).is_file(), link


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits(opened: Callable[..., Opened], kind: str, width: int, scheme: str) -> None:
    """No sideways scrolling of the page, whatever is opened; also after it was made narrower."""
    here = opened(kind, width, color_scheme=scheme)
    here.page.get_by_label("all quantities").check()
    here.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for size in (width, 390):
        here.page.set_viewport_size({"width": size, "height": 800})
        here.page.wait_for_timeout(150)
        assert here.page.evaluate("document.documentElement.scrollWidth") <= size


def test_paper(opened: Callable[..., Opened]) -> None:
    """Printed from a dark screen, the lines are those for white paper, and nothing is cut off."""
    here = opened("grid", color_scheme="dark")
    stroke = "document.querySelector('#families g[aria-label=dot] path').getAttribute('fill')"
    dark = here.page.evaluate(stroke)
    here.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert here.page.evaluate(stroke) != dark
    here.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert here.page.evaluate(stroke) == dark
    here.page.set_viewport_size({"width": 720, "height": 1000})
    here.page.emulate_media(media="print")
    assert here.page.evaluate("document.documentElement.scrollWidth") <= 720
