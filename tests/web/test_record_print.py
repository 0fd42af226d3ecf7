"""A record on paper: what the tabs show stands on it, words are words, pages say whose it is."""

from io import BytesIO

from pypdf import PdfReader

from minkang.web.print_sheet import Sheet, printable
from tests.e2e.running import Cast, People


def words(body: bytes) -> str:
    """All text of a PDF, without the breaks of its lines."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(body)).pages]
    return "".join("".join(pages).split())


def test_a_clinician_prints_what_the_record_shows(people: People, cast: Cast) -> None:
    answer = people["yisheng"].get(f"/record/{cast.own.person}/print.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    text = words(answer.content)
    assert "居民健康档案" in text
    assert cast.own.name in text
    assert cast.own.id_number not in text
    assert "仅供本次诊疗使用" in text
    for heading in ("过敏", "健康问题", "正在用药", "就诊"):
        assert heading in text


def test_each_page_says_whose_it_is_and_who_printed_it(people: People, cast: Cast) -> None:
    body = people["yisheng"].get(f"/record/{cast.own.person}/print.pdf").content
    pages = PdfReader(BytesIO(body)).pages
    for number, page in enumerate(pages, 1):
        foot = "".join(page.extract_text().split())
        assert cast.own.name in foot
        assert f"{number}/{len(pages)}" in foot


def test_a_resident_prints_the_own_record_and_no_other(people: People, cast: Cast) -> None:
    answer = people["jumin"].get("/me/print.pdf")
    assert answer.status_code == 200
    assert "由居民本人打印" in words(answer.content)
    assert people["linju"].get(f"/me/family/{cast.own.person}/print.pdf").status_code == 403
    assert people["jumin"].get(f"/record/{cast.own.person}/print.pdf").status_code == 403


def test_hostile_words_are_words() -> None:
    hostile = "<script>alert(1)</script> **not bold** {nb} /JS (app.alert)\x00\x1b[31m\u202e"
    sheet = Sheet("题", hostile)
    sheet.facts([("名", hostile), ("空", "")])
    sheet.section(hostile)
    sheet.lines([hostile])
    sheet.rows(["列"], [1], [[hostile]] * 3)
    body = sheet.finished()
    text = words(body)
    assert text.count("<script>alert(1)</script>**notbold**") >= 6
    assert b"/JavaScript" not in body
    assert "\x00" not in text


def test_a_character_without_a_glyph_is_marked_and_named() -> None:
    shown, missing = printable("\U0003106c女士 88 μmol/L\n2")
    assert shown == "〓女士 88 µmol/L\n2"
    assert missing == {"\U0003106c"}


def test_a_long_table_repeats_its_head() -> None:
    sheet = Sheet("题", "脚")
    sheet.rows(["项目甲", "值"], [3, 1], [[f"第{n}行", "1"] for n in range(150)])
    pages = PdfReader(BytesIO(sheet.finished())).pages
    assert len(pages) > 2
    assert all("项目甲" in page.extract_text() for page in pages)
