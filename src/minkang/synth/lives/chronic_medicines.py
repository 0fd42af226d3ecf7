"""What a patient is prescribed for a known course on a day."""

from datetime import date
from typing import Final

from minkang.synth.lives.life import Life
from minkang.synth.record import Medicine

_UNUSUAL: Final = {
    # Where the usual dose of the drug's catalogue entry is not the one for the long run.
    "aspirin": ("100mg", "qd"), "metoprolol-succinate": ("47.5mg", "qd"),
    "insulin-glargine": ("14U", "qn"), "insulin-premixed": ("16U", "bid"),
    "insulin-aspart-30": ("14U", "bid"), "insulin-aspart": ("8U", "tid"),
    "salbutamol": ("", "prn"), "estazolam": ("", "qn"), "sodium-bicarbonate": ("", "tid"),
}  # fmt: skip
_INJECTED: Final = frozenset(("paliperidone-palmitate", "goserelin", "erythropoietin"))


def medicines_of(life: Life, condition_key: str, day: date, days: int = 28) -> tuple[Medicine, ...]:
    """The long-term medicines of that course on that day, empty before it is found and treated.

    `days` is how long a prescription lasts (28 at the village and town, up to 84 as a long
    prescription).
    """
    return tuple(medicine(drug, days) for drug in life.body.drugs(condition_key, day))


def medicine(drug: str, days: int) -> Medicine:
    """One line of a long-term prescription at the dose of the long run."""
    dose, frequency = _UNUSUAL.get(drug, ("", ""))
    return Medicine(drug, min(days, 28) if drug in _INJECTED else days, dose, frequency)


def all_medicines(
    life: Life, keys: tuple[str, ...], day: date, days: int = 28
) -> tuple[Medicine, ...]:
    """The medicines of several courses on that day, each drug and each class of statin once."""
    seen: dict[str, None] = {}
    for key in keys:
        for drug in life.body.drugs(key, day):
            if drug.endswith("statin") and any(known.endswith("statin") for known in seen):
                continue
            if drug.startswith("metoprolol") and any(known in _BETA for known in seen):
                continue
            seen.setdefault(drug)
    return tuple(medicine(drug, days) for drug in seen)


_BETA: Final = frozenset(("metoprolol", "metoprolol-succinate", "bisoprolol", "carvedilol"))
