r"""HL7 v2 messages: parsed lazily, every value addressable by its place.

HL7 v2.5.1 chapter 2: 2.5 delimiters, 2.5.3 null, 2.7 escape sequences, 2.14.9 MSH; v2.7 2.5.4 for
the fifth encoding character. Versions 2.2 to 2.8 are read alike: what differs between them is
looked at where a field is mapped.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from minkang.fhir import Problem, Refused

_CHARSETS = {
    "": "",
    "ASCII": "ascii",
    "8859/1": "latin-1",
    "ISO-8859-1": "latin-1",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "GB 18030-2000": "gb18030",
    "GB 18030-2005": "gb18030",
    "GB 18030": "gb18030",
    "GB18030": "gb18030",
    "GB18030-2000": "gb18030",
    "GBK": "gb18030",
    "GB2312": "gb18030",
}
_BOM = b"\xef\xbb\xbf"
_HEADER = 4_096
_LINE_END = re.compile(rb"[\r\n]")
_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_MAX_SEGMENTS = 5_000
_NULL = '""'
# What no FHIR string may hold; tab, line feed and return may.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Segment(msgspec.Struct, frozen=True):
    """One segment. Fields are counted as HL7 counts them (MSH-1 is the separator itself).

    `charset` is the codec of the message, for bytes written as hexadecimal escapes.
    """

    name: str
    label: str
    fields: tuple[str, ...]
    delimiters: str
    charset: str = "utf-8"

    def place(self, field: int, component: int = 1, repetition: int = 1) -> str:
        """The place of a value as people write it: `PID-7`, `OBX[3]-5`, `PID-3[2].5`.

        Segments are numbered where there are several of a name; the first repetition and the
        first component go without saying.
        """
        place = f"{self.label}-{field}"
        if repetition > 1:
            place += f"[{repetition}]"
        return f"{place}.{component}" if component > 1 else place

    @property
    def text(self) -> str:
        """The whole segment as it was sent."""
        return self.delimiters[0].join(self.fields)

    def raw(self, field: int) -> str:
        """The field as sent, escapes and all; empty if absent."""
        return self.fields[field] if field < len(self.fields) else ""

    def is_null(self, field: int) -> bool:
        """Whether the field says that there is no value (`""`): more than saying nothing."""
        return self.raw(field).strip() == _NULL

    def repetitions(self, field: int) -> list[list[str]]:
        """Each repetition as its components, unescaped; empty list if the field is absent."""
        text = self.fields[field] if field < len(self.fields) else ""
        if not text or text == _NULL:
            return []
        component, repeat, escape = self.delimiters[1], self.delimiters[2], self.delimiters[3]
        if escape not in text:
            return [repetition.split(component) for repetition in text.split(repeat)]
        return [
            [self._plain(part) for part in repetition.split(component)]
            for repetition in text.split(repeat)
        ]

    def components(self, field: int) -> list[str]:
        """Components of the first repetition."""
        repetitions = self.repetitions(field)
        return repetitions[0] if repetitions else []

    def value(self, field: int, component: int = 1) -> str:
        """A component of the first repetition (counted from 1), stripped; empty if absent or null.

        Subcomponents stay together, as they do in free text that was not escaped.
        """
        if field >= len(self.fields) or not (text := self.fields[field]):
            return ""
        # Most fields are one plain value, and this is the hottest line of mapping; no delimiter
        # is a letter or a digit.
        if text.isalnum():
            return text if component == 1 else ""
        if text == _NULL:
            return ""
        separator, repeat, escape = self.delimiters[1], self.delimiters[2], self.delimiters[3]
        if repeat in text:
            text = text.partition(repeat)[0]
        if separator in text:
            parts = text.split(separator, component)
            text = parts[component - 1] if component <= len(parts) else ""
        elif component > 1:
            return ""
        text = (self._plain(text) if escape in text else text).strip()
        return "" if text == _NULL else text

    def part(self, field: int, component: int = 1, sub: int = 1) -> str:
        """A subcomponent of the first repetition, all counted from 1; empty if absent or null."""
        if field >= len(self.fields) or not (text := self.fields[field]):
            return ""
        if text.isalnum():
            return text if component == sub == 1 else ""
        parts = text.partition(self.delimiters[2])[0].split(self.delimiters[1])
        if component > len(parts):
            return ""
        subs = parts[component - 1].split(self.delimiters[4])
        text = self._plain(subs[sub - 1]).strip() if sub <= len(subs) else ""
        return "" if text == _NULL else text

    def parted(self, field: int) -> list[list[str]]:
        """Each repetition as the first subcomponents of its components, stripped, nulls empty."""
        text = self.raw(field)
        if not text or text == _NULL:
            return []
        component, repeat, escape, sub = tuple(self.delimiters[1:])
        whole = [repetition.split(component) for repetition in text.split(repeat)]
        if escape not in text and sub not in text:
            return [["" if part == _NULL else part.strip() for part in parts] for parts in whole]
        return [
            ["" if part == _NULL else self._plain(part.partition(sub)[0]).strip() for part in parts]
            for parts in whole
        ]

    def _plain(self, text: str) -> str:
        return _unescape(text, self.delimiters, self.charset)


class Message(msgspec.Struct, frozen=True):
    """A parsed message; `segments[0]` is MSH."""

    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        """The MSH segment."""
        return self.segments[0]

    @property
    def kind(self) -> str:
        """Type and event, e.g. `ORU^R01`. Where MSH-9 names no event EVN-1 does (before v2.3)."""
        return kind_of(self.header, self.first("EVN"))

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        for segment in self.segments:
            if segment.name == name:
                return segment
        return None

    def all(self, name: str) -> Iterator[Segment]:
        """All segments of that name, in order."""
        return (segment for segment in self.segments if segment.name == name)


def header(raw: bytes) -> Segment | None:
    """The MSH segment alone, read leniently: enough to know the sender and to answer him."""
    return envelope_header(raw, ("MSH",))


def envelope_header(raw: bytes, names: tuple[str, ...]) -> Segment | None:
    """The first segment, if it is one of those that define the delimiters (MSH, FHS, BHS)."""
    head = raw[:_HEADER].lstrip(_BOM + b" \t\r\n")
    text = _LINE_END.split(head, maxsplit=1)[0].decode("latin-1")
    if not text.startswith(names) or len(text) < 8:
        return None
    return _segment(text[:3], text[:3], text, text[3:8], "latin-1")


def charset_of(msh: Segment, otherwise: str) -> str:
    """The Python codec for the message: MSH-18, else the source's own.

    ASCII with an alternate set (a second repetition) is read as the alternate: those that are
    taken contain it, and senders do not switch by ISO 2022 escapes.

    Raises:
        Refused: MSH-18 names a character set that is not taken (HL7 table 0211).
    """
    if not msh.raw(18):
        return otherwise
    named = [repetition[0].strip().upper() for repetition in msh.repetitions(18)] or [""]
    for name in named:
        if name not in _CHARSETS:
            text = f"字符集 {name[:40]!r} 不支持，应为 UTF-8 或 GB18030"
            raise Refused([Problem("parse", "MSH-18", "charset", text)])
    if named[0] in ("", "ASCII"):
        named[0] = next((name for name in named[1:] if name), named[0])
    return _CHARSETS[named[0]] or otherwise


def kind_of(msh: Segment, evn: Segment | None = None) -> str:
    """Type and event of MSH-9, e.g. `ORU^R01`; `ACK^` where there is no event."""
    event = msh.value(9, 2)
    if not event and evn is not None:
        event = evn.value(1)
    return f"{msh.value(9)}^{event}"


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
    if len(set(delimiters)) != 5 or any(c.isalnum() or c.isspace() or c == '"' for c in delimiters):
        raise _refused("MSH-2", "delimiters", "MSH-1、MSH-2 必须给出五个互不相同的分隔符")
    codec = charset_of(msh, "utf-8" if raw.startswith(_BOM) else charset)
    try:
        text = raw.decode(codec).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        before = raw[: error.start].replace(b"\r\n", b"\r").replace(b"\n", b"\r").split(b"\r")
        place = f"第 {len(before)} 段第 {len(before[-1]) + 1} 字节"
        raise _refused(place, "charset", f"不是有效的 {error.encoding} 编码") from error
    if _CONTROL.search(text):
        text = _CONTROL.sub("\ufffd", text)
    message = Message(tuple(_segments(_lines(text), delimiters, codec)))
    if not message.header.value(9):
        raise _refused("MSH-9", "required", "缺少消息类型和事件")
    if not message.header.value(10):
        raise _refused("MSH-10", "required", "缺少消息控制号")
    return message


def _lines(text: str) -> list[str]:
    r"""The lines that are segments: ended by \r, by \r\n or by \n.

    Where \r ends segments, a \n inside of one is text that was not escaped, unless what follows
    it looks like a segment.
    """
    if "\n" not in text:
        return text.split("\r")
    if "\r" not in text:
        return text.split("\n")
    lines: list[list[str]] = []
    for line in text.split("\r"):
        first, *rest = line.strip("\n").split("\n")
        lines.append([first])
        for part in rest:
            if _SEGMENT_NAME.match(part) and not part[3:4].isalnum():
                lines.append([part])
            else:
                lines[-1].append(part)
    return ["\n".join(parts) for parts in lines]


def _segments(lines: list[str], delimiters: str, charset: str) -> Iterator[Segment]:
    lines = [line.lstrip() for line in lines if line and not line.isspace()]
    if len(lines) > _MAX_SEGMENTS:
        raise _refused(f"第 {_MAX_SEGMENTS + 1} 段", "too-many", f"超过 {_MAX_SEGMENTS} 段")
    names = [line[:3] for line in lines]
    total = Counter(names)
    counts = dict.fromkeys(total, 0)
    for number, (name, line) in enumerate(zip(names, lines, strict=True), start=1):
        if not _is_name(name) or line[3:4] not in ("", delimiters[0]):
            raise _refused(f"第 {number} 段", "segment", f"{line[:12]!r} 不是一个 HL7 段")
        if name == "MSH" and number > 1:
            raise _refused(f"第 {number} 段", "segment", "一帧之内只能有一条消息")
        counts[name] += 1
        label = f"{name}[{counts[name]}]" if total[name] > 1 else name
        yield _segment(name, label, line, delimiters, charset)


@lru_cache(maxsize=512)
def _is_name(text: str) -> bool:
    return _SEGMENT_NAME.fullmatch(text) is not None


def _segment(name: str, label: str, line: str, delimiters: str, charset: str) -> Segment:
    fields = line.split(delimiters[0])
    if name in ("MSH", "FHS", "BHS"):
        fields.insert(1, delimiters[0])
    return Segment(name, label, tuple(fields), delimiters, charset)


_ESCAPES = {"F": 0, "S": 1, "R": 2, "E": 3, "T": 4}
# Highlighting and the layout commands of FT that say nothing about the words.
_LAYOUT = re.compile(r"H|N|\.(?:in|ti)[+-]?\d{0,3}|\.(?:fi|nf)")
_LINES = re.compile(r"\.(?:br|ce|sp\+?(\d{0,2}))")
_BLANKS = re.compile(r"\.sk\+?(\d{1,2})")


@lru_cache(maxsize=16)
def _sequences(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(f"{mark}([^{mark}]{{1,4096}}){mark}")


def _unescape(text: str, delimiters: str, charset: str) -> str:
    escape = delimiters[3]
    if escape not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        code = match.group(1)
        if code in _ESCAPES:
            return delimiters[_ESCAPES[code]]
        if code == "P":
            return "#"
        if code.startswith("X"):
            return _from_hex(code[1:], charset) or match.group(0)
        if found := _LINES.fullmatch(code):
            return "\n" * int(found.group(1) or 1)
        if found := _BLANKS.fullmatch(code):
            return " " * int(found.group(1))
        return "" if _LAYOUT.fullmatch(code) else match.group(0)

    return _sequences(escape).sub(replace, text)


def _from_hex(digits: str, charset: str) -> str:
    try:
        return _CONTROL.sub("\ufffd", bytes.fromhex(digits).decode(charset))
    except ValueError:
        return ""


def _refused(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("parse", place, rule, text)])
