"""Path and query of an address as texts, strictly: what is not well-formed is refused."""

import re
from urllib.parse import unquote_to_bytes

from minkang.api.outcomes import Refusal

_MALFORMED = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_MAX_PAIRS = 2_000


def segments_of(path: bytes) -> tuple[str, ...]:
    """The parts of a raw path between its slashes; a slash at the end counts for nothing.

    Raises:
        Refusal: 400, see `text_of`.
    """
    parts = path.strip(b"/").split(b"/")
    return tuple(text_of(part) for part in parts) if parts != [b""] else ()


def pairs_of(query: bytes) -> list[tuple[str, str]]:
    """Names and values of a query string or a form, in order; `+` is a space.

    Raises:
        Refusal: 400, see `text_of`; more than 2,000 pairs.
    """
    if not query:
        return []
    parts = [part for part in query.replace(b"+", b" ").split(b"&") if part]
    if len(parts) > _MAX_PAIRS:
        raise Refusal(400, "too-long", "参数太多 / too many parameters")
    pairs = []
    for part in parts:
        name, _, value = part.partition(b"=")
        pairs.append((text_of(name), text_of(value)))
    return pairs


def text_of(part: bytes) -> str:
    """A percent-encoded part as text.

    Raises:
        Refusal: 400: malformed percent-encoding, no UTF-8, or a NUL character.
    """
    if b"%" in part:
        if _MALFORMED.search(part):
            raise Refusal(400, "invalid", "地址中的百分号编码有误 / malformed percent-encoding")
        part = unquote_to_bytes(part)
    try:
        text = part.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "invalid", "地址不是 UTF-8 / address is not UTF-8") from None
    if "\0" in text:
        raise Refusal(400, "invalid", "地址中有 NUL 字符 / NUL character in address")
    return text
