"""The institutions of the whole place: who stands where, responsible for whom, led by whom."""

from itertools import pairwise
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.place import hospitals
from minkang.synth.place.departments import departments, divided
from minkang.synth.place.entities import AmbulanceStation, Department, Institution, Town, Village
from minkang.synth.place.hospitals import HospitalRow
from minkang.synth.place.kinds import KINDS
from minkang.synth.place.villages import FIRST_COMMUNITY, PRACTICE_STREET
from minkang.synth.place.words import institution_words

YUNXI: Final = "yunxi"
REGISTRY: Final = "weijian"  # of health resources: all that is told of institutions without more
_CODES: Final = {
    "haibin": "MK37109800100000110001",
    "gangcheng": "MK37109800200000210002",
    YUNXI: "MK37109800300000310003",
}
_NAMED_WORDS: Final = frozenset(
    row.name[:2] for row in (*hospitals.PUBLIC, *hospitals.PUBLIC_HEALTH, hospitals.REGISTER)
) | {"云溪"}
_SECOND_CENTRES: Final = (
    "371002100", "371073113", "371003101", "371082101", "371082102", "371082112", "371083103",
    "371083114",
)  # fmt: skip
_CLASSES_OF_CENTRES: Final = ("二级", "一级甲等", "一级")


class Network(msgspec.Struct, frozen=True):
    """All institutions, and by village the keys of whose primary care and centre answer for it."""

    institutions: tuple[Institution, ...]
    primary: dict[str, str]
    centre: dict[str, str]
    stations: tuple[AmbulanceStation, ...]


def network(seed: int, towns: tuple[Town, ...], villages: tuple[Village, ...]) -> Network:
    """All 2,562 institutions of the place; the three that have spoken from the beginning first.

    Community stations and village rooms each answer for neighbouring villages of their town;
    where there are none, the centre does.
    """
    made = _Made(seed, towns)
    of_town: dict[str, list[Village]] = {town.code: [] for town in towns}
    for village in sorted(villages, key=lambda one: one.code):
        of_town[village.town].append(village)
    public = {row.key: row for row in hospitals.PUBLIC}
    made.hospital(public.pop("haibin"))
    made.hospital(public.pop("gangcheng"))
    primary = _stations(made, towns, of_town)
    for row in (*public.values(), *hospitals.PUBLIC_HEALTH, hospitals.REGISTER):
        made.hospital(row)
    centre = _centres(made, towns, of_town)
    primary |= _rooms(made, towns, of_town, centre)
    for code, key in centre.items():
        primary.setdefault(code, key)
    _society(made, towns)
    _others(made, towns)
    return Network(tuple(made.found), primary, centre, _ambulances(made.found))


class _Made:
    """Gathers institutions while they are made, giving each its number, code and word."""

    def __init__(self, seed: int, towns: tuple[Town, ...]) -> None:
        self.found: list[Institution] = []
        self._towns = {town.code: town for town in towns}
        self._words = institution_words(stream(seed, "institution-words"), _NAMED_WORDS)
        self._at = 0
        self._departments: dict[tuple[str, int], tuple[Department, ...]] = {}

    def word(self) -> str:
        """The next invented word; they begin again when all have been used."""
        self._at += 1
        return self._words[self._at % len(self._words)]

    def add(
        self, key: str, kind: str, name: str, town: str, *, beds: int = 0, short: str = "",
        level: str = "", village: str = "", owner: str = "public", rank: str = "grassroots",
        system: str = "jiceng", parent: str = "", served: int = 0,
    ) -> None:  # fmt: skip
        """One more institution, with the next number."""
        number = len(self.found) + 1
        profile = (KINDS[kind].profile, beds)
        if profile not in self._departments:
            self._departments[profile] = departments(*profile)
        where = self._towns[town]
        code = _CODES.get(key) or f"MK371098{town[6:]}{number:06d}1{number:04d}"
        self.found.append(
            Institution(
                key, code, name, short or name, kind, level, where.county, town, village, beds,
                self._departments[profile], system, owner, rank, parent, served,
                f"{where.name}{_ROADS[number % len(_ROADS)]}{1 + number * 7 % 260}号",
                f"154{number:08d}",
            )
        )  # fmt: skip

    def hospital(self, row: HospitalRow) -> None:
        """An institution of the tables of hospitals and public health."""
        speaks = row.system or (REGISTRY if row.kind in _SILENT else row.key)
        self.add(
            row.key, row.kind, row.name, row.town, beds=row.beds, short=row.short,
            level=hospitals.LEVELS[row.level], rank=row.rank, system=speaks,
        )  # fmt: skip


_ROADS: Final = ("渔歌路", "望滩街", "松涛路", "碧晏路", "春晖街", "鹭影路", "汐浪街", "银荫路")
_SILENT: Final = frozenset(("health-supervision", "specialised-institute"))


def centre_key(town: Town, second: bool = False) -> str:
    """Key of the centre of a town, or of its second one."""
    kind = "community-centre" if town.urban else "township-centre"
    return f"{kind}-{town.code}{'-2' if second else ''}"


def _stations(
    made: _Made, towns: tuple[Town, ...], of_town: dict[str, list[Village]]
) -> dict[str, str]:
    """Community stations, and whom they answer for; a part of every street is the centre's own."""
    urban = [town for town in towns if town.urban]
    urban.sort(key=lambda town: town.code != PRACTICE_STREET)  # the named one is the third of all
    counts = divided(hospitals.STATIONS, [town.population for town in urban])
    primary: dict[str, str] = {}
    for town, count in zip(urban, counts, strict=True):
        groups = _groups(of_town[town.code], count + 1)
        if town.code != PRACTICE_STREET:
            groups = groups[1:] + groups[:1]
        for group in groups[:-1]:
            first = group[0]
            named = first.name == FIRST_COMMUNITY and town.code == PRACTICE_STREET
            key = YUNXI if named else f"station-{first.code}"
            made.add(
                key, "community-station", f"{first.name}卫生服务站", town.code,
                village=first.code, short=first.name.removesuffix("社区") + "卫生站",
                system=YUNXI if named else "jiceng", parent=centre_key(town),
                served=sum(village.population for village in group),
            )  # fmt: skip
            primary |= {village.code: key for village in group}
    return primary


def _centres(
    made: _Made, towns: tuple[Town, ...], of_town: dict[str, list[Village]]
) -> dict[str, str]:
    """Township and community centres with their beds, and whom they answer for."""
    seats: list[tuple[Town, bool, list[Village]]] = []
    for town in towns:
        groups = _groups(of_town[town.code], 2 if town.code in _SECOND_CENTRES else 1)
        seats += [(town, bool(number), group) for number, group in enumerate(groups)]
    served = [sum(village.population for village in group) for _, _, group in seats]
    weights = [
        people * (0.18 if town.urban else 1.0)
        for people, (town, _, _) in zip(served, seats, strict=True)
    ]
    beds = divided(hospitals.PRIMARY_BEDS, weights)
    largest = sorted(range(len(seats)), key=lambda at: -weights[at])
    centre: dict[str, str] = {}
    for at, (town, second, group) in enumerate(seats):
        key = centre_key(town, second)
        word = made.word()
        ending = "社区卫生服务中心" if town.urban else "卫生院"
        grade = 0 if at in largest[:7] else 1 if at in largest[:45] else 2
        made.add(
            key, key.rsplit("-37", 1)[0], f"{town.name}{word}{ending}", town.code,
            beds=beds[at], short=word + ("社区中心" if town.urban else "卫生院"),
            level="" if town.urban else _CLASSES_OF_CENTRES[grade],
            village=group[0].code, served=served[at],
        )  # fmt: skip
        centre |= {village.code: key for village in group}
    return centre


def _rooms(
    made: _Made, towns: tuple[Town, ...], of_town: dict[str, list[Village]], centre: dict[str, str]
) -> dict[str, str]:
    """Village rooms of rural towns and whom they answer for. Seats are the centre's own."""
    units: dict[tuple[str, str], list[Village]] = {}
    for town in towns:
        for village in of_town[town.code]:
            if not town.urban and not village.urban:
                unit = (town.name, centre[village.code])
                units.setdefault(unit, []).append(village)
    counts = divided(hospitals.ROOMS, [len(own) for own in units.values()])
    primary: dict[str, str] = {}
    for ((name, led_by), own), count in zip(units.items(), counts, strict=True):
        for group in _groups(own, count):
            first = group[0]
            key = f"room-{first.code}"
            made.add(
                key, "village-room", f"{name}{first.name}卫生室", first.town,
                village=first.code, short=f"{first.name}卫生室", owner="collective",
                parent=led_by, served=sum(village.population for village in group),
            )  # fmt: skip
            primary |= {village.code: key for village in group}
    return primary


def _groups(villages: list[Village], count: int) -> list[list[Village]]:
    """Neighbours by code in that many groups of about as many villages each."""
    edges = [len(villages) * at // count for at in range(count + 1)]
    return [villages[low:high] for low, high in pairwise(edges)]


def _spread(towns: tuple[Town, ...], count: int, urban_weight: float) -> list[Town]:
    """That many towns, each as often as its residents (times a weight for streets) ask for."""
    counts = divided(
        count, [town.population * (urban_weight if town.urban else 1.0) for town in towns]
    )
    return [town for town, times in zip(towns, counts, strict=True) for _ in range(times)]


def _society(made: _Made, towns: tuple[Town, ...]) -> None:
    """Hospitals, outpatient departments and clinics that society runs."""
    for kind, ending, count, beds in hospitals.PRIVATE:
        for number, town in enumerate(_spread(towns, count, 6.0), 1):
            word = made.word()
            name = f"{_plain(town)}{word}{ending}"
            made.add(
                f"{kind}-{number:02d}", kind, name, town.code, beds=beds, short=word + ending,
                owner="private", rank="county", system="minban",
                level="一级" if beds < 100 else "二级",
            )  # fmt: skip
    for kind, ending, count in (
        *hospitals.CLINICS,
        ("outpatient-department", "门诊部", hospitals.OUTPATIENT),
    ):
        for number, town in enumerate(_spread(towns, count, 2.0), 1):
            word = made.word()
            made.add(
                f"{kind}-{number:03d}", kind, f"{_plain(town)}{word}{ending}", town.code,
                short=word + ending, owner="private", system="minban",
            )  # fmt: skip


def _others(made: _Made, towns: tuple[Town, ...]) -> None:
    """Infirmaries, family planning, laboratories and the like: without systems of their own."""
    for number, town in enumerate(_spread(towns, hospitals.INFIRMARIES, 1.5), 1):
        ending = ("公司医务室", "学校卫生室", "船业公司卫生所", "养老院医务室")[number % 4]
        made.add(
            f"infirmary-{number:03d}", "infirmary", f"{_plain(town)}{made.word()}{ending}",
            town.code, owner="collective", system=REGISTRY,
        )  # fmt: skip
    for number, town in enumerate(_spread(towns, hospitals.FAMILY_PLANNING, 0.5), 1):
        made.add(
            f"family-planning-{number:02d}", "family-planning",
            f"{_plain(town)}{made.word()}计划生育服务站", town.code, system=REGISTRY,
        )  # fmt: skip
    for kind, ending, count in hospitals.OTHERS:
        for number, town in enumerate(_spread(towns, count, 8.0), 1):
            name = f"{_plain(town)}{made.word()}{ending}"
            made.add(
                f"{kind}-{number:02d}", kind, name, town.code, owner="collective",
                rank="county", system=REGISTRY,
            )  # fmt: skip


def _plain(town: Town) -> str:
    """The town's name without what it is."""
    return town.name.removesuffix("街道").removesuffix("镇").removesuffix("办事处")


def _ambulances(found: list[Institution]) -> tuple[AmbulanceStation, ...]:
    """The 120 stations at public hospitals and at the centres responsible for most residents."""
    count, vehicles, negative = hospitals.AMBULANCES
    kinds = ("city-general", "county-general", "small-general", "tcm-hospital", "county-tcm",
             "bone-hospital")  # fmt: skip
    hosts = [one for one in found if one.kind in kinds]
    centres = [one for one in found if one.kind == "township-centre"]
    centres.sort(key=lambda one: (-one.served, one.key))
    hosts += centres[: count - len(hosts)]
    second = vehicles - len(hosts)
    return tuple(
        AmbulanceStation(
            f"120-{number:02d}", f"{host.short}急救站", host.key, host.county, host.town,
            2 if number <= second else 1, 1 if number <= negative else 0,
        )
        for number, host in enumerate(hosts, 1)
    )  # fmt: skip
