"""What identifies people is shown to nobody who does not need it."""

import re
import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from minkang.app.demonstration.accounts import HOSPITAL
from tests.e2e.installation import Installation
from tests.e2e.running import Cast, People
from tests.exchange.messages import PID, adt
from tests.region import Resident


@pytest.mark.parametrize("by", ["name", "id_number", "code", "pinyin"])
def test_a_doctor_finds_residents_by_what_he_has_but_reads_no_whole_name_or_number(
    by: str, platform: Installation, people: People, cast: Cast
) -> None:
    who = cast.own
    typed = {
        "name": who.name,
        "id_number": who.id_number,
        "code": who.code,
        "pinyin": "".join(_pinyin(who.name)),
    }[by]
    answer = people["nanyi"].post("/doctor/results", data={"q": typed})
    assert answer.status_code == 200
    assert f"/record/{who.person}" in answer.text
    assert f"{who.name[0]}*" in answer.text
    for one in platform.residents():
        for secret in (one.name, one.id_number, one.phone, one.birth_date.isoformat()):
            assert secret not in answer.text
    assert who.code not in answer.text
    assert not re.search(r"\d{8,}", re.sub(r'href="[^"]*"', "", answer.text))


def _pinyin(name: str) -> list[str]:
    from pypinyin import lazy_pinyin

    return [str(syllable) for syllable in lazy_pinyin(name)]


def test_the_information_centre_reads_messages_without_learning_whose_they_are(
    platform: Installation, people: People, cast: Cast
) -> None:
    """Stored ones, rows of the clinic's table, and every one in quarantine."""
    del cast
    rows = platform.fetch(
        """select id, state, channel from (
               select *, row_number() over (partition by channel, state order by id) as n
               from exchange.message) m
           where n <= 12 or state = 'quarantined'"""
    )
    assert {row["channel"] for row in rows} >= {"mllp", "table"}
    assert {row["state"] for row in rows} >= {"stored", "quarantined"}
    residents = platform.residents()
    for row in rows:
        page = people["xinxi"].get(f"/centre/messages/{row['id']}").text
        for one in residents:
            shown = [secret for secret in secrets_of(one) if secret in page]
            assert not shown, f"message {row['id']} shows {shown} of {one.key}"


def secrets_of(one: Resident) -> list[str]:
    """What would tell an engineer who it is."""
    found = [one.name, one.id_number, one.phone, one.address, f"{one.birth_date:%Y%m%d}"]
    found += [f"{one.surname}^{one.given}"]
    return [secret for secret in found if len(secret) > 1]


def test_the_list_of_messages_and_the_quarantine_name_nobody(
    platform: Installation, people: People, cast: Cast
) -> None:
    del cast
    for path in ("/centre/messages", "/centre/quarantine", "/centre/sources"):
        page = people["xinxi"].get(path).text
        for one in platform.residents():
            assert one.name not in page
            assert one.id_number not in page


def test_the_way_of_a_message_sent_by_the_button_does_not_say_whose_it_is(
    platform: Installation, people: People, cast: Cast
) -> None:
    del platform
    for login in ("xinxi", "nanyi"):
        page = people[login].post("/demo/send").text
        assert f"{cast.own.name[0]}*" in page
        assert cast.own.name not in page


def test_log_files_name_nobody(platform: Installation, people: People, cast: Cast) -> None:
    """Neither ours nor the database's, whatever was asked."""
    assert people["mayi"].get(f"/record/{cast.own.person}").status_code == 200
    people["mayi"].post("/doctor/results", data={"q": cast.own.id_number})
    for file in ("log.txt", "output.txt", "postgres.log"):
        text = (platform.home / file).read_text(encoding="utf-8", errors="replace")
        for one in platform.residents():
            for secret in (one.name, one.id_number, one.phone):
                assert secret not in text, f"{file} names {one.key}"


def test_whom_the_list_of_today_names_stands_in_the_audit_log(
    platform: Installation, people: People, cast: Cast
) -> None:
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    pid = PID.replace("P001", "TODAY1").replace("欧阳小明", "今日来")
    raw = adt(at=f"{now:%Y%m%d%H%M%S}", visit="TODAY1", control="TODAY1", pid=pid)
    assert platform.send(raw.replace(b"MKHAIBIN", HOSPITAL.encode())) == ["AA"]
    linked: list[Any] = []
    for _ in range(100):
        linked = platform.fetch(
            """select l.person from exchange.made d join identity.link l on l.patient = d.id
               join exchange.message m on m.id = d.message where m.control_id = 'TODAY1'"""
        )
        if linked:
            break
        time.sleep(0.1)
    person = linked[0]["person"]
    # The page has two lists, today's and the records opened lately, and an entry for each.
    assert people["yisheng"].get(f"/record/{cast.own.person}").status_code == 200
    asked = datetime.now(UTC)
    assert "今日来" in people["yisheng"].get("/doctor").text
    entries = platform.fetch(
        "select persons from audit.entry where action = 'list-residents' and at >= $1", asked
    )
    assert person in {one for entry in entries for one in entry["persons"]}
