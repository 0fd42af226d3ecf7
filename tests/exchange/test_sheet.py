"""Shared documents laid out to be read: tables as tables, codes by name, nothing lost."""

import re
from datetime import datetime

import pytest
from lxml import etree

from minkang.exchange.mappings.cda import WHOLE
from minkang.exchange.sheet import Block, Sheet, sheet_of
from tests.exchange import cda_samples as samples
from tests.exchange.cda_samples import (
    KINDS,
    Node,
    coded,
    document,
    element,
    laboratory,
    number,
    organizer,
    section,
    text,
    whole,
    written,
)

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")


@pytest.fixture(autouse=True)
def there() -> None:
    samples.there()


def laid(root: Node | bytes) -> Sheet:
    """The sheet of a document."""
    found = sheet_of(root if isinstance(root, bytes) else written(root))
    assert found is not None
    return found


def blocks(sheet: Sheet, kind: str) -> list[Block]:
    """All blocks of a kind."""
    return [one for part in sheet.sections for one in part.blocks if one.kind == kind]


def words(sheet: Sheet) -> str:
    """All that can be read."""
    found = [sheet.title, *(part for line in (*sheet.head, *sheet.signed) for part in line)]
    for part in sheet.sections:
        found.append(part.title)
        for one in part.blocks:
            found += [one.text, one.caption, *one.heads]
            found += [cell for row in (*one.rows, *one.lines) for cell in row]
    return "\n".join(found)


def said_in(root: Node) -> set[str]:
    """Every value of the sections: texts, names of values, numbers and times as written."""
    body = root.find(f"{{{samples.V3}}}component")
    assert body is not None
    found: set[str] = set()
    for node in body.iter():
        name = etree.QName(node).localname
        parent = etree.QName(node.getparent()).localname
        if name in ("id", "templateId", "statusCode", "qualifier") or parent == "qualifier":
            continue
        of_element = name == "code" and parent in ("observation", "section")
        values = [node.text or "", node.get("value", "")]
        values += [] if of_element else [node.get("displayName", "")]
        found |= {value.strip() for value in values if value.strip() not in ("", "NA")}
    return found


def as_shown(value: str) -> tuple[str, ...]:
    """How a value may stand on the page."""
    if match := _TIME.fullmatch(value):
        day = "-".join(match.groups()[:3])
        return value, day
    return {"true": ("是",), "false": ("否",)}.get(value, (value,))


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_every_kind_is_on_the_sheet(kind: str) -> None:
    root = whole()[kind] if kind in WHOLE else document(kind)
    shown = words(laid(root))
    lost = {one for one in said_in(root) if not any(form in shown for form in as_shown(one))}
    assert lost == set()


def test_results_are_a_table_with_unit_and_range() -> None:
    range_ = (
        "<referenceRange><observationRange><value xsi:type='IVL_PQ'><low value='3.9'/>"
        "<high value='6.1'/></value></observationRange></referenceRange>"
    )
    tested = organizer(
        element("DE04.30.019.00", "检验项目代码", text("GLU")),
        element("DE04.30.015.00", "检验定量结果", number("REAL", "7.9"), after=range_),
    )
    (table,) = blocks(laid(laboratory(sections=(section("30954-2", tested),))), "table")
    assert (table.caption, table.heads) == ("检验结果", ("检验项目", "结果", "参考范围"))
    assert table.rows == (("GLU", "7.9", "3.9–6.1"),)
    (table,) = blocks(laid(laboratory()), "table")
    assert table.heads[0] == "检验项目"
    assert {"结果", "单位"} <= set(table.heads)
    assert [row[0] for row in table.rows] == ["GLU", "CHOL"]


def test_the_head_is_that_of_the_paper_form() -> None:
    sheet = laid(laboratory())
    head = dict(sheet.head)
    assert head["门（急）诊号"] == "MZ001"
    assert head["检验报告单号"] == "JY001"
    assert head["机构"] == "海滨市人民医院"
    assert "年龄" in head
    assert samples.ID_CARD not in words(sheet)
    assert any("王海燕" in who for _, who in sheet.signed)


def test_a_code_without_a_name_has_that_of_its_table() -> None:
    nameless = coded("I10.x00", "").replace(' displayName=""', "")
    one = element("DE05.01.024.00", "诊断代码", nameless)
    sex = element("DE02.01.040.00", "性别代码", coded("1", "", "2.3.3.4"))
    sheet = laid(laboratory(sections=(section("29548-5", one, sex),)))
    (lines,) = blocks(sheet, "lines")
    assert dict(lines.lines)["性别"] == "男性"


def test_a_narrative_keeps_its_table_and_its_order() -> None:
    told = (
        '<section><code code="10160-0" displayName="用药"/><text>先<paragraph>一</paragraph>'
        "<table><caption>医嘱单</caption><thead><tr><th>药名</th><th>剂量</th></tr></thead><tbody>"
        "<tr><td>阿司匹林</td><td>100 <b>mg</b></td></tr><tr><td>停</td></tr></tbody></table>"
        "后<list><item>甲</item><item>乙</item></list></text></section>"
    )
    before, table, after = laid(laboratory(sections=(told,))).sections[0].blocks
    assert before.text == "先\n一"
    assert (table.caption, table.heads) == ("医嘱单", ("药名", "剂量"))
    assert table.rows == (("阿司匹林", "100 mg"), ("停", ""))
    assert after.text == "后\n· 甲\n· 乙"


def test_vital_signs_are_a_table() -> None:
    signs = section(
        "8716-3",
        element("DE04.10.186.00", "体温（℃）", number("PQ", "36.6", unit="℃")),
        element("DE04.10.118.00", "脉率", number("PQ", "72", unit="次/min")),
    )
    (table,) = blocks(laid(laboratory(sections=(signs,))), "table")
    assert table.heads == ("项目", "测量值", "单位")
    assert table.rows[1] == ("脉率", "72", "次/min")


def test_nothing_turns_the_direction_of_reading() -> None:
    told = element("DE04.01.119.00", "主诉", text("\u202e药用\u2066"))
    (lines,) = blocks(laid(laboratory(sections=(section("10154-3", told),))), "lines")
    assert lines.lines == (("主诉", "\ufffd药用\ufffd"),)


def test_a_long_document_is_laid_out_in_a_moment() -> None:
    groups = [samples.item_group(f"I{n}", "1.5", "mmol/L") for n in range(1_000)]
    begun = datetime.now().astimezone()
    sheet = laid(laboratory(sections=(section("30954-2", *groups),)))
    assert (datetime.now().astimezone() - begun).total_seconds() < 5
    assert len(blocks(sheet, "table")[0].rows) == 1_000
