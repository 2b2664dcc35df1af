"""Names of results: one registry of symbol, name with unit, and description.

Serves exports, logs, plots and the documentation. Units stand in the names, in the style of PyBaMM.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """A result: its symbol in formulas, its name in files, and what it is."""

    symbol: str
    name: str
    meaning: str

    def __str__(self) -> str:
        return self.name


TIME = Name("t", "Time [s]", "Time since the start of the protocol.")
STEP = Name("k", "Step", "Number of the protocol step, from 1.")
CURRENT_DENSITY = Name(
    "i", "Current density [A.m-2]", "Current per nominal (footprint) area; anodic positive."
)
CURRENT = Name("I", "Current [A]", "Current through the working electrode; anodic positive.")
POTENTIAL = Name(
    "E",
    "Electrode potential [V]",
    "Working electrode against the reference electrode if there is one, else against the counter.",
)
VOLTAGE = Name("U", "Cell voltage [V]", "Working electrode against the counter electrode.")
CHARGE = Name("Q", "Charge density [C.m-2]", "Charge passed per nominal area; anodic positive.")
LOWEST = Name("c_min", "Minimum concentration [mol.m-3]", "Lowest salt concentration anywhere.")
HIGHEST = Name("c_max", "Maximum concentration [mol.m-3]", "Highest salt concentration anywhere.")
CHARGE_BALANCE = Name(
    "r_q",
    "Charge imbalance",
    "Current through the working plus the counter electrode, relative to the current.",
)
ION_BALANCE = Name(
    "r_c",
    "Ion imbalance",
    "Stored cations minus those that flowed in, relative to those that passed the electrode.",
)
METAL_BALANCE = Name(
    "r_m",
    "Metal imbalance",
    "Metal grown (and nuclei left out) minus what Faraday's law makes of the charge, relative to that.",
)
CHARGING = Name(
    "i_dl",
    "Charging current density [A.m-2]",
    "Share of the current density that charges the working electrode's double layer; anodic positive.",
)
TIME_STEP = Name("dt", "Time step [s]", "Size of the time step.")
NEWTON = Name("n", "Newton iterations", "Newton iterations since the start of the run.")
EVENT = Name("", "Event", "Event located at this time, if any.")

ELECTRODE = Name("", "Electrode", "working or counter.")
ALONG = Name(
    "s",
    "Distance along electrode [m]",
    "Along its surface from the edge that faces the counter electrode (coin cell: from its rim).",
)
X = Name("x", "x [m]", "From the working electrode's edge into the gap (coin cell: radius).")
Y = Name("y", "y [m]", "Along the electrodes, from their middle; in the plan view.")
Z = Name("z", "z [m]", "Height above the floor.")
AREA = Name("dA", "Area [m2]", "Area of electrode that a sample stands for.")
LOCAL = Name("i", "Local current density [A.m-2]", "Current per true area; anodic positive.")
CONCENTRATION = Name("c", "Concentration [mol.m-3]", "Salt concentration.")
PHI = Name(
    "Phi",
    "Electrolyte potential [V]",
    "Against a reference electrode of the salt's metal (supported electrolyte: inner potential).",
)
STREAM = Name(
    "psi",
    "Stream function [m2.s-1]",
    "Of a flow in a section: flow per width between the floor and a point; constant along streamlines.",
)
STREAM_ABOVE = Name(
    "psi",
    "Stream function [m3.s-1]",
    "Of a flow seen from above: flow between the side of smallest y and a point, over the height.",
)
METAL = Name("xi", "Metal fraction", "Share of metal: 1 in the deposit, 0 in the liquid.")
VOLUME = Name("V", "Deposit volume per area [m]", "Metal on the working electrode per nominal area.")
HEIGHT = Name("z_tip", "Tip height [m]", "Highest point of the metal above the electrode.")
FRONT_SPEED = Name("v", "Largest front speed [m.s-1]", "Of the deposit's surface anywhere.")
ISOLATED = Name("", "Isolated metal share", "Share of the metal that has no contact with the electrode.")
INNER = Name(
    "phi", "Inner potential [V]", "Galvani potential of the electrolyte, counter electrode 0 V."
)
SURFACE_CHARGE = Name(
    "sigma", "Surface charge density [C.m-2]", "Charge of the metal per area; with a double layer only."
)
DIFFUSE = Name(
    "zeta",
    "Diffuse-layer potential [V]",
    "Reaction plane against the electrolyte outside the diffuse layer; with the closure only.",
)
OVERPOTENTIAL = Name("eta", "Overpotential [V]", "E - Phi - U of the first reaction.")

FREQUENCY = Name("f", "Frequency [Hz]", "Cycles per second.")
RESISTANCE = Name(
    "Re Z",
    "Real part of impedance [ohm.m2]",
    "Of the electrode potential over the current per nominal area.",
)
REACTANCE = Name(
    "Im Z",
    "Imaginary part of impedance [ohm.m2]",
    "With the sign of e^{+j omega t}: negative for a capacitor.",
)
TOTAL_RESISTANCE = Name("", "Real part of impedance [ohm]", "The same over the whole current.")
TOTAL_REACTANCE = Name("", "Imaginary part of impedance [ohm]", "The same over the whole current.")
MODULUS = Name("|Z|", "Modulus of impedance [ohm.m2]", "Amplitude of the potential over the current's.")
PHASE = Name("", "Phase of impedance [deg]", "By how much the potential leads the current.")

SPECTRUM = (FREQUENCY, RESISTANCE, REACTANCE, MODULUS, PHASE, TOTAL_RESISTANCE, TOTAL_REACTANCE)

HISTORY = (
    TIME, STEP, CURRENT_DENSITY, CURRENT, POTENTIAL, VOLTAGE, CHARGE, LOWEST, HIGHEST,
    CHARGE_BALANCE, ION_BALANCE, TIME_STEP, NEWTON,
)  # fmt: skip
PROFILE = (TIME, ELECTRODE, ALONG, X, Z, AREA, LOCAL, CONCENTRATION, PHI, OVERPOTENTIAL)


def of_reaction(name: str) -> str:
    """Column of one reaction's share of the current density."""
    return f"Current density of {name} [A.m-2]"


def charge_of(name: str) -> str:
    """Column of one reaction's share of the charge density."""
    return f"Charge density of {name} [C.m-2]"


def local_of(name: str) -> str:
    """Column of one reaction's local current density."""
    return f"Local current density of {name} [A.m-2]"


def concentration_of(ion: str) -> str:
    """Column of an ion's concentration at the electrode."""
    return f"Concentration of {ion} [mol.m-3]"


def lowest_of(ion: str) -> str:
    """Column of an ion's lowest concentration anywhere."""
    return f"Minimum concentration of {ion} [mol.m-3]"


def highest_of(ion: str) -> str:
    """Column of an ion's highest concentration anywhere."""
    return f"Maximum concentration of {ion} [mol.m-3]"
