"""The body of a document as data elements: which were understood, and which are left.

A section (LOINC code) has entries; an entry is an observation, or an organizer, procedure or
substanceAdministration with observations below it. A data element is named by its code
(`DE04.01.119.00`, WS/T 363) and by how it is labelled: one code has several meanings, e.g.
DE05.10.130.00 is both the disease and the syndrome of Chinese medicine.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

import msgspec

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.fields import attribute_of, is_absent, text_of

DIAGNOSIS: Final = "29548-5"
ADMISSION: Final = "46241-6"
DISCHARGE: Final = "11535-2"
ALLERGIES: Final = "48765-2"
STUDIES: Final = "30954-2"
ORDERS: Final = "46209-3"

ACTS: Final = frozenset(
    {"observation", "organizer", "procedure", "substanceAdministration", "act", "supply"}
)
_NESTING: Final = frozenset({"component", "entryRelationship"})


class Item(msgspec.Struct, frozen=True, dict=True):
    """An observation: one data element with its value.

    Attributes:
        node: the observation.
        code: of the data element, `DE05.01.024.00`.
        label: what it is called here, by its qualifier or else its displayName.
        section: LOINC code of the section, or its name.
    """

    node: Element
    code: str
    label: str
    section: str

    @property
    def value(self) -> Element | None:
        """Its value."""
        return self.node.first("value")

    def nested(self) -> list["Item"]:
        """The data elements that say more about this one."""
        return self._nested

    @cached_property
    def _nested(self) -> list["Item"]:
        return [
            item_of(act, self.section)
            for name in ("entryRelationship", "component")
            for act in self.node.all(name, "observation")
        ]


class Section(msgspec.Struct, frozen=True, dict=True):
    """A section: its LOINC code (or, where there is none, its name) and its entries."""

    code: str
    name: str
    node: Element

    def acts(self) -> list[Element]:
        """What its entries hold, in document order."""
        return self._acts

    @cached_property
    def _acts(self) -> list[Element]:
        return [act for entry in self.node.all("entry") for act in entry.children if is_act(act)]

    def items(self) -> list[Item]:
        """All its data elements but those nested in another, in document order."""
        return self._items

    @cached_property
    def _items(self) -> list[Item]:
        # Asked for by every part of a mapping that looks for its own data elements.
        return [item for act in self.acts() for item in items_of(act, self.code)]


class Body:
    """The sections of a document, and what of them has found its place."""

    def __init__(self, root: Element) -> None:
        self.sections = [
            _section(node)
            for body in root.all("component", "structuredBody")
            for node in _sections(body)
        ]
        self._taken: set[int] = set()

    def all(self, *codes: str) -> list[Section]:
        """The sections of some codes, in document order; all of them without a code."""
        return [one for one in self.sections if not codes or one.code in codes]

    def take(self, item: Item) -> Item:
        """Say that a data element, with what is nested in it, has found its place."""
        self._taken.add(id(item.node))
        return item

    def is_taken(self, item: Item) -> bool:
        """Whether a data element has found its place."""
        return id(item.node) in self._taken

    def take_first(self, code: str, *sections: str) -> Item | None:
        """The first data element of a code, if there is one; it has found its place."""
        for section in self.all(*sections):
            for item in section.items():
                if item.code == code and not self.is_taken(item):
                    return self.take(item)
        return None

    def left(self) -> Iterator[Item]:
        """Data elements that nobody has taken, in document order."""
        for section in self.sections:
            for item in section.items():
                if not self.is_taken(item):
                    yield item

    def is_empty(self) -> bool:
        """Whether no section says anything: no text, no value, no name, no procedure."""
        return not any(_says(one.node) for one in self.sections)


def is_act(node: Element) -> bool:
    """Whether an element is what an entry is about."""
    return node.name in ACTS


def items_of(act: Element, section: str) -> Iterator[Item]:
    """The data elements of an act; those of an organizer one by one."""
    if act.name == "observation":
        yield item_of(act, section)
        return
    for child in act.children:
        if child.name in _NESTING:
            for inner in child.children:
                if is_act(inner):
                    yield from items_of(inner, section)


def item_of(node: Element, section: str) -> Item:
    """An observation as data element."""
    code = node.first("code")
    label = attribute_of(node.first("code", "qualifier", "name"), "displayName")
    return Item(
        node,
        attribute_of(code, "code"),
        label or attribute_of(code, "displayName"),
        section,
    )


def _sections(body: Element) -> Iterable[Element]:
    for node in body.all("component", "section"):
        yield node
        yield from _sections(node)


def _section(node: Element) -> Section:
    code = node.first("code")
    name = attribute_of(code, "displayName") or text_of(node.first("title"))
    return Section(attribute_of(code, "code") or name, name, node)


def _says(section: Element) -> bool:
    for node in section.walk():
        if node.name in ("value", "text", "name", "desc", "paragraph", "td", "item", "content"):
            if not is_absent(node.text):
                return True
            if node.name == "value" and any(
                not is_absent(node.get(one)) for one in ("value", "code", "displayName")
            ):
                return True
        elif node.name in ("procedure", "substanceAdministration"):
            code = node.first("code")
            said = (attribute_of(code, "code"), attribute_of(code, "displayName"), text_of(code))
            if any(said):
                return True
    return False
