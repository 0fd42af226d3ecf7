"""The gate knows the facts, decides, and writes every answer down before giving it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from minkang.accounts import Account
from minkang.audit import AuditLog, AuditUnavailable
from minkang.crypto import Keys
from minkang.policy import Gate, present_code
from minkang.policy.consent import ConsentChange, change_consent
from minkang.store import Change, Store, open_pool, write

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
DOCTOR = Account(
    "6f1d1c1e-0000-4000-8000-000000000001", "li", "李医生", "doctor", "MK1", "某院", None
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gate(store: Store, keys: Keys, tmp_path_factory: Any) -> AsyncIterator[Gate]:
    log = await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))
    yield Gate(store, log, 180, 24)
    await log.close()


async def visit(store: Store, patient: str, source: str, day: str) -> None:
    resource = {
        "resourceType": "Encounter",
        "id": f"v-{patient}-{source}-{day}",
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": day},
    }
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(resource, source)])


async def opens(gate: Gate, patient: str) -> tuple[bool, str]:
    decision = await gate.ask(
        DOCTOR, "open-record", now=NOW, person=f"P{patient}", patients=frozenset([patient])
    )
    return decision.allowed, decision.reason


async def consents(gate: Gate, patient: str, kind: str = "give", at: datetime = NOW) -> None:
    wanted = ConsentChange(
        person=f"P{patient}",
        patients=frozenset([patient]),
        kind=kind,  # type: ignore[arg-type]
    )
    await change_consent(gate.store, gate.log, wanted, by=None, now=at - timedelta(days=2))


async def test_only_a_recent_visit_at_the_own_institution_counts(gate: Gate) -> None:
    await visit(gate.store, "g1", "MK2", "2026-10-30")
    await visit(gate.store, "g1", "MK1", "2025-01-01")
    assert await opens(gate, "g1") == (False, "no-relation")
    await visit(gate.store, "g1", "MK1", "2026-10-30")
    assert await opens(gate, "g1") == (True, "visit")


async def test_a_presented_code_opens_for_a_day_for_this_doctor_alone(gate: Gate) -> None:
    await consents(gate, "g2")
    await present_code(gate.store, DOCTOR, "Pg2", now=NOW - timedelta(hours=30))
    assert await opens(gate, "g2") == (False, "no-relation")
    await present_code(gate.store, DOCTOR, "Pg2", now=NOW - timedelta(hours=2))
    assert await opens(gate, "g2") == (True, "code-presented")
    other = Account(
        "6f1d1c1e-0000-4000-8000-000000000002", "wu", "吴医生", "doctor", "MK1", "某院", None
    )
    decision = await gate.ask(
        other, "open-record", now=NOW, person="Pg2", patients=frozenset(["g2"])
    )
    assert not decision.allowed


async def test_a_code_without_a_standing_consent_opens_nothing(gate: Gate) -> None:
    decision = await gate.ask(DOCTOR, "present-code", now=NOW, person="Pg4", code_fits=True)
    assert (decision.allowed, decision.reason) == (False, "no-consent")
    await present_code(gate.store, DOCTOR, "Pg4", now=NOW - timedelta(hours=1))
    assert await opens(gate, "g4") == (False, "no-consent")
    await consents(gate, "g4")
    assert await opens(gate, "g4") == (True, "code-presented")
    await consents(gate, "g4", "withdraw", at=NOW + timedelta(seconds=1))
    assert await opens(gate, "g4") == (False, "no-consent")


async def test_after_five_wrong_codes_the_right_one_has_to_wait(gate: Gate) -> None:
    async def shows(now: datetime, *, fits: bool) -> str:
        decision = await gate.ask(DOCTOR, "present-code", now=now, person="Pg9", code_fits=fits)
        return decision.reason

    await consents(gate, "g9")
    for _ in range(5):
        assert await shows(NOW, fits=False) == "wrong-code"
    assert await shows(NOW, fits=True) == "too-many-codes"
    assert await shows(NOW + timedelta(minutes=16), fits=True) == "code-presented"


async def test_whom_nobody_knows_is_refused_after_the_same_look_ups(gate: Gate) -> None:
    """What is asked of the database is counted: it tells nothing about who exists."""
    pool = gate.store.pool
    asked: list[str] = []
    await asyncio.sleep(0.2)  # readers keep connections for a moment, where no logger would be set
    all_of_them = [await pool.acquire() for _ in range(pool.get_max_size() - pool_taken(pool))]
    for one in all_of_them:
        one.add_query_logger(lambda query: asked.append(query.query))
    for one in all_of_them:
        await pool.release(one)

    async def look_ups(**about: Any) -> tuple[str, list[str]]:
        asked.clear()
        decision = await gate.ask(DOCTOR, "open-record", now=NOW, named=True, **about)
        return decision.reason, sorted(
            one for one in asked if "store.resource" in one or "policy." in one
        )

    await look_ups()  # what is asked once a process
    someone = await look_ups(person="Pg7", patients=frozenset(["g7"]))
    nobody = await look_ups(person="nobody", patients=frozenset())
    unnamed = await look_ups()
    assert (someone[0], nobody[0], unnamed[0]) == ("no-relation", "no-resident", "no-resident")
    assert len(someone[1]) >= 5
    assert someone[1] == nobody[1] == unnamed[1]


def pool_taken(pool: Any) -> int:
    """Connections of a pool that somebody holds."""
    return int(pool.get_size() - pool.get_idle_size())


async def test_allowed_and_refused_are_both_written_down(gate: Gate) -> None:
    await opens(gate, "g3")
    await gate.ask(None, "open-record", now=NOW, person="Pg3", address="192.0.2.7")
    rows = await gate.store.pool.fetch(
        "select account_name, allowed, reason, address from audit.entry where person = 'Pg3'"
        " order by seq"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("李医生", False, "no-relation", ""),
        ("", False, "no-log-in", "192.0.2.7"),
    ]


async def test_no_answer_without_its_entry(database_url: str, keys: Keys, tmp_path: Path) -> None:
    pool = await open_pool(database_url, maximum=2)
    log = await AuditLog.open(pool, keys, tmp_path)
    gate = Gate(Store(pool, None, None, None), log, 1, 1)  # type: ignore[arg-type]
    await log.close()
    with pytest.raises(AuditUnavailable):
        await gate.ask(None, "find-residents", now=NOW)
    await pool.close()
