"""A mapping as a Python function: generated source, compiled once.

Every column is read and converted once a row, constants stand in the source as literals, and what
is empty is looked for only where something is. Texts of the mapping enter the source by `repr`
alone. A node becomes an expression: a literal (never empty), or a variable (None where empty).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.tables.convert import CONVERT, as_decimal_in, as_quantity
from minkang.exchange.mappings.tables.language import (
    All,
    Column,
    Condition,
    Form,
    ResourceRule,
    Split,
    TableMapping,
    Target,
    Template,
)
from minkang.exchange.mappings.tables.national import rows_by_text, table_name
from minkang.exchange.merge import Contribution, Order, number_key

Row: TypeAlias = Mapping[str, str | None]
"""A row: column to text, None where it is empty."""


class Trouble(Protocol):
    """Where the function says what is wrong; each gives None, so that the leaf stays empty."""

    def empty(self, column: str, text: str = ...) -> None:
        """A column must be filled."""

    def unlisted(self, column: str, text: str, codes: Mapping[str, Any]) -> None:
        """A text is not among the codes."""

    def unread(self, column: str, text: str, form: Form, error: ValueError) -> None:
        """A text is not of its form."""


MakeRow: TypeAlias = Callable[[Context, Row, Trouble, datetime | None, Order], list[Contribution]]
"""What a row contributes; raises KeyError for a column that the row lacks."""


def row_function(mapping: TableMapping) -> MakeRow:
    """The function of a mapping."""
    return _Writer().function(mapping)


def filled(node: dict[str, Any]) -> dict[str, Any] | None:
    """A mapping without its empty members; None if nothing is left."""
    return {key: value for key, value in node.items() if value is not None} or None


def listed(items: list[Any]) -> list[Any] | None:
    """A list without its empty items; None if nothing is left."""
    return [item for item in items if item is not None] or None


def apart(resource: dict[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """A resource's filled elements, and the names of those that are empty."""
    erased = frozenset(key for key, value in resource.items() if value is None)
    return {key: value for key, value in resource.items() if value is not None}, erased


def numbers(
    resource: dict[str, Any], erased: frozenset[str], systems: tuple[str, ...]
) -> frozenset[str]:
    """What is erased, with the identifiers that the row has columns for and leaves empty."""
    given = resource.get("identifier") or ()
    if len(given) == len(systems):
        return erased
    there = {one.get("system") for one in given}
    empty = [number_key(system) for system in systems if system not in there]
    return (erased - {"identifier"}).union(empty) if empty else erased


class _Node:
    """An expression.

    Attributes:
        variable: it may be None.
        splice: a list to be put into a list.
        given: variables; all are None where the row fills no leaf in it. Empty of a constant.
    """

    def __init__(
        self,
        text: str,
        *,
        variable: bool = False,
        splice: bool = False,
        given: tuple[str, ...] = (),
    ) -> None:
        self.text, self.variable, self.splice, self.given = text, variable, splice, given


class _Writer:
    """Writes the source of one mapping; knows which variables are set where it has come to."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 1
        self._count = 0
        self._known: dict[object, str] = {}
        self._labels: dict[str, str] = {}
        self._item = ""
        self._names: dict[str, Any] = {
            "Contribution": Contribution,
            "filled": filled,
            "listed": listed,
            "apart": apart,
            "NOTHING": frozenset(),
            "numbers": numbers,
            "as_quantity": as_quantity,
            "as_decimal_in": as_decimal_in,
            **{f"as_{form}": convert for form, convert in CONVERT.items()},
        }

    def function(self, mapping: TableMapping) -> MakeRow:
        self._line("found = []")
        for rule in mapping.resources:
            for label in filter(None, (rule.type, rule.label)):
                self._line(f"{self._label(label)} = None")
        for rule in mapping.resources:
            self._rule(rule)
        self._line("return found")
        source = "\n".join(["def make(context, row, trouble, at, order):", *self._lines])
        # The source holds nothing of the mapping but literals written by repr.
        exec(compile(source, f"<mapping {mapping.name}>", "exec"), self._names)  # noqa: S102
        made: MakeRow = self._names["make"]
        return made

    def _rule(self, rule: ResourceRule) -> None:
        with self._block([_condition(one) for one in rule.when]):
            number = self._template(rule.number)
            self._line(f"if {number} is None:")
            missing = f"缺少 {rule.type} 的编号"
            self._line(f"    trouble.empty({rule.number.columns[0]!r}, {missing!r})")
            # Such a row is refused; the rest is looked at for what else is wrong with it.
            key = self._set(f"context.id({rule.type!r}, {number} or '', at)")
            self._resource(rule, key)
            for label in filter(None, (rule.type, rule.label)):
                self._line(f"{self._label(label)} = {f'{rule.type}/'!r} + {key}")

    def _resource(self, rule: ResourceRule, key: str) -> None:
        members = {element: self._node(node) for element, node in rule.elements.items()}
        body = [f"'resourceType': {rule.type!r}", f"'id': {key}"]
        body += [f"{element!r}: {node.text}" for element, node in members.items()]
        resource = self._set("{" + ", ".join(body) + "}")
        erased = self._set("NOTHING")
        maybe = [node.text for node in members.values() if node.variable]
        if maybe:
            self._line(f"if {' or '.join(f'{one} is None' for one in maybe)}:")
            self._line(f"    {resource}, {erased} = apart({resource})")
        identifiers = rule.elements.get("identifier")
        if isinstance(identifiers, list):
            systems = [
                self._constant(one["system"])
                for one in identifiers
                if isinstance(one, dict) and isinstance(one.get("system"), str)
            ]
            known = "".join(f"{one}, " for one in systems)
            self._line(f"{erased} = numbers({resource}, {erased}, ({known}))")
        self._line(f"found.append(Contribution({resource}, order, {erased}))")

    def _node(self, node: Any) -> _Node:
        if isinstance(node, Column):
            return _leaf(self._column(node), splice=node.table is not None)
        if isinstance(node, Split):
            return _leaf(self._splitting(node), splice=True)
        if isinstance(node, Template):
            return _leaf(self._template(node))
        if isinstance(node, Target):
            return _leaf(self._target(node))
        if isinstance(node, All):
            return _leaf(self._all(node), splice=True)
        if isinstance(node, list):
            return self._list(node)
        if isinstance(node, dict):
            return self._mapping(node)
        return _Node(self._constant(node), variable=node is None)

    def _mapping(self, node: dict[str, Any]) -> _Node:
        """A mapping with leaves is empty where all of them are, whatever constants it has.

        Only a concept stays for a constant `coding`; it is no reason to keep what holds it.
        """
        members = {key: self._node(item) for key, item in node.items() if item is not None}
        text = "{" + ", ".join(f"{key!r}: {one.text}" for key, one in members.items()) + "}"
        maybe = [one.text for one in members.values() if one.variable]
        given = _together(members.values())
        coding = members.get("coding")
        if not given or (coding is not None and not coding.variable):
            made = self._without(maybe, text, "filled") if members else "None"
            return _Node(made, variable=len(maybe) == len(members), given=given)
        if given == (*maybe,) and len(maybe) == 1:
            made = self._set(f"{text} if {maybe[0]} is not None else None")
        else:
            made = self._set(text)
            self._line(f"if {_any_of(dict.fromkeys([*maybe, *given]), 'None')}:")
            kept = f"filled({made}) if {_any_of(given, 'not None')} else None"
            self._line(f"    {made} = {kept}")
        return _Node(made, variable=True, given=(made,))

    def _list(self, node: list[Any]) -> _Node:
        """A list without its empty items; each item stands for itself, constants stay."""
        items = [self._node(item) for item in node if item is not None]
        text = ", ".join(f"*({one.text} or ())" if one.splice else one.text for one in items)
        maybe = [one.text for one in items if one.variable]
        made = self._without(maybe, f"[{text}]", "listed") if items else "None"
        return _Node(made, variable=len(maybe) == len(items), given=_together(items))

    def _without(self, maybe: list[str], text: str, function: str) -> str:
        """The variable of something made without what is empty in it."""
        if not maybe:
            return text
        made = self._set(text)
        self._line(f"if {_any_of(maybe, 'None')}:")
        self._line(f"    {made} = {function}({made})")
        return made

    def _constant(self, node: Any) -> str:
        if node == "$institution":
            return f"{{**{self._once('institution', 'context.institution()')}}}"
        if isinstance(node, str) and node.startswith("$system:"):
            return self._system(node.removeprefix("$system:"))
        return repr(node)

    def _system(self, kind: str) -> str:
        return self._once(("system", kind), f"context.number_system({kind!r})")

    def _column(self, leaf: Column) -> str:
        codes = tuple((leaf.codes or {}).items())
        key = (leaf.column, leaf.form, codes, leaf.unit, leaf.words is None)
        # A list or a Quantity is made anew for each place; everything else is read once.
        once = not leaf.item and leaf.table is None and leaf.form != "quantity"
        text = self._text(leaf)
        if leaf.required:
            self._line(f"if {text} is None: trouble.empty({leaf.column!r})")
        if once and key in self._known:
            return self._known[key]
        if leaf.words is not None:
            return self._set(f"{self._name(leaf.words)}.get({text}, {text})")
        if leaf.form == "text" and leaf.codes is None and leaf.table is None:
            return text
        value = self._set(text)
        self._line(f"if {value} is not None:")
        self._depth += 1
        if leaf.codes is not None:
            self._codes(leaf, value)
        elif leaf.table is not None:
            self._table(leaf, value, leaf.table)
        else:
            self._convert(leaf, value)
        self._depth -= 1
        if once:
            self._known[key] = value
        return value

    def _text(self, leaf: Column) -> str:
        return (
            self._item if leaf.item else self._once(("text", leaf.column), f"row[{leaf.column!r}]")
        )

    def _codes(self, leaf: Column, value: str) -> None:
        codes = self._name(leaf.codes)
        text = self._set(value)
        self._line(f"{value} = {codes}.get({text})")
        self._line(f"if {value} is None: trouble.unlisted({leaf.column!r}, {text}, {codes})")

    def _table(self, leaf: Column, value: str, url: str) -> None:
        rows = self._name(rows_by_text(url))
        row = self._set(f"{rows}.get({value})")
        self._line(f"if {row} is not None:")
        coding = f"{{'system': {url!r}, 'code': {row}.code, 'display': {row}.display}}"
        self._line(f"    {value} = [{coding}]")
        self._line("else:")
        if leaf.strict:
            known = self._name({one.display: one.code for one in rows_by_text(url).values()})
            self._line(f"    {value} = trouble.unlisted({leaf.column!r}, {value}, {known})")
            return
        own = f"context.number_system({f'code:{table_name(url)}'!r})"
        self._line(f"    {value} = [{{'system': {own}, 'code': ' '.join({value}.split())}}]")

    def _convert(self, leaf: Column, value: str) -> None:
        call = f"as_{leaf.form}({value})"
        if leaf.form == "quantity" or leaf.unit is not None:
            function = "as_quantity" if leaf.form == "quantity" else "as_decimal_in"
            call = f"{function}({value}, {leaf.unit!r})"
        self._line(f"try: {value} = {call}")
        wrong = f"trouble.unread({leaf.column!r}, {value}, {leaf.form!r}, error)"
        self._line(f"except ValueError as error: {value} = {wrong}")

    def _splitting(self, leaf: Split) -> str:
        text = self._once(("text", leaf.column), f"row[{leaf.column!r}]")
        if leaf.required:
            self._line(f"if {text} is None: trouble.empty({leaf.column!r})")
        pattern = self._name(re.compile(leaf.pattern))
        items = self._set("[]")
        item = self._fresh()
        self._line(f"for {item} in {pattern}.split({text}) if {text} is not None else ():")
        self._depth += 1
        with self._block([f"{item} and ({item} := {item}.strip())"]):
            self._item = item
            node = self._node(leaf.each)
            self._line(f"if {node.text} is not None:")
            self._line(f"    {items}.{'extend' if node.splice else 'append'}({node.text})")
            self._item = ""
        self._depth -= 1
        return self._set(f"{items} or None")

    def _template(self, leaf: Template) -> str:
        if leaf in self._known:
            return self._known[leaf]
        texts = [self._once(("maybe", name), f"row.get({name!r})") for name in leaf.columns]
        pieces = [
            repr(part) if at % 2 == 0 else texts[at // 2] for at, part in enumerate(leaf.parts)
        ]
        joined = " + ".join(piece for piece in pieces if piece != "''")
        alive = " and ".join(f"{one} is not None" for one in dict.fromkeys(texts))
        if joined == texts[0]:
            return texts[0]
        return self._once(leaf, f"{joined} if {alive} else None")

    def _target(self, leaf: Target) -> str:
        if leaf.number is not None:
            number = self._template(leaf.number)
            made = f"{f'{leaf.label}/'!r} + context.id({leaf.label!r}, {number}, at)"
            return self._set(f"{{'reference': {made}}} if {number} is not None else None")
        label = self._label(leaf.label)
        return self._set(f"{{'reference': {label}}} if {label} is not None else None")

    def _all(self, leaf: All) -> str:
        kind = f"one.key[0] == {leaf.type!r}"
        made = f"{{'reference': '/'.join(one.key)}} for one in found if {kind}"
        return self._set(f"[{made}] or None")

    def _once(self, key: object, expression: str) -> str:
        """The variable that holds something already, or a new one."""
        if key not in self._known:
            self._known[key] = self._set(expression)
        return self._known[key]

    def _set(self, expression: str) -> str:
        name = self._fresh()
        self._line(f"{name} = {expression}")
        return name

    def _fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _label(self, label: str) -> str:
        return self._labels.setdefault(label, f"label{len(self._labels)}")

    def _name(self, value: Any) -> str:
        name = f"c{len(self._names)}"
        self._names[name] = value
        return name

    def _line(self, text: str) -> None:
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def _block(self, conditions: list[str]) -> Iterator[None]:
        """Lines that run only on conditions: what they set is not known after them."""
        if not conditions:
            yield
            return
        before = dict(self._known)
        self._line(f"if {' and '.join(conditions)}:")
        self._depth += 1
        yield
        self._depth -= 1
        self._known = before


def _leaf(text: str, *, splice: bool = False) -> _Node:
    return _Node(text, variable=True, splice=splice, given=(text,))


def _together(nodes: Iterable[_Node]) -> tuple[str, ...]:
    """What of the row is in some nodes, each once."""
    return tuple(dict.fromkeys(name for one in nodes for name in one.given))


def _any_of(names: Iterable[str], what: str) -> str:
    return " or ".join(f"{one} is {what}" for one in names)


def _condition(one: Condition) -> str:
    text = f"row.get({one.column!r})"
    if one.values is None:
        return text
    values = tuple(value or None for value in one.values)
    return f"{text} {'not in' if one.negated else 'in'} {values!r}"
