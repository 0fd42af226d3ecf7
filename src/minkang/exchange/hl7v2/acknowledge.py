"""Acknowledgements: MSH, MSA, and an ERR for every problem (HL7 v2.5.1, 2.14.2, 2.14.5, 2.14.8)."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from minkang.exchange.hl7v2.message import Segment
from minkang.fhir import Problem

Code = Literal["AA", "AE", "AR"]
"""Accepted; content refused; message refused (unknown sender, unknown type, unreadable)."""

# HL7 table 0357, by our rules; everything else is 207 (application error).
_CONDITIONS = {
    "segment": "100",
    "required": "101",
    "calendar-date": "102",
    "number": "102",
    "code": "103",
    "unknown-event": "201",
    "unknown-type": "200",
}
_ZONE = ZoneInfo("Asia/Shanghai")


def acknowledge(
    msh: Segment | None, code: Code, problems: Sequence[Problem], at: datetime, charset: str
) -> bytes:
    """The answer to a message, in the sender's character set and with his own delimiters.

    A message without a readable MSH is answered with an empty MSA-2.
    """
    separator, component, repeat, escape, sub = tuple((msh.delimiters if msh else "") or "|^~\\&")

    def escaped(text: str) -> str:
        marks = {separator: "F", component: "S", repeat: "R", escape: "E", sub: "T"}
        return "".join(
            f"{escape}{marks[c]}{escape}" if c in marks else (" " if c in "\r\n" else c)
            for c in text
        )

    def answered(field: int) -> str:
        return msh.raw(field) if msh else ""

    event = msh.value(9, 2) if msh else ""
    kind = component.join(part for part in ("ACK", event, "ACK" if event else "") if part)
    time = at.astimezone(_ZONE).strftime("%Y%m%d%H%M%S%z")
    lines = [
        separator.join(
            [
                "MSH",
                component + repeat + escape + sub,
                answered(5) or "MINKANG",
                answered(6) or "REGION",
                answered(3),
                answered(4),
                time,
                "",
                kind,
                secrets.token_hex(10),
                answered(11) or "P",
                answered(12) or "2.4",
                *[""] * 5,
                answered(18),
            ]
        ).rstrip(separator),
        separator.join(["MSA", code, answered(10)]),
    ]
    for problem in problems[:20]:
        condition = _CONDITIONS.get(problem.rule, "207")
        fields = [
            "ERR",
            "",
            escaped(problem.place),
            f"{condition}{component}{escaped(problem.rule)}{component}HL70357",
            "E",
            "",
            "",
            "",
            escaped(problem.text),
        ]
        lines.append(separator.join(fields))
    return ("\r".join(lines) + "\r").encode(charset, errors="replace")
