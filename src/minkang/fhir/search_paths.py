"""The expressions of R4's search parameters, read into steps.

R4's search parameters use a small part of FHIRPath: members, unions, casts (`as`, `as()`,
`ofType()`), `where(resolve() is T)`, `where(element='text')`, an index, and once
`exists() and ... != false`. Steps can be compared, so that it shows when one parameter is
another one's values; `fhir.path` is the engine for everything else.
"""

import re
from functools import cache
from typing import TypeAlias

import msgspec


class Member(msgspec.Struct, frozen=True):
    """`.name`."""

    name: str


class Cast(msgspec.Struct, frozen=True):
    """`as(type)`: of a choice element, the values of one type."""

    type: str


class Equals(msgspec.Struct, frozen=True):
    """`where(name='text')`."""

    name: str
    text: str


class PointsTo(msgspec.Struct, frozen=True):
    """`where(resolve() is type)`: references to resources of one type."""

    type: str


class Index(msgspec.Struct, frozen=True):
    """`[number]`."""

    number: int


class IsNotFalse(msgspec.Struct, frozen=True):
    """`x.exists() and x != false`: always true or false, also where the element is missing."""


Step: TypeAlias = Member | Cast | Equals | PointsTo | Index | IsNotFalse


class Branch(msgspec.Struct, frozen=True):
    """One branch of a union.

    Attributes:
        steps: from the resource, or for parts of a composite from the node of the composite.
        from_resource: `%resource` was written: the steps start at the resource in any case.
    """

    steps: tuple[Step, ...]
    from_resource: bool = False

    def within(self, outer: "Branch") -> "Branch":
        """This branch, taken from each node of `outer`."""
        if self.from_resource:
            return Branch(self.steps)
        return Branch(outer.steps + self.steps)


class PathNotSimple(ValueError):  # noqa: N818 - reads as what it is
    """An expression uses more of FHIRPath than R4's search parameters do."""


_TOKEN = re.compile(r"\s*(?:([A-Za-z_%]\w*)|'([^']*)'|(\d+)|([().\[\]|=]))")
_KNOWN = re.compile(r"\s*(\S+)\.exists\(\) and \1 != false\s*")


@cache
def branches(expression: str) -> tuple[Branch, ...]:
    """The branches of an expression, in order; a leading type name (`Patient.`) is dropped.

    Raises:
        PathNotSimple: with the expression.
    """
    known = _KNOWN.fullmatch(expression)
    if known is not None:
        (branch,) = branches(known[1])
        return (Branch((*branch.steps, IsNotFalse())),)
    return _Reader(expression).union()


class _Reader:
    """A cursor over the tokens of one expression."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens: list[str] = []
        position = 0
        while expression[position:].strip():
            match = _TOKEN.match(expression, position)
            if match is None:
                raise PathNotSimple(expression)
            # A quoted text keeps its opening quote, which tells it from a name.
            self._tokens.append(f"'{match[2]}" if match[2] is not None else match[0].strip())
            position = match.end()
        self._tokens.append("")
        self._at = 0

    def union(self) -> tuple[Branch, ...]:
        found = [self._path()]
        while self._take("|"):
            found.append(self._path())
        if self._next():
            raise PathNotSimple(self._expression)
        return tuple(found)

    def _path(self) -> Branch:
        from_resource = False
        steps: tuple[Step, ...]
        if self._take("("):
            inner = self._path()
            steps, from_resource = inner.steps, inner.from_resource
            if self._take("as"):
                steps += (Cast(_type_name(self._name())),)
            self._expect(")")
        elif self._take("%resource"):
            steps, from_resource = (), True
        else:
            name = self._name()
            steps = () if name[0].isupper() else (Member(name),)
        while True:
            if self._take("."):
                steps += (self._step(),)
            elif self._take("["):
                steps += (Index(int(self._name())),)
                self._expect("]")
            else:
                return Branch(steps, from_resource)

    def _step(self) -> Step:
        name = self._name()
        if not self._take("("):
            return Member(name)
        if name in ("as", "ofType"):
            step: Step = Cast(_type_name(self._name()))
        elif name == "where":
            step = self._where()
        else:
            raise PathNotSimple(self._expression)
        self._expect(")")
        return step

    def _where(self) -> Step:
        name = self._name()
        if name == "resolve":
            self._expect("(")
            self._expect(")")
            self._expect("is")
            return PointsTo(self._name())
        self._expect("=")
        text = self._name()
        if not text.startswith("'"):
            raise PathNotSimple(self._expression)
        return Equals(name, text[1:])

    def _next(self) -> str:
        return self._tokens[self._at]

    def _name(self) -> str:
        word = self._next()
        if not word or word in "().[]|=":
            raise PathNotSimple(self._expression)
        self._at += 1
        return word

    def _take(self, wanted: str) -> bool:
        if self._tokens[self._at] != wanted:
            return False
        self._at += 1
        return True

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise PathNotSimple(self._expression)


def _type_name(name: str) -> str:
    # R4 writes `value.as(DateTime)` once; the type is dateTime.
    return "dateTime" if name == "DateTime" else name
