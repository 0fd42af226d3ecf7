"""Tokens into a syntax tree (FHIRPath 2.0, annex B: grammar)."""

from typing import Literal, cast

from minkang.fhir.path.error import PathError
from minkang.fhir.path.lexer import Token, tokens
from minkang.fhir.path.syntax import (
    CALENDAR_UNITS,
    NAMES_TOO,
    POLARITY,
    PRECEDENCE,
    RESERVED,
    At,
    Binary,
    BooleanLiteral,
    Call,
    Empty,
    Expression,
    Index,
    Invoke,
    Member,
    NumberLiteral,
    Polarity,
    QuantityLiteral,
    SortKey,
    Special,
    StringLiteral,
    TemporalLiteral,
    TypeTest,
    Variable,
    children,
)

MAX_LENGTH = 65_536
"""Characters of an expression."""

MAX_NESTING = 100
"""Parentheses, brackets, arguments and signs inside each other."""

MAX_CHAIN = 200
"""Steps and operators in a row: each makes the tree one deeper."""

MAX_DEPTH = 250
"""Depth of the tree, whatever it comes from."""


def parse(text: str) -> Expression:
    """The syntax tree of an expression.

    Raises:
        PathError: it is not an expression, or beyond the limits above; with the position.
    """
    if len(text) > MAX_LENGTH:
        raise PathError("syntax", f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    parser = _Parser(tokens(text))
    tree = parser.expression(1)
    parser.finish()
    _refuse_deep(tree)
    return tree


def _refuse_deep(tree: Expression) -> None:
    level: list[Expression] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return
    raise PathError("syntax", f"the tree is deeper than {MAX_DEPTH}", level[0].at.offset)


class _Parser:
    """Precedence climbing over the tokens of one expression."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._nesting = 0

    def finish(self) -> None:
        token = self._tokens[self._next]
        if token.kind != "end":
            raise PathError("syntax", f"{token.text!r} is not expected here", token.offset)

    def expression(self, least: int) -> Expression:
        """An expression of operators that bind at least so tightly."""
        token = self._tokens[self._next]
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise PathError("syntax", f"nested deeper than {MAX_NESTING}", token.offset)
        left = self._signed(least)
        chain = 0
        while True:
            operator = self._operator()
            if operator is None or PRECEDENCE[operator.text] < least:
                break
            chain += 1
            if chain > MAX_CHAIN:
                raise PathError("syntax", f"more than {MAX_CHAIN} in a row", operator.offset)
            self._next += 1
            left = self._after(left, operator)
        self._nesting -= 1
        return left

    def _after(self, left: Expression, operator: Token) -> Expression:
        at = At(operator.offset)
        if operator.text in ("is", "as"):
            name = cast(Literal["is", "as"], operator.text)
            return TypeTest(name, left, self._type(), at)
        right = self.expression(PRECEDENCE[operator.text] + 1)
        return Binary(operator.text, left, right, at)

    def _operator(self) -> Token | None:
        token = self._tokens[self._next]
        known = token.kind in ("symbol", "name") and token.text in PRECEDENCE
        return token if known else None

    def _signed(self, least: int) -> Expression:
        token = self._tokens[self._next]
        if token.kind == "symbol" and token.text in ("+", "-"):
            self._next += 1
            sign = cast(Literal["+", "-"], token.text)
            return Polarity(sign, self.expression(POLARITY), At(token.offset))
        return self._path()

    def _path(self) -> Expression:
        tree = self._term()
        chain = 0
        while self._tokens[self._next].kind == "symbol":
            token = self._tokens[self._next]
            if token.text == ".":
                self._next += 1
                tree = Invoke(tree, self._invocation(), At(token.offset))
            elif token.text == "[":
                self._next += 1
                tree = Index(tree, self.expression(1), At(token.offset))
                self._expect("]")
            else:
                break
            chain += 1
            if chain > MAX_CHAIN:
                raise PathError("syntax", f"more than {MAX_CHAIN} in a row", token.offset)
        return tree

    def _term(self) -> Expression:
        token = self._tokens[self._next]
        at = At(token.offset)
        match token.kind:
            case "string":
                self._next += 1
                return StringLiteral(token.text, at)
            case "number":
                self._next += 1
                return self._number(token)
            case "temporal":
                self._next += 1
                return TemporalLiteral(token.text, at)
            case "name" if token.text in ("true", "false"):
                self._next += 1
                return BooleanLiteral(token.text == "true", at)
            case "symbol" if token.text == "(":
                self._next += 1
                tree = self.expression(1)
                self._expect(")")
                return tree
            case "symbol" if token.text == "{":
                self._next += 1
                self._expect("}")
                return Empty(at)
            case "symbol" if token.text == "%":
                self._next += 1
                return Variable(self._variable(), at)
            case _:
                return self._invocation()

    def _number(self, number: Token) -> Expression:
        at = At(number.offset)
        unit = self._tokens[self._next]
        if unit.kind == "string" or (unit.kind == "name" and unit.text in CALENDAR_UNITS):
            self._next += 1
            return QuantityLiteral(number.text, unit.text, unit.kind == "string", at)
        return NumberLiteral(number.text, at)

    def _variable(self) -> str:
        token = self._tokens[self._next]
        if token.kind == "string":
            self._next += 1
            return token.text
        return self._name()

    def _invocation(self) -> Member | Special | Call:
        token = self._tokens[self._next]
        at = At(token.offset)
        if token.kind == "special":
            self._next += 1
            return Special(cast(Literal["this", "index", "total"], token.text[1:]), at)
        name = self._name()
        if not self._take("("):
            return Member(name, at)
        arguments: list[Expression] = []
        if not self._take(")"):
            arguments.append(self._argument(name))
            while self._take(","):
                arguments.append(self._argument(name))
            self._expect(")")
        return Call(name, tuple(arguments), at)

    def _argument(self, function: str) -> Expression:
        tree = self.expression(1)
        token = self._tokens[self._next]
        if function == "sort" and token.kind == "name" and token.text in ("asc", "desc"):
            self._next += 1
            return SortKey(tree, token.text == "desc", At(token.offset))
        return tree

    def _type(self) -> tuple[str, ...]:
        parts = [self._name()]
        # What follows the type is a step only if it is no function: `x is FHIR.Patient`.
        while self._tokens[self._next].text == "." and self._names_type():
            self._next += 1
            parts.append(self._name())
        return tuple(parts)

    def _names_type(self) -> bool:
        name, *after = self._tokens[self._next + 1 : self._next + 3]
        return name.kind in ("name", "delimited") and not (after and after[0].text == "(")

    def _name(self) -> str:
        token = self._tokens[self._next]
        plain = token.kind == "name" and token.text not in RESERVED
        if token.kind != "delimited" and not plain:
            what = repr(token.text) if token.text else "the end"
            raise PathError("syntax", f"a name or value is expected, not {what}", token.offset)
        if plain and token.text in PRECEDENCE and token.text not in NAMES_TOO:
            raise PathError("syntax", f"{token.text!r} has no left side", token.offset)
        self._next += 1
        return token.text

    def _take(self, symbol: str) -> bool:
        token = self._tokens[self._next]
        if token.kind == "symbol" and token.text == symbol:
            self._next += 1
            return True
        return False

    def _expect(self, symbol: str) -> None:
        token = self._tokens[self._next]
        if not self._take(symbol):
            what = repr(token.text) if token.text else "the end"
            raise PathError("syntax", f"{symbol!r} is expected, not {what}", token.offset)
