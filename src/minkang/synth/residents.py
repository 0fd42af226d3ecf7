"""The people of the invented county, each with the truth about them.

Everybody is invented: ID numbers lie in an unassigned division, telephone numbers in a block
that was never given to an operator, towns and roads exist on no map.
"""

from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.id_numbers import id_number, with_wrong_check
from minkang.synth.names import RARE_GIVEN, RARE_SURNAMES, given_name, sibling_name, surname

TOWNS: Final = {
    "云溪镇": ("柳家疃村", "北石岛村", "望潮村", "南庄子村"),
    "碧湾镇": ("东滩村", "渔港村", "松岭村", "白沙口村"),
    "鹭岛街道": ("海晏社区", "观澜社区", "听涛社区"),
    "银杏街道": ("银杏里社区", "柳荫社区", "书香苑社区"),
    "凤凰山镇": ("上夼村", "苹果园村", "西涧村", "老虎石村"),
}
_ROADS: Final = ("望海路", "渔歌巷", "安康街", "松涛路", "潮声路", "杏花巷", "春晖街", "和平里")

_AGE_BANDS: Final = (
    (1, 4, 3), (5, 14, 7), (15, 24, 6), (25, 34, 9), (35, 44, 12), (45, 54, 16), (55, 64, 19),
    (65, 74, 17), (75, 84, 8), (85, 96, 3),
)  # fmt: skip


class Condition(msgspec.Struct, frozen=True):
    """One course of a life: what, from when, treated from when; severity 0 (mild) to 1."""

    key: str
    code: str  # ICD-10
    name: str
    since: date
    treated: date | None
    severity: float


class AsWritten(msgspec.Struct, frozen=True):
    """Who a source believes the resident to be, where that differs from the truth."""

    id_number: str | None
    birth_date: date


class Resident(msgspec.Struct, frozen=True):
    """The truth about one invented person.

    `numbers` are the patient numbers at each source in order of issue (two where registered
    twice); `marks` name what is odd: twin, namesake, no-id, id-contradicts-birth,
    id-wrong-check, birth-day-unknown, registered-twice, moved, rare-name, hostile-text.
    `as_written` holds a source's own version of ID number and birth date. `seed` fixes the body.
    """

    key: str
    surname: str
    given: str
    sex: str  # M or F
    birth_date: date
    id_number: str
    phone: str
    town: str
    address: str
    seed: int
    former_phone: str | None = None
    former_address: str | None = None
    numbers: dict[str, tuple[str, ...]] = {}
    conditions: tuple[Condition, ...] = ()
    as_written: dict[str, AsWritten] = {}
    marks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Family name and given name as written."""
        return self.surname + self.given

    def written_at(self, source: str) -> AsWritten:
        """ID number and birth date as that source has them."""
        return self.as_written.get(source) or AsWritten(self.id_number, self.birth_date)

    def age(self, day: date) -> float:
        """Years lived on that day."""
        return (day - self.birth_date).days / 365.25


def _phone(random: Random) -> str:
    """Eleven digits in block 154, which has the shape of a mobile number and no operator."""
    return f"154{random.randrange(10**8):08d}"


def _address(random: Random) -> tuple[str, str]:
    town = random.choices(tuple(TOWNS), (30, 20, 20, 16, 14))[0]
    return town, _house(random, town)


def _house(random: Random, town: str) -> str:
    place = random.choice(TOWNS[town])
    if place.endswith("村"):
        return f"{town}{place}{random.randint(1, 320)}号"
    unit, floor, door = random.randint(1, 4), random.randint(1, 17), random.randint(1, 4)
    road, house = random.choice(_ROADS), random.randint(2, 188)
    return f"{town}{place}{road}{house}号{unit}单元{floor}{door:02d}室"


def _birth(random: Random, today: date) -> date:
    low, high, _ = random.choices(_AGE_BANDS, [band[2] for band in _AGE_BANDS])[0]
    return today - timedelta(days=int(random.uniform(low, high + 1) * 365.25))


class _Serials:
    """Hands out ID serials so that no two people of one birth date and sex share one."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def number(self, random: Random, birth: date, sex: str) -> str:
        while True:
            serial = random.randrange(1 if sex == "M" else 2, 1000, 2)
            number = id_number(birth, serial)
            if number not in self._used:
                self._used.add(number)
                return number


def _plain(seed: int, index: int, today: date, serials: _Serials) -> Resident:
    random = Random(f"{seed}/person/{index}")
    sex = random.choice("MF")
    birth = _birth(random, today)
    family = surname(random)
    given = given_name(random, sex, birth.year)
    marks: tuple[str, ...] = ()
    if index % 200 in _RARE_AT:  # every demo size meets them
        place = _RARE_AT.index(index % 200)
        family = RARE_SURNAMES[(place + index // 200 * 7) % len(RARE_SURNAMES)]
        marks = ("rare-name",)
    elif index % 200 in _RARE_GIVEN_AT:
        given = RARE_GIVEN[_RARE_GIVEN_AT.index(index % 200)]
        marks = ("rare-name",)
    town, address = _address(random)
    return Resident(
        key=f"R{index + 1:05d}",
        surname=family,
        given=given,
        sex=sex,
        birth_date=birth,
        id_number=serials.number(random, birth, sex),
        phone=_phone(random),
        town=town,
        address=address,
        seed=random.getrandbits(48),
        marks=marks,
    )


# Places of the odd cases within each two hundred; small ones first, so that 40 lives show most.
_RARE_AT: Final = (2, 9, 15, 27, 34, 52, 81, 97, 133, 171)
_RARE_GIVEN_AT: Final = (5, 31, 60, 111, 150)
_TWINS_AT: Final = (12, 77, 145)  # this one and the next
_NAMESAKES_AT: Final = (20, 90, 160)  # this one and the next
_NO_ID_AT: Final = {6: "haibin", 18: "gangcheng", 33: "haibin", 66: "yunxi", 91: "gangcheng",
                    120: "haibin", 161: "haibin", 188: "yunxi"}  # fmt: skip
_CONTRADICTION_AT: Final = 24
_WRONG_CHECK_AT: Final = 29
_DAY_UNKNOWN_AT: Final = 36
_TWICE_AT: Final = (38, 104, 175)
_MOVED_AT: Final = (3, 17, 35, 44, 63, 86, 110, 129, 148, 166, 192)


def _twin(elder: Resident, index: int, seed: int, serials: _Serials) -> Resident:
    random = Random(f"{seed}/twin/{index}")
    return Resident(
        key=f"R{index + 1:05d}",
        surname=elder.surname,
        given=sibling_name(random, elder.sex, elder.birth_date.year, elder.given),
        sex=elder.sex,
        birth_date=elder.birth_date,
        id_number=serials.number(random, elder.birth_date, elder.sex),
        phone=elder.phone,
        town=elder.town,
        address=elder.address,
        seed=random.getrandbits(48),
        marks=("twin",),
    )


def _namesake(other: Resident, index: int, seed: int, serials: _Serials) -> Resident:
    random = Random(f"{seed}/namesake/{index}")
    return Resident(
        key=f"R{index + 1:05d}",
        surname=other.surname,
        given=other.given,
        sex=other.sex,
        birth_date=other.birth_date,
        id_number=serials.number(random, other.birth_date, other.sex),
        phone=_phone(random),
        town=other.town,
        address=_house(random, other.town),
        seed=random.getrandbits(48),
        marks=("namesake",),
    )


def marked(resident: Resident, *marks: str) -> Resident:
    """The resident with further marks."""
    return msgspec.structs.replace(resident, marks=(*resident.marks, *marks))


def _made_odd(resident: Resident, index: int, seed: int, serials: _Serials) -> Resident:
    """The odd cases that sit at fixed places of each two hundred."""
    place = index % 200
    random = Random(f"{seed}/odd/{index}")
    replace = msgspec.structs.replace
    if place in _NO_ID_AT:
        written = AsWritten(None, resident.birth_date)
        resident = replace(marked(resident, "no-id"), as_written={_NO_ID_AT[place]: written})
    elif place == _CONTRADICTION_AT:
        wrong = resident.birth_date.replace(year=resident.birth_date.year - 10, day=1)
        written = AsWritten(resident.id_number, wrong)
        resident = replace(
            marked(resident, "id-contradicts-birth"), as_written={"gangcheng": written}
        )
    elif place == _WRONG_CHECK_AT:
        written = AsWritten(with_wrong_check(resident.id_number), resident.birth_date)
        resident = replace(marked(resident, "id-wrong-check"), as_written={"haibin": written})
    elif place == _DAY_UNKNOWN_AT:
        birth = date(min(resident.birth_date.year, 1958), 1, 1)
        resident = replace(
            marked(resident, "birth-day-unknown"),
            birth_date=birth,
            given=given_name(random, resident.sex, birth.year),
            id_number=serials.number(random, birth, resident.sex),
        )
    elif place in _TWICE_AT:
        resident = marked(resident, "registered-twice")
    elif place in _MOVED_AT:
        town, address = _address(random)
        resident = replace(
            marked(resident, "moved"),
            former_phone=resident.phone,
            former_address=resident.address,
            phone=_phone(random),
            town=town,
            address=address,
        )
    return resident


def people(count: int, seed: int, today: date) -> list[Resident]:
    """That many residents without health yet; the same for the same arguments."""
    serials = _Serials()
    made: list[Resident] = []
    for index in range(count):
        place = index % 200
        if place - 1 in _TWINS_AT:
            made[-1] = marked(made[-1], "twin")
            made.append(_twin(made[-1], index, seed, serials))
        elif place - 1 in _NAMESAKES_AT:
            made[-1] = marked(made[-1], "namesake")
            namesake = _namesake(made[-1], index, seed, serials)
            made.append(_made_odd(namesake, index, seed, serials))
        else:
            plain = _plain(seed, index, today, serials)
            made.append(_made_odd(plain, index, seed, serials))
    return made
