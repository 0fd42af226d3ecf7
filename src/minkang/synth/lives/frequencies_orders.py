"""Orders with their chances: written as short texts in tables, read once, drawn at every visit.

`medicines("ibuprofen 3 .5, cefaclor 5 .3")` is each medicine with days and the chance that it is
prescribed; `tests("cbc .4, inflammation .2")` each panel with its chance;
`images("chest-film:/pneumonia-right .3")` each study with its possible findings (an empty one is
nothing abnormal, one of them is drawn) and its chance.
"""

from random import Random
from typing import Final

from minkang.synth.record import Care, Medicine

Medicines = tuple[tuple[Medicine, float], ...]
Tests = tuple[tuple[str, float], ...]
Images = tuple[tuple[str, tuple[str, ...], float], ...]

_TOWN_TESTS: Final = frozenset(
    ("cbc", "urine", "stool", "glucose", "renal", "liver", "lipids", "electrolytes", "inflammation",
     "flu-antigen", "hcg")
)  # fmt: skip
_TOWN_IMAGES: Final = frozenset(
    ("chest-film", "abdomen-ultrasound", "ecg", "lumbar-film", "wrist-film", "hip-film",
     "knee-film", "thyroid-ultrasound", "breast-ultrasound", "obstetric-ultrasound", "dental-film",
     "cervical-film", "ankle-film", "hand-film", "foot-film", "shoulder-film", "elbow-film")
)  # fmt: skip
_NO_TESTS: Final[tuple[Care, ...]] = ("village",)
_FEW_TESTS: Final[tuple[Care, ...]] = ("town", "private", "mch", "mental")


def medicines(text: str) -> Medicines:
    """Read `drug days chance` between commas; ValueError where a row is not such a triple."""
    rows: list[tuple[Medicine, float]] = []
    for row in filter(None, (part.strip() for part in text.split(","))):
        drug, days, chance = row.split()
        if all(drug != medicine.drug for medicine, _ in rows):
            rows.append((Medicine(drug, int(days)), float(chance)))
    return tuple(rows)


def tests(text: str) -> Tests:
    """Read `panel chance` between commas; ValueError where a row is not such a pair."""
    rows = []
    for row in filter(None, (part.strip() for part in text.split(","))):
        panel, chance = row.split()
        rows.append((panel, float(chance)))
    return tuple(rows)


def images(text: str) -> Images:
    """Read `study:finding/finding chance` between commas; a study alone is without finding."""
    rows = []
    for row in filter(None, (part.strip() for part in text.split(","))):
        what, chance = row.split()
        study, _, findings = what.partition(":")
        rows.append((study, tuple(findings.split("/")), float(chance)))
    return tuple(rows)


def drawn_medicines(random: Random, table: Medicines) -> tuple[Medicine, ...]:
    """Those that are prescribed this time; mostly the first where it would be nothing."""
    drawn = [medicine for medicine, chance in table if random.random() < chance]
    if not drawn and table and table[0][1] > 0.25 and random.random() < 0.8:
        drawn = [table[0][0]]
    return tuple(drawn)


def drawn_tests(random: Random, table: Tests, care: Care) -> tuple[str, ...]:
    """Those that are ordered this time, of what such a place can do."""
    if care in _NO_TESTS:
        return ()
    chosen = [panel for panel, chance in table if random.random() < chance]
    if care in _FEW_TESTS:
        return tuple([panel for panel in chosen if panel in _TOWN_TESTS])
    return tuple(chosen)


def drawn_images(random: Random, table: Images, care: Care) -> dict[str, str]:
    """Study and finding of those that are ordered this time, of what such a place can do."""
    if care in _NO_TESTS:
        return {}
    chosen = {
        study: random.choice(findings)
        for study, findings, chance in table
        if random.random() < chance
    }
    if care in _FEW_TESTS:
        return {study: finding for study, finding in chosen.items() if study in _TOWN_IMAGES}
    return chosen
