"""What people decide takes effect at once, stands above rules and weights, and can be undone."""

import json
from collections.abc import Sequence

import pytest

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity.decision_rows import decision_of, decisions_about, waiting_decisions
from minkang.identity.decisions import (
    DecisionRefused,
    approve,
    decide,
    labels,
    refuse,
    revoke,
)
from minkang.identity.links import history_of, links_of
from minkang.identity.named import current_person
from minkang.identity.persons import Persons
from minkang.policy.stand_in import former_persons
from minkang.store import Change, Store, changes, read, write
from minkang.store.feed import head
from tests.identity.deciding import NOW, steward
from tests.identity.linking import (
    WHOLE,
    links,
    patient,
    person_of,
    put,
    together,
)


async def two(store: Store, keys: Keys, mark: str) -> tuple[str, str]:
    """Two registrations that nothing links, neither to each other nor to those of other tests."""
    year = 1930 + ord(mark) - ord("a")
    a = patient(f"{mark}1", "公冶长", f"{year}-01-02", id_number=None, town="")
    b = patient(f"{mark}2", "澹台灭明", f"{year + 31}-08-09", id_number=None, town="")
    await put(store, keys, a, b)
    return a["id"], b["id"]


def condition(resource_id: str, patient_id: str, code: str) -> Resource:
    return {
        "resourceType": "Condition",
        "id": resource_id,
        "subject": {"reference": f"Patient/{patient_id}"},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}]},
    }


async def keep(store: Store, resources: Sequence[Resource]) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "h") for one in resources])


async def test_one_person_at_once_and_two_again(store: Store, keys: Keys, log: AuditLog) -> None:
    a, b = await two(store, keys, "a")
    before = await links(store)
    remembered = Persons()
    assert len(await remembered.of(store, [a, b])) == 2
    made = await decide(store, keys, a, b, "same", "本人到场核对", steward(), log=log, now=NOW)
    assert made.state == "standing"
    assert await together(store, a) == {a, b}
    left = before[b] if await person_of(store, a) == before[a] else before[a]
    assert await read(store, WHOLE, "Person", left) is None
    undone = await revoke(store, keys, made.id, "认错了人", steward(), log=log, now=NOW)
    assert undone.state == "revoked"
    assert await links(store) == before
    assert await together(store, b) == {b}


async def test_never_the_same_parts_what_a_number_links(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    await put(store, keys, *(patient(f"b{n}", "宰予", "1944-05-06") for n in (1, 2, 3)))
    whole = await person_of(store, "b1")
    assert await together(store, "b1") == {"b1", "b2", "b3"}
    await decide(store, keys, "b3", whole, "different", "冒用他人证件", steward(), log=log, now=NOW)
    assert await together(store, "b1") == {"b1", "b2"}
    assert await together(store, "b3") == {"b3"}
    assert await person_of(store, "b1") == whole
    await put(store, keys, patient("b3", "宰予", "1944-05-06", phone="13900000001"))
    await put(store, keys, patient("b4", "宰予", "1944-05-06"))
    assert "b3" not in await together(store, "b1")


async def test_links_that_a_decision_contradicts_are_not_made(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    a, b = await two(store, keys, "c")
    await decide(store, keys, a, b, "different", "两人", steward(), log=log, now=NOW)
    with pytest.raises(DecisionRefused) as refused:
        await decide(store, keys, a, b, "same", "一人", steward(2), log=log, now=NOW)
    assert refused.value.code == "contradicts"
    assert [one.verdict for one in await decisions_about(store.pool, [a])] == ["different"]
    assert await together(store, a) == {a}


async def test_reason_and_names_are_needed(store: Store, keys: Keys, log: AuditLog) -> None:
    a, b = await two(store, keys, "d")
    for one, other, reason, code in (
        (a, b, " ", "reason"),
        (a, "nobody", "r", "unknown"),
        (a, a, "r", "one-side"),
    ):
        with pytest.raises(DecisionRefused) as refused:
            await decide(store, keys, one, other, "same", reason, steward(), log=log, now=NOW)
        assert refused.value.code == code
    assert await decisions_about(store.pool, [a, b]) == []


async def test_sensitive_contents_need_a_second_person(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    a, b = await two(store, keys, "e")
    await keep(store, [condition("e-hiv", a, "B20.0")])
    before = await links(store)
    proposed = await decide(store, keys, a, b, "same", "同一人", steward(), log=log, now=NOW)
    assert (proposed.state, proposed.sensitive) == ("proposed", True)
    assert await links(store) == before
    assert proposed.id in {one.id for one in await waiting_decisions(store.pool)}
    with pytest.raises(DecisionRefused) as refused:
        await approve(store, keys, proposed.id, steward(), log=log, now=NOW)
    assert refused.value.code == "own"
    itself = steward(3, person=before[a])
    with pytest.raises(DecisionRefused):
        await approve(store, keys, proposed.id, itself, log=log, now=NOW)
    stands = await approve(store, keys, proposed.id, steward(2), log=log, now=NOW)
    assert (stands.state, stands.approved_name) == ("standing", "管理员2")
    assert await together(store, a) == {a, b}


async def test_the_second_person_may_refuse(store: Store, keys: Keys, log: AuditLog) -> None:
    a, b = await two(store, keys, "f")
    await keep(store, [condition("f-psy", b, "F20.0")])
    proposed = await decide(store, keys, a, b, "same", "同一人", steward(), log=log, now=NOW)
    refused = await refuse(store, proposed.id, steward(2), log=log, now=NOW)
    assert refused.state == "refused"
    assert await together(store, a) == {a}
    with pytest.raises(DecisionRefused) as late:
        await approve(store, keys, proposed.id, steward(2), log=log, now=NOW)
    assert late.value.code == "state"


async def test_revoking_what_parts_sensitive_contents_needs_a_second_person_too(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    await put(store, keys, *(patient(f"g{n}", "南宫适", "1933-04-05") for n in (1, 2)))
    await keep(store, [condition("g-hiv", "g1", "B20.0")])
    parted = await decide(store, keys, "g1", "g2", "different", "r", steward(), log=log, now=NOW)
    assert parted.state == "standing"
    asked = await revoke(store, keys, parted.id, "r2", steward(), log=log, now=NOW)
    assert (asked.state, asked.asked) == ("standing", "revoke")
    assert await together(store, "g1") == {"g1"}
    done = await approve(store, keys, parted.id, steward(2), log=log, now=NOW)
    assert (done.state, done.asked) == ("revoked", "")
    assert await together(store, "g1") == {"g1", "g2"}


async def test_who_and_why_is_kept_and_audited(store: Store, keys: Keys, log: AuditLog) -> None:
    a, b = await two(store, keys, "h")
    before = await links(store)
    made = await decide(store, keys, a, b, "same", "户口本一致", steward(), log=log, now=NOW)
    await revoke(store, keys, made.id, "看错行", steward(2), log=log, now=NOW)
    spans = await history_of(store.pool, a) + await history_of(store.pool, b)
    told = {(one.cause, one.reason, one.author_name, one.decision) for one in spans if one.until}
    assert ("decision", "户口本一致", "管理员1", made.id) in told
    assert ("revocation", "看错行", "管理员2", made.id) in told
    rows = await store.pool.fetch(
        "select * from audit.entry where object_type = 'Link' and object_id = $1 order by at, seq",
        str(made.id),
    )
    assert {row["action"] for row in rows} == {"decide-link", "revoke-link"}
    for row in rows:
        assert {before[a], before[b]} <= set(row["persons"])
        assert "公冶长" not in json.dumps([str(value) for value in row.values()])
    again = await decision_of(store.pool, made.id)
    assert again is not None
    assert (again.revoked_name, again.reason) == ("管理员2", "户口本一致")
    assert [one.rule for one in await links_of(store.pool, before[a])] == ["apart"]


async def test_no_clinical_row_is_rewritten_and_the_feed_tells(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    a, b = await two(store, keys, "i")
    await keep(store, [condition("i-1", a, "I10"), condition("i-2", b, "E11.9")])
    async with store.pool.acquire() as connection:
        since = await head(connection)
    await decide(store, keys, a, b, "same", "r", steward(), log=log, now=NOW)
    async with store.pool.acquire() as connection:
        batch = await changes(store, connection, WHOLE, since)
    assert {one.type for one in batch.versions} == {"Person"}
    assert sorted(one.deleted for one in batch.versions) == [False, True]


async def test_an_emptied_person_leads_to_where_its_patients_went(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    a, b = await two(store, keys, "j")
    homes = await links(store)
    made = await decide(store, keys, a, b, "same", "r", steward(), log=log, now=NOW)
    stands = await person_of(store, a)
    (left,) = {homes[a], homes[b]} - {stands}
    assert await current_person(store.pool, left) == stands
    assert await current_person(store.pool, stands) == stands
    assert await former_persons(store.pool, stands) == [left]
    await revoke(store, keys, made.id, "r", steward(), log=log, now=NOW)
    assert await current_person(store.pool, left) == left
    assert await former_persons(store.pool, stands) == []


async def test_standing_decisions_are_labels_for_training(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    a, b = await two(store, keys, "k")
    made = await decide(store, keys, a, b, "same", "r", steward(), log=log, now=NOW)
    async with store.pool.acquire() as connection:
        assert [(one.same, one.a, one.b) for one in await labels(connection) if one.a == a] == [
            (True, a, b)
        ]
        await revoke(store, keys, made.id, "r", steward(), log=log, now=NOW)
        assert [one for one in await labels(connection) if one.a == a] == []
