"""Which figures a page has, in which order, with which captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from thincell.studies import output
from thincell.studies.results import Run


@dataclass(frozen=True)
class Half:
    """One value of what is varied: its label, the thin cell's run and the coin cell's."""

    label: str
    thin: Run | None
    coin: Run | None = None

    @property
    def runs(self) -> list[Run]:
        """The runs that there are."""
        return [run for run in (self.thin, self.coin) if run is not None]


@dataclass(frozen=True)
class Drawing:
    """A finished figure; its width in inches."""

    name: str
    title: str
    caption: str
    png: bytes
    svg: bytes
    width: float

    def write(self, folder: Path) -> None:
        """NAME.png and NAME.svg."""
        output.write_bytes(folder / f"{self.name}.png", self.png)
        output.write_bytes(folder / f"{self.name}.svg", self.svg)


def draw_all(halves: Sequence[Half]) -> list[Drawing]:
    """All figures that these runs allow. Rank 0 only."""
    from thincell.studies.figures import (
        above,
        along,
        deposit,
        maps,
        outlines,
        schematic,
        share,
        style,
        time,
    )

    halves = [half for half in halves if half.runs]
    if not halves:
        return []
    makers = (
        ("schematic", "The cells", schematic.CAPTION, schematic.draw),
        ("deposit", "The deposit", deposit.CAPTION, deposit.draw),
        ("outlines", "Outlines of the deposit", outlines.CAPTION, outlines.draw),
        (
            "deposit-measures",
            "Measures of the deposit",
            outlines.MEASURES_CAPTION,
            outlines.draw_measures,
        ),
        ("from-above", "The cell from above", above.CAPTION, above.draw),
        ("current-along-electrode", "Current along the electrode", along.CAPTION, along.draw),
        ("concentration", "Concentration in the liquid", maps.CAPTION, maps.draw),
        ("over-time", "Voltage, current and depletion over time", time.CAPTION, time.draw),
        ("reactions", "What the current is made of", share.CAPTION, share.draw),
    )
    drawings = []
    with style.styled():
        for name, title, caption, draw in makers:
            made: Figure | None = draw(halves)
            if made is not None:
                png = style.as_bytes(made, "png")
                made.set_layout_engine("none")  # laid out by now: not again for the other format
                svg = style.as_bytes(made, "svg")
                drawings.append(Drawing(name, title, caption, png, svg, float(made.get_figwidth())))
    return drawings
