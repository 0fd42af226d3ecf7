"""How many posts an institution has: by department and role.

Hospitals have staff by beds, centres by the residents whom they serve (about 1.3 posts per 1,000
in towns and 1.0 in streets: Weihai plan for primary care, section 1.1), village rooms one for
about 700 (plan: 1-1.5 village doctors per 1,000).
"""

from typing import Final

import msgspec

from minkang.synth.place.departments import PROFILES, divided
from minkang.synth.place.entities import Institution
from minkang.synth.place.kinds import KINDS, Kind

_NURSING: Final = {"intensive": 3.5, "neonatal": 1.8, "emergency": 3.0, "mental": 0.9}
_NURSES_WITHOUT_BEDS: Final = {"anaesthesia": 8.0, "emergency": 6.0, "vaccination": 8.0}
_TECHNICIANS: Final = {
    "laboratory": 5.0, "imaging": 4.0, "ecg": 0.6, "pathology": 0.8, "transfusion": 0.6,
    "rehabilitation": 1.2, "reproductive": 0.5,
}  # fmt: skip
_PHARMACY: Final = ("pharmacy", "general", "transfusion", "office")
_ASSISTANTS: Final = {"city": 0.0, "county": 0.03, "zone": 0.1, "grassroots": 0.28}
_CDC: Final = {"city": (20, 4, 0, 34, 90), "county": (8, 3, 0, 14, 45), "zone": (2, 1, 0, 3, 11)}
_SUPERVISION: Final = {"city": 55, "county": 28, "zone": 9}
_RESIDENTS_A_VILLAGE_DOCTOR: Final = 700


class Posts(msgspec.Struct, frozen=True, gc=False):
    """That many posts of a role in a department."""

    department: str
    role: str
    count: int


def posts(institution: Institution) -> list[Posts]:
    """All posts of an institution in the order of its departments, doctors first."""
    kind = KINDS[institution.kind]
    if institution.kind == "village-room":
        number = max(1, round(institution.served / _RESIDENTS_A_VILLAGE_DOCTOR))
        return [Posts("general", "village-doctor", number)]
    doctors, nurses, pharmacists, technicians, public = _numbers(institution, kind)
    keys = [department.key for department in institution.departments]
    rows = PROFILES[kind.profile]
    by_doctors = [row[5] for row in rows]
    by_nurses = [
        row[4] * _NURSING.get(row[0], 1.0)
        + row[5] * 0.12
        + (
            _NURSES_WITHOUT_BEDS.get(row[0], 0.0)
            if kind.hospital or kind.profile == "centre"
            else 0
        )
        for row in rows
    ]
    found: list[Posts] = []
    assistants = round(doctors * _ASSISTANTS[institution.rank])
    found += _divided("doctor", doctors - assistants, keys, by_doctors)
    found += _divided("assistant", assistants, keys, by_doctors)
    found += _divided("nurse", nurses, keys, by_nurses)
    found += _divided("technician", technicians, keys, [_TECHNICIANS.get(key, 0.0) for key in keys])
    pharmacy = next((key for key in _PHARMACY if key in keys), keys[0])
    found += _divided("pharmacist", pharmacists, [pharmacy], [1.0])
    found += _divided("public-health", public, keys, _public_weights(institution, keys))
    return found


def _numbers(institution: Institution, kind: Kind) -> tuple[int, int, int, int, int]:
    """Doctors with assistants, nurses, pharmacists, technicians, public-health staff."""
    if institution.kind == "cdc":
        return _CDC[institution.rank]
    if institution.kind == "health-supervision":
        return 0, 0, 0, 0, _SUPERVISION[institution.rank]
    if kind.profile == "centre":
        rural = institution.kind == "township-centre"
        per_1000 = (0.6, 0.55, 0.09, 0.1, 0.12) if rural else (0.27, 0.25, 0.05, 0.05, 0.06)
        thousands = institution.served / 1000
        many = [max(1, round(thousands * one)) for one in per_1000]
        return max(4, many[0]), max(4, many[1]), many[2], many[3], many[4]
    if institution.beds:
        doctors, nurses, pharmacists, technicians = (
            max(1, round(institution.beds * one)) for one in kind.per_bed
        )
        public = round(institution.beds * (0.1 if institution.kind == "mch-hospital" else 0.004))
        return doctors, nurses, pharmacists, technicians, public
    tenths = int(institution.code[-1]) / 10  # so that 1.3 is one in seven of ten, and two in three
    doctors, nurses, pharmacists, technicians, public = (int(one + tenths) for one in kind.fixed)
    if not any((doctors, nurses, public)):
        doctors = 1
    return doctors, nurses, pharmacists, technicians, public


def _divided(role: str, count: int, keys: list[str], weights: list[float]) -> list[Posts]:
    if count and not any(weights):
        weights = [1.0, *[0.0] * (len(keys) - 1)]
    return [
        Posts(key, role, part)
        for key, part in zip(keys, divided(count, weights), strict=True)
        if part
    ]


def _public_weights(institution: Institution, keys: list[str]) -> list[float]:
    """Where public-health staff work: all over a CDC, else in the departments named for it."""
    if institution.kind in ("cdc", "emergency-centre", "blood-station"):
        return [0.0 if key == "laboratory" else 1.0 for key in keys]
    weights = {"public-health": 3.0, "child-health": 1.0, "women-health": 1.0}
    return [weights.get(key, 0.0) for key in keys]
