"""The three invented institutions whose systems speak: departments, doctors, dialects."""

from random import Random
from typing import Final

import msgspec

from minkang.synth.names import given_name, surname


class Doctor(msgspec.Struct, frozen=True):
    """Who attends: a staff number of the institution and a whole name."""

    code: str
    surname: str
    given: str

    @property
    def name(self) -> str:
        """Family name and given name as written."""
        return self.surname + self.given


class Institution(msgspec.Struct, frozen=True):
    """A source. `departments` maps a specialty to the department that answers for it here."""

    source: str
    code: str  # 22 characters, begins with MK where a real one has its organisation code
    name: str
    charset: str  # a Python codec
    patient_pattern: str
    control_prefix: str
    departments: dict[str, str]
    staff: dict[str, tuple[Doctor, ...]]

    def department(self, specialty: str) -> str | None:
        """The department for a specialty, None where this institution has none."""
        return self.departments.get(specialty)


def _staff(source: str, departments: dict[str, str]) -> dict[str, tuple[Doctor, ...]]:
    random = Random(f"staff of {source}")
    staff: dict[str, tuple[Doctor, ...]] = {}
    number = 10
    for department in dict.fromkeys(departments.values()):
        doctors = []
        for _ in range(2 if source == "yunxi" else 3):
            number += 1
            sex = random.choice("MF")
            given = given_name(random, sex, random.randint(1968, 1994))
            doctors.append(Doctor(f"D{number:03d}", surname(random), given))
        staff[department] = tuple(doctors)
    return staff


_HAIBIN: Final = {
    "endocrine": "内分泌科", "cardiac": "心血管内科", "renal": "肾内科",
    "respiratory": "呼吸与危重症医学科", "emergency": "急诊科", "bone": "骨科",
    "obstetric": "产科", "paediatric": "儿科", "blood": "血液内科", "general": "全科医学科",
    "infectious": "感染性疾病科", "mental": "临床心理科", "check-up": "健康管理中心",
    "rheumatic": "风湿免疫科", "digestive": "消化内科",
}  # fmt: skip
_GANGCHENG: Final = {
    "endocrine": "内分泌科", "cardiac": "心病科", "renal": "肾病科", "respiratory": "肺病科",
    "emergency": "急诊科", "bone": "骨伤科", "paediatric": "儿科", "general": "中医内科",
    "check-up": "治未病中心", "rheumatic": "风湿病科", "digestive": "脾胃病科",
    "blood": "中医内科",
}  # fmt: skip
_YUNXI: Final = {
    "general": "全科诊室", "endocrine": "全科诊室", "cardiac": "全科诊室",
    "respiratory": "全科诊室", "paediatric": "全科诊室", "digestive": "中医馆",
    "bone": "中医馆", "check-up": "公共卫生科",
}  # fmt: skip

HAIBIN: Final = Institution(
    "haibin", "MK37109800100000110001", "海滨市人民医院", "utf-8", "H{:06d}", "HB",
    _HAIBIN, _staff("haibin", _HAIBIN),
)  # fmt: skip
GANGCHENG: Final = Institution(
    "gangcheng", "MK37109800200000210002", "港城区中医医院", "gb18030", "ZY{:07d}", "GC",
    _GANGCHENG, _staff("gangcheng", _GANGCHENG),
)  # fmt: skip
YUNXI: Final = Institution(
    "yunxi", "MK37109800300000310003", "云溪社区卫生服务站", "utf-8", "YX{:05d}", "YX",
    _YUNXI, _staff("yunxi", _YUNXI),
)  # fmt: skip

INSTITUTIONS: Final = {place.source: place for place in (HAIBIN, GANGCHENG, YUNXI)}
