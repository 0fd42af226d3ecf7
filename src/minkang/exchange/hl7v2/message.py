"""HL7 v2 messages: parsed lazily, every value addressable by its place.

HL7 v2.5.1 chapter 2: 2.5 delimiters, 2.7 escape sequences, 2.14.9 MSH.
"""

import re
from collections.abc import Iterator

import msgspec

from minkang.fhir import Problem, Refused

_CHARSETS = {
    "": "",
    "ASCII": "ascii",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "GB 18030-2000": "gb18030",
    "GB18030": "gb18030",
    "GB18030-2000": "gb18030",
    "GBK": "gb18030",
    "GB2312": "gb18030",
}
_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_MAX_SEGMENTS = 5_000


class Segment(msgspec.Struct, frozen=True):
    """One segment. Fields are counted as HL7 counts them (MSH-1 is the separator itself)."""

    name: str
    label: str
    fields: tuple[str, ...]
    delimiters: str

    def place(self, field: int) -> str:
        """The place of a field as people write it: `PID-7`, `OBX[3]-5`."""
        return f"{self.label}-{field}"

    def raw(self, field: int) -> str:
        """The field as sent, escapes and all; empty if absent."""
        return self.fields[field] if field < len(self.fields) else ""

    def repetitions(self, field: int) -> list["list[str]"]:
        """Each repetition as its components, unescaped; empty list if the field is absent."""
        text = self.raw(field)
        if not text:
            return []
        component, repeat, escape = self.delimiters[1], self.delimiters[2], self.delimiters[3]
        return [
            [_unescape(part, self.delimiters, escape) for part in repetition.split(component)]
            for repetition in text.split(repeat)
        ]

    def components(self, field: int) -> list[str]:
        """Components of the first repetition."""
        repetitions = self.repetitions(field)
        return repetitions[0] if repetitions else []

    def value(self, field: int, component: int = 1) -> str:
        """A component of the first repetition (counted from 1), stripped; empty if absent."""
        text = self.fields[field] if field < len(self.fields) else ""
        if not text:
            return ""
        # Most fields are one plain value, and this is the hottest line of mapping.
        if component == 1 and not any(mark in text for mark in self.delimiters[1:]):
            return text.strip()
        components = self.components(field)
        return components[component - 1].strip() if component <= len(components) else ""


class Message(msgspec.Struct, frozen=True):
    """A parsed message; `segments[0]` is MSH."""

    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        """The MSH segment."""
        return self.segments[0]

    @property
    def kind(self) -> str:
        """Type and event, e.g. `ORU^R01`."""
        return _kind(self.header)

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Segment]:
        """All segments of that name, in order."""
        return (segment for segment in self.segments if segment.name == name)


def header(raw: bytes) -> Segment | None:
    """The MSH segment alone, read leniently: enough to know the sender and to answer him."""
    line = re.split(rb"[\r\n]", raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:4096], maxsplit=1)[0]
    text = line.decode("latin-1")
    if not text.startswith("MSH") or len(text) < 8:
        return None
    return _segment("MSH", "MSH", text, text[3], text[3:8])


def charset_of(msh: Segment, otherwise: str) -> str:
    """The Python codec for the message: MSH-18, else the source's own.

    Raises:
        Refused: MSH-18 names a character set that is not taken (HL7 table 0211).
    """
    named = msh.value(18).upper()
    if named not in _CHARSETS:
        raise Refused(
            [
                Problem(
                    "parse", "MSH-18", "charset", f"字符集 {named!r} 不支持，应为 UTF-8 或 GB18030"
                )
            ]
        )
    return _CHARSETS[named] or otherwise


def parse(raw: bytes, charset: str) -> Message:
    """Parse a message.

    Raises:
        Refused: no MSH, bytes that are not of the character set, a malformed segment, no message
            type or control id; the problem names the place.
    """
    msh = header(raw)
    if msh is None:
        raise _refused("MSH", "no-header", "消息不以 MSH 段开头")
    delimiters = msh.delimiters
    if len(set(delimiters)) != 5 or any(c.isalnum() or c.isspace() for c in delimiters):
        raise _refused("MSH-2", "delimiters", "MSH-1、MSH-2 必须给出五个互不相同的分隔符")
    try:
        text = raw.decode(charset_of(msh, charset)).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        before = raw[: error.start].replace(b"\n", b"\r").split(b"\r")
        place = f"第 {len(before)} 段第 {len(before[-1]) + 1} 字节"
        raise _refused(place, "charset", f"不是有效的 {error.encoding} 编码") from error
    segments = tuple(_segments(text, delimiters))
    message = Message(segments)
    if not segments[0].value(9) or not _kind(segments[0]).split("^")[-1]:
        raise _refused("MSH-9", "required", "缺少消息类型和事件")
    if not segments[0].value(10):
        raise _refused("MSH-10", "required", "缺少消息控制号")
    return message


def _segments(text: str, delimiters: str) -> Iterator[Segment]:
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
    if len(lines) > _MAX_SEGMENTS:
        raise _refused(f"第 {_MAX_SEGMENTS + 1} 段", "too-many", f"超过 {_MAX_SEGMENTS} 段")
    names = [line[:3] for line in lines]
    counts: dict[str, int] = {}
    for number, (name, line) in enumerate(zip(names, lines, strict=True), start=1):
        separator = line[3:4]
        if not _SEGMENT_NAME.fullmatch(name) or separator not in ("", delimiters[0]):
            raise _refused(f"第 {number} 段", "segment", f"{line[:12]!r} 不是一个 HL7 段")
        if name == "MSH" and number > 1:
            raise _refused(f"第 {number} 段", "segment", "一帧之内只能有一条消息")
        counts[name] = counts.get(name, 0) + 1
        label = f"{name}[{counts[name]}]" if names.count(name) > 1 else name
        yield _segment(name, label, line, delimiters[0], delimiters)


def _segment(name: str, label: str, line: str, separator: str, delimiters: str) -> Segment:
    fields = line.split(separator)
    if name == "MSH":
        fields.insert(1, separator)
    return Segment(name, label, tuple(fields), delimiters)


def _kind(msh: Segment) -> str:
    components = msh.components(9)
    return "^".join(part.strip() for part in [*components, "", ""][:2])


_ESCAPES = {"F": 0, "S": 1, "R": 2, "E": 3, "T": 4}


def _unescape(text: str, delimiters: str, escape: str) -> str:
    if escape not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        code = match.group(1)
        if code in _ESCAPES:
            return delimiters[_ESCAPES[code]]
        if code == ".br":
            return "\n"
        if code.startswith("X"):
            try:
                return bytes.fromhex(code[1:]).decode("utf-8")
            except ValueError:
                return match.group(0)
        return "" if code in ("H", "N") else match.group(0)

    mark = re.escape(escape)
    return re.sub(f"{mark}([^{mark}]{{1,64}}){mark}", replace, text)


def _refused(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("parse", place, rule, text)])
