"""What a rule says, and what it is asked about."""

from typing import Literal

import msgspec

from minkang.fhir import Resource
from minkang.record.cds.knowledge import Reason

Urgency = Literal["info", "warning", "critical"]


class Draft(msgspec.Struct, frozen=True):
    """An order as it is being written.

    Attributes:
        resource: a ServiceRequest or MedicationRequest.
        name: what is ordered, in words.
    """

    resource: Resource
    name: str

    @property
    def reference(self) -> str:
        """`ServiceRequest/ID`; empty if the order has no id yet."""
        number = self.resource.get("id", "")
        return f"{self.resource.get('resourceType', '')}/{number}" if number else ""


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a record has to say.

    Attributes:
        rule: `allergies`, `chronic`, `last-visit`, `repeat`, `duplicate`, `allergy`.
        what: id of the listed item or class; never of the resident.
        summary: a sentence, shorter than 140 characters (CDS Hooks 2.0, card.summary).
        detail: Markdown.
        drop: the order that need not be made, as a reference; empty: nothing is suggested.
        reasons: why one may do otherwise.
    """

    rule: str
    what: str
    urgency: Urgency
    summary: str
    detail: str
    drop: str = ""
    reasons: tuple[Reason, ...] = ()


LONGEST = 139


def cut(text: str, most: int = LONGEST) -> str:
    """A text on one line, not longer than a card's summary may be."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def plain(text: str) -> str:
    """A text of the record inside Markdown: what would be markup or HTML there shows as it is."""
    kept = " ".join(str(text).split())
    for sign in "\\`*_[]<>|#~!":
        kept = kept.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "＜", ">": "＞"}[sign])
    return kept
