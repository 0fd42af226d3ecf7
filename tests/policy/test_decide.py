"""Every role against every action, and what each right opens: what no row allows is refused."""

from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
import pytest

from minkang.accounts import ROLES, Account
from minkang.policy import Action, Ask, Decision, Relation, decide
from minkang.policy.consent_state import ConsentState
from minkang.store import Grade, Grant, Scope, Topic

GIVEN = ConsentState(given=True)
CLINICIANS = ("doctor", "gp", "village-doctor", "nurse", "maternal-child")
ADMINISTRATORS = ("system-administrator", "security-administrator", "audit-administrator")
DATA = ("open-record", "read-api", "write-api", "export-api", "find-residents", "read-message")

OF_BASE = ("read-api", "write-api", "export-api", "find-residents", "cross-reference")


def account(role: str, **more: str | None) -> Account:
    values: dict[str, str | None] = {"organisation": "MK1", "person": None, **more}
    return Account("1", "x", "某人", role, values["organisation"], "某院", values["person"])


DOCTOR, RESIDENT, CENTRE = (account(r) for r in ("doctor", "resident", "information-centre"))
OWN = account("resident", person="p1", organisation=None)


def opening(who: Account | None, action: Action = "open-record", **more: Any) -> Decision:
    """The decision on resident p1 with the Patients a and b."""
    given = {"person": "p1", "patients": frozenset("ab"), "named": True, **more}
    return decide(Ask(account=who, action=action, **given))


def shared(decision: Decision) -> list[Grant]:
    """The grants that reach beyond the own institution and the directory."""
    return [one for one in decision.scope.grants if one.sources is None and one.grade > Grade.BROAD]


@pytest.mark.parametrize("role", [*ROLES, "nobody", None])
def test_without_a_relation_no_role_opens_a_residents_record(role: str | None) -> None:
    who = account(role, person="p2") if role else None
    machine = role in ("system", "service")
    for action in ("open-record", "read-api"):
        decision = opening(who, action)
        assert decision.allowed == (machine and action == "read-api"), action
        assert decision.reason
        if not decision.allowed:
            assert decision.scope == Scope.nothing()


@pytest.mark.parametrize("action", get_args(Action))
def test_nobody_and_who_has_no_known_role_may_do_nothing(action: Action) -> None:
    assert opening(None, action).reason == "no-log-in"
    assert opening(account("nobody"), action).reason == "unknown-role"


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_an_administrator_reaches_no_data_of_residents_whatever_holds(role: str) -> None:
    everything = Relation(
        visit=True, contract=True, referral=True, call=True, code_presented=True, guardian=True,
        glass=True, case=True, consent=GIVEN, young=True,
    )  # fmt: skip
    for action in get_args(Action):
        decision = opening(account(role), action, relation=everything, code_fits=True)
        assert not (decision.allowed and action in DATA), action
        assert decision.scope == Scope.nothing()


def test_no_two_administrators_may_do_the_same_but_what_serves_both() -> None:
    done = {
        role: {one for one in get_args(Action) if decide(_plain(role, one)).allowed}
        for role in ADMINISTRATORS
    }
    common = {"manage-own-login", "see-home", "see-security", "end-sessions", "see-policy"}
    system, security, audit = (done[role] for role in ADMINISTRATORS)
    assert all(done.values())
    assert (system & security) | (system & audit) | (security & audit) <= common
    assert "approve-policy" not in system | audit
    assert "read-audit" not in system | security
    assert "manage-people" not in security | audit


def _plain(role: str, action: Action) -> Ask:
    return Ask(account=account(role), action=action)


@pytest.mark.parametrize("role", CLINICIANS)
@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (Relation(visit=True), "visit"),
        (Relation(contract=True), "contract"),
        (Relation(referral=True), "referral"),
    ],
)
def test_a_relation_opens_the_own_institutions_data_without_any_consent(
    role: str, known: Relation, reason: str
) -> None:
    decision = opening(account(role), relation=known)
    assert (decision.allowed, decision.reason, decision.purpose) == (True, reason, "treatment")
    own, *_, directory = decision.scope.grants
    assert (own.grade, own.sources) == (Grade.SENSITIVE, frozenset(["MK1"]))
    assert own.patients == frozenset("ab")
    assert (directory.grade, shared(decision)) == (Grade.BROAD, [])
    assert decision.rules[:1] == ("clinician-own",)
    assert set(decision.rules[1:]) <= {"maternal-child-reproductive", "directory-beside"}


@pytest.mark.parametrize("one", ["visit", "contract", "referral", "code_presented"])
def test_with_a_consent_a_relation_opens_what_is_not_sensitive_of_all(one: str) -> None:
    known = Relation(consent=GIVEN, **{one: True})
    (everywhere,) = shared(opening(DOCTOR, relation=known))
    assert (everywhere.grade, everywhere.patients) == (Grade.PERSONAL, frozenset("ab"))


def test_a_consent_alone_or_a_code_alone_opens_nothing() -> None:
    assert opening(DOCTOR, relation=Relation(consent=GIVEN)).reason == "no-relation"
    assert opening(DOCTOR, relation=Relation(code_presented=True)).reason == "no-consent"


def test_what_a_consent_leaves_out_is_left_out_of_what_others_sent_but_not_of_the_own() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    narrow = ConsentState(
        given=True,
        without_sources=frozenset({"MK9"}),
        without_topics=frozenset({"mental"}),
        since=since,
    )
    decision = opening(DOCTOR, relation=Relation(visit=True, consent=narrow))
    own, rest, who, directory = decision.scope.grants
    assert (own.without_sources, own.since) == (frozenset(), None)
    assert (rest.without_sources, rest.without_topics) == (
        frozenset({"MK9"}),
        frozenset({"mental"}),
    )
    assert rest.since == since
    # Who somebody is has no clinical date, but its source may be left out.
    assert (who.types, who.since) == (frozenset({"Patient", "Person"}), None)
    assert who.without_sources == {"MK9"}
    assert directory.grade is Grade.BROAD


def test_sensitive_topics_of_others_need_the_code_and_each_its_confirmation() -> None:
    confirmed = ConsentState(given=True, confirmed_topics=frozenset({"mental"}))

    def topics(known: Relation) -> list[frozenset[str] | None]:
        grants = shared(opening(DOCTOR, relation=known))
        return [one.topics for one in grants if one.grade is Grade.SENSITIVE]

    assert topics(Relation(visit=True, consent=confirmed)) == []
    assert topics(Relation(code_presented=True, consent=GIVEN)) == []
    assert topics(Relation(code_presented=True, consent=confirmed)) == [frozenset({Topic.MENTAL})]


@pytest.mark.parametrize("role", ["doctor", "gp", "village-doctor", "nurse", "dispatcher"])
def test_broken_glass_opens_all_for_an_emergency_and_is_named_so(role: str) -> None:
    decision = opening(account(role), relation=Relation(glass=True, visit=True))
    assert (decision.reason, decision.purpose) == ("break-glass", "emergency")
    assert decision.scope.grants[0] == Grant(grade=Grade.SENSITIVE, patients=frozenset("ab"))


@pytest.mark.parametrize("role", ["resident", "cdc", "planner", "hospital-it", *ADMINISTRATORS])
def test_glass_is_not_for_everybody(role: str) -> None:
    assert not opening(account(role), relation=Relation(glass=True)).allowed
    assert not decide(_plain(role, "break-glass")).allowed


def test_only_the_residents_own_code_counts_with_a_consent_and_only_to_a_clinician() -> None:
    def shown(who: Account, *, fits: bool, consent: bool = True, wrong: int = 0) -> str:
        known = Relation(consent=ConsentState(given=consent))
        decision = opening(who, "present-code", code_fits=fits, relation=known, wrong_codes=wrong)
        return decision.reason if decision.allowed else f"not: {decision.reason}"

    assert shown(DOCTOR, fits=True) == "code-presented"
    assert shown(DOCTOR, fits=False) == "not: wrong-code"
    assert shown(DOCTOR, fits=False, consent=False) == "not: wrong-code"
    assert shown(DOCTOR, fits=True, consent=False) == "not: no-consent"
    assert shown(DOCTOR, fits=True, wrong=5) == "not: too-many-codes"
    assert shown(CENTRE, fits=True) == "not: not-for-role"


def test_a_resident_sees_the_own_record_whole_and_no_other() -> None:
    mine, other = opening(OWN), opening(OWN, person="p2", patients=frozenset(["z"]))
    assert (mine.allowed, mine.reason, mine.scope.grants[0]) == (
        True,
        "own-record",
        Grant(grade=Grade.SENSITIVE, patients=frozenset("ab")),
    )
    assert (other.allowed, other.reason) == (False, "not-own-record")


def test_a_guardian_sees_the_childs_record_but_not_what_is_an_adolescents_own() -> None:
    guardian = account("resident", person="p0", organisation=None)
    child = opening(guardian, relation=Relation(guardian=True, minor=True, young=True))
    older = opening(guardian, relation=Relation(guardian=True, minor=True, adolescent=True))
    assert (child.reason, child.scope.grants[0].without_topics) == ("guardian", frozenset())
    assert older.allowed
    assert all(
        one.without_topics >= {"mental", "reproductive"}
        for one in older.scope.grants
        if one.grade > Grade.BROAD
    )
    assert not opening(guardian, relation=Relation(minor=True)).allowed


def test_an_adolescents_own_record_is_whole_to_the_adolescent() -> None:
    decision = opening(OWN, relation=Relation(minor=True, adolescent=True))
    assert decision.scope.grants[0].without_topics == frozenset()


@pytest.mark.parametrize("role", [r for r in ROLES if r not in (*CLINICIANS, "system", "service")])
def test_a_treatment_relation_helps_nobody_but_clinicians(role: str) -> None:
    known = Relation(visit=True, contract=True, referral=True, code_presented=True, consent=GIVEN)
    for action in ("open-record", "read-api"):
        assert not opening(account(role, person="p2"), action, relation=known).allowed


def test_the_cdc_sees_notifiable_rows_of_all_and_of_a_case_what_the_investigation_needs() -> None:
    cdc = account("cdc")
    everybody = decide(Ask(account=cdc, action="read-api"))
    rows, directory = everybody.scope.grants
    assert (rows.only_topics, rows.patients) == (frozenset({Topic.NOTIFIABLE}), None)
    assert directory.grade is Grade.BROAD
    assert opening(cdc, "read-api").reason == "no-relation"
    case = opening(cdc, "read-api", relation=Relation(case=True)).scope.grants
    assert [one.patients for one in case[:2]] == [frozenset("ab")] * 2
    assert case[0].only_topics == frozenset({Topic.NOTIFIABLE})
    assert (case[1].grade, "MedicationRequest" in (case[1].types or ())) == (Grade.PERSONAL, False)


def test_a_dispatcher_sees_of_who_is_in_a_call_what_an_ambulance_needs() -> None:
    decision = opening(account("dispatcher"), relation=Relation(call=True))
    needed, *_ = decision.scope.grants
    assert (needed.grade, needed.patients) == (Grade.PERSONAL, frozenset("ab"))
    assert needed.types is not None
    assert {"AllergyIntolerance", "Condition"} <= needed.types
    assert "Encounter" not in needed.types
    assert not opening(account("dispatcher"), relation=Relation(visit=True)).allowed


def test_maternal_and_child_care_is_bound_to_the_own_district() -> None:
    who = account("maternal-child")
    district = frozenset({"MK2", "MK3"})
    young = opening(who, relation=Relation(young=True, minor=True), district=district)
    assert young.scope.grants[0].sources == frozenset({"MK1", "MK2", "MK3"})
    assert not opening(who, relation=Relation(minor=True), district=district).allowed
    unnamed = decide(Ask(account=who, action="read-api", district=district)).scope.grants
    (women,) = [one for one in unnamed if one.only_topics == frozenset({Topic.REPRODUCTIVE})]
    assert (women.topics, women.sources) == (
        frozenset({Topic.REPRODUCTIVE}),
        frozenset({"MK1", "MK2", "MK3"}),
    )


def test_a_researcher_sees_masked_rows_of_nobody_in_particular() -> None:
    who = account("researcher")
    cohort = decide(Ask(account=who, action="read-api"))
    rows = cohort.scope.grants[0]
    assert (cohort.mask, rows.grade, rows.topics) == ("pseudonym", Grade.PERSONAL, None)
    assert "Person" not in (rows.types or ())
    assert not opening(who, "read-api").allowed


@pytest.mark.parametrize("role", ["planner", "supervisor", "hospital-it"])
def test_managing_needs_no_resident(role: str) -> None:
    decision = decide(_plain(role, "read-api"))
    assert decision.allowed
    assert all(one.grade <= Grade.BROAD for one in decision.scope.grants)


@pytest.mark.parametrize("role", ["system", "service"])
def test_a_system_has_its_organisations_data_and_the_directory_and_no_more(role: str) -> None:
    for action in ("read-api", "write-api", "export-api"):
        decision = decide(_plain(role, action))
        assert (decision.allowed, decision.reason) == (True, "own-organisation")
        own, directory = decision.scope.grants
        assert (own.grade, own.sources) == (Grade.SENSITIVE, frozenset(["MK1"]))
        assert (directory.grade, directory.sources) == (Grade.BROAD, None)
    loose = Ask(account=account(role, organisation=None), action="read-api")
    assert decide(loose).reason == "no-institution"


@pytest.mark.parametrize("role", ["system", "service"])
def test_of_other_organisations_a_system_learns_who_is_who_and_nothing_sensitive(role: str) -> None:
    finds, refers = (decide(_plain(role, a)) for a in ("find-residents", "cross-reference"))
    for decision in (finds, refers):
        (grant,) = decision.scope.grants
        assert grant.types == frozenset({"Patient", "Person"})
        assert (grant.grade, grant.sources) == (Grade.PERSONAL, None)
    assert (finds.mask, refers.mask) == ("list", "")
    loose = Ask(account=account(role, organisation=None), action="cross-reference")
    assert decide(loose).reason == "no-institution"


@pytest.mark.parametrize("role", [r for r in ROLES if r not in ("system", "service")])
def test_nobody_but_systems_writes_or_exports_at_the_base(role: str) -> None:
    known = Relation(visit=True, consent=GIVEN, glass=True)
    for action in ("write-api", "export-api", "cross-reference"):
        assert not opening(account(role, person="p1"), action, relation=known).allowed


@pytest.mark.parametrize("action", get_args(Action))
def test_an_open_base_opens_the_base_and_nothing_else(action: Action) -> None:
    decision = decide(Ask(account=None, action=action, open_base=True))
    assert decision.allowed == (action in OF_BASE)
    assert decision.reason == ("open" if decision.allowed else "no-log-in")


def test_a_doctor_without_institution_or_a_resident_without_records_is_refused() -> None:
    loose = account("doctor", organisation=None)
    assert decide(Ask(account=loose, action="find-residents")).reason == "no-institution"
    empty = opening(DOCTOR, patients=frozenset(), relation=Relation(visit=True))
    assert empty.reason == "no-resident"


def test_a_question_for_a_purpose_is_answered_by_the_rows_of_that_purpose_alone() -> None:
    known = Relation(visit=True, glass=True)
    assert opening(DOCTOR, relation=known, purpose="treatment").reason == "visit"
    assert opening(DOCTOR, relation=known, purpose="emergency").reason == "break-glass"
    assert not opening(DOCTOR, relation=known, purpose="research").allowed


def test_a_department_acts_for_its_institution() -> None:
    who = msgspec.structs.replace(DOCTOR, organisation="MK1-D3", institution="MK1")
    own = opening(who, relation=Relation(visit=True)).scope.grants[0]
    assert own.sources == frozenset({"MK1", "MK1-D3"})
