"""XML and JSON messages for the eyes of an engineer: line by line, what identifies people masked.

What a clinician writes is shown, as it is in HL7 v2's OBX; names, numbers, addresses, telephones
and birth dates of people are not. Anything that looks like an identity card or mobile number is
masked wherever it stands.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Set
from typing import Any

import msgspec

from minkang.exchange.cda.element import Element

_MOST = 3_000
_LONGEST = 400

# CDA R2 and HL7 v3: what of a person stands below these elements.
_PERSONAL_ELEMENTS = {"addr", "telecom", "birthTime", "patronymic"}
_NAMELESS = ("rganization", "acility", "place", "Place", "evice", "roduct", "aterial")
_NUMBERED = {
    "patientRole",
    "patient",
    "patientPerson",
    "identifiedPerson",
    "relatedEntity",
    "relatedSubject",
    "associatedEntity",
}
_ID_CARD = "2.16.156.10011.1.3"

# FHIR R4: elements of people, by their own name or by that of what they stand in.
_PERSONAL_KEYS = {"birthDate", "deceasedDateTime", "photo", "div"}
_PERSONAL_OBJECTS = {"name", "telecom", "address", "contact"}
_PEOPLE = {"Patient", "Person", "RelatedPerson"}
_ABOUT_PEOPLE = {"subject", "patient", "individual"}

_PACKED = re.compile(r"[A-Za-z0-9+/=\s]*")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")


class Leaf(msgspec.Struct, frozen=True):
    """A value with its place as problems write it; `shown` is what stands on the page."""

    place: str
    shown: str
    masked: bool


class Line(msgspec.Struct, frozen=True):
    """An element, or an object, with the values that lie directly in it."""

    name: str
    depth: int
    leaves: tuple[Leaf, ...]


Mask = Callable[[str], str]


def element_lines(root: Element, mask: Mask) -> Iterator[Line]:
    """The elements of a document, in its order; places as `Element.place` writes them."""
    waiting: list[tuple[Element, str, int, bool]] = [(root, f"/{root.name}", 0, False)]
    count = 0
    while waiting:
        one, path, depth, personal = waiting.pop()
        count += 1
        if count > _MOST:
            yield _rest(len(waiting) + 1)
            return
        personal = personal or _is_personal(one)
        at = f"第 {one.line} 行"
        leaves = [
            _leaf(
                f"{path}/@{name} {at}", f"{name}=", value, _is_number(one, name) or personal, mask
            )
            for name, value in one.attributes.items()
        ]
        if one.text:
            leaves.append(_leaf(f"{path} {at}", "", one.text, personal, mask))
        yield Line(one.name, depth, tuple(leaves))
        waiting += [
            (child, f"{path}/{step}", depth + 1, personal)
            for step, child in reversed(list(_steps(one)))
        ]


def _steps(element: Element) -> Iterator[tuple[str, Element]]:
    """The children, each with its name and, where there are several of it, its position."""
    counts = Counter(child.name for child in element.children)
    positions: Counter[str] = Counter()
    for child in element.children:
        positions[child.name] += 1
        several = counts[child.name] > 1
        yield f"{child.name}[{positions[child.name]}]" if several else child.name, child


def _is_personal(element: Element) -> bool:
    if element.name in _PERSONAL_ELEMENTS:
        return True
    parent = element.parent.name if element.parent else ""
    return element.name == "name" and not parent.endswith(_NAMELESS)


def _is_number(element: Element, attribute: str) -> bool:
    """Whether an attribute is a number by which somebody is known."""
    if element.name != "id" or attribute != "extension":
        return False
    parent = element.parent.name if element.parent else ""
    return parent in _NUMBERED or element.get("root") == _ID_CARD


def object_lines(root: Any, mask: Mask) -> Iterator[Line]:
    """The objects of a resource, each with its plain values, in the order of the JSON."""
    if not isinstance(root, dict):
        return
    start = str(root.get("resourceType", ""))
    waiting: list[tuple[str, str, object, int, Set[str]]] = [(start, start, root, 0, frozenset())]
    count = 0
    while waiting:
        path, name, value, depth, within = waiting.pop()
        count += 1
        if count > _MOST:
            yield _rest(len(waiting) + 1)
            return
        assert isinstance(value, dict)  # noqa: S101 - nothing else is put there
        within = within | {name.partition("[")[0], str(value.get("resourceType", ""))}
        leaves, below = [], []
        for key, inner in value.items():
            for at, one in _each(key, inner):
                if isinstance(one, dict):
                    below.append((f"{path}.{at}", at, one, depth + 1, within))
                else:
                    personal = _is_person(within, key)
                    leaves.append(_leaf(f"{path}.{at}", f"{at}=", str(one), personal, mask))
        yield Line(name, depth, tuple(leaves))
        waiting += reversed(below)


def _each(key: str, value: object) -> list[tuple[str, object]]:
    """An element's values, a list's with their positions."""
    if not isinstance(value, list):
        return [(key, value)]
    return [(f"{key}[{number}]", one) for number, one in enumerate(value)]


def _is_person(within: Set[str], key: str) -> bool:
    """Whether a value inside these objects says who somebody is."""
    if key in _PERSONAL_KEYS or (key == "display" and within & _ABOUT_PEOPLE):
        return True
    if not within & _PEOPLE:
        return "name" in within and "Practitioner" in within
    if key in _PERSONAL_OBJECTS or key == "identifier":
        return True  # no object, where one should be
    if "identifier" in within:
        return key == "value"
    return bool(within & _PERSONAL_OBJECTS) and key not in ("use", "system", "type")


def _leaf(place: str, before: str, value: str, personal: bool, mask: Mask) -> Leaf:
    """One value; documents that lie in it, packed or not, are not shown."""
    if len(value) > _LONGEST and _PACKED.fullmatch(value):
        return Leaf(place, f"{before}（base64，{len(value)} 个字符）", masked=True)
    personal = personal or value.lstrip().startswith(("<", "{"))
    if len(value) > _LONGEST:
        value = f"{value[:_LONGEST]}…（共 {len(value)} 个字符）"
    hidden = mask(value) if personal else _NUMBER.sub(lambda found: mask(found[0]), value)
    return Leaf(place, f"{before}{hidden}", hidden != value)


def _rest(count: int) -> Line:
    return Line("…", 0, (Leaf("", f"后面还有至少 {count} 行，没有显示", masked=False),))
