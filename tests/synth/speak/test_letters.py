"""What is written in the letters of HL7 v2 and XML is read as it was."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from minkang.exchange.hl7v2 import parse
from minkang.synth.speak import cda
from minkang.synth.speak.catalogue import amount
from minkang.synth.speak.hl7 import escape, parts

TEXTS = st.text(st.sampled_from("血压|^~\\&/<>\"'\n 9高"), min_size=1, max_size=12).filter(
    # Two quotation marks alone are how HL7 v2 says that there is nothing any more.
    lambda text: text == text.strip() and text != '""'
)


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_delimiters_within_a_text_come_back(first: str, second: str) -> None:
    line = f"OBX|1|TX|{parts(first, second)}||{escape(first)}"
    raw = f"MSH|^~\\&|a|b|c|d|20260101||ORU^R01|1|P|2.5\r{line}\r".encode()
    obx = parse(raw, "utf-8").first("OBX")
    assert obx is not None
    assert (obx.value(3), obx.value(3, 2), obx.value(5)) == (first, second, first)


@given(TEXTS)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_xml_holds_any_text(text: str) -> None:
    element = etree.fromstring(f'<a b="{cda.attribute(text)}">{cda.text(text)}</a>')
    assert element.text == text
    assert element.get("b") == text.replace("\n", " ")


def test_an_age_has_the_largest_unit_that_is_not_nought() -> None:
    on = date(2026, 11, 1)
    assert cda.age_on(date(1951, 2, 15), on, "岁月天") == ("岁", 75)
    assert cda.age_on(date(2026, 5, 1), on, "岁月天") == ("月", 6)
    assert cda.age_on(date(2026, 10, 20), on, "岁周天") == ("周", 1)
    assert cda.age_on(on, on, "岁月日") == ("日", 1)


def test_amounts_are_taken_apart_where_they_are_one_number() -> None:
    assert amount("0.5g") == ("0.5", "g")
    assert amount("2 盒") == ("2", "盒")
    assert amount("1-2片") == ("", "1-2片")
    assert amount("适量") == ("", "适量")
