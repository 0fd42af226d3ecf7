"""All that the systems of the region send about one household."""

from collections.abc import Iterator
from datetime import date

from minkang.synth.record import Lived, Person, Visit
from minkang.synth.speak import bundles, documents, hospital, tables
from minkang.synth.speak.cases import case_of
from minkang.synth.speak.foundation import registered_people
from minkang.synth.speak.sent import Sent
from minkang.synth.speak.setting import Setting


def everything(setting: Setting, lived: Lived) -> Iterator[Sent]:
    """Messages, documents, bundles and rows about a household, in no order of time.

    The order in which they come is the same for the same life: it decides between those that
    leave at the same moment.
    """
    people = {person.key: person for person in lived.household.people}
    yield from registered_people(setting, lived.household)
    by_person: dict[str, list[Visit]] = {}
    for visit in lived.visits:
        by_person.setdefault(visit.person, []).append(visit)
        yield from _visit(setting, lived, people[visit.person], visit)
    for key, visits in by_person.items():
        yield from hospital.moved(setting, lived.household, people[key], visits)
    counts: dict[tuple[str, str, date], int] = {}
    for form in lived.forms:
        of = (form.kind, form.person, form.at.date())
        counts[of] = counts.get(of, 0) + 1
        yield tables.form_row(setting, lived.household, people[form.person], form, counts[of])


def _visit(setting: Setting, lived: Lived, person: Person, visit: Visit) -> Iterator[Sent]:
    if not setting.has_system(visit.institution):
        return
    system = setting.system(visit.institution)
    case = case_of(setting, system, lived.household, person, visit)
    if system.way == "hl7":
        yield from hospital.say_visit(setting, case, person)
    elif system.way == "rows":
        yield tables.wide_row(setting, case, lived.household, person)
        yield from hospital.say_laboratory(case, person)
    elif system.way == "flat":
        yield tables.flat_row(case, person)
    elif system.way == "documents":
        yield from documents.say_visit(setting, case, person)
    elif system.way == "bundles":
        yield from bundles.say_visit(setting, case, person)
