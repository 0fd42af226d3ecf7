"""Envelopes, services, how a message is kept, acknowledgements."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from minkang.exchange.wst import (
    SERVICES,
    NotUnderstoodError,
    Wrapper,
    acknowledge,
    answer,
    fault,
    kept,
    number_in,
    opened,
    read_envelope,
    service_by_root,
    service_of,
    wrapper_in,
)
from minkang.exchange.wst.envelope import Call
from minkang.exchange.wst.wsdl import wsdl
from minkang.fhir import Problem, Refused

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
NOW = datetime(2026, 5, 3, 16, 30, tzinfo=UTC)


def enveloped(body: str, namespace: str = SOAP11, header: str = "") -> bytes:
    text = f'<s:Envelope xmlns:s="{namespace}">{header}<s:Body>{body}</s:Body></s:Envelope>'
    return text.encode()


def call(action: str, message: str, names: tuple[str, str] = ("action", "message")) -> str:
    one, other = names
    return (
        f'<h:HIPMessageServer xmlns:h="urn:hl7-org:v3"><{one}>{action}</{one}>'
        f"<{other}>{message}</{other}></h:HIPMessageServer>"
    )


def refusal(raw: bytes, media: str = "text/xml") -> NotUnderstoodError:
    with pytest.raises(NotUnderstoodError) as error:
        read_envelope(raw, media)
    return error.value


@pytest.mark.parametrize(
    ("namespace", "media", "version"),
    [(SOAP11, "text/xml; charset=utf-8", "1.1"), (SOAP12, "application/soap+xml", "1.2")],
)
@pytest.mark.parametrize("names", [("action", "message"), ("h:action", "h:message"), ("a", "b")])
def test_a_call_is_read_from_both_versions_however_the_parameters_are_called(
    namespace: str, media: str, version: str, names: tuple[str, str]
) -> None:
    message = '<![CDATA[\n<?xml version="1.0" encoding="GB2312"?>\n<A>欧阳</A>\n]]>'
    found = read_envelope(enveloped(call("OrderInfoAdd", message, names), namespace), media)
    assert (found.version, found.action) == (version, "OrderInfoAdd")
    assert found.message.decode() == "<A>欧阳</A>"


def test_a_message_may_be_escaped_or_stand_there_as_xml() -> None:
    escaped = read_envelope(enveloped(call("X", "&lt;A b='1'/&gt;")), "text/xml")
    assert escaped.message == b"<A b='1'/>"
    inline = call("X", '<A xmlns="urn:hl7-org:v3" b="1"><c>&amp;</c></A>')
    found = read_envelope(enveloped(inline), "text/xml").message
    root = etree.fromstring(found)
    assert root.tag == "{urn:hl7-org:v3}A"
    assert root.findtext("{urn:hl7-org:v3}c") == "&"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ('<?xml version="1.0" encoding="GB2312"?>\r\n', "gb18030"),
        ('<?xml version="1.0" encoding="GB2312"?>\r\n', "utf-8"),
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "gb18030"),
    ],
)
def test_the_encoding_is_that_of_the_bytes(head: str, encoding: str) -> None:
    body = enveloped(call("X", "<![CDATA[<A>欧阳小明</A>]]>")).decode()
    found = read_envelope((head + body).encode(encoding), "text/xml")
    assert found.message.decode() == "<A>欧阳小明</A>"


@pytest.mark.parametrize(
    ("raw", "blame", "rule"),
    [
        (b"", "Sender", "xml"),
        (b"action=OrderInfoAdd", "Sender", "xml"),
        (enveloped(call("X", "<A/>"))[:-20], "Sender", "xml"),
        (b"<Envelope/>", "VersionMismatch", "envelope"),
        (enveloped("").replace(b"<s:Body></s:Body>", b""), "Sender", "envelope"),
        (enveloped(""), "Sender", "envelope"),
        (enveloped("<Other/>"), "Sender", "operation"),
        (enveloped("<HIPMessageServer/>"), "Sender", "operation"),
        (enveloped(call("X", "")), "Sender", "operation"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "Sender", "doctype"),
        (b"\xff\xfe<\x00", "Sender", "xml"),
        (b"<a>\xe9\xff</a>", "Sender", "encoding"),
        (enveloped(call("X", "<b>" * 120 + "</b>" * 120)), "Sender", "depth"),
    ],
)
def test_what_is_no_call_is_refused_with_place_and_rule(raw: bytes, blame: str, rule: str) -> None:
    error = refusal(raw)
    assert (error.blame, error.problem.rule) == (blame, rule)
    assert error.problem.place


def test_a_header_that_must_be_understood_is_told_and_any_other_passed_over() -> None:
    body = call("X", "&lt;A/&gt;")
    header = '<s:Header><t:Security xmlns:t="urn:t"{}/></s:Header>'
    assert read_envelope(enveloped(body, header=header.format("")), "text/xml").message
    error = refusal(enveloped(body, header=header.format(' s:mustUnderstand="1"')))
    assert (error.blame, error.problem.place) == ("MustUnderstand", "/Envelope/Header/Security")


@pytest.mark.parametrize(("address", "understood"), [("/anonymous", True), ("/none", False)])
def test_ws_addressing_is_understood_where_the_answer_goes_back(
    address: str, understood: bool
) -> None:
    base = "http://www.w3.org/2005/08/addressing"
    header = (
        f'<s:Header xmlns:a="{base}"><a:Action s:mustUnderstand="1">urn:x</a:Action>'
        f'<a:ReplyTo s:mustUnderstand="1"><a:Address>{base}{address}</a:Address></a:ReplyTo>'
        "<a:MessageID>urn:uuid:1</a:MessageID></s:Header>"
    )
    raw = enveloped(call("X", "&lt;A/&gt;"), SOAP12, header)
    if understood:
        found = read_envelope(raw, "application/soap+xml")
        assert found.addressed == ("urn:x", "urn:uuid:1")
    else:
        assert refusal(raw).blame == "MustUnderstand"


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_answers_and_faults_are_envelopes_of_their_version(version: str) -> None:
    namespace = SOAP11 if version == "1.1" else SOAP12
    made = Call(version, "X", b"", ("urn:x", "urn:uuid:1"))  # type: ignore[arg-type]
    root = etree.fromstring(answer(made, "<A>&amp;</A>"))
    addressing = "{http://www.w3.org/2005/08/addressing}"
    assert root.findtext(f".//{addressing}Action") == "urn:xResponse"
    assert root.findtext(f".//{addressing}RelatesTo") == "urn:uuid:1"
    assert root.tag == f"{{{namespace}}}Envelope"
    assert root.findtext(".//{urn:hl7-org:v3}HIPMessageServerResult") == "<A>&amp;</A>"
    problem = Problem("frame", "/Envelope/Body", "operation", "没有 <x> 操作")
    root = etree.fromstring(fault(version, "Sender", problem))  # type: ignore[arg-type]
    assert root.find(f".//{{{namespace}}}Fault") is not None
    assert root.findtext(".//{urn:minkang:problem}place") == "/Envelope/Body"
    assert root.findtext(".//{urn:minkang:problem}text") == "没有 <x> 操作"


def test_an_acknowledgement_names_the_message_and_each_problem_with_its_place() -> None:
    problems = [Problem("map", "/A/b 第 3 行", "code", 'x "<&'), Problem("map", "/A", "y", "\0")]
    text = acknowledge("AE", Wrapper("M1", "HIS", "HIP"), "", problems, NOW)
    root = etree.fromstring(text)
    name = "{urn:hl7-org:v3}"
    assert root.tag == f"{name}MCCI_IN000002UV01"
    assert root.find(f"{name}creationTime").get("value") == "20260504003000"
    acknowledgement = root.find(f"{name}acknowledgement")
    assert acknowledgement.get("typeCode") == "AE"
    assert acknowledgement.find(f"{name}targetMessage/{name}id").get("extension") == "M1"
    details = acknowledgement.findall(f"{name}acknowledgementDetail")
    assert [one.find(f"{name}code").get("code") for one in details] == ["code", "y"]
    assert details[0].find(f"{name}text").get("value") == 'x "<&'
    assert details[0].find(f"{name}location").get("value") == "/A/b 第 3 行"
    item = f"{name}device/{name}id/{name}item"
    assert root.find(f"{name}receiver/{item}").get("extension") == "HIS"


def test_a_service_is_found_by_name_number_or_a_root_of_its_own() -> None:
    merge = SERVICES["PatientInfoMerge"]
    for action in (
        "PatientInfoMerge",
        "patientinfomerge",
        "S0003",
        "urn:hl7-org:v3/PatientInfoMerge",
    ):
        assert service_of(action) is merge
    assert service_of("") is service_of("SelfDestruct") is None
    assert service_by_root("PRPA_IN201304UV02") is merge
    assert service_by_root("QUMT_IN020030UV01") is None
    assert service_by_root("QUMT_IN020030UV01", "S0037") is SERVICES["OrderInfoQuery"]


def test_the_description_offers_both_versions_at_the_address_asked() -> None:
    root = etree.fromstring(wsdl('http://x/wst?a="&'))
    found = {one.tag: one.get("location") for one in root.iter() if "address" in str(one.tag)}
    assert set(found.values()) == {'http://x/wst?a="&'}
    assert len(found) == 2


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SERVICES)), st.binary(max_size=200))
def test_what_is_kept_is_opened_as_it_was(name: str, message: bytes) -> None:
    assert opened(kept(SERVICES[name], message)) == (SERVICES[name], message)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_bytes_bring_the_reader_down(data: st.DataObject) -> None:
    whole = bytearray(enveloped(call("OrderInfoAdd", "<![CDATA[<A>欧阳</A>]]>")))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=8))
        whole = whole or bytearray(b"<")
    try:
        found = read_envelope(bytes(whole), data.draw(st.sampled_from(["text/xml", "soap+xml"])))
    except NotUnderstoodError as error:
        etree.fromstring(fault(error.version, error.blame, error.problem))
        return
    number_in(found.message)
    with pytest.raises(Refused):
        opened(found.message)


def test_number_and_devices_are_found_by_a_look_at_the_first_bytes() -> None:
    message = (
        b'<A><id root="1" extension="M&amp;1"/><receiver typeCode="RCV"><device><id>'
        b'<item root="3" extension="HIP"/></id></device></receiver><sender typeCode="SND"><device>'
        b"<id><item extension='HIS' root='3'/></id></device></sender><cut"
    )
    assert wrapper_in(message) == Wrapper("M&1", "HIS", "HIP")
    assert wrapper_in(b"\0\xff") == Wrapper()
