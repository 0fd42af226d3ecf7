"""One resource through its rules."""

import msgspec

from minkang.exchange.quality.facts import Facts
from minkang.exchange.quality.rule import judges


class Verdict(msgspec.Struct, frozen=True):
    """Ids of the rules that concerned a resource, in their order, and of those that failed."""

    applied: tuple[str, ...]
    failed: frozenset[str]


def judge(facts: Facts) -> Verdict:
    """What the rules of its type say of a resource. Pure: the same facts give the same verdict."""
    applied: list[str] = []
    failed: set[str] = set()
    for rule, check in judges().get(facts.resource["resourceType"], ()):
        passed = check(facts)
        if passed is None:
            continue
        applied.append(rule)
        if not passed:
            failed.add(rule)
    return Verdict(tuple(applied), frozenset(failed))
