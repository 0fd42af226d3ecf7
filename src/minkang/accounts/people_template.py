"""The workbook that is filled in to bring in organisations and people."""

from io import BytesIO
from typing import Any, Final

from minkang.accounts.import_rows import COLUMNS, LEVEL_NAMES, NEEDED, SHEET_NAMES, Sheet
from minkang.accounts.organisation_kinds import KINDS
from minkang.accounts.roles import ADMINISTRATORS, BY_KEY, MACHINES

_ROWS: Final = 2_000
_WIDTH: Final = 20
_NOTES: Final = (
    ("说明", ""),
    ("", "一行是一个机构，或一个人的一个岗位；有两个岗位的人写两行。带 * 的列必填。"),
    ("", "表里没有的机构和人不会被改动；空着的格子表示不改。"),
    ("", "先上传检查，看清每一行会做什么，再确认；有一行不行，就什么都不做。"),
    ("机构", ""),
    ("机构编号", "机构在区域内的唯一编号，字母、数字、连字符和点，定下之后不能改"),
    ("层级", "不填时按类型；科室和团队必须写上级机构编号"),
    ("状态", "停用：机构撤销，它的岗位随之结束"),
    ("人员", ""),
    ("登录名", "一个人一个；新登录名会新建账号，初始密码在确认之后显示一次"),
    ("开始日期", "不填为即日；结束日期为岗位的最后一天，填过去的日子即刻结束"),
    ("账号状态", "停用：账号不能再登录，已登录的即刻退出"),
    ("举例", ""),
    ("机构", "MK3701 | 演示县人民医院 | 综合医院 | 机构 | MK-COUNTY | 371002 | | 在用"),
    ("人员", "wangxiaoming | 王晓明 | S0001 | 男 | 0631-5200000 | | 专科医生 | MK3701 | 心内科"),
)


def template() -> bytes:
    """An XLSX workbook with the sheets 机构 and 人员, lists to choose from, and notes."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheets: dict[Sheet, Any] = {"organisations": book.active, "people": book.create_sheet()}
    for sheet, page in sheets.items():
        page.title = SHEET_NAMES[sheet]
        page.freeze_panes = "A2"
        for at, column in enumerate(COLUMNS[sheet], 1):
            cell = page.cell(1, at, column)
            cell.font = Font(bold=True, underline="single" if column in NEEDED[sheet] else None)
            letter = get_column_letter(at)
            page.column_dimensions[letter].width = _WIDTH
            for row in range(2, 202):
                page.cell(row, at).number_format = "@"  # numbers keep their zeros
    notes = book.create_sheet("说明")
    for row, (what, text) in enumerate(_NOTES, 1):
        notes.cell(row, 1, what).font = Font(bold=not text)
        notes.cell(row, 2, text)
    _lists(book, sheets)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _lists(book: Any, sheets: dict[Sheet, Any]) -> None:
    """A sheet with the words that columns take, and the columns tied to it."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    given = [role.name_zh for key, role in BY_KEY.items() if key not in ADMINISTRATORS | MACHINES]
    words: list[tuple[Sheet, str, list[str]]] = [
        ("organisations", "类型", [kind.name_zh for kind in KINDS.values()]),
        ("organisations", "层级", list(LEVEL_NAMES)),
        ("organisations", "状态", ["在用", "停用"]),
        ("people", "角色", [name for name in given if name != BY_KEY["resident"].name_zh]),
        ("people", "性别", ["男", "女"]),
        ("people", "账号状态", ["启用", "停用"]),
    ]
    lists = book.create_sheet("可选值")
    for at, (sheet, column, values) in enumerate(words, 1):
        for row, value in enumerate([column, *values], 1):
            lists.cell(row, at, value)
        letter = get_column_letter(at)
        source = f"='可选值'!${letter}$2:${letter}${len(values) + 1}"
        rule = DataValidation(type="list", formula1=source.removeprefix("="), allow_blank=True)
        place = get_column_letter(COLUMNS[sheet].index(column) + 1)
        rule.add(f"{place}2:{place}{_ROWS}")
        sheets[sheet].add_data_validation(rule)
