"""Scopes of SMART 2.2: what is one, what two have in common, what is granted."""

import itertools

import pytest

from minkang.accounts.oauth_scopes import granted, scopes_in, smart_scope, within
from minkang.policy.smart import narrowed
from minkang.store import Grade, Grant, Scope

PEOPLE = frozenset({"patient", "user"})


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("patient/Observation.rs", "rs"),
        ("user/*.cruds", "cruds"),
        ("system/Patient.d", "d"),
        ("patient/*.read", "rs"),
        ("patient/*.write", "cud"),
        ("patient/Observation.*", "cruds"),
        ("patient/Observation.rs?category=laboratory", "rs"),
        ("patient/Observation.rs?category=http://x|a,http://x|b&status=final", "rs"),
        ("patient/Observation.rs?encounter=Encounter/1", "rs"),
    ],
)
def test_what_is_a_scope(text: str, letters: str) -> None:
    scope = smart_scope(text)
    assert scope is not None
    assert scope.letters == letters


@pytest.mark.parametrize(
    "text",
    [
        "",
        "openid",
        "patient",
        "patient/Observation",
        "patient/Observation.",
        "patient/Observation.sr",  # in another order
        "patient/Observation.rr",
        "patient/Observation.rx",
        "patient/Nothing.rs",
        "PATIENT/Observation.rs",
        "patient/Observation.rs ",
        "patient/Observation.rs\n",
        "patient/Observation.rs?",
        "patient/Observation.rs?category",
        "patient/Observation.rs?nothing=x",
        "patient/Observation.rs?category:not=x",
        "patient/Observation.rs?identifier=x",
        "patient/Observation.rs?_id=x",
        "patient/Observation.rs?_has:Group:member:_id=x",
        "patient/Observation.rs?subject.name=x",
        "patient/Observation.rs?date=ge2020",
        "patient/Observation.rs?_include=*",
        "patient/Observation.rs?_count=1",
        "patient/*.rs?category=x",
        "patient/Observation.rs?category=" + "x" * 500,
    ],
)
def test_what_is_none(text: str) -> None:
    assert smart_scope(text) is None


@pytest.mark.parametrize(
    ("asked", "allowed", "expected"),
    [
        ("patient/*.rs", "patient/*.rs", "patient/*.rs"),
        ("patient/*.read", "patient/*.rs", "patient/*.read"),  # as it was asked for
        ("patient/*.cruds", "patient/*.cruds", "patient/*.rs"),  # people read
        ("patient/*.rs", "patient/Observation.r user/*.rs", "patient/Observation.r"),
        ("patient/Observation.rs", "patient/*.r", "patient/Observation.r"),
        ("user/Patient.rs", "patient/Patient.rs", ""),
        ("system/*.rs", "system/*.rs", ""),
        (
            "patient/Observation.rs?category=a",
            "patient/Observation.rs?status=final",
            "patient/Observation.rs?category=a&status=final",
        ),
        ("patient/Observation.rs", "patient/*.rs", "patient/Observation.rs"),
        ("openid fhirUser unknown", "openid", "openid"),
        ("patient/*.rs patient/*.rs", "patient/*.rs", "patient/*.rs"),
        ("", "patient/*.rs", ""),
    ],
)
def test_granted_is_what_was_asked_for_and_registered_and_possible(
    asked: str, allowed: str, expected: str
) -> None:
    assert granted(scopes_in(asked), scopes_in(allowed), PEOPLE, "rs") == scopes_in(expected)


def test_a_grant_never_holds_more_than_what_was_asked_for_or_is_registered() -> None:
    each = [
        f"{context}/{kind}.{letters}{query}"
        for context in ("patient", "user", "system")
        for kind in ("*", "Observation", "Patient")
        for letters in ("r", "rs", "cruds")
        for query in ("", "?category=a")
        if not (query and kind != "Observation")
    ]
    for asked, allowed in itertools.product(each, each):
        for one in granted([asked], [allowed], PEOPLE, "rs"):
            assert within([one], [asked]), (one, asked)
            assert within([one], [allowed]), (one, allowed)
            assert one.startswith(("patient/", "user/"))


OWN = Scope((Grant(grade=Grade.PERSONAL, patients=frozenset({"a", "b"})),))
WIDE = Scope((Grant(grade=Grade.SENSITIVE), Grant(grade=Grade.BROAD)))
A = frozenset({"a"})


def test_without_an_app_nothing_is_narrowed() -> None:
    assert narrowed(WIDE, None, "r") == WIDE


def test_with_an_app_that_was_granted_nothing_there_is_nothing() -> None:
    for scopes in ((), ("openid",), ("patient/*.s",), ("nonsense",)):
        assert narrowed(WIDE, scopes, "r", A) == Scope.nothing()


def test_a_patients_scope_means_that_one_resident() -> None:
    (grant,) = narrowed(OWN, ("patient/*.rs",), "r", A).grants
    assert grant.patients == A
    assert narrowed(OWN, ("patient/*.rs",), "r") == Scope.nothing()
    assert narrowed(OWN, ("patient/*.rs",), "r", frozenset({"c"})) == Scope.nothing()


def test_of_everything_a_patients_scope_leaves_the_one_and_the_directory() -> None:
    personal, broad, directory = narrowed(WIDE, ("patient/*.rs",), "s", A).grants
    assert personal.patients == broad.patients == A
    assert directory.patients is None
    assert directory.grade == Grade.BROAD
    assert directory.types is not None
    assert directory.types.isdisjoint({"Patient", "Person", "Observation", "RelatedPerson"})


def test_types_of_scope_and_decision_must_agree() -> None:
    only = Scope((Grant(grade=Grade.PERSONAL, types=frozenset({"Observation", "Patient"})),))
    (grant,) = narrowed(only, ("user/Observation.rs", "user/Condition.rs"), "s").grants
    assert grant.types == frozenset({"Observation"})
    assert narrowed(only, ("user/Condition.rs",), "s") == Scope.nothing()


def test_criteria_stand_in_a_grant_of_their_own_that_shows_nothing_until_prepared() -> None:
    scopes = ("user/Observation.rs?category=a", "user/Patient.rs")
    plain, narrow = narrowed(OWN, scopes, "s").grants
    assert plain.types == frozenset({"Patient"})
    assert narrow.types == frozenset({"Observation"})
    assert len(narrow.criteria) == 1
    assert not narrow.tests
