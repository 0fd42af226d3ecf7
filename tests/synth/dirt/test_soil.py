"""The way of messages: what is late, double, spoiled or lost is told, and time keeps its order."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from minkang.synth.dirt.kinds import KINDS, chosen
from minkang.synth.dirt.soil import soil
from minkang.synth.dirt.sources import Trouble, troubles
from minkang.synth.dirt.stain import Stain
from minkang.synth.place.place import Place, build_place
from minkang.synth.record import LOCAL, World
from minkang.synth.speak.sent import Message, Row, Sent
from tests.synth import simple

_START = datetime(2026, 1, 5, 8, 0, tzinfo=LOCAL)


@pytest.fixture(scope="module")
def place() -> Place:
    return build_place(7)


def _adt(number: int, source: str = "haibin") -> Message:
    at = _START + timedelta(minutes=number)
    control, time = f"HB{number:06d}", f"{at:%Y%m%d%H%M%S}+0800"
    lines = [
        f"MSH|^~\\&|{source}|MK1|MINKANG|R|{time}||ADT^A04^ADT_A01|{control}|P|2.4||||||UTF-8",
        f"EVN|A04|{time}",
        f"PID|1||P{number}^^^{source}^PI||王丽娟||19880101|F",
        f"PV1|1|O|内科||||||||||||||||MZ{number}{'|' * 25}{time}",
        "",
    ]
    raw = "\r".join(lines).encode()
    return Message(source, "mllp", at, raw, "ADT^A04", f"p{number}", f"MZ{number}", control)


def _oru(number: int, source: str = "haibin") -> Message:
    at = _START + timedelta(minutes=number, seconds=30)
    control, time = f"HR{number:06d}", f"{at:%Y%m%d%H%M%S}+0800"
    lines = [
        f"MSH|^~\\&|{source}|MK1|MINKANG|R|{time}||ORU^R01|{control}|P|2.4||||||UTF-8",
        f"PID|1||P{number}^^^{source}^PI||王丽娟||19880101|F",
        f"OBR|1||L{number}|CBC^血常规^L|||{time}",
        "OBX|1|NM|718-7^血红蛋白^LN^HGB^血红蛋白^L||132|g/L|115-150|N|||F",
        "OBX|2|NM|6690-2^白细胞^LN^WBC^白细胞^L||6.52|10*9/L|3.5-9.5|N|||F",
        "",
    ]
    raw = "\r".join(lines).encode()
    return Message(source, "mllp", at, raw, "ORU^R01", f"p{number}", f"MZ{number}", control)


def _row(number: int) -> Row:
    at = _START + timedelta(minutes=number, seconds=45)
    values = {
        "健康档案编号": f"{number:017d}", "随访日期": f"{at:%Y-%m-%d}", "收缩压": "148",
        "舒张压": "92", "更新时间": f"{at:%Y-%m-%d %H:%M:%S}",
    }  # fmt: skip
    return Row("jiceng-htn", "hypertension_followup", at, f"G{number}", values, f"p{number}")


def _stream(count: int, source: str = "haibin") -> Iterator[Sent]:
    for number in range(count):
        yield _adt(number, source)
        yield _oru(number, source)
        yield _row(number)


def _soiled(
    world: World, count: int, *trouble: Trouble, source: str = "haibin"
) -> tuple[list[Sent], list[Stain]]:
    stains: list[Stain] = []
    return list(soil(world, trouble, _stream(count, source), stains.append)), stains


def test_without_dirt_everything_arrives_as_it_left(place: Place) -> None:
    arrived, stains = _soiled(simple.world(place), 50)
    assert arrived == list(_stream(50))
    assert stains == []


def test_arrivals_are_in_order_of_time_and_none_is_made_up(place: Place) -> None:
    arrived, _ = _soiled(simple.world(place, chosen("all")), 1500)
    assert all(one.at <= two.at for one, two in pairwise(arrived))
    assert arrived == _soiled(simple.world(place, chosen("all")), 1500)[0]


def test_each_kind_comes_at_its_rate_and_is_told_with_its_outcome(place: Place) -> None:
    arrived, stains = _soiled(simple.world(place, chosen("all")), 6000)
    found = Counter(stain.kind for stain in stains)
    assert found.keys() == {kind.key for kind in KINDS.values() if kind.stage == "message"}
    assert abs(found["late"] - 18000 * KINDS["late"].rate) < 45
    refused = Counter(one.expected for one in arrived if one.expected != "ok")
    told = Counter(
        stain.expected.removeprefix("refused:")
        for stain in stains
        if stain.expected.startswith("refused:")
    )
    assert refused == told
    assert set(refused) == {"calendar-date", "number", "required", "unknown-event"}


def test_a_doubled_message_is_the_same_bytes(place: Place) -> None:
    arrived, stains = _soiled(simple.world(place, ("doubled",)), 800)
    assert len(arrived) == 2400 + len(stains)
    copies = Counter(one.raw for one in arrived if isinstance(one, Message))
    assert sum(count == 2 for count in copies.values()) == sum(
        stain.source == "haibin" for stain in stains
    )


def test_a_corrected_result_ends_as_it_should_have_begun(place: Place) -> None:
    arrived, stains = _soiled(simple.world(place, ("corrected",)), 800)
    messages = {one.control_id: one for one in arrived if isinstance(one, Message)}
    corrected = [stain for stain in stains if stain.source == "haibin"]
    assert corrected
    for stain in corrected:
        wrong, right = messages[stain.message], messages[f"{stain.message}C"]
        assert wrong.at < right.at
        assert f"|{stain.after}|".encode() in wrong.raw
        assert f"|{stain.before}|".encode() in right.raw
        assert b"|||C" in right.raw


def test_a_cancelled_visit_has_a_number_of_its_own(place: Place) -> None:
    arrived, stains = _soiled(simple.world(place, ("cancelled",)), 1200)
    for stain in stains:
        own = [one for one in arrived if isinstance(one, Message) and one.visit == stain.after]
        assert [one.raw.split(b"|")[8][:7] for one in own] == [b"ADT^A04", b"ADT^A11"]
    assert stains


def test_a_lossy_source_loses_whole_visits(place: Place) -> None:
    world = simple.world(place, ("lossy",))
    trouble = Trouble("lossy", "haibin", _START, _START + timedelta(days=30))
    arrived, stains = _soiled(world, 2000, trouble)
    lost = {stain.before for stain in stains}
    assert 0.08 < len(lost) / 2000 < 0.12
    assert len(stains) == 2 * len(lost)
    assert not lost & {one.visit for one in arrived}


def test_a_silent_source_says_nothing_for_its_time_alone(place: Place) -> None:
    world = simple.world(place, ("silent",))
    begin, end = _START + timedelta(minutes=100), _START + timedelta(minutes=200)
    arrived, _ = _soiled(world, 300, Trouble("silent", "haibin", begin, end))
    spoke = [one.at for one in arrived if one.source == "haibin"]
    assert spoke
    assert not any(begin <= at < end for at in spoke)


def test_rubbish_can_not_be_read_in_its_own_character_set(place: Place) -> None:
    world = simple.world(place, ("rubbish",))
    trouble = Trouble("rubbish", "haibin", _START, _START + timedelta(days=30))
    arrived, stains = _soiled(world, 400, trouble)
    bad = [one for one in arrived if one.expected == "charset"]
    assert len(bad) == len(stains) > 50
    for one in bad:
        assert isinstance(one, Message)
        with pytest.raises(UnicodeDecodeError):
            one.raw.decode("utf-8")


def test_the_clock_and_the_codes_change_within_their_time(place: Place) -> None:
    world = simple.world(place, ("broken-clock", "changed-codes"))
    end = _START + timedelta(days=90)
    arrived, _ = _soiled(world, 20, Trouble("broken-clock", "haibin", _START, end))
    assert b"|20000101000012+0800|" in arrived[0].raw  # type: ignore[union-attr]
    arrived, _ = _soiled(world, 20, Trouble("changed-codes", "haibin", _START, end))
    assert b"^NHGB^" in arrived[1].raw  # type: ignore[union-attr]


def test_troubles_find_their_sources(place: Place) -> None:
    speakers = {"haibin", "gangcheng", "songling", "other-a", "other-b"}
    found = troubles(simple.world(place, chosen("all")), speakers, {"gangcheng": "v"})
    assert {one.kind for one in found} == {
        kind.key for kind in KINDS.values() if kind.stage == "source"
    }
    assert all(one.begin < one.end for one in found)
    assert troubles(simple.world(place), speakers, {}) == ()
