"""Schemes of treatment that need no more than a choice: drugs by condition."""

from typing import Final

STATINS: Final = ("atorvastatin", "atorvastatin", "rosuvastatin", "simvastatin")

# fmt: off
FIRST_OF_PRESSURE: Final = (
    ("amlodipine", "nifedipine-controlled", "nifedipine", "valsartan", "irbesartan", "losartan",
     "telmisartan", "enalapril", "valsartan-amlodipine", "compound-reserpine", "metoprolol",
     "indapamide"),
    (27, 13, 12, 11, 8, 4, 4, 5, 5, 5, 4, 2),
)
"""Drugs and their weights for a first treatment at the village and town level."""

ADDED_TO_PRESSURE: Final = (
    ("amlodipine", "nifedipine-controlled", "nifedipine", "felodipine", "amlodipine"),
    ("valsartan", "irbesartan", "telmisartan", "perindopril", "enalapril", "losartan",
     "candesartan", "olmesartan", "benazepril"),
    ("hydrochlorothiazide", "indapamide"),
    ("metoprolol", "bisoprolol", "metoprolol-succinate"),
    ("spironolactone",),
)
"""What is added where the class is not there yet, in this order."""

SCHEMES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "dyslipidaemia": (("atorvastatin",), ("atorvastatin",), ("rosuvastatin",), ("simvastatin",),
                      ("xuezhikang",), ("fenofibrate",), ("atorvastatin", "ezetimibe")),
    "diabetes-type-1": (("insulin-glargine", "insulin-aspart"), ("insulin-premixed",)),
    "atrial-fibrillation": (("rivaroxaban", "metoprolol-succinate"), ("warfarin", "metoprolol"),
                            ("rivaroxaban", "amiodarone"), ("dabigatran", "bisoprolol"),
                            ("aspirin", "metoprolol")),
    "heart-failure": (
        ("sacubitril-valsartan", "metoprolol-succinate", "spironolactone", "dapagliflozin"),
        ("sacubitril-valsartan", "metoprolol-succinate", "spironolactone", "furosemide"),
        ("perindopril", "bisoprolol", "spironolactone", "furosemide"),
        ("furosemide", "spironolactone", "digoxin", "qili-qiangxin")),
    "stroke-haemorrhagic": (("citicoline",), ("naoxintong",)),
    "retinopathy": (("calcium-dobesilate",), ("calcium-dobesilate", "qiming-keli")),
    "neuropathy": (("mecobalamin",), ("mecobalamin", "epalrestat"), ("mecobalamin", "epalrestat"),
                   ("mecobalamin", "pregabalin")),
    "diabetic-foot": (("cilostazol", "mecobalamin"), ("cilostazol",)),
    "bipolar": (("lithium", "quetiapine"), ("valproate", "quetiapine"), ("valproate", "olanzapine"),
                ("lamotrigine", "quetiapine"), ("lithium",)),
    "dementia": (("donepezil",), ("donepezil", "memantine"), ("memantine",), ("ginkgo-leaf",)),
    "parkinson": (("levodopa-benserazide",), ("levodopa-benserazide", "pramipexole"),
                  ("pramipexole",)),
    "hypothyroidism": (("levothyroxine",),),
    "anaemia": (("ferrous-succinate", "vitamin-c"), ("iron-polysaccharide",),
                ("iron-protein-succinylate",)),
    "gout": (("febuxostat",), ("febuxostat", "sodium-bicarbonate"), ("benzbromarone",
             "sodium-bicarbonate"), ("allopurinol",)),
    "osteoporosis": (("calcium-vitamin-d", "calcitriol"), ("calcium-vitamin-d", "alendronate"),
                     ("calcium-vitamin-d", "alendronate", "calcitriol"), ("xianling-gubao",
                     "calcium-vitamin-d")),
    "hepatitis-b": (("entecavir",), ("tenofovir",), ("entecavir",), ("tenofovir-alafenamide",)),
    "cirrhosis": (("spironolactone", "furosemide", "huganpian"), ("propranolol", "huganpian"),
                  ("diammonium-glycyrrhizinate", "spironolactone")),
    "hiv": (("tenofovir", "lamivudine", "efavirenz"), ("tenofovir", "lamivudine", "efavirenz"),
            ("dolutegravir", "lamivudine"), ("bictegravir-combination",)),
    "breast-cancer": (("letrozole",), ("tamoxifen",)),
    "prostate-cancer": (("bicalutamide", "goserelin"),),
}
# fmt: on
