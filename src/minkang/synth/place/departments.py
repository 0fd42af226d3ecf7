"""Which departments an institution of each kind has, and how its beds and staff spread over them.

A profile is a list of rows: key, name, subject (诊疗科目 code, empty for those that need none),
specialties served, and weights of beds and of doctors. Weights follow the usual make-up of Chinese
hospitals (intensive care 2-4 % of beds, rehabilitation 2-3 %, emergency observation 2 %), so that
the region comes near the plan's intensive and rehabilitation beds per 1,000 (Weihai plan for
medical institutions, table 1: 0.12 and 0.14 in 2020).
"""

from typing import Final

from minkang.synth.place.entities import Department
from minkang.synth.place.subjects import SUBJECTS

Row = tuple[str, str, str, str, float, float]

_TECHNICAL: Final = frozenset(
    ("laboratory", "imaging", "ultrasound", "ecg", "pathology", "pharmacy", "transfusion", "office")
)

_DIAGNOSTICS: Final[tuple[Row, ...]] = (
    ("laboratory", "检验科", "30", "laboratory", 0, 0.6),
    ("imaging", "医学影像科", "32", "imaging", 0, 4.5),
    ("ultrasound", "超声医学科", "32.05", "ultrasound", 0, 3),
    ("ecg", "心电功能科", "32.06", "ecg", 0, 1.2),
    ("pathology", "病理科", "31", "pathology", 0, 1),
    ("transfusion", "输血科", "30.01", "transfusion", 0, 0.2),
    ("pharmacy", "药学部", "", "pharmacy", 0, 0),
)

_CITY_GENERAL: Final[tuple[Row, ...]] = (
    ("general", "全科医学科", "02", "general internal", 2, 2),
    ("cardiac", "心血管内科", "03.04", "cardiac", 9, 7),
    ("respiratory", "呼吸与危重症医学科", "03.01", "respiratory", 7, 5),
    ("endocrine", "内分泌科", "03.07", "endocrine", 4, 3),
    ("renal", "肾内科", "03.06", "renal", 4, 3),
    ("digestive", "消化内科", "03.02", "digestive endoscopy", 5, 5),
    ("neurology", "神经内科", "03.03", "neurology", 9, 6),
    ("haematology", "血液内科", "03.05", "blood", 2, 2),
    ("rheumatic", "风湿免疫科", "03.08", "rheumatic", 2, 1.5),
    ("geriatric", "老年医学科", "03.10", "geriatric", 3, 2),
    ("oncology", "肿瘤科", "19", "oncology", 7, 5),
    ("infectious", "感染性疾病科", "16", "infectious", 3, 2.5),
    ("surgery", "普通外科", "04.01", "surgery anorectal", 8, 7),
    ("bone", "骨科", "04.03", "bone", 7, 5),
    ("urology", "泌尿外科", "04.04", "urology", 4, 3),
    ("neurosurgery", "神经外科", "04.02", "neurosurgery", 4, 3),
    ("thoracic", "胸外科", "04.05", "thoracic", 2, 2),
    ("obstetric", "产科", "05.02", "obstetric", 4, 3),
    ("gynaecology", "妇科", "05.01", "gynaecology women-health", 3, 3),
    ("paediatric", "儿科", "07", "paediatric child-health", 4, 4),
    ("neonatal", "新生儿科", "07.01", "neonatal", 2, 1.5),
    ("ophthalmology", "眼科", "10", "ophthalmology", 2, 2.5),
    ("ent", "耳鼻咽喉头颈外科", "11", "ent", 2, 2.5),
    ("dental", "口腔科", "12", "dental", 0.5, 4),
    ("skin", "皮肤科", "13", "skin", 0.5, 2),
    ("mental", "临床心理科", "15.06", "mental", 0, 1),
    ("tcm", "中医科", "50", "tcm acupuncture", 2.5, 3),
    ("rehabilitation", "康复医学科", "21", "rehabilitation", 1.1, 2),
    ("emergency", "急诊医学科", "20", "emergency", 2, 5),
    ("intensive", "重症医学科", "28", "intensive", 3.6, 3),
    ("anaesthesia", "麻醉手术科", "26", "anaesthesia", 0, 5),
    ("check-up", "健康管理中心", "01", "check-up occupational", 0, 3),
    ("public-health", "公共卫生科", "01", "public-health vaccination", 0, 1),
    *_DIAGNOSTICS,
)

_LEFT_TO_THE_CITY: Final = ("haematology", "rheumatic", "thoracic", "neurosurgery")
_COUNTY_GENERAL: Final[tuple[Row, ...]] = tuple(
    ("surgery", "普通外科", "04.01", "surgery anorectal thoracic", 9, 8)
    if row[0] == "surgery"
    else ("mental", "精神卫生科", "15", "mental", 0, 1)
    if row[0] == "mental"
    else row
    for row in _CITY_GENERAL
    if row[0] not in _LEFT_TO_THE_CITY
)

_SMALL_GENERAL: Final[tuple[Row, ...]] = (
    ("internal", "内科", "03", "internal general", 45, 30),
    ("surgery", "外科", "04", "surgery bone urology anorectal", 22, 18),
    ("gynaecology", "妇产科", "05", "gynaecology obstetric women-health", 8, 8),
    ("paediatric", "儿科", "07", "paediatric child-health neonatal", 5, 5),
    ("tcm", "中医科", "50", "tcm acupuncture", 6, 8),
    ("rehabilitation", "康复医学科", "21", "rehabilitation", 1, 4),
    ("emergency", "急诊科", "20", "emergency", 2, 6),
    ("dental", "口腔科", "12", "dental", 0, 3),
    ("ophthalmology", "眼耳鼻喉科", "11", "ophthalmology ent", 2, 3),
    ("anaesthesia", "麻醉科", "26", "anaesthesia", 0, 3),
    ("check-up", "体检中心", "01", "check-up public-health", 0, 3),
    ("laboratory", "检验科", "30", "laboratory transfusion", 0, 1),
    ("imaging", "影像科", "32", "imaging ultrasound ecg", 0, 7),
    ("pharmacy", "药剂科", "", "pharmacy", 0, 0),
)

_TCM: Final[tuple[Row, ...]] = (
    ("general", "中医内科", "50.01", "general internal tcm blood", 5, 8),
    ("cardiac", "心病科", "50.01", "cardiac", 10, 7),
    ("respiratory", "肺病科", "50.01", "respiratory infectious", 8, 6),
    ("digestive", "脾胃病科", "50.01", "digestive endoscopy", 8, 6),
    ("neurology", "脑病科", "50.01", "neurology mental", 11, 7),
    ("renal", "肾病科", "50.01", "renal", 5, 4),
    ("endocrine", "内分泌科", "50.01", "endocrine", 5, 4),
    ("rheumatic", "风湿病科", "50.01", "rheumatic", 3, 2),
    ("oncology", "肿瘤科", "50.09", "oncology", 5, 3),
    ("surgery", "外科", "50.02", "surgery urology", 6, 5),
    ("bone", "骨伤科", "50.10", "bone", 9, 7),
    ("anorectal", "肛肠科", "50.11", "anorectal", 4, 3),
    ("gynaecology", "妇科", "50.03", "gynaecology obstetric women-health", 3, 4),
    ("paediatric", "儿科", "50.04", "paediatric child-health neonatal", 3, 3),
    ("skin", "皮肤科", "50.05", "skin", 1, 2),
    ("ophthalmology", "眼科", "50.06", "ophthalmology", 1.5, 2),
    ("ent", "耳鼻喉科", "50.07", "ent", 1, 2),
    ("dental", "口腔科", "12", "dental", 0, 2),
    ("acupuncture", "针灸推拿科", "50.13", "acupuncture", 4, 6),
    ("rehabilitation", "康复科", "50.15", "rehabilitation", 1.5, 3),
    ("geriatric", "老年病科", "50.12", "geriatric", 3, 2),
    ("emergency", "急诊科", "50.16", "emergency", 2, 5),
    ("intensive", "重症医学科", "28", "intensive", 3, 2),
    ("anaesthesia", "麻醉科", "26", "anaesthesia", 0, 3),
    ("check-up", "治未病中心", "50.17", "check-up public-health", 0, 4),
    *_DIAGNOSTICS,
)

_SMALL_TCM: Final[tuple[Row, ...]] = (
    ("general", "中医内科", "50.01", "general internal tcm", 40, 30),
    ("bone", "骨伤科", "50.10", "bone surgery", 30, 20),
    ("acupuncture", "针灸推拿科", "50.13", "acupuncture rehabilitation", 20, 20),
    ("gynaecology", "妇科", "50.03", "gynaecology", 5, 8),
    ("laboratory", "检验科", "30", "laboratory", 0, 1),
    ("imaging", "影像科", "32", "imaging ultrasound ecg", 0, 6),
    ("pharmacy", "药房", "", "pharmacy", 0, 0),
)

_BONE: Final[tuple[Row, ...]] = (
    ("bone", "骨伤科", "50.10", "bone general", 45, 40),
    ("surgery", "创伤外科", "04", "surgery neurosurgery", 16, 14),
    ("joint", "关节科", "50.10", "", 14, 12),
    ("internal", "内科", "50.01", "internal tcm", 8, 8),
    ("rehabilitation", "康复科", "50.15", "rehabilitation acupuncture", 3, 6),
    ("emergency", "急诊科", "50.16", "emergency", 2, 6),
    ("intensive", "重症医学科", "28", "intensive", 2, 3),
    ("anaesthesia", "麻醉科", "26", "anaesthesia", 0, 6),
    *_DIAGNOSTICS,
)

_MCH: Final[tuple[Row, ...]] = (
    ("obstetric", "产科", "05.02", "obstetric", 32, 20),
    ("gynaecology", "妇科", "05.01", "gynaecology", 18, 14),
    ("paediatric", "儿科", "07", "paediatric internal general", 24, 18),
    ("neonatal", "新生儿科", "07.01", "neonatal", 12, 8),
    ("child-health", "儿童保健科", "09", "child-health", 0, 10),
    ("women-health", "妇女保健科", "06", "women-health check-up", 0, 8),
    ("reproductive", "生殖医学科", "05.05", "reproductive", 1, 4),
    ("rehabilitation", "儿童康复科", "09.05", "rehabilitation", 2, 4),
    ("tcm", "中医科", "50", "tcm", 3, 4),
    ("emergency", "急诊科", "20", "emergency", 1, 4),
    ("intensive", "重症医学科", "28", "intensive", 2, 2),
    ("anaesthesia", "麻醉科", "26", "anaesthesia", 0, 4),
    ("public-health", "群体保健科", "01", "public-health vaccination", 0, 4),
    *_DIAGNOSTICS,
)

_MENTAL: Final[tuple[Row, ...]] = (
    ("mental", "精神科", "15.01", "mental general", 62, 45),
    ("geriatric", "老年精神科", "15.01", "geriatric neurology", 18, 12),
    ("psychology", "临床心理科", "15.06", "", 10, 14),
    ("child", "儿童青少年心理科", "15.02", "paediatric child-health", 6, 8),
    ("psychiatric-rehabilitation", "精神康复科", "15.04", "rehabilitation", 4, 4),
    ("internal", "内科", "03", "internal", 0, 4),
    ("public-health", "精神卫生防治科", "15.05", "public-health", 0, 6),
    ("laboratory", "检验科", "30", "laboratory", 0, 0.5),
    ("imaging", "医学影像科", "32", "imaging ultrasound ecg", 0, 4),
    ("pharmacy", "药剂科", "", "pharmacy", 0, 0),
)

_INFECTIOUS: Final[tuple[Row, ...]] = (
    ("infectious", "感染性疾病科", "16", "infectious general", 30, 24),
    ("tuberculosis", "结核病科", "17", "tuberculosis", 30, 22),
    ("hepatitis", "肝病科", "16.03", "digestive", 16, 14),
    ("respiratory", "呼吸内科", "03.01", "respiratory internal", 16, 14),
    ("surgery", "胸外科", "04.05", "surgery thoracic", 4, 5),
    ("emergency", "发热门诊", "16.02", "emergency paediatric", 2, 6),
    ("intensive", "重症医学科", "28", "intensive", 4, 4),
    ("public-health", "公共卫生科", "01", "public-health check-up", 0, 3),
    *_DIAGNOSTICS,
)

_REHABILITATION: Final[tuple[Row, ...]] = (
    ("rehabilitation", "康复医学科", "21", "rehabilitation general bone", 70, 60),
    ("internal", "内科", "03", "internal neurology", 25, 20),
    ("tcm", "中医科", "50", "tcm acupuncture", 5, 15),
    ("imaging", "影像科", "32", "imaging laboratory ultrasound ecg", 0, 6),
    ("pharmacy", "药房", "", "pharmacy", 0, 0),
)

_NURSING: Final[tuple[Row, ...]] = (
    ("general", "内科", "03", "general internal geriatric", 80, 60),
    ("hospice", "安宁疗护科", "24", "oncology", 12, 15),
    ("tcm", "中医科", "50", "tcm acupuncture rehabilitation", 8, 15),
    ("pharmacy", "药房", "", "pharmacy", 0, 0),
)

_CENTRE: Final[tuple[Row, ...]] = (
    ("general", "全科医疗科", "02", "general internal emergency", 70, 42),
    ("surgery", "外科", "04", "surgery", 6, 7),
    ("gynaecology", "妇产科", "05", "gynaecology obstetric women-health", 4, 8),
    ("child-health", "儿童保健科", "09", "child-health paediatric", 0, 6),
    ("tcm", "中医馆", "50", "tcm acupuncture", 10, 14),
    ("rehabilitation", "康复医学科", "21", "rehabilitation", 1.5, 4),
    ("dental", "口腔科", "12", "dental", 0, 4),
    ("vaccination", "预防接种门诊", "01", "vaccination", 0, 3),
    ("public-health", "公共卫生科", "01", "public-health check-up", 0, 7),
    ("laboratory", "检验科", "30", "laboratory", 0, 0),
    ("imaging", "影像科", "32", "imaging ultrasound ecg", 0, 8),
    ("pharmacy", "药房", "", "pharmacy", 0, 0),
)

_STATION: Final[tuple[Row, ...]] = (
    ("general", "全科诊室", "02", "general internal", 0, 3),
    ("tcm", "中医馆", "50", "tcm acupuncture", 0, 1),
    ("public-health", "公共卫生科", "01", "public-health check-up child-health vaccination", 0, 1),
    ("pharmacy", "药房", "", "pharmacy", 0, 0),
)

_ROOM: Final[tuple[Row, ...]] = (("general", "诊室", "02", "general public-health", 0, 1),)

_CLINIC: Final[tuple[Row, ...]] = (("general", "全科诊室", "02", "general internal", 0, 1),)
_TCM_CLINIC: Final[tuple[Row, ...]] = (("tcm", "中医诊室", "50", "tcm general", 0, 1),)
_DENTAL_CLINIC: Final[tuple[Row, ...]] = (("dental", "口腔诊室", "12", "dental general", 0, 1),)
_OUTPATIENT: Final[tuple[Row, ...]] = (
    ("internal", "内科", "03", "internal general", 0, 3),
    ("surgery", "外科", "04", "surgery", 0, 1.5),
    ("tcm", "中医科", "50", "tcm", 0, 2),
    ("dental", "口腔科", "12", "dental", 0, 2),
    ("imaging", "影像科", "32", "imaging laboratory ultrasound ecg", 0, 1),
    ("pharmacy", "药房", "", "pharmacy", 0, 0),
)

_CDC: Final[tuple[Row, ...]] = (
    ("public-health", "传染病防制科", "", "public-health infectious general", 0, 3),
    ("vaccination", "免疫规划科", "", "vaccination", 0, 2),
    ("chronic", "慢性病防制科", "", "", 0, 2),
    ("school", "学校卫生科", "", "child-health", 0, 1.5),
    ("occupational", "职业卫生科", "23.05", "occupational check-up", 0, 2),
    ("emergency", "卫生应急办公室", "", "emergency", 0, 1),
    ("laboratory", "检验科", "", "laboratory pathology", 0, 1.5),
)
_BLOOD: Final[tuple[Row, ...]] = (
    ("blood", "献血服务科", "", "blood general", 0, 3),
    ("laboratory", "检验科", "", "laboratory", 0, 0.5),
    ("transfusion", "供血科", "", "transfusion", 0, 0),
)
_EMERGENCY: Final[tuple[Row, ...]] = (
    ("emergency", "院前急救科", "20", "emergency general", 0, 3),
    ("dispatch", "指挥调度科", "", "", 0, 0),
)
_OFFICE: Final[tuple[Row, ...]] = (("office", "综合业务科", "", "public-health general", 0, 1),)

PROFILES: Final[dict[str, tuple[Row, ...]]] = {
    "city-general": _CITY_GENERAL,
    "county-general": _COUNTY_GENERAL,
    "small-general": _SMALL_GENERAL,
    "tcm": _TCM,
    "small-tcm": _SMALL_TCM,
    "bone": _BONE,
    "mch": _MCH,
    "mental": _MENTAL,
    "infectious": _INFECTIOUS,
    "rehabilitation": _REHABILITATION,
    "nursing": _NURSING,
    "eye": (
        ("ophthalmology", "眼科", "10", "ophthalmology general", 1, 1),
        ("anaesthesia", "麻醉科", "26", "anaesthesia", 0, 0.1),
        ("pharmacy", "药房", "", "pharmacy", 0, 0),
    ),
    "dental": (
        ("dental", "口腔科", "12", "dental general", 1, 1),
        ("imaging", "放射科", "32.01", "imaging", 0, 0.05),
        ("pharmacy", "药房", "", "pharmacy", 0, 0),
    ),
    "women": (
        ("gynaecology", "妇产科", "05", "gynaecology obstetric women-health general", 70, 50),
        ("paediatric", "儿科", "07", "paediatric neonatal child-health", 30, 25),
        ("anaesthesia", "麻醉科", "26", "anaesthesia", 0, 8),
        ("imaging", "影像科", "32", "imaging laboratory ultrasound ecg", 0, 8),
        ("pharmacy", "药房", "", "pharmacy", 0, 0),
    ),
    "centre": _CENTRE,
    "station": _STATION,
    "room": _ROOM,
    "clinic": _CLINIC,
    "tcm-clinic": _TCM_CLINIC,
    "dental-clinic": _DENTAL_CLINIC,
    "outpatient": _OUTPATIENT,
    "cdc": _CDC,
    "blood-station": _BLOOD,
    "emergency-centre": _EMERGENCY,
    "office": _OFFICE,
}


def departments(profile: str, beds: int) -> tuple[Department, ...]:
    """The departments of a profile with the beds divided by weight (largest remainders).

    Raises:
        KeyError: there is no such profile.
    """
    rows = PROFILES[profile]
    shares = divided(beds, [row[4] for row in rows])
    return tuple(
        Department(key, name, code, SUBJECTS.get(code, ""), tuple(serves.split()), share,
                   key not in _TECHNICAL)
        for (key, name, code, serves, _, _), share in zip(rows, shares, strict=True)
    )  # fmt: skip


def divided(total: int, weights: list[float]) -> list[int]:
    """A whole number in whole parts as near to the weights as can be (largest remainders).

    All parts are 0 where all weights are.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(one) for one in exact]
    missing = total - sum(parts)
    by_rest = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_rest[:missing]:
        parts[at] += 1
    return parts
