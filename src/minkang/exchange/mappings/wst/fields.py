"""Values of a message by their ISO 21090 data types, as the schemas of the services write them.

A set (`DSET_EN`, `BAG_TEL`, `LIST_AD` ...) has its members in `item`; a name or an address has its
parts in `part/@value`; a set of numbers has `item/@root` and `item/@extension`.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.fields import (
    Concept,
    Reader,
    attribute_of,
    clean,
    is_absent,
    text_of,
)
from minkang.exchange.mappings.cda.identifiers import is_number

OWN: Final = "urn:minkang:wst:"
"""Before the name of what R4 has no element for: url of an extension."""

_PARTS: Final = {"STA": "state", "CTY": "city", "CNT": "district", "ZIP": "postalCode"}


class _Attribute(Element):
    """An attribute that holds a time, read like an element with a value."""

    __slots__ = ("_name", "_owner")

    def __init__(self, owner: Element, name: str) -> None:
        super().__init__(owner.name, {"value": owner.get(name)}, owner.line, owner.parent)
        self._owner, self._name = owner, name

    def place(self, attribute: str = "") -> str:
        """Where the attribute is."""
        return self._owner.place(self._name)


def name_of(element: Element | None) -> str:
    """A name: its parts in order, else its value or text; nothing if it says nothing."""
    if element is None:
        return ""
    parts = [
        clean(part.get("value") or part.text)
        for item in element.all("item")
        for part in item.all("part")
    ]
    said = "".join(part for part in parts if not is_absent(part))
    first = element.first("item") or element
    return said or attribute_of(element, "value") or text_of(first)


def value_of(element: Element | None) -> str:
    """What stands in `value`, of a code its name, else the text; nothing if it says nothing."""
    if element is None:
        return ""
    return attribute_of(element, "value") or text_of(element)


def numbers_of(element: Element | None) -> dict[str, str]:
    """OID (empty where there is none) to number, of the items of an `id`, or of an `id` itself.

    What only fills the field (`NA`, zeros) is no number; the first of an OID counts.
    """
    found: dict[str, str] = {}
    if element is None:
        return found
    for item in element.all("item") or [element]:
        number = " ".join(clean(item.get("extension")).split())
        if is_number(number):
            found.setdefault(item.get("root"), number)
    return found


def number_of(element: Element | None) -> str:
    """The first number of an `id`."""
    return next(iter(numbers_of(element).values()), "")


def telecoms_of(*elements: Element | None, use: str = "") -> list[dict[str, str]]:
    """Telephone numbers and mail addresses."""
    found = []
    for element in elements:
        for item in (element.all("item") or [element]) if element is not None else ():
            number = value_of(item).removeprefix("tel:").removeprefix("mailto:").strip()
            if is_number(number):
                kind = "email" if "@" in number else "phone"
                one = {"system": kind, "value": number}
                found.append({**one, "use": use} if use else one)
    return found


def addresses_of(element: Element | None, use: str = "") -> list[dict[str, Any]]:
    """Addresses: as one text, and in parts where these say what they are (STA, CTY, CNT ...).

    The township (STB), street (STR) and house number (BNR) are lines.
    """
    found = []
    for item in (element.all("item") or [element]) if element is not None else ():
        parts = [
            (part.get("type").upper(), value)
            for part in (item.all("part") or [item])
            if not is_absent(value := clean(part.get("value") or part.text))
        ]
        if not parts:
            continue
        # SAL is the whole address in one, beside which the parts may stand once more.
        whole = next((value for kind, value in parts if kind == "SAL"), "")
        text = whole or "".join(value for kind, value in parts if kind != "ZIP")
        address: dict[str, Any] = {"use": use} if use else {}
        if text:
            address["text"] = text
        if lines := [value for kind, value in parts if kind not in ("SAL", *_PARTS)]:
            address["line"] = lines
        address |= {_PARTS[kind]: value for kind, value in parts if kind in _PARTS}
        found.append(address)
    return found


def time_of(reader: Reader, element: Element | None) -> str | None:
    """A time, or the begin of an interval (`low`, `any`); a row of zeros is none."""
    if element is None:
        return None
    for one in (element, element.first("low"), element.first("any")):
        if one is not None and (one.get("value") or one.text).strip("0 "):
            return reader.time(one)
    if element.get("validTimeLow").strip("0 "):
        return reader.time(_Attribute(element, "validTimeLow"))
    return None


def period_of(reader: Reader, element: Element | None) -> dict[str, str]:
    """An interval: `low` and `high`, or the attributes `validTimeLow` and `validTimeHigh`.

    Problems: rule `period` where the end is before the begin.
    """
    found: dict[str, str] = {}
    if element is None:
        return found
    for name, attribute, child in (
        ("start", "validTimeLow", "low"),
        ("end", "validTimeHigh", "high"),
    ):
        node = element.first(child)
        if node is None and element.get(attribute):
            node = _Attribute(element, attribute)
        if node is not None and (time := time_of(reader, node)):
            found[name] = time
    if len(found) == 2 and found["end"][:10] < found["start"][:10]:
        reader.problem(element, "period", "结束时间早于开始时间")
    return found


def extension(name: str, kind: str, value: Any) -> dict[str, Any] | None:
    """Something that R4 has no element for; None without a value."""
    return {"url": f"{OWN}{name}", f"value{kind}": value} if value else None


def concept_of(reader: Reader, element: Element | None, own: str) -> Concept | None:
    """A code, or the first item of a set of codes; a code without a system is the source's own."""
    item = element.first("item") if element is not None else None
    return reader.concept(item or element, own)


def concepts_of(reader: Reader, element: Element | None, own: str) -> list[Concept]:
    """All codes of a set of codes."""
    items = (element.all("item") or [element]) if element is not None else []
    return [found for one in items if (found := reader.concept(one, own))]
