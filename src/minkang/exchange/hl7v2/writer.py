"""Writing segments as an answer to a message: its delimiters, its parties, its character set.

HL7 v2.5.1: 2.5 delimiters, 2.7 escape sequences, 2.14.5 ERR, 2.A.28 ERL; v2.4 2.16.5 for the older
ERR-1 (ELD).
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from minkang.exchange.hl7v2.message import Segment
from minkang.fhir import Problem

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
    "unknown-key": "204",
}
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_PLACE: Final = re.compile(
    r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+)(?:\.(\d+))?)?)?"
)


def encoded(lines: Sequence[str], charset: str) -> bytes:
    """Segments as bytes; what the character set does not have is replaced."""
    return "".join(f"{line}\r" for line in lines).encode(charset, errors="replace")


class Writer:
    """Writes segments with the delimiters of the message that is answered."""

    def __init__(self, msh: Segment | None, charset: str) -> None:
        self._msh = msh
        self._charset = charset
        delimiters = msh.delimiters if msh else "|^~\\&"
        self.mark, self.component, self.repeat, self._escape, self.sub = tuple(delimiters)
        self._marks = dict(zip(delimiters, "FSRET", strict=True))

    def answered(self, field: int) -> str:
        """A field of the message; a header that was read byte by byte is read anew."""
        text = self._msh.raw(field) if self._msh else ""
        if text.isascii() or self._msh is None or self._msh.charset != "latin-1":
            return text
        return text.encode("latin-1").decode(self._charset, errors="replace")

    def time(self, at: datetime) -> str:
        """A moment, in the time of China."""
        return at.astimezone(_ZONE).strftime("%Y%m%d%H%M%S%z")

    def escaped(self, text: str) -> str:
        """A text with the delimiters that it holds escaped, on one line."""
        return "".join(
            f"{self._escape}{self._marks[c]}{self._escape}"
            if c in self._marks
            else (" " if c in "\r\n" else c)
            for c in text
        )

    def segment(self, name: str, *fields: str) -> str:
        """A segment of fields that are ready to be written."""
        return self.mark.join([name, *fields])

    def header(self, name: str, fields: Sequence[str]) -> str:
        """MSH, FHS or BHS from the receiver of the message to its sender; `fields` from the 7th."""
        return self.segment(
            name,
            self.component + self.repeat + self._escape + self.sub,
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
            elder = self.component.join([*place, code.replace(self.component, self.sub)])
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
