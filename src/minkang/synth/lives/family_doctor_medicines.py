"""Medicines as a follow-up form lists them: name, times a day, single dose."""

from functools import cache

from minkang.synth.lives.drugs import DRUGS, TIMES_A_DAY
from minkang.synth.record import Medicine


def is_insulin(drug: str) -> bool:
    """Whether the medicine is an insulin, which the form of diabetes asks for apart."""
    return drug.startswith("insulin-")


@cache
def _line(drug: str, dose: str, frequency: str) -> tuple[str, str, str]:
    known = DRUGS[drug]
    often = frequency or known.frequency
    times = max(1, round(TIMES_A_DAY.get(often, 1)))
    return known.name, str(times), f"每次{dose or known.dose}"


def lines(medicines: tuple[Medicine, ...], most: int) -> dict[str, str]:
    """The form's columns for up to `most` medicines."""
    found: dict[str, str] = {}
    for at, medicine in enumerate(medicines[:most], 1):
        name, times, dose = _line(medicine.drug, medicine.dose, medicine.frequency)
        found[f"药物{at}名称"] = name
        found[f"药物{at}每日次数"] = times
        found[f"药物{at}用量"] = dose
    return found


def insulin(medicines: tuple[Medicine, ...]) -> dict[str, str]:
    """The form's columns for the first insulin, if there is one."""
    for medicine in medicines:
        if is_insulin(medicine.drug):
            name, times, dose = _line(medicine.drug, medicine.dose, medicine.frequency)
            return {"胰岛素种类": name, "胰岛素用法和用量": f"每日{times}次，{dose}"}
    return {}
