"""Breaking the glass: open for a short time, told at once, reviewed by somebody else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from minkang.accounts import Account
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.policy.glass import REASONS, Glass, GlassRefused, break_glass, glass_in_force
from minkang.policy.glass_review import (
    answer_review,
    glass_case,
    own_glasses,
    review_glass,
    review_queue,
)
from minkang.policy.notices import open_notices, put_away
from minkang.policy.working_days import ZONE, due_after
from minkang.store import Store
from tests.policy.consenting import NOW, account, entries, new_person

WHY = "患者昏迷，疑似脑出血，急需了解用药史"
REVIEWER = account("security-administrator", organisation=None)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def log(store: Store, keys: Keys, tmp_path_factory: Any) -> AsyncIterator[AuditLog]:
    log = await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))
    yield log
    await log.close()


async def broken(
    store: Store, log: AuditLog, by: Account, person: str, at: datetime = NOW
) -> Glass:
    return await break_glass(
        store, log, by, person, reason="unconscious", explanation=WHY, now=at, minutes=60
    )


async def reviewed(store: Store, log: AuditLog, glass: Glass, review: Any, **more: Any) -> Glass:
    given: dict[str, Any] = {
        "by": REVIEWER,
        "now": NOW + timedelta(minutes=5),
        "words": "已核实病历",
    } | more
    return await review_glass(store, log, glass.id, review=review, **given)


async def test_it_is_open_for_this_account_where_it_acts_until_its_time_is_over(
    store: Store, log: AuditLog
) -> None:
    person, doctor = new_person()[0], account()
    await broken(store, log, doctor, person)

    async def is_open(by: Account, after: timedelta, about: str = person) -> bool:
        return await glass_in_force(store.pool, by, about, NOW + after)

    assert await is_open(doctor, timedelta())
    assert await is_open(doctor, timedelta(minutes=59, seconds=59))
    assert not await is_open(doctor, timedelta(minutes=60))
    assert not await is_open(doctor, timedelta(seconds=-1))
    assert not await is_open(account(), timedelta())
    assert not await is_open(doctor, timedelta(), new_person()[0])
    elsewhere = msgspec.structs.replace(doctor, organisation="MK9", institution="MK9")
    assert not await is_open(elsewhere, timedelta())


async def test_the_resident_is_told_and_every_step_is_written_down(
    store: Store, log: AuditLog
) -> None:
    person, doctor = new_person()[0], account()
    glass = await broken(store, log, doctor, person)
    (notice,) = await open_notices(store.pool, person)
    assert (notice.kind, notice.about) == ("glass-opened", glass.id)
    assert notice.facts["who"] == doctor.name
    await reviewed(store, log, glass, "asked")
    await answer_review(store, log, glass.id, by=doctor, words="当时无法联系家属", now=NOW)
    await reviewed(store, log, glass, "justified")
    kinds = [one.kind for one in await open_notices(store.pool, person)]
    assert sorted(kinds) == ["glass-justified", "glass-opened"]
    assert await entries(store, person) == [
        ("open-glass", "unconscious"),
        ("answer-glass", "answered"),
        ("review-glass", "asked"),
        ("review-glass", "justified"),
    ]
    assert not await put_away(store.pool, "pother", notice.id, now=NOW)
    assert await put_away(store.pool, person, notice.id, now=NOW)
    assert [one.kind for one in await open_notices(store.pool, person)] == ["glass-justified"]


@pytest.mark.parametrize(
    ("reason", "words", "code"),
    [
        ("curious", WHY, "reason-unknown"),
        ("", WHY, "reason-unknown"),
        ("other", "  急  ", "too-short"),
        ("other", "。" * 40, "too-short"),
        ("other", "急" * 1_001, "too-short"),
        ("other", WHY * 60, "too-long"),
    ],
)
async def test_without_a_reason_that_says_something_nothing_is_opened(
    reason: str, words: str, code: str, store: Store, log: AuditLog
) -> None:
    person, doctor = new_person()[0], account()
    with pytest.raises(GlassRefused, match=code):
        await break_glass(store, log, doctor, person, reason=reason, explanation=words, now=NOW)
    assert not await glass_in_force(store.pool, doctor, person, NOW)
    assert await open_notices(store.pool, person) == []


async def test_two_presses_of_the_button_are_one_opening(store: Store, log: AuditLog) -> None:
    person, doctor = new_person()[0], account()
    several = await asyncio.gather(*(broken(store, log, doctor, person) for _ in range(4)))
    assert len({one.id for one in several}) == 1
    assert len(await open_notices(store.pool, person)) == 1


async def test_what_was_not_justified_closes_at_once(store: Store, log: AuditLog) -> None:
    person, doctor = new_person()[0], account()
    glass = await broken(store, log, doctor, person)
    at = NOW + timedelta(minutes=5)
    await reviewed(store, log, glass, "not-justified", words="与急诊无关")
    assert await glass_in_force(store.pool, doctor, person, at - timedelta(seconds=1))
    assert not await glass_in_force(store.pool, doctor, person, at)


async def test_nobody_reviews_themselves(store: Store, log: AuditLog) -> None:
    person = new_person()[0]
    doctor = account(person="pdoctor")
    glass = await broken(store, log, doctor, person)
    with pytest.raises(GlassRefused, match="own"):
        await reviewed(store, log, glass, "justified", by=doctor)
    second_account = account("security-administrator", person="pdoctor")
    with pytest.raises(GlassRefused, match="own"):
        await reviewed(store, log, glass, "justified", by=second_account)
    looked_at = account("supervisor", person=person)
    with pytest.raises(GlassRefused, match="own"):
        await reviewed(store, log, glass, "justified", by=looked_at)
    case = await glass_case(store.pool, glass.id, now=NOW)
    assert case is not None
    assert (case.glass.state, case.steps) == ("waiting", ())


async def test_a_decision_stands_and_a_supervisor_reaches_only_the_own_institutions(
    store: Store, log: AuditLog
) -> None:
    glass = await broken(store, log, account(), new_person()[0])
    for institutions in (frozenset[str](), frozenset(["MK2"])):
        with pytest.raises(GlassRefused, match="unknown"):
            await reviewed(store, log, glass, "justified", institutions=institutions)
    await reviewed(store, log, glass, "justified", institutions=frozenset(["MK1"]))
    with pytest.raises(GlassRefused, match="decided"):
        await reviewed(store, log, glass, "not-justified")
    for wrong in ("", "x", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(GlassRefused, match="unknown"):
            await review_glass(
                store, log, wrong, by=REVIEWER, review="justified", words="没有这一条", now=NOW
            )
        assert await glass_case(store.pool, wrong, now=NOW) is None


async def test_only_who_was_asked_answers_and_only_then(store: Store, log: AuditLog) -> None:
    doctor = account()
    glass = await broken(store, log, doctor, new_person()[0])
    with pytest.raises(GlassRefused, match="not-asked"):
        await answer_review(store, log, glass.id, by=doctor, words="补充说明", now=NOW)
    await reviewed(store, log, glass, "asked", words="为何不联系家属")
    with pytest.raises(GlassRefused, match="unknown"):
        await answer_review(store, log, glass.id, by=account(), words="补充说明", now=NOW)
    await answer_review(store, log, glass.id, by=doctor, words="补充说明", now=NOW)
    (case,) = await own_glasses(store.pool, doctor, now=NOW)
    assert [step.kind for step in case.steps] == ["asked", "answered"]
    assert case.glass.state == "waiting"


async def test_the_queue_is_in_order_and_shows_what_is_late_or_repeated(
    store: Store, log: AuditLog
) -> None:
    doctor, institution = account(organisation="MKQ"), frozenset(["MKQ"])
    first, second = new_person()[0], new_person()[0]
    early = await broken(store, log, doctor, first, NOW - timedelta(days=9))
    await broken(store, log, doctor, second, NOW)

    async def queue(decided: bool = False) -> list[Any]:
        return await review_queue(store.pool, now=NOW, institutions=institution, decided=decided)

    cases = await queue()
    assert [one.glass.person for one in cases] == [first, second]
    assert [one.overdue for one in cases] == [True, False]
    assert [one.repeated for one in cases] == [False, False]
    await reviewed(store, log, early, "not-justified", words="与急诊无关")
    (late,) = await queue()
    assert (late.refuted, late.repeated) == (1, True)
    assert [one.glass.id for one in await queue(decided=True)] == [early.id]
    await broken(store, log, doctor, second, NOW + timedelta(hours=2))
    again = (await queue())[-1]
    assert (again.recent, again.same_person) == (3, 2)


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (datetime(2026, 11, 2, 8, tzinfo=UTC), 3, "2026-11-05"),  # Monday to Thursday
        (datetime(2026, 11, 6, 8, tzinfo=UTC), 1, "2026-11-09"),  # Friday to Monday
        (datetime(2026, 11, 6, 18, tzinfo=UTC), 1, "2026-11-09"),  # Saturday in China
        (datetime(2026, 11, 2, 8, tzinfo=UTC), 15, "2026-11-23"),
    ],
)
def test_terms_count_mondays_to_fridays_in_china(start: datetime, days: int, last: str) -> None:
    end = due_after(start, days)
    assert (end - timedelta(microseconds=1)).astimezone(ZONE).date().isoformat() == last


def test_every_reason_has_words() -> None:
    from minkang.web.consent_words import GLASS_REASONS

    assert set(GLASS_REASONS) == set(REASONS)
