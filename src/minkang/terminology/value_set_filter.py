"""Filters of value sets: a condition on the codes of a system (R4, 4.9.6)."""

import msgspec

from minkang.fhir import Problem, Refused
from minkang.terminology.code_system import CodeSystem

_FILTERS = frozenset("is-a descendent-of is-not-a generalizes = in not-in exists".split())
"""Operators of filters; `regex` is refused, as a stranger's pattern can take for ever."""


class Filter(msgspec.Struct, frozen=True):
    """`ValueSet.compose.include.filter`: a property of the code, or the code (`concept`) itself."""

    property: str
    op: str
    value: str


def filtered(system: CodeSystem, one: Filter, on: str) -> set[int]:
    """Positions of the codes that pass a filter on a day.

    Raises:
        Refused: rule `filter`: it is not understood.
    """
    _check_filter(one)
    if one.property in ("concept", "code") and one.op in ("is-a", "descendent-of"):
        below = system.descendants(one.value)
        if below is None:
            raise _bad_filter(one, f"{one.value} 不是 {system.head.title} 的代码")
        top = system.position(one.value)
        return {*below, *(() if top is None or one.op != "is-a" else (top,))}
    return {at for at in range(len(system.codes)) if passes(system, at, one, on)}


def passes(system: CodeSystem, at: int, one: Filter, on: str) -> bool:
    """Whether a code passes a filter on a day; refuses as `filtered` does."""
    _check_filter(one)
    if one.property in ("concept", "code"):
        values: tuple[str, ...] = (system.codes[at],)
        if one.op == "is-a":
            return system.is_a(at, one.value)
        if one.op == "descendent-of":
            return system.is_a(at, one.value) and system.position(one.value) != at
        if one.op == "is-not-a":
            return not system.is_a(at, one.value)
        if one.op == "generalizes":
            top = system.position(one.value)
            return top is not None and system.is_a(top, system.codes[at])
    else:
        values = _property(system, at, one.property, on)
    if one.op == "=":
        return one.value in values
    if one.op == "in":
        return bool(set(one.value.split(",")).intersection(values))
    if one.op == "not-in":
        return not set(one.value.split(",")).intersection(values)
    if one.op == "exists":
        return bool(values) == (one.value == "true")
    raise _bad_filter(one, f"{one.op} 只用于 concept")


def _property(system: CodeSystem, at: int, name: str, on: str) -> tuple[str, ...]:
    if name == "parent":
        up = system.parent(at)
        return () if up is None else (system.codes[up],)
    if name == "child":
        concept = system.concept(system.codes[at])
        return concept.children if concept else ()
    if name == "display":
        return (system.display(at),)
    return tuple(
        str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in system.properties(at, on)
        if key == name
    )


def _check_filter(one: Filter) -> None:
    if one.op not in _FILTERS:
        raise _bad_filter(one, f"不支持 {one.op}")


def _bad_filter(one: Filter, why: str) -> Refused:
    place = "ValueSet.compose.include.filter"
    return Refused([Problem("terminology", place, "filter", f"{one.property} {one.op}：{why}")])
