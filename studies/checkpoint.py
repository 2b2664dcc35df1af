"""Checkpoints of a run: all that it needs to go on, in files that prove themselves whole.

    checkpoint/000012-<digest>.npz      the digest is the SHA-256 of the file's content
    outputs/0003.npz                    the profiles and maps of one output time

A checkpoint is an ordinary NumPy archive: the mesh, the last states in an order that does not depend on
the ranks, and `memory`, a JSON text with everything else (step sizes, order, events, ledger, rows of
the history). It is written under a temporary name, flushed and renamed, so that it is there whole or not
at all; the last two are kept. What a disk or a hand damages later no longer fits the digest.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.studies import output
from thincell.studies.schema.errors import InputError

FOLDER, OUTPUTS = "checkpoint", "outputs"

#: Changes whenever what a checkpoint holds does.
FORMAT = 1

#: Checkpoints kept: the newest, and one in case it is damaged.
KEPT = 2

_NAME = re.compile(r"(\d{6,})-([0-9a-f]{32})\.npz")


@dataclass(frozen=True)
class Snapshot:
    """A run between two time steps. ``memory`` holds plain values, ``arrays`` mesh and states."""

    memory: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def write(folder: Path, number: int, snapshot: Snapshot) -> int:
    """Write checkpoint ``number`` of a run's folder and drop all but the last two; its bytes."""
    text = json.dumps({"format": FORMAT, **snapshot.memory}, default=output.plain)
    data = packed({"memory": np.frombuffer(text.encode(), dtype=np.uint8), **snapshot.arrays})
    place = folder / FOLDER
    output.write_bytes(place / f"{number:06d}-{_digest(data)}.npz", data)
    for path in _found(place)[KEPT:]:
        path.unlink(missing_ok=True)
    return len(data)


def write_output(folder: Path, number: int, arrays: dict[str, NDArray[Any]]) -> str:
    """Write the arrays of one output time; their digest, for the next checkpoint."""
    data = packed(arrays)
    output.write_bytes(_output(folder, number), data)
    return _digest(data)


def read_output(folder: Path, number: int) -> dict[str, NDArray[Any]]:
    """The arrays of one output time."""
    return unpacked(_output(folder, number).read_bytes())


def latest(folder: Path) -> tuple[int, Snapshot | None, list[str]]:
    """(number, newest checkpoint that is whole, warnings about damaged ones).

    (0, None, []) when there is none. InputError when there are some and all are damaged.
    """
    warnings: list[str] = []
    for path in _found(folder / FOLDER):
        try:
            return _number(path), _read(folder, path), warnings
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            warnings.append(f"{FOLDER}/{path.name} is damaged and not used: {error}")
    if warnings:
        raise InputError(
            "\n".join(warnings) + f"\n--resume: no checkpoint in {str(folder)!r} can be used; start"
            " the run again with --force"
        )
    return 0, None, []


def tidy(folder: Path, outputs: int) -> None:
    """Remove what was written after the checkpoint, and files that were never finished."""
    for path in (folder / OUTPUTS).glob("*.npz"):
        if not path.stem.isdigit() or int(path.stem) >= outputs:
            path.unlink(missing_ok=True)
    for place in (folder, folder / FOLDER, folder / OUTPUTS):
        for path in place.glob("*.part"):
            path.unlink(missing_ok=True)


def discard(folder: Path) -> None:
    """Remove all checkpoints and single outputs: the run is over."""
    for place in (folder / FOLDER, folder / OUTPUTS):
        for path in place.glob("*"):
            path.unlink(missing_ok=True)
        if place.is_dir():
            place.rmdir()


def packed(arrays: dict[str, NDArray[Any]]) -> bytes:
    """A NumPy archive in memory."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def unpacked(data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of a NumPy archive."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _read(folder: Path, path: Path) -> Snapshot:
    data = path.read_bytes()
    if _digest(data) != _wanted(path):
        raise ValueError("its content does not fit its checksum")
    arrays = unpacked(data)
    memory = json.loads(arrays.pop("memory").tobytes())
    if memory["format"] != FORMAT:
        raise ValueError(f"it has format {memory['format']}, this version reads {FORMAT}")
    _examine_outputs(folder, memory["outputs"])
    return Snapshot(memory, arrays)


def _examine_outputs(folder: Path, digests: Sequence[str]) -> None:
    for number, wanted in enumerate(digests):
        path = _output(folder, number)
        if not path.is_file() or _digest(path.read_bytes()) != wanted:
            raise ValueError(f"it builds on {OUTPUTS}/{path.name}, which is missing or damaged")


def _found(place: Path) -> list[Path]:
    """Checkpoints by name, the newest first."""
    paths = [path for path in place.glob("*.npz") if _NAME.fullmatch(path.name)]
    return sorted(paths, key=_number, reverse=True)


def _number(path: Path) -> int:
    return int(path.name.partition("-")[0])


def _wanted(path: Path) -> str:
    return path.stem.partition("-")[2]


def _output(folder: Path, number: int) -> Path:
    return folder / OUTPUTS / f"{number:04d}.npz"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
