"""The larger devices of an institution, by what such a place usually has.

Classes are those of the device catalogue of 2002 (医疗器械分类目录, 68xx); makers, models and
serial numbers are invented, prices are usual orders of magnitude in yuan.
"""

from datetime import date, timedelta
from typing import Final

from minkang.synth.draws import stream
from minkang.synth.place.entities import Device, Institution
from minkang.synth.place.kinds import KINDS

_CLASSES: Final = {
    "6821": "医用电子仪器设备", "6822": "医用光学器具、仪器及内窥镜设备",
    "6823": "医用超声仪器及有关设备", "6826": "物理治疗及康复设备", "6828": "医用磁共振设备",
    "6830": "医用X射线设备", "6832": "医用高能射线设备", "6840": "临床检验分析仪器",
    "6845": "体外循环及血液处理设备", "6854": "手术室、急救室、诊疗室设备及器具",
    "6855": "口腔科设备及器具", "6858": "医用冷疗、低温、冷藏设备及器具",
}  # fmt: skip

# Key, name, class, model, price, departments where it may stand (first that is there).
_DEVICES: Final = {
    "mri": ("磁共振成像系统", "6828", "HM-1.5T", 9_800_000, "imaging"),
    "ct": ("X射线计算机体层摄影设备", "6830", "HC-64", 6_200_000, "imaging"),
    "dr": ("数字化X射线摄影系统", "6830", "HD-600", 860_000, "imaging"),
    "mammography": ("乳腺X射线机", "6830", "HB-200", 1_450_000, "imaging"),
    "angiography": ("血管造影X射线机", "6830", "HA-900", 7_600_000, "cardiac imaging"),
    "linac": ("医用直线加速器", "6832", "HL-6M", 12_500_000, "oncology imaging"),
    "ultrasound": ("彩色多普勒超声诊断仪", "6823", "CU-80", 720_000, "ultrasound imaging general"),
    "portable": ("便携式彩超", "6823", "CU-20", 260_000, "intensive emergency general"),
    "ecg": ("十二导联心电图机", "6821", "EX-1200", 28_000, "ecg imaging general"),
    "holter": ("动态心电记录仪", "6821", "EX-24", 36_000, "ecg imaging"),
    "monitor": ("多参数监护仪", "6821", "PM-10", 32_000, "intensive emergency general"),
    "ventilator": ("呼吸机", "6854", "VT-500", 240_000, "intensive respiratory emergency"),
    "defibrillator": ("除颤监护仪", "6821", "DF-7", 62_000, "emergency intensive general"),
    "pump": ("注射泵", "6854", "SP-3", 12_000, "intensive neonatal internal general"),
    "anaesthesia": ("麻醉机", "6854", "AN-70", 310_000, "anaesthesia surgery"),
    "gastroscope": ("电子胃镜", "6822", "GS-290", 480_000, "digestive internal surgery"),
    "colonoscope": ("电子结肠镜", "6822", "CS-290", 520_000, "digestive anorectal surgery"),
    "dialysis": ("血液透析机", "6845", "HD-40", 138_000, "renal internal office"),
    "chemistry": ("全自动生化分析仪", "6840", "BA-800", 780_000, "laboratory imaging"),
    "immunology": ("化学发光免疫分析仪", "6840", "IM-2000", 650_000, "laboratory"),
    "haematology": ("血细胞分析仪", "6840", "BC-60", 220_000, "laboratory imaging general"),
    "urine": ("尿液分析仪", "6840", "UA-50", 38_000, "laboratory imaging general"),
    "coagulation": ("全自动凝血分析仪", "6840", "CO-1500", 340_000, "laboratory"),
    "pcr": ("实时荧光定量PCR仪", "6840", "PC-96", 360_000, "laboratory"),
    "culture": ("全自动微生物鉴定系统", "6840", "MB-60", 560_000, "laboratory"),
    "bloodgas": ("血气分析仪", "6840", "BG-9", 160_000, "intensive laboratory"),
    "fundus": ("眼底照相机", "6822", "FD-45", 210_000, "ophthalmology endocrine general"),
    "incubator": ("婴儿培养箱", "6854", "IC-100", 86_000, "neonatal paediatric obstetric"),
    "fetal": ("胎儿监护仪", "6821", "FM-20", 42_000, "obstetric gynaecology"),
    "dental": ("牙科综合治疗机", "6855", "DU-30", 68_000, "dental"),
    "physio": ("中频治疗仪", "6826", "PT-12", 18_000, "rehabilitation acupuncture tcm"),
    "coldstore": ("冷藏箱", "6858", "RF-340", 15_000, "vaccination public-health transfusion"),
    "glucose": ("血糖仪", "6840", "GM-1", 600, "general public-health"),
    "allinone": ("公共卫生一体机", "6821", "GW-9", 26_000, "public-health general"),
    "aed": ("自动体外除颤仪", "6821", "AE-1", 18_000, "general emergency"),
}

# How many of each: a fixed number, and one more for so many beds (0: none by beds).
_CITY: Final = {
    "mri": (1, 500), "ct": (1, 400), "dr": (2, 400), "mammography": (1, 0),
    "angiography": (1, 900), "linac": (1, 0), "ultrasound": (4, 90), "portable": (2, 300),
    "ecg": (4, 60), "holter": (6, 100), "monitor": (20, 6), "ventilator": (4, 24),
    "defibrillator": (4, 50), "pump": (20, 5), "anaesthesia": (4, 70), "gastroscope": (3, 200),
    "colonoscope": (2, 250), "dialysis": (10, 30), "chemistry": (1, 700),
    "immunology": (1, 500), "haematology": (2, 500), "urine": (1, 600), "coagulation": (1, 800),
    "pcr": (2, 600), "culture": (1, 1500), "bloodgas": (1, 400), "fundus": (1, 0),
    "incubator": (4, 150), "fetal": (4, 150), "dental": (6, 200), "physio": (6, 80),
    "coldstore": (2, 300),
}  # fmt: skip
_SMALL: Final = {
    "ct": (1, 0), "dr": (1, 0), "ultrasound": (1, 120), "ecg": (2, 100), "monitor": (3, 12),
    "ventilator": (1, 100), "defibrillator": (1, 100), "anaesthesia": (1, 120),
    "gastroscope": (1, 0), "chemistry": (1, 0), "haematology": (1, 0), "urine": (1, 0),
    "coagulation": (1, 0), "dental": (1, 150), "physio": (2, 60),
}  # fmt: skip
_MCH: Final = {
    **_SMALL, "fetal": (4, 25), "incubator": (3, 25), "mammography": (1, 0), "pcr": (1, 0),
    "coldstore": (2, 0), "immunology": (1, 0),
}  # fmt: skip
_CENTRE: Final = {
    "dr": (1, 0), "ultrasound": (1, 60), "ecg": (2, 0), "monitor": (1, 25), "defibrillator": (1, 0),
    "chemistry": (1, 0), "haematology": (1, 0), "urine": (1, 0), "dental": (1, 0),
    "physio": (2, 30), "coldstore": (2, 0), "allinone": (1, 0), "fundus": (1, 0),
}  # fmt: skip
_BY_KIND: Final = {
    "city-general": _CITY, "tcm-hospital": _CITY, "county-general": _CITY, "county-tcm": _CITY,
    "infectious-hospital": _CITY, "bone-hospital": _CITY, "mch-hospital": _MCH,
    "township-centre": _CENTRE, "community-centre": _CENTRE,
    "community-station": {"ecg": (1, 0), "glucose": (2, 0), "allinone": (1, 0), "physio": (1, 0)},
    "village-room": {"glucose": (1, 0), "allinone": (1, 0), "aed": (1, 0)},
    "dental-clinic": {"dental": (3, 0)}, "dental-hospital": {"dental": (16, 0), "dr": (1, 0)},
    "eye-hospital": {"fundus": (3, 0), "anaesthesia": (1, 0)},
    "cdc": {"pcr": (3, 0), "chemistry": (1, 0), "culture": (1, 0), "coldstore": (6, 0)},
    "blood-station": {"chemistry": (1, 0), "immunology": (3, 0), "coldstore": (12, 0)},
    "dialysis-centre": {"dialysis": (20, 0)},
    "outpatient-department": {"dr": (1, 0), "ultrasound": (1, 0)},
    "laboratory-centre": {"chemistry": (3, 0), "haematology": (2, 0), "pcr": (6, 0)},
}  # fmt: skip
_MAKERS: Final = (
    "蓝鲸示例医疗器械公司", "潮声示例仪器公司", "云杉示例医疗公司", "启明示例影像公司",
)  # fmt: skip
_FIRST_DAY: Final = date(2009, 1, 1)
_DAYS: Final = 365 * 14


def equipment(seed: int, institution: Institution) -> tuple[Device, ...]:
    """Its larger devices; hospitals of other kinds have what a small hospital has."""
    usual: dict[str, tuple[int, int]] = _SMALL if KINDS[institution.kind].hospital else {}
    random = stream(seed, "equipment", institution.key)
    there = {department.key: department.name for department in institution.departments}
    found: list[Device] = []
    for key, (fixed, every) in _BY_KIND.get(institution.kind, usual).items():
        name, code, model, yuan, departments = _DEVICES[key]
        department = next((one for one in departments.split() if one in there), "")
        if not department:
            continue
        for _ in range(fixed + (institution.beds // every if every else 0)):
            made = _FIRST_DAY + timedelta(days=random.randrange(_DAYS))
            number = len(found) + 1
            found.append(
                Device(
                    f"E{institution.code[-4:]}{number:04d}", name, code, _CLASSES[code], model,
                    f"SN{made.year}{random.randrange(10**5):05d}", random.choice(_MAKERS), made,
                    made + timedelta(days=random.randint(30, 160)),
                    int(yuan * random.uniform(0.8, 1.25)) // 100 * 100, department,
                    there[department],
                )
            )  # fmt: skip
    return tuple(found)
