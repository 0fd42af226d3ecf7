"""Which institutions a village's residents go to for a care, and in what shares.

County hospitals keep most of what they can treat (plan for medical institutions: nine in ten
within the county), the city's hospitals are everybody's second choice and the first of those who
live beside them.
"""

from itertools import accumulate
from typing import Final

import msgspec

from minkang.synth.place.entities import Institution, Village
from minkang.synth.place.network import Network
from minkang.synth.record import Care

Rows = tuple[tuple[str, float], ...]

_COUNTY: Final[dict[str, Rows]] = {
    "371002": (("biwan", 0.62), ("haibin", 0.38)),
    "371003": (("songling", 0.88), ("wangchao", 0.12)),
    "371082": (("dongjiao", 0.9), ("haibin", 0.1)),
    "371083": (("shanhu", 0.92), ("haibin", 0.08)),
}
_ZONES: Final[dict[str, Rows]] = {
    "371071": (("heyuan", 0.6), ("haibin", 0.4)),
    "371072": (("fengming", 0.6), ("haibin", 0.4)),
    "371073": (("lanxi", 0.6), ("songling", 0.4)),
}
_SOUTH: Final = frozenset(("371082002", "371082003", "371082005", "371082006", "371082111",
                           "371082112", "371082001", "371082004"))  # fmt: skip
_CITY: Final[dict[str, Rows]] = {
    "371002": (("haibin", 0.94), ("wangchao", 0.06)),
    "371003": (("haibin", 0.55), ("wangchao", 0.45)),
    "371082": (("haibin", 0.85), ("wangchao", 0.15)),
    "371083": (("wangchao", 0.55), ("haibin", 0.45)),
}
_TCM: Final[dict[str, Rows]] = {
    "371002": (("gangcheng", 0.82), ("zhuying", 0.18)),
    "371003": (("jinli", 0.55), ("gangcheng", 0.33), ("songgu", 0.12)),
    "371082": (("yunfan", 0.85), ("gangcheng", 0.15)),
    "371083": (("biquan", 0.8), ("gangcheng", 0.2)),
}
_MCH: Final[dict[str, Rows]] = {
    "371002": (("yinxing", 0.88), ("huanfu", 0.12)),
    "371003": (("wenfu", 0.68), ("yinxing", 0.32)),
    "371082": (("rongfu", 0.75), ("yinxing", 0.25)),
    "371083": (("rufu", 0.75), ("yinxing", 0.25)),
}
_COUNTIES: Final[dict[str, dict[str, Rows]]] = {"city": _CITY, "tcm": _TCM, "mch": _MCH}
_MENTAL: Final[dict[str, Rows]] = {"371082": (("jingwei", 0.6), ("haiyan", 0.4))}
_CLINIC_SHARE: Final = 0.86


class Choices(msgspec.Struct, frozen=True):
    """Institutions with the cumulated shares of residents who go there; the last share is 1."""

    institutions: tuple[Institution, ...]
    shares: tuple[float, ...]

    def at(self, pick: float) -> Institution:
        """The one whose share the pick, in [0, 1), falls into."""
        for institution, share in zip(self.institutions, self.shares, strict=True):
            if pick < share:
                return institution
        return self.institutions[-1]


def choices(
    care: Care, village: Village, net: Network, by_key: dict[str, Institution],
    specialty: str = "",
) -> Choices:  # fmt: skip
    """Where residents of the village go for that care; for a private one also by specialty.

    Raises:
        KeyError: there is no such care.
    """
    rows = _rows(care, village, net, by_key, specialty)
    return Choices(
        tuple(by_key[key] for key, _ in rows), tuple(accumulate(weight for _, weight in rows))
    )


def _rows(
    care: Care, village: Village, net: Network, by_key: dict[str, Institution], specialty: str
) -> Rows:
    county, zone = village.county, village.code[:6]
    primary, centre = net.primary[village.code], net.centre[village.code]
    if care == "village":
        return ((primary, 1.0),) if primary == centre else ((primary, 0.9), (centre, 0.1))
    if care == "town":
        return ((centre, 1.0),)
    if care == "county":
        if village.town in _SOUTH:
            return (("shiou", 0.85), ("dongjiao", 0.15))
        return _ZONES.get(zone) or _COUNTY[county]
    if care == "private":
        return _private(village, by_key, specialty)
    if care == "mental":
        return _MENTAL.get(county, (("jingwei", 1.0),))
    if care == "infectious":
        return (("chuanran", 1.0),)
    return _COUNTIES[care][county]


_CLINICS: Final = {
    "dental": ("dental-clinic",), "ophthalmology": ("eye-hospital",), "tcm": ("tcm-clinic",),
}  # fmt: skip
PRIVATE_SPECIALTIES: Final = ("", *_CLINICS)
"""Specialties that have private places of their own; all others share the clinics."""


def _private(village: Village, by_key: dict[str, Institution], specialty: str) -> Rows:
    """Clinics of the town (each neighbourhood has its own two), else of the county; hospitals."""
    kinds = _CLINICS.get(specialty, ("clinic",))
    near = [one for one in by_key.values() if one.kind in kinds]
    own = [one for one in near if one.town == village.town]
    own = own or [one for one in near if one.county == village.county] or near
    hospitals = [
        one for one in by_key.values()
        if one.kind == "private-general" and one.county == village.county
    ]  # fmt: skip
    first = int(village.code[9:]) % len(own)
    chosen = list(dict.fromkeys((own[first].key, own[(first + 1) % len(own)].key)))
    rest = 1.0 - _CLINIC_SHARE if hospitals else 0.0
    rows = [(key, (1.0 - rest) / len(chosen)) for key in chosen]
    if hospitals:
        rows.append((hospitals[int(village.code[6:]) % len(hospitals)].key, rest))
    return tuple(rows)
