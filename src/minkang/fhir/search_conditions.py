"""Conditions of a search: `name:modifier=values`, chains and `_has`.

FHIR R4 3.1.1.4.5 (modifiers), 3.1.1.5.1 (chains), 3.1.1.5.2 (`_has`).
"""

from collections.abc import Sequence

import msgspec

from minkang.fhir.definitions import definitions
from minkang.fhir.search import (
    Chain,
    Clause,
    Condition,
    Has,
    Parameter,
    ReferenceValue,
    TokenValue,
    Value,
)
from minkang.fhir.search_literals import BadValue, normalised, print_value, read_value
from minkang.fhir.search_parameters import COMMON, UNSUPPORTED, parameter, value_types
from minkang.fhir.search_text import split

MOST_VALUES = 1000
"""Alternatives in one value."""

DEEPEST = 8
"""Links of chains and `_has` in one name."""

MOST_WAYS = 200
"""Kinds of resources that one chain may lead through: those without a type multiply."""

_MODIFIERS: dict[str, frozenset[str]] = {
    "string": frozenset({"exact", "contains"}),
    "token": frozenset({"text", "not", "above", "below", "in", "not-in", "of-type"}),
    "reference": frozenset({"identifier"}),
    "uri": frozenset({"above", "below"}),
}
"""What FHIR R4 3.1.1.4.5 allows besides `missing` and, for references, types."""


class ConditionReader:
    """Reads the conditions of one search.

    Args:
        types: the resource types searched for.
        base: URL of this server, for absolute references that point here.
    """

    def __init__(self, types: Sequence[str], base: str) -> None:
        self._types = types
        self._base = base
        self._ways = 0

    def read(self, name: str, value: str) -> Condition:
        """The condition that one pair of name and value states.

        Raises:
            BadValue: it can't be understood.
        """
        self._ways = 0
        if len(self._types) > 1 and name.partition(":")[0] not in COMMON:
            raise BadValue(
                "unknown-parameter",
                f"跨类型检索只能用共有的参数（{'、'.join(sorted(COMMON))}），不能用 {name}",
                unsupported=True,
            )
        return self._condition(self._types[0], name, value, DEEPEST)

    def _condition(self, resource_type: str, name: str, value: str, deeper: int) -> Condition:
        if deeper < 0:
            raise BadValue("chain", f"链式检索最多 {DEEPEST} 层")
        self._ways += 1
        if self._ways > MOST_WAYS:
            raise BadValue(
                "chain", "链式检索涉及的资源类型太多：请写明类型，如 subject:Patient.name"
            )
        if name.startswith("_has:"):
            return self._has(resource_type, name, value, deeper)
        head, dot, rest = name.partition(".")
        code, _, modifier = head.partition(":")
        found = _known(resource_type, code)
        if dot:
            return self._chain(found, modifier, rest, value, deeper)
        if ":" in head and not modifier:
            raise BadValue("modifier", f"{code} 后面的冒号之后没有修饰符")
        return self._clause(found, modifier or None, value)

    def _has(self, searched: str, name: str, value: str, deeper: int) -> Has:
        parts = name.split(":", 3)
        if len(parts) != 4 or not all(parts):
            raise BadValue("chain", "_has 应写作 _has:类型:引用参数:参数")
        _, resource_type, code, rest = parts
        _check_type(resource_type)
        link = _known(resource_type, code)
        _check_link(link)
        if link.targets and searched not in link.targets:
            text = f"{resource_type} 的 {code} 不指向 {searched}"
            raise BadValue("chain", text, unsupported=True)
        return Has(resource_type, link, self._condition(resource_type, rest, value, deeper - 1))

    def _chain(self, link: Parameter, type_name: str, rest: str, value: str, deeper: int) -> Chain:
        _check_link(link)
        if type_name:
            _check_target(link, type_name)
            inner = self._condition(type_name, rest, value, deeper - 1)
            return Chain(link, ((type_name, inner),))
        ways: list[tuple[str, Condition]] = []
        unknown: BadValue | None = None
        for target in sorted(link.targets or definitions().parameters):
            try:
                ways.append((target, self._condition(target, rest, value, deeper - 1)))
            except BadValue as bad:
                # Not every type has the parameter; what is wrong otherwise is wrong for all.
                if not bad.unsupported:
                    raise
                unknown = bad
        if not ways:
            text = f"{link.code} 指向的类型都没有参数 {rest}" if len(link.targets) != 1 else ""
            rule = "chain" if text else (unknown.rule if unknown else "chain")
            raise BadValue(rule, text or (unknown.text if unknown else ""), unsupported=True)
        return Chain(link, tuple(ways))

    def _clause(self, p: Parameter, modifier: str | None, value: str) -> Clause:
        if modifier == "missing":
            if value not in ("true", "false"):
                raise BadValue("modifier", f":missing 只能是 true 或 false，而不是“{value}”")
            return Clause(p, "missing", (), value == "true")
        if p.kind in UNSUPPORTED:
            raise BadValue("unsupported", f"不支持按 {p.code} 检索", unsupported=True)
        target = None
        if modifier is not None and p.kind == "reference" and modifier in definitions().parameters:
            _check_target(p, modifier)
            target, modifier = modifier, None
        _check_modifier(p, modifier)
        if p.code == "phonetic":
            modifier = "phonetic"
        alternatives = split(value, ",")
        if len(alternatives) > MOST_VALUES:
            raise BadValue("too-many-values", f"一个参数最多 {MOST_VALUES} 个值")
        if not all(alternatives):
            raise BadValue("empty", f"{p.code} 的值是空的")
        values: list[Value] = []
        for text in alternatives:
            found = read_value(p, modifier, text, self._base)
            if isinstance(found, TokenValue) and p.kind == "token" and modifier != "text":
                values.extend(normalised(p, found))
            elif isinstance(found, ReferenceValue) and target is not None:
                values.append(_of_target(found, target))
            else:
                values.append(found)
        return Clause(p, modifier, tuple(dict.fromkeys(values)))


def print_condition(condition: Condition) -> tuple[str, str]:
    """Name and value of a condition, as `ConditionReader.read` takes them."""
    if isinstance(condition, Clause):
        code = condition.parameter.code
        if condition.modifier == "missing":
            return f"{code}:missing", "true" if condition.missing else "false"
        shown = None if condition.modifier == "phonetic" else condition.modifier
        name = f"{code}:{shown}" if shown else code
        return name, ",".join(map(print_value, condition.values))
    if isinstance(condition, Has):
        name, value = print_condition(condition.inner)
        return f"_has:{condition.type}:{condition.parameter.code}:{name}", value
    printed = [(target, print_condition(inner)) for target, inner in condition.inner]
    # A system that is implied for one type is left out there; the longest is how it was given.
    target, (name, value) = max(printed, key=lambda item: len(item[1][1]))
    link = condition.parameter.code
    return (f"{link}:{target}.{name}" if len(printed) == 1 else f"{link}.{name}"), value


def _known(resource_type: str, code: str) -> Parameter:
    found = parameter(resource_type, code)
    if found is None:
        raise BadValue(
            "unknown-parameter", f"{resource_type} 没有检索参数 {code}", unsupported=True
        )
    return found


def _check_type(resource_type: str) -> None:
    if resource_type not in definitions().parameters:
        raise BadValue("chain", f"没有资源类型 {resource_type}", unsupported=True)


def _check_link(link: Parameter) -> None:
    if link.kind != "reference":
        text = f"{link.type} 的 {link.code} 不是引用，不能接着往下检索"
        raise BadValue("chain", text, unsupported=True)


def _check_target(link: Parameter, target: str) -> None:
    _check_type(target)
    if link.targets and target not in link.targets:
        text = f"{link.type} 的 {link.code} 不指向 {target}"
        raise BadValue("chain", text, unsupported=True)


def _check_modifier(p: Parameter, modifier: str | None) -> None:
    if modifier is None:
        return
    allowed = frozenset() if p.code == "phonetic" else _MODIFIERS.get(p.kind, frozenset())
    if modifier == "of-type" and "Identifier" not in value_types(p.type, p.code):
        allowed -= {"of-type"}
    if modifier not in allowed:
        names = "、".join(f":{name}" for name in sorted({*allowed, "missing"}))
        raise BadValue("modifier", f"{p.code} 不支持修饰符 :{modifier}（可用 {names}）")


def _of_target(value: ReferenceValue, target: str) -> ReferenceValue:
    if value.type is not None and value.type != target:
        raise BadValue("reference", f"写明的类型是 {target}，值却指向 {value.type}")
    return msgspec.structs.replace(value, type=target) if value.id is not None else value
