"""What the laboratories measure: codes, units, reference ranges, panels.

Adult ranges follow WS/T 404 and WS/T 405 where these give one, else common practice. Molar
quantities carry the LOINC code of the molar property (glucose 14749-6, not 2345-7, which is
mass per volume).
"""

from functools import cache
from typing import Final

import msgspec


class Analyte(msgspec.Struct, frozen=True):
    """One kind of result.

    `ranges` are (low, high) for men and women, None an open end. `floor` is the detection limit
    under which the laboratory reports "<floor". `kind` is HL7's value type: NM, ST or TX.
    """

    key: str
    loinc: str
    local: str
    name: str
    unit: str = ""
    decimals: int = 1
    men: tuple[float | None, float | None] = (None, None)
    women: tuple[float | None, float | None] = (None, None)
    floor: float | None = None
    kind: str = "NM"

    def range_for(self, sex: str) -> tuple[float | None, float | None]:
        """(low, high) for sex 'M' or 'F'."""
        return self.men if sex == "M" else self.women


def _both(
    key: str,
    loinc: str,
    local: str,
    name: str,
    unit: str,
    decimals: int,
    low: float | None,
    high: float | None,
    floor: float | None = None,
) -> Analyte:
    return Analyte(key, loinc, local, name, unit, decimals, (low, high), (low, high), floor)


_ALL: Final = (
    _both("glucose", "14749-6", "GLU", "葡萄糖", "mmol/L", 1, 3.9, 6.1),
    _both("hba1c", "4548-4", "HBA1C", "糖化血红蛋白", "%", 1, 4.0, 6.0),
    Analyte("creatinine", "14682-9", "CREA", "肌酐", "umol/L", 0, (57, 97), (41, 73)),
    Analyte("urea", "22664-7", "UREA", "尿素", "mmol/L", 1, (3.1, 8.0), (2.6, 7.5)),
    Analyte("urate", "14933-6", "UA", "尿酸", "umol/L", 0, (208, 428), (155, 357)),
    _both("egfr", "98979-8", "EGFR", "估算肾小球滤过率", "mL/min/1.73m2", 0, 60, None),
    _both("potassium", "2823-3", "K", "钾", "mmol/L", 2, 3.5, 5.3),
    _both("cholesterol", "14647-2", "TC", "总胆固醇", "mmol/L", 2, None, 5.2),
    _both("triglyceride", "14927-8", "TG", "甘油三酯", "mmol/L", 2, None, 1.7),
    _both("hdl", "14646-4", "HDL-C", "高密度脂蛋白胆固醇", "mmol/L", 2, 1.0, None),
    _both("ldl", "22748-8", "LDL-C", "低密度脂蛋白胆固醇", "mmol/L", 2, None, 3.4),
    _both("wbc", "6690-2", "WBC", "白细胞计数", "10^9/L", 1, 3.5, 9.5),
    _both("neutrophils", "770-8", "NEUT%", "中性粒细胞百分比", "%", 1, 40, 75),
    Analyte("rbc", "789-8", "RBC", "红细胞计数", "10^12/L", 2, (4.3, 5.8), (3.8, 5.1)),
    Analyte("haemoglobin", "718-7", "HGB", "血红蛋白", "g/L", 0, (130, 175), (115, 150)),
    Analyte("haematocrit", "4544-3", "HCT", "红细胞压积", "%", 1, (40, 50), (35, 45)),
    _both("mcv", "787-2", "MCV", "平均红细胞体积", "fL", 1, 82, 100),
    _both("platelets", "777-3", "PLT", "血小板计数", "10^9/L", 0, 125, 350),
    _both("tsh", "3016-3", "TSH", "促甲状腺激素", "mIU/L", 2, 0.27, 4.2, 0.01),
    _both("ft3", "14928-6", "FT3", "游离三碘甲状腺原氨酸", "pmol/L", 2, 3.1, 6.8),
    _both("ft4", "14920-3", "FT4", "游离甲状腺素", "pmol/L", 2, 12.0, 22.0),
    Analyte("ferritin", "2276-4", "FER", "铁蛋白", "ug/L", 1, (30, 400), (13, 150)),
    _both("crp", "1988-5", "CRP", "C反应蛋白", "mg/L", 1, None, 10, 0.5),
    _both("procalcitonin", "33959-8", "PCT", "降钙素原", "ng/mL", 2, None, 0.1, 0.05),
    _both("troponin", "10839-9", "TNI", "肌钙蛋白I", "ug/L", 2, None, 0.04, 0.01),
    _both("nt-probnp", "33762-6", "NT-PROBNP", "N末端脑钠肽前体", "pg/mL", 0, None, 450, 20),
    Analyte("hcg", "19080-1", "HCG", "绒毛膜促性腺激素", "IU/L", 1, women=(None, 5)),
    _both("cd4", "24467-3", "CD4", "CD4+T淋巴细胞计数", "/uL", 0, 410, 1590),
    _both("hiv-load", "20447-9", "HIV-RNA", "HIV-1核酸定量", "copies/mL", 0, None, None, 20),
    Analyte("urine-protein", "20454-5", "PRO", "尿蛋白", kind="ST"),
    Analyte("chest-film", "", "XR-CHEST", "胸部X线所见", kind="TX"),
    Analyte("wrist-film", "", "XR-WRIST", "腕关节X线所见", kind="TX"),
    Analyte("comment", "8251-1", "COMMENT", "检验备注", kind="TX"),
)

ANALYTES: Final = {analyte.key: analyte for analyte in _ALL}


class Panel(msgspec.Struct, frozen=True):
    """What is ordered together; `code` is local at both hospitals."""

    key: str
    code: str
    name: str
    analytes: tuple[str, ...]
    section: str = "LAB"


PANELS: Final = {
    panel.key: panel
    for panel in (
        Panel("glucose", "P-GLU", "血糖及糖化血红蛋白", ("glucose", "hba1c")),
        Panel("renal", "P-RENAL", "肾功能", ("creatinine", "urea", "urate", "egfr", "potassium")),
        Panel("lipids", "P-LIPID", "血脂四项", ("cholesterol", "triglyceride", "hdl", "ldl")),
        Panel(
            "cbc",
            "P-CBC",
            "血常规",
            ("wbc", "neutrophils", "rbc", "haemoglobin", "haematocrit", "mcv", "platelets"),
        ),
        Panel("thyroid", "P-THYR", "甲状腺功能", ("tsh", "ft3", "ft4")),
        Panel("iron", "P-FER", "铁蛋白测定", ("ferritin",)),
        Panel("inflammation", "P-INFL", "炎症指标", ("crp", "procalcitonin")),
        Panel("heart", "P-CARD", "心肌标志物", ("troponin", "nt-probnp")),
        Panel("hcg", "P-HCG", "血HCG测定", ("hcg",)),
        Panel("hiv", "P-CD4", "CD4计数及病毒载量", ("cd4", "hiv-load")),
        Panel("urine", "P-URINE", "尿常规", ("urine-protein",)),
        Panel("chest-film", "XR001", "胸部正侧位X线摄影", ("chest-film",), "RAD"),
        Panel("wrist-film", "XR014", "腕关节正侧位X线摄影", ("wrist-film",), "RAD"),
    )
}

LOCAL_ONLY: Final = frozenset(
    ("urate", "potassium", "neutrophils", "haematocrit", "mcv", "ft3", "procalcitonin")
)
"""What gangcheng's laboratory codes only in its own system; the rest carries LOINC beside it."""


class Value(msgspec.Struct, frozen=True):
    """One result as a laboratory writes it. `below` says that `text` is a detection limit."""

    analyte: str
    text: str
    flag: str = ""  # H, L, N; empty for texts
    below: bool = False


def written(key: str, number: float, sex: str) -> Value:
    """A measured number as the laboratory reports it: rounded, flagged, cut at its limit."""
    analyte = ANALYTES[key]
    if analyte.floor is not None and number < analyte.floor:
        return Value(key, f"{analyte.floor:g}", "N", below=True)
    text = f"{number:.{analyte.decimals}f}"
    return Value(key, text, flag(analyte, float(text), sex))


def flag(analyte: Analyte, number: float, sex: str) -> str:
    """H above, L below, N within the reference range of that sex."""
    low, high = analyte.range_for(sex)
    if high is not None and number > high:
        return "H"
    if low is not None and number < low:
        return "L"
    return "N"


@cache
def range_text(analyte: Analyte, sex: str) -> str:
    """The reference range as printed: 3.9-6.1, <5.20, >60, or nothing."""
    low, high = analyte.range_for(sex)
    places = analyte.decimals
    if low is not None and high is not None:
        return f"{low:.{places}f}-{high:.{places}f}"
    if high is not None:
        return f"<{high:.{places}f}"
    return f">{low:.{places}f}" if low is not None else ""
