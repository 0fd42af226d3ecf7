"""The tables of a region's page as files: one as CSV, all of them as a workbook.

They hold what the page shows, protected as there; numbers that are shown as they are stay numbers.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from minkang.fhir import TYPE_NAMES
from minkang.record.region import definitions
from minkang.web.region_facts import DivisionFacts
from minkang.web.region_view import (
    Asked,
    attention_row,
    below_row,
    division_view,
    institution_row,
)
from minkang.web.region_words import category_name, shown
from minkang.web.rendering import N_
from minkang.web.type_words import type_words

TABLES: Final = (
    "figures", "below", "institutions", "visit-days", "departments", "diagnoses", "sources",
    "message-days", "resources", "attention", "definitions",
)  # fmt: skip
"""Keys of all tables, in the order of the workbook."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_SHEET: Final = 31  # characters that a sheet's name may have


class Table(msgspec.Struct, frozen=True):
    """A table: what it is called, the heads of its columns, rows of texts and numbers."""

    name: str
    head: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def tables(facts: DivisionFacts, asked: Asked) -> dict[str, Table]:
    """All tables of a division by key."""
    say = asked.say
    visits, before = say(N_("诊疗人次")), say(N_("上一期"))
    return {
        "figures": _figures(facts, asked),
        "below": _below(facts, asked),
        "institutions": _institutions(facts, asked),
        "visit-days": Table(
            say(N_("每天的诊疗人次")),
            (say(N_("日期")), visits, before),
            [
                (f"{day}", _number(pair.now, asked), _number(pair.before, asked))
                for day, pair in facts.care.days
            ],
        ),
        "departments": Table(
            say(N_("科室")),
            (say(N_("科室")), visits, before),
            [
                (one.label or say(N_("未注明")), _number(one.visits.now, asked),
                 _number(one.visits.before, asked))
                for one in facts.care.departments
            ],
        ),
        "diagnoses": Table(
            say(N_("主要诊断")),
            (say(N_("编码")), say(N_("诊断")), visits, before),
            [
                (one.label, category_name(one.label), _number(one.visits.now, asked),
                 _number(one.visits.before, asked))
                for one in facts.care.diagnoses
            ],
        ),
        **_sent(facts, asked),
        "resources": Table(
            say(N_("资源")),
            (say(N_("类型")), say(N_("数量"))),
            [(type_words(TYPE_NAMES[kind], say), n) for kind, n in facts.resources.items()],
        ),
        "attention": Table(
            say(N_("需要关注")),
            (say(N_("对象")), say(N_("情况"))),
            [
                (row["name"], row["words"])
                for row in (attention_row(one, asked) for one in facts.attention)
            ],
        ),
        "definitions": _definitions(facts, asked),
    }  # fmt: skip


def csv_of(table: Table) -> bytes:
    """As CSV that a spreadsheet opens with a click: UTF-8 with a mark, no cell a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.head)
    writer.writerows([_safe(cell) for cell in row] for row in table.rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def workbook_of(several: Sequence[Table]) -> bytes:
    """As an XLSX workbook, a sheet for each."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for table in several:
        sheet = book.create_sheet(table.name[:_SHEET])
        sheet.append(table.head)
        for row in table.rows:
            sheet.append([_safe(cell) for cell in row])
        sheet.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _safe(cell: Any) -> Any:
    """A text that a spreadsheet would reckon with is kept a text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _number(people: int, asked: Asked) -> Any:
    text = shown(people, exact=asked.exact)
    plain = text.replace(",", "")
    return int(plain) if plain.isdigit() else text


def _figures(facts: DivisionFacts, asked: Asked) -> Table:
    say = asked.say
    view = division_view(facts, asked)
    rows = [(view["figures"][tile["key"]], tile["number"], tile["note"]) for tile in view["tiles"]]
    about = [
        (say(N_("区划")), view["name"], facts.division),
        (say(N_("时段")), f"{view['first']} – {view['last']}", ""),
        (say(N_("上一期")), f"{view['earlier']} – {view['until']}", ""),
    ]
    head = (say(N_("指标")), say(N_("数值")), say(N_("说明")))
    return Table(say(N_("概览")), head, [*about, *rows])


def _below(facts: DivisionFacts, asked: Asked) -> Table:
    say = asked.say
    names = definitions()
    heads = tuple(
        names[key].zh if asked.language == "zh-CN" else names[key].en
        for key in ("people", "recorded", "recorded-share", "file-coverage", "file-use")
    )
    head = (
        say(N_("编码")), say(N_("区划")), *heads, say(N_("有健康码")), say(N_("已同意共享")),
        say(N_("接入机构")), say(N_("诊疗人次")), say(N_("上一期")),
    )  # fmt: skip
    rows = []
    for one in facts.below:
        row = below_row(one, facts, asked)
        rows.append((
            row["code"], row["name"], _number(one.people.people, asked),
            _number(one.people.recorded, asked), row["recorded_share"],
            row["file_coverage"], row["file_use"], row["coded_share"],
            row["consenting_share"], row["connected"], _number(one.visits.now, asked),
            _number(one.visits.before, asked),
        ))  # fmt: skip
    return Table(say(N_("下级区划")), head, rows)


def _institutions(facts: DivisionFacts, asked: Asked) -> Table:
    say = asked.say
    head = (
        say(N_("机构代码")), say(N_("机构")), say(N_("类别")), say(N_("等级")), say(N_("区划")),
        say(N_("已接入")), say(N_("床位")), say(N_("卫生人员")), say(N_("诊疗人次")),
        say(N_("上一期")),
    )  # fmt: skip
    yes, no = say(N_("是")), say(N_("否"))
    rows = [
        (
            one.code, one.name, institution_row(one, asked)["kind"], one.grade, one.division,
            yes if one.connected else no, one.beds, one.staff, _number(one.visits.now, asked),
            _number(one.visits.before, asked),
        )
        for one in facts.institutions
    ]  # fmt: skip
    return Table(say(N_("机构")), head, rows)


def _sent(facts: DivisionFacts, asked: Asked) -> dict[str, Table]:
    say = asked.say
    came, stored, aside = say(N_("送达")), say(N_("入库")), say(N_("隔离"))
    head = (
        say(N_("来源")), say(N_("名称")), say(N_("今天送达")), came, stored, aside,
        say(N_("上一期送达")), say(N_("质量得分")), say(N_("上一期得分")),
    )  # fmt: skip
    sources = [
        (
            one.id, one.name, one.today.received, one.period.received, one.period.stored,
            one.period.quarantined, one.before.received, _points(one.score),
            _points(one.score_before),
        )
        for one in facts.sent.sources
    ]  # fmt: skip
    days = [(f"{day}", one.received, one.stored, one.quarantined) for day, one in facts.messages]
    return {
        "sources": Table(say(N_("数据来源")), head, sources),
        "message-days": Table(say(N_("每天的消息")), (say(N_("日期")), came, stored, aside), days),
    }


def _points(score: float | None) -> Any:
    return "" if score is None else round(score, 1)


def _definitions(facts: DivisionFacts, asked: Asked) -> Table:
    say, chinese = asked.say, asked.language == "zh-CN"
    rows = [
        (
            one.zh if chinese else one.en,
            one.what_zh if chinese else one.what_en,
            ", ".join(one.tables),
            f"{facts.made[one.part].as_of:%Y-%m-%d %H:%M%z}" if one.part in facts.made else "",
        )
        for one in definitions().values()
    ]
    head = (say(N_("指标")), say(N_("定义")), say(N_("数据表")), say(N_("截至")))
    return Table(say(N_("指标定义")), head, rows)
