"""The syntax tree of an expression (FHIRPath 2.0, annex B: grammar)."""

from typing import Literal, TypeAlias

import msgspec


class At:
    """Where in the text a node began.

    Never part of what the node says: all places are equal, so that two texts which mean the same
    give equal trees.
    """

    __slots__ = ("offset",)

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, At)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"At({self.offset})"


class Empty(msgspec.Struct, frozen=True):
    """`{}`."""

    at: At


class BooleanLiteral(msgspec.Struct, frozen=True):
    """`true`, `false`."""

    value: bool
    at: At


class StringLiteral(msgspec.Struct, frozen=True):
    """`'text'`, its escapes resolved."""

    value: str
    at: At


class NumberLiteral(msgspec.Struct, frozen=True):
    """Digits as they were written: `1.50` is a decimal of two places, `7` an integer."""

    text: str
    at: At


class TemporalLiteral(msgspec.Struct, frozen=True):
    """`@2015-02`, `@2015T`, `@T14:30`, as they were written with the `@`."""

    text: str
    at: At


class QuantityLiteral(msgspec.Struct, frozen=True):
    """`4 days`, `10.1 'mg'`.

    Attributes:
        number: as in NumberLiteral.
        unit: a calendar word, or what stood in quotes.
        quoted: it stood in quotes.
    """

    number: str
    unit: str
    quoted: bool
    at: At


class Member(msgspec.Struct, frozen=True):
    """A name: of an element, or of a type at the beginning of a path."""

    name: str
    at: At


class Special(msgspec.Struct, frozen=True):
    """`$this`, `$index`, `$total`."""

    name: Literal["this", "index", "total"]
    at: At


class Variable(msgspec.Struct, frozen=True):
    """`%name`."""

    name: str
    at: At


class Call(msgspec.Struct, frozen=True):
    """A function with its arguments."""

    name: str
    arguments: tuple["Expression", ...]
    at: At


class Invoke(msgspec.Struct, frozen=True):
    """`source.target`."""

    source: "Expression"
    target: Member | Special | Call
    at: At


class Index(msgspec.Struct, frozen=True):
    """`source[index]`."""

    source: "Expression"
    index: "Expression"
    at: At


class Polarity(msgspec.Struct, frozen=True):
    """`-operand`, `+operand`."""

    sign: Literal["+", "-"]
    operand: "Expression"
    at: At


class SortKey(msgspec.Struct, frozen=True):
    """An argument of `sort` with its direction: `family desc`."""

    operand: "Expression"
    descending: bool
    at: At


class Binary(msgspec.Struct, frozen=True):
    """`left operator right`."""

    operator: str
    left: "Expression"
    right: "Expression"
    at: At


class TypeTest(msgspec.Struct, frozen=True):
    """`operand is FHIR.Patient`, `operand as Quantity`."""

    operator: Literal["is", "as"]
    operand: "Expression"
    type: tuple[str, ...]
    at: At


Expression: TypeAlias = (
    Empty
    | BooleanLiteral
    | StringLiteral
    | NumberLiteral
    | TemporalLiteral
    | QuantityLiteral
    | Member
    | Special
    | Variable
    | Call
    | Invoke
    | Index
    | Polarity
    | SortKey
    | Binary
    | TypeTest
)

PRECEDENCE: dict[str, int] = {
    "implies": 1,
    "or": 2,
    "xor": 2,
    "and": 3,
    "in": 4,
    "contains": 4,
    "=": 5,
    "~": 5,
    "!=": 5,
    "!~": 5,
    "<": 6,
    "<=": 6,
    ">": 6,
    ">=": 6,
    "|": 7,
    "is": 8,
    "as": 8,
    "+": 9,
    "-": 9,
    "&": 9,
    "*": 10,
    "/": 10,
    "div": 10,
    "mod": 10,
}
"""How tightly an operator binds; all associate to the left."""

POLARITY = 11
POSTFIX = 12

CALENDAR_UNITS = frozenset(
    unit + plural
    for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for plural in ("", "s")
)

NAMES_TOO = frozenset(["as", "contains", "in", "is", "asc", "desc", "sort"])
"""Keywords that are also names of elements and functions."""

RESERVED = frozenset(["and", "div", "false", "implies", "mod", "or", "true", "xor"])
"""Words that can only be names between backticks."""


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly below a node."""
    match node:
        case Call(arguments=arguments):
            return arguments
        case Invoke(source=source, target=target):
            return (source, target)
        case Index(source=source, index=index):
            return (source, index)
        case Binary(left=left, right=right):
            return (left, right)
        case Polarity(operand=operand) | SortKey(operand=operand) | TypeTest(operand=operand):
            return (operand,)
        case _:
            return ()
