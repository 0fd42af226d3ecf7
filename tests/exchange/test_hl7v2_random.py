"""Whatever comes: valid resources, or a refusal with place and rule, never anything else."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.exchange.hl7v2 import acknowledge, header, split_batch, wanted
from minkang.exchange.mappings.hl7v2 import MAPPINGS, note_on
from minkang.fhir import Problem, Refused
from tests.exchange.hl7v2_mapped import CONTEXT, contributions, merged

PLACE = re.compile(r"[A-Z][A-Z0-9]{2}(\[\d+\])?(-\d+(\[\d+\])?(\.\d+)?)?|第 \d+ 段(第 \d+ 字节)?")

# Segments as they are in the middle of their messages; fields are replaced at random.
SEGMENTS = {
    "EVN": "EVN|A01|20260501080000|||D1^王^海燕|20260501080000",
    "PID": "PID|1|E1|P001^^^haibin^PI~371098198503150017^^^^NNCHN|A1|欧阳^小明^^^^^L^I~OUYANG"
    "^XIAOMING^^^^^L^A||19850315|M|||港湾路1号^^海滨市^山东省^264000^CHN^H||13800000001^PRN^CP"
    "|^WPN^PH^^86^535^1234567|zh|M||A1|371098198503150017||||||||||20260501|Y",
    "MRG": "MRG|P002^^^haibin^PI||A2|P003",
    "PV1": "PV1|1|I|CARD^301^05|||ER^1^2|D01^王^海燕|||MED|||R|1||||||V001|||||||||||||||||||||||"
    "||20260501080000|20260509100000|||||V1",
    "PV2": "PV2|||R51^头痛^I10",
    "DG1": "DG1|1||I10^原发性高血压^ICD-10|高血压|20260501080000|F|||||||||1|D01^王^海燕|||||A",
    "AL1": "AL1|1|DA|P^青霉素^L|SV|皮疹~休克|2010",
    "ORC": "ORC|NW|O1^HIS|F1^LIS|G1|SC||1^TID^D7^20260501^20260508^R||20260501080000|||D01^王^海燕"
    "||||RX^病情变化^L",
    "OBR": "OBR|1|O1|F1|GLU^血糖^L|R|20260501|20260502083000||||||空腹|||D01^王^海燕||||||"
    "20260502090000|||F||1^^^20260501^^S||||R73^血糖升高^I10|D02&李&伟||||20260502",
    "OBX": "OBX|1|NM|2345-7^葡萄糖^LN|1|5.60|mmol/L|3.9-6.1|H~A|||F|||20260502083000||D01^王^海燕"
    "|M1",
    "NTE": "NTE|1|L|请结合临床~复查",
    "SPM": "SPM|1|S1^S2||BLD^全血^L",
    "TQ1": "TQ1|1|1|TID||||20260501080000|20260508|S",
    "RXO": "RXO|A01^阿莫西林^L|1|2|g^克|CAP|饭后|一日三次||G||20|粒|1",
    "RXE": "RXE|1^TID|A01^阿莫西林^L|0.5|1|g^克|CAP|一日三次||G|20|粒|1",
    "RXR": "RXR|PO^口服^L|M||IV",
    "RXD": "RXD|1|A01^阿莫西林^L|20260501|20|粒||RX1||一日三次|D01^王^海燕",
    "ODS": "ODS|D||D1^低盐^L|少盐",
    "TXA": "TXA|1|DS|TX|20260501||20260501080000|20260501090000||D01^王^海燕|||DOC1|DOC0|O1||f.txt"
    "|AU|R|AV|||D02^李^伟^^^^^^^^^^^^20260501",
    "SCH": "SCH|A1|B1||||变更^改期^L|头痛^头痛^L|NORMAL|30|MIN|1^^^20260501080000^20260501083000|"
    + "|" * 13
    + "Booked|O1",
    "RGS": "RGS|1",
    "AIS": "AIS|1|A|CT^CT检查^L|20260501080000|||30|MIN||Booked",
    "AIP": "AIP|1|A|D01^王^海燕||| 20260501080000|||30|MIN||Booked",
    "AIL": "AIL|1|A|CT^1^2||||||||||Booked",
    "AIG": "AIG|1|A|M1^CT机^L",
    "RXA": "RXA|0|1|20260501||03^麻腮风疫苗^CVX|0.5|mL^毫升^UCUM||00^新记录^NIP001|D01^王^海燕|"
    "^^^门诊||||L123|20270101|MK^某厂^MVX|||CP|A",
    "ZPI": "ZPI|医保|居民\\T\\职工",
}
BODIES = {
    "ADT": "EVN PID PV1 PV2 AL1 DG1 ZPI MRG",
    "ORU": "PID PV1 ORC OBR NTE OBX NTE OBX SPM ZPI",
    "OUL": "PID PV1 SPM OBX OBR ORC OBX NTE",
    "ORM": "PID PV1 AL1 ORC TQ1 OBR NTE DG1 OBX ORC RXO RXR ORC ODS ZPI",
    "OML": "PID PV1 ORC TQ1 OBR NTE SPM OBX PID PV1 ORC OBR",
    "OMG": "PID PV1 ORC OBR NTE",
    "OMI": "PID PV1 ORC OBR",
    "OMP": "PID PV1 ORC RXO RXR NTE",
    "OMD": "PID ORC ODS",
    "RDE": "PID PV1 ORC TQ1 RXO RXE RXR NTE",
    "RDS": "PID PV1 ORC RXE RXR RXD",
    "MDM": "EVN PID PV1 ORC OBR TXA OBX OBX ZPI",
    "SIU": "SCH TQ1 NTE PID PV1 RGS AIS AIG AIL AIP",
    "VXU": "PID PV1 ORC RXA RXR OBX ORC RXA ZPI",
    "BAR": "EVN PID PV1",
}
VALUES = st.one_of(
    st.sampled_from(
        '"" 0 1 -1 9999999999 1E400 NaN 1_0 20240230 20260501 2026050108 20261301 M X '
        "99991231235959+1400 20260501080000.1234+0800 女 NA 无 A B C D F R S W V "
        "AL NW CA DC SC XO CM HD LN I10 SCT "
        "ED RP SN NM DT TM CE ^ ^^^ & ~ ~~ ^A^^^B&C~D \\F\\ \\X00\\ \\XE4BDA0\\ \\.br\\ \\E \\Z9\\ "
        "^application^pdf^Base64^QUJD ^TX^plain^A^abc ^IM^JPEG^Hex^zz ^AP^x^Base64^Q <^5 ^1^:^8 "
        "371098198503150017 11010519491231002X 000000000000000000".split()
    ),
    st.text(max_size=12).map(lambda text: re.sub(r"[\r\n\x1c\x0b|]", " ", text)),
    st.from_regex(r"[A-Z0-9^&~.\\-]{0,20}", fullmatch=True),
)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """A message of any kind, with fields replaced, segments left out, doubled or out of order."""
    kind = draw(st.sampled_from([*MAPPINGS, "BAR^P01", "ADT^A99", "ACK"]))
    names = BODIES.get(kind.partition("^")[0], "PID PV1").split()
    if draw(st.booleans()):
        extra = draw(st.lists(st.sampled_from(list(SEGMENTS)), max_size=3))
        names = draw(st.permutations([*names, *extra]))
    names = names[: draw(st.integers(0, len(names) + 3)) or len(names)]
    lines = [SEGMENTS[name].split("|") for name in names]
    for _ in range(draw(st.integers(0, 6))):
        if lines:
            line = draw(st.sampled_from(lines))
            field = draw(st.integers(1, len(line) + 2))
            line.extend([""] * (field - len(line) + 1))
            line[field] = draw(VALUES)
    end = draw(st.sampled_from(["\r", "\n", "\r\n"]))
    head = ["MSH", "^~\\&", "haibin", "MKHAIBIN", "", "", "20260501080000", "", kind, "c1", "P"]
    head += [draw(st.sampled_from(["2.2", "2.3", "2.3.1", "2.5.1", "2.8"])), "", ""]
    if draw(st.booleans()):
        head += [draw(st.sampled_from(["AL", "NE", "ER", "SU", "?", ""])) for _ in range(2)]
    if draw(st.integers(0, 9)) == 0:
        place = draw(st.integers(1, len(head) - 1))
        head[place] = draw(VALUES)
    text = end.join("|".join(line) for line in [head, *lines]) + end
    return text.encode(errors="replace")


def judged(raw: bytes) -> tuple[Problem, ...]:
    """The problems of a message; what it contributes otherwise is valid in either order."""
    try:
        found = contributions(raw)
    except Refused as refusal:
        wrong = refusal.problems
    else:
        merged(found)
        merged(reversed(found))
        return ()
    assert wrong
    for problem in wrong:
        assert PLACE.fullmatch(problem.place), problem
        assert problem.text
        assert problem.rule
    return wrong


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages())
def test_a_message_becomes_valid_resources_or_is_refused_with_its_place(raw: bytes) -> None:
    wrong = judged(raw)
    if not wrong:
        note_on(raw, "utf-8")
    msh = header(raw)
    for code in wanted(msh).codes("AE", kept=True):
        assert acknowledge(msh, code, (), CONTEXT.received, "utf-8").startswith(b"MSH")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300).map(lambda some: b"MSH|^~\\&|haibin|MKHAIBIN|" + some))
def test_bytes_that_are_no_message_are_refused(raw: bytes) -> None:
    judged(raw)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([b"BHS|^~\\&|a", b"MSH|^~\\&|b", b"PID|1", b"BTS|1", b"FTS", b""])))
def test_a_batch_keeps_every_line(lines: list[bytes]) -> None:
    raw = b"\r".join([b"FHS|^~\\&|a", *lines])
    batch = split_batch(raw)
    assert batch is not None
    kept = b"\r".join([batch.envelope, *batch.messages])
    assert sorted(filter(None, kept.split(b"\r"))) == sorted(filter(None, raw.split(b"\r")))
