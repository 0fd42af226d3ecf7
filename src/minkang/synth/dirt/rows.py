"""Edits on rows of tables: what is typed into a form's boxes.

Every function gives None where the row has nothing that it could befall. Columns are those of the
region's tables; a row that a mapping must refuse is spoiled in a column that all mappings read.
"""

from datetime import datetime
from random import Random
from typing import Final

Values = dict[str, str]
Edited = tuple[Values, str, str]

CHANGED: Final = ("更新时间", "updated_at", "修改时间")
_NUMBERS: Final = (
    "收缩压", "舒张压", "左侧收缩压", "左侧舒张压", "身高", "体重", "空腹血糖", "心率",
    "体温", "出生体重", "sbp", "dbp", "glucose", "temperature",
)  # fmt: skip
_PATIENT: Final = ("患者编号", "健康档案编号", "patient_no")
_DATES: Final = (
    "随访日期", "体检日期", "接种日期", "就诊时间", "visit_time", "填卡日期", "检查日期",
    "访视日期", "随访时间", "采样时间", "报告时间", "检查时间",
)  # fmt: skip


def _filled(values: Values, columns: tuple[str, ...]) -> list[str]:
    return [column for column in columns if values.get(column)]


def impossible_date(values: Values, random: Random) -> Edited | None:
    """30 February as the day on which it was done."""
    for column in _filled(values, _DATES):
        before = values[column]
        if before[:4].isdigit():
            after = "2024-02-30" + before[10:]
            return values | {column: after}, f"{column}={before}", f"{column}={after}"
    return None


def not_a_number(values: Values, random: Random) -> Edited | None:
    """Words where a measured number belongs."""
    columns = _filled(values, _NUMBERS)
    if not columns:
        return None
    column, after = random.choice(columns), random.choice(("未测", "拒测", "abc"))
    return values | {column: after}, f"{column}={values[column]}", f"{column}={after}"


def impossible_value(values: Values, random: Random) -> Edited | None:
    """A number ten times too large."""
    columns = [c for c in _filled(values, _NUMBERS) if values[c].replace(".", "", 1).isdigit()]
    if not columns:
        return None
    column = random.choice(columns)
    after = f"{float(values[column]) * 10:.0f}"
    return values | {column: after}, f"{column}={values[column]}", f"{column}={after}"


def no_patient_number(values: Values, random: Random) -> Edited | None:
    """The column of the patient's number empty."""
    for column in _filled(values, _PATIENT):
        return values | {column: ""}, f"{column}={values[column]}", f"{column}="
    return None


def corrected(values: Values, random: Random, again: datetime) -> tuple[Edited, Values] | None:
    """The row with a digit wrong, and the right one as it is saved at `again`."""
    columns = [c for c in _filled(values, _NUMBERS) if values[c].isdigit() and int(values[c]) > 20]
    changed = _filled(values, CHANGED)
    if not columns or not changed:
        return None
    column, before = random.choice(columns), values[changed[0]]
    after = str(int(values[column]) + random.choice((-10, 10, 9)))
    wrong = values | {column: after}
    right = values | {changed[0]: _as_written(again, before)}
    return (wrong, f"{column}={values[column]}", f"{column}={after}"), right


def _as_written(at: datetime, like: str) -> str:
    """A moment in the notation of another: with T or blank, with or without seconds."""
    text = f"{at:%Y-%m-%dT%H:%M:%S}" if "T" in like else f"{at:%Y-%m-%d %H:%M:%S}"
    return text[: len(like)] if len(like) >= 10 else text[:10]
