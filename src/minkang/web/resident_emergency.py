"""The emergency sheet (急救卡) and the card for the wallet: what a rescuer must know first.

It tells blood group, allergies, long-lasting diseases, medicines and whom to call; no identity
number stands on it, since a card is lost easily.
"""

from collections.abc import Iterable
from typing import Any, Final

from minkang.record.fact import concept_code, concept_text
from minkang.store import Stored
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_medicines import TYPES as MEDICINE_TYPES
from minkang.web.resident_medicines import names_now
from minkang.web.resident_problems import lasting_names
from minkang.web.wording import Who

TYPES: Final = (
    "Condition",
    *MEDICINE_TYPES,
    "Observation",
    "Patient",
    "RelatedPerson",
)
_ABO: Final = frozenset({"883-9", "882-1"})
_RH: Final = frozenset({"10331-7"})
_NOT_ALLERGIC: Final = frozenset({"", "无", "否认", "1", "01", "不详"})
_GONE: Final = frozenset({"inactive", "resolved"})
_ON_CARD: Final = 4


def emergency_context(asked: OwnAsked) -> dict[str, Any]:
    """What resident/emergency.html shows."""
    patients = asked.life.of("Patient")
    group, unsure = blood_group(asked.life.of("Observation"))
    allergies = allergies_of(asked.life.of("AllergyIntolerance"))
    problems, medicines = lasting_names(asked), names_now(asked)
    return {
        "who": Who(asked.own.resident, asked.visitor.now),
        "group": group,
        "group_unsure": unsure,
        "allergies": allergies,
        "problems": problems,
        "medicines": medicines,
        "contacts": contacts_of(patients, asked.life.of("RelatedPerson"), asked.own.resident.name),
        "doctors": _doctors(patients),
        "on_card": _ON_CARD,
        "day": asked.visitor.now,
    }


def blood_group(observations: Iterable[Stored]) -> tuple[str, bool]:
    """The blood group as sources agree on it, with Rh; and whether they contradict each other.

    Where they do, no group is told: a wrong one on a card is worse than none.
    """
    abo: set[str] = set()
    rhesus: set[str] = set()
    for stored in observations:
        resource = stored.resource
        if resource.get("status") in ("entered-in-error", "cancelled"):
            continue
        codes = {coding.get("code") for coding in (resource.get("code") or {}).get("coding", [])}
        if not codes & (_ABO | _RH):
            continue
        value = resource.get("valueCodeableConcept")
        said = concept_text(value) if value else str(resource.get("valueString", ""))
        if not said.strip() or "不详" in said or said.strip().isdigit():
            continue
        (abo if codes & _ABO else rhesus).add(_plain_group(said))
    if len(abo) > 1 or len(rhesus) > 1:
        return "", True
    return " ".join([*abo, *rhesus]), False


def _plain_group(said: str) -> str:
    """`A`, `A型` and `A 型` are one group; `阳性` and `Rh阳性` are one."""
    text = said.strip().upper().replace(" ", "").removesuffix("型")
    if text in ("A", "B", "O", "AB"):
        return f"{text} 型"
    for mark, plain in (
        ("阳", "Rh 阳性"),
        ("+", "Rh 阳性"),
        ("POS", "Rh 阳性"),
        ("阴", "Rh 阴性"),
        ("-", "Rh 阴性"),
        ("NEG", "Rh 阴性"),
    ):
        if mark in text:
            return plain
    return said.strip()


def allergies_of(allergies: Iterable[Stored]) -> list[str]:
    """What the resident does not tolerate, each once; refuted and resolved ones are left out."""
    names = []
    for stored in allergies:
        resource = stored.resource
        if concept_code(resource.get("clinicalStatus")) in _GONE:
            continue
        if concept_code(resource.get("verificationStatus")) in ("refuted", "entered-in-error"):
            continue
        name = concept_text(resource.get("code")).strip()
        if name not in _NOT_ALLERGIC and not name.isdigit():
            names.append(name)
    return list(dict.fromkeys(names))


def contacts_of(
    patients: Iterable[Stored], related: Iterable[Stored], own_name: str
) -> list[dict[str, str]]:
    """Whom to call: name, relation and number, each number once; nobody without a number."""
    found: dict[str, dict[str, str]] = {}
    listed = [
        (contact, contact.get("name") or {})
        for stored in patients
        for contact in stored.resource.get("contact", [])
    ]
    listed += [(stored.resource, (stored.resource.get("name") or [{}])[0]) for stored in related]
    for contact, name in listed:
        relation = next((concept_text(one) for one in contact.get("relationship") or []), "")
        for telecom in contact.get("telecom", []):
            number = str(telecom.get("value", "")).strip()
            said = str(name.get("text", "")).strip()
            if number and said != own_name and telecom.get("system", "phone") == "phone":
                found.setdefault(number, {"name": said, "relation": relation, "number": number})
    return list(found.values())


def _doctors(patients: Iterable[Stored]) -> list[str]:
    """The family doctors named by the sources, the last changed first."""
    names = [
        str(one.get("display", "")).strip()
        for stored in sorted(patients, key=lambda one: one.updated, reverse=True)
        for one in stored.resource.get("generalPractitioner", [])
    ]
    return list(dict.fromkeys(name for name in names if name))
