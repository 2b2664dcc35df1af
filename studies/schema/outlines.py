"""Tables of shapes seen from above: electrodes as areas, and the window."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from thincell.geometry import drawings, outlines
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import Integer, Length, Quantity, Thickness

Place = Quantity("m")
Angle = Quantity("rad")


class ShapeTable(Table, ABC):
    """A table whose `build()` is an outline; what contradicts itself is a fault at the key to change."""

    @abstractmethod
    def build(self) -> Any:
        """The outline."""

    @model_validator(mode="after")
    def _possible(self) -> ShapeTable:
        try:
            self.build()
        except outlines.OutlineError as error:
            raise fault("geometry", "{text}", {"text": str(error)}, at=error.key) from None
        return self


class BarTable(ShapeTable):
    """A rectangle."""

    shape: Literal["bar"]
    x: Place = Field(description="Centre.")  # type: ignore[valid-type]
    y: Place = Field(default=0.0, description="Centre.")  # type: ignore[valid-type]
    width: Length = Field(description="Along x, before it is turned.")
    length: Length = Field(description="Along y, before it is turned.")
    angle: Angle = Field(default=0.0, description="By which it is turned.")  # type: ignore[valid-type]

    def build(self) -> outlines.Bar:
        """The outline."""
        return outlines.Bar(self.x, self.y, self.width, self.length, self.angle)


class DiscTable(ShapeTable):
    """A disc."""

    shape: Literal["disc"]
    x: Place = Field(description="Centre.")  # type: ignore[valid-type]
    y: Place = Field(default=0.0, description="Centre.")  # type: ignore[valid-type]
    radius: Length = Field(description="Radius.")

    def build(self) -> outlines.Disc:
        """The outline."""
        return outlines.Disc(self.x, self.y, self.radius)


class RingTable(ShapeTable):
    """An annulus, whole or open."""

    shape: Literal["ring"]
    x: Place = Field(description="Centre.")  # type: ignore[valid-type]
    y: Place = Field(default=0.0, description="Centre.")  # type: ignore[valid-type]
    inner: Length = Field(description="Inner radius.")
    outer: Length = Field(description="Outer radius.")
    opening: Angle = Field(default=0.0, description="Full angle left out.")  # type: ignore[valid-type]
    angle: Angle = Field(default=0.0, description="Direction of the opening.")  # type: ignore[valid-type]

    def build(self) -> outlines.Ring:
        """The outline."""
        return outlines.Ring(self.x, self.y, self.inner, self.outer, self.opening, self.angle)


class TipTable(ShapeTable):
    """A bar that ends in a wedge with a rounded tip."""

    shape: Literal["tip"]
    x: Place = Field(default=0.0, description="Outermost point.")  # type: ignore[valid-type]
    y: Place = Field(default=0.0, description="Outermost point.")  # type: ignore[valid-type]
    width: Length = Field(description="Width of the bar.")
    length: Length = Field(description="Length of bar and wedge.")
    angle: Angle = Field(description="Full angle of the wedge.")  # type: ignore[valid-type]
    radius: Thickness = Field(default=0.0, description="Radius of the tip; 0 is sharp.")
    direction: Angle = Field(default=0.0, description="Where it points.")  # type: ignore[valid-type]

    def build(self) -> outlines.Tip:
        """The outline."""
        return outlines.Tip(
            self.x, self.y, self.width, self.length, self.angle, self.radius, self.direction
        )


class CombTable(ShapeTable):
    """Fingers with room between them for those of another comb."""

    shape: Literal["comb"]
    x: Place = Field(description="Middle of the fingers' roots.")  # type: ignore[valid-type]
    y: Place = Field(  # type: ignore[valid-type]
        default=0.0, description="Middle of the fingers' roots; width + gap more for a partner."
    )
    fingers: Integer = Field(description="Number of fingers.")
    width: Length = Field(description="Width of a finger.")
    gap: Length = Field(description="To a finger of the other comb; the pitch is 2 (width + gap).")
    length: Length = Field(description="Length of a finger.")
    spine: Thickness = Field(default=0.0, description="Width of the spine; 0 is none.")
    direction: Angle = Field(default=0.0, description="Where the fingers point.")  # type: ignore[valid-type]

    def build(self) -> outlines.Comb:
        """The outline."""
        return outlines.Comb(
            *(self.x, self.y, self.fingers, self.width, self.gap, self.length),
            *(self.spine, self.direction),
        )


class PolygonTable(ShapeTable):
    """A polygon from its corners."""

    shape: Literal["polygon"]
    points: tuple[tuple[Place, Place], ...] = Field(description="Corners, one after another.")  # type: ignore[valid-type]

    def build(self) -> outlines.Polygon:
        """The outline."""
        return outlines.Polygon(self.points)


class DrawingTable(Table):
    """One layer of a DXF, SVG or GDSII file."""

    shape: Literal["drawing"]
    file: Path = Field(description="The drawing.")
    layer: str = Field(description="DXF layer; SVG id, layer or fill; GDSII layer/datatype.")
    unit: Length = Field(description="Length of one unit of the file's coordinates, such as '1 um'.")
    offset: tuple[Place, Place] = Field(default=(0.0, 0.0), description="Where its origin lies.")  # type: ignore[valid-type]
    tolerance: Length = Field(default=1e-9, description="Distance of curves from their polylines.")

    @model_validator(mode="after")
    def _readable(self) -> DrawingTable:
        if not self.file.is_file():
            raise fault("drawing", "there is no drawing {file!r}", {"file": str(self.file)}, at="file")
        try:
            self.build().polygon()
        except ModuleNotFoundError as error:
            text = f"{error.name} is missing to read drawings: pip install 'thincell[drawings]'"
            raise fault("drawing", "{text}", {"text": text}, at="file") from None
        except ValueError as error:
            raise fault("drawing", "{text}", {"text": str(error)}, at="layer") from None
        return self

    def build(self) -> drawings.Drawing:
        """The outline."""
        return drawings.Drawing(self.file, self.layer, self.unit, *self.offset, self.tolerance)


class WindowTable(Table):
    """The window: what the microscope sees, and where the mesh is finest."""

    x: Place = Field(default=0.0, description="Centre.")  # type: ignore[valid-type]
    y: Place = Field(default=0.0, description="Centre.")  # type: ignore[valid-type]
    width: Length = Field(description="Along x.")
    length: Length = Field(description="Along y.")

    def build(self) -> outlines.Bar:
        """The outline."""
        return outlines.Bar(self.x, self.y, self.width, self.length)


Outline = Annotated[
    BarTable | DiscTable | RingTable | TipTable | CombTable | PolygonTable | DrawingTable,
    Field(discriminator="shape"),
]
