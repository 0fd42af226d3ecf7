"""Cards of others: bound with proof, found again by whoever scans them, never moved silently."""

import asyncio

import pytest

from minkang.identity.codes import (
    CodeRefused,
    bind_card,
    cards_of,
    change_code,
    issue_code,
    unbind_card,
)
from minkang.identity.codes.cards import (
    DESK_KINDS,
    Card,
    Given,
    claims_at,
    decide_claim,
    given_card,
    is_of_patients,
)
from minkang.identity.codes.index import derive_index
from minkang.identity.codes.keys import make_code_key
from minkang.identity.codes.published import published_card
from minkang.identity.codes.resolve import Resolved, resolve
from minkang.identity.residents import Resident
from tests.identity.codes.people import NOW, People, later, somebody

DESK, COLLEAGUE = somebody("desk"), somebody("colleague")


async def bind(people: People, who: Resident, card: Given) -> Card:
    return await bind_card(
        people.store, people.keys, people.log, who, card, "desk", by=DESK, now=NOW
    )


async def scanned(people: People, text: str, at: str = "MK1", **more: object) -> Resolved:
    return await resolve(
        people.store,
        people.keys,
        people.held,
        text,
        now=more.get("now", NOW),  # type: ignore[arg-type]
        validity=people.validity,
        institution=at,
        issuer=str(more.get("issuer", "")),
    )


@pytest.mark.parametrize("kind", DESK_KINDS)
async def test_a_bound_card_is_found_and_an_unbound_one_is_not(kind: str, people: People) -> None:
    who = await people.born(f"持卡{kind}")
    number = f"H{kind.replace('-', '').upper()}1234567"
    made = await bind(people, who, given_card(kind, f" {number[:4]}-{number[4:].lower()} ", "MK1"))
    assert (made.state, made.ending) == ("bound", "4567")
    found = await scanned(people, number)
    assert (found.form, found.verdict, found.person) == ("card", "good", who.person)
    assert [one.id for one in await cards_of(people.store.pool, who.person)] == [made.id]
    await unbind_card(people.store, people.log, who, made.id, by=DESK, now=NOW)
    assert (await scanned(people, number)).person is None
    assert await cards_of(people.store.pool, who.person) == []
    with pytest.raises(CodeRefused, match="unknown"):
        await unbind_card(people.store, people.log, who, made.id, by=DESK, now=NOW)


async def test_a_hospitals_card_is_its_own(people: People) -> None:
    who, other = await people.born("甲院"), await people.born("乙院")
    await bind(people, who, given_card("hospital", "000123", "MK1"))
    await bind(people, other, given_card("hospital", "000123", "MK2"))
    assert (await scanned(people, "000123")).person == who.person
    assert (await scanned(people, "000123", at="MK2")).person == other.person
    assert (await scanned(people, "000123", at="MK3")).person is None
    assert (await scanned(people, "000123", at="MK3", issuer="MK2")).person == other.person


async def test_a_number_of_a_linked_patient_is_proof(people: People) -> None:
    who, other = await people.born("有据"), await people.born("无据")
    number = next(f"YK{n:08}" for n in range(1, 500) if f"patient-{n}" in who.patients)
    card = given_card("hospital", number.lower(), "MK1")
    assert await is_of_patients(people.store, who, card)
    assert not await is_of_patients(people.store, other, card)


async def test_a_patients_own_number_is_found_where_it_was_given_alone(people: People) -> None:
    who = await people.born("就诊卡")
    number = next(f"YK{n:08}" for n in range(1, 500) if f"patient-{n}" in who.patients)
    assert (await scanned(people, number)).person == who.person
    assert (await scanned(people, number, at="MK2")).person is None


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [("insurance", "12", "number"), ("passport", "王" * 8, "number"), ("ehc", "1" * 32, "kind")],
)
def test_what_is_no_card_is_refused(kind: str, number: str, code: str) -> None:
    with pytest.raises(CodeRefused, match=code):
        given_card(kind, number, "MK1")


async def test_somebody_elses_card_is_not_moved_before_another_person_decides(
    people: People,
) -> None:
    holder, claimant = await people.born("原主"), await people.born("后来")
    card = given_card("insurance", "SH20260001", "MK1")
    bound = await bind(people, holder, card)
    with pytest.raises(CodeRefused, match="bound"):
        await bind(people, holder, card)
    claim = await bind(people, claimant, card)
    assert (claim.state, claim.against) == ("claimed", bound.id)
    with pytest.raises(CodeRefused, match="claimed"):
        await bind(people, claimant, card)
    assert (await scanned(people, "SH20260001")).person == holder.person
    assert [one.id for one in await claims_at(people.store.pool, "MK1")] == [claim.id]
    for by, code in ((DESK, "second-look"), (somebody("far", organisation="MK2"), "unknown")):
        with pytest.raises(CodeRefused, match=code):
            await decide_claim(people.store, people.log, claim.id, move=True, by=by, now=NOW)
    await decide_claim(people.store, people.log, claim.id, move=True, by=COLLEAGUE, now=NOW)
    assert (await scanned(people, "SH20260001")).person == claimant.person
    assert await cards_of(people.store.pool, holder.person) == []
    with pytest.raises(CodeRefused, match="decided"):
        await decide_claim(people.store, people.log, claim.id, move=False, by=COLLEAGUE, now=NOW)
    assert await claims_at(people.store.pool, "MK1") == []


async def test_a_refused_claim_leaves_the_card_where_it_is(people: People) -> None:
    holder, claimant = await people.born("留主"), await people.born("未得")
    card = given_card("insurance", "SH20260002", "MK1")
    await bind(people, holder, card)
    claim = await bind(people, claimant, card)
    await decide_claim(people.store, people.log, claim.id, move=False, by=COLLEAGUE, now=NOW)
    assert (await scanned(people, "SH20260002")).person == holder.person


async def test_of_two_desks_that_bind_one_card_at_once_one_does(people: People) -> None:
    several = [await people.born(f"争{n}") for n in range(4)]
    card = given_card("insurance", "SH20260003", "MK1")
    made = await asyncio.gather(*(bind(people, who, card) for who in several))
    assert sorted(one.state for one in made) == ["bound", "claimed", "claimed", "claimed"]


async def test_the_database_holds_no_number(people: People) -> None:
    who = await people.born("密")
    await bind(people, who, given_card("passport", "E12345678901", "MK1"))
    rows = await people.store.pool.fetch("select c::text as row from identity.card c")
    assert not any("E12345678901" in row["row"] or "12345678" in row["row"] for row in rows)
    told = await people.store.pool.fetch("select e::text as row from audit.entry e")
    assert not any("E12345678901" in row["row"] for row in told)


async def test_the_published_card_says_whose_it_is_under_every_root_key(people: People) -> None:
    who = await people.born("国标")

    async def made() -> str:
        card = await published_card(
            people.store,
            people.keys,
            people.held,
            derive_index,
            who,
            now=NOW,
            validity=people.validity,
        )
        assert card is not None
        assert card.static == f"{card.id}:1"
        dynamic = await scanned(people, card.dynamic, now=later(seconds=59))
        assert (dynamic.form, dynamic.person) == ("published", who.person)
        assert (await scanned(people, card.dynamic, now=later(seconds=61))).person is None
        return card.static

    first = await made()
    async with people.store.pool.acquire() as connection:
        await make_code_key(connection, people.keys, "card-root", bytes(16))
        await make_code_key(connection, people.keys, "card-protection", bytes(range(16)))
    people.held = type(people.held)()
    second = await made()
    assert first != second
    for text in (first, second):
        assert (await scanned(people, text)).person == who.person
    assert (await scanned(people, "0" * 64 + ":1")).verdict == "unknown"


async def test_one_number_of_two_persons_has_no_published_card(people: People) -> None:
    who, twin = await people.born("同号"), await people.born("同号")
    same = Resident(
        twin.person, who.name, who.sex, who.birth_date, who.id_number, "", "", "", twin.patients
    )
    cards = [
        await published_card(
            people.store,
            people.keys,
            people.held,
            derive_index,
            one,
            now=NOW,
            validity=people.validity,
        )
        for one in (who, same)
    ]
    assert cards[0] is not None
    assert cards[1] is None


async def test_what_stands_for_a_stopped_code_does_not_count_either(people: People) -> None:
    who = await people.born("停用")
    assert (await scanned(people, who.code)).verdict == "good"  # older than any code
    await issue_code(people.store, people.log, who, by=None, now=NOW)
    assert (await scanned(people, who.code)).person == who.person
    await change_code(people.store, people.log, who, "freeze", by=None, now=NOW)
    assert (await scanned(people, who.code)).verdict == "frozen"
    await change_code(people.store, people.log, who, "reissue", by=None, now=NOW)
    assert (await scanned(people, who.code)).verdict == "good"
