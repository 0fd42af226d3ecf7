"""FHIR's CodeSystem, ValueSet and ConceptMap as what the operations work on (R4, 4.8 to 4.10).

The resources were validated when they were written; what is not understood here is refused where
it would change the meaning.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from minkang.fhir import Problem, Refused, Resource
from minkang.terminology.builtin import canonical
from minkang.terminology.code_system import CodeSystem
from minkang.terminology.concept_map import ConceptMap, Group, Target, Unmapped
from minkang.terminology.concepts import Coding, Detail, Head, PropertyValue
from minkang.terminology.value_set import Include, ValueSet
from minkang.terminology.value_set_filter import Filter

_MOST = 200_000
"""Codes of a code system, at most."""

_INACTIVE = ("retired", "inactive")


def code_system_of(resource: Resource) -> CodeSystem:
    """An uploaded CodeSystem.

    Raises:
        Refused: it holds no codes (`content` is `not-present` or `supplement`), one code twice,
            too many, or codes that lie below themselves.
    """
    content = resource.get("content")
    if content not in ("complete", "fragment", "example"):
        raise _refused("CodeSystem.content", "content", f"代码系统不含代码（{content}）")
    codes: list[str] = []
    displays: list[str] = []
    details: dict[str, Detail] = {}
    waiting: list[tuple[Mapping[str, Any], str | None]] = [
        (concept, None) for concept in reversed(resource.get("concept", ()))
    ]
    while waiting:
        concept, parent = waiting.pop()
        code = concept["code"]
        if code in details:
            raise _refused("CodeSystem.concept.code", "csd-1", f"代码 {code} 出现了两次")
        if len(codes) >= _MOST:
            raise _refused("CodeSystem.concept", "too-costly", f"代码多于 {_MOST} 个")
        codes.append(code)
        displays.append(concept.get("display") or code)
        details[code] = _detail(concept, parent)
        waiting += [(child, code) for child in reversed(concept.get("concept", ()))]
    _check_hierarchy(details)
    head = Head(
        url=resource.get("url", ""),
        short=resource.get("id", ""),
        title=resource.get("title") or resource.get("name") or "",
        version=resource.get("version", ""),
        standard=resource.get("publisher", ""),
        hierarchy="explicit",
        case_sensitive=resource.get("caseSensitive", True),
        complete=content == "complete",
    )
    return CodeSystem(head, codes, displays, details=details)


def _check_hierarchy(details: Mapping[str, Detail]) -> None:
    """Refuse a hierarchy in which a way up has no end."""
    sound: set[str] = set()
    for code in details:
        way: dict[str, None] = {}
        at: str | None = code
        while at is not None and at in details and at not in sound:
            if at in way:
                text = f"代码 {at} 是自己的上级"
                raise _refused("CodeSystem.concept.property", "hierarchy-cycle", text)
            way[at] = None
            at = details[at].parent
        sound.update(way)


def value_set_of(resource: Resource) -> ValueSet:
    """A ValueSet; one that only holds an expansion is taken as the list of its codes.

    Raises:
        Refused: it says in no way which codes it has.
    """
    compose = resource.get("compose")
    if compose is None and "expansion" not in resource:
        raise _refused("ValueSet.compose", "not-expandable", "值集没有说明包含哪些代码")
    if compose is None:
        includes = _expanded(resource["expansion"].get("contains", ()))
    else:
        includes = tuple(_include(one) for one in compose.get("include", ()))
    return ValueSet(
        url=resource.get("url") or f"ValueSet/{resource.get('id', '')}",
        version=resource.get("version"),
        name=resource.get("name", ""),
        title=resource.get("title", ""),
        includes=includes,
        excludes=tuple(_include(one) for one in (compose or {}).get("exclude", ())),
        with_inactive=(compose or {}).get("inactive", True),
        status=resource.get("status", "unknown"),
    )


def concept_map_of(resource: Resource) -> ConceptMap:
    """A ConceptMap; groups that name no systems are left out, as they map nothing.

    Mappings that depend on other properties of the data (`dependsOn`) are left out too: nobody
    hands those properties in, and without them the mapping may be wrong.
    """
    return ConceptMap(
        url=resource.get("url") or f"ConceptMap/{resource.get('id', '')}",
        version=resource.get("version"),
        source=resource.get("sourceUri") or resource.get("sourceCanonical"),
        target=resource.get("targetUri") or resource.get("targetCanonical"),
        groups=tuple(
            _group(one)
            for one in resource.get("group", ())
            if one.get("source") and one.get("target")
        ),
    )


def _detail(concept: Mapping[str, Any], parent: str | None) -> Detail:
    properties: list[tuple[str, PropertyValue]] = []
    since = until = None
    successors: list[str] = []
    abstract = ended = False
    for one in concept.get("property", ()):
        name, value = one["code"], _value(one)
        if value is None:
            continue
        if name == "effectiveDate":
            since = str(value)
        elif name in ("deprecationDate", "retirementDate"):
            until = str(value)
        elif name == "successor":
            successors.append(str(value))
        elif name in ("inactive", "status") and value in (True, *_INACTIVE):
            ended = True
        elif name == "notSelectable":
            abstract = value is True
        elif name == "parent" and parent is None:
            parent = str(value)
        elif name not in ("parent", "child", "inactive"):
            properties.append((name, value))
    return Detail(
        since=since,
        until=until,
        successors=tuple(successors),
        properties=tuple(properties),
        parent=parent,
        abstract=abstract,
        ended=ended and until is None,
    )


def _value(one: Mapping[str, Any]) -> PropertyValue | None:
    for key, value in one.items():
        if key.startswith("value"):
            if isinstance(value, dict):
                return str(value.get("code", ""))
            return value if isinstance(value, str | bool | int) else str(value)
    return None


def _include(one: Mapping[str, Any]) -> Include:
    system = canonical(one["system"]) if "system" in one else None
    concepts = one.get("concept")
    codings = None
    if concepts is not None:
        codings = tuple(Coding(system or "", c["code"], c.get("display", "")) for c in concepts)
    return Include(
        system=system,
        version=one.get("version"),
        codings=codings,
        filters=tuple(
            Filter(f.get("property", ""), f.get("op", ""), f.get("value", ""))
            for f in one.get("filter", ())
        ),
        value_sets=tuple(one.get("valueSet", ())),
    )


def _expanded(contains: Iterable[Mapping[str, Any]]) -> tuple[Include, ...]:
    by_system: dict[str, list[Coding]] = {}
    waiting = list(contains)[::-1]
    while waiting:
        one = waiting.pop()
        if one.get("code") and not one.get("abstract"):
            system = canonical(one.get("system", ""))
            coding = Coding(system, one["code"], one.get("display", ""), one.get("version"))
            by_system.setdefault(system, []).append(coding)
        waiting += reversed(one.get("contains", ()))
    return tuple(Include(system=url, codings=tuple(codes)) for url, codes in by_system.items())


def _group(group: Mapping[str, Any]) -> Group:
    elements: dict[str, tuple[Target, ...]] = {}
    for element in group.get("element", ()):
        if "code" not in element:
            continue
        targets = tuple(
            Target(one.get("code", ""), one.get("display", ""), one["equivalence"])
            for one in element.get("target", ())
            if not one.get("dependsOn")
        )
        elements[element["code"]] = (*elements.get(element["code"], ()), *targets)
    given = group.get("unmapped")
    unmapped = None
    if given is not None:
        unmapped = Unmapped(
            given["mode"], given.get("code", ""), given.get("display", ""), given.get("url", "")
        )
    return Group(
        source=canonical(group["source"]),
        target=canonical(group["target"]),
        elements=elements,
        unmapped=unmapped,
    )


def _refused(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("terminology", place, rule, text)])
