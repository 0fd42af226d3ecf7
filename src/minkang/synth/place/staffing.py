"""Who holds the posts of an institution, one after another, through the years of the region.

A post is never empty: on the day one holder leaves (retirement, or a change of work in about one
year of forty), the next one begins. So somebody is there on every day of `YEARS`, and a visit of
ten years ago has the doctor of that time.
"""

from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.place.entities import Department, Institution, Staff
from minkang.synth.place.posts import posts
from minkang.synth.place.staff_names import staff_name

YEARS: Final = (date(2012, 1, 1), date(2036, 1, 1))
"""The span in which posts have holders; later departures are not yet known."""

REFERENCE: Final = date(2026, 1, 1)

STEADY: Final = (date(2016, 1, 1), date(2028, 1, 1))
"""The years that lives are told of: of each role a department has somebody who is there all
through, the first post's first holder."""

_WOMEN: Final = {
    "doctor": 0.5, "assistant": 0.52, "nurse": 0.97, "public-health": 0.6, "pharmacist": 0.7,
    "technician": 0.6, "village-doctor": 0.3,
}  # fmt: skip
_LETTERS: Final = {
    "doctor": "D", "assistant": "D", "village-doctor": "D", "nurse": "N", "public-health": "G",
    "pharmacist": "Y", "technician": "J",
}  # fmt: skip
_BEGIN: Final = {"nurse": 22, "doctor": 26, "assistant": 24, "village-doctor": 25}
_TITLES: Final = {
    "doctor": ("主任医师", "副主任医师", "主治医师", "住院医师", "医士"),
    "assistant": ("主任医师", "副主任医师", "主治医师", "助理医师", "助理医师"),
    "public-health": ("主任医师", "副主任医师", "主管医师", "医师", "医士"),
    "nurse": ("主任护师", "副主任护师", "主管护师", "护师", "护士"),
    "pharmacist": ("主任药师", "副主任药师", "主管药师", "药师", "药士"),
    "technician": ("主任技师", "副主任技师", "主管技师", "技师", "技士"),
}
_SENIOR: Final = {  # share that ever reaches the second highest and the highest rank
    "city": (0.75, 0.4), "county": (0.55, 0.18), "zone": (0.4, 0.1), "grassroots": (0.24, 0.03),
}  # fmt: skip
_LICENCE_KIND: Final = {
    "doctor": "1", "assistant": "2", "nurse": "3", "pharmacist": "4", "technician": "5",
    "public-health": "6", "village-doctor": "7",
}  # fmt: skip
_NEEDS_LICENCE: Final = ("doctor", "assistant", "nurse", "village-doctor", "public-health")


class Post(msgspec.Struct, frozen=True, gc=False):
    """A post and who held it, in order of time; each begins on the day the last one left."""

    department: str
    role: str
    holders: tuple[Staff, ...]

    def holder(self, day: date) -> Staff:
        """Who holds it on that day; before the first and after the last day, the nearest."""
        for staff in self.holders:
            if staff.left is None or day < staff.left:
                return staff
        return self.holders[-1]


def held_posts(seed: int, institution: Institution) -> tuple[Post, ...]:
    """All posts of an institution with their holders, the same at every call."""
    random = stream(seed, "staff", institution.key)
    departments = {department.key: department for department in institution.departments}
    found = []
    number = 0
    for group in posts(institution):
        department = departments[group.department]
        for at in range(group.count):
            holders, number = _holders(
                random, institution, department, group.role, number, steady=at == 0
            )
            found.append(Post(group.department, group.role, holders))
    return tuple(found)


def _holders(
    random: Random, institution: Institution, department: Department, role: str, number: int,
    *, steady: bool,
) -> tuple[tuple[Staff, ...], int]:  # fmt: skip
    """Who holds a post, and the last number given out; a steady one's first stays to the end."""
    begin = YEARS[0]
    young = _BEGIN.get(role, 23)
    if role == "village-doctor":
        age = random.uniform(32, 53 if steady else 62)
    else:
        age = random.uniform(young + 1, 38) if steady else random.triangular(young, 58, 36)
    hired = begin - timedelta(days=round(min(random.expovariate(1 / 12), age - young) * 365.25))
    born = begin - timedelta(days=round(age * 365.25))
    found: list[Staff] = []
    while True:
        number += 1
        sex = "F" if random.random() < _WOMEN[role] else "M"
        left = _leaving(random, institution, role, sex, born, max(hired, begin))
        if steady and not found and left is not None and left < STEADY[1]:
            left = max(left, STEADY[1] + timedelta(days=random.randrange(700)))
        one = _member(random, institution, department, role, number, sex, born, hired, left)
        found.append(one)
        if one.left is None:
            return tuple(found), number
        hired = one.left
        age = young + random.random() * 3 + (random.random() * 14 if random.random() < 0.25 else 0)
        born = hired - timedelta(days=round(age * 365.25))


def _leaving(
    random: Random, institution: Institution, role: str, sex: str, born: date, since: date
) -> date | None:
    """Retirement (men 60, women 55, village doctors and clinics later) or a change before."""
    late = role == "village-doctor" or institution.owner == "private"
    years = (70 if late else 60 if sex == "M" else 55) + random.random()
    retired = born + timedelta(days=round(years * 365.25))
    changed = since + timedelta(days=round(random.expovariate(1 / 40) * 365.25))
    left = max(min(retired, changed), since + timedelta(days=200))
    return left if left < YEARS[1] else None


def _member(
    random: Random, institution: Institution, department: Department, role: str, number: int,
    sex: str, born: date, hired: date, left: date | None,
) -> Staff:  # fmt: skip
    if role == "village-doctor":
        role = _village_role(random, born.year)
    surname, given = staff_name(random, sex, born.year)
    category, scope = _practice(random, institution, department, role)
    serial = f"{institution.code[-4:]}{number:04d}"
    begun = min(hired, born + timedelta(days=365 * _BEGIN.get(role, 23) + 366))
    return Staff(
        f"{_LETTERS[role]}{serial}", surname, given, sex, born, institution.key, department.key,
        role, _title(random, institution, role, born.year), category, scope,
        f"MK{_LICENCE_KIND[role]}10{serial}" if role in _NEEDS_LICENCE else "",
        f"MKZ{_LICENCE_KIND[role]}{begun.year}{serial}" if role in _TITLES else "",
        begun, hired, left, _education(random, institution, role, born.year),
    )  # fmt: skip


def _village_role(random: Random, born: int) -> str:
    """Half of the younger ones are licensed doctors or assistants; few of the older are."""
    at = random.random()
    if born >= 1975:
        return "doctor" if at < 0.12 else "assistant" if at < 0.5 else "village-doctor"
    return "doctor" if at < 0.03 else "assistant" if at < 0.16 else "village-doctor"


def _title(random: Random, institution: Institution, role: str, born: int) -> str:
    """The rank that somebody of that age has reached: ten years for each of the higher ones."""
    if role == "village-doctor":
        return "乡村医生"
    years = REFERENCE.year - born - _BEGIN.get(role, 23)
    second, first = _SENIOR[institution.rank]
    at = random.random()
    if role == "assistant":
        rank = 3
    elif years > 20 and at < first:
        rank = 0
    elif years > 13 and at < second:
        rank = 1
    elif years > 6 + 3 * at:
        rank = 2
    else:
        rank = 3 if years > 2 or role == "doctor" else 4
    return _TITLES[role][rank]


def _education(random: Random, institution: Institution, role: str, born: int) -> str:
    """Code of GB/T 4658: 14 master, 21 bachelor, 31 college, 41 secondary school."""
    at = random.random()
    if role == "village-doctor":
        return "31" if at < 0.25 else "41"
    if role == "doctor" and institution.rank == "city":
        return "14" if at < (0.75 if born > 1980 else 0.3) else "21"
    if institution.rank == "grassroots" or role in ("nurse", "assistant"):
        return "21" if at < (0.55 if born > 1980 else 0.2) else "31" if at < 0.93 else "41"
    return "14" if at < 0.1 else "21" if at < 0.8 else "31"


_SCOPES: Final = {
    "02": "全科医学专业", "03": "内科专业", "04": "外科专业", "05": "妇产科专业",
    "06": "妇产科专业", "07": "儿科专业", "09": "儿科专业", "10": "眼耳鼻咽喉科专业",
    "11": "眼耳鼻咽喉科专业", "13": "皮肤病与性病专业", "15": "精神卫生专业",
    "16": "内科专业", "17": "内科专业", "19": "内科专业", "20": "急救医学专业",
    "21": "康复医学专业", "23": "职业病专业", "24": "内科专业", "26": "外科专业",
    "28": "重症医学科专业", "30": "医学检验、病理专业", "31": "医学检验、病理专业",
    "32": "医学影像和放射治疗专业", "01": "预防保健专业",
}  # fmt: skip
"""Scope of practice by medical subject (卫医发〔2001〕169号 and its supplements)."""


def _practice(
    random: Random, institution: Institution, department: Department, role: str
) -> tuple[str, str]:
    """Category and scope of the practice licence."""
    if role == "nurse":
        return "护理", ""
    if role == "public-health":
        return "公共卫生", "公共卫生类别专业"
    if role == "village-doctor":
        return "乡村医生", ""
    if role not in ("doctor", "assistant"):
        return "", ""
    subject = department.code[:2]
    if subject == "12":
        return "口腔", "口腔专业"
    at = random.random()
    if subject == "50":
        return ("中医", "中医专业") if at < 0.87 else ("临床", "内科专业")
    small = institution.rank == "grassroots"
    if small and department.key == "general" and at < 0.18:
        return "中医", "中医专业"
    if subject == "02" and small and at < 0.62:
        return "临床", "内科专业"
    if not subject:
        return "公共卫生", "公共卫生类别专业"
    return "临床", _SCOPES.get(subject, "内科专业")
