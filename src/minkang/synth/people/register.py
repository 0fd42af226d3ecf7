"""Rows of the population register: one for each person who was ever registered by the last day."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from minkang.synth.draws import share
from minkang.synth.people import standing as words
from minkang.synth.people.kin import HEAD
from minkang.synth.record import Household, Person, World

COLUMNS: Final = (
    "人口编号", "姓名", "曾用名", "性别", "出生日期", "身份证号", "民族", "文化程度", "婚姻状况",
    "职业", "从业状况", "联系电话", "户号", "与户主关系", "户主姓名", "户主身份证号",
    "户籍行政区划代码", "户籍地址", "居住行政区划代码", "居住地址", "居住类型", "迁入日期",
    "迁出日期", "死亡日期", "死亡注销日期", "是否在册", "更新时间",
)  # fmt: skip

_NATION_CODES: Final = {
    "汉族": "01", "蒙古族": "02", "回族": "03", "维吾尔族": "05", "苗族": "06", "彝族": "07",
    "壮族": "08", "朝鲜族": "10", "满族": "11", "土家族": "15",
}  # fmt: skip
_EDUCATION_CODES: Final = {
    words.UNSCHOOLED: "90", words.PRIMARY: "80", words.MIDDLE: "70", words.HIGH: "60",
    words.VOCATIONAL: "40", words.COLLEGE: "30", words.UNIVERSITY: "20", words.GRADUATE: "10",
}  # fmt: skip
_MARITAL_CODES: Final = {"未婚": "10", "已婚": "20", "丧偶": "30", "离婚": "40"}
_RELATION_CODES: Final = {
    HEAD: "02", "配偶": "10", "子": "20", "女": "30", "女婿": "28", "儿媳": "38", "孙子": "41",
    "孙女": "42", "外孙子": "43", "外孙女": "44", "父亲": "51", "母亲": "52", "公公": "53",
    "婆婆": "54", "岳父": "55", "岳母": "56", "祖父": "61", "祖母": "62", "外祖父": "63",
    "外祖母": "64", "兄弟姐妹": "79", "其他": "80",
}  # fmt: skip
_EMPLOYMENT_CODES: Final = {
    words.PEASANT: "27", words.FISHER: "27", words.WORKER: "24", words.MIGRANT: "24",
    words.TRADER: "54", words.COOK: "17", words.CLERK: "17", words.TEACHER: "13",
    words.MEDIC: "13", words.AT_HOME: "70", words.RETIRED: "80", words.PUPIL: "31",
    words.IN_NURSERY: "90", words.INFANT: "90",
}  # fmt: skip
"""GB/T 2261.4 by the groups of people that report cards know."""

_ELSEWHERE: Final = ("371002", "371003", "371082", "371083", "370602", "370212", "220102", "230102")
"""Divisions where those who moved here are still registered: next doors, and the north-east."""


def population_rows(world: World, households: Iterable[Household]) -> Iterator[dict[str, str]]:
    """Rows with COLUMNS, in order of the households and their people; values are texts."""
    for household in households:
        heads = [person for person in household.people if person.relation == HEAD]
        for person in household.people:
            yield _row(world, household, heads[0], person)


def _row(world: World, household: Household, head: Person, person: Person) -> dict[str, str]:
    registered, kind = _registration(world, person)
    updated, cancelled = _last_change(world, person)
    values = (
        person.key, person.name, "", "男" if person.sex == "M" else "女", _day(person.birth),
        person.id_number, _NATION_CODES[person.nation], _EDUCATION_CODES.get(person.education, ""),
        _MARITAL_CODES[person.marital], person.occupation, _EMPLOYMENT_CODES[person.occupation],
        person.phone, household.key, _RELATION_CODES[person.relation], head.name, head.id_number,
        registered, person.address if registered == person.village else "", person.village,
        person.address, kind,
        _day(person.arrived), _day(person.left), _day(person.death), _day(cancelled),
        "否" if person.death or person.left else "是", updated,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _registration(world: World, person: Person) -> tuple[str, str]:
    """The division of registration, and how residence and registration go together."""
    chance = share(world.seed, "registered", person.key)
    if person.left:
        return person.village, "户籍外出"
    if person.arrived and chance < 0.55:
        return _ELSEWHERE[int(chance * 1e6) % len(_ELSEWHERE)], "流动人口"
    return person.village, "户籍常住"


def _last_change(world: World, person: Person) -> tuple[str, date | None]:
    """When the row was last written, before the last day, and when a death was cancelled."""
    chance = share(world.seed, "registered-at", person.key)
    cancelled = None
    if person.death:
        day = person.death + timedelta(days=3 + int(chance * 25))
        cancelled = day if day < world.today else None
    changes = (person.birth, person.arrived, person.left, person.moved, person.married, cancelled)
    last = max(day for day in changes if day)
    last = min(max(last, world.begin), world.today - timedelta(days=1))
    return (
        f"{last.isoformat()} {8 + int(chance * 9):02d}:{int(chance * 997) % 60:02d}:00",
        cancelled,
    )
