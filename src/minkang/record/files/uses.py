"""What counts as use of a file, read from `uses.yaml`: events that are told apart, definitions."""

from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
import yaml

from minkang.fhir import Resource


class UsesBroken(Exception):  # noqa: N818 - reads as what happened
    """The file is not in order; the text names the key."""


class UseEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that may count.

    Attributes:
        type: the resource type that tells of it, with `classes` of Encounters, and `codes` or
            `titles` of Compositions; all of the type if none is given.
        step: kinds of a file's own steps instead.
        look: looks at the record instead: of a `clinician`, or the `resident`.
    """

    key: str
    zh: str
    type: Literal["", "Encounter", "Composition", "Immunization"] = ""
    classes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    step: tuple[str, ...] = ()
    look: Literal["", "clinician", "resident"] = ""


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file is used if an event that counts lies within the last `days` days."""

    key: str
    zh: str
    law: str
    days: int
    counts: tuple[str, ...]


class Uses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it; `in_force` is the definition that counts where nobody asks for another; `english`
    has the words in English."""

    in_force: str
    events: tuple[UseEvent, ...]
    definitions: tuple[Definition, ...]
    english: dict[str, str] = {}

    def definition(self, key: str = "") -> Definition:
        """A definition by its key; an unknown or empty key means the one in force."""
        known = {one.key: one for one in self.definitions}
        return known.get(key) or known[self.in_force]


def read_uses(text: str) -> Uses:
    """The rules of a text in YAML.

    Raises:
        UsesBroken: it is not in order.
    """
    try:
        found = msgspec.convert(yaml.safe_load(text), Uses)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise UsesBroken(str(error)) from error
    events = {one.key for one in found.events}
    keys = [one.key for one in found.definitions]
    if (
        found.in_force not in keys
        or len(set(keys)) != len(keys)
        or len(events) != len(found.events)
    ):
        raise UsesBroken(f"in_force or a key that stands twice: {found.in_force}")
    for one in found.definitions:
        if unknown := set(one.counts) - events:
            raise UsesBroken(f"definitions.{one.key}.counts: {', '.join(sorted(unknown))}")
        if one.days < 1:
            raise UsesBroken(f"definitions.{one.key}.days: {one.days}")
    return found


@cache
def uses() -> Uses:
    """The rules of the release."""
    file = resources.files("minkang.record.files") / "uses.yaml"
    return read_uses(file.read_text(encoding="utf-8"))


def kind_of(resource: Resource, known: Uses | None = None) -> str:
    """The event that a resource tells of; '' for none."""
    kind = resource["resourceType"]
    told = _told(resource)
    for one in (known or uses()).events:
        if one.type != kind:
            continue
        if not (one.classes or one.codes or one.titles) or told & {
            *one.classes, *one.codes, *one.titles
        }:  # fmt: skip
            return one.key
    return ""


def _told(resource: Resource) -> set[str]:
    """The class of an Encounter; codes and words of a Composition's type."""
    if resource["resourceType"] == "Encounter":
        coding: dict[str, Any] = resource.get("class", {})
        return {str(coding.get("code", ""))}
    about: dict[str, Any] = resource.get("type", {})
    codes = {str(one.get("code", "")) for one in about.get("coding", [])}
    return codes | {str(about.get("text", ""))}
