"""What a row of a spreadsheet of organisations or people says: cells read, checked, typed.

Columns and words are Chinese, as the people who fill them in are; keys of roles and kinds work as
well. Spreadsheets run what begins with = + - @ as a formula: such a cell is refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from minkang.accounts.organisation_kinds import KINDS, LEVELS
from minkang.accounts.organisations import Level, Organisation
from minkang.accounts.refused import AccountRefused
from minkang.accounts.roles import BY_KEY

_T = TypeVar("_T")
Sheet = Literal["organisations", "people"]

ORGANISATION_COLUMNS: Final = (
    "机构编号", "机构名称", "类型", "层级", "上级机构编号", "行政区划代码", "统一社会信用代码",
    "状态",
)  # fmt: skip
PEOPLE_COLUMNS: Final = (
    "登录名", "姓名", "人员编号", "性别", "电话", "执业证书编码", "角色", "机构编号", "科室",
    "职务", "开始日期", "结束日期", "账号状态",
)  # fmt: skip
NEEDED: Final[Mapping[Sheet, tuple[str, ...]]] = {
    "organisations": ("机构编号", "机构名称"),
    "people": ("登录名", "姓名"),
}
COLUMNS: Final[Mapping[Sheet, tuple[str, ...]]] = {
    "organisations": ORGANISATION_COLUMNS,
    "people": PEOPLE_COLUMNS,
}
SHEET_NAMES: Final[Mapping[Sheet, str]] = {"organisations": "机构", "people": "人员"}
LEVEL_NAMES: Final[Mapping[str, Level]] = dict(
    zip(("省", "市", "县区", "机构", "科室", "团队"), LEVELS, strict=True)
)
MOST_ROWS: Final = 20_000
LONGEST: Final = 200

_ZONE = ZoneInfo("Asia/Shanghai")
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9 -]*$)")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SEXES = {"男": "male", "女": "female", "男性": "male", "女性": "female", "": ""}
_STATES = {
    "": None,
    "在用": True,
    "启用": True,
    "是": True,
    "停用": False,
    "撤销": False,
    "否": False,
}


class Row(msgspec.Struct, frozen=True):
    """A row as it was read. `fault` (column, rule, text): its cells could not be read.

    Attributes:
        number: of the line in its file or sheet, from 1; the heading is one, too.
    """

    sheet: Sheet
    number: int
    cells: dict[str, str | None]
    fault: tuple[str, str, str] | None = None


class OrganisationRow(msgspec.Struct, frozen=True):
    """What a row says of an organisation; `works` None: nothing.

    `given` are the columns with something in them: what is empty is left as it is.
    """

    organisation: Organisation
    works: bool | None
    given: frozenset[str]


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a row says of a person and one post; "" and None: nothing."""

    login: str
    name: str
    staff_code: str
    sex: str
    phone: str
    licence: str
    role: str
    organisation: str | None
    department: str
    title: str
    begins: datetime | None
    ends: datetime | None
    enabled: bool | None


class RowRefused(Exception):  # noqa: N818 - reads as what happened
    """A cell does not say anything that can be taken over.

    Attributes:
        column: the column; "" where the row as a whole is meant.
        rule: `empty`, `formula`, `too-long`, `unknown-word`, `date`, or that of the reader.
        text: what stands there, or what the reader said.
    """

    def __init__(self, column: str, rule: str, text: str = "") -> None:
        super().__init__(f"{column}: {rule}: {text}")
        self.column, self.rule, self.text = column, rule, text


def sheet_of(columns: Iterable[str]) -> Sheet | None:
    """Which sheet these columns are the heading of, if any: all that are needed, none unknown."""
    names = set(columns)
    for sheet, needed in NEEDED.items():
        if set(needed) <= names <= set(COLUMNS[sheet]):
            return sheet
    return None


def organisation_of(row: Row) -> OrganisationRow:
    """A row of the sheet 机构. Raises RowRefused."""
    cell = _cells(row)
    kind = _word(cell, "类型", _kind_names(), "") or ""
    usual: Level = KINDS[kind].levels[0] if kind else "institution"
    level = _word(cell, "层级", LEVEL_NAMES, usual)
    return OrganisationRow(
        Organisation(
            id=_needed(cell, "机构编号"),
            name=_needed(cell, "机构名称"),
            kind=kind,
            level=level,
            parent=cell("上级机构编号") or None,
            division=cell("行政区划代码") or None,
            credit_code=cell("统一社会信用代码") or None,
        ),
        _word(cell, "状态", _STATES, None),
        frozenset(name for name in ORGANISATION_COLUMNS if cell(name)),
    )


def person_of(row: Row, now: datetime) -> PersonRow:
    """A row of the sheet 人员. A post begins with its first day and ends with its last one.

    Raises:
        RowRefused: a cell is wrong.
    """
    cell = _cells(row)
    last = _day(cell, "结束日期")
    first = _day(cell, "开始日期")
    return PersonRow(
        login=_needed(cell, "登录名"),
        name=_needed(cell, "姓名"),
        staff_code=cell("人员编号"),
        sex=_word(cell, "性别", _SEXES, "") or "",
        phone=cell("电话"),
        licence=cell("执业证书编码"),
        role=_word(cell, "角色", _role_names(), "") or "",
        organisation=cell("机构编号") or None,
        department=cell("科室"),
        title=cell("职务"),
        begins=None if first is None else datetime.combine(first, time(), _ZONE),
        ends=None
        if last is None
        else max(now, datetime.combine(last + timedelta(days=1), time(), _ZONE)),
        enabled=_word(cell, "账号状态", _STATES, None),
    )


def refusal_of(refused: AccountRefused, sheet: Sheet) -> RowRefused:
    """What was refused, with the column it is about."""
    return RowRefused(_PLACES[sheet].get(refused.code, ""), refused.code, refused.detail)


_PLACES: Final[Mapping[Sheet, Mapping[str, str]]] = {
    "organisations": {
        "organisation-id-unsuitable": "机构编号",
        "name-unsuitable": "机构名称",
        "kind-unknown": "类型",
        "level-unfit": "层级",
        "parent-needed": "上级机构编号",
        "parent-unknown": "上级机构编号",
        "parent-unfit": "上级机构编号",
        "cycle": "上级机构编号",
        "parts-unfit": "层级",
        "division-unsuitable": "行政区划代码",
        "credit-code-unsuitable": "统一社会信用代码",
        "credit-code-taken": "统一社会信用代码",
        "organisation-has-parts": "状态",
        "organisation-unknown": "机构编号",
    },
    "people": {
        "login-unsuitable": "登录名",
        "name-unsuitable": "姓名",
        "staff-code-unsuitable": "人员编号",
        "staff-code-taken": "人员编号",
        "licence-unsuitable": "执业证书编码",
        "licence-taken": "执业证书编码",
        "phone-unsuitable": "电话",
        "role-needed": "角色",
        "roles-apart": "角色",
        "operator-only": "角色",
        "role-of-machines": "角色",
        "person-needed": "角色",
        "organisation-needed": "机构编号",
        "organisation-unknown": "机构编号",
        "organisation-ended": "机构编号",
        "dates-unsuitable": "开始日期",
        "post-unknown": "结束日期",
        "account-unknown": "登录名",
        "own-account": "登录名",
    },
}


def _cells(row: Row) -> Callable[[str], str]:
    """A cell by its column, "" where it is empty; all cells of the row have been looked at."""
    if row.fault is not None:
        raise RowRefused(*row.fault)
    for column, text in row.cells.items():
        if text and len(text) > LONGEST:
            raise RowRefused(column, "too-long", text[:20])
        if text and _FORMULA.match(text):
            raise RowRefused(column, "formula", text[:20])

    def cell(name: str) -> str:
        return (row.cells.get(name) or "").strip()

    return cell


def _needed(cell: Callable[[str], str], name: str) -> str:
    if not (text := cell(name)):
        raise RowRefused(name, "empty")
    return text


def _word(cell: Callable[[str], str], name: str, words: Mapping[str, _T], empty: _T) -> _T:
    text = cell(name)
    if not text:
        return empty
    if text not in words:
        raise RowRefused(name, "unknown-word", text[:20])
    return words[text]


def _day(cell: Callable[[str], str], name: str) -> date | None:
    text = cell(name).removesuffix(" 00:00:00")
    if not text:
        return None
    try:
        match = _DAY.fullmatch(text)
        return date(*map(int, match.groups())) if match else date.fromisoformat(text)
    except ValueError as error:
        raise RowRefused(name, "date", text[:20]) from error


def _kind_names() -> dict[str, str]:
    return {key: key for key in KINDS} | {kind.name_zh: key for key, kind in KINDS.items()}


def _role_names() -> dict[str, str]:
    return {key: key for key in BY_KEY} | {role.name_zh: key for key, role in BY_KEY.items()}
