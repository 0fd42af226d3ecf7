"""The place as the other parts ask for it: who lives where, who treats them, where they go."""

from bisect import bisect_right
from datetime import date
from typing import Any, Final

import msgspec

from minkang.synth.draws import share
from minkang.synth.place import beds as bed_makers
from minkang.synth.place import care as cares
from minkang.synth.place import divisions
from minkang.synth.place import equipment as device_makers
from minkang.synth.place.entities import (
    AmbulanceStation,
    Bed,
    County,
    Department,
    Device,
    Institution,
    Site,
    Staff,
    Town,
    Village,
)
from minkang.synth.place.nearest import DOCTORS, department_for, is_steady, posts_for
from minkang.synth.place.network import Network, network
from minkang.synth.place.sites import sites_of
from minkang.synth.place.staffing import REFERENCE, Post, held_posts
from minkang.synth.place.villages import villages
from minkang.synth.record import Care

_HOUSEHOLDS_A_DOCTOR: Final = 350


class Where(msgspec.Struct, frozen=True):
    """Divisions by code, and the first households of the villages in the order of filling."""

    counties: dict[str, County]
    towns: dict[str, Town]
    villages: dict[str, Village]
    firsts: list[int]


class Place(msgspec.Struct, frozen=True, eq=False):
    """A city with its divisions, institutions and sites. Made by `build_place`.

    `villages` stand in the order in which households fill them, `by_key` finds institutions.
    Staff, beds, devices and sites are made when first asked for; what they are follows from the
    seed and names alone. Two places are equal only if they are the same object.
    """

    seed: int
    counties: tuple[County, ...]
    towns: tuple[Town, ...]
    villages: tuple[Village, ...]
    institutions: tuple[Institution, ...]
    stations: tuple[AmbulanceStation, ...]
    by_key: dict[str, Institution]
    net: Network
    where: Where
    memo: dict[Any, Any]  # what was made on demand

    def __repr__(self) -> str:
        return f"Place(seed={self.seed})"

    @property
    def population(self) -> int:
        """Permanent residents of the whole city."""
        return sum(county.population for county in self.counties)

    @property
    def households(self) -> int:
        """Households of the whole city; their numbers run from 0."""
        last = self.villages[-1]
        return last.first + last.households

    def county(self, code: str) -> County:
        """The county of six digits (not a zone's). Raises KeyError."""
        return self.where.counties[code]

    def town(self, code: str) -> Town:
        """The town or street of nine digits. Raises KeyError."""
        return self.where.towns[code]

    def village(self, code: str) -> Village:
        """The village or community of twelve digits. Raises KeyError."""
        return self.where.villages[code]

    def village_of(self, number: int) -> tuple[Village, int]:
        """The village of a household of the region, and the household's number there, from 0.

        Raises:
            IndexError: the region has not so many households.
        """
        if not 0 <= number < self.households:
            raise IndexError(f"household {number} is not within 0-{self.households - 1}")
        firsts = self.where.firsts
        at = bisect_right(firsts, number) - 1
        return self.villages[at], number - firsts[at]

    def address(self, village: str) -> str:
        """City, county, town and village as an address begins."""
        found = self.village(village)
        county, town = self.county(found.county), self.town(found.town)
        return f"{divisions.CITY}{county.name}{town.name}{found.name}"

    # Who treats whom.

    def institution(
        self, care: Care, village: str, pick: float, specialty: str = ""
    ) -> Institution:
        """Where somebody of the village goes for that care; `pick` in [0, 1) spreads people.

        `specialty` matters for private care only: teeth, eyes and Chinese medicine have places of
        their own.
        """
        if care != "private" or specialty not in cares.PRIVATE_SPECIALTIES:
            specialty = ""
        key = ("care", care, village, specialty)
        found = self.memo.get(key)
        if found is None:
            found = cares.choices(care, self.village(village), self.net, self.by_key, specialty)
            self.memo[key] = found
        return found.at(pick)

    def primary(self, village: str) -> Institution:
        """The village room, community station or centre that answers for the village."""
        return self.by_key[self.net.primary[village]]

    def centre(self, village: str) -> Institution:
        """The township or community centre that answers for the village."""
        return self.by_key[self.net.centre[village]]

    def ambulance_station(self, village: str) -> AmbulanceStation:
        """The 120 station that goes out to the village: of its town, else zone, else county."""
        for reach in (9, 6):
            near = [one for one in self.stations if one.town[:reach] == village[:reach]]
            if near:
                return near[int(village[6:]) % len(near)]
        county = self.village(village).county
        near = [one for one in self.stations if one.county == county]
        return near[int(village[6:]) % len(near)]

    def department(self, institution: Institution, specialty: str) -> Department:
        """Who answers for the specialty: the department for it, the nearest one, else the first."""
        key = ("department", institution.key, specialty)
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = department_for(institution, specialty)
        return found

    # Staff.

    def posts(self, institution: Institution) -> tuple[Post, ...]:
        """All posts with those who hold them one after another."""
        key = ("posts", institution.key)
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = held_posts(self.seed, institution)
        return found

    def staff(self, institution: Institution, day: date | None = None) -> tuple[Staff, ...]:
        """Who is employed on that day; without a day, whoever was, is or will be."""
        posts = self.posts(institution)
        if day is None:
            return tuple(staff for post in posts for staff in post.holders)
        return tuple(post.holder(day) for post in posts)

    def doctor(
        self, institution: Institution, department: Department, at: float, day: date | None = None
    ) -> Staff:
        """A doctor of the department on that day; the same share `at` in [0, 1) is the same post.

        Without a day, one of those who have been there all the years that lives are told of.
        Where the department has no doctors, another doctor of the institution.
        """
        return self.member(institution, department, DOCTORS, at, day)

    def nurse(
        self, institution: Institution, department: Department, at: float, day: date | None = None
    ) -> Staff:
        """A nurse of the department, as `doctor`; a doctor's hands where there is no nurse."""
        return self.member(institution, department, ("nurse",), at, day)

    def technician(
        self, institution: Institution, department: Department, at: float, day: date | None = None
    ) -> Staff:
        """A technician of the department, as `doctor`."""
        return self.member(institution, department, ("technician",), at, day)

    def pharmacist(self, institution: Institution, at: float, day: date | None = None) -> Staff:
        """A pharmacist of the institution, as `doctor`."""
        department = self.department(institution, "pharmacy")
        return self.member(institution, department, ("pharmacist",), at, day)

    def public_health_doctor(
        self, institution: Institution, at: float, day: date | None = None
    ) -> Staff:
        """Somebody of public health at the institution, as `doctor`."""
        department = self.department(institution, "public-health")
        return self.member(institution, department, ("public-health",), at, day)

    def member(
        self,
        institution: Institution,
        department: Department,
        roles: tuple[str, ...],
        at: float,
        day: date | None = None,
    ) -> Staff:
        """One of the staff with one of the roles; see `doctor` for `at` and `day`."""
        steady = day is None
        key = ("posts", institution.key, department.key, roles, steady)
        found: tuple[Post, ...] | None = self.memo.get(key)
        if found is None:
            found = posts_for(self.posts(institution), department.key, roles)
            if steady:
                found = tuple(filter(is_steady, found)) or found
            self.memo[key] = found
        post = found[int(at * len(found))]
        return post.holder(day or REFERENCE)

    def family_doctor(self, village: str, household_number: int, day: date | None = None) -> Staff:
        """The family doctor of a household, one of `primary(village)`.

        Neighbours share one: a doctor signs with about 350 households.
        """
        institution = self.primary(village)
        at = share(self.seed, "family-doctor", village, household_number // _HOUSEHOLDS_A_DOCTOR)
        return self.doctor(institution, self.department(institution, "general"), at, day)

    # Beds, devices, sites.

    def beds(self, institution: Institution) -> tuple[Bed, ...]:
        """All beds of the institution by department and ward."""
        key = ("beds", institution.key)
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = bed_makers.beds(institution)
        return found

    def bed(self, institution: Institution, department: Department, at: float) -> Bed | None:
        """A bed of the department, of any where it has none; None where there are no beds."""
        key = ("beds", institution.key, department.key)
        found: tuple[Bed, ...] | None = self.memo.get(key)
        if found is None:
            every = self.beds(institution)
            found = tuple(bed for bed in every if bed.department == department.key) or every
            self.memo[key] = found
        return found[int(at * len(found))] if found else None

    def equipment(self, institution: Institution) -> tuple[Device, ...]:
        """The larger devices of the institution."""
        return device_makers.equipment(self.seed, institution)

    def sites_in(self, town: str) -> tuple[Site, ...]:
        """All sites of a town."""
        key = ("sites", town)
        found = self.memo.get(key)
        if found is None:
            here = self.town(town)
            seats = sum(one.seat and one.county == here.county for one in self.towns)
            population = self.county(here.county).population
            found = self.memo[key] = sites_of(self.seed, here, population, seats)
        return found

    @property
    def sites(self) -> tuple[Site, ...]:
        """All sites of the city by town (some thousands, made on the first call)."""
        found = self.memo.get("sites")
        if found is None:
            found = tuple(site for town in self.towns for site in self.sites_in(town.code))
            self.memo["sites"] = found
        return found

    def site(self, key: str) -> Site:
        """The site of that key. Raises KeyError."""
        town = key[:9]
        known: dict[str, Site] | None = self.memo.get(("sites-by-key", town))
        if known is None:
            known = {site.key: site for site in self.sites_in(town)}
            self.memo["sites-by-key", town] = known
        return known[key]

    def of_kind(self, village: str, kind: str) -> tuple[Site, ...]:
        """The sites of a kind that serve the village: of its town; high schools of its county."""
        key = ("sites", village[:9], kind)
        found = self.memo.get(key)
        if found is None:
            here = self.town(village[:9])
            towns = (
                [one.code for one in self.towns if one.seat and one.county == here.county]
                if kind == "high"
                else [here.code]
            )
            found = tuple(
                site for town in towns for site in self.sites_in(town) if site.kind == kind
            )
            self.memo[key] = found
        return found

    def school_for(self, village: str, stage: str, n: int) -> Site:
        """The nursery or school (nursery, primary, middle, high) of a child of the village.

        Nine children in ten go to the one of their quarter; `n` says which child it is. High
        schools take children from the whole county.
        """
        schools = self.of_kind(village, stage)
        own = int(village[9:])
        if stage == "high":
            return schools[(own + n) % len(schools)]
        return schools[(own + (n % 10 == 7)) % len(schools)]

    def employer_for(self, village: str, n: int) -> Site:
        """An employer of the town, large ones more often; `n` says which worker it is."""
        key = ("employers", village[:9])
        found = self.memo.get(key)
        if found is None:
            employers = self.of_kind(village, "employer")
            ends: list[int] = []
            for site in employers:
                ends.append(site.size + (ends[-1] if ends else 0))
            found = self.memo[key] = (employers, ends)
        employers, ends = found
        seat = int(share(self.seed, "seat", village[:9], n) * ends[-1])
        return employers[bisect_right(ends, seat)]

    def care_home_for(self, village: str, n: int) -> Site:
        """A care home of the town; `n` says who it is for."""
        homes = self.of_kind(village, "care-home")
        return homes[n % len(homes)]


def build_place(seed: int) -> Place:
    """The whole place; the same for the same seed, in well under a second."""
    towns = divisions.towns()
    counties = divisions.counties(towns)
    of_towns = villages(seed, towns)
    net = network(seed, towns, of_towns)
    return Place(
        seed=seed,
        counties=counties,
        towns=towns,
        villages=of_towns,
        institutions=net.institutions,
        stations=net.stations,
        by_key={institution.key: institution for institution in net.institutions},
        net=net,
        where=Where(
            {county.code: county for county in counties},
            {town.code: town for town in towns},
            {village.code: village for village in of_towns},
            [village.first for village in of_towns],
        ),
        memo={},
    )
