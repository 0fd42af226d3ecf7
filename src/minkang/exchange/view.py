"""A raw message for the eyes of an engineer: field by field, what identifies people masked."""

import re
from collections.abc import Iterable, Sequence, Set

import msgspec

from minkang.exchange.cda import read_document
from minkang.exchange.hl7v2 import Message, parse
from minkang.exchange.mappings.tables import MappingError, mapping_of
from minkang.exchange.sources import Source
from minkang.exchange.view_tree import Line, element_lines, object_lines
from minkang.fhir import Problem, Refused, decode

# What identifies a person, by segment and field (HL7 v2.5.1 chapter 3: PID, NK1, IN1, GT1).
_PERSONAL: dict[str, Set[int]] = {
    "PID": {2, 3, 4, 5, 6, 7, 9, 11, 12, 13, 14, 18, 19, 20, 21, 23, 26},
    "NK1": {2, 4, 5, 6, 12, 13, 30, 31, 32, 33},
    "IN1": {2, 16, 18, 19, 36, 49},
    "GT1": {2, 3, 5, 6, 7, 8, 12, 19},
    "MRG": {1, 2, 3, 4, 5, 6, 7},
}
# What a source sends of its own may be anything, numbers of people too.
_ALL = frozenset(range(1, 1_000))
_PEOPLE = {"Patient", "Person", "RelatedPerson"}
_PERSONAL_COLUMNS = {"name", "id_number", "phone", "birth_date", "address", "patient_no"}


class Field(msgspec.Struct, frozen=True):
    """One field as it is shown; `bad` if a problem names it."""

    place: str
    text: str
    masked: bool
    bad: bool


class Part(msgspec.Struct, frozen=True):
    """A segment, a row, an element of XML or an object of JSON; `depth` is how deep it lies."""

    name: str
    fields: tuple[Field, ...]
    depth: int = 0


def mask(text: str) -> str:
    """Keeps the shape of a value and the punctuation, hides letters and digits.

    Of a longer part the first and the last character stay, so that an engineer can still tell
    whether two values are the same.
    """

    def hide(match: re.Match[str]) -> str:
        word = match.group(0)
        return "*" * len(word) if len(word) < 6 else f"{word[0]}{'*' * (len(word) - 2)}{word[-1]}"

    return re.sub(r"[^\W_]+", hide, text)


def open_columns(source: Source) -> Set[str]:
    """The columns of a source's table that its mapping takes for something else than people."""
    try:
        mapping = mapping_of(source)
    except MappingError:
        return frozenset()
    people = tuple(rule for rule in mapping.resources if rule.type in _PEOPLE)
    others = tuple(rule for rule in mapping.resources if rule.type not in _PEOPLE)
    own = {mapping.row, mapping.changed}
    of_people = set(msgspec.structs.replace(mapping, resources=people).columns) - own
    return set(msgspec.structs.replace(mapping, resources=others).columns) - of_people


def parts(
    channel: str,
    charset: str,
    raw: bytes,
    problems: Sequence[Problem],
    opened: Set[str] | None = None,
) -> list[Part]:
    """A message taken apart for showing; empty if it can't be (then use `masked_text`).

    `opened` are the columns of a row that may be read (`open_columns`); without it all but those
    with the names that the platform's own mappings use for people.
    """
    places = {problem.place for problem in problems}
    if channel == "table":
        return [_row(raw, places, opened)]
    try:
        if channel in ("document", "wst"):
            return _tree(element_lines(read_document(raw, charset), mask), places)
        if channel == "fhir":
            return _tree(object_lines(decode(raw), mask), places)
        message = parse(raw, charset)
    except (Refused, msgspec.DecodeError, ValueError):
        return []
    # A problem may name repetition and component, which are shown with their field.
    fields = {re.sub(r"(-\d+)[\[.].*", r"\1", place) for place in places}
    return list(_segments(message, fields))


def masked_text(raw: bytes, charset: str, limit: int = 4_000) -> str:
    """The beginning of a message that could not be taken apart, letters and digits hidden.

    The header is shown, since without it nobody can find the sender.
    """
    lines = re.split(r"[\r\n]+", raw[:limit].decode(charset, errors="replace"))
    shown = [line if line.startswith("MSH") else mask(line) for line in lines]
    return "\n".join("".join(c if c.isprintable() else "\ufffd" for c in line) for line in shown)


def _segments(message: Message, places: set[str]) -> Iterable[Part]:
    for segment in message.segments:
        own = segment.name.startswith("Z")
        personal = _ALL if own else _PERSONAL.get(segment.name, frozenset())
        fields = []
        for number in range(1, len(segment.fields)):
            text = segment.raw(number)
            place = segment.place(number)
            bad = place in places or (segment.label in places and number == 1)
            if text or bad:
                masked = number in personal and bool(text)
                fields.append(Field(place, mask(text) if masked else text, masked, bad))
        yield Part(segment.name, tuple(fields))


def _tree(lines: Iterable[Line], places: set[str]) -> list[Part]:
    return [
        Part(
            line.name,
            tuple(
                Field(one.place, one.shown, one.masked, one.place in places) for one in line.leaves
            ),
            line.depth,
        )
        for line in lines
    ]


def _row(raw: bytes, places: set[str], opened: Set[str] | None) -> Part:
    row = decode(raw)
    fields = []
    for column, value in row.items():
        text = "NULL" if value is None else str(value)
        personal = column in _PERSONAL_COLUMNS if opened is None else column not in opened
        masked = personal and value is not None
        bad = any(place.endswith(f"列 {column}") for place in places)
        shown = mask(text) if masked else text
        fields.append(Field(column, f"{column}={shown}", masked, bad))
    return Part("行", tuple(fields))
