"""The form of a kind: which elements its documents have, in which order, with which attributes.

A form is an XML file in `forms/`, one for each kind that is written, made after the published
schemas of WS/T 500-2016. It looks like the document; what differs from one to the next stands in
braces, marks in the namespace `urn:minkang:form` say how often an element comes:

| In a form | |
|---|---|
| `{patient.name}` | a value of the whole document; left empty if there is none |
| `{.code}` | a value of the item that the element stands for (section, act, signer) |
| `{patient.birth!:date}` | must be there, in the format behind the colon (`formats`) |
| `{.time?:time}` | an attribute that is left out where there is no value |
| `{author.number\\|NA:length1..}` | what stands there where there is none |
| `m:each="acts"` | once for each item of that name; `m:least`, `m:most` bound how many |
| `m:of="observation"` | the one item of that name; without one the element is left out |
| `m:optional` | left out where nothing in it is said |
| `m:value` | the typed value of the item |
| `m:types` | data types that the kind knows, with what is special in them |
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from lxml import etree

KINDS: Final = tuple(
    f"C{number:04d}" for number in (2, 4, 5, 6, 7, 9, 15, 16, 20, 32, 34, 45, 49, 50, 53)
)
"""Kinds that have a form."""

V3: Final = "urn:hl7-org:v3"
_MARK: Final = "{urn:minkang:form}"
_BOUND: Final = re.compile(r"\{(\.?)([\w.]+)([!?]?)(?:\|([^:}]*))?(?::([^}]*))?\}")


class Binding(msgspec.Struct, frozen=True):
    """A place in a form where a value goes.

    Attributes:
        path: names from the document, or from the item if `relative`.
        required: whether the document is refused without it.
        optional: whether the attribute is left out without it.
        default: what stands there where there is no value.
        format: name of the format, see `formats`; empty for any text.
    """

    path: tuple[str, ...]
    relative: bool
    required: bool
    optional: bool
    default: str
    format: str

    def of(self, whole: Mapping[str, Any], item: Mapping[str, Any]) -> str:
        """The value, or nothing."""
        found: Any = item if self.relative else whole
        for name in self.path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, str) else ""


class Node(msgspec.Struct, frozen=True):
    """An element of a form; `place` is its XPath without namespaces."""

    tag: str
    place: str
    attributes: tuple[tuple[str, "str | Binding"], ...]
    text: "str | Binding | None"
    children: tuple["Node", ...]
    each: str
    of: str
    optional: bool
    least: int
    most: int
    value: bool


class Form(msgspec.Struct, frozen=True):
    """The form of a kind, and the data types it knows with what is special in each."""

    kind: str
    root: Node
    types: Mapping[str, str]


@cache
def form_of(kind: str) -> Form:
    """The form of a kind in `KINDS`."""
    raw = files(__package__).joinpath("forms", f"{kind}.xml").read_bytes()
    top = etree.fromstring(raw)
    types = dict(one.partition(":")[::2] for one in top.get(f"{_MARK}types", "").split())
    return Form(kind, _node(top, ""), types)


def _node(element: "etree._Element", above: str) -> Node:
    name = etree.QName(element).localname
    place = f"{above}/{name}"
    marks = {
        str(key).removeprefix(_MARK): str(value)
        for key, value in element.attrib.items()
        if str(key).startswith(_MARK)
    }
    text = (element.text or "").strip()
    return Node(
        tag=f"{{{V3}}}{name}",
        place=place,
        attributes=tuple(
            (str(key), _bound(str(value)))
            for key, value in element.attrib.items()
            if not str(key).startswith(_MARK)
        ),
        text=_bound(text) if text else None,
        children=tuple(_node(child, place) for child in element if isinstance(child.tag, str)),
        each=marks.get("each", ""),
        of=marks.get("of", ""),
        optional="optional" in marks,
        least=int(marks.get("least", 0)),
        most=int(marks.get("most", 10**6)),
        value="value" in marks,
    )


def _bound(text: str) -> str | Binding:
    match = _BOUND.fullmatch(text)
    if match is None:
        return text
    relative, path, need, default, form = match.groups()
    return Binding(
        path=tuple(path.split(".")),
        relative=bool(relative),
        required=need == "!",
        optional=need == "?",
        default=default or "",
        format=form or "",
    )
