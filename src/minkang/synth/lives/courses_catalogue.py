"""The diseases that have a course of years here: codes, names, who follows them.

Codes and names are facts of the national insurance edition of ICD-10. Rates are in
`courses_rates`, how one comes of another in `complications`.
"""

from typing import Final

import msgspec


class Disease(msgspec.Struct, frozen=True, gc=False):
    """One kind of course. `sensitive` ones are followed apart and shown to few."""

    key: str
    code: str
    name: str
    specialty: str
    sensitive: bool = False


# fmt: off
_ALL: Final = (
    Disease("hypertension", "I10.x00x002", "高血压", "cardiac"),
    Disease("diabetes", "E11.900", "2型糖尿病", "endocrine"),
    Disease("diabetes-type-1", "E10.900", "1型糖尿病", "endocrine"),
    Disease("dyslipidaemia", "E78.500", "高脂血症", "endocrine"),
    Disease("coronary", "I25.103", "冠状动脉粥样硬化性心脏病", "cardiac"),
    Disease("infarction", "I21.900", "急性心肌梗死", "cardiac"),
    Disease("atrial-fibrillation", "I48.900x004", "心房颤动[心房纤颤]", "cardiac"),
    Disease("heart-failure", "I50.908", "慢性心力衰竭", "cardiac"),
    Disease("stroke-ischaemic", "I63.900", "脑梗死", "neurology"),
    Disease("stroke-haemorrhagic", "I61.900x002", "脑出血", "neurology"),
    Disease("kidney", "N18.300", "慢性肾脏病3期", "renal"),
    Disease("retinopathy", "E11.301+H36.0*", "2型糖尿病性视网膜病变", "ophthalmology"),
    Disease("neuropathy", "E11.401+G63.2*", "2型糖尿病性周围神经病", "endocrine"),
    Disease("diabetic-foot", "E11.503", "2型糖尿病足病", "endocrine"),
    Disease("copd", "J44.900", "慢性阻塞性肺病", "respiratory"),
    Disease("tuberculosis", "A16.200x002", "肺结核", "infectious", sensitive=True),
    Disease("schizophrenia", "F20.900", "精神分裂症", "mental", sensitive=True),
    Disease("bipolar", "F31.900", "双相情感障碍", "mental", sensitive=True),
    Disease("depression", "F32.900", "抑郁发作", "mental", sensitive=True),
    Disease("dementia", "G30.900", "阿尔茨海默病", "neurology"),
    Disease("parkinson", "G20.x00", "帕金森病", "neurology"),
    Disease("hypothyroidism", "E03.900", "甲状腺功能减退症", "endocrine"),
    Disease("anaemia", "D50.900", "缺铁性贫血", "internal"),
    Disease("gout", "M10.900", "痛风", "endocrine"),
    Disease("osteoporosis", "M81.900", "骨质疏松", "bone"),
    Disease("hepatitis-b", "B18.100", "慢性乙型病毒性肝炎，不伴有δ因子", "infectious",
            sensitive=True),
    Disease("cirrhosis", "K74.600x003", "乙型肝炎肝硬化", "digestive"),
    Disease("hiv", "B24.x00", "人类免疫缺陷病毒[HIV]病", "infectious", sensitive=True),
    Disease("lung-cancer", "C34.900x001", "肺恶性肿瘤", "oncology"),
    Disease("stomach-cancer", "C16.900", "胃恶性肿瘤", "oncology"),
    Disease("colorectal-cancer", "C18.900", "结肠恶性肿瘤", "oncology"),
    Disease("liver-cancer", "C22.000", "肝细胞癌", "oncology"),
    Disease("oesophagus-cancer", "C15.900", "食管恶性肿瘤", "oncology"),
    Disease("breast-cancer", "C50.900", "乳房恶性肿瘤", "oncology"),
    Disease("cervical-cancer", "C53.900", "宫颈恶性肿瘤", "gynaecology"),
    Disease("thyroid-cancer", "C73.x00", "甲状腺恶性肿瘤", "surgery"),
    Disease("prostate-cancer", "C61.x00", "前列腺恶性肿瘤", "urology"),
    Disease("pancreas-cancer", "C25.900", "胰恶性肿瘤", "oncology"),
)
# fmt: on

DISEASES: Final = {disease.key: disease for disease in _ALL}

CANCERS: Final = tuple(key for key in DISEASES if key.endswith("-cancer"))

STAGES_OF_KIDNEY_DISEASE: Final = (
    # eGFR from which the stage holds (KDIGO 2012), its code and its name
    (60.0, "N18.200", "慢性肾脏病2期"),
    (30.0, "N18.300", "慢性肾脏病3期"),
    (15.0, "N18.400", "慢性肾脏病4期"),
    (0.0, "N18.500", "慢性肾脏病5期"),
)
