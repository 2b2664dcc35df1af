"""All thresholds of the measures and of the verdict, in one table.

Calibrated on synthetic deposits (tests/unit/test_morphology.py): films, bumps, columns, needles, trees
and aggregates, each on two meshes and at delta and delta / 2. The first proposal was: smooth below a
tip ratio and tortuosity of 1.1 to 1.2; columns up to an aspect of 2; needles from an aspect of 3. Those
global numbers depend on how wide the electrode is, so the verdict looks at single arms instead; an
aspect between 2 and 3 is split in the middle.
"""

from __future__ import annotations

#: A deposit lower than this many delta has no shape that the interface could resolve.
RESOLVED = 4.0

#: An arm is at least this many delta long ...
ARM_DELTAS = 4.0
#: ... and this share of the tip height.
ARM_SHARE = 0.05

#: A film is smooth below this tip ratio and this folding.
SMOOTH = 1.2
#: Arms shorter than this share of the mean height are the roughness of a film.
RELIEF = 0.25

#: A front is steep where it is inclined by more than this to the electrode (degrees).
STEEP_ANGLE = 30.0
#: A deposit is globular if this share of its shadow lies under steep fronts: half of it does below
#: hemispheres, a third for a row of them with gaps half as wide as they are, none below a sine whose
#: amplitude is 0.09 wavelengths, a fifth at 0.097. Vertical walls have no shadow: the ends of a film do
#: not count.
STEEP_SHARE = 0.2

#: A needle is an arm of at least this length over width ...
NEEDLE_ASPECT = 2.5
#: ... and this share of the tip height ...
NEEDLE_SHARE = 0.3
#: ... which stands free: less than this share of the disc around it is metal (else it is a column).
FREE_PACKING = 0.6

#: A stem, and a branch, has at least this length over width (a stem, also NEEDLE_SHARE of the tip).
BRANCH_ASPECT = 1.0
#: A branch leaves its stem at least this many widths of the stem above the stem's own foot.
BRANCH_ABOVE = 1.0
#: A deposit is dendritic from this many branches on, if there are also this many per stem.
BRANCHES = 3
BRANCHES_PER_STEM = 1.0

#: Smallest box of the box count in delta, and largest box as a share of the contour's extent.
SMALLEST_BOX = 4.0
LARGEST_BOX = 1 / 5

#: Columns of the envelope per delta.
COLUMNS_PER_DELTA = 32.0
#: Pixels per delta, in each direction, unless there would be too many.
PIXELS_PER_DELTA = 2.0
MOST_PIXELS = 1_000_000

#: Voids and pieces smaller than this many delta^2 are not counted: a front that grazes a vertex.
SPECK = 1.0

#: Spread of the outline: up to where this share of the shadow is metal, from where this share of the
#: electrode is.
SPREAD = (0.05, 0.9)
