"""The information systems of the region: which institutions they serve, and how each speaks.

A hospital has a system of its own; grassroots institutions, maternal and child health and private
clinics share one each. Forms of public health lie in the systems of those who run the programme,
whatever institution filled them in. HL7 v2 comes in the versions that are really found side by
side (2.3 to 2.8); what differs between vendors is a field of `System`.
"""

from typing import Any, Final, Literal

import msgspec

Way = Literal["hl7", "rows", "flat", "documents", "bundles", "forms"]
"""Messages; visits as wide rows with laboratory messages beside; one flat row a visit; shared
documents; FHIR bundles; forms alone.
"""


class System(msgspec.Struct, frozen=True):
    """One information system.

    Attributes:
        id: what its messages call it, and id of its source.
        name: what people call it.
        organisation: code of the institution that its data belongs to.
        way: how visits leave it.
        charset: a Python codec.
        version: of HL7 v2.
        split: whether family and given name stand apart.
        codes: LOINC alone, local codes with LOINC beside most of them, or local codes alone.
        once: whether a visit is reported once, when it is over.
        orders: whether orders are sent, and not only results.
        daily: whether the laboratory sends a day's reports of a visit together.
        notes: how the records in words leave it.
        prefix: of its control ids.
        shared: whether it serves several institutions.
        vendor: who made it (invented).
    """

    id: str
    name: str
    organisation: str
    way: Way
    charset: str = "utf-8"
    version: str = "2.5.1"
    split: bool = False
    codes: Literal["loinc", "beside", "local"] = "beside"
    once: bool = False
    orders: bool = True
    daily: bool = False
    notes: Literal["", "messages", "documents"] = ""
    prefix: str = ""
    shared: bool = False
    vendor: str = ""


_OWN: Final[dict[str, dict[str, Any]]] = {
    "haibin": {
        "way": "hl7",
        "version": "2.5.1",
        "codes": "loinc",
        "daily": True,
        "notes": "documents",
        "prefix": "HB",
        "vendor": "潮汐医信",
    },
    "gangcheng": {
        "way": "hl7",
        "version": "2.4",
        "charset": "gb18030",
        "split": True,
        "once": True,
        "prefix": "GC",
        "vendor": "岐黄数码",
    },
    "songling": {
        "way": "hl7",
        "version": "2.3.1",
        "split": True,
        "notes": "messages",
        "prefix": "SL",
        "vendor": "松涛软件",
    },
    "jingwei": {"way": "rows", "charset": "gb18030", "prefix": "JW", "vendor": "静海医信"},
    "chuanran": {"way": "documents", "prefix": "CR", "vendor": "潮汐医信"},
}
"""Institutions whose system is their own and is like no other."""

_SHARED: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "fuyou": ("区域妇幼健康信息系统", "MK37109800900000990001", {"way": "rows", "prefix": "FY"}),
    "jiceng": ("基层医疗卫生云平台", "MK37109800900000990002", {"way": "rows", "prefix": "JC"}),
    "minban": ("民营诊所登记平台", "MK37109800900000990003", {"way": "flat"}),
    "jikong": ("疾病预防控制信息系统", "MK37109800900000990004", {"way": "forms"}),
    "jijiu": ("院前急救调度系统", "MK37109800900000990005", {"way": "forms"}),
    "xueye": ("血站业务系统", "MK37109800900000990006", {"way": "forms"}),
    "renkou": ("全员人口信息系统", "MK37109800900000990007", {"way": "forms"}),
    "weijian": ("卫生资源管理系统", "MK37109800900000990008", {"way": "forms"}),
}
"""Systems that serve many institutions, with the organisation that runs each."""

_HABITS: Final[tuple[dict[str, Any], ...]] = (
    {"way": "bundles", "vendor": "云帆健康"},
    {"way": "hl7", "version": "2.6", "codes": "loinc", "notes": "messages", "vendor": "云帆健康"},
    {"way": "hl7", "version": "2.3", "split": True, "once": True, "orders": False,
     "vendor": "松涛软件"},
    {"way": "hl7", "version": "2.8", "daily": True, "vendor": "碧波数据"},
    {"way": "hl7", "version": "2.5", "split": True, "codes": "local", "vendor": "岐黄数码"},
    {"way": "hl7", "version": "2.7", "notes": "messages", "vendor": "碧波数据"},
)  # fmt: skip
"""The habits of the other hospitals' systems, dealt out in the order of their keys."""

FORM_SYSTEM: Final = {
    **dict.fromkeys(
        (
            "basic_information", "health_checkup", "hypertension_followup", "diabetes_followup",
            "family_doctor_contract", "referral_out", "referral_back", "disability_assessment",
        ),
        "jiceng",
    ),
    **dict.fromkeys(
        (
            "birth_certificate", "newborn_visit", "child_checkup", "first_antenatal_visit",
            "antenatal_visit", "postnatal_visit", "postnatal_42_day_visit",
        ),
        "fuyou",
    ),
    **dict.fromkeys(("mental_disorder_registration", "mental_disorder_followup"), "jingwei"),
    **dict.fromkeys(
        ("immunization", "infectious_disease_report", "death_certificate"), "jikong"
    ),
    "ems_call": "jijiu",
    "blood_donation": "xueye",
    "population_register": "renkou",
    **dict.fromkeys(("institutions", "departments", "staff", "beds", "equipment"), "weijian"),
}  # fmt: skip
"""Which system keeps a kind of form."""


def systems_of(place: Any) -> dict[str, System]:
    """All systems by id, from the institutions of a place and `Institution.system`."""
    served: dict[str, list[Any]] = {}
    for institution in place.institutions:
        served.setdefault(institution.system, []).append(institution)
    found: dict[str, System] = {}
    others = []
    for key, institutions in served.items():
        first = institutions[0]
        shared = len(institutions) > 1
        if key == "yunxi":
            found[key] = System(key, first.name, first.code, "flat", vendor="云溪自建")
        elif key in _OWN:
            found[key] = System(key, first.name, first.code, **_OWN[key], shared=shared)
        elif key and key not in _SHARED:
            others.append(key)
    for number, key in enumerate(sorted(others)):
        first, habits = served[key][0], _HABITS[number % len(_HABITS)]
        prefix, shared = f"X{number + 1:02d}", len(served[key]) > 1
        found[key] = System(key, first.name, first.code, **habits, prefix=prefix, shared=shared)
    for key, (name, organisation, habits) in _SHARED.items():
        found[key] = System(key, name, organisation, **habits, shared=True)
    return dict(sorted(found.items()))


def form_source(system: str, kind: str) -> str:
    """The id of the source that a table is registered as: each table is a source of its own."""
    return f"{system}-{kind.replace('_', '-')}"
