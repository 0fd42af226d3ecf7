"""Kinds of institutions: class of the national classification, profile of departments, staffing.

Classes are those of WS 218-2002 (卫生机构（组织）分类与代码); O000 stands for all others.
How many staff a bed needs follows the Weihai plan for medical institutions (table 1, base year
2020: 0.53 doctors and 0.57 nurses to a bed over the whole city); the city's hospitals have more
than the counties', private ones fewer.
"""

from typing import Final

import msgspec


class Kind(msgspec.Struct, frozen=True, gc=False):
    """What all institutions of a kind have in common.

    Staff is `per_bed` (doctors, nurses, pharmacists, technicians) for hospitals, and `fixed` of
    the same, with public-health staff fifth, for those without beds to speak of.
    """

    name: str
    code: str
    profile: str
    per_bed: tuple[float, float, float, float] = (0, 0, 0, 0)
    fixed: tuple[float, float, float, float, float] = (0, 0, 0, 0, 0)
    hospital: bool = False


_CITY: Final = (0.465, 0.62, 0.045, 0.075)
_COUNTY: Final = (0.425, 0.55, 0.05, 0.07)
_SOCIETY: Final = (0.27, 0.36, 0.045, 0.045)

KINDS: Final = {
    "city-general": Kind("综合医院", "A100", "city-general", _CITY, hospital=True),
    "county-general": Kind("综合医院", "A100", "county-general", _COUNTY, hospital=True),
    "small-general": Kind("综合医院", "A100", "small-general", _COUNTY, hospital=True),
    "tcm-hospital": Kind("中医医院", "A210", "tcm", _CITY, hospital=True),
    "county-tcm": Kind("中医医院", "A210", "tcm", _COUNTY, hospital=True),
    "bone-hospital": Kind("中医骨伤医院", "A222", "bone", _CITY, hospital=True),
    "mental-hospital": Kind("精神病医院", "A520", "mental", (0.22, 0.5, 0.03, 0.03), hospital=True),
    "infectious-hospital": Kind(
        "传染病医院", "A521", "infectious", (0.38, 0.6, 0.04, 0.08), hospital=True
    ),
    "private-general": Kind("综合医院", "A100", "small-general", _SOCIETY, hospital=True),
    "private-tcm": Kind("中医医院", "A210", "small-tcm", _SOCIETY, hospital=True),
    "small-mental": Kind("精神病医院", "A520", "mental", (0.14, 0.3, 0.03, 0.02), hospital=True),
    "eye-hospital": Kind("眼科医院", "A512", "eye", (0.4, 0.6, 0.04, 0.1), hospital=True),
    "dental-hospital": Kind("口腔医院", "A511", "dental", (1.1, 1.2, 0.03, 0.1), hospital=True),
    "women-hospital": Kind("妇产医院", "A518", "women", (0.33, 0.5, 0.04, 0.06), hospital=True),
    "rehabilitation-hospital": Kind(
        "康复医院", "A527", "rehabilitation", (0.2, 0.3, 0.03, 0.12), hospital=True
    ),
    "nursing-hospital": Kind("护理院", "A710", "nursing", (0.12, 0.25, 0.02, 0.01), hospital=True),
    "mch-hospital": Kind("妇幼保健院", "G100", "mch", (0.55, 0.75, 0.045, 0.1)),
    "township-centre": Kind("乡镇卫生院", "C220", "centre"),
    "community-centre": Kind("社区卫生服务中心", "B100", "centre"),
    "community-station": Kind("社区卫生服务站", "B200", "station", fixed=(4, 4, 1, 0, 1)),
    "village-room": Kind("村卫生室", "D600", "room"),
    "outpatient-department": Kind("门诊部", "D100", "outpatient", fixed=(5, 4, 1, 1, 0)),
    "clinic": Kind("普通诊所", "D211", "clinic", fixed=(1.3, 0.6, 0.1, 0, 0)),
    "tcm-clinic": Kind("中医诊所", "D212", "tcm-clinic", fixed=(1.3, 0.3, 0.3, 0, 0)),
    "dental-clinic": Kind("口腔诊所", "D215", "dental-clinic", fixed=(1.6, 1.2, 0, 0.1, 0)),
    "infirmary": Kind("医务室", "D400", "clinic", fixed=(0.9, 0.3, 0, 0, 0)),
    "cdc": Kind("疾病预防控制中心", "J100", "cdc"),
    "health-supervision": Kind("卫生监督所", "K100", "office"),
    "blood-station": Kind("中心血站", "F120", "blood-station", fixed=(14, 55, 0, 26, 8)),
    "emergency-centre": Kind("急救中心", "E100", "emergency-centre", fixed=(22, 28, 0, 0, 16)),
    "specialised-institute": Kind("专科疾病防治所", "H100", "office", fixed=(14, 8, 2, 4, 6)),
    "family-planning": Kind("计划生育技术服务机构", "O000", "office", fixed=(3, 2, 0.5, 1, 2)),
    "laboratory-centre": Kind("临床检验中心", "O000", "office", fixed=(1, 1, 0, 12, 0)),
    "check-up-centre": Kind("健康体检中心", "D110", "office", fixed=(8, 10, 0, 5, 0)),
    "dialysis-centre": Kind("血液透析中心", "D110", "office", fixed=(3, 10, 1, 1, 0)),
    "sanatorium": Kind("疗养院", "A600", "office", fixed=(8, 12, 2, 2, 0)),
    "health-office": Kind("卫生统计信息中心", "O000", "office", fixed=(0, 0, 0, 0, 8)),
}

PROFESSIONAL_PUBLIC_HEALTH: Final = frozenset(
    ("cdc", "health-supervision", "mch-hospital", "blood-station", "emergency-centre",
     "specialised-institute", "family-planning")
)  # fmt: skip
PRIMARY: Final = frozenset(
    ("township-centre", "community-centre", "community-station", "village-room",
     "outpatient-department", "clinic", "tcm-clinic", "dental-clinic", "infirmary")
)  # fmt: skip
OTHER: Final = frozenset(
    ("laboratory-centre", "check-up-centre", "dialysis-centre", "sanatorium", "health-office")
)
