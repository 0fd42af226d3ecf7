"""Answers: which code, in which mode, with the place of what is wrong."""

from datetime import UTC, datetime

import pytest

from minkang.exchange.hl7v2 import (
    Code,
    acknowledge,
    acknowledge_batch,
    header,
    parse,
    split_batch,
    wanted,
)
from minkang.fhir import Problem

AT = datetime(2026, 5, 1, tzinfo=UTC)
PROBLEM = Problem("map", "OBX[2]-5[3].2", "number", "'a|b' 不是数值")


def message(*, version: str = "2.5.1", modes: str = "", charset: str = "") -> bytes:
    head = f"MSH|^~\\&|haibin|MK|MINKANG|REGION|20260501||ORU^R01^ORU_R01|c1|P|{version}||"
    return f"{head}|{modes or '|'}||{charset}\r".encode()


def answer(raw: bytes, code: Code = "AE", charset: str = "utf-8") -> list[list[str]]:
    sent = acknowledge(header(raw), code, [PROBLEM], AT, charset)
    return [line.split("|") for line in sent.decode(charset).split("\r") if line]


def test_the_answer_goes_back_to_the_sender_about_the_same_message() -> None:
    msh, msa, _ = answer(message())
    assert msh[2:6] == ["MINKANG", "REGION", "haibin", "MK"]
    assert (msh[8], msh[11]) == ("ACK^R01^ACK", "2.5.1")
    assert msa == ["MSA", "AE", "c1"]
    assert parse(acknowledge(header(message()), "AA", (), AT, "utf-8"), "utf-8").kind == "ACK^R01"


def test_err_names_segment_field_repetition_and_component() -> None:
    *_, err = answer(message())
    assert err[1:5] == ["", "OBX^2^5^3^2", "102^number^HL70357", "E"]
    assert err[8] == "OBX[2]-5[3].2: 'a\\F\\b' 不是数值"


def test_older_versions_have_the_place_in_err_1() -> None:
    *_, err = answer(message(version="2.3.1"))
    assert err[1] == "OBX^2^5^102&number&HL70357"


@pytest.mark.parametrize(
    ("place", "location"),
    [("PID", "PID^1"), ("PID-3", "PID^1^3^1"), ("DG1[4]-3.2", "DG1^4^3^1^2"), ("第 3 段", "")],
)
def test_places_of_all_kinds(place: str, location: str) -> None:
    problem = Problem("map", place, "required", "缺少")
    sent = acknowledge(header(message()), "AR", [problem], AT, "utf-8").decode()
    assert sent.split("\r")[2].split("|")[2] == location


def test_chinese_in_the_header_comes_back_as_it_was() -> None:
    raw = message(charset="GB18030").decode().replace("haibin", "海滨").encode("gb18030")
    msh, *_ = answer(raw, charset="gb18030")
    assert msh[4] == "海滨"


@pytest.mark.parametrize(
    ("modes", "code", "kept", "expected"),
    [
        ("|", "AA", True, ["AA"]),
        ("|", "AE", True, ["AE"]),
        ("AL|NE", "AA", True, ["CA"]),
        ("AL|NE", "AE", True, ["CA"]),
        ("AL|NE", "AR", True, ["CR"]),
        ("AL|NE", "AE", False, ["CE"]),
        ("NE|AL", "AE", True, ["AE"]),
        ("AL|AL", "AA", True, ["CA", "AA"]),
        ("AL|", "AA", True, ["CA"]),
        ("ER|ER", "AA", True, []),
        ("ER|ER", "AE", True, ["AE"]),
        ("ER|ER", "AR", True, ["CR", "AR"]),
        ("SU|SU", "AA", True, ["CA", "AA"]),
        ("SU|SU", "AE", True, ["CA"]),
        ("NE|NE", "AR", True, []),
        ("yes|", "AA", True, ["CA"]),
    ],
)
def test_the_sender_says_which_answers_it_wants(
    modes: str, code: Code, kept: bool, expected: list[str]
) -> None:
    assert wanted(header(message(modes=modes))).codes(code, kept=kept) == expected


def test_a_batch_is_answered_by_a_batch() -> None:
    batch = split_batch(
        b"FHS|^~\\&|haibin|MK|||||||f1\rBHS|^~\\&|haibin|MK\r" + message() + b"BTS|3\r"
    )
    assert batch is not None
    one = acknowledge(header(batch.messages[0]), "AA", (), AT, "utf-8")
    sent = acknowledge_batch(batch.header, [one], batch.problems, AT, "utf-8").decode()
    lines = sent.split("\r")
    assert [line[:3] for line in lines if line] == ["FHS", "BHS", "MSH", "MSA", "BTS", "FTS"]
    assert lines[0].split("|")[11] == "f1"
    assert lines[4].startswith("BTS|1|BTS-1 batch-count")
