"""A run's folder: plain files, written under a temporary name, flushed and renamed."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thincell.geometry.planemesh import PlaneMesh
from thincell.studies.schema.errors import InputError

MANIFEST = "manifest.json"


def prepare(folder: Path, force: bool, mark: str = MANIFEST) -> None:
    """Make the folder; InputError when it cannot be written or holds something already.

    ``mark`` is the file by which a folder of this program is known.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {str(folder)!r} is a file; name a folder")
    if folder.is_dir() and any(folder.iterdir()):
        mine = (folder / mark).is_file()
        if not mine:
            raise InputError(
                f"--out {str(folder)!r} holds files that are not a run's; name another folder"
            )
        if not force:
            raise InputError(
                f"--out {str(folder)!r} holds a run already; add --force to replace it, or name"
                " another folder"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"cannot write to --out {str(folder)!r}: {error.strerror}") from None


def write_bytes(path: Path, data: bytes) -> None:
    """Atomically replace a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def write_text(path: Path, text: str) -> None:
    """Atomically replace a text file."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> None:
    """Atomically replace a JSON file."""
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: Any) -> Any:
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


def write_maps(
    path: Path, plane: PlaneMesh, times: Sequence[float], maps: Sequence[Mapping[str, Any]]
) -> None:
    """maps.npz: points [m], triangles, times [s] and every map with shape (times, points)."""
    stream = io.BytesIO()
    arrays = {name: np.array([m[name] for m in maps]) for name in (maps[0] if maps else {})}
    np.savez_compressed(
        stream,
        allow_pickle=False,
        points=plane.points,
        triangles=plane.triangles,
        times=np.array(times),
        **arrays,
    )
    write_bytes(path, stream.getvalue())


def write_fields(
    folder: Path, plane: PlaneMesh, times: Sequence[float], maps: Sequence[Mapping[str, Any]]
) -> None:
    """fields.pvd and one VTU file per output time for ParaView, lengths in metres."""
    import meshio

    points = np.column_stack([plane.points, np.zeros(len(plane.points))])
    sets = []
    for k, (time, values) in enumerate(zip(times, maps, strict=True)):
        name = f"fields/{k:04d}.vtu"
        mesh = meshio.Mesh(points, [("triangle", plane.triangles)], point_data=dict(values))
        (folder / "fields").mkdir(exist_ok=True)
        temporary = folder / (name + ".part")
        meshio.write(temporary, mesh, file_format="vtu")
        temporary.replace(folder / name)
        sets.append(f'<DataSet timestep="{time!r}" file="{name}"/>')
    body = "\n".join(sets)
    head = '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1"><Collection>\n'
    write_text(folder / "fields.pvd", f"{head}{body}\n</Collection></VTKFile>\n")
