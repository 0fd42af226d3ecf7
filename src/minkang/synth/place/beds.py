"""Wards, rooms and beds of an institution."""

from typing import Final

from minkang.synth.place.entities import Bed, Institution

_BEDS_A_WARD: Final = 45
_KINDS: Final = {
    "intensive": "监护", "neonatal": "新生儿", "obstetric": "产科", "emergency": "观察",
}  # fmt: skip
_ISOLATION: Final = frozenset(("infectious", "tuberculosis"))
_WARDS: Final = ("一", "二", "三", "四", "五", "六", "七", "八")


def beds(institution: Institution) -> tuple[Bed, ...]:
    """All beds that stand in its wards, by department; three a room, wards of at most 45.

    One bed in ten of the infectious wards keeps negative pressure.
    """
    found: list[Bed] = []
    serial = institution.code[-4:]
    floor = 2
    for department in institution.departments:
        if not department.beds:
            continue
        wards = -(-department.beds // _BEDS_A_WARD)
        for ward in range(wards):
            floor = floor + 1 if floor < 20 else 3
            count = department.beds * (ward + 1) // wards - department.beds * ward // wards
            name = department.name + (f"{_WARDS[ward % 8]}病区" if wards > 1 else "病区")
            for number in range(1, count + 1):
                kind = _KINDS.get(department.key, "普通")
                if department.key in _ISOLATION and number % 10 == 0:
                    kind = "负压"
                room = "监护大厅" if kind == "监护" else f"{floor}{(number - 1) // 3 + 1:02d}"
                found.append(
                    Bed(
                        f"B{serial}{len(found) + 1:04d}", f"{number}床",
                        f"{department.key}-{ward + 1}", name, room, department.key, kind,
                    )
                )  # fmt: skip
    return tuple(found)
