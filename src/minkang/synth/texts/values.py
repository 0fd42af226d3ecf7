"""Results as a note quotes them: what was measured, with its unit, marked where it is abnormal."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from minkang.synth.lives.analytes import ANALYTES, PANELS
from minkang.synth.lives.analytes_ranges import unit_of
from minkang.synth.record import Report, Study, Value
from minkang.synth.texts.case import Case
from minkang.synth.texts.imaging import STUDIES

_ARROWS: Final = {"H": "↑", "L": "↓"}
_KEY: Final = ("wbc", "crp", "haemoglobin", "glucose", "hba1c", "creatinine", "ldl", "potassium",
               "troponin", "alt", "urate", "tsh", "hcg")  # fmt: skip
_WELL_POSITIVE: Final = frozenset(("rh", "hbsab"))
_SAID: Final = ("blood-group", "flu-antigen", "tb", "hiv", "syphilis", "helicobacter-breath")
_LETTERS: Final = ("wbc", "crp", "haemoglobin", "platelets", "alt", "ast", "hba1c", "ldl",
                   "tsh", "procalcitonin", "nt-probnp")  # fmt: skip


def quoted(value: Value, institution: str, *, letters: bool) -> str:
    """Name, number, unit and arrow of one result."""
    analyte = ANALYTES[value.analyte]
    unit = _spoken(unit_of(value.analyte, institution))
    name = analyte.local if letters and value.analyte in _LETTERS else analyte.name
    sign = "<" if value.below else ""
    return f"{name}{sign}{value.text}{unit}{_ARROWS.get(value.flag, '')}"


def _positive(value: Value) -> bool:
    """Whether a result in words says that something is there."""
    said = value.text.startswith(("阳性", "弱阳性"))
    return said and not value.flag and value.analyte not in _WELL_POSITIVE


@cache
def _spoken(unit: str) -> str:
    """A UCUM unit as a note writes it: mmHg for mm[Hg], nothing for an annotation alone."""
    if "{" in unit:
        unit = unit[: unit.index("{")] + unit[unit.index("}") + 1 :]
    unit = unit.replace("[HPF]", "HP").replace("[", "").replace("]", "")
    return f"×{unit}" if unit.startswith("10^") else unit


def remarkable(reports: Sequence[Report], institution: str, case: Case, most: int = 4) -> str:
    """The panels with what stands out in each, as the note sums them up."""
    found = []
    for report in reports:
        panel = PANELS[report.panel]
        marked = [one for one in report.values if one.flag in _ARROWS or _positive(one)]
        marked.sort(key=lambda one: one.analyte not in _KEY)
        if not marked:
            chosen = [one for one in report.values if one.analyte in _KEY and one.flag][:1]
            if not chosen:
                chosen = [one for one in report.values if report.panel in _SAID and one.text][:2]
            if not chosen:
                found.append(f"{panel.name}未见明显异常")
                continue
            marked = chosen
        said = "，".join(
            [quoted(one, institution, letters=case.style.letters) for one in marked[:most]]
        )
        found.append(f"{panel.name}：{said}")
    return "；".join(found)


def seen(studies: Sequence[Study]) -> str:
    """The studies with their impressions."""
    return "；".join(
        [f"{STUDIES[one.study].name}：{one.impression.rstrip('。')}" for one in studies]
    )


def result(case: Case, analyte: str) -> Value | None:
    """The last number of that analyte at this visit."""
    for report in reversed(case.reports):
        for value in report.values:
            if value.analyte == analyte:
                return value
    return None
