"""Pieces of a layout for facts that never were a document: the same that `mappings.cda` keeps."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from minkang.exchange.mappings.cda import layout_terms as terms

ELEMENTS: Final = "urn:oid:2.16.156.10011.2.2.1"
LOINC: Final = "urn:oid:2.16.840.1.113883.6.1"

Piece = dict[str, Any]
"""A section of a Composition."""


def section(code: str, title: str, acts: Iterable[Piece]) -> Piece:
    """A section of the document; without a code it has a name only."""
    made: Piece = {"title": title, "section": list(acts)}
    if code:
        made["code"] = {"coding": [{"system": LOINC, "code": code}]}
    return made


def element(
    code: str,
    label: str,
    fact: str,
    inner: Iterable[Piece] = (),
    *,
    key: str = "",
    time: str | None = None,
) -> Piece:
    """A data element whose value a resource says, under its code or another key."""
    made = _named(code, label, inner)
    made["entry"] = [{"reference": fact}]
    if key:
        made["extension"] = [{"url": terms.FROM, "valueString": key}]
    if time:
        made.setdefault("extension", []).append({"url": terms.TIME, "valueDateTime": time})
    return made


def given(code: str, label: str, value: Mapping[str, Any], inner: Iterable[Piece] = ()) -> Piece:
    """A data element whose value follows from the facts: `{"valueBoolean": True}`."""
    made = _named(code, label, inner)
    made["extension"] = [{"url": terms.VALUE, **value}]
    return made


def act(
    name: str,
    inner: Iterable[Piece] = (),
    *,
    heads: Iterable[tuple[str, str]] = (),
    more: Iterable[Piece] = (),
) -> Piece:
    """An organizer, procedure or substanceAdministration; `heads` are names and resources."""
    made: Piece = {"extension": [{"url": terms.ACT, "valueCode": name}, *more]}
    for key, fact in heads:
        parts = [
            {"url": "name", "valueString": key},
            {"url": "fact", "valueReference": {"reference": fact}},
        ]
        made["extension"].append({"url": terms.HEAD, "extension": parts})
    if nested := list(inner):
        made["section"] = nested
    return made


def when(time: str) -> Piece:
    """When an act took place."""
    return {"url": terms.TIME, "valueDateTime": time}


def took_part(kind: str, **parts: str) -> Piece:
    """A performer, author or participant with what is known of them."""
    named = [{"url": name, "valueString": text} for name, text in parts.items() if text]
    return {
        "url": terms.PARTICIPATION,
        "extension": [{"url": "kind", "valueCode": kind}, *named],
    }


def _named(code: str, label: str, inner: Iterable[Piece]) -> Piece:
    made: Piece = {"title": label, "code": {"coding": [{"system": ELEMENTS, "code": code}]}}
    if nested := list(inner):
        made["section"] = nested
    return made
