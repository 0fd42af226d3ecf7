"""The sources as a receiver registers them: one for each system, one more for each table of forms.

A source has one table; forms lie in many. So each form's table is a source of its own; tables of
one system share its numbers of people.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from minkang.synth.speak import catalogue
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.systems import FORM_SYSTEM, System, form_source
from minkang.synth.speak.tables import FLAT, WIDE

_CHANNELS: Final[dict[str, tuple[str, ...]]] = {
    "hl7": ("mllp",),
    "rows": ("table", "mllp"),
    "flat": ("table",),
    "documents": ("document",),
    "bundles": ("fhir",),
}
_TABLES: Final = {
    "basic_information": "个人基本信息表",
    "health_checkup": "健康体检表",
    "hypertension_followup": "高血压随访表",
    "diabetes_followup": "2型糖尿病随访表",
    "family_doctor_contract": "家庭医生签约",
    "referral_out": "转诊单（转出）",
    "referral_back": "转诊单（回转）",
    "disability_assessment": "残疾评定表",
    "birth_certificate": "出生医学证明",
    "newborn_visit": "新生儿家庭访视",
    "child_checkup": "儿童健康检查",
    "first_antenatal_visit": "第1次产前检查",
    "antenatal_visit": "产前随访",
    "postnatal_visit": "产后访视",
    "postnatal_42_day_visit": "产后42天检查",
    "mental_disorder_registration": "严重精神障碍患者登记",
    "mental_disorder_followup": "严重精神障碍患者随访",
    "immunization": "预防接种",
    "infectious_disease_report": "传染病报告卡",
    "death_certificate": "死亡医学证明",
    "ems_call": "院前急救任务单",
    "blood_donation": "献血记录",
    "population_register": "人口登记",
    "institutions": "机构",
    "departments": "科室",
    "staff": "人员",
    "beds": "床位",
    "equipment": "设备",
}
"""What people call the tables."""

_MAPPINGS: Final = {"rows": WIDE, "flat": FLAT}


def registered(setting: Setting) -> dict[str, dict[str, Any]]:
    """All sources by id, with the fields of a source's description."""
    found = {
        system.id: _system(system) for system in setting.systems.values() if system.way != "forms"
    }
    for kind, owner in FORM_SYSTEM.items():
        if (of := setting.systems.get(owner)) is None:
            continue
        source = form_source(owner, kind)
        found[source] = {
            "id": source,
            "name": f"{of.name}·{_TABLES[kind]}",
            "organisation": of.organisation,
            "channels": ["table"],
            "charset": of.charset,
            "namespace": owner,
            "table_mapping": kind,
        }
    return found


def _system(system: System) -> dict[str, Any]:
    channels = list(_CHANNELS[system.way])
    if system.notes == "documents" or system.id == "gangcheng":
        channels.append("document")
    source: dict[str, Any] = {
        "id": system.id,
        "name": system.name,
        "organisation": system.organisation,
        "channels": channels,
        "charset": system.charset,
    }
    if system.way in _MAPPINGS:
        source["table_mapping"] = _MAPPINGS[system.way]
    if system.codes != "loinc" and "mllp" in channels:
        source["codes"] = catalogue.local_codes()
    return source


def as_yaml(sources: Iterable[dict[str, Any]]) -> str:
    """Descriptions of sources as YAML; a JSON object is one, too."""
    head = "# 合成数据的来源 / Sources of synthetic data: nobody in it exists.\n"
    return head + "".join(f"- {json.dumps(one, ensure_ascii=False)}\n" for one in sources)
