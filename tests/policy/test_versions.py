"""The policy changes by two persons, is in force everywhere at once, and can go back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from minkang.accounts import Account
from minkang.audit import AuditLog, recent
from minkang.crypto import Keys
from minkang.fhir import Refused
from minkang.policy import Ask, Relation, decide
from minkang.policy.decide import in_force, put_in_force
from minkang.policy.following import follow_policy, take_up
from minkang.policy.table import parse_table, shipped, shipped_text
from minkang.policy.versions import (
    VersionRefused,
    decide_on,
    number_in_force,
    offer_shipped,
    propose,
    roll_back,
    version,
    versions,
)
from minkang.store import Store

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
CHANGED = shipped_text().replace("visit, contract, referral", "visit, contract")
"""A referral opens nothing."""


def administrator(number: int, person: str | None = None) -> Account:
    return Account(
        str(UUID(int=number)), f"anquan{number}", f"安全员{number}", "security-administrator",
        "MK1", "某委", person,
    )  # fmt: skip


FIRST, SECOND = administrator(1, "pA"), administrator(2, "pB")


@pytest_asyncio.fixture(loop_scope="session")
async def log(store: Store, keys: Keys, tmp_path: Any) -> AsyncIterator[AuditLog]:
    await store.pool.execute("truncate policy.version")
    await offer_shipped(store.pool, NOW)
    opened = await AuditLog.open(store.pool, keys, tmp_path)
    yield opened
    await opened.close()
    await store.pool.execute("truncate policy.version")
    put_in_force(shipped())


async def test_the_release_brings_the_first_version_once(store: Store, log: AuditLog) -> None:
    assert await offer_shipped(store.pool, NOW) == 1
    (only,) = await versions(store.pool)
    assert (only.number, only.kind, only.state, only.proposed_by) == (
        1,
        "shipped",
        "in-force",
        None,
    )


async def test_a_change_needs_a_second_person(store: Store, log: AuditLog) -> None:
    number = await propose(store.pool, log, FIRST, CHANGED, "缩小查找范围", now=NOW)
    assert await number_in_force(store.pool) == 1
    for same in (FIRST, administrator(3, "pA")):
        with pytest.raises(VersionRefused, match="own-proposal"):
            await decide_on(store.pool, log, same, number, approve=True, words="同意", now=NOW)
    await decide_on(store.pool, log, SECOND, number, approve=True, words="同意", now=NOW)
    assert await number_in_force(store.pool) == number
    first = await version(store.pool, 1)
    assert first is not None
    assert first.state == "past"
    with pytest.raises(VersionRefused, match="not-proposed"):
        await decide_on(store.pool, log, SECOND, number, approve=False, words="", now=NOW)
    entries = [one for one in await recent(store.pool, limit=2) if one.object_type == "Policy"]
    assert [one.action for one in entries] == ["approve-policy", "propose-policy"]


async def test_what_is_no_table_or_changes_nothing_is_refused(store: Store, log: AuditLog) -> None:
    with pytest.raises(Refused):
        await propose(store.pool, log, FIRST, "rows: [", "写错了的表", now=NOW)
    with pytest.raises(VersionRefused, match="unchanged"):
        await propose(store.pool, log, FIRST, shipped_text(), "没有变化", now=NOW)
    with pytest.raises(VersionRefused, match="reason-short"):
        await propose(store.pool, log, FIRST, CHANGED, " ", now=NOW)
    assert len(await versions(store.pool)) == 1


async def test_what_was_approved_is_what_was_seen(store: Store, log: AuditLog) -> None:
    one = await propose(store.pool, log, FIRST, CHANGED, "第一个改动", now=NOW)
    other = await propose(store.pool, log, FIRST, CHANGED + "\n# 备注\n", "第二个改动", now=NOW)
    await decide_on(store.pool, log, SECOND, one, approve=True, words="", now=NOW)
    with pytest.raises(VersionRefused, match="outdated"):
        await decide_on(store.pool, log, SECOND, other, approve=True, words="", now=NOW)
    await decide_on(store.pool, log, SECOND, other, approve=False, words="过时", now=NOW)
    assert await number_in_force(store.pool) == one


async def test_two_who_approve_at_once_leave_one_version_in_force(
    store: Store, log: AuditLog
) -> None:
    numbers = [
        await propose(store.pool, log, FIRST, f"{CHANGED}\n# {n}\n", f"改动第 {n} 个", now=NOW)
        for n in range(4)
    ]
    outcomes = await asyncio.gather(
        *(decide_on(store.pool, log, SECOND, n, approve=True, words="", now=NOW) for n in numbers),
        return_exceptions=True,
    )
    assert sum(one is None for one in outcomes) == 1
    in_force_now = await store.pool.fetchval(
        "select count(*) from policy.version where state = 'in-force'"
    )
    assert in_force_now == 1


async def test_going_back_is_a_change_like_any_other(store: Store, log: AuditLog) -> None:
    number = await propose(store.pool, log, FIRST, CHANGED, "缩小查找范围", now=NOW)
    await decide_on(store.pool, log, SECOND, number, approve=True, words="", now=NOW)
    back = await roll_back(store.pool, log, SECOND, 1, "影响门诊，先恢复", now=NOW)
    with pytest.raises(VersionRefused, match="own-proposal"):
        await decide_on(store.pool, log, SECOND, back, approve=True, words="", now=NOW)
    await decide_on(store.pool, log, FIRST, back, approve=True, words="", now=NOW)
    await take_up(store.pool)
    assert in_force().version == back
    assert in_force().rows == shipped().rows


async def test_a_table_of_a_new_release_is_offered_not_applied(
    store: Store, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minkang.policy.versions.shipped_text", lambda: CHANGED)
    later = NOW + timedelta(days=90)
    assert await offer_shipped(store.pool, later) == 1
    assert await offer_shipped(store.pool, later) == 1
    newest, first = await versions(store.pool)
    assert (newest.kind, newest.state, first.state) == ("shipped", "proposed", "in-force")


async def test_a_process_takes_up_a_change_without_being_restarted(
    store: Store, log: AuditLog
) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(follow_policy(store.pool, stop))
    try:
        number = await propose(store.pool, log, FIRST, CHANGED, "缩小查找范围", now=NOW)
        doctor = Account("1", "x", "某人", "doctor", "MK1", "某院", None)
        ask = Ask(
            account=doctor, action="open-record", person="p1", patients=frozenset("a"),
            named=True, relation=Relation(referral=True),
        )  # fmt: skip
        assert decide(ask).allowed
        await decide_on(store.pool, log, SECOND, number, approve=True, words="", now=NOW)
        async with asyncio.timeout(10):
            while in_force().version != number:  # noqa: ASYNC110 - set by another task
                await asyncio.sleep(0.01)
        decision = decide(ask)
        assert (decision.allowed, decision.version) == (False, number)
    finally:
        stop.set()
        await task


async def test_what_the_log_can_not_keep_does_not_happen(
    store: Store, keys: Keys, log: AuditLog, tmp_path: Any
) -> None:
    closed = await AuditLog.open(store.pool, keys, tmp_path / "closed")
    await closed.close()
    with pytest.raises(Exception, match="closed"):
        await propose(store.pool, closed, FIRST, CHANGED, "缩小查找范围", now=NOW)
    assert len(await versions(store.pool)) == 1


async def test_history_is_never_rewritten(store: Store, log: AuditLog) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await store.pool.execute(
            """insert into policy.version (number, kind, state, text, digest, why, proposed_name,
                   proposed) values (99, 'edit', 'in-force', '', '', '', '', now())"""
        )


def test_the_text_that_is_changed_is_a_table() -> None:
    assert parse_table(CHANGED).rows != shipped().rows
