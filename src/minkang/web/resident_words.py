"""What results, diagnoses and medicines mean, in plain words for residents.

The words stand in `resident_items.yaml`, `resident_problems.yaml` and `resident_medicines.yaml`
beside this module, each with its source; here they are read, checked and found.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Final, TypeVar

import msgspec

_Read = TypeVar("_Read")


class WordsError(Exception):
    """A file of plain words says something twice, or names a source that it does not list."""


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages of the pages."""

    zh: str
    en: str

    def by(self, language: str) -> str:
        """The text in a language of the pages; Chinese where there is no other."""
        return self.en if language == "en" else self.zh


NOTHING: Final = Told("", "")


class Usual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The usual range of adults, both ends within it; `alarm`: to be seen by a doctor soon."""

    low: Decimal
    high: Decimal
    alarm: Decimal | None = None


class ItemWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one item of results means."""

    loinc: tuple[str, ...]
    called: tuple[str, ...]
    group: str
    what: Told
    source: str
    high: Told = NOTHING
    low: Told = NOTHING
    usual: Usual | None = None


class ProblemWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one kind of diagnosis means; `lasting`: it is looked after for years."""

    icd: tuple[str, ...]
    called: tuple[str, ...]
    lasting: bool
    means: Told
    do: Told
    source: str


class MedicineWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What medicines with these parts in their names are usually for."""

    called: tuple[str, ...]
    purpose: Told
    mind: Told


class Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`resident_items.yaml`: the items in the order of the page, their headings and sources."""

    sources: dict[str, str]
    groups: dict[str, Told]
    items: tuple[ItemWords, ...]


class Problems(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`resident_problems.yaml`."""

    sources: dict[str, str]
    problems: tuple[ProblemWords, ...]


class Medicines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`resident_medicines.yaml`."""

    source: str
    medicines: tuple[MedicineWords, ...]


def item_words(item: str, name: str) -> ItemWords | None:
    """The words for an item of results, by its LOINC code, else by its exact name."""
    by_code, by_name = _item_index()
    return by_code.get(item) or by_name.get(name.strip())


def problem_words(code: str, name: str) -> ProblemWords | None:
    """The words for a diagnosis: by the longest beginning of the ICD-10 code, else by the longest
    part of the name."""
    beginnings, parts = _problem_index()
    upper = code.strip().upper()
    if upper[:1].isalpha() and upper[1:2].isdigit():
        for length in range(len(upper), 0, -1):
            if found := beginnings.get(upper[:length]):
                return found
    fitting = [part for part in parts if part in name]
    return parts[max(fitting, key=len)] if fitting else None


def medicine_words(name: str) -> MedicineWords | None:
    """The words for a medicine, by the longest part of its name that is known."""
    parts = _medicine_index()
    fitting = [part for part in parts if part in name]
    return parts[max(fitting, key=len)] if fitting else None


def item_source(words: ItemWords) -> str:
    """The title of the source of the words for an item."""
    return items().sources[words.source]


def problem_source(words: ProblemWords) -> str:
    """The title of the source of the words for a diagnosis."""
    return problems().sources[words.source]


def medicine_source() -> str:
    """The title of the source of the words for medicines."""
    return medicines().source


def item_groups() -> dict[str, Told]:
    """The headings that items stand under, in the order of the page."""
    return items().groups


def item_order(words: ItemWords) -> int:
    """The place of an item in the order of the page."""
    return items().items.index(words)


@cache
def items() -> Items:
    """The words for items, as the file has them."""
    return read_items(_file("resident_items.yaml"))


@cache
def problems() -> Problems:
    """The words for diagnoses, as the file has them."""
    return read_problems(_file("resident_problems.yaml"))


@cache
def medicines() -> Medicines:
    """The words for medicines, as the file has them."""
    return _decoded(_file("resident_medicines.yaml"), Medicines)


def read_items(data: bytes) -> Items:
    """The words for items out of YAML.

    Raises:
        WordsError: something is not as it should be; the text names the place.
    """
    read = _decoded(data, Items)
    for place, one in enumerate(read.items, 1):
        _known(one.source, read.sources, f"items, {place}: source")
        _known(one.group, read.groups, f"items, {place}: group")
    _once(code for one in read.items for code in one.loinc)
    _once(name for one in read.items for name in one.called)
    return read


def read_problems(data: bytes) -> Problems:
    """The words for diagnoses out of YAML.

    Raises:
        WordsError: something is not as it should be; the text names the place.
    """
    read = _decoded(data, Problems)
    for place, one in enumerate(read.problems, 1):
        _known(one.source, read.sources, f"problems, {place}: source")
    _once(code for one in read.problems for code in one.icd)
    _once(part for one in read.problems for part in one.called)
    return read


@cache
def _item_index() -> tuple[dict[str, ItemWords], dict[str, ItemWords]]:
    listed = items().items
    by_code = {code: one for one in listed for code in one.loinc}
    return by_code, {name: one for one in listed for name in one.called}


@cache
def _problem_index() -> tuple[dict[str, ProblemWords], dict[str, ProblemWords]]:
    listed = problems().problems
    beginnings = {code: one for one in listed for code in one.icd}
    return beginnings, {part: one for one in listed for part in one.called}


@cache
def _medicine_index() -> dict[str, MedicineWords]:
    """Of parts said twice the later, narrower entry counts."""
    return {part: one for one in medicines().medicines for part in one.called}


def _file(name: str) -> bytes:
    return (resources.files("minkang.web") / name).read_bytes()


def _decoded(data: bytes, kind: type[_Read]) -> _Read:
    try:
        return msgspec.yaml.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise WordsError(str(error)) from error


def _known(key: str, listed: Mapping[str, object], place: str) -> None:
    if key not in listed:
        raise WordsError(f"{place} {key} is not listed")


def _once(keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise WordsError(f"{key} stands twice")
        seen.add(key)
