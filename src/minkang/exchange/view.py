"""A raw message for the eyes of an engineer: field by field, what identifies people masked."""

import re
from collections.abc import Iterable, Sequence, Set

import msgspec

from minkang.exchange.hl7v2 import Message, parse
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
_PERSONAL_COLUMNS = {"name", "id_number", "phone", "birth_date", "address", "patient_no"}


class Field(msgspec.Struct, frozen=True):
    """One field as it is shown; `bad` if a problem names it."""

    place: str
    text: str
    masked: bool
    bad: bool


class Part(msgspec.Struct, frozen=True):
    """A segment, or a whole row."""

    name: str
    fields: tuple[Field, ...]


def mask(text: str) -> str:
    """Keeps the shape of a value and the punctuation, hides letters and digits.

    Of a longer part the first and the last character stay, so that an engineer can still tell
    whether two values are the same.
    """

    def hide(match: re.Match[str]) -> str:
        word = match.group(0)
        return "*" * len(word) if len(word) < 6 else f"{word[0]}{'*' * (len(word) - 2)}{word[-1]}"

    return re.sub(r"[^\W_]+", hide, text)


def parts(channel: str, charset: str, raw: bytes, problems: Sequence[Problem]) -> list[Part]:
    """A message taken apart for showing; empty if it can't be (then use `masked_text`)."""
    places = {problem.place for problem in problems}
    if channel == "table":
        return [_row(raw, places)]
    try:
        message = parse(raw, charset)
    except Refused:
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


def _row(raw: bytes, places: set[str]) -> Part:
    row = decode(raw)
    fields = []
    for column, value in row.items():
        text = "NULL" if value is None else str(value)
        masked = column in _PERSONAL_COLUMNS and value is not None
        bad = any(place.endswith(f"列 {column}") for place in places)
        shown = mask(text) if masked else text
        fields.append(Field(column, f"{column}={shown}", masked, bad))
    return Part("行", tuple(fields))
