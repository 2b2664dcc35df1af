"""Movies of a deposit: kinds of files, rate, size, the same bytes for the same frames."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from deposits import grown
from PIL import Image

from thincell.studies import movie, names
from thincell.studies.figures import picture
from thincell.studies.schema.errors import InputError


def test_gif_has_every_frame_at_a_constant_rate(tmp_path: Path) -> None:
    made = movie.write_movie(tmp_path / "a.gif", [grown(5, changing=True)], rate=5, width=480)
    assert made.note == ""
    assert made.size == made.path.stat().st_size
    with Image.open(made.path) as film:
        assert made.pictures == film.n_frames == 5
        assert film.width == 480
        for k in range(film.n_frames):
            film.seek(k)
            assert film.info["duration"] == 200
        assert film.info["loop"] == 0


def test_same_frames_make_the_same_file(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.gif", "b.gif")]
    for file in files:
        movie.write_movie(file, [grown(3, island=True)], width=480)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_dead_metal_keeps_its_colour(tmp_path: Path) -> None:
    """A colour of few pixels, which a palette made from the pictures would lose."""
    made = movie.write_movie(tmp_path / "a.gif", [grown(5, island=True)], width=640)
    wanted = [int(picture.DEAD[k : k + 2], 16) for k in (1, 3, 5)]
    with Image.open(made.path) as film:
        film.seek(film.n_frames - 1)
        pixels = np.asarray(film.convert("RGB"))
    assert (pixels == wanted).all(axis=-1).sum() > 50


def test_mp4_plays(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    files = [movie.write_movie(tmp_path / f"{k}.mp4", [grown(4)], rate=12, width=480) for k in "ab"]
    assert files[0].path.read_bytes() == files[1].path.read_bytes()
    with av.open(str(files[0].path)) as film:
        stream = film.streams.video[0]
        shown = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
        assert len(shown) == files[0].pictures == 4
        assert stream.average_rate == 12
        assert stream.codec_context.name == "h264"
        assert stream.width % 2 == stream.height % 2 == 0
    drawn = list(movie.render([grown(4)], 480))
    assert np.abs(shown[-1].astype(float) - np.asarray(drawn[-1])).mean() < 3


def test_without_encoder_an_mp4_becomes_a_gif(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    made = movie.write_movie(tmp_path / "a.mp4", [grown(3)], width=400)
    assert made.path == tmp_path / "a.gif"
    assert "thincell[movie]" in made.note
    assert [file.name for file in tmp_path.iterdir()] == ["a.gif"]
    with Image.open(made.path) as film:
        assert film.format == "GIF"


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.gif or \.mp4"):
        movie.write_movie(tmp_path / "a.avi", [grown(3)])
    assert list(tmp_path.iterdir()) == []


def test_size_is_kept(tmp_path: Path) -> None:
    growth = [grown(4)]
    full = movie.write_movie(tmp_path / "full.gif", growth, width=800)
    small = movie.write_movie(tmp_path / "small.gif", growth, width=800, largest=full.size // 2)
    assert small.size <= full.size // 2
    assert small.note == ""
    with Image.open(small.path) as film:
        assert film.n_frames == 4
        assert film.width < 800
    tiny = movie.write_movie(tmp_path / "tiny.gif", growth, width=400, largest=100)
    assert "larger than the 100 bytes" in tiny.note


def test_two_runs_go_by_charge() -> None:
    """Different output times and meshes: what is shown together has passed the same charge.

    The charges of the frames are 40 sqrt(k/16) of one and 40 sqrt(k/4) of the other.
    """
    a, b = grown(17), grown(5, changing=True, label="coin cell")
    for pair in ([a, b], [b, a]):
        shots = movie.schedule(pair)
        assert len(shots) == 17
        charges = np.array([[g.passed(f.time) for g, f in zip(pair, s, strict=True)] for s in shots])
        np.testing.assert_allclose(charges[[0, 4, 8, 12, 16], 0], charges[[0, 4, 8, 12, 16], 1])
        assert np.abs(np.diff(charges, axis=1)).max() <= 10 + 1e-9  # half of the largest step


def test_two_runs_end_where_the_first_ends() -> None:
    a, b = grown(9), grown(9)
    b.history[names.CHARGE.name][:] *= 0.5
    shots = movie.schedule([a, b])
    assert a.passed(shots[-1][0].time) == pytest.approx(20)
    assert shots[-1][1] is b.frames[-1]


def test_one_run_is_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movie, "MOST", 5)
    growth = grown(9)
    assert [shot[0] for shot in movie.schedule([growth])] == growth.frames[::2]


def test_layout_stays() -> None:
    """The colour bar at the right is where it was, and the same, in every picture."""
    pictures = [np.asarray(p).astype(int) for p in movie.render([grown(4), grown(3)], 600)]
    assert len({p.shape for p in pictures}) == 1
    bar = [p[:, -56:] for p in pictures]
    assert len(np.unique(bar[0].reshape(-1, 3), axis=0)) > 100
    for later in bar[1:]:
        np.testing.assert_array_equal(later, bar[0])
