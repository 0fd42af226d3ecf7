"""All texts of a visit, by the keys that the record and its readers know.

Every visit: complaint, present-illness, past-history, examination, advice, allergy where there is
one, auxiliary where something was measured. An admission also: personal-history, family-history,
menses, first-course, admission-course, ward-rounds, operation-record, nursing, discharge-condition,
discharge-orders. A diagnosis by Chinese medicine adds tcm-diagnosis.
"""

from collections.abc import Sequence
from typing import Final

from minkang.synth.record import Line
from minkang.synth.texts import stay
from minkang.synth.texts.advice import advice
from minkang.synth.texts.case import Case
from minkang.synth.texts.complaint import complaint
from minkang.synth.texts.examination import examination, vital_words
from minkang.synth.texts.history import family_history, menses, past_history, personal_history
from minkang.synth.texts.illness import present_illness
from minkang.synth.texts.slips import slipped
from minkang.synth.texts.values import remarkable, seen

_SLIPPERY: Final = ("present-illness", "past-history", "examination", "advice")


def outpatient(
    case: Case, lines: Sequence[Line], institution: str, *, slips: bool = True
) -> dict[str, str]:
    """Outpatient, emergency, home visit or check-up."""
    texts = {
        "complaint": complaint(case),
        "present-illness": present_illness(case),
        "past-history": past_history(case),
        "examination": examination(case),
        "advice": advice(case, lines),
    }
    if case.allergy:
        texts["allergy"] = case.allergy
    _measured(case, texts, institution)
    _chinese(case, texts)
    return _with_slips(case, texts) if slips else texts


def inpatient(
    case: Case, lines: Sequence[Line], home: Sequence[Line], institution: str,
    doctors: tuple[str, str, str], family: tuple[str, ...], *, finished: bool, slips: bool = True,
) -> dict[str, str]:  # fmt: skip
    """An admission. `doctors` are the names of senior, attending and assistant; `home` is what is
    taken along. What belongs to the discharge is left out while the patient is still there."""
    examined = examination(case, whole=True)
    texts = {
        "complaint": complaint(case),
        "present-illness": present_illness(case),
        "past-history": past_history(case, whole=True),
        "personal-history": personal_history(case),
        "family-history": family_history(case, family),
        "examination": examined,
        "first-course": stay.first_course(case, examined),
        "ward-rounds": stay.ward_round(case, doctors[0] + "主任"),
        "nursing": stay.nursing(case, vital_words(case.vitals, letters=True)),
    }
    if case.allergy:
        texts["allergy"] = case.allergy
    woman = menses(case)
    if woman:
        texts["menses"] = woman
    main = next((one for one in case.operations if one.operation.level), None)
    if main is not None:
        assistant = doctors[2] if main.assistant else ""
        texts["operation-record"] = stay.operation_record(case, main, doctors[1], assistant)
    if finished:
        texts["admission-course"] = stay.admission_course(case, lines, institution)
        texts["discharge-condition"] = stay.discharge_condition(case)
        orders = stay.discharge_orders(case, home)
        if orders:
            texts["discharge-orders"] = orders
            texts["advice"] = orders
    _measured(case, texts, institution)
    _chinese(case, texts)
    return _with_slips(case, texts) if slips else texts


def _measured(case: Case, texts: dict[str, str], institution: str) -> None:
    parts = []
    if case.reports:
        parts.append(remarkable(case.reports[:4], institution, case))
    if case.studies:
        parts.append(seen(case.studies[:4]))
    said = "；".join(part for part in parts if part)
    if said:
        texts["auxiliary"] = said + "。"


def _chinese(case: Case, texts: dict[str, str]) -> None:
    said = [one.name for one in case.plan.diagnoses if one.system.startswith("tcm")]
    if said:
        texts["tcm-diagnosis"] = "　".join(said)


def _with_slips(case: Case, texts: dict[str, str]) -> dict[str, str]:
    rate = case.style.slips
    for key in _SLIPPERY:
        if key in texts and case.random.random() < rate:
            texts[key] = slipped(case.random, texts[key])
    return texts
