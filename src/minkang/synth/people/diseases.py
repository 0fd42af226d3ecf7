"""The notifiable infections that happen here: class, code, incubation, and whom they strike."""

from typing import Final

import msgspec

AGES: Final = (0, 1, 3, 6, 10, 15, 20, 30, 40, 50, 60, 70, 80)
"""First year of each age band of a profile."""

NATION: Final = (0.9, 2.1, 3.6, 5.1, 6.1, 5.2, 11.8, 15.8, 14.7, 15.8, 10.4, 5.7, 2.5)
"""Per cent of the country's residents by age band (census of 2020)."""


class Disease(msgspec.Struct, frozen=True):
    """A notifiable infection.

    Attributes:
        key: the platform's own.
        name: as the report card names it.
        code: of the value domain CV05.01.017; empty where it has none.
        disease_class: 甲, 乙, 丙, or 其他 for what is watched beside the list. As of 2026-04-01.
        incubation: usual days from infection to onset, shortest and longest.
        profile: relative rates by AGES.
        male: rate of men against that of women.
        once: whether it is reported only once in a life.
        local: factor of this region against the country.
        severity: usual severity among the reported.
    """

    key: str
    name: str
    code: str
    disease_class: str
    incubation: tuple[int, int]
    profile: tuple[float, ...]
    male: float = 1.0
    once: bool = True
    local: float = 1.0
    severity: float = 0.3


_CHILD = (3.0, 9.0, 8.0, 3.0, 0.7, 0.2, 0.05, 0.03, 0.02, 0.01, 0.01, 0.01, 0.01)
_STI = (0.02, 0, 0, 0, 0.02, 0.9, 1.9, 1.6, 1.1, 0.9, 0.6, 0.5, 0.4)
_FARM = (0.02, 0.02, 0.05, 0.1, 0.15, 0.3, 0.5, 0.9, 1.3, 1.9, 1.7, 1.0, 0.4)

DISEASES: Final = {
    disease.key: disease
    for disease in (
        Disease("influenza", "流行性感冒", "301", "丙", (1, 4),
                (1.8, 2.4, 4.2, 4.8, 2.8, 0.9, 0.5, 0.6, 0.4, 0.35, 0.4, 0.5, 0.6), 1.05,
                once=False, severity=0.3),
        Disease("covid-19", "新型冠状病毒感染", "", "乙", (2, 7),
                (1.5, 0.9, 0.6, 0.6, 0.6, 0.7, 1.0, 1.0, 0.9, 1.0, 1.3, 1.7, 2.2), 0.95,
                once=False, severity=0.3),
        Disease("hand-foot-mouth", "手足口病", "311", "丙", (2, 10), _CHILD, 1.35, once=False,
                severity=0.2),
        Disease("infectious-diarrhoea", "其他感染性腹泻病", "310", "丙", (1, 3),
                (14.0, 7.5, 2.2, 1.1, 0.7, 0.6, 0.6, 0.5, 0.5, 0.5, 0.7, 0.8, 1.0), 1.15,
                once=False, severity=0.3),
        Disease("varicella", "水痘", "", "其他", (12, 21),
                (2.0, 2.6, 4.0, 5.5, 4.4, 2.3, 0.8, 0.35, 0.1, 0.04, 0.02, 0.02, 0.02), 1.1,
                severity=0.25),
        Disease("mumps", "流行性腮腺炎", "302", "丙", (14, 25),
                (0.6, 2.6, 6.5, 6.0, 2.6, 0.8, 0.3, 0.2, 0.1, 0.06, 0.05, 0.04, 0.03), 1.45,
                severity=0.25),
        Disease("scarlet-fever", "猩红热", "220", "乙", (1, 7),
                (0.3, 2.4, 9.5, 8.5, 1.2, 0.1, 0.03, 0.03, 0.01, 0, 0, 0, 0), 1.5, severity=0.3),
        Disease("pertussis", "百日咳", "217", "乙", (7, 20),
                (22.0, 5.5, 5.5, 5.5, 1.5, 0.2, 0.1, 0.15, 0.12, 0.1, 0.1, 0.1, 0.1), 1.05,
                severity=0.4),
        Disease("measles", "麻疹", "207", "乙", (7, 21),
                (28.0, 5.0, 1.5, 0.8, 0.5, 0.5, 1.0, 1.0, 0.7, 0.3, 0.1, 0.05, 0.05), 1.15,
                severity=0.45),
        Disease("rubella", "风疹", "303", "丙", (14, 21),
                (2.5, 1.5, 1.5, 1.8, 4.0, 4.0, 1.4, 0.5, 0.2, 0.08, 0.05, 0.02, 0.02), 1.2,
                severity=0.2),
        Disease("hepatitis-a", "甲型病毒性肝炎", "2031", "乙", (15, 45),
                (0.1, 0.2, 0.4, 0.5, 0.4, 0.5, 0.8, 1.2, 1.3, 1.3, 1.3, 1.3, 1.2), 1.35,
                severity=0.4),
        Disease("hepatitis-b", "乙型病毒性肝炎", "2032", "乙", (30, 160),
                (0.03, 0.03, 0.03, 0.04, 0.08, 0.35, 1.1, 1.5, 1.3, 1.3, 1.1, 0.9, 0.7), 1.5,
                severity=0.3),
        Disease("hepatitis-c", "丙型病毒性肝炎", "2033", "乙", (15, 150),
                (0.15, 0.03, 0.03, 0.04, 0.05, 0.1, 0.4, 0.9, 1.4, 1.7, 1.6, 1.6, 1.4), 1.25,
                severity=0.35),
        Disease("hepatitis-e", "戊型病毒性肝炎", "2034", "乙", (15, 70),
                (0.02, 0.02, 0.02, 0.03, 0.05, 0.2, 0.5, 0.9, 1.4, 1.8, 1.9, 1.6, 1.2), 1.7,
                severity=0.45),
        Disease("tuberculosis", "肺结核", "214", "乙", (30, 700),
                (0.04, 0.03, 0.03, 0.05, 0.25, 0.9, 1.1, 0.8, 0.8, 1.1, 1.7, 2.2, 2.3), 2.1,
                severity=0.5),
        Disease("dysentery", "细菌性和阿米巴性痢疾", "213", "乙", (1, 4),
                (9.0, 7.0, 3.6, 1.8, 0.9, 0.6, 0.7, 0.6, 0.5, 0.6, 0.8, 1.0, 1.2), 1.2,
                once=False, severity=0.35),
        Disease("syphilis", "梅毒", "223", "乙", (10, 90),
                (0.35, 0.02, 0.02, 0.02, 0.03, 0.5, 1.1, 1.0, 0.9, 1.0, 1.4, 1.9, 2.1), 1.1,
                severity=0.2),
        Disease("gonorrhoea", "淋病", "222", "乙", (1, 14), _STI, 4.5, once=False, severity=0.2),
        Disease("aids", "艾滋病", "202", "乙", (700, 4000),
                (0.03, 0.03, 0.03, 0.03, 0.03, 0.3, 1.0, 1.0, 1.1, 1.5, 1.7, 1.4, 0.9), 3.6,
                severity=0.5),
        Disease("brucellosis", "布鲁氏菌病", "221", "乙", (7, 60), _FARM, 2.6, severity=0.35),
        Disease("haemorrhagic-fever", "流行性出血热", "208", "乙", (7, 46), _FARM, 2.6,
                local=2.2, severity=0.55),
        Disease("severe-fever-thrombocytopenia", "发热伴血小板减少综合征", "", "乙", (7, 14),
                (0, 0, 0.02, 0.05, 0.05, 0.1, 0.2, 0.4, 0.7, 1.5, 2.8, 3.0, 2.0), 0.9,
                local=9.0, severity=0.65),
        Disease("dengue", "登革热", "211", "乙", (3, 14),
                (0.2, 0.2, 0.3, 0.4, 0.5, 0.8, 1.2, 1.2, 1.1, 1.2, 1.0, 0.8, 0.6), 1.1,
                local=0.08, severity=0.35),
        Disease("malaria", "疟疾", "226", "乙", (7, 40),
                (0, 0, 0.02, 0.02, 0.02, 0.1, 1.0, 1.5, 1.9, 1.5, 0.2, 0.02, 0), 18.0,
                local=1.0, severity=0.5),
        Disease("typhoid", "伤寒和副伤寒", "215", "乙", (7, 21),
                (1.8, 2.0, 1.5, 1.3, 1.1, 0.8, 0.9, 0.9, 0.9, 1.0, 1.0, 1.0, 0.9), 1.05,
                severity=0.45),
        Disease("haemorrhagic-conjunctivitis", "急性出血性结膜炎", "304", "丙", (1, 3),
                (0.9, 1.0, 1.6, 2.0, 1.5, 1.0, 0.9, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5), 1.15,
                once=False, severity=0.15),
        Disease("japanese-encephalitis", "流行性乙型脑炎", "210", "乙", (5, 15),
                (0.5, 0.7, 1.0, 0.9, 0.7, 0.5, 0.4, 0.5, 0.9, 1.5, 1.9, 1.4, 0.8), 1.1,
                severity=0.75),
        Disease("unknown-pneumonia", "不明原因肺炎", "", "其他", (2, 14), (1.0,) * 13, once=False,
                severity=0.5),
    )
}  # fmt: skip
"""By key. Profiles follow what the yearly reports of the notifiable diseases say of age and sex, in
broad strokes; scarlet fever of small children, brucellosis of farmers, AIDS of men. Dengue comes
from travel only; haemorrhagic fever and severe fever with thrombocytopenia are diseases of the
hills of this peninsula.
"""
