"""How each cancer is looked for, operated on and treated: data for `oncology`."""

from typing import Final

import msgspec

from minkang.synth.record import Operation

_GENERAL: Final = "全身麻醉"


class Pathway(msgspec.Struct, frozen=True, gc=False):
    """Symptoms it begins with, what is ordered, the operations by place, the usual cures.

    `first` and `staging` map studies to findings; `cycle` are the drugs of one course of
    chemotherapy, `second` those after a recurrence, `tablets` what is taken for years.
    """

    symptoms: tuple[tuple[str, ...], ...]
    specialty: str
    markers: tuple[str, ...]
    first: dict[str, str]
    staging: dict[str, str]
    pathology: str
    biopsy: Operation
    operations: dict[str, Operation]
    cycle: tuple[str, ...]
    second: tuple[str, ...]
    control: dict[str, str]
    recurrence: dict[str, str]
    radiates: bool = False


def _operation(code: str, name: str, level: int = 4) -> Operation:
    return Operation(code, name, level, _GENERAL)


_SCOPE: Final = Operation("45.2501", "结肠镜下大肠活组织检查", 1)

# fmt: off
PATHWAYS: Final = {
    "lung-cancer": Pathway(
        (("cough", "haemoptysis"), ("chronic-cough", "weight-loss"), ("chest-pain", "cough"),
         ("breathless", "cough"), ("asymptomatic",)), "oncology", ("tumour-lung",),
        {"chest-ct": "mass"},
        {"chest-ct": "mass", "head-mri": "", "abdomen-ultrasound": "", "bronchoscopy": "mass"},
        "lung-adenocarcinoma", Operation("33.2600x002", "经皮针吸肺活检", 2, "局部麻醉"),
        {"": _operation("32.4100", "胸腔镜下肺叶切除术")},
        ("pemetrexed", "carboplatin"), ("docetaxel",),
        {"chest-ct": "after-surgery"}, {"chest-ct": "recurrence"}, True),
    "colorectal-cancer": Pathway(
        (("blood-in-stool", "weight-loss"), ("constipation", "abdominal-pain"),
         ("diarrhoea", "blood-in-stool"), ("fatigue", "abdominal-pain")), "surgery", ("tumour",),
        {"colonoscopy": "cancer"},
        {"abdomen-ct": "colon-mass", "chest-ct": "", "colonoscopy": "cancer"},
        "adenocarcinoma", _SCOPE,
        {"rectum": _operation("48.6302", "腹腔镜下直肠前切除术"),
         "sigmoid": _operation("17.3600", "腹腔镜乙状结肠切除术"),
         "right": _operation("17.3300", "腹腔镜右半结肠切除术"),
         "left": _operation("17.3500", "腹腔镜左半结肠切除术")},
        ("oxaliplatin", "capecitabine"), ("irinotecan", "fluorouracil", "leucovorin"),
        {"abdomen-ct": "after-surgery"}, {"abdomen-ct": "liver-metastases"}),
    "stomach-cancer": Pathway(
        (("epigastric-pain", "weight-loss"), ("poor-appetite", "weight-loss"), ("melaena",),
         ("abdominal-distension", "epigastric-pain")), "surgery", ("tumour",),
        {"gastroscopy": "stomach-cancer"},
        {"abdomen-ct": "stomach-mass", "chest-ct": "", "gastroscopy": "stomach-cancer"},
        "adenocarcinoma", Operation("44.1401", "胃镜下活组织检查", 1),
        {"": _operation("43.9900x004", "根治性胃切除术")},
        ("oxaliplatin", "capecitabine"), ("paclitaxel",),
        {"gastroscopy": "after-surgery"}, {"abdomen-ct": "recurrence"}),
    "liver-cancer": Pathway(
        (("right-upper-pain", "poor-appetite"), ("abdominal-distension", "weight-loss"),
         ("asymptomatic",), ("fatigue", "jaundice")), "oncology", ("afp", "hepatitis-b-load"),
        {"abdomen-ultrasound": "liver-mass"}, {"abdomen-ct": "liver-mass", "chest-ct": ""},
        "hepatocellular", Operation("50.1100", "闭合性(经皮)[针吸]肝活组织检查", 2, "局部麻醉"),
        {"": _operation("50.2909", "腹腔镜下肝病损切除术")},
        ("sorafenib",), ("camrelizumab",),
        {"abdomen-ct": "after-surgery"}, {"abdomen-ct": "recurrence"}),
    "oesophagus-cancer": Pathway(
        (("dysphagia", "weight-loss"), ("dysphagia", "chest-pain")), "oncology", ("tumour-lung",),
        {"gastroscopy": "oesophagus-cancer"}, {"chest-ct": "", "gastroscopy": "oesophagus-cancer"},
        "squamous", Operation("42.2400x001", "食管镜下活检", 1),
        {"": _operation("42.4103", "胸腔镜食管部分切除术")},
        ("paclitaxel", "cisplatin"), ("camrelizumab",),
        {"chest-ct": "after-surgery"}, {"chest-ct": "recurrence"}, True),
    "breast-cancer": Pathway(
        (("breast-lump",), ("breast-lump", "nipple-discharge"), ("breast-lump", "breast-pain")),
        "surgery", ("tumour",), {"breast-ultrasound": "nodule-suspicious", "mammography": "mass"},
        {"breast-ultrasound": "mass", "mammography": "mass", "chest-ct": "",
         "abdomen-ultrasound": ""}, "breast-carcinoma",
        Operation("85.1100", "闭合性[经皮][针吸]乳房活组织检查", 1, "局部麻醉"),
        {"": _operation("85.4301", "单侧乳腺改良根治术")},
        ("epirubicin", "cyclophosphamide"), ("docetaxel",),
        {"breast-ultrasound": "after-surgery"}, {"chest-ct": "metastases"}, True),
    "cervical-cancer": Pathway(
        (("contact-bleeding",), ("vaginal-discharge", "contact-bleeding"),
         ("postmenopausal-bleeding",)), "gynaecology", ("tumour-lung",),
        {"colposcopy": "cancer"}, {"gynae-ultrasound": "cervical-mass", "chest-film": ""},
        "squamous", Operation("67.1200x001", "子宫颈活检", 1),
        {"": _operation("68.6901", "子宫根治性切除术")},
        ("cisplatin", "paclitaxel"), ("gemcitabine", "cisplatin"),
        {"gynae-ultrasound": ""}, {"abdomen-ct": "recurrence"}, True),
    "thyroid-cancer": Pathway(
        (("neck-lump",), ("checkup",), ("asymptomatic",)), "surgery", ("thyroid",),
        {"thyroid-ultrasound": "nodule-suspicious"}, {"thyroid-ultrasound": "nodule-suspicious"},
        "papillary", Operation("06.1101", "超声引导下经皮甲状腺活组织检查术", 1, "局部麻醉"),
        {"": Operation("06.2x00", "单侧甲状腺叶切除术", 3, _GENERAL)}, (), (),
        {"thyroid-ultrasound": "after-surgery"}, {"neck-ultrasound": "nodes"}),
    "prostate-cancer": Pathway(
        (("difficult-urination", "nocturia"), ("frequent-urination",), ("haematuria",)), "urology",
        ("tumour-prostate",), {"urinary-ultrasound": "prostate"},
        {"urinary-ultrasound": "prostate", "pet-ct": ""}, "prostate-carcinoma",
        Operation("60.1100x002", "超声引导下前列腺穿刺活检", 2, "局部麻醉"),
        {"": _operation("60.5x00", "根治性前列腺切除术")}, (), ("docetaxel",),
        {"urinary-ultrasound": ""}, {"pet-ct": "metastases"}),
    "pancreas-cancer": Pathway(
        (("abdominal-pain", "weight-loss"), ("jaundice", "itching"), ("back-pain", "weight-loss")),
        "surgery", ("tumour",), {"abdomen-ultrasound": ""}, {"abdomen-ct": "pancreas-mass"},
        "adenocarcinoma", Operation("52.1100x001", "胰腺穿刺活检", 2, "局部麻醉"),
        {"": _operation("52.7x00", "根治性胰十二指肠切除术")},
        ("gemcitabine",), ("capecitabine",), {"abdomen-ct": "after-surgery"},
        {"abdomen-ct": "recurrence"}),
}
# fmt: on
