"""Issuing a code and what becomes of it: with a consent, with a history, through merges."""

import asyncio

import pytest

from minkang.identity import Resident
from minkang.identity.codes import (
    CodeRefused,
    change_code,
    codes_of,
    current_code,
    issue_code,
    stopped,
)
from minkang.identity.codes.purge import forget_codes
from minkang.identity.codes.records import changes_of
from minkang.identity.codes.steps import STEPS, Step
from tests.identity.codes.people import NOW, People, later, own_account, somebody


async def refused(people: People, who: Resident, step: Step, by_resident: bool = False) -> str:
    by = own_account(who.person) if by_resident else somebody("desk")
    try:
        await change_code(people.store, people.log, who, step, by=by, now=later(minutes=1))
    except CodeRefused as refusal:
        return refusal.code
    return ""


async def test_a_code_is_issued_with_a_consent_and_not_without(people: People) -> None:
    who = await people.born("白小云", consent=False)
    with pytest.raises(CodeRefused, match="no-consent"):
        await issue_code(people.store, people.log, who, by=own_account(who.person), now=NOW)
    await people.decide(who, "give")
    made = await issue_code(people.store, people.log, who, by=own_account(who.person), now=NOW)
    assert (made.state, made.kind, made.consent) == ("issued", 2, 1)
    with pytest.raises(CodeRefused, match="already"):
        await issue_code(people.store, people.log, who, by=None, now=NOW)
    await people.decide(who, "withdraw")
    assert await refused(people, who, "reissue") == "no-consent"
    assert await current_code(people.store.pool, who.person) == made
    assert await people.entries(who.person, "issue-code") == [(True, "", str(made.id))]


async def test_without_a_checked_number_the_code_is_a_temporary_one(people: People) -> None:
    who = await people.born("无名氏", number=False)
    made = await issue_code(people.store, people.log, who, by=None, now=NOW)
    assert made.kind == 1


@pytest.mark.parametrize("before", ["issued", "frozen", "lost", "revoked"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_step_leads_from_where_it_may_and_from_nowhere_else(
    step: Step, before: str, people: People
) -> None:
    who = await people.born(f"状{before}")
    await issue_code(people.store, people.log, who, by=None, now=NOW)
    way: dict[str, Step] = {"frozen": "freeze", "lost": "lost", "revoked": "revoke"}
    if before in way:
        assert await refused(people, who, way[before]) == ""
    state, allowed = STEPS[step]
    wrong = "none" if before == "revoked" else "state"
    assert await refused(people, who, step) == ("" if before in allowed else wrong)
    if before in allowed:
        found = await current_code(people.store.pool, who.person)
        assert (found.state if found else "revoked") == ("issued" if step == "reissue" else state)


async def test_what_was_lost_is_found_again_at_the_desk_only(people: People) -> None:
    who = await people.born("失而得")
    await issue_code(people.store, people.log, who, by=None, now=NOW)
    assert await refused(people, who, "lost", by_resident=True) == ""
    assert await stopped(people.store.pool, who.person) == "lost"
    assert await refused(people, who, "resume", by_resident=True) == "desk-only"
    assert await refused(people, who, "resume") == ""
    assert await stopped(people.store.pool, who.person) is None


async def test_the_history_names_every_state_and_who_put_it_there(people: People) -> None:
    who = await people.born("历史")
    await issue_code(people.store, people.log, who, by=own_account(who.person), now=NOW)
    assert await refused(people, who, "freeze", by_resident=True) == ""
    assert await refused(people, who, "reissue") == ""
    codes = await codes_of(people.store.pool, who.person)
    assert [one.state for one in codes] == ["issued", "replaced"]
    assert codes[0].replaces == codes[1].id
    told = [(one.state, one.role) for one in await changes_of(people.store.pool, codes)]
    assert told == [
        ("issued", "doctor"),
        ("replaced", "doctor"),
        ("frozen", "resident"),
        ("issued", "resident"),
    ]


async def test_of_many_who_issue_at_once_one_does(people: People) -> None:
    who = await people.born("同时")

    async def issue() -> str:
        try:
            await issue_code(people.store, people.log, who, by=None, now=NOW)
        except CodeRefused as refusal:
            return refusal.code
        return "issued"

    done = await asyncio.gather(*(issue() for _ in range(6)))
    assert sorted(done) == ["already"] * 5 + ["issued"]


async def test_a_code_follows_its_owner_through_a_merge_and_back(people: People) -> None:
    kept, gone = await people.born("合并甲"), await people.born("合并乙")
    own = await issue_code(people.store, people.log, kept, by=None, now=NOW)
    other = await issue_code(people.store, people.log, gone, by=None, now=NOW)
    (patient,) = gone.patients
    await people.move(patient, kept.person)
    both = await codes_of(people.store.pool, kept.person)
    assert {one.id for one in both} == {own.id, other.id}
    assert await codes_of(people.store.pool, gone.person) == []
    assert await refused(people, kept, "freeze") == ""
    await people.move(patient, gone.person)
    assert [one.id for one in await codes_of(people.store.pool, kept.person)] == [own.id]
    assert await stopped(people.store.pool, gone.person) == "frozen"


async def test_a_purge_takes_codes_and_their_history_along(people: People) -> None:
    who = await people.born("清除")
    made = await issue_code(people.store, people.log, who, by=None, now=NOW)
    assert await refused(people, who, "reissue") == ""
    async with people.store.pool.acquire() as connection, connection.transaction():
        await forget_codes(connection, who.patients, [who.person])
    assert await codes_of(people.store.pool, who.person) == []
    left = await people.store.pool.fetchval(
        "select count(*) from identity.code_change where code = $1", made.id
    )
    assert left == 0


async def test_a_purged_patient_leaves_the_code_with_the_persons_others(people: People) -> None:
    who, other = await people.born("留一"), await people.born("去一")
    made = await issue_code(people.store, people.log, who, by=None, now=NOW)
    (own,), (patient,) = who.patients, other.patients
    await people.move(patient, who.person)
    async with people.store.pool.acquire() as connection, connection.transaction():
        await connection.execute("delete from identity.link where patient = $1", own)
        await forget_codes(connection, [own], [])
    (left,) = await codes_of(people.store.pool, who.person)
    assert (left.id, left.patient) == (made.id, patient)
