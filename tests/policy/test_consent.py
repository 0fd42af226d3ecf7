"""A resident's consent: what is given, narrowed and withdrawn decides from the next question on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.audit import AuditLog, AuditUnavailable
from minkang.crypto import Keys, sm3
from minkang.fhir.validate import validate
from minkang.policy.consent import (
    ConsentChange,
    change_consent,
    change_consents,
    consent_history,
    consent_state,
    current_consent,
)
from minkang.policy.consent_record import Consent, ConsentRefused, Sharing
from minkang.policy.consent_resource import resource_id
from minkang.policy.consent_state import NOTHING_GIVEN, ConsentState
from minkang.policy.consent_text import consent_texts, text_in_force
from minkang.policy.presented import confirm_topics, present_code, presentations
from minkang.store import Scope, Store, history, open_pool, read
from minkang.store.topics import SENSITIVE_TOPICS
from tests.policy.consenting import NOW, account, entries, new_person

DOCTOR = account()
TOPICS = sorted(SENSITIVE_TOPICS)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def log(store: Store, keys: Keys, tmp_path_factory: Any) -> AsyncIterator[AuditLog]:
    log = await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))
    yield log
    await log.close()


async def change(
    store: Store,
    log: AuditLog,
    who: tuple[str, frozenset[str]],
    kind: str,
    sharing: Sharing | None = None,
    at: datetime = NOW,
    **more: Any,
) -> Consent:
    """One change by the resident on the own page."""
    return await change_consent(
        store,
        log,
        ConsentChange(
            person=who[0],
            patients=who[1],
            kind=kind,  # type: ignore[arg-type]
            sharing=sharing or Sharing(),
            **more,
        ),
        by=account("resident", person=who[0]),
        now=at,
    )


async def test_without_consent_nothing_is_shared(store: Store) -> None:
    assert await consent_state(store.pool, "pnobody", DOCTOR, NOW) == NOTHING_GIVEN
    assert not NOTHING_GIVEN.given


async def test_giving_narrowing_and_withdrawing_count_from_the_next_question(
    store: Store, log: AuditLog
) -> None:
    who = new_person()
    await change(store, log, who, "give")
    assert await consent_state(store.pool, who[0], DOCTOR, NOW) == ConsentState(given=True)
    since = NOW - timedelta(days=365)
    narrow = Sharing(
        without_sources=frozenset(["MK2"]), without_topics=frozenset(["mental"]), since=since
    )
    await change(store, log, who, "narrow", narrow)
    assert await consent_state(store.pool, who[0], DOCTOR, NOW) == ConsentState(
        given=True,
        without_sources=frozenset(["MK2"]),
        without_topics=frozenset(["mental"]),
        since=since,
    )
    await change(store, log, who, "withdraw")
    assert await consent_state(store.pool, who[0], DOCTOR, NOW) == NOTHING_GIVEN
    assert await entries(store, who[0]) == [
        ("give-consent", "page"),
        ("narrow-consent", "page"),
        ("withdraw-consent", "page"),
    ]


async def test_an_institution_that_was_left_out_sees_nothing_and_others_do(
    store: Store, log: AuditLog
) -> None:
    who = new_person()
    await change(store, log, who, "give", Sharing(without_recipients=frozenset(["MK1"])))
    elsewhere = account(organisation="MK3")
    assert not (await consent_state(store.pool, who[0], DOCTOR, NOW)).given
    assert (await consent_state(store.pool, who[0], elsewhere, NOW)).given


async def test_the_fhir_consent_says_the_same_as_the_row_and_keeps_its_history(
    store: Store, log: AuditLog
) -> None:
    who = new_person()
    sharing = Sharing(
        without_sources=frozenset(["MK2"]),
        without_recipients=frozenset(["MK3"]),
        without_topics=frozenset(TOPICS),
        since=NOW - timedelta(days=10),
        until=NOW,
    )
    await change(store, log, who, "give")
    await change(store, log, who, "narrow", sharing)
    stored = await read(store, Scope.whole(), "Consent", resource_id(who[0]))
    assert stored is not None
    assert validate(stored.resource) == []
    assert (stored.version, stored.source) == (2, "MK-PLATFORM")
    assert stored.topics == {"restricted"}  # what is kept back is not told to others
    resource = stored.resource
    assert resource["status"] == "active"
    assert resource["patient"]["reference"] == f"Patient/{min(who[1])}"
    assert resource["policyRule"]["coding"][0]["code"] == text_in_force().version
    denied = resource["provision"]["provision"]
    assert {one["type"] for one in denied} == {"deny"}
    actors = {
        one["actor"][0]["role"]["coding"][0]["code"]: one["actor"][0]["reference"]["identifier"][
            "value"
        ]
        for one in denied
        if "actor" in one
    }
    assert actors == {"CST": "MK2", "IRCP": "MK3"}
    labels = {label["code"] for one in denied for label in one.get("securityLabel", ())}
    assert {"HIV", "PSY", "GDIS", "SEX", "R"} <= labels
    periods = [one["dataPeriod"] for one in denied if "dataPeriod" in one]
    assert [set(one) for one in periods] == [{"end"}, {"start"}]
    await change(store, log, who, "withdraw")
    versions = await history(store, Scope.whole(), "Consent", resource_id(who[0]))
    assert [one.resource["status"] for one in versions] == ["inactive", "active", "active"]
    assert validate(versions[0].resource) == []
    assert versions[0].resource["provision"] == {"type": "deny"}


async def test_every_topic_of_a_consent_is_read_back_from_its_label() -> None:
    from minkang.policy.consent_resource import TOPIC_LABELS
    from minkang.store.topics import topics_of

    for topic, (system, *codes) in TOPIC_LABELS.items():
        for code in codes:
            labelled = {"meta": {"security": [{"system": system, "code": code}]}}
            assert topics_of(labelled) == {topic}
    assert set(TOPIC_LABELS) == set(SENSITIVE_TOPICS)


async def test_the_text_is_kept_by_version_and_digest(store: Store, log: AuditLog) -> None:
    who = new_person()
    made = await change(store, log, who, "give")
    text = consent_texts()[made.text_version]
    assert made.text_digest == sm3("\n".join((text.title, *text.chinese)).encode())
    assert len(text.chinese) == len(text.english)
    row = await store.pool.fetchrow("select * from policy.consent where person = $1", who[0])
    assert row is not None
    assert (row["text_version"], row["text_digest"]) == (text.version, text.digest)


async def test_paper_needs_its_number_and_names_who_took_it(store: Store, log: AuditLog) -> None:
    who = new_person()
    for evidence, document in (("paper", " "), ("page", "A-1"), ("paper", "x" * 65)):
        with pytest.raises(ConsentRefused, match="document"):
            await change(store, log, who, "give", evidence=evidence, document=document)
    made = await change_consent(
        store,
        log,
        ConsentChange(
            person=who[0], patients=who[1], kind="give", evidence="paper", document="A-17"
        ),
        by=DOCTOR,
        now=NOW,
    )
    assert (made.account, made.institution, made.document) == (DOCTOR.id, "MK1", "A-17")
    stored = await read(store, Scope.whole(), "Consent", resource_id(who[0]))
    assert stored is not None
    assert stored.resource["identifier"][0]["value"] == "A-17"
    assert stored.resource["verification"][0]["verified"] is True


@pytest.mark.parametrize(
    ("code", "kind", "sharing"),
    [
        ("not-given", "narrow", Sharing()),
        ("not-given", "withdraw", Sharing()),
        ("topic-unknown", "give", Sharing(without_topics=frozenset(["dental"]))),
        ("period", "give", Sharing(since=NOW, until=NOW)),
        ("period", "give", Sharing(since=datetime(2026, 1, 1))),  # noqa: DTZ001 - that is the test
        ("too-many", "give", Sharing(without_sources=frozenset(map(str, range(101))))),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    code: str, kind: str, sharing: Sharing, store: Store, log: AuditLog
) -> None:
    who = new_person()
    with pytest.raises(ConsentRefused, match=code):
        await change(store, log, who, kind, sharing)
    assert await current_consent(store.pool, who[0]) is None
    assert await read(store, Scope.whole(), "Consent", resource_id(who[0])) is None
    assert await entries(store, who[0]) == []


async def test_no_change_without_its_audit_entry(
    store: Store, keys: Keys, database_url: str, tmp_path: Path
) -> None:
    pool = await open_pool(database_url, maximum=2)
    closed = await AuditLog.open(pool, keys, tmp_path)
    await closed.close()
    who = new_person()
    with pytest.raises(AuditUnavailable):
        await change(store, closed, who, "give")
    assert await current_consent(store.pool, who[0]) is None
    assert await read(store, Scope.whole(), "Consent", resource_id(who[0])) is None
    await pool.close()


# What was confirmed with the code


async def test_a_sensitive_topic_counts_for_the_clinician_where_the_code_was_shown_and_its_hours(
    store: Store, log: AuditLog
) -> None:
    who, own = new_person(), account("resident")
    await change(store, log, who, "give")
    await present_code(store, DOCTOR, who[0], now=NOW)
    (shown,) = await presentations(store.pool, who[0], now=NOW, hours=24)
    await confirm_topics(store, log, shown, frozenset(["mental"]), by=own, now=NOW)

    async def confirmed(by: Any, at: datetime) -> frozenset[str]:
        state = await consent_state(store.pool, who[0], by, at, code_hours=24)
        return state.confirmed_topics

    later = NOW + timedelta(hours=23)
    assert await confirmed(DOCTOR, later) == {"mental"}
    assert await confirmed(DOCTOR, NOW + timedelta(hours=24)) == set()
    assert await confirmed(account(), later) == set()
    moved = DOCTOR.__class__(
        **{
            name: getattr(DOCTOR, name)
            for name in DOCTOR.__struct_fields__
            if name not in ("organisation", "institution")
        },
        organisation="MK9",
        institution="MK9",
    )
    assert await confirmed(moved, later) == set()
    # The limits of the consent itself are stronger, and what was confirmed can be taken back.
    await change(store, log, who, "narrow", Sharing(without_topics=frozenset(["mental"])))
    assert await confirmed(DOCTOR, later) == set()
    await change(store, log, who, "narrow")
    assert await confirmed(DOCTOR, later) == {"mental"}
    await confirm_topics(store, log, shown, frozenset(), by=own, now=later)
    assert await confirmed(DOCTOR, later) == set()


async def test_taking_back_a_topic_reaches_earlier_showings_of_the_code_too(
    store: Store, log: AuditLog
) -> None:
    who = new_person()
    await change(store, log, who, "give")
    await present_code(store, DOCTOR, who[0], now=NOW, topics=frozenset(["genetic"]))
    again = NOW + timedelta(hours=1)
    await present_code(store, DOCTOR, who[0], now=again)
    (shown,) = await presentations(store.pool, who[0], now=again, hours=24)
    assert shown.at == again
    resident = account("resident", person=who[0])
    await confirm_topics(store, log, shown, frozenset(), by=resident, now=again)
    assert not (await consent_state(store.pool, who[0], DOCTOR, again)).confirmed_topics


# Any order


def _at(hours: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)


SHARINGS = st.builds(
    Sharing,
    without_sources=st.frozensets(st.sampled_from(["MK1", "MK2", "MK3"])),
    without_recipients=st.frozensets(st.sampled_from(["MK1", "MK4"]), max_size=1),
    without_topics=st.frozensets(st.sampled_from(TOPICS)),
    since=st.none() | st.integers(0, 50).map(_at),
    until=st.none() | st.integers(51, 99).map(_at),
)
STEPS = st.lists(st.tuples(st.sampled_from(["give", "narrow", "withdraw"]), SHARINGS), max_size=8)


def replayed(steps: list[tuple[str, Sharing]], institution: str) -> ConsentState:
    """What must hold after some steps, told in the plainest way."""
    given_now, last = False, Sharing()
    for kind, sharing in steps:
        if kind == "give":
            given_now, last = True, sharing
        elif given_now and kind == "narrow":
            last = sharing
        elif kind == "withdraw":
            given_now = False
    if not given_now or institution in last.without_recipients:
        return ConsentState()
    return ConsentState(
        given=True,
        without_sources=last.without_sources,
        without_topics=last.without_topics,
        since=last.since,
        until=last.until,
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
async def test_after_any_steps_the_state_is_that_of_a_naive_replay(
    steps: list[tuple[str, Sharing]], store: Store, log: AuditLog
) -> None:
    who, taken = new_person(), 0
    for number, (kind, sharing) in enumerate(steps):
        at = NOW + timedelta(minutes=number)
        try:
            await change(store, log, who, kind, sharing, at)
        except ConsentRefused:
            continue
        taken += 1
    for institution in ("MK1", "MK2"):
        state = await consent_state(
            store.pool, who[0], account(organisation=institution), NOW + timedelta(hours=1)
        )
        assert state == replayed(steps, institution)
    kept = await consent_history(store.pool, who[0])
    assert [one.number for one in kept] == list(range(taken, 0, -1))
    stored = await read(store, Scope.whole(), "Consent", resource_id(who[0]))
    assert (stored is None) == (taken == 0)
    if stored is not None:
        assert (stored.resource["status"] == "active") == kept[0].given


async def test_a_question_after_the_answer_to_a_withdrawal_never_sees_the_old_state(
    store: Store, log: AuditLog
) -> None:
    """Readers run beside it; whoever begins after it was answered sees that it is withdrawn."""
    who, withdrawn = new_person(), asyncio.Event()
    await change(store, log, who, "give")

    async def reads() -> list[tuple[bool, bool]]:
        seen: list[tuple[bool, bool]] = []
        while not (seen and seen[-1][0]):
            after = withdrawn.is_set()
            state = await consent_state(store.pool, who[0], DOCTOR, NOW)
            seen.append((after, state.given))
        return seen

    readers = [asyncio.create_task(reads()) for _ in range(4)]
    await asyncio.sleep(0)
    await change(store, log, who, "withdraw")
    withdrawn.set()
    for seen in await asyncio.gather(*readers):
        assert all(not given_then for after, given_then in seen if after)


async def test_changes_at_the_same_time_follow_one_another(store: Store, log: AuditLog) -> None:
    who = new_person()
    await change(store, log, who, "give")
    kinds = ("narrow", "narrow", "withdraw", "give", "narrow")
    done = await asyncio.gather(
        *(change(store, log, who, kind) for kind in kinds), return_exceptions=True
    )
    refused = [one for one in done if isinstance(one, BaseException)]
    assert all(isinstance(one, ConsentRefused) for one in refused)
    kept = (await consent_history(store.pool, who[0]))[::-1]
    assert [one.number for one in kept] == list(range(1, len(kept) + 1))
    assert len(kept) == 1 + len(kinds) - len(refused)
    for before, after in pairwise(kept):
        assert after.kind == "give" or before.given


async def test_many_consents_are_given_together_or_not_at_all(store: Store, log: AuditLog) -> None:
    people = [new_person() for _ in range(20)]
    wanted = [ConsentChange(person=one, patients=ids, kind="give") for one, ids in people]
    spoilt = [
        *wanted[:-1],
        ConsentChange(person=people[-1][0], patients=people[-1][1], kind="narrow"),
    ]
    with pytest.raises(ConsentRefused):
        await change_consents(store, log, spoilt, by=None, now=NOW)
    assert await current_consent(store.pool, people[0][0]) is None
    made = await change_consents(store, log, wanted, by=None, now=NOW)
    assert {one.person for one in made} == {one for one, _ in people}
    assert all(one.given and one.account is None for one in made)
