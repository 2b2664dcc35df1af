"""Reading cases: files, overrides, provenance, and writing them back fully resolved."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr, ValidationError

from thincell.studies.library import Provenance, load, merge
from thincell.studies.schema.base import short
from thincell.studies.schema.case import Case as CaseModel
from thincell.studies.schema.case import read_toml
from thincell.studies.schema.cell import MeshCell
from thincell.studies.schema.errors import InputError, explain, one_line


class Case(CaseModel):
    """One validated input file.

    ``Case.load("case.toml")`` reads a file, ``Case.parse({...})`` a dictionary in the same form;
    both raise InputError with one message per mistake.
    """

    _source: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, path: str | Path, overrides: Iterable[str] = ()) -> Case:
        """Read a case file; ``overrides`` are texts KEY=VALUE with dotted keys."""
        path = Path(path)
        try:
            data = read_toml(path)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{path.name}: not valid TOML: {one_line(str(error))}") from None
        except FileNotFoundError:
            raise InputError(f"CASE: there is no file {str(path)!r}") from None
        except IsADirectoryError:
            raise InputError(f"CASE: {str(path)!r} is a folder, not a case file") from None
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path.name}: not a text file in UTF-8 (byte {error.start}); a case file is TOML"
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"CASE: cannot read {str(path)!r}: {reason}") from None
        for text in overrides:
            override(data, text)
        locate_files(data, path.parent)
        return cls.parse(data)

    @classmethod
    def parse(cls, data: dict[str, Any]) -> Case:
        """Validate a dictionary in the form of a case file."""
        try:
            case = cls.model_validate(data)
        except ValidationError as error:
            raise explain(error, cls) from None
        case._source.update(copy.deepcopy(data))
        for variant in case.compare.variants():
            try:
                case.changed({"compare": {"coin": case.compare.coin}, **variant})
            except InputError as error:
                raise InputError(
                    "\n".join(f"compare.vary: {line}" for line in str(error).splitlines())
                ) from None
        return case

    def __eq__(self, other: object) -> bool:
        """Equal when every value is, however it was written."""
        return isinstance(other, CaseModel) and self.__dict__ == other.__dict__

    def resolved(self) -> dict[str, Any]:
        """The case with every default and library value written out."""
        return json_ready(self.model_dump(by_alias=True, exclude_none=True))

    def portable(self) -> dict[str, Any]:
        """The resolved case, a mesh file named so that it is found from any folder."""
        data = self.resolved()
        if isinstance(self.cell, MeshCell):
            data["cell"]["file"] = str(self.cell.file.resolve())
        return data

    def identity(self) -> dict[str, Any]:
        """What decides the numbers of a run: the resolved case without titles, pictures and twins.

        Of a mesh file it is the content that counts, not the place.
        """
        data = {key: value for key, value in self.resolved().items() if key not in _TELLING}
        data["output"] = {k: v for k, v in data["output"].items() if k not in _WRITING}
        if isinstance(self.cell, MeshCell):
            data["cell"]["file"] = hashlib.sha256(self.cell.file.read_bytes()).hexdigest()
        return data

    def fingerprint(self) -> str:
        """SHA-256 of the identity: cases with the same one have the same results."""
        return _digest(self.identity())

    def skeleton(self) -> str:
        """SHA-256 of the identity without its numbers: cases with the same one share their kernels."""
        return _digest([self.mesh.order, _without_numbers(self.identity())])

    def changed(self, changes: dict[str, Any]) -> Case:
        """A copy with dotted keys changed and validated again.

        The changes go into the case as it was written, so that another library entry brings all its
        own values with it.
        """
        data = copy.deepcopy(self._source) or self.resolved()
        for key, value in changes.items():
            assign(data, key, value)
        return type(self).parse(data)

    def provenance(self) -> list[tuple[str, Provenance]]:
        """(dotted key, provenance) of every library value that this case uses unchanged."""
        data, found = self.resolved(), []
        for place, kind, name in self._entries():
            values = _at(data, place)
            for item in load(kind, name).provenance:
                try:
                    same = _same(_at(values, item.key), item.value)
                except (KeyError, TypeError):
                    continue
                if same:
                    found.append((f"{place}.{item.key}", item))
        return found

    def _entries(self) -> list[tuple[str, str, str]]:
        cell: Any = self.cell
        entries = {"chip": ("chips", "chip"), "coin": ("coins", "coin")}
        found = []
        if cell.type in entries:
            kind, key = entries[cell.type]
            found.append(("cell", kind, str(getattr(cell, key))))
        found.append(("electrolyte", "electrolytes", self.electrolyte.name))
        for key, reaction in self.reactions.items():
            found.append((f"reactions.{key}", "reactions", reaction.name))
        return found


#: Tables and keys of a case that do not change its numbers.
_TELLING = ("title", "description", "compare")
_WRITING = ("fields", "figures", "checkpoint")


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _without_numbers(data: Any) -> Any:
    """The same structure with numbers and quantities blanked."""
    if isinstance(data, dict):
        return {key: _without_numbers(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_without_numbers(value) for value in data]
    if isinstance(data, bool):
        return data
    number = isinstance(data, int | float) or (isinstance(data, str) and _QUANTITY.match(data))
    return 0 if number else data


_QUANTITY = re.compile(r"^[+-]?(\d|\.\d)")


def differences(old: Any, new: Any, place: str = "") -> list[str]:
    """Dotted keys at which two resolved cases differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        parts = [(str(k), old.get(k), new.get(k)) for k in keys]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        parts = [(str(k), a, b) for k, (a, b) in enumerate(zip(old, new, strict=True))]
    else:
        return [] if old == new else [place]
    return [
        found for key, a, b in parts for found in differences(a, b, f"{place}.{key}" if place else key)
    ]


def locate_files(data: dict[str, Any], folder: Path) -> None:
    """Make the names of files in a case absolute: they are meant from the case file's folder."""
    tables: list[tuple[Any, tuple[str, ...]]] = [
        (data.get("cell"), ("file", "chip", "coin")),
        (data.get("compare"), ("coin",)),
    ]
    tables.append((data.get("electrolyte"), ("name",)))
    reactions = data.get("reactions")
    if isinstance(reactions, dict):
        tables += [(table, ("name",)) for table in reactions.values()]
    for table, keys in tables:
        for key in keys if isinstance(table, dict) else ():
            name = table.get(key)
            if isinstance(name, str) and (key == "file" or name.endswith(".toml")):
                table[key] = str((folder / name).resolve())


def json_ready(data: dict[str, Any]) -> dict[str, Any]:
    """The same data with paths and tuples as plain text and lists."""
    ready = json.loads(json.dumps(data, default=str))
    assert isinstance(ready, dict)
    return ready


def override(data: dict[str, Any], text: str) -> None:
    """Apply "key.path=value"; the value is TOML, or text when it is not."""
    key, separator, value = text.partition("=")
    if not separator or not key.strip():
        raise InputError(f'--set: {text!r} is not KEY=VALUE, as in cell.height="500 nm"')
    if not all(part.strip() for part in key.split(".")):
        raise InputError(f"--set: {key!r} is not a dotted key, as in cell.height")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    assign(data, key.strip(), parsed)


def assign(data: Any, key: str, value: Any) -> None:
    """Set a dotted key; numbers address the items of a list."""
    parts = [part.strip() for part in key.split(".")]
    place = data
    for part in parts[:-1]:
        if isinstance(place, list):
            place = place[_index(place, part, key)]
        elif isinstance(place, dict):
            below = place.setdefault(part, {})
            if not isinstance(below, dict | list):
                place[part] = below = {"name": below} if part == "electrolyte" else {}
            place = below
    if isinstance(place, list):
        place[_index(place, parts[-1], key)] = value
    elif isinstance(place, dict):
        place[parts[-1]] = value
    else:
        raise InputError(f"{key}: there is nothing below a value such as {short(place)}")


def _index(place: list[Any], part: str, key: str) -> int:
    if not part.isdigit() or int(part) >= len(place):
        raise InputError(f"{key}: {part!r} is not one of the {len(place)} items, counted from 0")
    return int(part)


def _at(data: Any, key: str) -> Any:
    for part in key.split("."):
        data = data[part]
    return data


def _same(used: Any, library: Any) -> bool:
    """Whether a resolved value is the library's, whatever its spelling."""
    if isinstance(used, dict) and isinstance(library, dict):
        return all(_same(used.get(key), value) for key, value in library.items())
    if isinstance(used, list) and isinstance(library, list):
        return len(used) == len(library) and all(map(_same, used, library))
    if used == library:
        return True
    if isinstance(used, str) and isinstance(library, str):
        from thincell.model.units import UnitError, parse

        try:
            unit = used.split(" ", 1)[1]
            return abs(parse(used, unit) - parse(library, unit)) <= 1e-12 * abs(parse(used, unit))
        except (UnitError, IndexError):
            return False
    return False


__all__ = ["Case", "InputError", "assign", "merge", "override"]
