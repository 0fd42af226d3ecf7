"""What all writers look up: institutions, departments, staff, systems, numbers of a person."""

from typing import Any

from minkang.synth.record import Household, Person, World
from minkang.synth.speak.registration import Desk, truthful
from minkang.synth.speak.systems import System, systems_of


class Setting:
    """A world with what its writers look up again and again.

    Built once a process; it remembers what was looked up and nothing of whom it was for.

    Attributes:
        world: seed, days, place.
        systems: all systems by id.
        desk: what an institution writes down of a patient.
    """

    def __init__(self, world: World, desk: Desk = truthful) -> None:
        self.world = world
        self.desk = desk
        self.place: Any = world.place
        self.systems = systems_of(self.place)
        self._institutions: dict[str, Any] = {one.key: one for one in self.place.institutions}
        self._departments: dict[tuple[str, str], Any] = {}
        self._staff: dict[str, dict[str, Any]] = {}

    def institution(self, key: str) -> Any:
        """An institution by its key."""
        return self._institutions[key]

    def has_system(self, institution: str) -> bool:
        """Whether an institution has a system, and does not keep paper."""
        return self._institutions[institution].system in self.systems

    def system(self, institution: str) -> System:
        """The system that speaks for an institution. KeyError where it keeps paper."""
        return self.systems[self._institutions[institution].system]

    def department(self, institution: str, key: str) -> Any:
        """A department of an institution by its key there."""
        found = self._departments.get((institution, key))
        if found is None:
            for one in self._institutions[institution].departments:
                self._departments[institution, one.key] = one
            found = self._departments[institution, key]
        return found

    def staff(self, institution: str, code: str) -> Any:
        """One of the staff of an institution by code; None where nobody has it."""
        known = self._staff.get(institution)
        if known is None:
            people = self.place.staff(self._institutions[institution])
            known = self._staff[institution] = {one.code: one for one in people}
        return known.get(code)

    def name_of(self, institution: str, code: str) -> str:
        """The name of one of the staff; the code where nobody has it."""
        found = self.staff(institution, code)
        return code if found is None else found.name

    def title(self, institution: str, code: str) -> str:
        """The professional title of one of the staff, empty where nobody has the code."""
        found = self.staff(institution, code)
        return "" if found is None else str(found.title)

    def health_record(self, household: Household, person: Person) -> str:
        """Number of the health record, 17 digits: the village's twelve and a serial there.

        The serial follows from the household's number within the village and the place in the
        household, so it is nobody else's.
        """
        village, within = self.place.village_of(household.number)
        at = next(n for n, one in enumerate(household.people) if one.key == person.key)
        return f"{village.code}{within * 16 + at:05d}"
