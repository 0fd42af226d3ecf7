"""Bytes to documents: safely, in whatever encoding, or refused with line and rule."""

import pytest

from minkang.exchange.cda import LONGEST, kind_of, label_of, read_document
from minkang.fhir import Problem, Refused
from tests.exchange.cda_mapped import problems

NAME = "检验报告 欧阳小明 葡萄糖"
PLAIN = f'<ClinicalDocument xmlns="urn:hl7-org:v3"><title>{NAME}</title></ClinicalDocument>'


def title(raw: bytes, charset: str = "utf-8") -> str:
    node = read_document(raw, charset).first("title")
    assert node is not None
    return node.text


def problem(raw: bytes, charset: str = "utf-8") -> Problem:
    with pytest.raises(Refused) as refusal:
        read_document(raw, charset)
    (found,) = refusal.value.problems
    return found


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\r\n{PLAIN}'


@pytest.mark.parametrize(
    ("says", "really"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "gb18030"),
        ("GB18030", "gb18030"),
        ("GB2312", "gb18030"),
        ("GBK", "utf-8"),
        ("gb18030", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("GB2312", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-8", "utf-16"),
    ],
)
def test_a_document_is_read_in_the_encoding_it_is_really_in(says: str, really: str) -> None:
    assert title(declared(says).encode(really)) == NAME


def test_without_a_declaration_utf8_is_tried_before_the_sources_own() -> None:
    assert title(PLAIN.encode(), "gb18030") == NAME
    assert title(PLAIN.encode("gb18030"), "gb18030") == NAME
    assert title(PLAIN.encode("gb18030"), "utf-8") == NAME


def test_chinese_whose_bytes_look_like_utf8_is_read_as_declared() -> None:
    # Each of these characters is two bytes of GB 2312 that are a Latin letter in UTF-8.
    tricky = b"\xc4\xa3\xc4\xbf"
    tricky.decode()
    raw = b'<?xml version="1.0" encoding="GB2312"?><a><title>' + tricky + b"</title></a>"
    assert title(raw) == tricky.decode("gb18030")


def test_bytes_of_no_encoding_are_refused_with_their_line() -> None:
    raw = declared("UTF-8").encode() + b"\n<!-- \xff\xff -->"
    found = problem(raw)
    assert (found.rule, found.place) == ("encoding", "第 3 行")
    assert problem(declared("Shift_JIS").encode("gb18030")).rule == "encoding"
    assert problem(b"\xef\xbb\xbf<a>\xff</a>").rule == "encoding"


BOMB = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(10)
)


@pytest.mark.parametrize(
    "raw",
    [
        f"<!DOCTYPE a [{BOMB}]><a>&l9;</a>",
        f'<?xml version="1.0"?>\n<!-- <a> -->\n<?p?><!DOCTYPE a [{BOMB}]><a b="&l9;"/>',
        '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
        '\ufeff\n <!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><a/>',
    ],
)
def test_document_types_and_so_all_entities_are_refused(raw: str) -> None:
    assert problem(raw.encode()).rule in ("doctype", "xml")
    assert problem(raw.lstrip("\ufeff\n ").encode()).rule == "doctype"
    assert problem(raw.lstrip("\ufeff\n ").encode("utf-16")).rule == "doctype"


def test_an_entity_that_nobody_defined_is_refused() -> None:
    found = problem(b"<a>\n&nbsp;</a>")
    assert found.rule == "xml"
    assert found.place.startswith("第 2 行")


def test_what_is_not_xml_is_refused_with_line_and_column() -> None:
    found = problem(b"<a>\n<b></a>")
    assert (found.rule, found.place) == ("xml", "第 2 行第 8 列")
    for raw in (b"", b"  \n", b"MSH|^~\\&|", b"<a/><b/>", b"<a", b"<a>\0</a>", b"<a b='1' b='2'/>"):
        assert problem(raw).rule == "xml"


def test_limits_on_size_depth_and_number_are_refused_before_they_cost_memory() -> None:
    assert problem(b"<a>" + b" " * LONGEST + b"</a>").rule == "too-long"
    assert problem(b"<a>" * 150 + b"</a>" * 150).rule == "depth"
    assert problem(b"<a>" * 5_000 + b"</a>" * 5_000).rule in ("depth", "xml")
    assert problem(b"<a>" + b"<b/>" * 700_000 + b"</a>").rule == "too-many"
    assert problem(b"<a " + b" ".join(b"a%d=''" % n for n in range(700_000)) + b"/>").rule == (
        "too-many"
    )


def test_a_text_of_more_than_ten_megabytes_is_read() -> None:
    long = "影" * 4_000_000
    assert len(title(f"<a><title>{long}</title></a>".encode())) == 4_000_000
    node = read_document(b'<a b="' + b"x" * 11_000_000 + b'"/>')
    assert len(node.get("b")) == 11_000_000


def test_places_name_positions_only_where_there_are_several() -> None:
    root = read_document(b"<h:a xmlns:h='urn:x'>\n<h:b/><h:c/>\n<h:b><h:c k='1'/></h:b></h:a>")
    second = root.all("b")[1].first("c")
    assert second is not None
    assert second.place("k") == "/a/b[2]/c/@k 第 3 行"


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        ('<templateId root="2.16.156.10011.2.1.1.27"/>', "C0007"),
        ('<code code="C0053"/>', "C0053"),
        ('<templateId root="2.16.156.10011.2.1.1.73"/><code code="c0053"/>', "C0053"),
        ('<templateId root="1.2.3"/><code code="C0001"/><title>出院小结</title>', "C0001"),
    ],
)
def test_the_kind_follows_from_template_and_code_never_from_names(inside: str, kind: str) -> None:
    assert kind_of(read_document(f"<Anything>{inside}</Anything>".encode())) == kind


def test_a_document_of_no_kind_or_of_two_is_refused() -> None:
    def rule(inside: str) -> str:
        with pytest.raises(Refused) as refusal:
            kind_of(read_document(f"<ClinicalDocument>{inside}</ClinicalDocument>".encode()))
        return refusal.value.problems[0].rule

    assert rule("<title>检验报告</title>") == "unknown-document"
    assert rule('<code code="C0054"/>') == "unknown-document"
    two = '<templateId root="2.16.156.10011.2.1.1.27"/><code code="C0006"/>'
    assert rule(two) == "document-kind"


def test_what_is_repeated_without_end_costs_no_more_than_its_length() -> None:
    many = "".join(f'<telecom value="{n}"/><addr><city>{n}</city></addr>' for n in range(20_000))
    times = '<authenticator><time value="x"/></authenticator>' * 20_000
    raw = (
        '<ClinicalDocument><id extension="d1"/><code code="C0001"/><recordTarget><patientRole>'
        f"{many}<patient><name>李伟</name></patient></patientRole></recordTarget>{times}<component>"
        "<structuredBody><component><section><text>a</text></section></component></structuredBody>"
        "</component></ClinicalDocument>"
    ).encode()
    assert 0 < len(problems(raw)) <= 100


def test_the_log_names_a_document_without_reading_it() -> None:
    inside = '<templateId root="2.16.156.10011.2.1.1.27"/><id root="1" extension="d-1"/>'
    raw = f"<ClinicalDocument>{inside}</ClinicalDocument>".encode()
    assert label_of(raw) == ("document:C0007", "d-1")
    assert label_of(raw.decode().encode("utf-16")) == ("document:C0007", "d-1")
    assert label_of(b'<h:a><h:id extension="x"/><h:code k="1" code="C0053"/>') == (
        "document:C0053",
        "x",
    )
    assert label_of(b"\xff<id") == ("document", "")
