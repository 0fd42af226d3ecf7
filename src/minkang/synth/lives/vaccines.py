"""What is vaccinated with: vaccines, the national schedule by its editions, makers and lots.

The schedule is that of the national immunisation programme, edition of 2021, with what held before
and after: one dose of inactivated polio vaccine until the end of 2019, measles-rubella at eight
months until June 2020, pertussis at two, four, six, eighteen months and six years for those born
since 2025, papilloma virus for girls of thirteen since 10 November 2025. Names are those of the
table CV08.50.001 where it has one. Makers are invented.
"""

from datetime import date, timedelta
from functools import cache
from typing import Final

import msgspec

from minkang.synth.draws import share


class Vaccine(msgspec.Struct, frozen=True, gc=False):
    """A vaccine as the desk writes it down.

    `name` is its row of CV08.50.001 or, where there is none, its usual name; `product` the name on
    the box. `gap` is the least number of days between two doses.
    """

    key: str
    name: str
    product: str
    dose: str = "0.5 mL"
    route: str = "肌内注射"
    site: str = "上臂三角肌"
    gap: int = 28
    programme: bool = True
    fever: float = 0.01  # of doses after which a fever of 38.6 and more is seen


VACCINES: Final = {
    vaccine.key: vaccine
    for vaccine in (
        Vaccine(
            "hepb",
            "乙型肝炎疫苗",
            "重组乙型肝炎疫苗（酿酒酵母）",
            site="上臂外侧三角肌",
            fever=0.002,
        ),
        Vaccine(
            "bcg",
            "结核疫苗",
            "皮内注射用卡介苗",
            "0.1 mL",
            "皮内注射",
            "上臂三角肌中部略下处",
            fever=0.0,
        ),
        Vaccine(
            "ipv",
            "脊髓灰质炎疫苗",
            "脊髓灰质炎灭活疫苗（Sabin株）",
            site="上臂外侧三角肌",
            fever=0.006,
        ),
        Vaccine(
            "opv",
            "脊髓灰质炎疫苗",
            "口服Ⅰ型Ⅲ型脊髓灰质炎减毒活疫苗",
            "0.1 mL",
            "口服",
            "口腔",
            fever=0.002,
        ),
        Vaccine(
            "dtap",
            "白喉百日咳破伤风疫苗",
            "吸附无细胞百白破联合疫苗",
            site="上臂外侧三角肌",
            fever=0.022,
        ),
        Vaccine("dt", "白喉破伤风疫苗", "吸附白喉破伤风联合疫苗", site="上臂三角肌", fever=0.008),
        Vaccine(
            "mr",
            "麻疹风疹疫苗",
            "麻疹风疹联合减毒活疫苗",
            "0.5 mL",
            "皮下注射",
            "上臂外侧下缘",
            fever=0.02,
        ),
        Vaccine(
            "mmr",
            "麻疹流行性腮腺炎风疹疫苗",
            "麻腮风联合减毒活疫苗",
            "0.5 mL",
            "皮下注射",
            "上臂外侧下缘",
            fever=0.025,
        ),
        Vaccine(
            "je",
            "乙型脑炎疫苗",
            "乙型脑炎减毒活疫苗",
            "0.5 mL",
            "皮下注射",
            "上臂外侧下缘",
            fever=0.008,
        ),
        Vaccine(
            "mena",
            "脑膜炎球菌疫苗",
            "A群脑膜炎球菌多糖疫苗",
            "0.5 mL",
            "皮下注射",
            "上臂外侧三角肌下缘",
            84,
            fever=0.01,
        ),
        Vaccine(
            "menac",
            "脑膜炎球菌疫苗",
            "A群C群脑膜炎球菌多糖疫苗",
            "0.5 mL",
            "皮下注射",
            "上臂外侧三角肌下缘",
            1095,
            fever=0.008,
        ),
        Vaccine(
            "hepa",
            "甲型肝炎疫苗",
            "甲型肝炎减毒活疫苗",
            "0.5 mL",
            "皮下注射",
            "上臂外侧三角肌下缘",
            fever=0.006,
        ),
        Vaccine(
            "hpv2", "人类乳头瘤病毒疫苗", "双价人乳头瘤病毒疫苗（大肠杆菌）", gap=150, fever=0.005
        ),
        Vaccine(
            "hpv9",
            "人类乳头瘤病毒疫苗",
            "九价人乳头瘤病毒疫苗（酿酒酵母）",
            gap=56,
            programme=False,
            fever=0.006,
        ),
        Vaccine(
            "penta",
            "五联疫苗",
            "吸附无细胞百白破灭活脊髓灰质炎和b型流感嗜血杆菌（结合）联合疫苗",
            site="大腿前外侧中部",
            programme=False,
            fever=0.02,
        ),
        Vaccine(
            "hib",
            "流感嗜血杆菌疫苗",
            "b型流感嗜血杆菌结合疫苗",
            site="大腿前外侧中部",
            programme=False,
            fever=0.008,
        ),
        Vaccine(
            "pcv13",
            "肺炎球菌疫苗",
            "13价肺炎球菌多糖结合疫苗",
            site="大腿前外侧中部",
            programme=False,
            fever=0.02,
        ),
        Vaccine(
            "ppv23", "肺炎球菌疫苗", "23价肺炎球菌多糖疫苗", programme=False, gap=1825, fever=0.006
        ),
        Vaccine(
            "rota",
            "轮状病毒疫苗",
            "口服五价重配轮状病毒减毒活疫苗（Vero细胞）",
            "2 mL",
            "口服",
            "口腔",
            programme=False,
            fever=0.005,
        ),
        Vaccine(
            "varicella",
            "水痘疫苗",
            "水痘减毒活疫苗",
            "0.5 mL",
            "皮下注射",
            "上臂外侧三角肌下缘",
            1000,
            False,
            0.008,
        ),
        Vaccine(
            "ev71",
            "肠道病毒71型疫苗",
            "肠道病毒71型灭活疫苗（人二倍体细胞）",
            programme=False,
            fever=0.01,
        ),
        Vaccine(
            "flu-child",
            "流行性感冒疫苗",
            "四价流感病毒裂解疫苗（儿童型）",
            "0.25 mL",
            gap=28,
            programme=False,
            fever=0.008,
        ),
        Vaccine(
            "flu", "流行性感冒疫苗", "四价流感病毒裂解疫苗", gap=300, programme=False, fever=0.004
        ),
        Vaccine(
            "zoster",
            "带状疱疹疫苗",
            "重组带状疱疹疫苗（CHO细胞）",
            gap=60,
            programme=False,
            fever=0.02,
        ),
        Vaccine(
            "covid-vero",
            "新型冠状病毒疫苗",
            "新型冠状病毒灭活疫苗（Vero细胞）",
            gap=21,
            fever=0.003,
        ),
        Vaccine(
            "covid-cho", "新型冠状病毒疫苗", "重组新型冠状病毒疫苗（CHO细胞）", gap=28, fever=0.003
        ),
        Vaccine(
            "covid-ad5",
            "新型冠状病毒疫苗",
            "重组新型冠状病毒疫苗（5型腺病毒载体）",
            gap=180,
            fever=0.01,
        ),
    )
}

_MAKERS: Final = (
    "云帆生物制品有限公司", "海岳生物药业有限公司", "澄宇疫苗股份有限公司",
    "望潮生物科技有限公司", "松原岭生物制药有限公司",
)  # fmt: skip


class Due(msgspec.Struct, frozen=True, gc=False):
    """A dose of the programme and the age in months at which it is due."""

    vaccine: str
    dose: int
    months: float


_NEW_PERTUSSIS: Final = date(2025, 1, 1)
_TWO_INACTIVATED: Final = date(2019, 11, 1)
_TWO_MMR: Final = date(2019, 10, 1)

_SAME_FOR_ALL: Final = (
    Due("hepb", 1, 0), Due("bcg", 1, 0), Due("hepb", 2, 1), Due("ipv", 1, 2), Due("hepb", 3, 6),
    Due("mena", 1, 6), Due("mena", 2, 9), Due("je", 1, 8), Due("hepa", 1, 18),
    Due("je", 2, 24), Due("menac", 3, 36), Due("opv", 4, 48), Due("menac", 4, 72),
)  # fmt: skip


def programme(birth: date) -> tuple[Due, ...]:
    """The doses of the national programme for a child born that day, by age; girls' HPV apart.

    The number of a dose counts within its row of the card: polio vaccines of both kinds go on from
    each other, and so do the two meningococcal vaccines.
    """
    return _edition(
        birth >= _TWO_INACTIVATED,
        birth >= _TWO_MMR,
        birth + timedelta(days=2192) >= _NEW_PERTUSSIS,
        birth >= _NEW_PERTUSSIS,
    )


@cache
def _edition(
    inactivated: bool, mumps_early: bool, pertussis_at_six: bool, newest: bool
) -> tuple[Due, ...]:
    second = Due("ipv" if inactivated else "opv", 2, 3)
    if mumps_early:
        measles = (Due("mmr", 1, 8), Due("mmr", 2, 18))
    else:
        measles = (Due("mr", 1, 8), Due("mmr", 1, 18))
    if newest:
        pertussis = tuple(Due("dtap", n + 1, m) for n, m in enumerate((2, 4, 6, 18, 72)))
    else:
        last = Due("dtap", 5, 72) if pertussis_at_six else Due("dt", 1, 72)
        pertussis = (*(Due("dtap", n + 1, m) for n, m in enumerate((3, 4, 5, 18))), last)
    doses = (*_SAME_FOR_ALL, second, Due("opv", 3, 4), *measles, *pertussis)
    return tuple(sorted(doses, key=lambda due: (due.months, due.vaccine)))


GIRLS_FROM: Final = date(2025, 11, 10)
"""Since then girls get the papilloma virus vaccine at 13, if born since that day of 2011."""


class Lot(msgspec.Struct, frozen=True, gc=False):
    """A batch in the refrigerator: number, last day of use, maker."""

    number: str
    expires: date
    maker: str


def lot_of(seed: int, vaccine: str, centre: str, day: date) -> Lot:
    """The batch that this centre used on that day: one for a quarter of a year, of one maker."""
    return _lot(seed, vaccine, centre, day.year * 4 + (day.month - 1) // 3)


@cache
def _lot(seed: int, vaccine: str, centre: str, quarter: int) -> Lot:
    maker = int(share(seed, "maker", vaccine, quarter // 8) * len(_MAKERS))
    twin = int(share(seed, "lot", vaccine, centre, quarter) * 3)  # three batches go round the city
    pick = share(seed, "lot", vaccine, quarter, twin)
    begun = date(quarter // 4, quarter % 4 * 3 + 1, 1) - timedelta(days=90 + int(pick * 200))
    number = f"{begun:%Y%m}{chr(65 + maker)}{int(pick * 900) % 90 + 10:02d}"
    return Lot(number, begun + timedelta(days=729), _MAKERS[maker])
