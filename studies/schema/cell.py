"""The [cell] table: a chip, a coin cell, or a mesh of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from thincell.geometry import cells
from thincell.geometry.outlines import Bar
from thincell.geometry.plan import Area, Plan, surrounding
from thincell.geometry.section import Section
from thincell.geometry.tags import Tag
from thincell.studies.library import LibraryError, load, merge
from thincell.studies.schema.base import Table, fault, short
from thincell.studies.schema.bulge import BulgeTable, check_windows
from thincell.studies.schema.outlines import Outline, WindowTable
from thincell.studies.schema.quantities import Flag, Length, NonNegative, Positive, Thickness
from thincell.studies.schema.views import check_outlines


def from_library(kind: str, key: str, data: Any) -> Any:
    """Fill a table from the library entry that its ``key`` names; the table's own keys win."""
    if not isinstance(data, dict) or key not in data:
        return data
    if not isinstance(data[key], str):
        text = f"{short(data[key])} is not text; it names an entry of the library"
        raise fault("library", "{text}", {"text": text}, at=key)
    try:
        entry = load(kind, data[key])
    except LibraryError as error:
        raise fault("library", "{text}", {"text": str(error)}, at=key) from None
    return merge(entry.values, data)


class ElectrodeTable(Table):
    """A thin-film electrode."""

    width: Length = Field(description="Width along the section.")
    thickness: Thickness = Field(
        default=0.0, description="Height above the floor; its side faces carry current too."
    )
    material: str = Field(default="", description="Metal of the film, for the record.")
    outline: Outline | None = Field(
        default=None,
        description="Shape seen from above, for the plan view; without it a bar `width` wide"
        " and as long as the cell's `length`. `width` stays that of the section, for estimates.",
    )


class ReferenceTable(Table):
    """A reference electrode: it measures the potential and carries no current."""

    width: Length = Field(description="Width along the section.")
    gap: Length = Field(description="Distance from the outer edge of the working electrode.")
    outline: Outline | None = Field(default=None, description="Shape seen from above.")


class ChipCell(Table):
    """Coplanar electrodes under a thin liquid layer."""

    type: Literal["chip"] = "chip"
    chip: str = Field(
        default="generic-coplanar", description="Library entry, or the path of a TOML file."
    )
    height: Length = Field(description="Height of the liquid, or of the spacer if windows bulge.")
    gap: Length = Field(description="Distance between working and counter electrode.")
    working: ElectrodeTable
    counter: ElectrodeTable
    reference: ReferenceTable | None = None
    margin: Thickness = Field(description="Liquid beyond the outermost electrode edges, each side.")
    margin_working: Thickness | None = Field(
        default=None, description="Liquid beyond the working electrode's side, if not `margin`."
    )
    margin_counter: Thickness | None = Field(
        default=None, description="Liquid beyond the counter electrode's side, if not `margin`."
    )
    length: Length = Field(description="Length of the electrodes out of the section's plane.")
    ends: Literal["closed", "reservoir"] = Field(
        default="closed",
        description="Ends of the layer: walls, or reservoirs of fixed concentration.",
    )
    view: Literal["section", "plan", "solid"] = Field(
        default="section",
        description="section: x-z cut through the electrodes; plan: from above, averaged over the height;"
        " solid: in three dimensions.",
    )
    margin_sides: Thickness | None = Field(
        default=None, description="Liquid beyond the electrodes' ends along y, if not `margin`."
    )
    window: WindowTable | None = Field(
        default=None, description="What the microscope sees: where the mesh of a plan is finest."
    )
    bulge: BulgeTable | None = Field(
        default=None, description="Windows that bulge; without it the height is the same everywhere."
    )

    @model_validator(mode="before")
    @classmethod
    def _library(cls, data: Any) -> Any:
        if isinstance(data, dict):
            data = {"chip": "generic-coplanar", **data}
        return from_library("chips", "chip", data)

    @model_validator(mode="after")
    def _fits(self) -> ChipCell:
        for name, electrode in (("working", self.working), ("counter", self.counter)):
            if electrode.thickness >= self.height:
                raise fault(
                    "geometry",
                    "{name}.thickness = {t:.4g} m is not below the height {h:.4g} m of the liquid:"
                    " the electrode would touch the lid; lower the thickness or raise the height",
                    {"name": name, "t": electrode.thickness, "h": self.height},
                    at=f"{name}.thickness",
                )
        if self.ends == "reservoir" and 0 in self.margins():
            raise fault(
                "geometry",
                "ends = 'reservoir' needs liquid between the electrodes and the reservoirs:"
                " set margin > 0",
                {},
                at="margin",
            )
        self._check_proportions()
        check_windows(self)
        check_outlines(self)
        return self

    def _check_proportions(self) -> None:
        """Lengths that no mesh resolves are slips of a unit."""
        lengths = {
            "gap": self.gap,
            "working.width": self.working.width,
            "counter.width": self.counter.width,
            "working.thickness": self.working.thickness,
            "counter.thickness": self.counter.thickness,
            "margin_working": self.margins()[0],
            "margin_counter": self.margins()[1],
        }
        if self.reference is not None:
            lengths["reference.width"] = self.reference.width
            lengths["reference.gap"] = self.reference.gap
        for key, length in lengths.items():
            ratio = length / self.height
            if length > 0 and not 1e-4 <= ratio <= 1e5:
                if key in ("margin_working", "margin_counter") and getattr(self, key) is None:
                    key = "margin"
                raise fault(
                    "geometry",
                    "{length:.4g} m is {ratio:.3g} times the height {height:.4g} m of the liquid:"
                    " between 0.0001 and 100000 is possible; check the units",
                    {"length": length, "ratio": ratio, "height": self.height},
                    at=key,
                )

    def margins(self) -> tuple[float, float]:
        """Liquid beyond the working and the counter electrode's side [m]."""
        left = self.margin if self.margin_working is None else self.margin_working
        right = self.margin if self.margin_counter is None else self.margin_counter
        return left, right

    def areas(self) -> list[Area]:
        """The electrodes seen from above."""
        section = self.section()
        tables = {Tag.WORKING: self.working, Tag.COUNTER: self.counter, Tag.REFERENCE: self.reference}
        found = []
        for tag, table in tables.items():
            if table is None:
                continue
            if table.outline is not None:
                shape: Any = table.outline.build()
            else:
                strip = section.electrode(tag)
                shape = Bar((strip.start + strip.end) / 2, 0.0, strip.width, self.length)
            found.append(Area(tag, shape.polygon()))
        return found

    def plan(self, walls: tuple[Tag, ...] = ()) -> Plan:
        """The chip seen from above, with some electrodes as walls; ValueError when they do not fit."""
        areas, (left, right) = self.areas(), self.margins()
        sides = self.margin if self.margin_sides is None else self.margin_sides
        flat, high = (tuple(a for a in areas if (a.tag in walls) == up) for up in (False, True))
        return Plan(surrounding(areas, left, right, sides), flat, self.ends, high)

    def heights(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height of the liquid [m] at points (n, 2) seen from above [m]."""
        lid = self.section().lid
        return np.full(len(points), self.height) if lid is None else lid.at(points)

    def footprint(self, tag: Tag) -> float:
        """Nominal area of an electrode [m2]."""
        return self.section().footprint(tag) if self.view == "section" else self.plan().footprint(tag)

    def section(self) -> Section:
        """The section to be meshed."""
        reference = None
        if self.reference is not None:
            reference = cells.Reference(self.reference.width, self.reference.gap)
        left, right = self.margins()
        return cells.Chip(
            height=self.height,
            gap=self.gap,
            working=cells.Strip(self.working.width, self.working.thickness),
            counter=cells.Strip(self.counter.width, self.counter.thickness),
            margin_working=left,
            margin_counter=right,
            length=self.length,
            ends=self.ends,
            reference=reference,
            bulge=None if self.bulge is None else self.bulge.build(self.height),
        ).section()


def _above_one(porosity: float) -> Exception:
    return fault(
        "geometry",
        "{p:.4g} is above 1: it is the share of the volume that is liquid",
        {"p": porosity},
        at="porosity",
    )


class CoinCell(Table):
    """Facing discs with a separator between them."""

    type: Literal["coin"]
    coin: str = Field(
        default="cr2032-celgard2325", description="Library entry, or the path of a TOML file."
    )
    working_diameter: Length = Field(description="Diameter of the working disc.")
    counter_diameter: Length = Field(description="Diameter of the counter disc.")
    separator_diameter: Length = Field(description="Diameter of the soaked separator.")
    separator_thickness: Length = Field(description="Distance between the discs.")
    porosity: Positive = Field(description="Share of liquid in the separator, at most 1.")
    bruggeman_exponent: NonNegative = Field(
        description="b in D_eff = D porosity^b, kappa_eff = kappa porosity^b."
    )
    patch: Length | None = Field(
        default=None,
        description="Width of a strip of the cell with symmetric sides, in place of the whole discs: what"
        " a deposit is grown on.",
    )
    view: Literal["section"] = Field(default="section", description="r-z cut, axisymmetric.")

    @model_validator(mode="before")
    @classmethod
    def _library(cls, data: Any) -> Any:
        if isinstance(data, dict):
            data = {"coin": "cr2032-celgard2325", **data}
        return from_library("coins", "coin", data)

    @model_validator(mode="after")
    def _fits(self) -> CoinCell:
        if self.porosity > 1:
            raise _above_one(self.porosity)
        if max(self.working_diameter, self.counter_diameter) > self.separator_diameter:
            raise fault(
                "geometry",
                "the discs ({w:.4g} m and {c:.4g} m) must not be wider than the separator ({s:.4g} m)",
                {
                    "w": self.working_diameter,
                    "c": self.counter_diameter,
                    "s": self.separator_diameter,
                },
                at="separator_diameter",
            )
        for name in ("working_diameter", "counter_diameter", "separator_diameter", "patch"):
            if getattr(self, name) is None:
                continue
            ratio = getattr(self, name) / self.separator_thickness
            if not 1e-2 <= ratio <= 1e5:
                raise fault(
                    "geometry",
                    "{length:.4g} m is {ratio:.3g} times the separator_thickness: between 0.01 and"
                    " 100000 is possible; check the units",
                    {"length": getattr(self, name), "ratio": ratio},
                    at=name,
                )
        smaller = min(self.working_diameter, self.counter_diameter)
        if self.patch is not None and self.patch > smaller:
            raise fault(
                "geometry",
                "{patch:.4g} m is wider than a disc, {disc:.4g} m; use the width of a small part of it,"
                " such as '10 um'",
                {"patch": self.patch, "disc": smaller},
                at="patch",
            )
        return self

    def footprint(self, tag: Tag) -> float:
        """Nominal area of an electrode [m2]."""
        return self.section().footprint(tag)

    def section(self) -> Section:
        """The section to be meshed."""
        return cells.CoinCell(
            self.working_diameter,
            self.counter_diameter,
            self.separator_diameter,
            self.separator_thickness,
            self.porosity,
            self.bruggeman_exponent,
            self.patch,
        ).section()


class MeshCell(Table):
    """A mesh file of one's own: triangles of a section, with named boundary lines."""

    type: Literal["mesh"]
    file: Path = Field(description="Mesh in any format that meshio reads.")
    unit: Length = Field(description="Length of one unit of the file's coordinates, such as '1 um'.")
    names: dict[str, str] = Field(
        description="From working, counter, reference, symmetry, inlet, outlet to the physical"
        " names"
        " in the file; boundary lines without a name are insulating."
    )
    height: Length = Field(description="Characteristic height of the liquid.")
    length: Length = Field(description="Length out of the section's plane.")
    axisymmetric: Flag = Field(default=False, description="x is a radius.")
    porosity: Positive = Field(default=1.0, description="Share of liquid in the volume.")
    bruggeman_exponent: Positive = Field(default=1.5, description="b in D_eff = D porosity^b.")

    @model_validator(mode="after")
    def _names(self) -> MeshCell:
        allowed = [tag.group for tag in Tag]
        for name in self.names:
            if name not in allowed:
                raise fault(
                    "mesh_names",
                    "{name!r} is not a boundary; allowed are {allowed}",
                    {"name": name, "allowed": ", ".join(allowed)},
                    at=f"names.{name}",
                )
        for needed in ("working", "counter"):
            if needed not in self.names:
                raise fault(
                    "mesh_names",
                    "there is no entry for {needed!r}; say what the file calls that boundary",
                    {"needed": needed},
                    at="names",
                )
        if len(set(self.names.values())) < len(self.names):
            raise fault(
                "mesh_names",
                "two boundaries have the same physical name: {names}",
                {"names": ", ".join(f"{k} = {v!r}" for k, v in self.names.items())},
                at="names",
            )
        if self.porosity > 1:
            raise _above_one(self.porosity)
        if not self.file.is_file():
            raise fault(
                "mesh_file", "there is no mesh file {file!r}", {"file": str(self.file)}, at="file"
            )
        return self


Cell = Annotated[ChipCell | CoinCell | MeshCell, Field(discriminator="type")]


def coordinates(case: Any) -> str:
    """Letters of the coordinates of a case's mesh."""
    return {"plan": "xy", "solid": "xyz"}.get(getattr(case.cell, "view", ""), "xz")
