"""Expressions, compiled once and evaluated many times."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from minkang.fhir.path.check import check
from minkang.fhir.path.compiler import Compiler
from minkang.fhir.path.environment import MAX_WORK, Environment, Evaluator, MemberOf, Resolve, Trace
from minkang.fhir.path.error import PathError
from minkang.fhir.path.navigation import root_node
from minkang.fhir.path.parser import parse
from minkang.fhir.path.syntax import Expression
from minkang.fhir.path.values import Node, plain

_KEPT_LENGTH = 1_000
_NO_VARIABLES: Mapping[str, Any] = {}


class Path:
    """A compiled expression; made by `compile_path`, shared between threads.

    Attributes:
        expression: the text it was made of.
        type_name: the type that it was compiled for, or None.
        strict: as it was compiled.
    """

    __slots__ = ("_evaluate", "_tree", "expression", "strict", "type_name")

    def __init__(
        self, expression: str, type_name: str | None, tree: Expression, *, strict: bool
    ) -> None:
        self.expression = expression
        self.type_name = type_name
        self.strict = strict
        self._tree = tree
        self._evaluate = Compiler(strict=strict).compile(tree)

    def __repr__(self) -> str:
        return f"Path({self.expression!r})"

    def evaluate(
        self,
        resource: dict[str, Any] | Node,
        *,
        environment: Mapping[str, Any] | None = None,
        resolve: Resolve | None = None,
        member_of: MemberOf | None = None,
        trace: Trace | None = None,
        now: datetime | None = None,
    ) -> list[Any]:
        """The result as JSON values.

        Dates from calculations are text; a primitive that has only extensions is left out. The
        arguments and errors are those of `nodes`.
        """
        start = resource if type(resource) is Node else root_node(resource, self.type_name)
        variables = _NO_VARIABLES if environment is None else environment
        state = Environment(
            start, start, start, variables, resolve, member_of, trace, None, [], now
        )
        values = [
            item.value if type(item) is Node else plain(item) for item in self._run(start, state)
        ]
        return [value for value in values if value is not None] if None in values else values

    def nodes(
        self,
        resource: dict[str, Any] | Node,
        *,
        environment: Mapping[str, Any] | None = None,
        holder: Node | None = None,
        root: Node | None = None,
        resolve: Resolve | None = None,
        member_of: MemberOf | None = None,
        trace: Trace | None = None,
        now: datetime | None = None,
    ) -> list[Any]:
        """The result as nodes and system values, which know their types.

        Args:
            resource: JSON of a resource, or of an element if the path was compiled for its type,
                or a node found before.
            environment: values of variables, by name without `%`.
            holder: %resource, the resource that holds the element; by default the element itself.
            root: %rootResource, if the holder is contained in it.
            resolve: finds referenced resources.
            member_of: asks a terminology.
            trace: takes what `trace()` tells.
            now: the moment that `now()` and `today()` tell; aware. By default the present.

        Raises:
            PathError: the expression can't be evaluated on this resource.
        """
        start = resource if type(resource) is Node else root_node(resource, self.type_name)
        holder = start if holder is None else holder
        root = holder if root is None else root
        variables = _NO_VARIABLES if environment is None else environment
        state = Environment(
            start, holder, root, variables, resolve, member_of, trace, None, [], now
        )
        return list(self._run(start, state))

    def _run(self, start: Node, state: Environment) -> list[Any]:
        variables = state.variables
        try:
            return _guarded(self._evaluate, start, state)
        except PathError as error:
            if error.position is not None or state.work > MAX_WORK:
                raise
            again = msgspec.structs.replace(state, variables=variables, trace=None, memo={}, work=0)
            located = Compiler(strict=self.strict, located=True).compile(self._tree)
            _guarded(located, start, again)
            raise


def _guarded(evaluate: Evaluator, start: Node, state: Environment) -> list[Any]:
    try:
        return evaluate([start], state)
    except RecursionError:
        raise PathError("execution", "the data are nested too deeply") from None
    except (ArithmeticError, MemoryError) as error:
        raise PathError("execution", f"a number is out of range: {error}") from None


def compile_path(expression: str, *, type_name: str | None = None, strict: bool = False) -> Path:
    """The compiled form of an expression; kept if it is not long, so that asking again is free.

    Args:
        expression: FHIRPath.
        type_name: the type of the elements that it will be evaluated on; needed for anything
            but resources, which say their type themselves.
        strict: what FHIR R4's own expressions take lightly is an error: `as` of several items.
            With a type, names that the type doesn't have are errors too, and so is asking for
            the first of items that have no order.

    Raises:
        PathError: it is not an expression; with position and reason.
    """
    if len(expression) > _KEPT_LENGTH:
        return _compiled(expression, type_name, strict=strict)
    return _kept(expression, type_name, strict=strict)


def _compiled(expression: str, type_name: str | None, *, strict: bool) -> Path:
    tree = parse(expression)
    path = Path(expression, type_name, tree, strict=strict)
    if strict and type_name is not None:
        check(tree, type_name)
    return path


_kept = lru_cache(maxsize=2048)(_compiled)
