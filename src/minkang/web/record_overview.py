"""The first tab of a record: what matters whatever the patient has come for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from minkang.record.background import (
    Allergy,
    Chronic,
    Said,
    allergies_of,
    blood_groups,
    chronic_of,
    family_of,
    risks_of,
)
from minkang.record.gaps import Gap, Looked, died_of, gaps_of
from minkang.record.life import Life
from minkang.record.medicines import findings_of, medicines_of
from minkang.record.problems import problem_list
from minkang.record.results import is_result, results_of, series_of
from minkang.record.timeline import timeline_of
from minkang.web.facts import Facts, important
from minkang.web.rendering import N_
from minkang.web.wording import ZONE, age

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = (
    "AllergyIntolerance",
    "Condition",
    "Encounter",
    "FamilyMemberHistory",
    "Immunization",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
)
_VISITS, _MEDICINES = 4, 12
_DISEASES: Final = {"hypertension": N_("高血压"), "diabetes": N_("糖尿病")}
_GAPS: Final = {
    "two-blood-groups": N_("血型不一致"),
    "two-sexes": N_("各机构登记的性别不一致"),
    "two-birth-dates": N_("各机构登记的出生日期不一致"),
    "after-death": N_("死亡日期之后仍有记录"),
    "wrong-clock": N_("记录时间晚于送达时间，来源的时钟可能不准"),
    "allergy-denied": N_("有机构登记过敏，也有机构登记无过敏"),
    "no-allergy-status": N_("未登记过敏史"),
    "no-blood-group": N_("未登记血型"),
    "no-phone": N_("未登记联系电话"),
    "no-haemoglobin": N_("糖尿病患者一年内没有糖化血红蛋白结果"),
}


def overview_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_overview.html shows."""
    now, names = asked.visitor.now, life.names
    problems = problem_list(life.of("Condition"), names)
    observations = [one for one in life.of("Observation") if is_result(one)]
    series = series_of(results_of(observations, names))
    allergies = allergies_of(life.of("AllergyIntolerance"), names)
    blood = blood_groups(life.of("Observation"), names)
    given = [*life.of("MedicationRequest"), *life.of("MedicationStatement")]
    medicines = medicines_of(given, names, now)
    stops = timeline_of(life, died_of(life.of("Patient")))
    codes = [one.code for one in problems]
    years = age(asked.resident.birth_date, now.astimezone(ZONE).date())
    looked = Looked(
        patients=life.of("Patient"), names=names, allergies=allergies, blood=blood, stops=stops,
        series=series, codes=codes, now=now,
    )  # fmt: skip
    current = [one for one in medicines if one.now]
    findings = findings_of(medicines, life.of("AllergyIntolerance"), names, now)
    return {
        "problems": [facts.problem(one) for one in problems],
        "latest": [facts.latest(one) for one in important(series)],
        "visits": [facts.visit(one.visit) for one in stops if one.visit is not None][:_VISITS],
        "allergies": [_allergy(one, facts) for one in allergies],
        "blood": _said(blood[:1], facts),
        "risks": [*_said(risks_of(life.of("Observation"), names), facts)],
        "family": _said(family_of(life.of("FamilyMemberHistory"), names), facts),
        "chronic": [_chronic(one, asked, facts) for one in chronic_of(codes, series, years)],
        "medicines": [
            {
                "name": one.name,
                "how": one.given[0].how,
                "since": one.given[-1].start,
                "source": facts.source(one.given[0].origin),
            }
            for one in current[:_MEDICINES]
        ],
        "medicines_more": max(0, len(current) - _MEDICINES),
        "warnings": len(findings),
        "vaccinations": len(life.of("Immunization")),
        "gaps": [_gap(one, asked, facts) for one in gaps_of(looked)],
    }


def _allergy(one: Allergy, facts: Facts) -> dict[str, Any]:
    return {
        "name": one.name,
        "reactions": one.reactions,
        "high": one.high,
        "none": one.none,
        "at": one.at,
        "source": facts.source(one.origin),
    }


def _said(several: Sequence[Said], facts: Facts) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "value": one.value, "at": one.at, "source": facts.source(one.origin)}
        for one in several
    ]


def _chronic(one: Chronic, asked: "Asked", facts: Facts) -> dict[str, Any]:
    return {
        "name": asked.visitor.say(_DISEASES[one.disease]),
        "value": one.value,
        "unit": one.unit,
        "at": one.at,
        "controlled": one.controlled,
        "goal": one.goal,
        "source": None if one.origin is None else facts.source(one.origin),
    }


def _gap(one: Gap, asked: "Asked", facts: Facts) -> dict[str, Any]:
    return {
        "wrong": one.wrong,
        "words": asked.visitor.say(_GAPS[one.kind]),
        "values": "，".join(one.values[:4]),
        "sources": [facts.source(origin) for origin in one.origins[:4]],
    }
