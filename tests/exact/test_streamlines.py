"""The stream function that a run with flow records: exact in a slit, constant on walls, the whole flow."""

from __future__ import annotations

import numpy as np
import pytest

from thincell.studies import names
from thincell.studies.case import Case
from thincell.studies.figures import above, maps, style
from thincell.studies.figures.build import Half
from thincell.studies.figures.streamlines import COUNT, straightened
from thincell.studies.flow.channel import channel
from thincell.studies.frames import frames
from thincell.studies.results import Run
from thincell.studies.run import run
from thincell.validation.theory.flow import chip

HEIGHT, WIDTH = 500e-9, 1e-6


def resting(view: str, **cell: object) -> Case:
    """The chip without a current."""
    data = chip(view, **cell).resolved()
    data["protocol"] = [{"rest": True, "for": "1 ms"}]
    return Case.parse(data)


@pytest.fixture(scope="module")
def cut() -> Run:
    return run(resting("section"))


def test_section_is_plane_poiseuille(cut: Run) -> None:
    """psi = q (3 s^2 - 2 s^3), s = z/h: 0 on the floor, the flow per width on the lid."""
    per_width = channel(cut.case).per_width
    for frame in frames(cut.maps):
        s = frame.points[:, 1] / HEIGHT
        wanted = per_width * (3 * s**2 - 2 * s**3)
        np.testing.assert_allclose(frame.fields[names.STREAM.name], wanted, atol=1e-10 * per_width)


def test_raised_electrode_is_a_streamline() -> None:
    """The floor, an electrode of 100 nm on it and all of its sides have psi = 0, the lid the whole flow."""
    raised = {"width": "5 um", "thickness": "100 nm"}
    case = resting("section", working=raised, counter=raised)
    frame = frames(run(case).maps)[-1]
    psi, (x, z) = frame.fields[names.STREAM.name], frame.points.T
    per_width = channel(case).per_width
    on_top = (np.abs(z - 100e-9) < 1e-12) & (x < 1e-12) & (x > -5e-6 - 1e-12)
    assert on_top.sum() > 10
    for place, value in ((on_top, 0.0), (z < 1e-12, 0.0), (z > HEIGHT - 1e-12, per_width)):
        np.testing.assert_allclose(psi[place], value, atol=1e-12 * per_width)
    assert psi.min() > -0.01 * per_width
    assert psi.max() < 1.01 * per_width


def test_plan_is_linear_across_the_flow() -> None:
    """Under a flat lid psi = Q y/w from one side to the other."""
    case = resting("plan")
    frame = frames(run(case).maps)[-1]
    whole = channel(case).per_width * WIDTH
    share = frame.points[:, 1] / WIDTH + 0.5
    np.testing.assert_allclose(frame.fields[names.STREAM_ABOVE.name], whole * share, atol=1e-10 * whole)


def test_plan_carries_the_whole_flow_under_a_bulge() -> None:
    """From side to side psi rises by what flows in; at first order to the error of the mesh."""
    case = resting("plan", bulge={"width": "14 um", "centre": "2.5 um"})
    frame = frames(run(case).maps)[-1]
    psi, y = frame.fields[names.STREAM_ABOVE.name], frame.points[:, 1]
    whole = channel(case).per_width * WIDTH
    low, high = (psi[np.abs(y - side) < 1e-12] for side in (-WIDTH / 2, WIDTH / 2))
    assert np.ptp(low) < 0.01 * whole
    assert np.ptp(high) < 0.01 * whole
    assert high.mean() - low.mean() == pytest.approx(whole, rel=0.005)


def test_without_flow_there_is_none() -> None:
    data = resting("section").resolved()
    del data["flow"]
    assert names.STREAM.name not in run(Case.parse(data)).maps


def test_straightened_is_the_height_of_plane_flow() -> None:
    s = np.linspace(0, 1, 21)
    np.testing.assert_allclose(straightened(3 * s**2 - 2 * s**3), s, atol=1e-12)


def test_figures_show_them(cut: Run) -> None:
    """In a slit straight lines between which flows the same; the plan's figure draws as well."""
    with style.styled():
        panel = maps.draw([Half("", cut)]).axes[0]  # type: ignore[union-attr]
        plan = above.draw([Half("", run(resting("plan")))])
    drawn = [c for c in panel.collections if c.get_label() == "streamlines"]
    heights = [np.asarray(path.vertices)[:, 1] * 1e-6 / HEIGHT for path in drawn[0].get_paths()]
    assert len(heights) == COUNT
    for s in heights:
        assert np.ptp(s) < 1e-6
    below = np.array([3 * s.mean() ** 2 - 2 * s.mean() ** 3 for s in heights])
    np.testing.assert_allclose(np.diff(below), 1 / COUNT, rtol=1e-6)
    assert any(c.get_label() == "streamlines" for c in plan.axes[0].collections)  # type: ignore[union-attr]
