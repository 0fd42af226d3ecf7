"""A child's birth as the child's own papers have it: certificate and visits at home.

The forms HSDB01.01 (出生医学证明) and HSDB01.02 (新生儿家庭访视).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.desk import Desk, centre_desk, form, here, morning, open_day
from minkang.synth.lives.growth import Frame, frame_of, from_birth, weight_at
from minkang.synth.lives.life import Life, usual
from minkang.synth.lives.maternity_birth import birth_of
from minkang.synth.lives.maternity_course import Course, Newborn, delivery_of, newborn_of
from minkang.synth.record import LOCAL, Form, Person


class Child(msgspec.Struct, frozen=True, gc=False):
    """The child of a life: how it grows, and what is on record of its birth."""

    frame: Frame
    newborn: Newborn | None
    course: Course | None
    mother: Person | None
    father: Person | None


def child_of(life: Life) -> Child:
    """What is known of the life's person as a child."""
    person, seed = life.person, life.world.seed
    mother, father = life.member(person.mother), life.member(person.father)
    frame = frame_of(seed, person.key, person.sex)
    course = delivery_of(seed, mother, person.key)
    newborn = None
    if course is not None:
        newborn = newborn_of(seed, person.key, person.sex, course)
        frame = from_birth(frame, newborn.grams, newborn.length)
    return Child(frame, newborn, course, mother, father)


def birth_forms(life: Life, child: Child, course: Course, newborn: Newborn) -> Iterator[Form]:
    """The certificate of birth and the visits at home; a second one for the small and early."""
    random = life.stream("born")
    asked, late, day = random.random(), random.random(), life.person.birth
    birth = birth_of(life.world.seed, child.mother.key if child.mother else "", course)
    issued = open_day(day + timedelta(days=4 + int(late * late * 60)))
    number = certificate(life.person)
    if here(life, issued):
        yield _certificate(life, child, course, newborn, issued, birth.born, number)
    home = open_day(birth.admitted + timedelta(days=birth.nights + 2 + int(late * 5)))
    if asked < 0.97 and here(life, home):
        yield _visited(life, child, course, newborn, home, number, random)
        if newborn.weeks < 37 or newborn.grams < 2500:
            again = open_day(home + timedelta(days=9))
            if here(life, again):
                yield _visited(life, child, course, newborn, again, number, random)


def certificate(person: Person) -> str:
    """Number of the certificate of birth: the edition's letter, 37, seven digits that are theirs.

    The digits are month, day and serial of the ID number, so no two of a year are the same.
    """
    return f"{chr(78 + (person.birth.year - 2010) % 13)}37{person.id_number[10:17]}"


def _hospital(life: Life, course: Course) -> Desk:
    place = life.world.place
    hospital = place.institution(course.care, life.person.village, usual(life, course.care))
    staff = place.doctor(hospital, place.department(hospital, "obstetric"), 0.3)
    return Desk(hospital.key, hospital.name, staff.code, staff.name)


def hospital_of_birth(life: Life) -> str:
    """The name of the hospital in which the life's person was born, the usual one if unknown."""
    course = delivery_of(life.world.seed, life.member(life.person.mother), life.person.key)
    if course is not None:
        return _hospital(life, course).name
    return str(life.world.place.institution("mch", life.person.village, 0.0).name)


def born_at(life: Life) -> datetime | None:
    """The moment of birth, where mother and birth are on record."""
    child = life.person
    mother = life.member(child.mother)
    course = delivery_of(life.world.seed, mother, child.key)
    if mother is None or course is None:
        return None
    minute = birth_of(life.world.seed, mother.key, course).born
    day = child.birth
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=LOCAL)


def _parents(child: Child) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, parent in (("母亲", child.mother), ("父亲", child.father)):
        if parent is not None:
            found |= {
                f"{word}姓名": parent.name,
                f"{word}身份证号": parent.id_number,
                f"{word}出生日期": parent.birth.isoformat(),
                f"{word}电话": parent.phone,
                f"{word}住址": parent.address,
            }
    return found


def _certificate(
    life: Life, child: Child, course: Course, newborn: Newborn, day: date, minute: int, number: str
) -> Form:
    desk = _hospital(life, course)
    bearer = child.father or child.mother
    values = {
        "出生医学证明编号": number,
        "签发日期": day.isoformat(),
        "出生时间": f"{life.person.birth.isoformat()} {minute // 60:02d}:{minute % 60:02d}:00",
        "出生地": "山东省威海市",
        "出生地点类别": "2" if course.care == "mch" else "1",
        "接生机构名称": desk.name,
        "接生人员姓名": desk.doctor_name,
        "接生人员类别": "1",
        "出生孕周": str(int(newborn.weeks)),
        "出生体重": str(newborn.grams),
        "出生身长": f"{newborn.length:.1f}",
        "健康状况": "良好" if newborn.apgar[0] >= 8 and newborn.weeks >= 36 else "一般",
        **_parents(child),
        "领证人姓名": bearer.name if bearer else "",
        "领证人与新生儿关系": "父子" if life.person.sex == "M" else "父女",
        "签发机构名称": desk.name,
    }
    if bearer is child.mother:
        values["领证人与新生儿关系"] = "母子" if life.person.sex == "M" else "母女"
    for word, parent in (("母亲", child.mother), ("父亲", child.father)):
        if parent is not None:
            values[f"{word}民族"] = parent.nation
            values[f"{word}国籍"] = "中国"
    return form(life, desk, morning(life.stream("certificate"), day), "birth_certificate", values)


def _visited(
    life: Life, child: Child, course: Course, newborn: Newborn, day: date, number: str,
    random: Random,
) -> Form:  # fmt: skip
    desk = centre_desk(life, "child-health")
    days = (day - life.person.birth).days
    yellow = newborn.jaundice > 235 and days < 14
    values = {
        "出生医学证明编号": number,
        "本次访视日期": day.isoformat(),
        "家庭住址": life.person.address,
        **_parents(child),
        "母亲职业": child.mother.occupation if child.mother else "",
        "父亲职业": child.father.occupation if child.father else "",
        **_of_birth(life, course, newborn, random),
        **_of_day(child, newborn, days, random),
        "面色": "2" if yellow else "1",
        "黄疸部位": ("2、3" if newborn.jaundice > 262 else "2") if yellow else "1",
        "指导": "1、2、3、4、5",
        "下次随访地点": desk.name,
        "下次随访日期": (life.person.birth + timedelta(days=30)).isoformat(),
        "随访医生签名": desk.doctor_name,
    }
    if "尿道" in newborn.malformation:
        values["外生殖器"] = newborn.malformation
    if newborn.jaundice > 262 and yellow:
        hospital = life.world.place.institution("mch", life.person.village, 0.0)
        values["转诊原因"] = "黄疸较重"
        values["转诊机构及科别"] = f"{hospital.name}新生儿科"
    return form(life, desk, morning(random, day), "newborn_visit", values)


def _of_birth(life: Life, course: Course, newborn: Newborn, random: Random) -> dict[str, str]:
    """What is copied from the hospital's papers."""
    way = {"vaginal": "1", "forceps": "3", "caesarean": "4"}[course.mode or "vaginal"]
    return {
        "出生孕周": str(int(newborn.weeks)),
        "母亲妊娠期患病情况": "2" if course.diabetes else "3" if course.pressure else "1",
        "助产机构名称": _hospital(life, course).name,
        "出生情况": way + ("、5" if course.twins else "") + ("、6" if course.breech else ""),
        "新生儿窒息": "2" if newborn.apgar[0] < 8 else "1",
        "Apgar评分1分钟": str(newborn.apgar[0]),
        "Apgar评分5分钟": str(newborn.apgar[1]),
        "Apgar评分10分钟": str(newborn.apgar[2]),
        "畸形": "2" if newborn.malformation else "1",
        "畸形描述": newborn.malformation,
        "新生儿听力筛查": "1" if newborn.hearing else "2",
        "新生儿疾病筛查": newborn.metabolic or ("2" if random.random() < 0.993 else "1"),
        "出生体重": str(newborn.grams),
        "出生身长": f"{newborn.length:.1f}",
    }


def _of_day(child: Child, newborn: Newborn, days: int, random: Random) -> dict[str, str]:
    """What is seen and measured at home; the newborn loses weight before it gains."""
    thriving = weight_at(child.frame, days) * 1000
    grams = thriving if days > 9 else newborn.grams * (0.95 + 0.012 * days)
    return {
        "目前体重": str(round(grams / 10) * 10),
        "喂养方式": newborn.fed,
        "吃奶量": str(round(random.gauss(58, 9) / 5) * 5),
        "吃奶次数": str(random.randint(7, 11)),
        "呕吐": "1" if random.random() < 0.97 else "2",
        "大便": "1" if random.random() < 0.93 else "2",
        "大便次数": str(random.randint(2, 6)),
        "体温": f"{random.gauss(36.7, 0.2):.1f}",
        "心率": str(round(random.gauss(136, 7))),
        "呼吸频率": str(round(random.gauss(43, 3))),
        "前囟长": f"{max(1.0, random.gauss(1.8, 0.25)):.1f}",
        "前囟宽": f"{max(1.0, random.gauss(1.8, 0.25)):.1f}",
        "前囟状况": "1",
        **dict.fromkeys(_LOOKED_AT, "未见异常"),
        "颈部包块": "无",
        "脐带": "2" if days > 8 or random.random() < 0.4 else "1",
    }


_LOOKED_AT: Final = ("眼睛", "耳外观", "鼻", "口腔", "心肺听诊", "腹部触诊", "四肢活动度", "皮肤",
                     "肛门", "胸部", "脊柱", "外生殖器")  # fmt: skip
