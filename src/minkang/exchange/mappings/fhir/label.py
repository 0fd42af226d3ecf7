"""What the message log shows of a FHIR message before anybody has judged it."""

from typing import Any

import msgspec

from minkang.fhir import TYPE_CODES


class _Head(msgspec.Struct):
    resourceType: str = ""  # noqa: N815 - FHIR's own names
    type: Any = None
    id: Any = None
    identifier: Any = None


def label_of(raw: bytes) -> tuple[str, str]:
    """Kind and name: `fhir:Bundle:transaction` and the identifier or id that it has.

    It refuses nothing; what can't be read is left empty.
    """
    try:
        head = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=_Head)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return "fhir", ""
    if head.resourceType not in TYPE_CODES:
        return "fhir", ""
    kind = f"fhir:{head.resourceType}"
    if head.resourceType == "Bundle" and isinstance(head.type, str):
        kind += f":{head.type[:20]}"
    named = head.identifier.get("value") if isinstance(head.identifier, dict) else None
    name = named if isinstance(named, str) else head.id
    return kind, name if isinstance(name, str) else ""
