"""The first tab of a record: what matters whatever the patient has come for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from minkang.record.background import (
    Allergy,
    Said,
    allergies_of,
    blood_groups,
    chronic_of,
    family_of,
    risks_of,
)
from minkang.record.due.of_life import Standing, standings_of
from minkang.record.family_doctor import family_doctors_of
from minkang.record.gaps import Gap, Looked, died_of, gaps_of
from minkang.record.life import Life, Newest
from minkang.record.medicines import findings_of, medicines_of
from minkang.record.pregnancies import pregnancies_of
from minkang.record.problems import problem_list
from minkang.record.results import is_result, results_of, series_of
from minkang.record.timeline import timeline_of
from minkang.web.facts import Facts, important
from minkang.web.record_cards import (
    ICD_10,
    chronic_shown,
    doctors_shown,
    pregnancy_shown,
    services_shown,
    today_of,
    vaccinations_shown,
)
from minkang.web.rendering import N_
from minkang.web.wording import age

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = (
    "AllergyIntolerance",
    "CareTeam",
    "Composition",
    "Condition",
    "Encounter",
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Immunization",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "ServiceRequest",
)
NEWEST: Final = Newest(
    "Observation",
    1_000,
    # Blood group, smoking and drinking, last period, expected date; what tells of chronic diseases.
    (
        "882-1", "883-9", "72166-2", "11331-6", "11367-0", "74013-4", "8665-2", "11778-8",
        "85354-9", "1558-6", "4548-4",
    ),
)  # fmt: skip
"""What an overview needs of the values of a long life."""
_VISITS, _MEDICINES = 4, 12
_GAPS: Final = {
    "two-blood-groups": N_("血型不一致"),
    "two-sexes": N_("各机构登记的性别不一致"),
    "two-birth-dates": N_("各机构登记的出生日期不一致"),
    "after-death": N_("死亡日期之后仍有记录"),
    "wrong-clock": N_("记录时间晚于送达时间，来源的时钟可能不准"),
    "allergy-denied": N_("有机构登记过敏，也有机构登记无过敏"),
    "two-family-doctors": N_("同时有几份有效的家庭医生签约"),
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
    results = results_of(observations, names)
    series = series_of(results)
    allergies = allergies_of(life.of("AllergyIntolerance"), names)
    blood = blood_groups(life.of("Observation"), names)
    given = [*life.of("MedicationRequest"), *life.of("MedicationStatement")]
    medicines = medicines_of(given, names, now)
    stops = timeline_of(life, died_of(life.of("Patient")), results)
    today = today_of(asked)
    documents, patients = life.of("Composition"), life.of("Patient")
    doctors = family_doctors_of(life.of("CareTeam"), documents, patients, names, today)
    standings = standings_of(life, asked.resident, today)
    carrying = [*life.of("Condition"), *life.of("Encounter"), *life.of("Observation")]
    codes = [one.code for one in problems]
    chronic = chronic_of(
        [*codes, *_managed(standings)], series, age(asked.resident.birth_date, today)
    )
    looked = Looked(
        patients=patients, names=names, allergies=allergies, blood=blood, stops=stops,
        series=series, codes=codes, now=now, doctors=doctors,
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
        "doctors": doctors_shown(doctors, asked, facts),
        "chronic": chronic_shown(chronic, standings, problems, asked, facts),
        "services": services_shown(standings, asked, facts),
        "vaccinations": vaccinations_shown(asked, life, facts),
        "pregnancy": pregnancy_shown(pregnancies_of(carrying, names, now), asked, life, facts),
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


def _managed(standings: Sequence[Standing]) -> list[str]:
    """A code for each chronic disease that somebody looks after, diagnosed or not."""
    keys = (one.service.key for one in standings if one.care is not None)
    return [ICD_10[key][0] for key in keys if key in ICD_10]


def _gap(one: Gap, asked: "Asked", facts: Facts) -> dict[str, Any]:
    return {
        "wrong": one.wrong,
        "words": asked.visitor.say(_GAPS[one.kind]),
        "values": "，".join(one.values[:4]),
        "sources": [facts.source(origin) for origin in one.origins[:4]],
    }
