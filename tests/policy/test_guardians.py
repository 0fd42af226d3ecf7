"""Guardians: asked for, looked at by somebody else, over with the years."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from minkang.accounts import Account
from minkang.audit import AuditLog, looks_at
from minkang.crypto import Keys
from minkang.policy.guardian_steps import (
    Claim,
    GuardianRefused,
    claim_guardian,
    decide_guardian,
    end_guardian,
)
from minkang.policy.guardians import (
    Guardianship,
    guardian_of,
    guardians_of_ward,
    guardianship,
    relations_of,
    waiting_guardians,
)
from minkang.policy.notices import open_notices
from minkang.store import Store
from tests.policy.consenting import NOW, account, entries, new_person

GP = account("gp")
BORN = date(2012, 11, 20)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def log(store: Store, keys: Keys, tmp_path_factory: Any) -> AsyncIterator[AuditLog]:
    log = await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))
    yield log
    await log.close()


def pair() -> tuple[str, str]:
    """A parent and a child."""
    return new_person()[0], new_person()[0]


def claim(parent: str, child: str | None, **given: Any) -> Claim:
    values: dict[str, Any] = {
        "guardian": parent,
        "ward": child,
        "ward_name": "小明",
        "kind": "child",
        "evidence": "birth-certificate",
        "document": "N-1",
        "institution": "MK1",
        "begins": date(2026, 11, 2),
    }
    return Claim(**(values | given))


async def asked(
    store: Store, log: AuditLog, wanted: Claim, by: Account | None = None
) -> Guardianship:
    who = by or account("resident", person=wanted.guardian)
    return await claim_guardian(store, log, wanted, by=who, now=NOW)


async def decided(
    store: Store, log: AuditLog, request: Guardianship, by: Account = GP, **given: Any
) -> Guardianship:
    values: dict[str, Any] = {"confirmed": True, "born": BORN, "words": "", "now": NOW}
    return await decide_guardian(store, log, request.id, by=by, **(values | given))


async def test_only_a_confirmed_relation_counts_and_only_in_its_direction(
    store: Store, log: AuditLog
) -> None:
    parent, child = pair()
    request = await asked(store, log, claim(parent, child))
    assert not await guardian_of(store.pool, parent, child, NOW)
    assert request.id in {one.id for one in await waiting_guardians(store.pool, "MK1")}
    await decided(store, log, request)
    assert await guardian_of(store.pool, parent, child, NOW)
    assert not await guardian_of(store.pool, child, parent, NOW)
    assert not await guardian_of(store.pool, parent, new_person()[0], NOW)
    assert [one.guardian for one in await guardians_of_ward(store.pool, child, NOW)] == [parent]
    assert {one.kind for one in await open_notices(store.pool, child)} == {"guardian-confirmed"}
    assert await entries(store, parent) == [
        ("ask-guardian", "asked"),
        ("decide-guardian", "confirmed"),
    ]


def morning(day: date) -> datetime:
    """Half past midnight in China: still the day before by UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=7, minutes=30)


async def test_a_child_turns_fourteen_and_eighteen(store: Store, log: AuditLog) -> None:
    parent, child = pair()
    await decided(store, log, await asked(store, log, claim(parent, child)))

    async def on(day: date) -> tuple[bool, bool]:
        found = await guardianship(store.pool, parent, child, morning(day))
        return found is not None, found is not None and found.may_consent(morning(day))

    assert await on(date(2026, 11, 19)) == (True, True)
    assert await on(date(2026, 11, 20)) == (True, False)
    assert await on(date(2030, 11, 19)) == (True, False)
    assert await on(date(2030, 11, 20)) == (False, False)
    assert not await guardian_of(store.pool, parent, child, morning(date(2030, 11, 20)))


async def test_a_relation_has_a_first_and_a_last_day(store: Store, log: AuditLog) -> None:
    parent, child = pair()
    wanted = claim(
        parent, child, evidence="entrusted", begins=date(2026, 11, 10), ends=date(2026, 12, 1)
    )
    await decided(store, log, await asked(store, log, wanted))
    days = [date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 30), date(2026, 12, 1)]
    found = [await guardian_of(store.pool, parent, child, morning(day)) for day in days]
    assert found == [False, True, True, False]


async def test_an_adult_is_cared_for_and_consents_by_a_court_only(
    store: Store, log: AuditLog
) -> None:
    for evidence, may in (("court", True), ("household-register", False)):
        carer, old = pair()
        wanted = claim(carer, old, kind="care", evidence=evidence)
        made = await decided(store, log, await asked(store, log, wanted), born=date(1940, 1, 1))
        assert await guardian_of(store.pool, carer, old, NOW)
        assert made.may_consent(NOW) is may


async def test_what_staff_recorded_needs_the_look_of_somebody_else(
    store: Store, log: AuditLog
) -> None:
    parent, child = pair()
    clerk = account("gp")
    request = await asked(store, log, claim(parent, child), by=clerk)
    assert request.state == "recorded"
    concerned = [account("gp", person=parent), account("gp", person=child)]
    for by in (clerk, *concerned):
        with pytest.raises(GuardianRefused, match="second-look"):
            await decided(store, log, request, by=by)
    with pytest.raises(GuardianRefused, match="unknown"):
        await decided(store, log, request, by=account("gp", organisation="MK2"))
    assert not await guardian_of(store.pool, parent, child, NOW)
    await decided(store, log, request)
    assert await guardian_of(store.pool, parent, child, NOW)
    with pytest.raises(GuardianRefused, match="decided"):
        await decided(store, log, request, confirmed=False, words="改主意")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "care", "evidence": "birth-certificate"}, "evidence"),
        ({"kind": "friend"}, "evidence"),
        ({"document": " "}, "document"),
        ({"document": "x" * 65}, "document"),
        ({"evidence": "entrusted"}, "period"),
        ({"ends": date(2026, 11, 2)}, "period"),
    ],
)
async def test_a_claim_that_does_not_hold_is_refused(
    given: dict[str, Any], code: str, store: Store, log: AuditLog
) -> None:
    parent, child = pair()
    with pytest.raises(GuardianRefused, match=code):
        await asked(store, log, claim(parent, child, **given))
    assert await relations_of(store.pool, parent) == []


@pytest.mark.parametrize(("born", "code"), [(None, "birth-date"), (date(2008, 11, 2), "adult")])
async def test_a_child_without_known_age_or_grown_up_is_not_confirmed(
    born: date | None, code: str, store: Store, log: AuditLog
) -> None:
    request = await asked(store, log, claim(*pair()))
    with pytest.raises(GuardianRefused, match=code):
        await decided(store, log, request, born=born)


async def test_who_types_a_stranger_learns_nothing_and_gets_nothing(
    store: Store, log: AuditLog
) -> None:
    """A request whose number fits nobody looks like any other to who made it."""
    parent, child = pair()
    known = await asked(store, log, claim(parent, child))
    unknown = await asked(store, log, claim(parent, None))
    assert known.state == unknown.state == "asked"
    with pytest.raises(GuardianRefused, match="no-match"):
        await decided(store, log, unknown)
    await decided(store, log, unknown, confirmed=False, words="查无此人")
    assert [one.kind for one in await open_notices(store.pool, parent)] == ["guardian-refused"]
    with pytest.raises(GuardianRefused, match="words"):
        await decided(store, log, known, confirmed=False)


async def test_the_same_number_is_not_asked_for_twice_whether_or_not_it_fits_somebody(
    store: Store, log: AuditLog
) -> None:
    parent, child = pair()
    for ward, number in ((child, 1), (None, 2)):
        await asked(store, log, claim(parent, ward, claimed=number))
        with pytest.raises(GuardianRefused, match="already"):
            await asked(store, log, claim(parent, ward, claimed=number))
    # The entries of both say the same to who asked, and the first one names the child to the child.
    rows = await store.pool.fetch(
        "select person, reason from audit.entry where action = 'ask-guardian' and person = $1",
        parent,
    )
    assert [row["reason"] for row in rows] == ["asked", "asked"]
    assert [one.listed for one in await looks_at(store.pool, parent)] == [False, False]
    assert [one.listed for one in await looks_at(store.pool, child)] == [True]


async def test_requests_are_few_and_not_twice(store: Store, log: AuditLog) -> None:
    parent, child = pair()
    wanted = claim(parent, child)
    several = await asyncio.gather(
        *(asked(store, log, wanted) for _ in range(3)), return_exceptions=True
    )
    refused = [one for one in several if isinstance(one, GuardianRefused)]
    assert [one.code for one in refused] == ["already", "already"]
    for _ in range(4):
        await asked(store, log, claim(parent, new_person()[0]))
    with pytest.raises(GuardianRefused, match="too-many"):
        await asked(store, log, claim(parent, new_person()[0]))
    with pytest.raises(GuardianRefused, match="self"):
        await asked(store, log, claim(child, child))


async def test_it_ends_at_once_by_either_side_or_the_institution_and_by_nobody_else(
    store: Store, log: AuditLog
) -> None:
    for end in ("guardian", "ward", "staff"):
        parent, child = pair()
        request = await decided(store, log, await asked(store, log, claim(parent, child)))
        strangers = [
            account("resident", person=new_person()[0]),
            account("resident"),
            account("gp", organisation="MK2"),
        ]
        for stranger in strangers:
            with pytest.raises(GuardianRefused, match="unknown"):
                await end_guardian(store, log, request.id, by=stranger, now=NOW)
        by = {
            "guardian": account("resident", person=parent),
            "ward": account("resident", person=child),
            "staff": GP,
        }[end]
        await end_guardian(store, log, request.id, by=by, now=NOW)
        assert not await guardian_of(store.pool, parent, child, NOW)
        with pytest.raises(GuardianRefused, match="decided"):
            await end_guardian(store, log, request.id, by=by, now=NOW)
    with pytest.raises(GuardianRefused, match="unknown"):
        await end_guardian(store, log, "no-id", by=GP, now=NOW)
