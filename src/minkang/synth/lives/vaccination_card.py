"""The vaccination card (预防接种卡, HSDB03.01): a dose as the centre's desk writes it down."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.desk import Desk, form
from minkang.synth.lives.life import Life
from minkang.synth.lives.vaccines import VACCINES, lot_of
from minkang.synth.record import Form

_MINUTES: Final = tuple(timedelta(minutes=2 * n) for n in range(6))


class Given(msgspec.Struct, frozen=True, gc=False):
    """A dose that was given: of which vaccine, the how manieth, on which day, with what remark."""

    vaccine: str
    dose: int
    day: date
    remark: str = ""
    where: str = ""  # name of another institution that gave it (the hospital of birth)


class Card(msgspec.Struct, frozen=True, gc=False):
    """What every entry of one resident's card repeats."""

    desk: Desk
    common: dict[str, str]


def card_of(life: Life, desk: Desk) -> Card:
    """The head of the resident's card; a child's names its guardian."""
    person = life.person
    common = {
        "联系电话": person.phone,
        "家庭现住址": person.address,
        "户籍地址": person.former_address or person.address,
        "疫苗异常反应史": "1",
    }
    if life.age(life.begin) < 18:
        guardian = life.member(person.mother) or life.member(person.father)
        if guardian is not None:
            common["监护人姓名"] = guardian.name
            common["与儿童关系"] = "母亲" if guardian.sex == "F" else "父亲"
            common["联系电话"] = guardian.phone
    if person.arrived is not None and person.arrived > person.birth:
        common["迁入时间"] = person.arrived.isoformat()
    return Card(desk, common)


def entry(
    life: Life, card: Card, given: Given, at: datetime, place: int, reaction: str = ""
) -> Form:
    """The card's entry of a dose; `place` counts the doses of that visit, so that arms alternate.

    `reaction` describes an earlier abnormal reaction, if there was one.
    """
    vaccine = VACCINES[given.vaccine]
    lot = lot_of(life.world.seed, given.vaccine, card.desk.institution, given.day)
    side = "" if vaccine.route == "口服" else ("左" if place % 2 == 0 else "右")
    values = {
        "接种日期": given.day.isoformat(),
        **card.common,
        "疫苗名称": vaccine.name,
        "剂次": str(given.dose),
        "接种剂量": vaccine.dose,
        "接种部位": side + vaccine.site,
        "接种途径": vaccine.route,
        "疫苗批号": lot.number,
        "疫苗有效期": lot.expires.isoformat(),
        "生产企业": lot.maker,
        "接种单位": given.where or card.desk.name + "预防接种门诊",
        "接种者签名": card.desk.doctor_name,
        "备注": f"{vaccine.product}；{given.remark}" if given.remark else vaccine.product,
    }
    if reaction:
        values["疫苗异常反应史"] = "2"
        values["疫苗异常反应史描述"] = reaction
    return form(life, card.desk, at + _MINUTES[min(place, 5)], "immunization", values)


def feverish(random: Random, given: Given) -> float | None:
    """Degrees of the fever of the night after, where there is one worth a doctor's visit."""
    if random.random() >= VACCINES[given.vaccine].fever:
        return None
    return round(38.6 + min(1.4, random.expovariate(2.5)), 1)
