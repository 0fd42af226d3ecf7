"""Values of one analyte from several laboratories in one unit, so that a curve can be drawn.

The value as sent is never touched; what is converted stands beside it. Plain multiples and
temperatures are converted by UCUM (`minkang.fhir.units`). Between mass and substance concentration
the molar mass of the analyte leads (IUPAC standard atomic weights of 2021; triglycerides as
triolein, as the AMA Manual of Style, 11th edition, table 17.5-1, does). Haemoglobin A1c goes from
IFCC (mmol/mol) to NGSP (%) by the master equation NGSP = 0.09148 * IFCC + 2.152 (Hoelzel et al.,
Clin Chem 2004; 50:166).
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from typing import Final

import msgspec

from minkang.fhir.units import canonical_quantity

UCUM: Final = "http://unitsofmeasure.org"
_DIGITS: Final = 4
_ROUND: Final = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)
_SLOPE, _OFFSET = Decimal("0.09148"), Decimal("2.152")
_MASS, _SUBSTANCE = "g.m-3", "m-3.mol"

# As laboratories write units that UCUM spells differently.
_SPELLINGS: Final = {
    "mEq/L": "meq/L", "mmHg": "mm[Hg]", "℃": "Cel", "°C": "Cel", "次/分": "/min", "bpm": "/min",
    "10^9/L": "10*9/L", "10^12/L": "10*12/L", "斤": "[jin_cn]", "厘米": "cm", "千克": "kg",
    "公斤": "kg", "克": "g",
}  # fmt: skip


class Analyte(msgspec.Struct, frozen=True):
    """What several LOINC codes measure alike, up to the unit.

    Attributes:
        item: the LOINC code that its series goes by.
        unit: of its curve, UCUM.
        codes: further LOINC codes of the same analyte, in another kind of quantity.
        molar_mass: g/mol; None where mass and substance are never mixed.
    """

    item: str
    unit: str
    codes: frozenset[str] = frozenset()
    molar_mass: Decimal | None = None


def _analyte(item: str, unit: str, codes: str = "", molar_mass: str = "") -> Analyte:
    mass = Decimal(molar_mass) if molar_mass else None
    return Analyte(item, unit, frozenset(codes.split()), mass)


ANALYTES: Final = (
    _analyte("14749-6", "mmol/L", "2345-7 15074-8 2339-0", "180.156"),  # glucose
    _analyte("1558-6", "mmol/L", "14771-0", "180.156"),  # glucose, fasting
    _analyte("4548-4", "%", "59261-8 17856-6"),  # haemoglobin A1c
    _analyte("14682-9", "umol/L", "2160-0 38483-4", "113.120"),  # creatinine
    _analyte("14933-6", "umol/L", "3084-1", "168.112"),  # urate
    _analyte("22664-7", "mmol/L", "3091-6", "60.056"),  # urea
    _analyte("14937-7", "mmol/L", "3094-0 6299-2", "28.014"),  # urea nitrogen (N2)
    _analyte("14647-2", "mmol/L", "2093-3", "386.654"),  # cholesterol
    _analyte("14927-8", "mmol/L", "2571-8", "885.432"),  # triglycerides
    _analyte("14646-4", "mmol/L", "2085-9", "386.654"),  # cholesterol in HDL
    _analyte("22748-8", "mmol/L", "2089-1 13457-7 18262-6 69419-0", "386.654"),  # in LDL
    _analyte("14631-6", "umol/L", "1975-2", "584.662"),  # bilirubin
    _analyte("14629-0", "umol/L", "1968-7", "584.662"),  # bilirubin, conjugated
    _analyte("2000-8", "mmol/L", "17861-6", "40.078"),  # calcium
    _analyte("14879-1", "mmol/L", "2777-1", "30.974"),  # phosphate, as phosphorus
    _analyte("2601-3", "mmol/L", "19123-9", "24.305"),  # magnesium
    _analyte("718-7", "g/L"),  # haemoglobin
    _analyte("1751-7", "g/L"),  # albumin
    _analyte("2885-2", "g/L"),  # protein
    _analyte("1988-5", "mg/L", "30522-7"),  # C-reactive protein
    _analyte("29463-7", "kg", "3141-9 8339-4 8335-2"),  # body weight
    _analyte("8302-2", "cm", "8306-3 8308-9 3137-7 3138-5 89269-5"),  # height, length
    _analyte("9843-4", "cm", "8287-5"),  # head circumference
    _analyte("8310-5", "Cel", "8331-1 8328-7 8332-9"),  # body temperature
    _analyte("8867-4", "/min", "8893-0"),  # heart rate
    _analyte("2823-3", "mmol/L", "6298-4"),  # potassium
    _analyte("2951-2", "mmol/L", "2947-0"),  # sodium
    _analyte("2075-0", "mmol/L", "2069-3"),  # chloride
)


@cache
def _by_code() -> dict[str, Analyte]:
    return {code: one for one in ANALYTES for code in (one.item, *one.codes)}


def analyte(code: str) -> Analyte | None:
    """What a LOINC code measures; None if it is an item of its own."""
    return _by_code().get(code)


def series_code(code: str) -> str:
    """The LOINC code that the series of a LOINC code goes by."""
    found = analyte(code)
    return found.item if found else code


def converted(value: Decimal, unit: str, into: str, item: str = "") -> Decimal | None:
    """A value in another unit, exact if nothing is to be done, else to four digits.

    `item` is the LOINC code of the series; it brings the molar mass. None if no way leads there:
    the two are then not to be drawn on one curve.
    """
    given, wanted = _spelt(unit), _spelt(into)
    if given == wanted:
        return value
    if item == "4548-4" and given == "mmol/mol" and wanted == "%":
        return _ROUND.plus(value * _SLOPE + _OFFSET)
    if given == "[jin_cn]":
        value, given = value / 2, "kg"
    here = canonical_quantity(value, UCUM, given)
    if here is None:
        return None
    found = analyte(item)
    return _into(here, wanted, found.molar_mass if found else None)


def _into(here: tuple[Decimal, str], wanted: str, molar_mass: Decimal | None) -> Decimal | None:
    value, base = here
    zero = canonical_quantity(Decimal(0), UCUM, wanted)
    one = canonical_quantity(Decimal(1), UCUM, wanted)
    if zero is None or one is None:
        return None
    if base != one[1]:
        if molar_mass is None or {base, one[1]} != {_MASS, _SUBSTANCE}:
            return None
        value = value / molar_mass if base == _MASS else value * molar_mass
    return _ROUND.plus((value - zero[0]) / (one[0] - zero[0]))


def _spelt(unit: str) -> str:
    plain = unit.strip().replace("μ", "u").replace("µ", "u")
    return _SPELLINGS.get(plain, plain)
