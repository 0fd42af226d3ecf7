"""Values of a document in words: codes by their Chinese names, times, amounts with their unit."""

import re
from typing import Final

from minkang.exchange.cda import Element
from minkang.exchange.cda.element import XSI_TYPE
from minkang.exchange.mappings.cda.fields import attribute_of, text_of
from minkang.terminology import built_in

_TIME: Final = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?(?:\.\d+)?)?(?:[+-]\d{4})?"
)
_NUMBERED: Final = re.compile(r"(?:urn:oid:)?2\.16\.156\.10011\.2\.3\.3\.1[1-5](?:\.\d+)*")
"""Tables whose codes stand beside the name on paper: diseases, operations, Chinese medicine."""
_TURNING: Final = dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
                                "\ufffd")  # fmt: skip
_YES: Final = {"true": "是", "1": "是", "false": "否", "0": "否"}
_TIMED: Final = frozenset({"effectiveTime", "time", "low", "high", "birthTime", "center"})
_SILENT: Final = frozenset({"id", "templateId", "statusCode", "signatureCode", "setId"})


def plain(text: str) -> str:
    """A text in which nothing turns the direction of reading: what would is shown as �."""
    return text.translate(_TURNING)


def time_words(text: str) -> str:
    """`20260503083000` as `2026-05-03 08:30`; midnight sharp is the day; else as it stands."""
    match = _TIME.fullmatch(text)
    if match is None:
        return text
    year, month, day, hour, minute, second = match.groups()
    written = f"{year}-{month}-{day}"
    if hour is None or (hour, minute, second or "00") == ("00", "00", "00"):
        return written
    return f"{written} {hour}:{minute}" + (f":{second}" if second not in (None, "00") else "")


def span_words(node: Element | None) -> str:
    """A time or a span of times."""
    if node is None:
        return ""
    if said := attribute_of(node, "value") or text_of(node):
        return time_words(said)
    low, high = (time_words(attribute_of(node.first(one), "value")) for one in ("low", "high"))
    if low and high:
        return f"{low} 至 {high}"
    return f"{low} 起" if low else f"至 {high}" if high else ""


def code_words(node: Element | None) -> str:
    """The name of a code, with the code where it is a disease's or an operation's.

    Without a name of its own the code table's; the code alone only where no table is known.
    """
    code, name = attribute_of(node, "code"), attribute_of(node, "displayName")
    if node is None or not code:
        return plain(name or text_of(node))
    system = attribute_of(node, "codeSystem").removeprefix("urn:oid:")
    if not name and system:
        table = built_in(f"urn:oid:{system}")
        concept = table.concept(code) if table is not None else None
        name = concept.display if concept is not None else ""
    if not name:
        return plain(text_of(node) or code)
    return plain(f"{name}（{code}）" if _NUMBERED.fullmatch(system) else name)


def amount_words(node: Element | None) -> tuple[str, str]:
    """The number as it was sent, and its unit or currency."""
    unit = attribute_of(node, "unit") or attribute_of(node, "currency")
    return plain(attribute_of(node, "value")), plain({"CNY": "元"}.get(unit, unit))


def value_words(node: Element | None) -> tuple[str, str]:
    """A value of whatever type, and its unit."""
    if node is None:
        return "", ""
    kind = node.get(XSI_TYPE).rpartition(":")[2].upper()
    value = attribute_of(node, "value")
    if kind == "BL" and value:
        return _YES.get(value.lower(), plain(value)), ""
    if kind == "TS" or kind.startswith("IVL_TS"):
        return plain(span_words(node)), ""
    if value:
        return amount_words(node)
    low, high = node.first("low"), node.first("high")
    if low is not None or high is not None:
        return range_words(node), ""
    return code_words(node), ""


def range_words(node: Element) -> str:
    """`3.9–6.1 mmol/L`, `≤ 5.2`, `≥ 60`."""
    (low, unit), (high, other) = (amount_words(node.first(one)) for one in ("low", "high"))
    said = f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""
    return f"{said} {unit or other}".strip() if said else ""


def loose_words(node: Element, besides: str = "") -> str:
    """All that an element says that has no place of its own, in its order; `besides`: not this."""
    found = []
    for one in node.walk():
        if one.name in _SILENT:
            continue
        if one.name in _TIMED:
            said = time_words(attribute_of(one, "value") or text_of(one))
        elif attribute_of(one, "code") or attribute_of(one, "displayName"):
            said = code_words(one)
        else:
            said = " ".join(part for part in value_words(one) if part) or text_of(one)
        if said and said != besides:
            found.append(plain(said))
    return " ".join(dict.fromkeys(found))
