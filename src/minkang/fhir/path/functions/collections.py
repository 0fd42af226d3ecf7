"""Existence, subsetting, combining, tree navigation (FHIRPath 2.0, 5.1, 5.3, 5.4, 5.8)."""

from minkang.fhir.path.comparison import distinct, key
from minkang.fhir.path.environment import NOTHING, Environment, Items
from minkang.fhir.path.error import failure
from minkang.fhir.path.functions.function import Function
from minkang.fhir.path.navigation import MAX_ITEMS, children, descendants
from minkang.fhir.path.values import described, single, single_integer, system, truth, type_of


def _empty(_env: Environment, items: Items) -> Items:
    return [not items]


def _not(_env: Environment, items: Items) -> Items:
    value = truth(items)
    return [] if value is None else [not value]


def _booleans(items: Items) -> list[bool]:
    values = [system(item) for item in items]
    for value in values:
        if type(value) is not bool:
            raise failure(f"Booleans are expected, not {described(value)}")
    return values


def _all_true(_env: Environment, items: Items) -> Items:
    return [all(_booleans(items))]


def _any_true(_env: Environment, items: Items) -> Items:
    return [any(_booleans(items))]


def _all_false(_env: Environment, items: Items) -> Items:
    return [not any(_booleans(items))]


def _any_false(_env: Environment, items: Items) -> Items:
    return [not all(_booleans(items))]


def _subset_of(_env: Environment, items: Items, other: Items) -> Items:
    return [{key(item) for item in items} <= {key(item) for item in other}]


def _superset_of(_env: Environment, items: Items, other: Items) -> Items:
    return [{key(item) for item in items} >= {key(item) for item in other}]


def _count(_env: Environment, items: Items) -> Items:
    return [len(items)]


def _distinct(_env: Environment, items: Items) -> Items:
    return distinct(items)


def _is_distinct(_env: Environment, items: Items) -> Items:
    return [len(items) < 2 or len({key(item) for item in items}) == len(items)]


def _single(_env: Environment, items: Items) -> Items:
    single(items)
    return items


def _first(_env: Environment, items: Items) -> Items:
    return items[:1]


def _last(_env: Environment, items: Items) -> Items:
    return items[-1:]


def _tail(_env: Environment, items: Items) -> Items:
    return items[1:]


def _skip(_env: Environment, items: Items, number: Items) -> Items:
    return items[max(0, _needed(number)) :]


def _take(_env: Environment, items: Items, number: Items) -> Items:
    return items[: max(0, _needed(number))]


def _needed(number: Items) -> int:
    value = single_integer(number)
    if value is None:
        raise failure("an Integer is expected, not an empty collection")
    return value


def _intersect(_env: Environment, items: Items, other: Items) -> Items:
    theirs = {key(item) for item in other}
    return distinct([item for item in items if key(item) in theirs])


def _exclude(_env: Environment, items: Items, other: Items) -> Items:
    theirs = {key(item) for item in other}
    return [item for item in items if key(item) not in theirs]


def _union(_env: Environment, items: Items, other: Items) -> Items:
    return distinct([*items, *other])


def _combine(_env: Environment, items: Items, other: Items, _keep_order: Items = NOTHING) -> Items:
    if len(items) + len(other) > MAX_ITEMS:
        raise failure(f"more than {MAX_ITEMS} items")
    return [*items, *other]


def _children(env: Environment, items: Items) -> Items:
    found = children(items)
    env.spend(len(found))
    return found


def _descendants(env: Environment, items: Items) -> Items:
    found = descendants(items)
    env.spend(len(found))
    return found


def _type(_env: Environment, items: Items) -> Items:
    return [type_of(item) for item in items]


FUNCTIONS = {
    "empty": Function(_empty),
    "not": Function(_not),
    "allTrue": Function(_all_true),
    "anyTrue": Function(_any_true),
    "allFalse": Function(_all_false),
    "anyFalse": Function(_any_false),
    "subsetOf": Function(_subset_of, 1, 1),
    "supersetOf": Function(_superset_of, 1, 1),
    "count": Function(_count),
    "distinct": Function(_distinct),
    "isDistinct": Function(_is_distinct),
    "single": Function(_single),
    "first": Function(_first),
    "last": Function(_last),
    "tail": Function(_tail),
    "skip": Function(_skip, 1, 1),
    "take": Function(_take, 1, 1),
    "intersect": Function(_intersect, 1, 1),
    "exclude": Function(_exclude, 1, 1),
    "union": Function(_union, 1, 1),
    "combine": Function(_combine, 1, 2),
    "children": Function(_children),
    "descendants": Function(_descendants),
    "type": Function(_type),
}
