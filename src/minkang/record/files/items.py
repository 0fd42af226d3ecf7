"""The items of the sheet of basic information, read from `items.yaml`: what each may say."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
import yaml

Kind = Literal["text", "phone", "day-past", "id-number", "code", "codes", "list"]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One item of the sheet.

    Attributes:
        weight: points in the score; `required`: an empty one makes the file incomplete.
        fixed: comes from who the resident is (identity); only its source can change it.
        own: residents may fill it in when they open a file online.
        from_age: nobody younger has it, in years.
        codes: code to words; `none`: the code that excludes all others; `vague`: those that say
            that nothing is known.
    """

    key: str
    zh: str
    group: str
    kind: Kind
    weight: int
    required: bool = False
    fixed: bool = False
    own: bool = False
    from_age: int = 0
    codes: dict[str, str] = {}
    none: str = ""
    vague: tuple[str, ...] = ()

    def words(self, value: str) -> str:
        """A value as people read it."""
        return self.codes.get(value, value)


class Contradiction(msgspec.Struct, frozen=True):
    """Something that cannot be: its key and how people are told."""

    key: str
    zh: str
    items: tuple[str, ...] = ()


class Items(msgspec.Struct, frozen=True):
    """All items by key, in the order of the sheet; groups and contradictions by key; their words
    in English by the Chinese ones."""

    items: Mapping[str, Item]
    groups: Mapping[str, str]
    contradictions: Mapping[str, Contradiction]
    english: Mapping[str, str]


@cache
def sheet_items() -> Items:
    """The items of the release."""
    file = resources.files("minkang.record.files") / "items.yaml"
    said: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    items = []
    for one in said["items"]:
        like = said["like"].get(one.pop("like", ""), {})
        items.append(msgspec.convert({**like, **one}, Item))
    return Items(
        {one.key: one for one in items},
        {one["key"]: one["zh"] for one in said["groups"]},
        {one["key"]: msgspec.convert(one, Contradiction) for one in said["contradictions"]},
        said["english"],
    )
