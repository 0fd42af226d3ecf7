"""The letters of WS/T 500 documents: header, sections, data elements, as text.

Written as the schemas of the standard lay each kind out; attributes and elements that a schema
demands and a system does not know hold NA or nothing, as hospitals write them.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from xml.sax.saxutils import escape as _xml

import msgspec

from minkang.synth.record import LOCAL
from minkang.synth.speak.registration import Registered

OID: Final = "2.16.156.10011.1."
"""Before the number that says of what something is the number: 11 outpatient, 12 inpatient."""

_ELEMENTS: Final = 'codeSystem="2.16.156.10011.2.2.1" codeSystemName="卫生信息数据元目录"'
_LOINC: Final = 'codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"'
_SEXES: Final = {"M": ("1", "男性"), "F": ("2", "女性")}
_QUOTE: Final = {'"': "&quot;"}
_PLAIN: Final = frozenset('&<>"\n\x1a').isdisjoint


class Signature(msgspec.Struct, frozen=True):
    """Who signed: staff code, name, title, when."""

    code: str
    name: str
    title: str
    at: datetime


class Head(msgspec.Struct, frozen=True):
    """What the header of a document says.

    `numbers` are (OID's last part, number) of the patient's visit and papers; `age` unit and
    value; `institution` 18 characters and name.
    """

    kind: str
    title: str
    number: str
    made: datetime
    patient: Registered
    numbers: tuple[tuple[str, str], ...]
    age: tuple[str, int]
    institution: tuple[str, str]
    department: str
    author: Signature
    signer: Signature


def text(value: str) -> str:
    """A text within an element, without what XML or the standard forbids."""
    return value if _PLAIN(value) else _xml(value.replace("\x1a", ""))


def attribute(value: str) -> str:
    """A text within an attribute."""
    return value if _PLAIN(value) else _xml(value.replace("\n", " "), _QUOTE)


def stamp(at: datetime) -> str:
    """A TS: 20260501080000, the region's clock."""
    m = at if at.tzinfo is LOCAL else at.astimezone(LOCAL)
    return f"{m.year:04d}{m.month:02d}{m.day:02d}{m.hour:02d}{m.minute:02d}{m.second:02d}"


def day(value: date) -> str:
    """A TS of a day: 20260501."""
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def age_on(birth: date, on: date, units: str) -> tuple[str, int]:
    """An age as a header has it: the first of the `units` (岁月周天日) that is not nought."""
    days = max(0, (on - birth).days)
    for unit, length in (("岁", 365.25), ("月", 30.44), ("周", 7), ("天", 1), ("日", 1)):
        if unit in units and (value := int(days / length)) >= 1:
            return unit, value
    return units[-1], 1


def string(value: str) -> str:
    """An ST."""
    return f'<value xsi:type="ST">{text(value)}</value>'


def coded(code: str, name: str, system: str) -> str:
    """A CD of a table of 2.16.156.10011."""
    return (
        f'<value xsi:type="CD" code="{attribute(code)}" displayName="{attribute(name)}" '
        f'codeSystem="2.16.156.10011.{system}" codeSystemName="代码表"/>'
    )


def number(kind: str, value: str, unit: str = "", *, name: str = "unit") -> str:
    """A PQ, REAL, INT, BL or MO (`name` currency)."""
    rest = f' {name}="{attribute(unit)}"' if unit else ""
    return f'<value xsi:type="{kind}" value="{value}"{rest}/>'


def element(
    code: str,
    label: str,
    value: str,
    *nested: str,
    qualifier: str = "",
    before: str = "",
    after: str = "",
) -> str:
    """An observation of a data element, with what is nested in it."""
    inner = "".join(
        [f'<entryRelationship typeCode="COMP">{one}</entryRelationship>' for one in nested]
    )
    said = f'<qualifier><name displayName="{qualifier}"/></qualifier>' if qualifier else ""
    named = f'<code code="{code}" {_ELEMENTS} displayName="{attribute(label)}"'
    named += f">{said}</code>" if said else "/>"
    return (
        f'<observation classCode="OBS" moodCode="EVN">{named}{before}{value}{after}{inner}'
        "</observation>"
    )


def organizer(parts: Iterable[str]) -> str:
    """Observations that belong together."""
    inner = "".join([f"<component>{one}</component>" for one in parts])
    return f'<organizer classCode="CLUSTER" moodCode="EVN"><statusCode/>{inner}</organizer>'


def section(code: str, name: str, *entries: str) -> str:
    """A section with its entries; nothing where it has none."""
    body = "".join([f"<entry>{entry}</entry>" for entry in entries if entry])
    if not body:
        return ""
    named = f'<code code="{code}" displayName="{name}" {_LOINC}/>' if code else ""
    named = named or f'<code displayName="{name}"/>'
    return f"<component><section>{named}<text/>{body}</section></component>"


def opened(head: Head) -> str:
    """From the root element to the patient's role, open."""
    template = 20 + int(head.kind[1:])
    numbers = "".join(
        [
            f'<id root="{OID}{root}" extension="{attribute(value or "NA")}"/>'
            for root, value in head.numbers
        ]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ClinicalDocument xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<realmCode code="CN"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_MT000040"/>'
        f'<templateId root="2.16.156.10011.2.1.1.{template}"/>'
        f'<id root="{OID}1" extension="{head.number}"/>'
        f'<code code="{head.kind}" codeSystem="2.16.156.10011.2.4" '
        'codeSystemName="卫生信息共享文档规范编码体系"/>'
        f'<title>{head.title}</title><effectiveTime value="{stamp(head.made)}"/>'
        '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" '
        'codeSystemName="Confidentiality" displayName="正常访问保密级别"/>'
        '<languageCode code="zh-CN"/><setId/><versionNumber>1</versionNumber>'
        '<recordTarget typeCode="RCT" contextControlCode="OP"><patientRole classCode="PAT">'
        f"{numbers}"
    )


def person(head: Head, *, birth: bool, more: str = "") -> str:
    """The patient; `more` is what stands around the age, at `{age}`."""
    who = head.patient
    code, name = _SEXES.get(who.sex, ("9", "未说明的性别"))
    born = f'<birthTime value="{day(who.birth)}"/>' if birth else ""
    unit, value = head.age
    return (
        '<patient classCode="PSN" determinerCode="INSTANCE">'
        f'<id root="{OID}3" extension="{attribute(who.id_number or "NA")}"/>'
        f"<name>{text(who.name)}</name>"
        f'<administrativeGenderCode code="{code}" codeSystem="2.16.156.10011.2.3.3.4" '
        f'codeSystemName="生理性别代码表(GB/T 2261.1)" displayName="{name}"/>'
        f"{born}{more.replace('{age}', _age(unit, value)) if more else _age(unit, value)}</patient>"
    )


def _age(unit: str, value: int) -> str:
    return f'<age unit="{unit}" value="{value}"/>'


def provider(head: Head) -> str:
    """Department and institution of an outpatient."""
    code, name = head.institution
    return (
        f'<providerOrganization><id root="{OID}26"/><name>{text(head.department)}</name>'
        f'<asOrganizationPartOf><wholeOrganization><id root="{OID}5" extension="{code}"/>'
        f"<name>{text(name)}</name></wholeOrganization></asOrganizationPartOf>"
        "</providerOrganization>"
    )


def staff(head: Head, *, author_day: bool = False) -> str:
    """Author, custodian, and who answers for it; but for C0002 who signed beside them."""
    code, name = head.institution
    written = day(head.author.at.date()) if author_day else stamp(head.author.at)
    return (
        '<author typeCode="AUT" contextControlCode="OP">'
        f'<time value="{written}"/><assignedAuthor classCode="ASSIGNED">'
        f'<id root="{OID}7" extension="{attribute(head.author.code)}"/>'
        f"<assignedPerson><name>{text(head.author.name)}</name></assignedPerson></assignedAuthor>"
        '</author><custodian typeCode="CST"><assignedCustodian classCode="ASSIGNED">'
        '<representedCustodianOrganization classCode="ORG" determinerCode="INSTANCE">'
        f'<id root="{OID}5" extension="{code}"/><name>{text(name)}</name>'
        "</representedCustodianOrganization></assignedCustodian></custodian>"
        f"{_signatures(head)}"
    )


_PERSON: Final = ' classCode="PSN" determinerCode="INSTANCE"'


def _signatures(head: Head) -> str:
    """The kinds differ in where the time stands and which attributes are demanded."""
    when = stamp(head.signer.at)
    as_text, as_value = f"<time>{when}</time>", f'<time value="{when}"/>'
    if head.kind == "C0002":
        return _signed(head, "legalAuthenticator", as_text, "", "")
    if head.kind == "C0053":
        legal = 'legalAuthenticator typeCode="LA"'
        again, entity = 'authenticator typeCode="AUTHEN"', ' classCode="ASSIGNED"'
        return _signed(head, legal, as_value, "", "") + _signed(
            head, again, as_value, entity, ' classCode="PSN"'
        )
    first = as_value if head.kind == "C0005" else as_text
    return _signed(head, "legalAuthenticator", first, "", _PERSON) + _signed(
        head, "authenticator", as_text, "", _PERSON
    )


def _signed(head: Head, tag: str, time: str, entity: str, person: str) -> str:
    """One signature; `entity` and `person` are attributes of the elements that are called so."""
    signer = head.signer
    return (
        f'<{tag}>{time}<signatureCode/><assignedEntity{entity}><id root="{OID}4" '
        f'extension="{attribute(signer.code)}"/>'
        f'<code displayName="{attribute(signer.title or "医师")}"/><assignedPerson{person}>'
        f"<name>{text(signer.name)}</name></assignedPerson></assignedEntity>"
        f"</{tag.partition(' ')[0]}>"
    )


RELATED: Final = (
    '<relatedDocument typeCode="RPLC"><parentDocument><id/><setId/><versionNumber/>'
    "</parentDocument></relatedDocument>"
)
"""The predecessor that every schema demands, of a document that has none."""


END: Final = "</structuredBody></component></ClinicalDocument>"
"""The end of every document."""
