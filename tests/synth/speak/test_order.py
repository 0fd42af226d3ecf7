"""The order of time, the same on any number of processes, and the files."""

import csv
from datetime import datetime
from pathlib import Path

from minkang.synth.record import LOCAL
from minkang.synth.speak.held import held, hold_back
from minkang.synth.speak.order import Wish, history
from minkang.synth.speak.sent import CONTROL, Message, Sent
from minkang.synth.speak.write import write_all
from tests.synth.speak.samples import life, world

NUMBERS = range(40)
"""Two ranges."""


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


def test_all_comes_in_order_of_time_with_control_ids_of_its_day(tmp_path: Path) -> None:
    sent = list(history(Wish(world(), life), NUMBERS, tmp_path))
    assert [one.at for one in sent] == sorted(one.at for one in sent)
    ids = [one.control_id for one in sent if isinstance(one, Message) and one.channel == "mllp"]
    assert len(set(ids)) == len(ids)
    for one in sent:
        if isinstance(one, Message):
            assert CONTROL not in one.raw
            assert one.channel != "mllp" or one.control_id.encode() in one.raw
    assert list(tmp_path.iterdir()) == []


def test_households_made_at_another_time_have_other_control_ids(tmp_path: Path) -> None:
    sent = [
        one.control_id
        for numbers in (range(3), range(3, 5), range(5, 40))
        for one in history(Wish(world(), life), numbers, tmp_path)
        if isinstance(one, Message) and one.channel == "mllp"
    ]
    assert len(set(sent)) == len(sent)


def test_one_process_and_two_write_the_same_bytes(tmp_path: Path) -> None:
    write_all(world(), NUMBERS, tmp_path / "one", 1, lives=life, base=False)
    write_all(world(), NUMBERS, tmp_path / "two", 2, lives=life, base=False)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_the_files_hold_what_was_sent_by_source(tmp_path: Path) -> None:
    seen: list[object] = []
    written = write_all(world(), NUMBERS, tmp_path, lives=life, base=False, seen=seen.append)
    assert sum(written.sent.values()) == len(seen)
    table = tmp_path / "jiceng-hypertension-followup" / "hypertension_followup.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(NUMBERS)
    assert {row["收缩压"] for row in rows} == {"138"}
    months = sorted(one.stem for one in (tmp_path / "gangcheng").glob("*.hl7"))
    assert months
    assert b"\x1a" not in (tmp_path / "gangcheng" / f"{months[0]}.hl7").read_bytes()
    assert "合成数据" in (tmp_path / "README.txt").read_text(encoding="utf-8")


def test_from_a_day_on_the_same_is_sent_as_before(tmp_path: Path) -> None:
    since = datetime(2026, 5, 1, tzinfo=LOCAL)
    whole = [one for one in history(Wish(world(), life), NUMBERS, tmp_path) if one.at >= since]
    assert list(history(Wish(world(), life, since=since), NUMBERS, tmp_path)) == whole


def test_what_is_held_back_is_sent_later_from_any_place_on(tmp_path: Path) -> None:
    everything = list(history(Wish(world(), life), NUMBERS, tmp_path / "laid"))
    since = everything[len(everything) // 2].at
    file, told = tmp_path / "later.held", list[Sent]()
    passed = list(hold_back(iter(everything), since, file, told.append))
    later = [one for _, one in held(file)]
    assert passed + later == everything
    assert told == later
    assert all(one.at < since for one in passed)
    places = [place for place, _ in held(file)]
    assert [one for _, one in held(file, places[2])] == later[3:]
