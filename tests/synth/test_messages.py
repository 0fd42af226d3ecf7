"""What leaves the sources is HL7 as real systems write it, read here without Minkang's parser."""

import csv
import io
import json
import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minkang.synth import (
    HOSTILE_TEXT,
    INSTITUTIONS,
    VISIT_COLUMNS,
    Region,
    Resident,
    generate,
    new_lab_message,
    read_residents,
    rows_as_csv,
    write_region,
)
from minkang.synth.hl7_writer import escape

CHARSETS = {"haibin": "utf-8", "gangcheng": "gb18030"}
AT = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def unescape(text: str) -> str:
    """HL7 2.4 2.10 read back by one pass from left to right."""
    plain = {"E": "\\", "F": "|", "S": "^", "R": "~", "T": "&"}

    def one(match: re.Match[str]) -> str:
        name = match[1]
        return bytes.fromhex(name[1:]).decode("ascii") if name[0] == "X" else plain[name]

    return re.sub(r"\\([EFSRT]|X[0-9A-F]{2})\\", one, text)


def segments(raw: bytes, source: str) -> list[list[str]]:
    text = raw.decode(CHARSETS[source])
    assert text.endswith("\r")
    assert "\n" not in text
    return [line.split("|") for line in text[:-1].split("\r")]


def only(found: list[list[str]], name: str) -> list[list[str]]:
    return [fields for fields in found if fields[0] == name]


@given(st.text(st.characters(codec="utf-8")))
def test_escaping_comes_back_and_hides_every_delimiter(text: str) -> None:
    hidden = escape(text)
    assert unescape(hidden) == text
    assert not set("|^~&\r\n") & set(hidden)


def test_messages_are_well_formed_and_in_order_of_time(region: Region) -> None:
    for source, charset in (("haibin", "UNICODE UTF-8"), ("gangcheng", "GB 18030-2000")):
        messages = region.messages(source)
        assert len(messages) > 1000
        assert [m.at for m in messages] == sorted(m.at for m in messages)
        for message in messages:
            found = segments(message.raw, source)
            header = found[0]
            assert header[:4] == ["MSH", "^~\\&", source, INSTITUTIONS[source].code]
            assert header[4:6] == ["MINKANG", "REGION"]
            assert datetime.strptime(header[6], "%Y%m%d%H%M%S%z") == message.at.replace(
                microsecond=0
            )
            assert header[9] == message.control_id
            assert header[17] == charset
            assert message.at.date() < region.today
            assert all(re.fullmatch(r"[A-Z][A-Z0-9]{2}", fields[0]) for fields in found)
            names = [fields[0] for fields in found]
            assert names[:4] in (
                ["MSH", "EVN", "PID", "PV1"],
                ["MSH", "PID", "PV1", "OBR"],
            )
            if message.expected == "ok":
                assert re.search(rf"\^\^\^{source}\^PI(~|$)", only(found, "PID")[0][3])
                assert only(found, "PV1")[0][19]


def test_control_ids_and_filler_numbers_are_unique(region: Region) -> None:
    ids = [m.control_id for source in CHARSETS for m in region.messages(source)]
    assert len(ids) == len(set(ids))
    fillers = [
        (message.source, fields[3])
        for source in CHARSETS
        for message in region.messages(source)
        for fields in only(segments(message.raw, source), "OBR")
        if fields[25] == "F"
    ]
    assert len(fillers) == len(set(fillers))


def test_both_dialects_of_names_are_spoken(region: Region) -> None:
    names = {resident.key: resident for resident in region.residents}
    for message in region.messages("haibin"):
        assert only(segments(message.raw, "haibin"), "PID")[0][5] == names[message.person].name
    for message in region.messages("gangcheng"):
        resident = names[message.person]
        pid = only(segments(message.raw, "gangcheng"), "PID")[0]
        assert pid[5] == f"{resident.surname}^{resident.given}"


def test_gb18030_messages_hold_bytes_that_look_like_delimiters() -> None:
    lives = generate(400, 3, date(2026, 3, 2))
    assert any(b"\xab|" in message.raw for message in lives.messages("gangcheng"))


def test_all_kinds_of_values_and_events_occur(region: Region) -> None:
    triggers, kinds, statuses = set(), set(), set()
    for source in CHARSETS:
        for message in region.messages(source):
            found = segments(message.raw, source)
            triggers.add((source, "^".join(found[0][8].split("^")[:2])))
            kinds |= {fields[2] for fields in only(found, "OBX")}
            statuses |= {fields[11] for fields in only(found, "OBX")}
    assert {("haibin", f"ADT^{t}") for t in ("A01", "A04", "A08")} <= triggers
    assert {("gangcheng", f"ADT^{t}") for t in ("A04", "A08")} <= triggers
    assert {(source, "ORU^R01") for source in CHARSETS} <= triggers
    assert {"NM", "SN", "ST", "TX"} <= kinds
    assert statuses == {"F", "C"}


def test_a_correction_comes_later_under_the_same_number(region: Region) -> None:
    first: dict[tuple[str, str], datetime] = {}
    corrections = 0
    for source in CHARSETS:
        for message in region.messages(source):
            for fields in only(segments(message.raw, source), "OBR"):
                if fields[25] == "F":
                    first[source, fields[3]] = message.at
                else:
                    assert first[source, fields[3]] < message.at
                    corrections += 1
    assert corrections >= 5


def test_who_moved_is_reported_with_the_new_telephone(region: Region) -> None:
    seen = 0
    for resident in region.residents:
        if resident.former_phone is None:
            continue
        for source in CHARSETS:
            phones = [
                only(segments(m.raw, source), "PID")[0][13].split("^")[0]
                for m in region.messages(source)
                if m.person == resident.key
            ]
            if resident.former_phone in phones and resident.phone in phones:
                seen += 1
    assert seen >= 3


def test_the_hostile_remark_travels_as_text(region: Region) -> None:
    texts = [
        unescape(fields[5])
        for source in CHARSETS
        for message in region.messages(source)
        for fields in only(segments(message.raw, source), "OBX")
        if fields[2] == "TX"
    ]
    assert HOSTILE_TEXT in texts


def test_faults_are_in_the_stream_and_listed_apart(region: Region) -> None:
    assert 5 <= len(region.faulty) <= 10
    assert {fault.expected for fault in region.faulty} == {
        "impossible-date",
        "not-a-number",
        "no-patient-number",
        "unknown-event",
        "broken-row",
    }
    sent = {m.control_id: m for source in CHARSETS for m in region.messages(source)}
    rows = {row["visit_no"]: row for row in region.visits_rows()}
    for fault in region.faulty:
        if fault.expected == "broken-row":
            assert rows[fault.key]["sbp"] == "abc"
            continue
        message = sent[fault.key]
        assert message.expected == fault.expected
        found = segments(message.raw, fault.source)
        match fault.expected:
            case "impossible-date":
                assert any("20240230" in field for fields in found for field in fields)
            case "not-a-number":
                wrong = [f for f in only(found, "OBX") if f[2] == "NM" and not f[5][0].isdigit()]
                assert len(wrong) == 1
            case "no-patient-number":
                assert only(found, "PID")[0][3] == ""
            case _:
                assert found[0][8] == "ADT"
    others = [m for m in sent.values() if m.expected != "ok"]
    assert len(others) == sum(fault.expected != "broken-row" for fault in region.faulty)


def test_rows_have_the_columns_and_unique_visits(region: Region) -> None:
    rows = region.visits_rows()
    assert all(tuple(row) == VISIT_COLUMNS for row in rows)
    assert len({row["visit_no"] for row in rows}) == len(rows) > 200
    assert {row["sex"] for row in rows} == {"男", "女"}
    pressures = [row["sbp"] for row in rows if row["sbp"] not in (None, "abc")]
    assert len(pressures) > 100
    assert all(80 <= int(pressure or 0) <= 220 for pressure in pressures)
    for row in rows:
        for column in ("visit_time", "updated_at"):
            assert datetime.fromisoformat(row[column] or "").date() < region.today


def test_the_csv_reads_back_with_and_without_mark(region: Region) -> None:
    rows = region.visits_rows()
    marked, plain = rows_as_csv(rows), rows_as_csv(rows, mark=False)
    assert marked == b"\xef\xbb\xbf" + plain
    back = list(csv.DictReader(io.StringIO(plain.decode(), newline="")))
    assert back == [{key: value or "" for key, value in row.items()} for row in rows]


def test_files_hold_the_region_and_its_truth(region: Region, tmp_path: Path) -> None:
    paths = write_region(region, tmp_path / "out")
    assert {path.name for path in paths} == {
        "haibin.hl7",
        "gangcheng.hl7",
        "yunxi_visits.csv",
        "truth.json",
    }
    for source in CHARSETS:
        content = (tmp_path / "out" / f"{source}.hl7").read_bytes()
        assert [m + b"\n" for m in content.split(b"\n")[:-1]] == [
            m.raw + b"\n" for m in region.messages(source)
        ]
    truth = json.loads((tmp_path / "out" / "truth.json").read_text("utf-8"))
    assert len(truth["faulty"]) == len(region.faulty)
    assert read_residents(tmp_path / "out" / "truth.json") == region.residents


def resident_at(region: Region, source: str) -> Resident:
    return next(resident for resident in region.residents if source in resident.numbers)


@pytest.mark.parametrize("source", ["haibin", "gangcheng"])
def test_a_fresh_message_carries_what_it_is_told(region: Region, source: str) -> None:
    resident = resident_at(region, source)
    told = {"glucose": "15.6", "comment": HOSTILE_TEXT}
    raw = new_lab_message(source, resident, AT, "DEMO0001", told)
    found = segments(raw, source)
    values = {fields[3].split("^")[1]: fields for fields in only(found, "OBX")}
    assert values["葡萄糖"][5:9] == ["15.6", "mmol/L", "3.9-6.1", "H"]
    assert unescape(values["检验备注"][5]) == HOSTILE_TEXT
    assert values["肌酐"][2] == "NM"
    assert found[0][9] == "DEMO0001"
    assert resident.numbers[source][-1] in only(found, "PID")[0][3]
    assert raw == new_lab_message(source, resident, AT, "DEMO0001", told)
    assert raw != new_lab_message(source, resident, AT, "DEMO0002", told)


def test_a_fresh_message_is_refused_where_it_makes_no_sense(region: Region) -> None:
    resident = resident_at(region, "haibin")
    with pytest.raises(ValueError, match="sends no laboratory"):
        new_lab_message("yunxi", resident, AT, "X1")
    with pytest.raises(ValueError, match="is no number"):
        new_lab_message("haibin", resident, AT, "X1", {"glucose": "高"})
    with pytest.raises(ValueError, match="no such result"):
        new_lab_message("haibin", resident, AT, "X1", {"sodium": "140"})
    with pytest.raises(ValueError, match="time zone"):
        new_lab_message("haibin", resident, datetime(2026, 3, 2), "X1")  # noqa: DTZ001
    stranger = next(r for r in region.residents if "haibin" not in r.numbers)
    with pytest.raises(ValueError, match="not registered"):
        new_lab_message("haibin", stranger, AT, "X1")
