"""Text into tokens (FHIRPath 2.0, section 8: lexical elements)."""

import re
from typing import Literal

import msgspec

from minkang.fhir.path.error import PathError

TokenKind = Literal["name", "delimited", "string", "number", "temporal", "special", "symbol", "end"]

_DATE = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_TIME = r"\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?"
_TOKEN = re.compile(
    rf"""
    (?P<skip>[ \r\n\t\ufeff\u00a0]+ | //[^\r\n]* | /\*.*?\*/)
    | (?P<temporal>@(?:T{_TIME} | {_DATE}(?:T(?:{_TIME}(?:Z|[+-]\d\d:\d\d)?)?)?))
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<delimited>`(?:\\.|[^`\\])*`)
    | (?P<string>'(?:\\.|[^'\\])*')
    | (?P<special>\$(?:this|index|total)\b)
    | (?P<symbol><=|>=|!=|!~|/(?!\*)|[-+*&|<>=~.,()\[\]{{}}%])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"f": "\f", "n": "\n", "r": "\r", "t": "\t"} | {c: c for c in "`'\"\\/"}


class Token(msgspec.Struct, frozen=True):
    """A token; `text` of names and strings has its escapes resolved."""

    kind: TokenKind
    text: str
    offset: int


def tokens(text: str) -> list[Token]:
    """All tokens of an expression, an `end` last.

    Raises:
        PathError: a character that begins no token, an unfinished text or comment.
    """
    found: list[Token] = []
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            raise PathError("syntax", _complaint(text, offset), offset)
        kind = match.lastgroup
        part = match.group()
        if kind in ("string", "delimited"):
            part = _unescaped(part[1:-1])
        if kind != "skip":
            found.append(Token(kind, part, offset))  # type: ignore[arg-type]
        offset = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _complaint(text: str, offset: int) -> str:
    if text.startswith("/*", offset):
        return "the comment is not finished"
    if text[offset] in "'`":
        return "the text in quotes is not finished"
    return f"{text[offset]!r} begins nothing that is known here"


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def plain(match: re.Match[str]) -> str:
        escape = match[1]
        if len(escape) == 5:
            return chr(int(escape[1:], 16))
        # The grammar lets any other character stand after a backslash, with both kept.
        return _ESCAPED.get(escape, match[0])

    # Two escapes may be the halves of one character; a half alone is none.
    halves = _ESCAPE.sub(plain, text).encode("utf-16", "surrogatepass")
    return halves.decode("utf-16", "replace")
