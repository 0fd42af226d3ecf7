"""A document as plain text to read: its sections with what their entries say. Pure.

Whatever a source wrote comes out as text without markup; the templates escape it like any other.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final

import msgspec

from minkang.fhir import Resource
from minkang.record.fact import concept_text
from minkang.record.life import Life

_DEEPEST: Final = 6
_ENTRIES: Final = 400
_LONGEST: Final = 60_000
_BREAKS: Final = frozenset({"br", "div", "p", "li", "tr"})


class PlainSection(msgspec.Struct, frozen=True):
    """A section: its title, and its lines as (what, value); what is empty for running text."""

    title: str
    lines: tuple[tuple[str, str], ...]


def plain_sections(resource: Resource, life: Life) -> tuple[PlainSection, ...]:
    """The sections of a Composition, the text of a DocumentReference, the words of a report."""
    if resource.get("resourceType") == "Composition":
        known = {f"{kind}/{one.id}": one.resource for kind in life.facts for one in life.of(kind)}
        sections = (_section(one, known) for one in resource.get("section", []))
        return tuple(one for one in sections if one.lines)
    if resource.get("resourceType") == "DocumentReference":
        lines = tuple(("", text) for text in _attached(resource))
        return (PlainSection("", lines),) if lines else ()
    said = str(resource.get("conclusion", "")).strip()
    return (PlainSection("", (("", said),)),) if said else ()


def _section(section: Mapping[str, Any], known: Mapping[str, Resource]) -> PlainSection:
    lines = list(_lines(section, known, 0))[:_ENTRIES]
    return PlainSection(str(section.get("title", "")), tuple(dict.fromkeys(lines)))


def _lines(
    section: Mapping[str, Any], known: Mapping[str, Resource], depth: int
) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if written := _without_markup(str((section.get("text") or {}).get("div", ""))):
        yield ("", written)
    for entry in section.get("entry", []):
        found = known.get(str(entry.get("reference", "")))
        if found is not None:
            yield from _said(found)
    for inner in section.get("section", []):
        yield from _lines(inner, known, depth + 1)


def _said(resource: Resource) -> Iterator[tuple[str, str]]:
    """What an entry says, as lines; nothing where it has no words."""
    kind = resource.get("resourceType")
    if kind == "Observation":
        for part in resource.get("component") or [resource]:
            value = _value(part)
            if value and (part.get("valueQuantity") or not value.isdigit()):
                yield (concept_text(part.get("code")), value)
    elif kind in ("MedicationRequest", "MedicationStatement"):
        dosage = (resource.get("dosageInstruction") or resource.get("dosage") or [{}])[0]
        name = concept_text(resource.get("medicationCodeableConcept"))
        if name:
            yield (name, str(dosage.get("text", "")))
    elif kind == "FamilyMemberHistory":
        names = (concept_text(one.get("code")) for one in resource.get("condition", []))
        said = "、".join(name for name in names if name and not name.isdigit())
        if said:
            yield (concept_text(resource.get("relationship")), said)
    elif kind == "Immunization":
        yield (concept_text(resource.get("vaccineCode")), "")
    elif kind == "ServiceRequest":
        yield (concept_text(resource.get("code")), str(resource.get("occurrenceDateTime", ""))[:10])
    else:
        name = concept_text(resource.get("code"))
        if name and not name.isdigit():
            yield (name, str(resource.get("conclusion", "")))


def _value(part: Mapping[str, Any]) -> str:
    quantity = part.get("valueQuantity")
    if quantity is not None and "value" in quantity:
        return f"{quantity['value']} {quantity.get('unit', '')}".strip()
    if "valueCodeableConcept" in part:
        return concept_text(part["valueCodeableConcept"])
    return str(part.get("valueString") or part.get("valueDateTime") or "")


def _attached(resource: Resource) -> Iterator[str]:
    """The texts that a DocumentReference holds itself; other files are not for reading here."""
    for content in resource.get("content", []):
        attachment = content.get("attachment") or {}
        if not str(attachment.get("contentType", "")).startswith("text/plain"):
            continue
        try:
            data = base64.b64decode(str(attachment.get("data", "")), validate=True)
            yield data.decode("utf-8")[:_LONGEST]
        except (binascii.Error, UnicodeDecodeError):
            continue


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _BREAKS and self.parts:
            self.parts.append("\n")


def _without_markup(text: str) -> str:
    """The words of a narrative; a new line where an element begins one."""
    reader = _Text()
    reader.feed(text[:_LONGEST])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)
