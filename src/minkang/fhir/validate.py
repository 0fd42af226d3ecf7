"""Whether a resource keeps the rules of base R4: structure, values, codes, references.

`validate` finds every problem; `check` asks the fast path first (`minkang.fhir.shapes`), which
accepts most of what is right without a look from here. Profiles and invariants are not judged
here (invariants: `minkang.fhir.invariants`).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeAlias

import msgspec

from minkang.fhir.definitions import Element, definitions
from minkang.fhir.json import Resource
from minkang.fhir.primitives import fault
from minkang.fhir.problems import Problem
from minkang.fhir.shapes import accepts, accepts_container
from minkang.fhir.types import TYPE_CODES
from minkang.fhir.validate_references import reference_fault

DEPTH: Final = 64
"""How many objects may lie inside each other."""

MOST: Final = 10_000
"""So many problems are listed: a resource that consists of them must not fill the memory."""

_BINDING = "required-binding"
_LONGEST_NAME = 64
"""Of an unknown element, so much of its name is repeated in a problem's place."""


def check(resource: Resource, body: bytes) -> list[Problem]:
    """Like `validate`, in a fraction of the time if nothing is wrong.

    Args:
        resource: what `body` decodes to.
        body: JSON in UTF-8.
    """
    of_type = resource.get("resourceType")
    if "contained" in resource:
        right = accepts_container(resource, body)
    else:
        right = isinstance(of_type, str) and accepts(of_type, body)
    return [] if right else validate(resource)


def validate(resource: Any) -> list[Problem]:
    """Every problem of a resource by the rules of base R4; empty if it keeps them.

    After `MOST` problems the rest is left out, and a last one says so (rule `too-many`).

    Problems have stage `validate`, a place like `Patient.contact[0].name.given[1]`, and one of the
    rules `unknown-type`, `unknown-element`, `type`, `cardinality`, `choice`, `empty`, `null`,
    `alignment`, `characters`, `pattern`, `range`, `calendar-date`, `required-binding`,
    `reference-target`, `narrative`, `contained`, `depth`.

    Args:
        resource: as `minkang.fhir.decode` gives it.
    """
    run = _Run([], {})
    place = resource.get("resourceType") if isinstance(resource, dict) else None
    _resource(run, resource, place if isinstance(place, str) else "-", 1)
    return run.problems


_Place: TypeAlias = str | tuple["_Place", str | int]
"""Where something lies: the resource's type, or a step below another place; written when needed."""


class _Run(msgspec.Struct):
    """One validation: what was found, and what the container at hand contains (id to type)."""

    problems: list[Problem]
    contained: Mapping[str, str]
    inside: bool = False

    def found(self, place: _Place, rule: str, text: str) -> None:
        if len(self.problems) == MOST:
            rule, text = "too-many", f"问题超过 {MOST} 个，其余不再列出"
        if len(self.problems) <= MOST:
            self.problems.append(Problem("validate", _written(place), rule, text))


def _written(place: _Place) -> str:
    """`Patient.name[0].given`."""
    steps: list[str] = []
    while not isinstance(place, str):
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join((place, *reversed(steps)))


class _Field(msgspec.Struct, frozen=True):
    """What a JSON name stands for: an element, of one type."""

    element: Element
    name: str
    """The element's."""
    of_type: str
    of_value: str
    """The JSON name, without the `_` of ids and extensions of primitives."""
    many: bool
    primitive: bool
    extends: bool
    """The JSON name begins with `_`."""


@cache
def _fields(name: str) -> dict[str, _Field]:
    """JSON names of a type's elements."""
    types = definitions().types
    fields: dict[str, _Field] = {}
    for element in types[name].elements.values():
        for of_type in element.types:
            key = element.name
            if element.choice:
                key += of_type[0].upper() + of_type[1:]
            primitive = types[of_type].kind == "primitive"
            of_value = (element, element.name, of_type, key, element.many)
            fields[key] = _Field(*of_value, primitive=primitive, extends=False)
            if primitive and of_type != "xhtml":
                fields[f"_{key}"] = _Field(*of_value, primitive=False, extends=True)
    return fields


@cache
def _needed(name: str) -> tuple[Element, ...]:
    return tuple(e for e in definitions().types[name].elements.values() if e.min)


def _resource(run: _Run, value: Any, place: _Place, depth: int) -> None:
    if not isinstance(value, dict):
        run.found(place, "type", "应为一个资源")
        return
    of_type = value.get("resourceType")
    if not isinstance(of_type, str) or of_type not in TYPE_CODES:
        run.found(place, "unknown-type", "resourceType 应为 FHIR R4 的资源类型")
        return
    if run.inside:
        if "contained" in value:
            run.found((place, "contained"), "contained", "内含资源不能再内含资源")
        _object(run, value, of_type, place, depth)
        return
    outer = run.contained
    run.contained = _contained_types(value.get("contained"))
    _object(run, value, of_type, place, depth)
    run.contained = outer


def _contained_types(contained: Any) -> dict[str, str]:
    if not isinstance(contained, list):
        return {}
    return {
        c["id"]: c["resourceType"]
        for c in contained
        if isinstance(c, dict)
        and isinstance(c.get("id"), str)
        and isinstance(c.get("resourceType"), str)
    }


def _object(run: _Run, value: Any, name: str, place: _Place, depth: int) -> None:
    """An object as a type: a resource, a complex type, a backbone, or what extends a primitive."""
    if not isinstance(value, dict):
        run.found(place, "type", "应为对象")
        return
    if depth > DEPTH:
        run.found(place, "depth", f"嵌套超过 {DEPTH} 层")
        return
    if not value:
        run.found(place, "empty", "对象不能为空")
        return
    fields = _fields(name)
    present: dict[str, str] = {}
    others: dict[str, list[str]] = {}
    for key, held in value.items():
        field = fields.get(key)
        if field is None:
            if key != "resourceType" or name not in TYPE_CODES:
                shown = key[:_LONGEST_NAME]
                run.found((place, shown), "unknown-element", f"{name} 没有元素 {shown}")
            continue
        at = (place, key)
        _element(run, held, field, at, depth)
        of_value = field.of_value
        if present.setdefault(field.name, of_value) != of_value:
            others.setdefault(field.name, []).append(of_value)
        if field.many:
            if field.primitive:
                _alignment(run, held, value.get(f"_{key}"), at)
            elif field.extends and of_value not in value:
                _alignment(run, None, held, at)
    for element in _needed(name):
        if element.name not in present:
            shown = f"{element.name}[x]" if element.choice else element.name
            run.found((place, shown), "cardinality", f"缺少必填元素 {shown}")
    for choice, more in others.items():
        keys = "、".join(dict.fromkeys([present[choice], *more]))
        text = f"{choice}[x] 只能有一种类型，不能同时有 {keys}"
        run.found((place, f"{choice}[x]"), "choice", text)


def _element(run: _Run, value: Any, field: _Field, place: _Place, depth: int) -> None:
    """What an element holds: one value or an array of them."""
    if value is None:
        run.found(place, "null", "没有值时应省略该元素，不能写 null")
    elif not field.many:
        if isinstance(value, list):
            run.found(place, "cardinality", "该元素只能有一个，不能是数组")
        else:
            _value(run, value, field, place, depth)
    elif not isinstance(value, list):
        run.found(place, "cardinality", "该元素可以重复，应为数组")
    elif not value:
        run.found(place, "empty", "数组不能为空")
    else:
        for at, item in enumerate(value):
            if item is not None:
                _value(run, item, field, (place, at), depth)
            elif not (field.primitive or field.extends):
                run.found((place, at), "null", "数组中不能有 null")


def _alignment(run: _Run, values: Any, extensions: Any, place: _Place) -> None:
    """Values of a repeating primitive and what extends them: one fills the gaps of the other."""
    values = values if isinstance(values, list) else None
    extensions = extensions if isinstance(extensions, list) else None
    if values is not None and extensions is not None and len(values) != len(extensions):
        run.found(place, "alignment", "值与其扩展的数组应等长，缺位处写 null")
        return
    pairs = zip(values or extensions or (), extensions or values or (), strict=True)
    for at, (value, extension) in enumerate(pairs):
        if value is None and extension is None:
            run.found((place, at), "null", "null 只用于给值或扩展补位，此处两者都没有")


def _value(run: _Run, value: Any, field: _Field, place: _Place, depth: int) -> None:
    """One value (not null) of an element."""
    of_type, element = field.of_type, field.element
    if field.primitive:
        wrong = fault(of_type, value)
        if wrong:
            run.found(place, *wrong)
        elif element.required_codes:
            codes = _codes(element.required_codes)
            if codes is not None and value not in codes:
                run.found(place, _BINDING, f"代码不在值集 {element.required_codes} 中")
    elif of_type == "Resource":
        inside, run.inside = run.inside, run.inside or element.name == "contained"
        _resource(run, value, place, depth + 1)
        run.inside = inside
    else:
        before = len(run.problems)
        _object(run, value, of_type, place, depth + 1)
        if len(run.problems) > before:
            return
        if of_type == "Reference":
            wrong = reference_fault(value, element.targets, run.contained)
            if wrong:
                run.found(place, *wrong)
        elif of_type == "CodeableConcept" and element.required_codes:
            _bound_concept(run, value, element.required_codes, place)


@cache
def _codes(value_set: str) -> frozenset[str] | None:
    """The codes of a value set, without their systems; None where R4 does not list them."""
    listed = definitions().codes.get(value_set)
    return None if listed is None else frozenset(code for _, code in listed)


def _bound_concept(run: _Run, value: Mapping[str, Any], value_set: str, place: _Place) -> None:
    """A CodeableConcept needs one coding of the value set (FHIR R4 4.1.3.1, required)."""
    codes = _codes(value_set)
    if codes is None:
        return
    listed = definitions().codes[value_set]
    for coding in value.get("coding", ()):
        system, code = coding.get("system"), coding.get("code")
        if (system, code) in listed or (system is None and code in codes):
            return
    run.found(place, _BINDING, f"至少要有一个编码取自值集 {value_set}")
