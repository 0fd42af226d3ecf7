"""A document of a record as a sheet to read: from its original where there is one, else from what
it says as resources.

The original lies in the DocumentReference of a shared document. Whoever may not see that (the label
of the most sensitive fact is its own) reads the Composition as far as the scope shows it.
"""

import base64
import binascii
from typing import Final

from minkang.exchange.sheet import Block, Line, Sheet, SheetSection, sheet_of
from minkang.fhir import Refused, Resource
from minkang.record.life import Life
from minkang.web.resident_reading import plain_sections

_XML: Final = "application/xml"


def sheet_to_read(resource: Resource, life: Life) -> Sheet:
    """The sheet of a Composition, a DocumentReference or a DiagnosticReport."""
    for holder in _holders(resource, life):
        found = _original(holder)
        if found is not None and found.sections:
            return found
    return Sheet("", (), tuple(_plain(resource, life)), ())


def _holders(resource: Resource, life: Life) -> list[Resource]:
    if resource.get("resourceType") == "DocumentReference":
        return [resource]
    wanted = f"{resource.get('resourceType')}/{resource.get('id')}"
    return [
        one.resource
        for one in life.of("DocumentReference")
        if any(
            related.get("reference") == wanted
            for related in (one.resource.get("context") or {}).get("related", [])
        )
    ]


def _original(document: Resource) -> Sheet | None:
    """The sheet of a shared document; None of a file of another kind."""
    for content in document.get("content", []):
        attachment = content.get("attachment") or {}
        kind, _, charset = str(attachment.get("contentType", "")).partition("; charset=")
        if kind != _XML or "data" not in attachment:
            continue
        try:
            raw = base64.b64decode(str(attachment["data"]), validate=True)
            return sheet_of(raw, charset or "utf-8")
        except (binascii.Error, Refused):
            return None
    return None


def _plain(resource: Resource, life: Life) -> list[SheetSection]:
    return [
        SheetSection(one.title, tuple(_blocks(one.lines))) for one in plain_sections(resource, life)
    ]


def _blocks(lines: tuple[Line, ...]) -> list[Block]:
    """Running text apart from lines that have a name."""
    blocks: list[Block] = []
    for what, value in lines:
        if not what:
            blocks.append(Block("text", text=value))
        elif blocks and blocks[-1].kind == "lines":
            blocks[-1] = Block("lines", lines=(*blocks[-1].lines, (what, value)))
        else:
            blocks.append(Block("lines", lines=((what, value),)))
    return blocks
