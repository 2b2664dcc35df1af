"""Every key of the case file, from the JSON Schema that `thincell schema` prints."""

from __future__ import annotations

from typing import Any

from myst_text import code, escape, table

from thincell.model.units import EXAMPLES, show
from thincell.studies.case import Case

UNITS = {example: unit for unit, example in EXAMPLES.items()}
HEADINGS = ("Key", "Type", "Default", "Allowed", "Meaning")


def page() -> str:
    """All tables in the order in which a case file has them."""
    return _Walk(Case.model_json_schema()).page()


class _Walk:
    """Visits the tables of a schema, each once, with all the places at which it may stand."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema, self.tables = schema, schema["$defs"]
        self.places: dict[str, list[str]] = {}
        self.choices: dict[tuple[str, ...], list[str]] = {}
        self.order: list[str | tuple[str, ...]] = []
        self._visit(schema, "")

    def _visit(self, table_: dict[str, Any], place: str) -> None:
        for key, item in table_["properties"].items():
            self._follow(item, f"{place}.{key}" if place else key)

    def _follow(self, item: dict[str, Any], place: str) -> None:
        if "$ref" in item:
            self._table(_name(item), place)
        elif "oneOf" in item:
            members = tuple(_name(member) for member in item["oneOf"])
            known = members in self.choices
            self.choices.setdefault(members, []).append(place)
            if not known:
                self.order.append(members)
                for member in members:
                    self.places.setdefault(member, [])
                    self._visit(self.tables[member], place)
        for member in item.get("anyOf", []):
            self._follow(member, place)
        if item.get("type") == "array":
            self._follow(item.get("items", {}), f"{place}[]")
        if isinstance(item.get("additionalProperties"), dict):
            self._follow(item["additionalProperties"], f"{place}.NAME")

    def _table(self, name: str, place: str) -> None:
        known = name in self.places
        self.places.setdefault(name, []).append(place)
        if not known:
            self.order.append(name)
            self._visit(self.tables[name], place)

    def page(self) -> str:
        """The whole page, the top level first."""
        parts = ["### The top level", self._rows(self.schema)]
        for entry in self.order:
            if isinstance(entry, str):
                parts += [f"### {_heading(self.places[entry])}", self._told(entry)]
                continue
            places = self.choices[entry]
            parts.append(f"### {_heading(places)}")
            tags = [self._tag(name) for name in entry]
            allowed = ", ".join(f"`{tag}`" for _, values in tags for tag in values)
            parts.append(f"`{tags[0][0]}` chooses one of {allowed}.")
            for name, (key, values) in zip(entry, tags, strict=True):
                wanted = " or ".join(f'`{key} = "{value}"`' for value in values)
                parts += [f"#### {wanted}", self._told(name)]
        return "\n\n".join(parts) + "\n"

    def _told(self, name: str) -> str:
        found = self.tables[name]
        return f"{escape(found.get('description', ''))}\n\n{self._rows(found)}"

    def _tag(self, name: str) -> tuple[str, list[str]]:
        """The key that tells the members of a choice apart, and its values for this one."""
        properties = self.tables[name]["properties"]
        key = next(key for key in ("law", "shape", "type") if key in properties)
        item = properties[key]
        return key, list(item.get("enum") or [item["const"]])

    def _rows(self, found: dict[str, Any]) -> str:
        required = set(found.get("required", ()))
        rows = []
        for key, item in found["properties"].items():
            inner = _inner(item)
            meaning = item.get("description") or self._of_table(inner)
            default = "required" if key in required else _default(item, inner)
            told = "" if _says_nothing(meaning) else escape(meaning)
            rows.append((code(key), _type(inner), default, code(_range(inner)), told))
        return table(HEADINGS, rows)

    def _of_table(self, inner: dict[str, Any]) -> str:
        return self.tables[_name(inner)].get("description", "") if "$ref" in inner else ""


def _name(item: dict[str, Any]) -> str:
    return str(item["$ref"]).rsplit("/", 1)[-1]


def _heading(places: list[str]) -> str:
    return ", ".join(
        f"`[[{place[:-2]}]]`" if place.endswith("[]") else f"`[{_plain(place)}]`"
        for place in dict.fromkeys(places)
    )


def _plain(place: str) -> str:
    return place.replace("[]", "")


def _inner(item: dict[str, Any]) -> dict[str, Any]:
    """The schema of an optional key without its null."""
    members = [m for m in item.get("anyOf", []) if m.get("type") != "null"]
    return members[0] if members else item


def _unit(item: dict[str, Any]) -> str:
    """The SI unit of a quantity, from its example."""
    examples = item.get("examples") or [""]
    if examples[0].startswith("1 ") and examples[0] not in UNITS:
        return str(examples[0][2:])
    return UNITS.get(examples[0], "")


def _type(item: dict[str, Any]) -> str:
    if "$ref" in item or "oneOf" in item:
        return "table"
    if "const" in item:
        return code(_toml(item["const"]))
    if "enum" in item:
        return " or ".join(code(_toml(value)) for value in item["enum"])
    if _unit(item):
        return f'quantity [{_unit(item)}], as `"{item["examples"][0]}"`'
    kind = item.get("type")
    if kind == "array":
        if "prefixItems" in item:
            return f"list of {len(item['prefixItems'])} texts"
        return f"list of {_type(item['items'])}" if item.get("items") else "list of values"
    if kind == "object":
        inner = item.get("additionalProperties")
        return f"table of {_type(inner)}" if isinstance(inner, dict) else "table"
    if isinstance(kind, list):
        return "quantity or number"
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(
        str(kind), str(kind)
    )


def _default(item: dict[str, Any], inner: dict[str, Any]) -> str:
    value = item.get("default")
    if "default" not in item:
        return ""
    if value is None:
        return "none"
    if isinstance(value, dict) and ("$ref" in item or value):
        return "as below"
    if isinstance(value, float) and _unit(inner):
        return code(f'"{show(value, _unit(inner))}"')
    return code(_toml(value))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return "{}" if value == {} else f"{value:g}" if isinstance(value, float) else str(value)


def _range(item: dict[str, Any]) -> str:
    if "x-range" in item:
        text = str(item["x-range"])
        return text.removesuffix(" 1") if not _unit(item) else text
    bounds = (
        ("exclusiveMinimum", ">"), ("minimum", ">="), ("exclusiveMaximum", "<"), ("maximum", "<="),
    )  # fmt: skip
    limits = [f"{sign} {item[key]}" for key, sign in bounds if key in item]
    if "minItems" in item and "prefixItems" not in item:
        limits.append(f"at least {item['minItems']}")
    return " and ".join(limits)


def _says_nothing(meaning: str) -> bool:
    return meaning.startswith("quantity in units of")
