"""Acknowledgements: MSH, MSA, and an ERR for every problem.

HL7 v2.5.1: 2.9.2 original mode, 2.9.3 enhanced mode, 2.14.2, 2.14.5, 2.14.8 and 2.A.28 (ERL);
v2.4 2.16.5 for the older ERR-1 (ELD); 2.15.1 for batches.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from minkang.exchange.hl7v2.message import Segment
from minkang.fhir import Problem

Code = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
"""Application: accepted; content refused; message refused (unknown sender, unreadable).

Commit (enhanced mode): kept; could not be kept; refused.
"""

_OF_COMMIT: dict[Code, Code] = {"AA": "CA", "AE": "CE", "AR": "CR"}

# HL7 table 0357, by our rules; everything else is 207 (application error).
_CONDITIONS: Final = {
    "segment": "100",
    "order": "100",
    "required": "101",
    "calendar-date": "102",
    "number": "102",
    "base64": "102",
    "code": "103",
    "unknown-event": "201",
}
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_PLACE: Final = re.compile(
    r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+)(?:\.(\d+))?)?)?"
)
_SHOWN: Final = 20


class Wanted(msgspec.Struct, frozen=True):
    """Which acknowledgements a message asks for (MSH-15, MSH-16; HL7 table 0155).

    Without either it is the original mode: one application acknowledgement, always.
    """

    commit: str
    application: str

    def codes(self, code: Code, *, kept: bool) -> list[Code]:
        """What to answer if the application would say `code`: nothing, one or both."""
        if not self.commit and not self.application:
            return [code]
        # Kept but wrong in content is committed all the same.
        committed = "CA" if kept and code != "AR" else _OF_COMMIT[code]
        answers: list[Code] = []
        if _asked(self.commit, success=committed == "CA"):
            answers.append(committed)
        if _asked(self.application, success=code == "AA"):
            answers.append(code)
        return answers


def _asked(condition: str, *, success: bool) -> bool:
    return condition == "AL" or condition == ("SU" if success else "ER")


ORIGINAL: Final = Wanted("", "")
"""One application acknowledgement for every message."""


def wanted(msh: Segment | None) -> Wanted:
    """What a message asks for; a condition that is none of the table counts as `AL`."""
    if msh is None:
        return ORIGINAL
    asked = [msh.value(field).upper() for field in (15, 16)]
    commit, application = (one if one in ("", "AL", "NE", "ER", "SU") else "AL" for one in asked)
    return Wanted(commit, application)


def acknowledge(
    msh: Segment | None, code: Code, problems: Sequence[Problem], at: datetime, charset: str
) -> bytes:
    """The answer to a message, in the sender's character set and with his own delimiters.

    A message without a readable MSH is answered with an empty MSA-2.
    """
    writer = _Writer(msh, charset)
    event = msh.value(9, 2) if msh else ""
    kind = writer.component.join(part for part in ("ACK", event, "ACK" if event else "") if part)
    version = writer.answered(12) or "2.4"
    lines = [
        writer.header(
            "MSH",
            [
                writer.time(at),
                "",
                kind,
                secrets.token_hex(10),
                writer.answered(11) or "P",
                version,
                *[""] * 5,
                writer.answered(18),
            ],
        ),
        writer.segment("MSA", code, writer.answered(10)),
    ]
    if code not in ("AA", "CA"):
        old = version < "2.5"
        lines += [writer.problem(problem, old=old) for problem in problems[:_SHOWN]]
    return _encoded(lines, charset)


def acknowledge_batch(
    header: Segment,
    answers: Sequence[bytes],
    problems: Sequence[Problem],
    at: datetime,
    charset: str,
) -> bytes:
    """The answers to the messages of a batch as one batch of the same kind.

    What is wrong with the batch itself stands in the comment of its trailer (BTS-2).
    """
    writer = _Writer(header, charset)
    fields = [writer.time(at), "", "", "", secrets.token_hex(10), writer.answered(11)]
    comment = "; ".join(f"{one.place} {one.rule} {one.text}" for one in problems[:_SHOWN])
    begin = [writer.header("BHS", fields)]
    end = [writer.segment("BTS", str(len(answers)), writer.escaped(comment)).rstrip(writer.mark)]
    if header.name == "FHS":
        begin.insert(0, writer.header("FHS", fields))
        end.append(writer.segment("FTS", "1"))
    return _encoded(begin, charset) + b"".join(answers) + _encoded(end, charset)


def _encoded(lines: Sequence[str], charset: str) -> bytes:
    return "".join(f"{line}\r" for line in lines).encode(charset, errors="replace")


class _Writer:
    """Writes segments with the delimiters of the message that is answered."""

    def __init__(self, msh: Segment | None, charset: str) -> None:
        self._msh = msh
        self._charset = charset
        delimiters = msh.delimiters if msh else "|^~\\&"
        self.mark, self.component, self._repeat, self._escape, self._sub = tuple(delimiters)
        self._marks = dict(zip(delimiters, "FSRET", strict=True))

    def answered(self, field: int) -> str:
        """A field of the message; a header that was read byte by byte is read anew."""
        text = self._msh.raw(field) if self._msh else ""
        if text.isascii() or self._msh is None or self._msh.charset != "latin-1":
            return text
        return text.encode("latin-1").decode(self._charset, errors="replace")

    def time(self, at: datetime) -> str:
        return at.astimezone(_ZONE).strftime("%Y%m%d%H%M%S%z")

    def escaped(self, text: str) -> str:
        return "".join(
            f"{self._escape}{self._marks[c]}{self._escape}"
            if c in self._marks
            else (" " if c in "\r\n" else c)
            for c in text
        )

    def segment(self, name: str, *fields: str) -> str:
        return self.mark.join([name, *fields])

    def header(self, name: str, fields: Sequence[str]) -> str:
        return self.segment(
            name,
            self.component + self._repeat + self._escape + self._sub,
            self.answered(5) or "MINKANG",
            self.answered(6) or "REGION",
            self.answered(3),
            self.answered(4),
            *fields,
        ).rstrip(self.mark)

    def problem(self, problem: Problem, *, old: bool) -> str:
        """ERR with place, condition, severity and text; ERR-1 is what was read before v2.5."""
        condition = _CONDITIONS.get(problem.rule, "207")
        parts = [self.escaped(part) for part in _location(problem.place)]
        code = f"{condition}{self.component}{self.escaped(problem.rule)}{self.component}HL70357"
        elder = ""
        if old:
            place = [*parts, "", ""][:3]
            elder = self.component.join([*place, code.replace(self.component, self._sub)])
        where = self.component.join(parts)
        text = f"{problem.place}: {problem.text}"
        return self.segment("ERR", elder, where, code, "E", "", "", "", self.escaped(text))


def _location(place: str) -> list[str]:
    """A place of ours as ERL: segment, sequence, field, repetition, component, subcomponent."""
    match = _PLACE.fullmatch(place)
    if match is None:
        return []
    name, sequence, field, repetition, component, sub = match.groups()
    parts = [name, sequence or "1"]
    if field:
        parts += [field, repetition or "1"]
        if component:
            parts += [component]
            if sub:
                parts += [sub]
    return parts
