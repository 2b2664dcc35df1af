"""Names of the measures of a shape: symbol, name with unit, and what it is."""

from __future__ import annotations

from thincell.studies.names import Name

METAL_AREA = Name("A", "Metal area [m2]", "Volume of metal per depth, attached or not.")
MEAN_HEIGHT = Name("h_m", "Mean height [m]", "Metal area over the width of the electrode.")
TIP_HEIGHT = Name("h_t", "Tip height [m]", "Highest attached metal above the electrode.")
TIP_RATIO = Name("h_t/h_m", "Tip ratio", "Tip height over mean height.")
ROUGHNESS = Name("R_q", "Roughness [m]", "Root mean square of the envelope about its mean.")
COVERED = Name("", "Covered share", "Share of the electrode with attached metal above it.")
UNIFORMITY = Name(
    "u", "Uniformity", "Share of the electrode that an even film of the same unevenness would cover."
)
PERIMETER = Name("", "Perimeter [m]", "Length of all fronts, also of voids and pieces cut off.")
PERIMETER_PER_AREA = Name("", "Perimeter per metal area [m-1]", "Perimeter over metal area.")
TORTUOSITY = Name("", "Tortuosity", "Length of the outer front over the width of the electrode.")
FOLDING = Name("", "Folding", "Length of the outer front over that of the deposit's shadow.")
COMPACTNESS = Name("", "Compactness", "Attached metal over the area under the envelope.")
POROSITY = Name("", "Porosity", "One minus the compactness.")
TIP_RADIUS = Name("r_t", "Tip radius [m]", "Radius of curvature of the front at its highest point.")
DIMENSION = Name("D", "Fractal dimension", "Box-counting dimension of the outer front.")
DECADES = Name("", "Decades of fractal dimension", "Range of box sizes behind the dimension, as log10.")
SPREAD = Name(
    "",
    "Spread [m]",
    "From where 90 % of the electrode's width is metal up to where 5 % of the deposit's shadow is.",
)
LOCAL_WIDTH = Name(
    "", "Local width [m]", "Twice the median distance from front to ridge, within the spread."
)
ASPECT = Name("", "Aspect", "Spread over local width.")
ARMS = Name("", "Number of arms", "Tips of the outer front that stand out.")
STEMS = Name("", "Number of stems", "Long arms that are longer than wide and no branches.")
BRANCHES = Name("", "Number of branches", "Overhanging arms that leave another arm above its foot.")
ARM_LENGTH = Name("", "Arm length [m]", "Length of the longest arm.")
ARM_ASPECT = Name("", "Arm aspect", "Largest length over width of an arm.")
FREE_ASPECT = Name(
    "", "Aspect of free arms", "Largest length over width of a long arm with liquid around; 0: none."
)
STEEP_SHARE = Name("", "Steep share", "Share of the deposit's shadow that lies under steep front.")
PIECES = Name("", "Number of pieces", "Connected regions of metal.")
DEAD_SHARE = Name("", "Dead share", "Share of the metal that is not connected to the electrode.")
VOIDS = Name("", "Number of voids", "Regions of liquid that metal closes off.")
TRAPPED = Name("", "Trapped liquid [m2]", "Area of the voids.")
DELTA = Name("delta", "Interface thickness [m]", "Of the profile 1/2 (1 - tanh(s / (2 delta))).")

EVEN_DISTANCE = Name(
    "d_e", "Even distance [m]", "Thickness of an even film around the rim of equal metal."
)
TIP_DISTANCE = Name("d_t", "Tip distance [m]", "Largest distance of attached metal from the rim.")
TIP_TO_EVEN = Name("d_t/d_e", "Tip ratio", "Tip distance over even distance.")
UNEVENNESS = Name(
    "R_q", "Roughness [m]", "Root mean square of the outer front's distance from the rim about its mean."
)
RIM_COVERED = Name("", "Covered share", "Share of the rim with metal on it.")
FRONT_FOLDING = Name("", "Folding", "Length of the outer front over that of the even film's.")
SIDE_BRANCHES = Name("", "Number of branches", "Arms that leave another arm above its foot.")

METAL_VOLUME = Name("V", "Metal volume [m3]", "Volume of all metal, attached or not.")
MEAN_HEIGHT_IN_SPACE = Name("h_m", "Mean height [m]", "Metal volume over the electrode's area.")
ROUGHNESS_IN_SPACE = Name(
    "R_q",
    "Roughness [m]",
    "Root mean square of the envelope's height over the electrode about its mean.",
)
SHADOW = Name("", "Shadow [m2]", "Area that attached metal covers, seen from above.")
FRONT_AREA = Name("", "Front area [m2]", "Area of all fronts.")
FOLDING_IN_SPACE = Name("", "Folding", "Front area over the area of the shadow.")

#: In space, in the order of tables.
MEASURES_IN_SPACE = (
    METAL_VOLUME, MEAN_HEIGHT_IN_SPACE, TIP_HEIGHT, TIP_RATIO, ROUGHNESS_IN_SPACE, COVERED, SHADOW,
    FRONT_AREA, FOLDING_IN_SPACE, PIECES, DEAD_SHARE, DELTA,
)  # fmt: skip

#: Seen from above, in the order of tables.
MEASURES_ABOVE = (
    METAL_AREA, EVEN_DISTANCE, TIP_DISTANCE, TIP_TO_EVEN, UNEVENNESS, RIM_COVERED, PERIMETER, FRONT_FOLDING,
    DIMENSION, DECADES, ARMS, SIDE_BRANCHES, ARM_LENGTH, ARM_ASPECT, PIECES, DEAD_SHARE, VOIDS, TRAPPED,
    DELTA,
)  # fmt: skip

#: In the order of tables.
MEASURES = (
    METAL_AREA, MEAN_HEIGHT, TIP_HEIGHT, TIP_RATIO, ROUGHNESS, COVERED, UNIFORMITY, PERIMETER,
    PERIMETER_PER_AREA, TORTUOSITY, FOLDING, COMPACTNESS, POROSITY, TIP_RADIUS, DIMENSION, DECADES,
    SPREAD, LOCAL_WIDTH, ASPECT, ARMS, STEMS, BRANCHES, ARM_LENGTH, ARM_ASPECT, FREE_ASPECT, STEEP_SHARE,
    PIECES, DEAD_SHARE, VOIDS, TRAPPED, DELTA,
)  # fmt: skip
