"""What those who die within the region's years die of, so that their lives lead up to it.

Shares by age of death after the national cause-of-death surveillance (2021): cancer and heart
disease about 24 % each, cerebrovascular disease 22 %, respiratory 9 %, injury 6 % over all ages.
"""

from typing import Final

from minkang.synth.draws import share
from minkang.synth.record import Person, World

# Age below which the row holds, then (cause, weight).
# fmt: off
_CAUSES: Final[tuple[tuple[float, tuple[tuple[str, float], ...]], ...]] = (
    (1, (("birth", 0.86), ("injury", 0.08), ("other", 0.06))),
    (15, (("injury", 0.44), ("cancer", 0.2), ("other", 0.36))),
    (45, (("injury", 0.36), ("cancer", 0.27), ("heart", 0.15), ("brain", 0.08), ("liver", 0.04),
          ("diabetes", 0.02), ("other", 0.08))),
    (65, (("cancer", 0.40), ("heart", 0.20), ("brain", 0.17), ("injury", 0.085), ("lungs", 0.03),
          ("liver", 0.03), ("diabetes", 0.03), ("kidney", 0.015), ("other", 0.04))),
    (80, (("cancer", 0.30), ("heart", 0.24), ("brain", 0.225), ("lungs", 0.095), ("injury", 0.035),
          ("diabetes", 0.035), ("kidney", 0.015), ("liver", 0.01), ("nerves", 0.015),
          ("other", 0.03))),
    (200, (("heart", 0.31), ("brain", 0.245), ("cancer", 0.14), ("lungs", 0.135),
           ("injury", 0.04), ("nerves", 0.035), ("diabetes", 0.025), ("kidney", 0.015),
           ("other", 0.055))),
)
_CANCERS: Final = {
    "M": (("lung-cancer", 0.33), ("liver-cancer", 0.18), ("stomach-cancer", 0.17),
          ("oesophagus-cancer", 0.11), ("colorectal-cancer", 0.12), ("pancreas-cancer", 0.06),
          ("prostate-cancer", 0.03)),
    "F": (("lung-cancer", 0.29), ("stomach-cancer", 0.13), ("colorectal-cancer", 0.15),
          ("liver-cancer", 0.12), ("breast-cancer", 0.13), ("oesophagus-cancer", 0.06),
          ("pancreas-cancer", 0.07), ("cervical-cancer", 0.05)),
}
# fmt: on


def cause_of_death(world: World, person: Person) -> str:
    """The group of causes that ends this life, "" where the person does not die.

    birth, injury, cancer, heart, brain, lungs, liver, diabetes, kidney, nerves or other.
    """
    if person.death is None:
        return ""
    age = person.age(person.death)
    row = next(row for below, row in _CAUSES if age < below)
    return _pick(row, share(world.seed, "cause-of-death", person.key))


def fatal_cancer(world: World, person: Person) -> str:
    """The key of the cancer that kills, for those whose cause of death is cancer."""
    return _pick(_CANCERS[person.sex], share(world.seed, "fatal-cancer", person.key))


def _pick(row: tuple[tuple[str, float], ...], drawn: float) -> str:
    left = drawn * sum(weight for _, weight in row)
    for key, weight in row:
        left -= weight
        if left < 0:
            return key
    return row[-1][0]
