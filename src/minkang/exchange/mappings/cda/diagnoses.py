"""Diagnoses as Conditions.

Code (DE05.01.024.00) and name (DE05.01.025.00) of a diagnosis are siblings: tied only by standing
together in an organizer, or one after the other. In C0045 the code is nested in the name, in C0034
a disease of Chinese medicine has its syndrome nested in it too, with the same codes.

What a diagnosis is for is said by its label (初步诊断-西医诊断编码), else by its section. The label
counts more: C0049 and C0050 put the diagnoses of admission under the section code of discharge.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import ADMISSION, DIAGNOSIS, DISCHARGE, Item, items_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import Concept, attribute_of, text_of
from minkang.exchange.mappings.cda.people import person
from minkang.exchange.mappings.draft import Draft

CODE: Final = "DE05.01.024.00"
NAME: Final = "DE05.01.025.00"
CHINESE_CODE: Final = "DE05.10.130.00"
CHINESE_NAME: Final = "DE05.10.172.00"
ON_ADMISSION: Final = "DE09.00.104.00"
RANK: Final = "DE05.01.080.00"
BEFORE_BIRTH: Final = "DE05.10.109.00"
AFTER_BIRTH: Final = "DE05.10.007.00"
ELEMENT: Final = "urn:minkang:data-element:"
"""Before the code of a data element that has no place in R4: url of an extension."""

_SECTIONS: Final = (DIAGNOSIS, ADMISSION, DISCHARGE)
_CODES: Final = frozenset({CODE, CHINESE_CODE})
_NAMES: Final = frozenset({NAME, CHINESE_NAME, BEFORE_BIRTH, AFTER_BIRTH})
_ALL: Final = _CODES | _NAMES | {ON_ADMISSION}
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/condition-category"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ROLE: Final = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
_SIDES: Final = {
    "证候": "证候",
    "症候": "证候",
    "病名": "病名",
    "中医诊断": "病名",
    "主要": "主要",
    "其他": "其他",
    "病理": "病理",
}


class Role(msgspec.Struct, frozen=True):
    """What a diagnosis is for.

    Attributes:
        text: what a label of it says, 术前诊断.
        use: code of HL7's diagnosis-role, if it has one.
        verification: code of R4's condition-ver-status, if the role means one.
        apart: it is a statement of its document alone: another one of the same disease in the same
            visit (before and after the operation, preliminary and definite) is not the same fact.
    """

    text: str
    use: str = ""
    verification: str = ""
    apart: bool = True


_PLAIN: Final = Role("", apart=False)
_ADMITTED: Final = Role("入院诊断", "AD", apart=False)
_DISCHARGED: Final = Role("出院诊断", "DD", apart=False)
_BY_SECTION: Final = {ADMISSION: _ADMITTED, DISCHARGE: _DISCHARGED}
_BY_LABEL: Final = {
    role.text: role
    for role in (
        _ADMITTED,
        _DISCHARGED,
        Role("初步诊断", "AD", "provisional"),
        Role("修正诊断"),
        Role("确定诊断", verification="confirmed"),
        Role("补充诊断"),
        Role("术前诊断", "pre-op"),
        Role("术后诊断", "post-op"),
        Role("产前诊断"),
        Role("产后诊断"),
        Role("死亡诊断"),
        Role("死亡原因"),
    )
}
_LABELLED: Final = re.compile("|".join(_BY_LABEL))


class _Found:
    """A diagnosis whose parts are being gathered."""

    def __init__(self) -> None:
        self.parts: dict[str, Item] = {}


class Given(msgspec.Struct, frozen=True):
    """A Condition and one role in which a document gives it."""

    draft: Draft
    role: Role


def map_diagnoses(
    case: Case, *, listed: bool = False, sections: tuple[str, ...] = _SECTIONS
) -> list[Draft]:
    """The Conditions of some sections (those for diagnoses; all of them if none is named).

    With `listed` the visit lists them too, in their order, as its reasons and by their role.
    """
    given = diagnoses(case, sections)
    drafts = list({id(one.draft): one.draft for one in given}.values())
    if listed and case.visit is not None and given:
        case.visit.put("reasonCode", [draft.resource["code"] for draft in drafts])
        case.visit.put("diagnosis", [_listed(one, rank) for rank, one in enumerate(given, 1)])
    return drafts


def diagnoses(case: Case, sections: tuple[str, ...] = _SECTIONS) -> list[Given]:
    """The Conditions of some sections, each with its role; one may be given in several."""
    given: list[Given] = []
    for section in case.body.all(*sections):
        beside: list[Item] = []
        for act in section.acts():
            if act.name == "organizer":
                for found in _gathered(items_of(act, section.code), together=True):
                    _condition(case, found, given)
            else:
                beside += items_of(act, section.code)
        for found in _gathered(beside, together=False):
            _condition(case, found, given)
    return given


def element_url(code: str) -> str:
    """The url of an extension that holds a data element."""
    return ELEMENT + "".join(one for one in code if one.isalnum() or one in ".-")


def role_in(label: str) -> str:
    """The role that a label names, 术前诊断; nothing if it names none."""
    match = _LABELLED.search(label)
    return match[0] if match else ""


def _role_of(item: Item) -> Role:
    """What a diagnosis is for, by its labels, else by its section."""
    name = attribute_of(item.node.first("code"), "displayName")
    named = role_in(f"{item.label} {name}")
    return _BY_LABEL[named] if named else _BY_SECTION.get(item.section, _PLAIN)


def _listed(one: Given, rank: int) -> dict[str, Any]:
    found: dict[str, Any] = {"condition": one.draft.reference}
    use: dict[str, Any] = {}
    if one.role.use:
        use["coding"] = [{"system": _ROLE, "code": one.role.use}]
    if one.role.apart:
        use["text"] = one.role.text
    if use:
        found["use"] = use
    found["rank"] = rank
    return found


def _gathered(items: Iterable[Item], *, together: bool) -> list[_Found]:
    """Diagnoses from their parts: a part that is there already begins the next one.

    Disease and syndrome of Chinese medicine have the same codes: their labels keep them apart, and
    so do those of diagnoses for different ends.
    """
    found: list[_Found] = []
    open_ones: dict[str, _Found] = {}

    def put(item: Item, side: str) -> None:
        key = _part(item.code)
        if side not in open_ones or key in open_ones[side].parts:
            open_ones[side] = _Found()
            found.append(open_ones[side])
        open_ones[side].parts[key] = item

    for item in items:
        if item.code not in _ALL:
            continue
        side = "" if together else _role_of(item).text + _side(item)
        put(item, side)
        for inner in item.nested():
            if inner.code not in _ALL:
                continue
            syndrome = _side(inner).endswith("证候") and not _side(item).endswith("证候")
            if syndrome or _part(inner.code) not in open_ones[side].parts:
                put(inner, f"{side}/证候" if syndrome else side)
    return found


def _side(item: Item) -> str:
    """Which of several diagnoses beside each other a part belongs to, by its label."""
    chinese = "中医" if item.code in (CHINESE_CODE, CHINESE_NAME) else ""
    return chinese + next((side for mark, side in _SIDES.items() if mark in item.label), "")


def _part(code: str) -> str:
    if code in _CODES:
        return "code"
    return "name" if code in _NAMES else "admission"


def _condition(case: Case, found: _Found, given: list[Given]) -> None:
    concept = _concept(case, found)
    if concept is None:
        return
    for item in found.parts.values():
        case.body.take(item)
    label = next((item.label for item in found.parts.values() if item.label), "")
    roles = [_role_of(item) for item in found.parts.values()]
    role = next((one for one in roles if one != _PLAIN), _PLAIN)
    condition = _numbered(case, role, concept)
    seen = any(one.draft is condition for one in given)
    if not any(one.draft is condition and one.role == role for one in given):
        given.append(Given(condition, role))
    if seen:
        return
    condition.put("subject", case.patient.reference)
    condition.put("encounter", case.visit.reference if case.visit else None)
    condition.put("code", concept)
    condition.put("clinicalStatus", {"coding": [{"system": _CLINICAL, "code": "active"}]})
    if role.verification:
        status = {"system": _VERIFICATION, "code": role.verification}
        condition.put("verificationStatus", {"coding": [status]})
    coding = {"system": _CATEGORY, "code": "encounter-diagnosis"}
    condition.put("category", [{"coding": [coding], **({"text": label} if label else {})}])
    condition.put("recordedDate", _date(case, found))
    condition.put("recorder", _recorder(case, found) or {"display": case.context.source.name})
    remarks = [text for item in found.parts.values() if (text := text_of(item.node.first("text")))]
    condition.put("note", [{"text": text} for text in remarks])
    condition.put("extension", _more(case, found))


def _numbered(case: Case, role: Role, concept: Concept) -> Draft:
    """The Condition of a diagnosis: one for the visit, or one for the role in this document.

    One code with another name than before is another one: no name gets lost.
    """
    named = concept.get("coding", [{}])[0].get("code") or concept["text"]
    if role.apart:
        number = f"{case.key}/{role.text}/{named}"
    else:
        visit = case.visit.resource["identifier"][0]["value"] if case.visit else case.key
        number = f"{visit}/{case.patient_key}/{named}"
    condition = case.draft("Condition", number)
    before = condition.resource.get("code", concept)
    if before["text"] != concept["text"]:
        return case.draft("Condition", f"{number}/{concept['text']}")
    return condition


def _more(case: Case, found: _Found) -> list[dict[str, Any]]:
    """What else is said of a diagnosis: whether it was there on admission, its rank."""
    more: list[dict[str, Any]] = []
    for key, item in found.parts.items():
        if key == "admission" and (present := case.reader.concept(item.value)):
            more.append({"url": f"{ELEMENT}{ON_ADMISSION}", "valueCodeableConcept": present})
        for inner in item.nested():
            value = None if inner.code in _ALL else case.reader.value(inner.value)
            if value is not None and inner.code:
                more.append({"url": element_url(inner.code), f"value{value[0]}": value[1]})
    return more


def _concept(case: Case, found: _Found) -> Concept | None:
    code, name = found.parts.get("code"), found.parts.get("name")
    concept = case.reader.concept(code.value, "diagnosis") if code else None
    text = text_of(name.value) if name else ""
    if concept is None:
        return {"text": text} if text else None
    return {**concept, "text": text} if text else concept


def _date(case: Case, found: _Found) -> str | None:
    for item in found.parts.values():
        if time := case.reader.time(item.node.first("effectiveTime")):
            return time
    return None


def _recorder(case: Case, found: _Found) -> dict[str, str] | None:
    """Who made the diagnosis, or the institution that did (C0006, C0007)."""
    for item in found.parts.values():
        entity: Element | None = item.node.first("performer", "assignedEntity")
        if who := person(case, entity):
            return who
        if entity and (name := text_of(entity.first("representedOrganization", "name"))):
            return {"display": name}
    return None
