"""A note (门诊记录, 病程记录) as a document: title, text, kind, the visit that it is about."""

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import msgspec

from minkang.fhir import Resource, local_reference
from minkang.record.writing.about import About, account_reference, organisation_reference

NOTE_SYSTEM: Final = "urn:minkang:note"
LONGEST_TITLE: Final = 80
LONGEST_TEXT: Final = 20_000
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "outpatient": ("34108-1", "门诊记录"),
    "progress": ("11506-3", "病程记录"),
    "home": ("34109-9", "入户访视记录"),
}
"""By key: LOINC and what it is called."""

_XHTML: Final = "http://www.w3.org/1999/xhtml"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a clinician wrote; `visit` is the id of an Encounter, '' for none."""

    kind: str
    title: str
    text: str
    visit: str = ""


def clean(text: str) -> str:
    """What somebody typed, without what XML has no place for; lines end as on Unix."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def faults(note: Note) -> dict[str, str]:
    """What is wrong, by field: `required` or `too-long` or `unknown`."""
    found = {}
    for field, text, most in (
        ("title", note.title, LONGEST_TITLE),
        ("text", note.text, LONGEST_TEXT),
    ):
        if not text:
            found[field] = "required"
        elif len(text) > most:
            found[field] = "too-long"
    if note.kind not in KINDS:
        found["kind"] = "unknown"
    return found


def composition_of(note: Note, about: About) -> Resource:
    """The note as a Composition (FHIR R4)."""
    code, words = KINDS[note.kind]
    found: Resource = {
        "resourceType": "Composition",
        "id": about.key,
        "identifier": {"system": NOTE_SYSTEM, "value": about.key},
        "status": "final" if about.version == 0 else "amended",
        "type": {"coding": [{"system": "http://loinc.org", "code": code}], "text": words},
        "subject": {"reference": f"Patient/{about.patient}"},
        "date": about.now.isoformat(timespec="seconds"),
        "author": [account_reference(about), organisation_reference(about)],
        "title": note.title,
        "custodian": organisation_reference(about),
        "section": [
            {"title": words, "text": {"status": "additional", "div": _narrative(note.text)}}
        ],
    }
    if note.visit:
        found["encounter"] = {"reference": f"Encounter/{note.visit}"}
    return found


def note_of(composition: Resource) -> Note | None:
    """The note of a Composition; None if it is none of these."""
    if composition.get("identifier", {}).get("system") != NOTE_SYSTEM:
        return None
    coding: dict[str, Any] = next(iter(composition["type"].get("coding", [])), {})
    kinds = {code: key for key, (code, _) in KINDS.items()}
    visit = local_reference(composition.get("encounter"))
    return Note(
        kind=kinds.get(str(coding.get("code", "")), "outpatient"),
        title=composition.get("title", ""),
        text=_text(composition["section"][0]["text"]["div"]),
        visit=visit[1] if visit else "",
    )


def _narrative(text: str) -> str:
    """A paragraph a line: only text, whatever it looks like."""
    lines = "".join(f"<p>{escape(line) or '&#160;'}</p>" for line in text.split("\n"))
    return f'<div xmlns="{_XHTML}">{lines}</div>'


def _text(div: str) -> str:
    lines = ["".join(one.itertext()) for one in ET.fromstring(div)]  # noqa: S314 - ours
    return "\n".join("" if line == "\xa0" else line for line in lines)
