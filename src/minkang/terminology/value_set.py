"""Value sets: a rule that says which codes, and the codes that it says (R4, 4.9).

Pure: what a value set refers to is handed in as `Known`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from minkang.fhir import Problem, Refused
from minkang.terminology.code_system import CodeSystem
from minkang.terminology.concepts import Coding
from minkang.terminology.initials import folded, initials
from minkang.terminology.value_set_filter import Filter, filtered, passes

_DEEPEST = 20


class Include(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """`ValueSet.compose.include` or `exclude`: what fulfils all of it.

    Attributes:
        system, version: the code system; None where only other value sets are named.
        codings: the codes, listed; None for all that pass the filters.
        value_sets: URLs of value sets; a code must be in all of them.
    """

    system: str | None = None
    version: str | None = None
    codings: tuple[Coding, ...] | None = None
    filters: tuple[Filter, ...] = ()
    value_sets: tuple[str, ...] = ()

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes that are listed."""
        return frozenset(one.code for one in self.codings or ())


class ValueSet(msgspec.Struct, frozen=True, kw_only=True):
    """A value set's definition. `with_inactive`: codes that ended belong to it.

    `status`: FHIR's publication status.
    """

    url: str
    version: str | None = None
    name: str = ""
    title: str = ""
    includes: tuple[Include, ...] = ()
    excludes: tuple[Include, ...] = ()
    with_inactive: bool = True
    status: str = "active"


class Known(msgspec.Struct, frozen=True):
    """The code systems and value sets that some value sets refer to, by the URLs they use.

    `on` is the day (ISO date) on which properties are looked at.
    """

    systems: Mapping[str, CodeSystem]
    value_sets: Mapping[str, ValueSet]
    on: str


class Member(msgspec.Struct, frozen=True):
    """A code of an expansion."""

    coding: Coding
    abstract: bool = False
    inactive: bool = False


class Expansion(msgspec.Struct, frozen=True):
    """A page of the codes of a value set, and how many there are in all."""

    total: int
    members: tuple[Member, ...]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of an expansion.

    Attributes:
        text: words that a code shall fit, see `CodeSystem.search`.
        on: the day (ISO date) on which codes are judged active and named.
        active_only: without codes that are not in force on that day.
        offset, count: the page; None: all, if they are not more than `most`.
        most: largest expansion that is given without a page.
        excluded_systems: left out altogether.
    """

    on: str
    text: str = ""
    active_only: bool = False
    offset: int = 0
    count: int | None = None
    most: int = 1_000
    excluded_systems: frozenset[str] = frozenset()


def expand(value_set: ValueSet, known: Known, wanted: Wanted) -> Expansion:
    """The codes of a value set: by fit if a text is given, else in the order of its definition.

    Raises:
        Refused: it refers to itself, has a filter that is not understood, or is too large to be
            given whole.
    """
    parts = [
        part
        for include in value_set.includes
        if include.system not in wanted.excluded_systems
        for part in _parts(include, known, wanted, ())
    ]
    drop_inactive = wanted.active_only or not value_set.with_inactive
    if len(parts) == 1 and isinstance(parts[0], _Positions) and not value_set.excludes:
        return _page_of_one(parts[0], wanted, drop_inactive=drop_inactive)
    found: dict[tuple[str, str], Member] = {}
    for part in parts:
        for member in part.members(wanted.on):
            found.setdefault((member.coding.system, member.coding.code), member)
    members = [
        member
        for member in found.values()
        if not (drop_inactive and member.inactive)
        and not any(_has(one, member.coding, known, (value_set.url,)) for one in value_set.excludes)
    ]
    _check_size(len(members), wanted)
    end = None if wanted.count is None else wanted.offset + wanted.count
    return Expansion(len(members), tuple(members[wanted.offset : end]))


def contains(value_set: ValueSet, known: Known, coding: Coding) -> bool:
    """Whether a code is in a value set, found without expanding it.

    Raises:
        Refused: as `expand`.
    """
    return _contains(value_set, known, coding, ())


def _contains(value_set: ValueSet, known: Known, coding: Coding, seen: tuple[str, ...]) -> bool:
    inner = _deeper(value_set.url, seen)
    return any(_has(one, coding, known, inner) for one in value_set.includes) and not any(
        _has(one, coding, known, inner) for one in value_set.excludes
    )


def whole(system: CodeSystem) -> ValueSet:
    """All codes of a code system."""
    return ValueSet(
        url=f"{system.head.url}?fhir_vs",
        version=system.head.version,
        title=system.head.title,
        includes=(Include(system=system.head.url),),
    )


# --- which codes ---


class _Positions(msgspec.Struct):
    """Codes of one code system by their positions."""

    url: str
    system: CodeSystem
    positions: Sequence[int]

    def members(self, on: str) -> Iterable[Member]:
        return (_member(self.url, self.system, at, on) for at in self.positions)


class _Listed(msgspec.Struct):
    """Codes that are listed where nothing is known of their system."""

    listed: Sequence[Member]

    def members(self, on: str) -> Iterable[Member]:
        return self.listed


def _page_of_one(part: _Positions, wanted: Wanted, *, drop_inactive: bool) -> Expansion:
    """A page of one code system, without looking at the codes outside of the page."""
    system = part.system
    positions = part.positions
    if drop_inactive and system.is_dated:
        positions = [at for at in positions if system.is_active(at, wanted.on)]
    _check_size(len(positions), wanted)
    end = None if wanted.count is None else wanted.offset + wanted.count
    page = positions[wanted.offset : end]
    return Expansion(len(positions), tuple(_member(part.url, system, at, wanted.on) for at in page))


def _parts(
    include: Include, known: Known, wanted: Wanted, seen: tuple[str, ...]
) -> Iterable[_Positions | _Listed]:
    if include.system is None:
        yield from _imported(include, known, wanted, seen)
        return
    system = known.systems.get(include.system)
    if include.codings is not None and (system is None or any(c.display for c in include.codings)):
        part: _Positions | _Listed = _Listed(_listed(include.codings, system, wanted))
    elif system is None:
        raise _unknown_system(include.system)
    else:
        part = _Positions(include.system, system, _positions(include, system, wanted))
    if include.value_sets:
        inside = [known.value_sets[url] for url in include.value_sets]
        part = _Listed(
            [
                member
                for member in part.members(wanted.on)
                if all(_contains(one, known, member.coding, seen) for one in inside)
            ]
        )
    yield part


def _imported(
    include: Include, known: Known, wanted: Wanted, seen: tuple[str, ...]
) -> Iterable[_Positions | _Listed]:
    """The codes that are in all of the value sets that an include names."""
    first, *others = (known.value_sets[url] for url in include.value_sets)
    inner = _deeper(first.url, seen)
    for outer in first.includes:
        for part in _parts(outer, known, wanted, inner):
            if not others and not first.excludes:
                yield part
                continue
            kept = [
                member
                for member in part.members(wanted.on)
                if not any(_has(one, member.coding, known, inner) for one in first.excludes)
                and all(_contains(one, known, member.coding, seen) for one in others)
            ]
            yield _Listed(kept)


def _positions(include: Include, system: CodeSystem, wanted: Wanted) -> Sequence[int]:
    if include.codings is not None:
        at = [system.position(coding.code) for coding in include.codings]
        named = [one for one in at if one is not None]
        if not wanted.text:
            return named
        fitting = set(named)
        return [one for one in system.search(wanted.text) if one in fitting]
    if not include.filters:
        return system.search(wanted.text)
    sets = [filtered(system, one, wanted.on) for one in include.filters]
    kept = set(system.selectable).intersection(*sets)
    if not wanted.text:
        return sorted(kept)
    return [at for at in system.search(wanted.text) if at in kept]


def _has(include: Include, coding: Coding, known: Known, seen: tuple[str, ...]) -> bool:
    """Whether a code fulfils one include."""
    if not all(_contains(known.value_sets[url], known, coding, seen) for url in include.value_sets):
        return False
    if include.system is None:
        return bool(include.value_sets)
    if include.system != coding.system:
        return False
    system = known.systems.get(include.system)
    if include.codings is not None:
        return coding.code in include.codes
    if system is None:
        raise _unknown_system(include.system)
    at = system.position(coding.code)
    return at is not None and all(passes(system, at, one, known.on) for one in include.filters)


def _listed(codings: Iterable[Coding], system: CodeSystem | None, wanted: Wanted) -> list[Member]:
    words = folded(wanted.text).split()
    made = []
    for coding in codings:
        at = system.position(coding.code) if system is not None else None
        if system is not None and at is None:
            continue
        inactive = system is not None and at is not None and not system.is_active(at, wanted.on)
        if not coding.display and system is not None and at is not None:
            coding = msgspec.structs.replace(coding, display=system.display(at))  # noqa: PLW2901
        if all(_fits(coding, word) for word in words):
            made.append(Member(coding, inactive=inactive))
    return made


def _fits(coding: Coding, word: str) -> bool:
    return (
        word in folded(coding.display)
        or folded(coding.code).startswith(word)
        or word in initials(coding.display)
    )


def _member(url: str, system: CodeSystem, at: int, on: str) -> Member:
    coding = Coding(url, system.codes[at], system.display_on(at, on), system.head.version)
    return Member(coding, system.is_abstract(at), not system.is_active(at, on))


# --- refusals ---


def _deeper(url: str, seen: tuple[str, ...]) -> tuple[str, ...]:
    if url in seen or len(seen) > _DEEPEST:
        raise Refused(
            [
                Problem(
                    "terminology",
                    "ValueSet.compose.include.valueSet",
                    "value-set-cycle",
                    f"值集 {url} 引用了自身，或引用太深",
                )
            ]
        )
    return (*seen, url)


def _check_size(total: int, wanted: Wanted) -> None:
    if wanted.count is None and total - wanted.offset > wanted.most:
        raise Refused(
            [
                Problem(
                    "terminology",
                    "count",
                    "too-costly",
                    f"共 {total} 个代码，请用 count 分页，或用 filter 缩小范围",
                )
            ]
        )


def _unknown_system(url: str) -> Refused:
    return Refused(
        [
            Problem(
                "terminology",
                "ValueSet.compose.include.system",
                "unknown-system",
                f"没有代码系统 {url}",
            )
        ]
    )
