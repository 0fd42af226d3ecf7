"""Reading HL7 v2 as it is written: delimiters, escapes, line ends, character sets, places."""

import pytest

from minkang.exchange.hl7v2 import Framer, frame, header, parse, split_batch
from minkang.fhir import Refused
from tests.exchange.hl7v2_mapped import PID, PV1, after, contributions, merged, only, written

ADT = written("ADT^A01", "EVN|A01|20260501080000", PID, PV1)


def field(text: str, number: int = 5, component: int = 1) -> str:
    pid = parse(written("ADT^A01", f"PID|||||{text}"), "utf-8").first("PID")
    assert pid is not None
    return pid.value(number, component)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f"),
        ("一\\.br\\二\\.sp2\\三", "一\n二\n\n三"),
        ("\\H\\重\\N\\点\\.in+4\\\\.ti-2\\\\.fi\\\\.nf\\", "重点"),
        ("a\\.sk3\\b", "a   b"),
        ("\\XE4BDA0E5A5BD\\", "你好"),
        ("\\X00\\", "\ufffd"),
        ("\\XZZ\\ \\Zab\\ \\C2842\\", "\\XZZ\\ \\Zab\\ \\C2842\\"),
        ("a\\b", "a\\b"),
        ("100\\P\\", "100#"),
    ],
)
def test_escape_sequences(sent: str, read: str) -> None:
    assert field(sent) == read


def test_hexadecimal_bytes_are_of_the_messages_character_set() -> None:
    raw = ADT.replace(b"UNICODE UTF-8", b"GB18030").decode().replace("小明", "\\XD0A1C3F7\\")
    assert only("Patient", raw.encode("gb18030"))["name"][0]["text"] == "欧阳小明"


def test_other_delimiters_say_the_same() -> None:
    other = ADT.decode().translate(str.maketrans("|^~\\&", "#@!$%")).encode()
    assert merged(contributions(other)) == merged(contributions(ADT))


def test_a_fifth_encoding_character_does_no_harm() -> None:
    assert after(ADT.replace(b"^~\\&|", b"^~\\&#|")) == after(ADT)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r", b"\r \r"])
def test_every_line_end_is_understood(end: bytes) -> None:
    assert after(ADT.replace(b"\r", end)) == after(ADT)


def test_a_line_feed_inside_a_text_is_text_where_returns_end_segments() -> None:
    raw = written("ORU^R01", PID, "OBR|1||L1|X", "OBX|1|FT|T^检查所见||第一行\n第二行")
    assert only("Observation", raw)["valueString"] == "第一行\n第二行"


def test_mixed_line_ends_still_separate_segments() -> None:
    raw = ADT.replace(b"\rPV1", b"\nPV1")
    assert after(raw) == after(ADT)


@pytest.mark.parametrize(
    ("named", "codec"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("UNICODE", "utf-8"),
        ("GB 18030-2000", "gb18030"),
        ("GB18030", "gb18030"),
        ("GBK", "gb18030"),
        ("ASCII~GB 18030-2000", "gb18030"),
        ("~UNICODE UTF-8", "utf-8"),
        ("", "utf-8"),
    ],
)
def test_character_sets_by_their_names(named: str, codec: str) -> None:
    raw = ADT.decode().replace("UNICODE UTF-8", named).encode(codec)
    assert only("Patient", raw)["name"][0]["text"] == "欧阳小明"


def test_latin_letters_and_a_byte_order_mark() -> None:
    raw = ADT.decode().replace("UNICODE UTF-8", "8859/1").replace("欧阳^小明", "Müller^Jürgen")
    assert only("Patient", raw.encode("latin-1"))["name"][0]["text"] == "Müller Jürgen"
    marked = b"\xef\xbb\xbf" + ADT.replace(b"UNICODE UTF-8", b"")
    assert parse(marked, "gb18030").first("PID") is not None


@pytest.mark.parametrize("named", ["ASCII", "UNICODE UTF-8"])
def test_bytes_of_another_character_set_are_refused_with_their_place(named: str) -> None:
    raw = ADT.decode().replace("UNICODE UTF-8", named).encode("gb18030")
    with pytest.raises(Refused) as refusal:
        parse(raw, "utf-8")
    (problem,) = refusal.value.problems
    assert problem.place.startswith("第 3 段第 ")
    assert problem.rule == "charset"


def test_control_characters_become_a_mark() -> None:
    patient = only("Patient", ADT.replace("小明".encode(), b"\x00\x07"))
    assert patient["name"][0]["text"] == "欧阳\ufffd\ufffd"


def test_places_name_segment_repetition_and_component() -> None:
    message = parse(written("ADT^A01", "DG1|1", "DG1|2"), "utf-8")
    first, second = message.all("DG1")
    assert first.place(3) == "DG1[1]-3"
    assert second.place(3, 2) == "DG1[2]-3.2"
    assert second.place(3, 2, 4) == "DG1[2]-3[4].2"
    assert message.header.place(9) == "MSH-9"


def test_null_is_not_a_value() -> None:
    pid = parse(written("ADT^A01", 'PID|||||""|a^""^b'), "utf-8").first("PID")
    assert pid is not None
    assert (pid.is_null(5), pid.value(5), pid.is_null(6)) == (True, "", False)
    assert (pid.value(6, 2), pid.part(6, 2), pid.value(6, 3)) == ("", "", "b")


def test_a_batch_is_taken_apart() -> None:
    raw = b"\r".join([b"FHS|^~\\&|a", b"BHS|^~\\&|a", ADT, ADT + b"BTS|2", b"FTS|1"])
    batch = split_batch(raw)
    assert batch is not None
    assert [parse(one, "utf-8").kind for one in batch.messages] == ["ADT^A01"] * 2
    assert batch.problems == ()
    assert split_batch(ADT) is None


@pytest.mark.parametrize(
    ("lines", "rule", "place"),
    [
        ([b"BHS|^~\\&|a", ADT, b"BTS|2"], "batch-count", "BTS-1"),
        ([b"BHS|^~\\&|a", ADT, b"BTS|many"], "batch-count", "BTS-1"),
        ([b"BHS|^~\\&|a", b"PID|1", ADT], "segment", "PID"),
    ],
)
def test_a_batch_that_is_not_whole_says_so(lines: list[bytes], rule: str, place: str) -> None:
    batch = split_batch(b"\r".join(lines))
    assert batch is not None
    assert len(batch.messages) == 1
    assert [(one.rule, one.place) for one in batch.problems] == [(rule, place)]


def test_frames_come_in_pieces_and_too_long_ones_are_noticed() -> None:
    framer = Framer(100)
    pieces = [frame(b"one")[:2], frame(b"one")[2:] + frame(b"two"), b"stray\x0bthree\x1c\r"]
    assert [framer.feed(piece) for piece in pieces] == [
        [],
        [b"one", b"two"],
        [b"stray", b"three"],
    ]
    assert framer.feed(frame(b"last") + b"\x0b" + b"x" * 200) == [b"last"]
    assert framer.overlong.startswith(b"xxx")
    assert framer.feed(frame(b"after")) == []


def test_hostile_sizes_cost_no_more_than_they_weigh() -> None:
    many = written("ORU^R01", PID, "OBR|1||L1|X", "OBX|1|FT|T||" + "\n" * 200_000 + "x")
    assert len(parse(many, "utf-8").segments) == 4
    batch = split_batch(b"BHS|^~\\&|a\r" + b"X\r" * 200_000)
    assert batch is not None
    assert len(batch.problems) == 20


def test_a_header_is_read_even_if_the_rest_is_not() -> None:
    msh = header(b"\xef\xbb\xbf\r\nMSH|^~\\&|a|b\rgarbage")
    assert msh is not None
    assert (msh.value(3), msh.value(4)) == ("a", "b")
    assert header(b"MSH|^") is None
