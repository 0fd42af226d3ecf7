"""What laboratories, pharmacies and imaging departments call things, as their messages do."""

from functools import cache, lru_cache
from typing import Final, Literal

import msgspec

from minkang.synth.draws import share
from minkang.synth.lives.analytes import ANALYTES, PANELS
from minkang.synth.lives.analytes_ranges import BANDS, band_of, range_text, unit_of
from minkang.synth.lives.drugs import DRUGS, FREQUENCY_WORDS
from minkang.synth.lives.drugs import drug as product
from minkang.synth.people import standing
from minkang.synth.speak.hl7 import escape, parts
from minkang.synth.texts.imaging import STUDIES


class Test(msgspec.Struct, frozen=True, gc=False):
    """One item of a laboratory: what it is called there, its unit and reference range as printed.

    `kind` is HL7's value type (NM, ST, TX).
    """

    name: str
    loinc: str
    local: str
    unit: str
    range: str
    kind: str


class Named(msgspec.Struct, frozen=True, gc=False):
    """A panel or study: the code and name it is ordered by, and the section that reports it."""

    code: str
    name: str
    section: str


class Drug(msgspec.Struct, frozen=True, gc=False):
    """A product: the pharmacy's code, name, specification and form."""

    code: str
    name: str
    specification: str
    form: str


_RANGES: Final = ("-", "~", "～", "/")
# Table 0074 of HL7 v2 by DICOM's modality.
_SECTIONS: Final = {
    "CT": "CT", "MR": "NMR", "US": "RUS", "DX": "RAD", "ECG": "EC", "EEG": "EN", "EMG": "EN",
    "PF": "PF", "PT": "NMS", "XA": "CUS", "MG": "RAD", "ES": "OTH", "SM": "PAT", "PA": "PAT",
}  # fmt: skip
_DRUG_CODES: Final = {key: f"YP{number:05d}" for number, key in enumerate(DRUGS, 1)}


@lru_cache(maxsize=65_536)
def _test(key: str, laboratory: str, sex: str, band: int) -> Test:
    analyte = ANALYTES[key]
    unit = unit_of(key, laboratory)
    loinc, local = analyte.loinc, analyte.local
    if unit != analyte.unit:
        # Another quantity than the one whose code it is: mass where it is substance.
        loinc, local = "", f"{local}_M"
    printed = range_text(key, sex, BANDS[band], laboratory)
    return Test(analyte.name, loinc, local, unit, printed, analyte.kind)


def test(key: str, laboratory: str, sex: str, days: int) -> Test:
    """An item as that laboratory prints it for somebody of that sex and age (in days)."""
    return _test(key, laboratory, sex, band_of(days / 365.25))


def age_group(days: int) -> int:
    """The age group, by whose ranges a laboratory judges, of somebody so many days old."""
    return band_of(days / 365.25)


@lru_cache(maxsize=65_536)
def hl7_item(
    habit: Literal["loinc", "beside", "local"], key: str, laboratory: str, sex: str, band: int
) -> tuple[str, str, str]:
    """OBX-2 (the type), OBX-3 (the code), OBX-6 and OBX-7 (unit and range) of an item."""
    item = _test(key, laboratory, sex, band)
    return item.kind, _hl7_code(habit, item), f"{escape(item.unit)}|{escape(item.range)}"


def _hl7_code(habit: Literal["loinc", "beside", "local"], item: Test) -> str:
    """LOINC alone, the local code with LOINC beside most, or the local code alone."""
    loinc = (item.loinc, item.name, "LN") if item.loinc else ()
    if habit == "loinc" and loinc:
        return parts(*loinc)
    local = (item.local, item.name, "L")
    if habit != "beside" or not loinc or share(0, "local-only", item.local) < _LOCAL_ONLY:
        return parts(*local)
    return parts(*local, *loinc)


_LOCAL_ONLY: Final = 0.22
"""Share of the items that laboratories with codes of their own have never mapped."""


def local_codes() -> dict[str, str]:
    """Local code to LOINC, as a source's code list gives it to the receiver."""
    return {one.local: one.loinc for one in ANALYTES.values() if one.loinc}


@cache
def panel(key: str) -> Named:
    """The panel of a key."""
    found = PANELS[key]
    return Named(found.code, found.name, "LAB")


@cache
def specimen(panel_key: str) -> str:
    """What is examined."""
    return PANELS[panel_key].specimen


@cache
def drug(key: str) -> Drug:
    """The product of a key of a prescription line."""
    found = product(key)
    return Drug(_DRUG_CODES[found.key], found.name, found.specification, found.form)


@cache
def study(key: str) -> Named:
    """The study of a key."""
    kind = STUDIES[key]
    return Named(key.upper(), kind.name, _SECTIONS.get(kind.modality, "OTH"))


def frequency(code: str) -> str:
    """How often in words, as the ward writes it: bid is 每日两次."""
    return FREQUENCY_WORDS.get(code, code)


@lru_cache(maxsize=4096)
def amount(text: str) -> tuple[str, str]:
    """Number and unit of a dose or quantity: 5mg, 1 片, 0.5g.

    What is no single number (适量, 1-2片) has no number, and stands as the unit.
    """
    end = 0
    while end < len(text) and (text[end].isdigit() or text[end] == "."):
        end += 1
    number = text[:end].strip(".")
    rest = text[end:].strip()
    return (number, rest) if number and rest[:1] not in _RANGES else ("", text)


_EMPLOYMENT: Final = {
    **dict.fromkeys((standing.PEASANT, standing.FISHER), ("27", "农民")),
    **dict.fromkeys((standing.WORKER, standing.MIGRANT), ("24", "工人")),
    **dict.fromkeys((standing.CLERK, standing.COOK), ("17", "职员")),
    **dict.fromkeys((standing.TEACHER, standing.MEDIC), ("13", "专业技术人员")),
    standing.TRADER: ("54", "个体经营者"),
    standing.AT_HOME: ("70", "无业人员"),
    standing.RETIRED: ("80", "退(离)休人员"),
    standing.PUPIL: ("31", "学生"),
}


def employment(occupation: str) -> tuple[str, str]:
    """Code and name of GB/T 2261.4 for an occupation as a report card has it; else 90 其他."""
    return _EMPLOYMENT.get(occupation, ("90", "其他"))
