"""Every role against every action: what no rule allows is refused."""

from typing import get_args

import pytest

from minkang.accounts import ROLES, Account
from minkang.policy import Action, Ask, Relation, decide
from minkang.store import Grade, Scope


def account(role: str, **more: str | None) -> Account:
    values: dict[str, str | None] = {"organisation": "MK1", "person": None, **more}
    return Account("1", "x", "某人", role, values["organisation"], "某院", values["person"])


DOCTOR, RESIDENT, CENTRE = (account(r) for r in ("doctor", "resident", "information-centre"))
OWN = account("resident", person="p1", organisation=None)

ALLOWED = {
    ("doctor", "find-residents"),
    ("doctor", "send-demo-message"),
    ("resident", "send-demo-message"),
    ("information-centre", "send-demo-message"),
    ("information-centre", "watch-messages"),
    ("information-centre", "read-message"),
    ("information-centre", "replay-messages"),
    ("information-centre", "manage-sources"),
    ("information-centre", "acknowledge-alarms"),
    ("information-centre", "read-terminology"),
    ("information-centre", "map-codes"),
    ("information-centre", "manage-targets"),
    ("system", "read-api"),
    ("system", "write-api"),
}


@pytest.mark.parametrize("role", [*ROLES, "nobody", None])
@pytest.mark.parametrize("action", get_args(Action))
def test_without_a_relation_only_these_are_allowed(role: str | None, action: Action) -> None:
    who = account(role, person="p2") if role else None
    decision = decide(Ask(account=who, action=action, person="p1", patients=frozenset(["a"])))
    assert decision.allowed == ((role, action) in ALLOWED)
    if not decision.allowed:
        assert decision.scope == Scope.nothing()
        assert decision.reason


@pytest.mark.parametrize(
    ("known", "reason"),
    [(Relation(visit=True), "visit"), (Relation(code_presented=True), "code-presented")],
)
def test_a_doctor_opens_a_record_by_visit_or_code(known: Relation, reason: str) -> None:
    decision = decide(
        Ask(
            account=DOCTOR,
            action="open-record",
            person="p1",
            patients=frozenset(["a", "b"]),
            relation=known,
        )
    )
    assert (decision.allowed, decision.reason, decision.purpose) == (True, reason, "treatment")
    everywhere, own = decision.scope.grants
    assert (everywhere.grade, everywhere.sources) == (Grade.PERSONAL, None)
    assert (own.grade, own.sources) == (Grade.SENSITIVE, frozenset(["MK1"]))
    assert all(grant.patients == frozenset("ab") for grant in decision.scope.grants)


def test_only_the_residents_own_code_counts_as_shown_and_only_to_a_doctor() -> None:
    def shown(who: Account, *, fits: bool) -> str:
        decision = decide(Ask(account=who, action="present-code", person="p1", code_fits=fits))
        return decision.reason if decision.allowed else f"not: {decision.reason}"

    assert shown(DOCTOR, fits=True) == "code-presented"
    assert shown(DOCTOR, fits=False) == "not: wrong-code"
    assert shown(CENTRE, fits=True) == "not: not-for-role"


def test_a_resident_sees_the_own_record_whole_and_no_other() -> None:
    mine = decide(Ask(account=OWN, action="open-record", person="p1", patients=frozenset(["a"])))
    other = decide(Ask(account=OWN, action="open-record", person="p2", patients=frozenset(["z"])))
    assert (mine.allowed, mine.scope.grants[0].grade) == (True, Grade.SENSITIVE)
    assert (other.allowed, other.reason) == (False, "not-own-record")


def test_a_relation_helps_nobody_but_the_doctor() -> None:
    both = Relation(visit=True, code_presented=True)
    for who in (RESIDENT, CENTRE):
        ask = Ask(
            account=who,
            action="open-record",
            person="p1",
            patients=frozenset(["a"]),
            relation=both,
        )
        assert not decide(ask).allowed


def test_a_system_has_its_organisations_data_and_the_directory_and_no_more() -> None:
    for action in ("read-api", "write-api"):
        decision = decide(Ask(account=account("system"), action=action))
        assert (decision.allowed, decision.reason) == (True, "own-organisation")
        own, directory = decision.scope.grants
        assert (own.grade, own.sources) == (Grade.SENSITIVE, frozenset(["MK1"]))
        assert (directory.grade, directory.sources) == (Grade.BROAD, None)
    loose = Ask(account=account("system", organisation=None), action="read-api")
    assert decide(loose).reason == "no-institution"


@pytest.mark.parametrize("action", get_args(Action))
def test_an_open_base_opens_the_base_and_nothing_else(action: Action) -> None:
    decision = decide(Ask(account=None, action=action, open_base=True))
    assert decision.allowed == (action in ("read-api", "write-api"))
    assert decision.reason == ("open" if decision.allowed else "no-log-in")


def test_a_doctor_without_institution_or_a_resident_without_records_is_refused() -> None:
    loose = account("doctor", organisation=None)
    ask = Ask(account=loose, action="find-residents")
    assert decide(ask).reason == "no-institution"
    empty = Ask(account=DOCTOR, action="open-record", person="p1", relation=Relation(visit=True))
    assert decide(empty).reason == "no-resident"
