"""The operations of a terminology service (R4, 4.7): what they find, before FHIR's form is put on.

Days are ISO dates; of codes that come and go they say which is meant. What can't be answered is
refused with place and rule: `unknown-system`, `unknown-value-set`, `unknown-map`, `unknown-code`,
`filter`, `too-costly`, `value-set-cycle`.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from minkang.fhir.units import UCUM
from minkang.terminology.builtin import canonical, heads
from minkang.terminology.code_system import CodeSystem
from minkang.terminology.concept_map import ConceptMap, Match
from minkang.terminology.concept_map import translate as translate_by
from minkang.terminology.concepts import Coding, Head, Named, PropertyValue
from minkang.terminology.initials import folded
from minkang.terminology.terminology import Terminology, unknown_code
from minkang.terminology.units import is_unit, unit_properties
from minkang.terminology.value_set import Expansion, Known, ValueSet, Wanted, contains
from minkang.terminology.value_set import expand as expand_known

Subsumption = Literal["equivalent", "subsumes", "subsumed-by", "not-subsumed"]
_HOPS = 3


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A code looked up.

    Attributes:
        head: its code system.
        coding: system, code in its own form, display of the day, version.
        names: other names and earlier ones.
        properties: by name, `parent` and `child` among them.
    """

    head: Head
    coding: Coding
    names: tuple[Named, ...] = ()
    properties: tuple[tuple[str, PropertyValue], ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a code is valid; `message` says why not, or what else to know; `display` its name."""

    valid: bool
    message: str | None = None
    display: str | None = None


async def lookup(
    terminology: Terminology, system: str, code: str, *, on: str, version: str | None = None
) -> Found:
    """Everything about a code.

    Raises:
        Refused: `unknown-system`, `unknown-code`.
    """
    if canonical(system) == UCUM:
        if not is_unit(code):
            raise unknown_code("code", UCUM, code)
        return Found(
            head=heads()[UCUM], coding=Coding(UCUM, code, code), properties=unit_properties(code)
        )
    known = await terminology.code_system(system, version)
    concept = known.concept(code)
    if concept is None:
        raise unknown_code("code", system, code)
    at = known.position(code)
    display = concept.display if at is None else known.display_on(at, on)
    properties = () if at is None else known.properties(at, on)
    relations: list[tuple[str, PropertyValue]] = []
    if at is None:
        relations.append(("notSelectable", True))
    if concept.parent is not None:
        relations.append(("parent", concept.parent))
    relations += [("child", one) for one in concept.children]
    return Found(
        head=known.head,
        coding=Coding(known.head.url, concept.code, display, known.head.version or None),
        names=concept.detail.names,
        properties=(*properties, *relations),
    )


async def validate_in_system(
    terminology: Terminology,
    coding: Coding,
    *,
    on: str,
    dated: bool = False,
    system: CodeSystem | None = None,
) -> Verdict:
    """Whether a code system has a code, and under the display given.

    Args:
        dated: the day was asked about: a code that was not in force on it is not valid. Otherwise
            it is, and the message says that it has ended.
        system: the code system itself, if it is at hand.

    Raises:
        Refused: `unknown-system`.
    """
    if system is None and canonical(coding.system) == UCUM:
        if is_unit(coding.code):
            return Verdict(valid=True, display=coding.code)
        return Verdict(valid=False, message=f"{coding.code[:100]} 不是 UCUM 单位")
    known = system or await terminology.code_system(coding.system, coding.version)
    at = known.position(coding.code)
    if at is None:
        return Verdict(valid=False, message=_not_there(known, coding.code))
    return _judged(known, at, coding, on, dated=dated)


async def validate_in_value_set(
    terminology: Terminology,
    value_set: ValueSet,
    codings: Iterable[Coding],
    *,
    on: str,
    dated: bool = False,
    abstract: bool = False,
) -> Verdict:
    """Whether one of some codings is in a value set.

    A coding without a system counts if exactly one code system of the value set has its code.
    `abstract`: codes that only group others are valid too.

    Raises:
        Refused: what the value set refers to is not known, or its definition not understood.
    """
    known = await terminology.known(value_set, on)
    verdict = Verdict(valid=False, message="没有要校验的代码")
    for given in codings:
        coding = msgspec.structs.replace(given, system=canonical(given.system))
        if not coding.system:
            systems = {one.system for one in value_set.includes if one.system}
            held = [one for one in sorted(systems) if _in(value_set, known, one, coding)]
            if len(held) != 1:
                verdict = Verdict(valid=False, message=f"不能确定 {coding.code[:100]} 的代码系统")
                continue
            coding = msgspec.structs.replace(coding, system=held[0])
        if not contains(value_set, known, coding):
            shown = f"{coding.system}#{coding.code}"[:300]
            title = value_set.title or value_set.url
            verdict = Verdict(valid=False, message=f"{shown} 不在值集 {title} 中")
            continue
        system = known.systems.get(coding.system)
        at = system.position(coding.code) if system else None
        if system is None or at is None:
            return Verdict(valid=True, display=_listed_display(value_set, coding))
        if system.is_abstract(at) and not abstract:
            verdict = Verdict(
                valid=False,
                message=f"{coding.code} 只是类目，不能作为编码使用",
                display=system.display_on(at, on),
            )
            continue
        verdict = _judged(system, at, coding, on, dated=dated)
        if verdict.valid:
            return verdict
    return verdict


async def subsumes(
    terminology: Terminology, system: str, a: str, b: str, *, version: str | None = None
) -> Subsumption:
    """How two codes of a code system stand to each other in its hierarchy.

    Raises:
        Refused: `unknown-system`, `unknown-code`.
    """
    if canonical(system) == UCUM:
        for place, code in (("codeA", a), ("codeB", b)):
            if not is_unit(code):
                raise unknown_code(place, UCUM, code)
        return "equivalent" if a == b else "not-subsumed"
    return subsumption(await terminology.code_system(system, version), a, b)


def subsumption(system: CodeSystem, a: str, b: str) -> Subsumption:
    """How two codes of a code system at hand stand to each other.

    Raises:
        Refused: `unknown-code`.
    """
    at_a, at_b = system.position(a), system.position(b)
    if at_a is None:
        raise unknown_code("codeA", system.head.url, a)
    if at_b is None:
        raise unknown_code("codeB", system.head.url, b)
    if at_a == at_b:
        return "equivalent"
    if system.is_a(at_b, system.codes[at_a]):
        return "subsumes"
    return "subsumed-by" if system.is_a(at_a, system.codes[at_b]) else "not-subsumed"


async def expand(terminology: Terminology, value_set: ValueSet, wanted: Wanted) -> Expansion:
    """The codes of a value set, a page of those that fit.

    Raises:
        Refused: what it refers to is not known, its definition is not understood, or it is too
            large to be given without a page.
    """
    return expand_known(value_set, await terminology.known(value_set, wanted.on), wanted)


async def translate(
    terminology: Terminology,
    coding: Coding,
    *,
    maps: Iterable[ConceptMap] | None = None,
    target_system: str | None = None,
    reverse: bool = False,
) -> tuple[Match, ...]:
    """Translations of a code by the maps given, or by all that speak of its system.

    Raises:
        Refused: `unknown-map`: a map sends on to one that is not known.
    """
    coding = msgspec.structs.replace(coding, system=canonical(coding.system))
    target = canonical(target_system) if target_system is not None else None
    if maps is None:
        maps = await terminology.concept_maps(coding.system, target, reverse=reverse)
    found: list[Match] = []
    asked: set[str] = set()
    for _ in range(_HOPS):
        said = translate_by(maps, coding, target_system=target, reverse=reverse)
        found += [one for one in said.matches if one not in found]
        further = [url for url in said.ask if url and url not in asked]
        if not further:
            break
        asked.update(further)
        maps = [await terminology.concept_map(url) for url in further]
    return tuple(found)


def _judged(system: CodeSystem, at: int, coding: Coding, on: str, *, dated: bool) -> Verdict:
    display = system.display_on(at, on)
    detail = system.detail(at)
    if coding.display and not _is_named(system, at, coding.display):
        return Verdict(
            valid=False,
            message=f"{coding.code} 的名称是“{display}”，不是“{coding.display[:100]}”",
            display=display,
        )
    if system.is_active(at, on):
        return Verdict(valid=True, display=display)
    new = "、".join(system.current(coding.code, on)) or "无"
    span = f"（{detail.since or ''}至{detail.until or ''}）"
    message = f"{coding.code} 在 {on} 不在有效期内{span}，现行代码：{new}"
    return Verdict(valid=not dated, message=message, display=display)


def _is_named(system: CodeSystem, at: int, display: str) -> bool:
    names = {system.display(at), *(one.display for one in system.detail(at).names)}
    return folded(display) in {folded(name) for name in names}


def _not_there(system: CodeSystem, code: str) -> str:
    text = f"{system.head.title or system.head.url} 中没有代码 {code[:100]}"
    return text if system.head.complete else f"{text}（平台只有该系统的一部分代码）"


def _in(value_set: ValueSet, known: Known, system: str, coding: Coding) -> bool:
    return contains(value_set, known, msgspec.structs.replace(coding, system=system))


def _listed_display(value_set: ValueSet, coding: Coding) -> str | None:
    for include in value_set.includes:
        for one in include.codings or ():
            if (one.system, one.code) == (coding.system, coding.code):
                return one.display or None
    return None
