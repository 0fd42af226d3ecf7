"""What a visit costs, and what the insurance pays of it.

Prices are of the order of Shandong's price list for medical services; the rules of payment follow
the shape of a coastal city's two schemes: employees' (职工) with a yearly outpatient deductible and
75-90 % of an admission, residents' (居民) with 50-60 % at grassroots outpatients up to a small
ceiling and 60-85 % of an admission; the deductible of an admission rises with the institution.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from minkang.synth.lives.drugs import DRUGS
from minkang.synth.lives.prescribe import herb_cents
from minkang.synth.record import Done, Fees, Kind, Prescription, Report, Study
from minkang.synth.texts.imaging import STUDIES

CLASSES: Final = (
    "挂号费", "诊查费", "化验费", "检查费", "西药费", "中成药费", "中草药费", "手术费", "床位费",
    "护理费", "材料费",
)  # fmt: skip

PANEL_YUAN: Final = {
    "cbc": 20, "glucose": 45, "renal": 55, "liver": 90, "lipids": 60, "electrolytes": 40,
    "coagulation": 80, "urine": 18, "stool": 12, "inflammation": 60, "heart": 160, "thyroid": 130,
    "iron": 50, "hcg": 60, "tumour": 260, "tb": 120, "hepatitis-b": 60, "syphilis": 35, "hiv": 40,
    "blood-gas": 70, "blood-group": 25, "culture": 140, "flu-antigen": 50, "norovirus-pcr": 90,
    "measles-igm": 60, "respiratory-pcr": 180,
}  # fmt: skip
_OTHER_PANEL: Final = 60

_OPERATION_YUAN: Final = (280, 650, 1500, 3200, 5600)
_MATERIAL_YUAN: Final = (60, 260, 900, 3800, 9500)
_ANAESTHESIA_YUAN: Final = {"": 0, "局部麻醉": 40, "局麻": 40}
_OTHER_ANAESTHESIA: Final = 780
_BED_YUAN: Final = {"city": 55, "county": 40, "zone": 32, "grassroots": 22}
_NURSING_YUAN: Final = {"city": 28, "county": 22, "zone": 18, "grassroots": 12}
_DEDUCTIBLE_YUAN: Final = {"city": 800, "county": 400, "zone": 300, "grassroots": 100}
_EMPLOYEES: Final = {"city": 0.82, "county": 0.87, "zone": 0.89, "grassroots": 0.92}
_RESIDENTS: Final = {"city": 0.58, "county": 0.68, "zone": 0.75, "grassroots": 0.85}
_ADMISSION_CEILING: Final = 20_000_000
_SERIOUS: Final = frozenset(("C", "N18", "F20", "F31"))


class Accounts(msgspec.Struct, gc=False):
    """What a person has used up of the year's deductible and ceilings, in cents."""

    year: int = 0
    deducted: int = 0
    outpatient: int = 0
    inpatient: int = 0
    admissions: int = 0

    def turn(self, year: int) -> None:
        """A new year begins with nothing used up."""
        if year != self.year:
            self.year = year
            self.deducted = self.outpatient = self.inpatient = self.admissions = 0


def fees_of(
    kind: Kind, institution: Any, title: str, reports: Sequence[Report],
    studies: Sequence[Study], prescriptions: Sequence[Prescription], operations: Sequence[Done],
    nights: int,
) -> dict[str, int]:  # fmt: skip
    """Cents by class; classes with nothing are left out."""
    rank = institution.rank
    found: dict[str, int] = {}
    if kind in ("O", "E"):
        found["挂号费"] = 100
        found["诊查费"] = _consultation(rank, title, kind)
    elif kind == "H":
        found["诊查费"] = 2000
    elif kind == "I":
        days = max(1, nights)
        found["诊查费"] = 1500 * days
        found["床位费"] = _BED_YUAN.get(rank, 30) * 100 * days
        found["护理费"] = _NURSING_YUAN.get(rank, 15) * 100 * days
        found["材料费"] = 1800 * days
    if reports:
        found["化验费"] = sum(PANEL_YUAN.get(one.panel, _OTHER_PANEL) for one in reports) * 100
    if studies:
        found["检查费"] = sum(STUDIES[one.study].cents for one in studies)
    for one in prescriptions:
        for line in one.lines:
            cls = "中成药费" if DRUGS[line.drug].patent else "西药费"
            found[cls] = found.get(cls, 0) + line.cents
        if one.herbs:
            found["中草药费"] = found.get("中草药费", 0) + herb_cents(one.herbs, one.doses)
    for done in operations:
        level = min(4, max(0, done.operation.level))
        small = _small(done.operation.code) if not level else 0
        if small:
            found["手术费"] = found.get("手术费", 0) + small * 100
            continue
        anaesthesia = _ANAESTHESIA_YUAN.get(done.operation.anaesthesia, _OTHER_ANAESTHESIA)
        found["手术费"] = found.get("手术费", 0) + (_OPERATION_YUAN[level] + anaesthesia) * 100
        found["材料费"] = found.get("材料费", 0) + _MATERIAL_YUAN[level] * 100
    return found


_SMALL_YUAN: Final = (
    ("17.9", 45), ("93.", 50), ("94.", 90), ("99.", 22), ("96.5", 160), ("89.", 30),
)  # fmt: skip
"""By the first letters of the code: needles and massage, exercise, talks, injections, teeth."""


def _small(code: str) -> int:
    """Yuan of a treatment that is no operation; 0 where it counts as one."""
    return next((yuan for starts, yuan in _SMALL_YUAN if code.startswith(starts)), 0)


def _consultation(rank: str, title: str, kind: Kind) -> int:
    if kind == "E":
        return 2000
    if rank == "grassroots":
        return 800
    return 2500 if title.startswith("主任") else 1700 if title.startswith("副主任") else 1000


def settled(
    classes: dict[str, int], kind: Kind, institution: Any, insurance: str, codes: Sequence[str],
    accounts: Accounts, year: int,
) -> Fees:  # fmt: skip
    """The bill with what the insurance paid; `accounts` is brought forward by it."""
    accounts.turn(year)
    total = sum(classes.values())
    if insurance not in ("职工", "居民") or kind == "P" or institution.owner == "private":
        return Fees(total, 0, classes)
    covered = total - classes.get("挂号费", 0)
    rank = institution.rank
    if kind == "I":
        paid = _admission(covered, rank, insurance, accounts)
    else:
        paid = _outpatient(covered, rank, insurance, codes, accounts)
    return Fees(total, paid, classes)


def _admission(covered: int, rank: str, insurance: str, accounts: Accounts) -> int:
    deductible = _DEDUCTIBLE_YUAN.get(rank, 400) * 100
    if accounts.admissions:
        deductible //= 2
    accounts.admissions += 1
    rates = _EMPLOYEES if insurance == "职工" else _RESIDENTS
    paid = int(max(0, int(covered * 0.93) - deductible) * rates.get(rank, 0.6))
    paid = max(0, min(paid, _ADMISSION_CEILING - accounts.inpatient))
    accounts.inpatient += paid
    return paid


def _outpatient(
    covered: int, rank: str, insurance: str, codes: Sequence[str], accounts: Accounts
) -> int:
    serious = any(code[:3] in _SERIOUS or code[:1] in _SERIOUS for code in codes)
    if serious:
        rate = 0.8 if insurance == "职工" else 0.65
        return int(covered * rate)
    if insurance == "职工":
        threshold, ceiling = 50_000, 650_000
        rate = 0.6 if rank in ("city", "county") else 0.7
    else:
        threshold, ceiling = 0, 70_000
        rate = 0.6 if rank == "grassroots" else 0.0
    open_part = max(0, threshold - accounts.deducted)
    accounts.deducted += min(covered, open_part)
    paid = int(max(0, covered - open_part) * rate)
    paid = max(0, min(paid, ceiling - accounts.outpatient))
    accounts.outpatient += paid
    return paid
