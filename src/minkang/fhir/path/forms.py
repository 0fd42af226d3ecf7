"""Functions whose arguments are not simply evaluated: for each item, on demand, or as a type."""

from collections.abc import Callable
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

import msgspec

from minkang.fhir.path.comparison import key, order
from minkang.fhir.path.environment import Environment, Evaluator, Items
from minkang.fhir.path.error import PathError, failure
from minkang.fhir.path.functions.fhir import reference_type
from minkang.fhir.path.model import is_subtype
from minkang.fhir.path.navigation import MAX_ITEMS, text_filter
from minkang.fhir.path.syntax import (
    Binary,
    Call,
    Expression,
    Invoke,
    Member,
    Polarity,
    SortKey,
    Special,
    StringLiteral,
    children,
)
from minkang.fhir.path.types import TypeTester, tester
from minkang.fhir.path.values import Node, plain, single_text, truth

if TYPE_CHECKING:
    from minkang.fhir.path.compiler import Compiler

MAX_REPEATS = 50_000
"""Items that `repeat` may bring together."""


class Form(msgspec.Struct, frozen=True):
    """A function that is given its arguments as they were written.

    Attributes:
        build: from the compiler, the source, and the call to what evaluates it.
        least: arguments that must be given.
        most: arguments that may be given.
    """

    build: Callable[["Compiler", Evaluator, Call], Evaluator]
    least: int
    most: int


def uses_index(node: Expression) -> bool:
    """Whether `$index` stands in an expression."""
    if isinstance(node, Special):
        return node.name == "index"
    return any(uses_index(child) for child in children(node))


def _each(
    compiler: "Compiler", argument: Expression
) -> Callable[[Items, Environment], list[Items]]:
    """Evaluates an argument for each item, with `$index` only where it is asked for."""
    evaluate = compiler.compile(argument)
    if not uses_index(argument):

        def plainly(items: Items, env: Environment) -> list[Items]:
            env.spend(len(items))
            return [evaluate([item], env) for item in items]

        return plainly

    def each(items: Items, env: Environment) -> list[Items]:
        env.spend(len(items))
        outer = env.index
        results: list[Items] = []
        try:
            for place, item in enumerate(items):
                env.index = place
                results.append(evaluate([item], env))
        finally:
            env.index = outer
        return results

    return each


def _where(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    criteria = call.arguments[0]
    if uses_index(criteria):
        each = _each(compiler, criteria)

        def indexed(this: Items, env: Environment) -> Items:
            items = source(this, env)
            results = each(items, env)
            return [item for item, r in zip(items, results, strict=True) if truth(r)]

        return indexed
    evaluate = compiler.compile(criteria)
    match criteria:
        case Binary(operator="=", left=Member(name=name), right=StringLiteral(value=text)):
            return text_filter(source, name, text, evaluate)

    def where(this: Items, env: Environment) -> Items:
        items = source(this, env)
        env.spend(len(items))
        return [item for item in items if truth(evaluate([item], env))]

    return where


def _exists(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    found = _where(compiler, source, call) if call.arguments else source
    return lambda this, env: [bool(found(this, env))]


def _all(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    each = _each(compiler, call.arguments[0])

    def every(this: Items, env: Environment) -> Items:
        return [all(truth(result) for result in each(source(this, env), env))]

    return every


def _select(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    each = _each(compiler, call.arguments[0])

    def select(this: Items, env: Environment) -> Items:
        found: Items = []
        for result in each(source(this, env), env):
            found += result
            if len(found) > MAX_ITEMS:
                raise failure(f"more than {MAX_ITEMS} items")
        return found

    return select


def _repeat(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    evaluate = compiler.compile(call.arguments[0])
    unique = call.name == "repeat"

    def repeat(this: Items, env: Environment) -> Items:
        found: Items = []
        seen: set[Any] = set()
        level = source(this, env)
        while level:
            env.spend(len(level))
            following: Items = []
            for item in level:
                for result in evaluate([item], env):
                    if unique:
                        mark = key(result)
                        if mark in seen:
                            continue
                        seen.add(mark)
                    following.append(result)
            found += following
            if len(found) > MAX_REPEATS:
                raise failure(f"{call.name}() found more than {MAX_REPEATS} items")
            level = following
        return found

    return repeat


def _iif(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    criterion, *results = [compiler.compile(argument) for argument in call.arguments]

    def iif(this: Items, env: Environment) -> Items:
        items = source(this, env)
        if len(items) > 1:
            raise failure(f"iif() works on one item, not {len(items)}")
        found = criterion(items, env)
        if found:
            value = found[0].value if type(found[0]) is Node else found[0]
            if len(found) > 1 or type(value) is not bool:
                raise failure("the criterion of iif() is not a Boolean")
            if value:
                return results[0](items, env)
        return results[1](items, env) if len(results) > 1 else []

    return iif


def _trace(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    name = compiler.compile(call.arguments[0])
    shown = _each(compiler, call.arguments[1]) if len(call.arguments) > 1 else None

    def trace(this: Items, env: Environment) -> Items:
        items = source(this, env)
        if env.trace is not None:
            told = [x for r in shown(items, env) for x in r] if shown else items
            env.trace(single_text(name(this, env)) or "", [plain(item) for item in told])
        return items

    return trace


def _aggregate(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    step, *start = [compiler.compile(argument) for argument in call.arguments]

    def aggregate(this: Items, env: Environment) -> Items:
        items = source(this, env)
        env.spend(len(items))
        outer_total, outer_index = env.total, env.index
        try:
            total = start[0](this, env) if start else []
            for place, item in enumerate(items):
                env.total, env.index = total, place
                total = step([item], env)
        finally:
            env.total, env.index = outer_total, outer_index
        return total

    return aggregate


def _coalesce(compiler: "Compiler", _source: Evaluator, call: Call) -> Evaluator:
    choices = [compiler.compile(argument) for argument in call.arguments]

    def coalesce(this: Items, env: Environment) -> Items:
        for choice in choices:
            found = choice(this, env)
            if found:
                return found
        return []

    return coalesce


def _define_variable(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    name = compiler.compile(call.arguments[0])
    value = compiler.compile(call.arguments[1]) if len(call.arguments) > 1 else None

    def define(this: Items, env: Environment) -> Items:
        items = source(this, env)
        called = single_text(name(this, env))
        if called is None:
            raise failure("a variable needs a name")
        if called in env.variables or called in ("context", "resource", "rootResource", "ucum"):
            raise failure(f"the variable %{called} is already defined")
        found = items if value is None else value(items, env)
        # The compiler puts the old ones back where the path ends.
        env.variables = {**env.variables, called: found}
        return items

    return define


def _sort(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    keys: list[tuple[Evaluator, int]] = []
    for argument in call.arguments or (Special("this", call.at),):
        match argument:
            case SortKey(operand=operand, descending=descending):
                keys.append((compiler.compile(operand), -1 if descending else 1))
            case Polarity(sign="-", operand=operand):
                keys.append((compiler.compile(operand), -1))
            case _:
                keys.append((compiler.compile(argument), 1))

    def rank(left: list[Items], right: list[Items]) -> int:
        for mine, other, (_, sign) in zip(left, right, keys, strict=True):
            if not mine or not other:
                found: int | None = bool(mine) - bool(other)
            else:
                found = order(mine[0], other[0])
            if found:
                return found * sign
        return 0

    def compared(left: tuple[list[Items], Any], right: tuple[list[Items], Any]) -> int:
        return rank(left[0], right[0])

    def sort(this: Items, env: Environment) -> Items:
        rows: list[tuple[list[Items], Any]] = []
        items = source(this, env)
        env.spend(len(items))
        for item in items:
            row = [evaluate([item], env) for evaluate, _ in keys]
            if any(len(one) > 1 for one in row):
                raise failure("a sort key has more than one item")
            rows.append((row, item))
        rows.sort(key=cmp_to_key(compared))
        return [item for _, item in rows]

    return sort


def type_argument(node: Expression) -> tuple[str, ...]:
    """A type that was written where arguments stand: `Quantity`, `FHIR.Patient`.

    Raises:
        PathError: it is something else.
    """
    match node:
        case Member(name=name):
            return (name,)
        case Invoke(source=Member(name=namespace), target=Member(name=name)):
            return (namespace, name)
        case _:
            raise PathError("semantic", "a type is expected", node.at.offset)


def type_filter(
    compiler: "Compiler", source: Evaluator, tested: TypeTester, *, one: bool
) -> Evaluator:
    """`as` and `ofType`: the items of a type; `as` of several items is an error if strict."""
    single = one and compiler.strict

    def of_type(this: Items, env: Environment) -> Items:
        items = source(this, env)
        if single and len(items) > 1:
            raise failure(f"`as` works on one item, not {len(items)}")
        return [item for item in items if tested(item)]

    return of_type


def type_test(source: Evaluator, tested: TypeTester) -> Evaluator:
    """`is`: whether the only item is of a type."""

    def is_type(this: Items, env: Environment) -> Items:
        items = source(this, env)
        if len(items) > 1:
            raise failure(f"`is` works on one item, not {len(items)}")
        return [tested(items[0])] if items else []

    return is_type


def resolved_type_test(source: Evaluator, name: str) -> Evaluator:
    """`resolve() is T` without fetching anything: the reference itself tells the type."""

    def points_to(this: Items, env: Environment) -> Items:
        items = source(this, env)
        if len(items) > 1:
            raise failure(f"`is` works on one item, not {len(items)}")
        kind = reference_type(env, items[0]) if items else None
        return [] if kind is None else [is_subtype(kind, name)]

    return points_to


def _of_type(compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    tested = tester(type_argument(call.arguments[0]), call.at.offset)
    return type_filter(compiler, source, tested, one=call.name == "as")


def _is(_compiler: "Compiler", source: Evaluator, call: Call) -> Evaluator:
    return type_test(source, tester(type_argument(call.arguments[0]), call.at.offset))


FORMS: dict[str, Form] = {
    "where": Form(_where, 1, 1),
    "exists": Form(_exists, 0, 1),
    "all": Form(_all, 1, 1),
    "select": Form(_select, 1, 1),
    "repeat": Form(_repeat, 1, 1),
    "repeatAll": Form(_repeat, 1, 1),
    "iif": Form(_iif, 2, 3),
    "trace": Form(_trace, 1, 2),
    "aggregate": Form(_aggregate, 1, 2),
    "coalesce": Form(_coalesce, 1, 50),
    "defineVariable": Form(_define_variable, 1, 2),
    "sort": Form(_sort, 0, 20),
    "ofType": Form(_of_type, 1, 1),
    "as": Form(_of_type, 1, 1),
    "is": Form(_is, 1, 1),
}
