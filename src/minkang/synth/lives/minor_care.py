"""Where care is sought: by what it is, and by the age of who is ill.

Shares follow the yearbook's division of visits (village rooms, township hospitals and community
centres together about six in ten, as the plans want it: `primary-visit-share` of the targets), with
children taken to larger hospitals sooner than the grown-up.
"""

from functools import cache
from itertools import accumulate
from random import Random
from typing import Final

from minkang.synth.record import Care

_ORDER: Final[tuple[Care, ...]] = (
    "village", "town", "county", "city", "tcm", "mch", "mental", "private",
)  # fmt: skip

# fmt: off
_PROFILES: Final[dict[str, tuple[float, ...]]] = {
    #                 village town  county city  tcm   mch   mental private
    "light":          (0.48,  0.31, 0.08,  0.03, 0.02, 0.0,  0.0,   0.08),
    "basic":          (0.37,  0.36, 0.13,  0.05, 0.04, 0.0,  0.0,   0.05),
    "special":        (0.10,  0.36, 0.29,  0.16, 0.05, 0.0,  0.0,   0.03),
    "grave":          (0.0,   0.05, 0.55,  0.36, 0.04, 0.0,  0.0,   0.0),
    "child":          (0.22,  0.37, 0.18,  0.08, 0.02, 0.10, 0.0,   0.03),
    "child-grave":    (0.0,   0.12, 0.42,  0.22, 0.03, 0.21, 0.0,   0.0),
    "child-emergency":(0.0,   0.05, 0.50,  0.30, 0.0,  0.15, 0.0,   0.0),
    "women":          (0.03,  0.25, 0.30,  0.15, 0.04, 0.20, 0.0,   0.03),
    "dental":         (0.0,   0.16, 0.19,  0.10, 0.0,  0.0,  0.0,   0.55),
    "eye":            (0.02,  0.16, 0.36,  0.20, 0.02, 0.0,  0.0,   0.24),
    "mental":         (0.02,  0.12, 0.25,  0.15, 0.03, 0.0,  0.43,  0.0),
    "mental-child":   (0.0,   0.0,  0.20,  0.20, 0.0,  0.25, 0.35,  0.0),
}
# fmt: on
_GENERAL_AT: Final[frozenset[Care]] = frozenset(("village",))
_TOWN_SPECIALTIES: Final = frozenset(
    ("general", "internal", "surgery", "paediatric", "gynaecology", "dental", "tcm",
     "ophthalmology", "ent", "bone", "child-health", "women-health", "rehabilitation")
)  # fmt: skip


@cache
def _cumulative(profile: str, old: bool) -> tuple[float, ...]:
    """The shares of a profile; the old stay nearer to home."""
    shares = _PROFILES[profile]
    if old:
        village, town, county, city, *others = shares
        shares = (village * 1.35, town * 1.15, county * 0.9, city * 0.6, *others)
    return tuple(accumulate(shares))


def care_for(random: Random, profile: str, age: float) -> Care:
    """Where somebody of that age goes; KeyError for a profile that is not there."""
    return random.choices(_ORDER, cum_weights=_cumulative(profile, age >= 65))[0]


def specialty_at(care: Care, specialty: str) -> str:
    """The specialty that such a place offers for it."""
    if care in _GENERAL_AT:
        return "tcm" if specialty == "tcm" else "general"
    if care == "town" and specialty not in _TOWN_SPECIALTIES:
        return "general"
    if care == "private" and specialty not in ("dental", "ophthalmology", "tcm"):
        return "general"
    return specialty


def ward_for(random: Random, age: float, severity: float) -> Care:
    """Where somebody is admitted: light things in the town, grave ones in the city's hospitals.

    Children are never admitted in towns here, and half of the old with light things are.
    """
    if age < 14:
        return random.choices(("county", "mch", "city"), (0.5, 0.28, 0.22))[0]
    town = max(0.0, 0.30 - 0.5 * severity) * (1.6 if age >= 65 else 1.0)
    city = 0.25 + 0.35 * severity
    return random.choices(
        ("town", "county", "city", "tcm"), (town, 0.95 - town - city + 0.2, city, 0.09)
    )[0]
