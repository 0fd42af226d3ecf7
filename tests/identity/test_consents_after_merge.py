"""What a resident said under a Person that a merge emptied counts for the one that stands."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from minkang.accounts import Account
from minkang.audit import AuditLog, looks_at
from minkang.crypto import Keys
from minkang.identity.decisions import approve, decide, revoke
from minkang.policy.consent import (
    ConsentChange,
    change_consent,
    consent_history,
    consent_state,
    current_consent,
)
from minkang.policy.consent_record import ConsentKind, Sharing
from minkang.policy.glass import GlassRefused, break_glass, glass_in_force
from minkang.policy.glass_review import glasses_of_person, review_glass
from minkang.policy.guardian_steps import Claim, GuardianRefused, claim_guardian, decide_guardian
from minkang.policy.guardians import guardian_of, guardians_of_ward, relations_of
from minkang.policy.notices import open_notices, put_away
from minkang.policy.objections import ObjectionRefused, look_at_mark, object_to, objections_of
from minkang.policy.presented import code_presented, present_code, presentations
from minkang.policy.stand_in import former_persons
from minkang.store import Store
from tests.identity.deciding import steward
from tests.identity.linking import links, patient, person_of, put, take_away
from tests.policy.consenting import account

DOCTOR = account()


def now() -> datetime:
    """Links are dated by the clock, so what is said here is, too."""
    return datetime.now(UTC)


async def say(
    store: Store, log: AuditLog, person: str, kind: ConsentKind, sharing: Sharing | None = None
) -> None:
    patients = frozenset(one for one, whose in (await links(store)).items() if whose == person)
    wanted = ConsentChange(
        person=person, patients=patients, kind=kind, sharing=sharing or Sharing()
    )
    await change_consent(store, log, wanted, by=account("resident", person=person), now=now())


async def state(store: Store, person: str) -> tuple[bool, frozenset[str]]:
    found = await consent_state(store.pool, person, DOCTOR, now())
    return found.given, found.without_sources


async def merge(store: Store, keys: Keys, log: AuditLog, a: str, b: str) -> int:
    """A consent is marked restricted, so a second person must agree."""
    made = await decide(store, keys, a, b, "same", "r", steward(), log=log, now=now())
    if made.state == "proposed":
        await approve(store, keys, made.id, steward(2), log=log, now=now())
    return made.id


async def part(store: Store, keys: Keys, log: AuditLog, decision: int) -> None:
    await revoke(store, keys, decision, "r", steward(), log=log, now=now())


async def pair(store: Store, keys: Keys, mark: str) -> tuple[str, str]:
    """Two residents: of the first, without a number, the Person is emptied when they are merged."""
    # Nobody of one test resembles anybody of another.
    year = 1900 + 2 * (ord(mark[1]) - ord("a")) + len(mark)
    one, other = (chr(0x5100 + 40 * (year % 100) + place) for place in (1, 2))
    await put(
        store,
        keys,
        patient(f"{mark}-1", f"伯{one}", f"{year}-03-04", id_number=None, town=""),
        patient(f"{mark}-2", f"子{other}", f"{year + 57}-06-07"),
    )
    return await person_of(store, f"{mark}-1"), await person_of(store, f"{mark}-2")


async def test_the_strictest_of_both_holds_until_something_new_is_said(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    left, stays = await pair(store, keys, "cm")
    await say(store, log, left, "give", Sharing(without_sources=frozenset(["MK7"])))
    await say(store, log, stays, "give", Sharing(without_sources=frozenset(["MK8"])))
    assert await state(store, stays) == (True, frozenset(["MK8"]))
    await merge(store, keys, log, "cm-1", "cm-2")
    assert await person_of(store, "cm-1") == stays
    assert await state(store, stays) == (True, frozenset(["MK7", "MK8"]))
    assert [one.person for one in await consent_history(store.pool, stays)] == [stays, left]
    await say(store, log, stays, "give")
    assert await state(store, stays) == (True, frozenset())


@pytest.mark.parametrize("first", [True, False])
async def test_a_withdrawal_under_either_holds_after_the_merge(
    store: Store, keys: Keys, log: AuditLog, first: bool
) -> None:
    mark = "cw" if first else "cv"
    left, stays = await pair(store, keys, mark)
    for one in (left, stays):
        await say(store, log, one, "give")
    await say(store, log, left if first else stays, "withdraw")
    await merge(store, keys, log, f"{mark}-1", f"{mark}-2")
    assert (await state(store, stays))[0] is False
    found = await current_consent(store.pool, stays)
    assert found is not None
    assert not found.given
    await say(store, log, stays, "give")
    assert (await state(store, stays))[0] is True


async def test_who_never_spoke_adds_nothing(store: Store, keys: Keys, log: AuditLog) -> None:
    left, stays = await pair(store, keys, "cn")
    await say(store, log, left, "give")
    await merge(store, keys, log, "cn-1", "cn-2")
    assert await state(store, stays) == (True, frozenset())
    # It is the standing Person's own page on which it is taken back.
    await say(store, log, stays, "withdraw")
    assert (await state(store, stays))[0] is False


async def test_a_withdrawal_while_they_were_one_holds_for_both_when_taken_apart(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    left, stays = await pair(store, keys, "cu")
    for one in (left, stays):
        await say(store, log, one, "give")
    decision = await merge(store, keys, log, "cu-1", "cu-2")
    await say(store, log, stays, "withdraw")
    await part(store, keys, log, decision)
    assert await person_of(store, "cu-1") == left
    assert (await state(store, stays))[0] is False
    assert (await state(store, left))[0] is False
    await say(store, log, left, "give")
    assert (await state(store, left))[0] is True
    assert (await state(store, stays))[0] is False


async def test_undone_each_goes_on_with_what_was_said_under_it(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    left, stays = await pair(store, keys, "cx")
    await say(store, log, left, "give", Sharing(without_sources=frozenset(["MK7"])))
    await say(store, log, stays, "give")
    decision = await merge(store, keys, log, "cx-1", "cx-2")
    await part(store, keys, log, decision)
    assert await state(store, left) == (True, frozenset(["MK7"]))
    assert await state(store, stays) == (True, frozenset())
    assert await former_persons(store.pool, stays) == []


async def test_along_a_chain_of_merges(store: Store, keys: Keys, log: AuditLog) -> None:
    left, between = await pair(store, keys, "cc")
    await put(store, keys, patient("cc-3", "成连", "1944-01-02"))
    last = await person_of(store, "cc-3")
    await say(store, log, left, "give")
    await say(store, log, left, "withdraw")
    for one in (between, last):
        await say(store, log, one, "give")
    await merge(store, keys, log, "cc-1", "cc-2")
    await merge(store, keys, log, "cc-2", "cc-3")
    stands = await person_of(store, "cc-3")
    assert {await person_of(store, one) for one in ("cc-1", "cc-2")} == {stands}
    assert set(await former_persons(store.pool, stands)) == {left, between, last} - {stands}
    assert (await state(store, stands))[0] is False


async def test_a_corrected_number_takes_the_consent_along(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    await put(store, keys, patient("ck-1", "俞瑞", "1953-03-04", id_number=None))
    former = await person_of(store, "ck-1")
    await say(store, log, former, "give")
    await put(store, keys, patient("ck-1", "俞瑞", "1953-03-04"))
    current = await person_of(store, "ck-1")
    assert current != former
    assert (await state(store, current))[0] is True
    await take_away(store, keys, "ck-1")
    assert (await state(store, current))[0] is True


async def test_codes_shown_broken_glass_notices_and_looks_go_along(
    store: Store, keys: Keys, log: AuditLog
) -> None:
    left, stays = await pair(store, keys, "cg")
    await say(store, log, left, "give")
    await present_code(store, DOCTOR, left, now=now(), topics=frozenset(["mental"]))
    opened = await break_glass(
        store, log, DOCTOR, left,
        reason="unconscious", explanation="路边昏迷，家属不在，需要过敏史", now=now(),
    )  # fmt: skip
    assert not await code_presented(store.pool, DOCTOR, stays, now=now(), hours=1)
    assert not await glass_in_force(store.pool, DOCTOR, stays, now())
    await merge(store, keys, log, "cg-1", "cg-2")
    assert await code_presented(store.pool, DOCTOR, stays, now=now(), hours=1)
    assert await glass_in_force(store.pool, DOCTOR, stays, now())
    assert [one.person for one in await presentations(store.pool, stays, now=now(), hours=1)] == [
        left
    ]
    seen = await consent_state(store.pool, stays, DOCTOR, now())
    assert seen.confirmed_topics == {"mental"}
    assert [one.id for one in await glasses_of_person(store.pool, stays)] == [opened.id]
    again = await break_glass(
        store, log, DOCTOR, stays,
        reason="unconscious", explanation="路边昏迷，家属不在，需要过敏史", now=now(),
    )  # fmt: skip
    assert again.id == opened.id
    (notice,) = await open_notices(store.pool, stays)
    assert await put_away(store.pool, stays, notice.id, now=now())
    looks = await looks_at(store.pool, stays, former=await former_persons(store.pool, stays))
    assert {"give-consent", "open-glass"} <= {one.action for one in looks}
    with pytest.raises(GlassRefused, match="own"):
        await review_glass(
            store, log, opened.id, by=account("supervisor", person=stays),
            review="justified", words="情况属实", now=now(),
        )  # fmt: skip


async def test_objections_go_along(store: Store, keys: Keys, log: AuditLog) -> None:
    left, stays = await pair(store, keys, "co")
    await say(store, log, left, "give")
    (look,) = await looks_at(store.pool, left)
    resident = account("resident", person=left)
    made = await object_to(
        store, log, look, person=left, by=resident, words="我没有同意过", now=now()
    )
    await merge(store, keys, log, "co-1", "co-2")
    assert [one.id for one in await objections_of(store.pool, stays)] == [made.id]
    found = await look_at_mark(store.pool, stays, frozenset(), look.mark)
    assert found is not None
    with pytest.raises(ObjectionRefused, match="already"):
        await object_to(
            store, log, found, person=stays, by=resident, words="我没有同意过", now=now()
        )


async def test_guardians_and_wards_go_along(store: Store, keys: Keys, log: AuditLog) -> None:
    left, stays = await pair(store, keys, "cr")
    born = (now() - timedelta(days=2_000)).date()
    await put(store, keys, patient("cr-3", "俞小", born.isoformat(), id_number=None))
    child = await person_of(store, "cr-3")
    mother, desk = account("resident", person=left), account("gp")
    claim = Claim(
        guardian=left, ward=child, ward_name="俞小", kind="child", evidence="household-register",
        document="第 3 页", institution="MK1", begins=born,
    )  # fmt: skip
    asked = await claim_guardian(store, log, claim, by=mother, now=now())
    await merge(store, keys, log, "cr-1", "cr-2")
    itself: Account = account("gp", person=stays)
    with pytest.raises(GuardianRefused, match="second-look"):
        await decide_guardian(
            store, log, asked.id, by=itself, confirmed=True, born=born, words="", now=now()
        )
    made = await decide_guardian(
        store, log, asked.id, by=desk, confirmed=True, born=born, words="", now=now()
    )
    assert (made.guardian, made.ward) == (stays, child)
    assert await guardian_of(store.pool, stays, child, now())
    assert [one.guardian for one in await guardians_of_ward(store.pool, child, now())] == [stays]
    assert [one.ward for one in await relations_of(store.pool, stays)] == [child]
    again = msgspec.structs.replace(claim, guardian=stays)
    with pytest.raises(GuardianRefused, match="already"):
        await claim_guardian(store, log, again, by=mother, now=now())
