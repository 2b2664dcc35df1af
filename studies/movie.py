"""Movies of growing deposits: GIF, or MP4 where the package `av` is installed.

One picture per output time, at a constant rate; two runs are shown at equal charge. The same frames give
the same file. Pictures are kept compressed until they are encoded, so that a film that turns
out too large can be made again, smaller.
"""

from __future__ import annotations

import importlib.util
import io
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from PIL import Image

from thincell.studies import output
from thincell.studies.figures import deposit, picture, style
from thincell.studies.figures.grown import Grown
from thincell.studies.figures.view import View, scale_bar, view
from thincell.studies.frames import Frame
from thincell.studies.schema.errors import InputError
from thincell.studies.wording import nice

#: Pictures per second; the delays of GIF are whole hundredths of a second.
RATE = 10
#: Pictures of a movie, at most, and bytes of its file.
MOST, LARGEST = 240, 16_000_000
#: Width of the pictures in pixels, and the least to which they are made smaller for the size.
WIDTH, LEAST = 1120, 320

#: What to say when MP4 was asked for and cannot be made.
NO_MP4 = (
    "an MP4 needs the package `av` (python -m pip install 'thincell[movie]'); this is an animated GIF"
)


@dataclass(frozen=True)
class Movie:
    """A file that was written; ``note`` says what is other than asked for, or is empty."""

    path: Path
    pictures: int
    size: int
    note: str = ""


def write_movie(
    path: Path,
    growths: Sequence[Grown],
    *,
    rate: int = RATE,
    width: int = WIDTH,
    largest: int = LARGEST,
) -> Movie:
    """A movie of one run, or of two side by side at equal charge; InputError for other endings.

    The ending of ``path`` says which kind. Without `av`, .mp4 becomes .gif, and the note says so. A film
    above ``largest`` bytes is made again with smaller pictures; when the smallest do not fit, the note
    says so.
    """
    kind = path.suffix.lower()
    if kind not in (".gif", ".mp4"):
        raise InputError(f"a movie ends in .gif or .mp4, not {path.name!r}")
    note = ""
    if kind == ".mp4" and importlib.util.find_spec("av") is None:
        kind, path, note = ".gif", path.with_suffix(".gif"), NO_MP4
    encode: Callable[[Sequence[bytes], int, int], bytes] = _gif if kind == ".gif" else _mp4
    pictures = [_compressed(image) for image in render(growths, width)]
    made = encode(pictures, rate, width)
    while len(made) > largest and width > LEAST:
        width = max(LEAST, int(width * min(0.9, math.sqrt(0.9 * largest / len(made)))))
        made = encode(pictures, rate, width)
    if len(made) > largest:
        note = "; ".join(part for part in (note, f"larger than the {largest} bytes asked for") if part)
    output.write_bytes(path, made)
    return Movie(path, len(pictures), len(made), note)


def schedule(growths: Sequence[Grown]) -> list[tuple[Frame, ...]]:
    """Which frames are shown together.

    One run: all of its frames, thinned evenly beyond the most. Two: those of the run that has more of
    them, up to the charge that both have passed, each with the other's frame of nearest charge.
    """
    end = min(growth.passed(growth.frames[-1].time) for growth in growths) * (1 + 1e-9)
    within = [[f for f in growth.frames if growth.passed(f.time) <= end] for growth in growths]
    leader = max(range(len(growths)), key=lambda k: len(within[k]))
    known = within[leader]
    chosen = np.unique(np.linspace(0, len(known) - 1, min(len(known), MOST)).round().astype(int))
    charges = [growths[leader].passed(known[k].time) for k in chosen]
    return [tuple(growth.at_charge(charge) for growth in growths) for charge in charges]


def render(growths: Sequence[Grown], width: int = WIDTH) -> Iterator[Image.Image]:
    """The pictures of a movie; layout, field of view and colours are the same in all of them."""
    shots = schedule(growths)
    sights = [view(growths[0])] if len(growths) == 1 else list(deposit.twin_views(*growths))
    norm = picture.colours(growths)
    with style.styled():
        made, panels = _stage(growths, sights, shots[-1], norm)
        made.set_dpi(width / made.get_figwidth())
        for shot in shots:
            for axes, growth, shown, seen in zip(panels, growths, shot, sights, strict=True):
                axes.clear()
                _draw(axes, growth, shown, seen, norm)
            yield _picture(made)


def _stage(
    growths: Sequence[Grown], sights: Sequence[View], last: Sequence[Frame], norm: Any
) -> tuple[Figure, list[Axes]]:
    """The figure laid out with its last frames; it stays as it is from then on."""
    flat = min(seen.aspect for seen in sights) > 2
    rows, columns = (len(growths), 1) if flat else (1, len(growths))
    width = 8.0 if columns == 2 or sights[0].aspect > 1.6 else 6.0
    tall = (width - 1.0) / columns / min(seen.aspect for seen in sights)
    made = style.figure(width, rows * (tall + 0.6) + 0.8)
    made.set_layout_engine("compressed")
    panels = list(made.subplots(rows, columns, squeeze=False).flat)
    image: Any = None
    for axes, growth, shown, seen in zip(panels, growths, last, sights, strict=True):
        image = _draw(axes, growth, shown, seen, norm)
    picture.colour_bar(made, panels, image)
    picture.key(made, [(g, s, g.frames) for g, s in zip(growths, sights, strict=True)])
    deposit.fit(made)
    made.draw_without_rendering()
    made.set_layout_engine("none")
    return made, panels


def _draw(axes: Axes, growth: Grown, shown: Frame, seen: View, norm: Any) -> Any:
    image = picture.draw_frame(axes, growth, shown, seen, norm)
    axes.set_title(
        f"{nice(growth.label)}\n{picture.stamp(growth, shown)}", loc="left", fontsize=8, pad=4
    )
    scale_bar(axes, seen, picture.UNIT)
    return image


def _picture(made: Figure) -> Image.Image:
    """RGB, of even width and height, as H.264 wants."""
    canvas: Any = made.canvas
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    height, width = (size // 2 * 2 for size in pixels.shape[:2])
    return Image.fromarray(np.ascontiguousarray(pixels[:height, :width]))


def _compressed(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format="png", compress_level=1)
    return stream.getvalue()


def _sized(stored: bytes, width: int) -> Image.Image:
    image = Image.open(io.BytesIO(stored)).convert("RGB")
    if image.width <= width:
        return image
    height = round(image.height * width / image.width) // 2 * 2
    return image.resize((width // 2 * 2, height), Image.Resampling.LANCZOS)


def _gif(pictures: Sequence[bytes], rate: int, width: int) -> bytes:
    """The same palette in all pictures, made of the colours that they are drawn with; loops for ever."""
    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette())
    plain = [_sized(p, width).quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    stream = io.BytesIO()
    plain[0].save(
        stream, format="gif", save_all=True, append_images=plain[1:], loop=0,
        duration=max(20, 10 * round(100 / rate)), disposal=1, optimize=False,
    )  # fmt: skip
    return stream.getvalue()


def _palette() -> list[int]:
    """256 colours: of things, shades of the salt, greys for the edges of lines and letters."""
    things = [picture.ALIVE, picture.DEAD, *picture.ELECTRODES.values(), "black", "white"]
    salt = colormaps[picture.PALETTE](np.linspace(0, 1, 216))
    edges = colormaps["gray"](np.linspace(0, 1, 256 - 216 - len(things)))
    made = np.concatenate([to_rgba_array(things), salt, edges])[:, :3]
    return [int(value) for value in np.rint(255 * made).ravel()]


def _mp4(pictures: Sequence[bytes], rate: int, width: int) -> bytes:
    """H.264 in the format that browsers and slides play; one thread, no dates, for equal bytes."""
    import av

    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with tempfile.TemporaryDirectory(prefix="thincell-") as place:
        path = Path(place) / "movie.mp4"  # the index moves to the front: that takes a file
        _film(av, str(path), options, pictures, rate, width)
        return path.read_bytes()


def _film(
    av: Any, path: str, options: dict[str, str], pictures: Sequence[bytes], rate: int, width: int
) -> None:
    with av.open(path, "w", options=options) as file:
        first = _sized(pictures[0], width)
        film = file.add_stream("libx264", rate=rate, options={"crf": "20", "threads": "1"})
        film.width, film.height, film.pix_fmt = first.width, first.height, "yuv420p"
        for picture in pictures:
            shown = av.VideoFrame.from_ndarray(np.asarray(_sized(picture, width)), format="rgb24")
            file.mux(film.encode(shown))
        file.mux(film.encode())
