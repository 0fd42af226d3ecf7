"""Checks of codes against their tables, and of diagnoses against the patient."""

from collections.abc import Callable, Iterable
from typing import Any

from minkang.exchange.quality.facts import Facts, event, span, values
from minkang.terminology import built_in
from minkang.terminology.builtin import ICD10

Check = Callable[[Facts], bool | None]


def known_code(field: str, *, systems: list[str]) -> Check:
    """Every code of these systems is in the table."""
    path = (*field.split("."), "coding")

    def check(facts: Facts) -> bool | None:
        found = [
            (one["system"], one["code"])
            for one in values(facts.resource, path)
            if one.get("system") in systems and one.get("code")
        ]
        return all(_is_known(*one) for one in found) if found else None

    return check


def _is_known(system: str, code: str) -> bool:
    table = built_in(system)
    return table is not None and table.position(code) is not None


def _spans(codes: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """`O00-O99` and `C61` as first and last code, of which a longer code is a part."""
    pairs = (one.partition("-") for one in codes)
    return tuple((first, (last or first) + "\uffff") for first, _, last in pairs)


def _within(code: str, spans: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= code <= last for first, last in spans)


def _codes(facts: Facts, field: str) -> list[str]:
    """ICD-10 codes in a field."""
    return [
        str(one["code"]).upper()
        for one in values(facts.resource, (*field.split("."), "coding"))
        if one.get("system") == ICD10 and one.get("code")
    ]


def wrong_sex(field: str, *, female: list[str], male: list[str]) -> Check:
    """No code is one that only the other sex can have."""
    other = {"male": _spans(female), "female": _spans(male)}

    def check(facts: Facts) -> bool | None:
        spans = other.get(str((facts.patient or {}).get("gender")))
        found = _codes(facts, field)
        return not any(_within(code, spans) for code in found) if found and spans else None

    return check


def rare_age(field: str, *, ages: list[dict[str, Any]]) -> Check:
    """No code is one that is not met at the patient's age (years, `least` to `most`)."""
    known = [(_spans(one["codes"]), one.get("least", 0), one.get("most", 200)) for one in ages]

    def check(facts: Facts) -> bool | None:
        born, at = span((facts.patient or {}).get("birthDate")), event(facts.resource)
        found = _codes(facts, field)
        if born is None or at is None or not found:
            return None
        age = (at.low - born.low).days / 365.25
        return all(
            least <= age <= most
            for spans, least, most in known
            if any(_within(code, spans) for code in found)
        )

    return check
