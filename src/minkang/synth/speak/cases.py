"""From a visit to what its messages share: the desk's view of the patient, names, numbers."""

from datetime import datetime

from minkang.synth.draws import share
from minkang.synth.record import Household, Person, Visit
from minkang.synth.speak.hl7_case import Case
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.systems import System


def case_of(
    setting: Setting,
    system: System,
    household: Household,
    person: Person,
    visit: Visit,
    at: datetime | None = None,
) -> Case:
    """What all messages about a visit share, as the desk has it at a moment (at its begin)."""
    institution = setting.institution(visit.institution)
    department = setting.department(visit.institution, visit.department)
    bed = ("", "", "")
    if visit.kind == "I":
        pick = share(setting.world.seed, "bed", visit.number)
        found = setting.place.bed(institution, department, pick)
        if found is not None:
            bed = (found.ward_name, found.room, found.label)
    # Systems that serve several institutions put the institution's number before its own ones.
    mark = f"{institution.code[8:]}-" if system.shared else ""
    return Case(
        system=system,
        facility="" if system.shared else institution.code,
        patient=f"{mark}{visit.patient}",
        number=f"{mark}{visit.number}",
        mark=mark,
        registered=setting.desk(setting.world, household, person, institution, at or visit.start),
        visit=visit,
        department=department.name,
        doctor=setting.name_of(visit.institution, visit.doctor),
        doctor_code=visit.doctor,
        bed=bed,
        institution=visit.institution,
    )
