"""Checks of what resources say of each other."""

from collections.abc import Callable

from minkang.exchange.quality.facts import Facts

Check = Callable[[Facts], bool | None]


def mentioned(field: str, *, by: list[str], status: list[str] | None = None) -> Check:
    """A resource of one of these types names it; with `status` only of those."""
    del field
    wanted = frozenset(by)

    def check(facts: Facts) -> bool | None:
        if status is not None and facts.resource.get("status") not in status:
            return None
        return bool(facts.mentioned & wanted)

    return check


def known_visit(field: str) -> Check:
    """It names a visit, and that is stored."""
    del field
    return lambda facts: facts.visit is not None


def known_order(field: str) -> Check:
    """It names an order, and that is stored; what names none is judged by completeness."""

    def check(facts: Facts) -> bool | None:
        return facts.order is not None if facts.resource.get(field) else None

    return check


def unshared(field: str) -> Check:
    """No other resource of the source has the same; what has nothing to compare is left aside."""

    del field
    return lambda facts: None if facts.shared is None else not facts.shared
