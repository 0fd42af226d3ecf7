"""The checks that rules name: each makes a function from Facts to passed, failed or not concerned.

A factory gets the rule's field and what stands under `using`. What is not there is judged by the
rules of completeness alone: all other checks leave it aside (None).
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from minkang.exchange.quality.checks_diagnoses import known_code, rare_age, wrong_sex
from minkang.exchange.quality.checks_links import (
    known_order,
    known_visit,
    mentioned,
    unshared,
)
from minkang.exchange.quality.checks_people import (
    citizen_number_fits,
    citizen_number_says,
    has_citizen_number,
)
from minkang.exchange.quality.checks_results import (
    flag_fits,
    is_plausible,
    pressure_in_order,
    range_in_order,
    standard_code,
    unit_fits,
    with_range,
    with_unit,
)
from minkang.exchange.quality.checks_times import (
    after_birth,
    in_order,
    in_time,
    not_future,
    not_longer,
    within_visit,
)
from minkang.exchange.quality.facts import Facts, is_said, values

Check = Callable[[Facts], bool | None]

# Identity card, health card, health record (WS/T 500-2016).
_OF_THE_STATE: Final = frozenset(f"urn:oid:2.16.156.10011.1.{n}" for n in (2, 3, 19))
_WITHDRAWN: Final = frozenset({"entered-in-error", "cancelled", "revoked", "draft", "planned"})


def _path(field: str) -> tuple[str, ...]:
    return tuple(field.split("."))


def present(
    field: str, *, status: list[str] | None = None, kinds: list[str] | None = None
) -> Check:
    """Something is said there; with `status` only of those, with `kinds` of such visits."""
    path = _path(field)

    def check(facts: Facts) -> bool | None:
        if status is not None and facts.resource.get("status") not in status:
            return None
        if kinds is not None and facts.resource.get("class", {}).get("code") not in kinds:
            return None
        return any(is_said(value) for value in values(facts.resource, path))

    return check


def present_any(field: str, *, fields: list[str], status: list[str] | None = None) -> Check:
    """Something is said in the field or in one of the others."""
    paths = [_path(one) for one in (field, *fields)]

    def check(facts: Facts) -> bool | None:
        if status is not None and facts.resource.get("status") not in status:
            return None
        return any(is_said(value) for path in paths for value in values(facts.resource, path))

    return check


def present_unless(field: str, *, other: str) -> Check:
    """Something is said in the field, unless the other one has something."""
    path, instead = _path(field), _path(other)

    def check(facts: Facts) -> bool | None:
        if any(is_said(value) for value in values(facts.resource, instead)):
            return None
        return any(is_said(value) for value in values(facts.resource, path))

    return check


def own_number(field: str) -> Check:
    """One of the identifiers is a number of the source itself, none that the state gives."""
    path = _path(field)

    def check(facts: Facts) -> bool | None:
        return any(
            one.get("value") and one.get("system") not in _OF_THE_STATE
            for one in values(facts.resource, path)
        )

    return check


def matches(field: str, *, pattern: str) -> Check:
    """Every value there has that form."""
    path, form = _path(field), re.compile(pattern)

    def check(facts: Facts) -> bool | None:
        found = [value for value in values(facts.resource, path) if isinstance(value, str)]
        return all(form.fullmatch(value) for value in found) if found else None

    return check


def one_of(field: str, *, codes: list[str]) -> Check:
    """Every value there is one of these."""
    path, allowed = _path(field), frozenset(codes)

    def check(facts: Facts) -> bool | None:
        found = list(values(facts.resource, path))
        return all(value in allowed for value in found) if found else None

    return check


def at_least(field: str, *, least: float) -> Check:
    """Every number there is at least so much."""
    path = _path(field)

    def check(facts: Facts) -> bool | None:
        found = [value for value in values(facts.resource, path) if not isinstance(value, str)]
        return all(value >= least for value in found) if found else None

    return check


def lines_add_up(field: str, *, within: float) -> Check:
    """The lines of an Invoice come to its total."""

    def check(facts: Facts) -> bool | None:
        total = next(values(facts.resource, (*_path(field), "value")), None)
        lines = [
            price["amount"]["value"]
            for price in values(facts.resource, ("lineItem", "priceComponent"))
            if price.get("type") == "base" and "value" in price.get("amount", {})
        ]
        return abs(sum(lines) - total) <= within if lines and total is not None else None

    return check


def living(check: Callable[..., Check]) -> Callable[..., Check]:
    """The same check, which leaves aside what was withdrawn or never took place."""

    def factory(field: str, **using: Any) -> Check:
        inner = check(field, **using)

        def judged(facts: Facts) -> bool | None:
            return None if facts.resource.get("status") in _WITHDRAWN else inner(facts)

        return judged

    return factory


def _hours(factory: Callable[[str, timedelta], Check]) -> Callable[..., Check]:
    def made(field: str, *, hours: float) -> Check:
        return factory(field, timedelta(hours=hours))

    return made


CHECKS: Final[dict[str, Callable[..., Check]]] = {
    "present": living(present),
    "present-any": living(present_any),
    "present-unless": living(present_unless),
    "own-number": living(own_number),
    "matches": living(matches),
    "one-of": living(one_of),
    "at-least": living(at_least),
    "lines-add-up": living(lines_add_up),
    "has-citizen-number": has_citizen_number,
    "citizen-number-fits": citizen_number_fits,
    "citizen-number-says": citizen_number_says,
    "known-code": living(known_code),
    "wrong-sex": living(wrong_sex),
    "rare-age": living(rare_age),
    "plausible": living(is_plausible),
    "standard-code": living(standard_code),
    "unit-fits": living(unit_fits),
    "with-range": living(with_range),
    "with-unit": living(with_unit),
    "flag-fits": living(flag_fits),
    "range-in-order": living(range_in_order),
    "pressure-in-order": living(pressure_in_order),
    "not-future": living(not_future),
    "in-order": living(in_order),
    "after-birth": living(after_birth),
    "within-visit": living(within_visit),
    "not-longer": living(not_longer),
    "in-time": living(_hours(in_time)),
    "mentioned": living(mentioned),
    "known-visit": living(known_visit),
    "known-order": living(known_order),
    "unshared": living(unshared),
}
