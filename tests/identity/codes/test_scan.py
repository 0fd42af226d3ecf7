"""Scanning through the gate: what activates, what only resolves; refusals are written down."""

import asyncio
import random
from datetime import datetime

import msgspec
import pytest

from minkang.accounts import Account
from minkang.identity import Resident
from minkang.identity.codes import bind_card, change_code, issue_code, show
from minkang.identity.codes.cards import given_card
from minkang.identity.codes.scan import Scan, Scanned, scan
from minkang.policy.presented import code_presented
from tests.identity.codes.people import NOW, People, later, own_account, somebody

DOCTOR, OTHER = somebody("dr"), somebody("dr-two", organisation="MK2")
KIOSK = somebody("kiosk", "system")


async def with_code(people: People, name: str, **more: bool) -> tuple[Resident, int]:
    who = await people.born(name, **more)
    return who, (await issue_code(people.store, people.log, who, by=None, now=NOW)).id


async def token(people: People, code: int, now: datetime = NOW) -> str:
    made = await show(
        people.store, people.keys, people.held, code, now=now, validity=people.validity
    )
    return made.text


async def scanned(
    people: People, who: Account | None, text: str, now: datetime = NOW, **more: object
) -> Scanned:
    asked = msgspec.structs.replace(Scan(text=text), **more)
    return await scan(people.scanner, who, asked, now=now)


async def is_present(people: People, account: Account, who: Resident) -> bool:
    return await code_presented(people.store.pool, account, who.person, now=later(hours=1), hours=2)


async def test_a_doctor_who_scans_a_token_activates_the_consent_once(people: People) -> None:
    who, code = await with_code(people, "出示")
    text = await token(people, code)
    found = await scanned(people, DOCTOR, text)
    assert (found.refusal, found.form, found.present) == ("", "token", True)
    assert (found.consent, found.activated, found.visit) == (True, True, None)
    assert found.resident == who
    assert await is_present(people, DOCTOR, who)
    again = await scanned(people, OTHER, text)
    assert (again.refusal, again.resident) == ("stale-code", None)
    assert not await is_present(people, OTHER, who)
    told = await people.entries(who.person, "scan-code")
    assert told == [
        (True, "code-resolved", "token:good"),
        (False, "stale-code", "token:replayed"),
    ]
    assert await people.entries(who.person, "present-code") == [
        (True, "code-presented", who.person)
    ]


async def test_of_two_who_scan_at_the_same_moment_one_wins(people: People) -> None:
    who, code = await with_code(people, "抢")
    text = await token(people, code)
    found = await asyncio.gather(*(scanned(people, one, text) for one in (DOCTOR, OTHER) * 4))
    assert sorted(one.refusal for one in found) == ["", *["stale-code"] * 7]
    assert (await is_present(people, DOCTOR, who)) != (await is_present(people, OTHER, who))


async def test_looking_alone_uses_nothing_up_and_activates_nothing(people: People) -> None:
    who, code = await with_code(people, "只看")
    text = await token(people, code)
    for _ in range(2):
        found = await scanned(people, DOCTOR, text, use=False)
        assert (found.refusal, found.activated) == ("", False)
    assert not await is_present(people, DOCTOR, who)
    assert (await scanned(people, DOCTOR, text)).activated


async def test_without_a_consent_nothing_is_activated(people: People) -> None:
    who, code = await with_code(people, "撤回")
    await people.decide(who, "withdraw")
    found = await scanned(people, DOCTOR, await token(people, code))
    assert (found.refusal, found.consent, found.activated) == ("", False, False)
    assert not await is_present(people, DOCTOR, who)
    kiosk = await scanned(people, KIOSK, await token(people, code))
    assert (kiosk.refusal, kiosk.visit) == ("", None)


async def test_a_kiosk_hands_the_visit_on_to_the_doctor_of_its_institution(people: People) -> None:
    _, code = await with_code(people, "自助机")
    found = await scanned(people, KIOSK, await token(people, code))
    assert found.visit is not None
    assert not found.activated
    assert (await scanned(people, KIOSK, found.visit.text)).refusal == ""  # uses nothing up
    assert (await scanned(people, OTHER, found.visit.text)).refusal == "wrong-code"
    opened = await scanned(people, DOCTOR, found.visit.text, now=later(hours=1))
    assert opened.activated
    assert (await scanned(people, DOCTOR, found.visit.text)).refusal == "stale-code"


@pytest.mark.parametrize("form", ["number", "card"])
async def test_what_only_resolves_activates_nothing(form: str, people: People) -> None:
    who, _ = await with_code(people, f"静态{form}")
    text = who.code
    if form == "card":
        text = "YB99887766"
        card = given_card("insurance", text, None)
        await bind_card(people.store, people.keys, people.log, who, card, "desk", by=None, now=NOW)
    for caller in (DOCTOR, KIOSK):
        found = await scanned(people, caller, text)
        assert (found.refusal, found.form, found.resident) == ("", form, who)
        assert (found.present, found.activated, found.visit) == (False, False, None)
    assert not await is_present(people, DOCTOR, who)


async def test_why_a_code_does_not_count_is_written_down_and_not_told(people: People) -> None:
    nobody = await token(people, 2**40)
    answers = {"unknown": await scanned(people, KIOSK, nobody)}
    answers["tampered"] = await scanned(people, KIOSK, nobody[:-1] + "A")
    for step in ("freeze", "lost", "revoke", "reissue"):
        who, code = await with_code(people, f"拒{step}")
        text = await token(people, code)
        await change_code(people.store, people.log, who, step, by=None, now=NOW)
        answers[step] = await scanned(people, KIOSK, text)
        told = await people.entries(who.person, "scan-code")
        why = {"freeze": "frozen", "lost": "lost"}.get(step, "revoked")
        assert told == [(False, "wrong-code", f"token:{why}")]
    assert set(answers.values()) == {Scanned(refusal="wrong-code")}
    objects = {one for _, _, one in await people.entries(None, "scan-code")}
    assert "token:tampered" in objects
    assert "token:unknown" in objects


async def test_who_may_not_scan_uses_nothing_up(people: People) -> None:
    who, code = await with_code(people, "无权")
    text = await token(people, code)
    loose = somebody("loose", organisation=None)
    app = msgspec.structs.replace(DOCTOR, client="app", scopes=("patient/*.rs",))
    refusals = [
        (await scanned(people, one, text)).refusal
        for one in (None, own_account(who.person), loose, app, somebody("r", "researcher"))
    ]
    assert refusals == [
        "no-log-in",
        "not-for-role",
        "no-institution",
        "not-for-apps",
        "not-for-role",
    ]
    assert (await scanned(people, DOCTOR, text)).activated


async def test_guessing_is_stopped_and_an_old_code_is_no_guess(people: People) -> None:
    who, code = await with_code(people, "猜")
    guesser = somebody("guesser")
    old = await token(people, code, later(minutes=-10))
    for _ in range(6):
        assert (await scanned(people, guesser, old)).refusal == "stale-code"
    for number in range(5):
        assert (await scanned(people, guesser, f"YB0000000{number}")).refusal == "wrong-code"
    assert (await scanned(people, guesser, await token(people, code))).refusal == "too-many-codes"
    assert not await is_present(people, guesser, who)


async def test_a_merged_persons_code_opens_the_merged_record(people: People) -> None:
    who, code = await with_code(people, "并")
    kept = await people.born("存")
    (patient,) = who.patients
    await people.move(patient, kept.person)
    found = await scanned(people, KIOSK, await token(people, code))
    assert found.resident == kept
    await people.move(patient, who.person)
    found = await scanned(people, KIOSK, await token(people, code))
    assert found.resident == who


HOSTILE = (
    "", " ", "\0", "MK1", "MK1" + "A" * 96, "MK1" + "\ud800" * 96, "A" * 100_000, "1" * 16,
    "0" * 32 + ":0:" + "0" * 32, "F" * 64 + ":1", "F" * 63 + ":1", "'; drop table x; --", "%s$1{}",
    "YB|1", "a,b", "\\", "２０２６", "\u202e1234", "王小明", "MK1\n" + "A" * 96, "=1+1",
)  # fmt: skip


async def test_no_text_does_harm(people: People) -> None:
    letters = random.Random(7)
    texts = [*HOSTILE, *("".join(letters.choices("MK1A2:|$\\\0ü王\n ", k=n)) for n in range(1, 90))]
    for text in texts:
        found = await scanned(people, KIOSK, text)
        assert found == Scanned(refusal="wrong-code"), ascii(text[:50])
