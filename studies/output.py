"""A run's folder: plain files, written under a temporary name, flushed and renamed."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.studies.case import Case
from thincell.studies.frames import frames
from thincell.studies.schema.errors import InputError
from thincell.studies.toml import dumps

MANIFEST = "manifest.json"


class WriteError(RuntimeError):
    """A file cannot be written; what was there before is untouched. Exit code 74."""


def prepare(folder: Path, force: bool, mark: str = MANIFEST, resume: bool = False) -> None:
    """Make the folder; InputError when it cannot be written or holds something already.

    ``mark`` is the file by which a folder of this program is known.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {str(folder)!r} is a file; name a folder")
    if folder.is_dir() and any(path.name not in _BEFORE_ALL for path in folder.iterdir()):
        mine = (folder / mark).is_file()
        if not mine:
            raise InputError(
                f"--out {str(folder)!r} holds files that are not a run's; name another folder"
            )
        if not (force or resume):
            raise InputError(
                f"--out {str(folder)!r} holds a run already; add --resume to go on with it, --force to"
                " replace it, or name another folder"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"cannot write to --out {str(folder)!r}: {error.strerror}") from None


#: What a run that was killed at its very beginning leaves.
_BEFORE_ALL = (".lock", ".probe", "case.toml", "case.toml.part", "manifest.json.part")

#: What runs and comparisons write into their folders.
_OURS = (
    "case.toml", "manifest.json", "summary.json", "progress.json", "run.log",
    "history.csv", "electrode.csv", "deposit.csv", "maps.npz", "fields.pvd", "report.html",
    "impedance.csv", "impedance.json",
)  # fmt: skip
_OUR_FOLDERS = ("checkpoint", "outputs", "fields", "figures")


def clear(folder: Path) -> None:
    """Remove what an earlier run wrote; the mark of the folder last, other people's files never."""
    for name in _OUR_FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in reversed(_OURS):
        (folder / name).unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Atomically replace a file; WriteError when the disk will not have it."""
    temporary = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise WriteError(f"cannot write {str(path)!r}: {error.strerror or error}") from error


def _flush_folder(folder: Path) -> None:
    """Make a renaming durable; some file systems cannot."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def write_text(path: Path, text: str) -> None:
    """Atomically replace a text file."""
    write_bytes(path, text.encode("utf-8"))


def write_case(path: Path, case: Case) -> None:
    """Atomically replace a case file by a fully resolved case, a mesh named so that it is found."""
    write_text(path, dumps(case.portable()))


def write_json(path: Path, data: Any) -> None:
    """Atomically replace a JSON file."""
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False, default=plain) + "\n")


def plain(value: Any) -> Any:
    """A NumPy value as what JSON knows."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Atomically replace a CSV file; columns in order of first appearance."""
    header = list(dict.fromkeys(key for row in rows for key in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, stream.getvalue())


def write_columns(path: Path, tables: Sequence[Mapping[str, NDArray[Any]]]) -> None:
    """Atomically replace a CSV file made of several tables of columns."""
    rows = [
        dict(zip(table, values, strict=True))
        for table in tables
        for values in zip(*(column.tolist() for column in table.values()), strict=True)
    ]
    write_rows(path, rows)


def read_columns(path: Path) -> dict[str, NDArray[Any]]:
    """Columns of a CSV file; numbers where every entry is one."""
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        columns = list(zip(*reader, strict=True)) or [()] * len(header)
    return {name: _column(values) for name, values in zip(header, columns, strict=True)}


def _column(values: Sequence[str]) -> NDArray[Any]:
    try:
        return np.array([float(v) if v else np.nan for v in values])
    except ValueError:
        return np.array(values)


def write_maps(path: Path, maps: Mapping[str, Any]) -> None:
    """maps.npz: points [m], triangles, times [s] and every map, in one of the layouts of `frames`."""
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **maps)
    write_bytes(path, stream.getvalue())


def _vtu(mesh: Any) -> bytes:
    """A mesh in the format of ParaView; meshio writes it to files only."""
    import meshio

    with tempfile.TemporaryDirectory(prefix="thincell-") as place:
        path = Path(place) / "mesh.vtu"
        meshio.write(path, mesh, file_format="vtu")
        return path.read_bytes()


def write_fields(folder: Path, maps: Mapping[str, Any]) -> None:
    """fields.pvd and one VTU file per output time for ParaView, lengths in metres."""
    import meshio

    sets = []
    for k, frame in enumerate(frames(maps)):
        name = f"fields/{k:04d}.vtu"
        count, dimension = frame.points.shape
        points = np.column_stack([frame.points, np.zeros((count, 3 - dimension))])
        kind = {3: "triangle", 4: "tetra"}[frame.triangles.shape[1]]
        mesh = meshio.Mesh(points, [(kind, frame.triangles)], point_data=frame.fields)
        write_bytes(folder / name, _vtu(mesh))
        sets.append(f'<DataSet timestep="{frame.time!r}" file="{name}"/>')
    body = "\n".join(sets)
    head = '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1"><Collection>\n'
    write_text(folder / "fields.pvd", f"{head}{body}\n</Collection></VTKFile>\n")
