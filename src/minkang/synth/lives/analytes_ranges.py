"""Reference ranges of children and of age groups, and the style in which a laboratory reports.

Children: WS/T 779-2021 (blood count, venous) and WS/T 780-2021 (chemistry), the newborn from common
practice. The old: urea, creatinine and alkaline phosphatase have ranges of their own in WS/T 404.
A laboratory's style is its units, its small bias and how it sets its own limits.
"""

from bisect import bisect_right
from functools import cache, lru_cache
from typing import Final

import msgspec

from minkang.synth.draws import share
from minkang.synth.lives.analytes import ANALYTES, Analyte, Range

BANDS: Final = (0.0, 0.077, 0.5, 1.0, 2.0, 6.0, 9.0, 13.0, 16.0, 18.0, 50.0, 60.0)
"""Ages (years) from which an age group holds: newborn, 28 days, 6 months, 1, 2, 6, 9, 13, 16, 18,
50 and 60 years."""

_Row = tuple[float, float]
_CHILD: Final[dict[str, tuple[_Row, ...]]] = {
    # newborn, from 28 days, 6 months, 1, 2, 6, 9, 13, 16 years; two sexes where given twice
    "wbc": ((5.6, 20), (4.3, 14.2), (4.8, 14.6), (5.1, 14.1), (4.4, 11.9), (4.3, 11.3),
            (4.3, 11.3), (4.1, 11.0), (4.1, 11.0)),
    "neutrophils": ((30, 75), (7, 56), (9, 57), (13, 55), (22, 65), (31, 70), (31, 70), (37, 77),
                    (37, 77)),
    "lymphocytes": ((20, 60), (26, 83), (31, 81), (33, 77), (23, 69), (23, 59), (23, 59), (17, 54),
                    (17, 54)),
    "monocytes": ((3, 16), (3, 16), (2, 13), (2, 13), (2, 11), (2, 11), (2, 11), (2, 11), (2, 11)),
    "eosinophils": ((0, 9), (1, 10), (0, 9), (0, 9), (0, 9), (0, 9), (0, 9), (0, 9), (0, 9)),
    "neutrophils-count": ((1.5, 13), (0.6, 7.5), (0.8, 6.4), (0.8, 5.8), (1.2, 7.0), (1.6, 7.8),
                          (1.6, 7.8), (1.8, 8.3), (1.8, 8.3)),
    "lymphocytes-count": ((2, 11), (2.4, 9.5), (2.5, 9.0), (2.4, 8.7), (1.8, 6.3), (1.5, 4.6),
                          (1.5, 4.6), (1.2, 3.8), (1.2, 3.8)),
    "monocytes-count": ((0.2, 2.4), (0.15, 1.56), (0.17, 1.06), (0.18, 1.13), (0.12, 0.93),
                        (0.13, 0.76), (0.13, 0.76), (0.14, 0.74), (0.14, 0.74)),
    "eosinophils-count": ((0.02, 0.9), (0.07, 1.02), (0.03, 0.74), (0.0, 0.68), (0.0, 0.68),
                          (0.0, 0.68), (0.0, 0.68), (0.0, 0.68), (0.0, 0.68)),
    "rbc": ((4.0, 6.6), (3.3, 5.2), (4.0, 5.5), (4.1, 5.5), (4.0, 5.5), (4.2, 5.7), (4.2, 5.7),
            (4.3, 5.9), (4.3, 5.9)),
    "haemoglobin": ((145, 225), (97, 183), (97, 141), (107, 141), (112, 149), (118, 156),
                    (118, 156), (121, 172), (121, 172)),
    "haematocrit": ((42, 67), (28, 52), (30, 41), (32, 42), (34, 43), (36, 46), (36, 46), (37, 51),
                    (37, 51)),
    "mcv": ((92, 118), (73, 104), (72, 86), (72, 86), (76, 88), (77, 92), (77, 92), (80, 100),
            (80, 100)),
    "mch": ((31, 39), (24, 37), (24, 30), (24, 30), (25, 30), (25, 34), (25, 34), (25, 34),
            (25, 34)),
    "mchc": ((300, 360), (309, 363), (309, 359), (310, 355), (309, 359), (310, 355), (310, 355),
             (310, 355), (310, 355)),
    "platelets": ((140, 450), (183, 614), (190, 579), (190, 524), (188, 472), (167, 453),
                  (167, 453), (150, 407), (150, 407)),
    "alt": ((5, 60), (8, 71), (8, 71), (8, 42), (7, 30), (7, 30), (7, 30), (7, 43), (7, 43)),
    "ast": ((20, 90), (21, 80), (21, 80), (22, 59), (14, 44), (14, 44), (14, 44), (12, 37),
            (12, 37)),
    "alp": ((80, 420), (98, 532), (106, 420), (128, 432), (143, 406), (146, 500), (146, 500),
            (70, 420), (51, 190)),
    "ggt": ((12, 150), (9, 150), (6, 31), (5, 20), (5, 19), (5, 20), (5, 20), (5, 34), (5, 34)),
    "protein": ((46, 70), (49, 71), (55, 75), (58, 76), (61, 79), (65, 84), (65, 84), (68, 88),
                (68, 88)),
    "albumin": ((28, 44), (35, 50), (39, 54), (39, 54), (39, 54), (39, 54), (39, 54), (42, 56),
                (42, 56)),
    "creatinine": ((20, 70), (13, 33), (13, 33), (13, 33), (19, 44), (27, 66), (27, 66), (33, 93),
                   (39, 101)),
    "urea": ((0.8, 5.3), (0.8, 5.3), (1.0, 6.0), (1.2, 5.9), (1.9, 6.5), (2.1, 6.7), (2.1, 6.7),
             (2.5, 7.3), (2.5, 7.3)),
    "urate": ((90, 400), (90, 315), (120, 330), (120, 345), (130, 350), (145, 400), (145, 400),
              (160, 480), (170, 500)),
    "potassium": ((3.7, 5.9), (4.2, 5.9), (4.1, 5.5), (4.0, 5.4), (3.7, 5.2), (3.7, 5.2),
                  (3.7, 5.2), (3.7, 5.2), (3.6, 5.1)),
    "sodium": ((133, 146), (135, 150), (135, 150), (135, 145), (135, 145), (135, 145), (135, 145),
               (136, 146), (136, 146)),
    "phosphate": ((1.5, 2.6), (1.6, 2.5), (1.4, 2.2), (1.3, 2.2), (1.2, 1.9), (1.2, 1.8),
                  (1.2, 1.8), (1.1, 1.8), (0.9, 1.6)),
    "calcium": ((2.0, 2.8), (2.3, 2.8), (2.2, 2.8), (2.2, 2.7), (2.1, 2.8), (2.1, 2.7), (2.1, 2.7),
                (2.1, 2.7), (2.1, 2.6)),
    "ldh": ((250, 700), (180, 450), (180, 430), (180, 420), (170, 370), (160, 330), (150, 320),
            (130, 300), (120, 270)),
    "ast-alt": ((0.8, 5), (0.8, 4), (0.8, 3.5), (0.8, 3.5), (0.8, 3.2), (0.8, 2.6), (0.8, 2.4),
                (0.8, 2), (0.8, 1.8)),
    "plateletcrit": ((0.15, 0.5), (0.2, 0.6), (0.2, 0.58), (0.2, 0.55), (0.19, 0.5), (0.17, 0.47),
                     (0.17, 0.45), (0.16, 0.42), (0.16, 0.4)),
    "rdw-sd": ((45, 65), (34, 52), (33, 44), (33, 44), (33, 44), (34, 45), (34, 45), (36, 48),
               (36, 48)),
    "glucose": ((2.2, 5.6), (3.3, 5.6), (3.3, 5.6), (3.3, 5.6), (3.3, 5.6), (3.6, 6.0), (3.6, 6.0),
                (3.9, 6.1), (3.9, 6.1)),
    "egfr": ((20, 200), (30, 200), (60, 200), (75, 200), (90, 200), (90, 200), (90, 200), (90, 200),
             (90, 200)),
}  # fmt: skip
_OLD: Final[dict[str, tuple[_Row, _Row]]] = {
    "creatinine": ((57, 111), (41, 81)),
    "urea": ((3.6, 9.5), (3.1, 8.8)),
}
_BY_AGE_AND_SEX: Final[dict[tuple[str, str, int], _Row]] = {
    ("haemoglobin", "F", 7): (114, 154), ("haemoglobin", "F", 8): (114, 154),
    ("haemoglobin", "M", 7): (129, 172), ("haemoglobin", "M", 8): (129, 172),
    ("rbc", "F", 7): (4.1, 5.3), ("rbc", "F", 8): (4.1, 5.3),
    ("haematocrit", "F", 7): (36, 47), ("haematocrit", "F", 8): (36, 47),
    ("creatinine", "F", 7): (33, 75), ("creatinine", "F", 8): (39, 76),
    ("creatinine", "M", 7): (37, 93), ("creatinine", "M", 8): (52, 101),
    ("alp", "F", 9): (35, 100), ("alp", "M", 9): (45, 125),
}  # fmt: skip


def band_of(age: float) -> int:
    """The number of the age group, an index into `BANDS`."""
    return max(0, bisect_right(BANDS, age) - 1)


@cache
def _usual(key: str, sex: str, band: int) -> Range:
    analyte = ANALYTES[key]
    exact = _BY_AGE_AND_SEX.get((key, sex, band))
    if exact is not None:
        return exact
    if band < 9 and key in _CHILD:
        low, high = _CHILD[key][band]
        return (low, None) if key == "egfr" else (low, high)
    if band == 11 and key in _OLD:
        return _OLD[key][0 if sex == "M" else 1]
    return analyte.men if sex == "M" else analyte.women


class Style(msgspec.Struct, frozen=True, gc=False):
    """How one laboratory reports.

    `units` maps an analyte to (unit, factor from the usual unit, decimals). `number` seeds the
    laboratory's own bias; 0 is a laboratory without one. `loose` tells that it prints common ranges
    of its kit in place of the standard's for a few analytes.
    """

    number: int
    units: dict[str, tuple[str, float, int]]
    loose: bool


_FOREIGN: Final = {
    "glucose": ("mg/dL", 18.016, 0), "glucose-after": ("mg/dL", 18.016, 0),
    "glucose-1h": ("mg/dL", 18.016, 0), "haemoglobin": ("g/dL", 0.1, 1),
    "mchc": ("g/dL", 0.1, 1), "creatinine": ("mg/dL", 0.011312, 2), "urea": ("mg/dL", 6.006, 1),
    "urate": ("mg/dL", 0.016812, 1), "cholesterol": ("mg/dL", 38.67, 0),
    "triglyceride": ("mg/dL", 88.57, 0), "hdl": ("mg/dL", 38.67, 0), "ldl": ("mg/dL", 38.67, 0),
    "protein": ("g/dL", 0.1, 1), "albumin": ("g/dL", 0.1, 1), "globulin": ("g/dL", 0.1, 1),
    "bilirubin": ("mg/dL", 0.05848, 2), "bilirubin-direct": ("mg/dL", 0.05848, 2),
    "bilirubin-indirect": ("mg/dL", 0.05848, 2), "calcium": ("mg/dL", 4.008, 2),
}  # fmt: skip
"""Mass units of an imported analyser: molar quantities then are the mass ones' numbers."""

_MASS: Final = {
    "glucose": "2345-7", "glucose-after": "1521-4", "creatinine": "2160-0", "urea": "3091-6",
    "urate": "3084-1", "cholesterol": "2093-3", "triglyceride": "2571-8", "hdl": "2085-9",
    "ldl": "18262-6", "bilirubin": "1975-2", "bilirubin-direct": "1968-7",
    "bilirubin-indirect": "1971-1", "calcium": "17861-6",
}  # fmt: skip
"""LOINC codes of the mass property, for laboratories that print mass units."""

_KIT: Final[dict[str, _Row]] = {
    "alt": (0, 40), "ast": (0, 40), "ggt": (0, 50), "urea": (1.7, 8.3), "wbc": (4.0, 10.0),
    "platelets": (100, 300), "haemoglobin": (110, 160), "potassium": (3.5, 5.5),
    "sodium": (135, 145), "glucose": (3.89, 6.11), "creatinine": (44, 133), "urate": (149, 416),
}  # fmt: skip
_USUAL_STYLE: Final = Style(0, {}, loose=False)


@cache
def laboratory_style(institution_key: str) -> Style:
    """How the laboratory of that institution reports; "" is the usual one.

    About one in twelve laboratories prints mass units, one in four its kit's own ranges for adults.
    """
    if not institution_key:
        return _USUAL_STYLE
    drawn = share(0, "laboratory-style", institution_key)
    number = 1 + int(share(0, "laboratory-number", institution_key) * 1_000_000)
    return Style(number, _FOREIGN if drawn < 0.08 else {}, loose=0.08 <= drawn < 0.33)


def unit_of(key: str, laboratory: str = "") -> str:
    """The unit in which that laboratory writes the analyte (UCUM)."""
    foreign = laboratory_style(laboratory).units.get(key)
    return ANALYTES[key].unit if foreign is None else foreign[0]


def loinc_of(key: str, laboratory: str = "") -> str:
    """The LOINC code that fits the unit in which that laboratory reports, "" where none does."""
    if laboratory_style(laboratory).units and ANALYTES[key].loinc:
        return _MASS.get(key, ANALYTES[key].loinc)
    return ANALYTES[key].loinc


def decimals_of(key: str, laboratory: str = "") -> int:
    """How many decimals that laboratory prints."""
    foreign = laboratory_style(laboratory).units.get(key)
    return ANALYTES[key].decimals if foreign is None else foreign[2]


@lru_cache(maxsize=60_000)
def _range_in_band(key: str, sex: str, band: int, laboratory: str) -> Range:
    style = laboratory_style(laboratory)
    low, high = _usual(key, sex, band)
    if style.loose and band >= 9 and key in _KIT:
        low, high = _KIT[key]
    foreign = style.units.get(key)
    if foreign is None:
        return low, high
    return (
        None if low is None else round(low * foreign[1], foreign[2]),
        None if high is None else round(high * foreign[1], foreign[2]),
    )


def range_of(key: str, sex: str, age: float, laboratory: str = "") -> Range:
    """(low, high) that laboratory prints for that sex and age, in its own unit."""
    return _range_in_band(key, sex, band_of(age), laboratory)


@lru_cache(maxsize=60_000)
def _text_in_band(key: str, sex: str, band: int, laboratory: str) -> str:
    analyte: Analyte = ANALYTES[key]
    if analyte.kind != "NM":
        return analyte.normal
    low, high = _range_in_band(key, sex, band, laboratory)
    places = decimals_of(key, laboratory)
    if low is not None and high is not None:
        return f"{low:.{places}f}-{high:.{places}f}"
    if high is not None:
        return f"<{high:.{places}f}"
    return f">{low:.{places}f}" if low is not None else ""


def range_text(key: str, sex: str, age: float, laboratory: str = "") -> str:
    """The reference range as printed: 3.9-6.1, <5.20, >60, a text's normal word, or nothing."""
    return _text_in_band(key, sex, band_of(age), laboratory)
