"""The [impedance] table: at which frequencies a spectrum is computed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from thincell.studies.schema.base import Table, fault
from thincell.studies.schema.quantities import Frequency, Integer


class ImpedanceTable(Table):
    """Frequencies of the spectrum that `thincell impedance` computes, evenly spaced on a log scale."""

    lowest: Frequency = Field(default=1e-3, alias="from", description="Lowest frequency.")
    highest: Frequency = Field(default=1e6, alias="to", description="Highest frequency.")
    points_per_decade: Integer = Field(
        default=10, ge=1, le=1000, description="At least so many frequencies in a factor of ten."
    )

    @model_validator(mode="after")
    def _ordered(self) -> ImpedanceTable:
        if self.lowest > self.highest:
            raise fault(
                "impedance",
                "{low:g} Hz is above to = {high:g} Hz",
                {"low": self.lowest, "high": self.highest},
                at="from",
            )
        return self

    def frequencies(self) -> NDArray[np.float64]:
        """All of them [Hz], the highest first; both ends are among them."""
        decades = math.log10(self.highest / self.lowest)
        count = math.ceil(decades * self.points_per_decade - 1e-9) + 1
        return np.asarray(np.geomspace(self.highest, self.lowest, max(count, 1)))
