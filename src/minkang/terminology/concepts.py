"""What a code system says: about itself, and about each of its codes."""

from typing import Literal, TypeAlias

import msgspec

Hierarchy = Literal["none", "prefix", "tens", "divisions", "explicit"]
"""How a code tells its parent: `prefix` the longest shorter code that it begins with (I10 of
I10.x00), `tens` the code of its decade (20 of 21), `divisions` GB/T 2260's pairs of digits,
`explicit` the parent is said beside the code."""

PropertyValue: TypeAlias = str | int | bool


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A code system without its codes.

    Attributes:
        url: canonical URI, as it stands in `Coding.system`.
        short: its name in URIs of the platform: `urn:minkang:cs:<short>`.
        title: Chinese name.
        version: edition.
        standard: number of the state standard, or who publishes it.
        since: first day on which the edition is in force, as far as known (FHIR date).
        hierarchy: how codes tell their parents.
        note: what a user of the codes has to know; origin and licence.
        case_sensitive: whether a code in the other case is another code.
        complete: all codes of the system are here.
    """

    url: str
    short: str
    title: str
    version: str
    standard: str = ""
    since: str | None = None
    hierarchy: Hierarchy = "none"
    note: str = ""
    case_sensitive: bool = True
    complete: bool = True


class Named(msgspec.Struct, frozen=True):
    """What a code was called from `since` until `until` (FHIR dates, None: open)."""

    display: str
    since: str | None = None
    until: str | None = None


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a code beside its display.

    Attributes:
        since, until: FHIR dates, possibly of a year alone; in force from the first day of `since`
            to the last day of `until` (a change within a year leaves both codes right that year).
        successors: codes that took its place.
        names: what it was called, if not always the same.
        properties: what else the system says of it.
        parent: of hierarchies that say it.
        abstract: groups others and does not stand in records itself.
        ended: not in force any more, and nobody says since when.
    """

    since: str | None = None
    until: str | None = None
    successors: tuple[str, ...] = ()
    names: tuple[Named, ...] = ()
    properties: tuple[tuple[str, PropertyValue], ...] = ()
    parent: str | None = None
    abstract: bool = False
    ended: bool = False


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """A code with everything that is known of it."""

    code: str
    display: str
    parent: str | None = None
    children: tuple[str, ...] = ()
    detail: Detail = Detail()


class Coding(msgspec.Struct, frozen=True):
    """A code of a system, as FHIR has it."""

    system: str
    code: str
    display: str = ""
    version: str | None = None


def is_in_force(since: str | None, until: str | None, on: str) -> bool:
    """Whether a day (ISO date) lies in a span given by FHIR dates of any precision.

    Of a partial date the whole year or month counts.
    """
    return (since is None or since <= on) and (until is None or on[: len(until)] <= until)
