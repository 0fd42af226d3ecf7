"""Notifiable diseases of China: class and time limit of reporting, as they were on any day.

The list of the law on infectious diseases (since 2004-12-01), with every change announced since
(the newest of 2026-04-01); the time limits of 传染病信息报告管理规范 (2015 edition, in force since
2016-01-01, and 2026 edition): two hours for class A and what is managed as A, 24 hours for the
others. Earlier limits differed by place and are not given.
"""

from functools import cache
from typing import Literal

import msgspec

from minkang.terminology.code_system import CodeSystem
from minkang.terminology.concepts import Detail, Head, PropertyValue, is_in_force

DiseaseClass = Literal["甲", "乙", "丙"]

HEAD = Head(
    url="urn:minkang:cs:notifiable",
    short="notifiable",
    title="法定传染病",
    version="2026-04-01",
    standard="中华人民共和国传染病防治法",
    since="2004-12-01",
    hierarchy="explicit",
    note="Codes are the platform's own, as a disease keeps its code when its class changes.",
)

_LIMITS_SINCE = "2016-01-01"
_AT_ONCE, _IN_A_DAY = 2, 24


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A disease as the list had it for some time.

    Attributes:
        code: the platform's code; the same through all changes.
        display: name in the list.
        disease_class: 甲 (A), 乙 (B), 丙 (C).
        managed_as_a: class B, but with the measures of class A.
        since, until: first and last day (ISO dates); None: still.
        card: code on the report card, where known.
        table: code in CV05.01.017 (WS 364.10-2011), where it has one.
        parent: the disease of which this is a form.
    """

    code: str
    display: str
    disease_class: DiseaseClass
    managed_as_a: bool = False
    since: str
    until: str | None = None
    card: str | None = None
    table: str | None = None
    parent: str | None = None

    def report_hours(self, on: str) -> int | None:
        """Hours within which a case found on a day is to be reported; None before 2016."""
        if on < _LIMITS_SINCE:
            return None
        return _AT_ONCE if self.disease_class == "甲" or self.managed_as_a else _IN_A_DAY


# code, display, class (+: managed as A), since, until, card, CV05.01.017, parent
_LIST = """
plague 鼠疫 甲 2004-12-01 - 0100 101 -
cholera 霍乱 甲 2004-12-01 - 0200 102 -
sars 传染性非典型肺炎 乙+ 2004-12-01 - 2700 201 -
aids 艾滋病 乙 2004-12-01 - 0600 202 -
viral-hepatitis 病毒性肝炎 乙 2004-12-01 - 0300 203 -
hepatitis-a 甲型病毒性肝炎 乙 2004-12-01 - 0301 2031 viral-hepatitis
poliomyelitis 脊髓灰质炎 乙 2004-12-01 - 0900 204 -
avian-influenza 人感染高致病性禽流感 乙+ 2004-12-01 2013-10-31 - 205 -
avian-influenza 人感染高致病性禽流感 乙 2013-11-01 2025-08-31 - 205 -
measles 麻疹 乙 2004-12-01 - 1000 207 -
haemorrhagic-fever 流行性出血热 乙 2004-12-01 - 1500 208 -
rabies 狂犬病 乙 2004-12-01 - 1600 209 -
japanese-encephalitis 流行性乙型脑炎 乙 2004-12-01 - 2100 210 -
dengue 登革热 乙 2004-12-01 - 2400 211 -
anthrax 炭疽 乙 2004-12-01 - 1900 212 -
pulmonary-anthrax 肺炭疽 乙+ 2004-12-01 - 1901 2121 anthrax
dysentery 细菌性和阿米巴性痢疾 乙 2004-12-01 - 0400 213 -
pulmonary-tuberculosis 肺结核 乙 2004-12-01 - 2600 214 -
typhoid 伤寒和副伤寒 乙 2004-12-01 - 0500 215 -
meningococcal-meningitis 流行性脑脊髓膜炎 乙 2004-12-01 - - 216 -
pertussis 百日咳 乙 2004-12-01 - - 217 -
diphtheria 白喉 乙 2004-12-01 - - 218 -
neonatal-tetanus 新生儿破伤风 乙 2004-12-01 - - 219 -
scarlet-fever 猩红热 乙 2004-12-01 - - 220 -
brucellosis 布鲁氏菌病 乙 2004-12-01 - - 221 -
gonorrhoea 淋病 乙 2004-12-01 - - 222 -
syphilis 梅毒 乙 2004-12-01 - - 223 -
leptospirosis 钩端螺旋体病 乙 2004-12-01 - - 224 -
schistosomiasis 血吸虫病 乙 2004-12-01 - - 225 -
malaria 疟疾 乙 2004-12-01 - - 226 -
influenza 流行性感冒 丙 2004-12-01 - 3500 301 -
mumps 流行性腮腺炎 丙 2004-12-01 - 3600 302 -
rubella 风疹 丙 2004-12-01 - 3700 303 -
haemorrhagic-conjunctivitis 急性出血性结膜炎 丙 2004-12-01 - 3800 304 -
leprosy 麻风病 丙 2004-12-01 - 3400 305 -
typhus 流行性和地方性斑疹伤寒 丙 2004-12-01 - 2000 306 -
kala-azar 黑热病 丙 2004-12-01 - 2200 307 -
echinococcosis 包虫病 丙 2004-12-01 - 3300 308 -
filariasis 丝虫病 丙 2004-12-01 - 3200 309 -
other-diarrhoea 其他感染性腹泻病 丙 2004-12-01 - 3900 310 -
hand-foot-mouth 手足口病 丙 2008-05-02 - 4000 311 -
influenza-h1n1 甲型H1N1流感 乙 2009-04-30 2013-10-31 - 206 -
avian-influenza-h7n9 人感染H7N9禽流感 乙 2013-11-01 2025-08-31 - - -
covid-19 新型冠状病毒感染 乙+ 2020-01-20 2023-01-07 - - -
covid-19 新型冠状病毒感染 乙 2023-01-08 - - - -
mpox 猴痘 乙 2023-09-20 - - - -
novel-influenza 人感染新亚型流感 乙 2025-09-01 - - - -
chikungunya 基孔肯雅热 乙 2026-04-01 - - - -
severe-fever-thrombocytopenia 发热伴血小板减少综合征 乙 2026-04-01 - - - -
"""
_SUCCESSORS = {
    "avian-influenza": ("novel-influenza",),
    "avian-influenza-h7n9": ("novel-influenza",),
    "influenza-h1n1": ("influenza",),
}


@cache
def history() -> tuple[Listed, ...]:
    """Every entry that the list ever had, by the order of the list."""
    made = []
    for line in _LIST.strip().splitlines():
        code, display, disease_class, since, *rest = line.split(" ")
        until, card, table, parent = (None if part == "-" else part for part in rest)
        made.append(
            Listed(
                code=code,
                display=display,
                disease_class=_class_of(disease_class),
                managed_as_a=disease_class.endswith("+"),
                since=since,
                until=until,
                card=card,
                table=table,
                parent=parent,
            )
        )
    return tuple(made)


def listed(on: str) -> tuple[Listed, ...]:
    """The list as it was on a day (ISO date); forms of a disease stand beside it."""
    return tuple(one for one in history() if is_in_force(one.since, one.until, on))


def notifiable(code: str, on: str) -> Listed | None:
    """What the list said about a disease on a day; None if it did not stand there."""
    return next((one for one in listed(on) if one.code == code), None)


def code_system() -> CodeSystem:
    """The list as a code system; what changes with time is asked for by the day."""
    rows: dict[str, list[Listed]] = {}
    for one in history():
        rows.setdefault(one.code, []).append(one)
    details = {
        code: Detail(
            since=listed_as[0].since,
            until=listed_as[-1].until,
            successors=_SUCCESSORS.get(code, ()),
            parent=listed_as[0].parent,
        )
        for code, listed_as in rows.items()
    }
    displays = [listed_as[-1].display for listed_as in rows.values()]
    return CodeSystem(HEAD, list(rows), displays, details=details, dated=_properties)


def _properties(code: str, on: str) -> tuple[tuple[str, PropertyValue], ...]:
    one = notifiable(code, on)
    if one is None:
        return ()
    made: list[tuple[str, PropertyValue]] = [
        ("class", one.disease_class),
        ("managed-as-class-a", one.managed_as_a),
    ]
    if (hours := one.report_hours(on)) is not None:
        made.append(("report-hours", hours))
    if one.card:
        made.append(("card-code", one.card))
    if one.table:
        made.append(("cv05.01.017", one.table))
    return tuple(made)


def _class_of(text: str) -> DiseaseClass:
    known: dict[str, DiseaseClass] = {"甲": "甲", "乙": "乙", "丙": "丙"}
    return known[text[0]]
