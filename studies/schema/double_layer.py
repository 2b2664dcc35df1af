"""The [double_layer] table: Stern layer and potential of zero charge."""

from __future__ import annotations

from pydantic import Field, model_validator

from thincell.model.double_layer import DoubleLayer, stern_capacitance
from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import Length, Positive, Potential, Quantity


class DoubleLayerTable(Table):
    """The double layer of both electrodes. With electroneutral models it turns on the closure."""

    stern_thickness: Length = Field(default=3e-10, description="Thickness of the Stern layer.")
    stern_permittivity: Positive = Field(
        default=6.0, description="Relative permittivity of the Stern layer (6: oriented water)."
    )
    stern_capacitance: Quantity("F/m^2", gt=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="Capacitance of the Stern layer, instead of the two above."
    )
    potential_of_zero_charge: Potential = Field(
        default=0.0,
        description="Metal potential at which its surface is uncharged, against the plated metal at the"
        " reference concentration.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> DoubleLayerTable:
        fields, thick = type(self).model_fields, ("stern_thickness", "stern_permittivity")
        # a resolved case has the defaults written out
        given = [key for key in thick if getattr(self, key) != fields[key].default]
        if self.stern_capacitance is not None and given:
            raise fault(
                "double_layer",
                "give either the capacitance of the Stern layer or its thickness and permittivity",
                {},
                at="stern_capacitance",
            )
        return self

    def build(self) -> DoubleLayer:
        """The double layer of the model."""
        capacitance = self.stern_capacitance
        if capacitance is None:
            capacitance = stern_capacitance(self.stern_thickness, self.stern_permittivity)
        return DoubleLayer(capacitance, self.potential_of_zero_charge)
