"""From visits to the messages that report them, in order of time, each with its control id."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from typing import Final

import msgspec

from minkang.synth.analytes import ANALYTES, Value, flag
from minkang.synth.hl7_writer import Registration, Result, adt, oru
from minkang.synth.institutions import INSTITUTIONS, Institution
from minkang.synth.laboratory import comment
from minkang.synth.residents import Resident
from minkang.synth.visits import LOCAL, Visit

OK: Final = "ok"

HOSTILE_TEXT: Final = (
    "对照旧片|复查^&~\\ 见<b>附注</b> & <script>alert('x')</script> \"引号\"\n第二行：建议复查。"
)
"""A technician's remark with every delimiter and some markup: must show as the text it is."""


class Sent(msgspec.Struct, frozen=True):
    """A message as it left its source. `expected` is 'ok' or the name of its fault."""

    source: str
    at: datetime
    control_id: str
    raw: bytes
    expected: str
    person: str


class Event(msgspec.Struct, frozen=True):
    """A message to be: `write` makes its bytes from a control id."""

    at: datetime
    source: str
    person: str
    write: Callable[[str], bytes]
    expected: str = OK


def moved_at(resident: Resident, today: datetime) -> datetime | None:
    """When the resident told the desks of a new address and telephone, None if never."""
    if resident.former_phone is None:
        return None
    random = Random(f"{resident.seed}/move")
    day = today.date() - timedelta(days=random.randint(20, 300))
    return datetime.combine(day, time(random.randint(8, 15), random.randrange(60)), LOCAL)


def registration(
    resident: Resident, source: str, number: str, at: datetime, midnight: datetime
) -> Registration:
    """The resident as that source's register has them at a moment."""
    written = resident.written_at(source)
    moved = moved_at(resident, midnight)
    before = moved is not None and at < moved
    return Registration(
        number=number,
        surname=resident.surname,
        given=resident.given,
        sex=resident.sex,
        birth_date=written.birth_date,
        id_number=written.id_number,
        phone=(before and resident.former_phone) or resident.phone,
        address=(before and resident.former_address) or resident.address,
    )


def results_of(visit: Visit) -> tuple[Result, ...]:
    """The visit's reports with the laboratory's numbers; unique within a source."""
    return tuple(
        Result(f"P{visit.number}-{place}", f"L{visit.number}-{place}", report)
        for place, report in enumerate(visit.reports, 1)
    )


def events_of(resident: Resident, visits: Sequence[Visit], midnight: datetime) -> Iterator[Event]:
    """All messages about one resident's visits at the two hospitals, in no order."""
    hostile = None
    if "hostile-text" in resident.marks:
        hostile = [visit for visit in visits if visit.reports][-1]
    for visit in visits:
        if visit.source == "yunxi":
            continue
        place = INSTITUTIONS[visit.source]
        patient = registration(resident, visit.source, visit.patient_number, visit.start, midnight)
        yield from _visit_events(place, patient, visit)
        remark = HOSTILE_TEXT if visit is hostile else None
        yield from _result_events(resident, place, patient, visit, remark, midnight)
    yield from _move_events(resident, visits, midnight)


def _visit_events(place: Institution, patient: Registration, visit: Visit) -> Iterator[Event]:
    def event(at: datetime, trigger: str, *, closed: bool) -> Event:
        write = partial(adt, place, trigger, patient, visit, at, closed=closed)
        return Event(at, place.source, visit.person, write)

    if place.source == "haibin":
        opening = "A01" if visit.kind == "I" else "A04"
        yield event(visit.start + timedelta(minutes=1), opening, closed=False)
        if visit.end is not None:
            yield event(visit.end + timedelta(minutes=3), "A08", closed=True)
    else:  # gangcheng's system reports a visit once, when it is over
        end = visit.end or visit.start
        yield event(end + timedelta(minutes=2), "A04", closed=True)


def _result_events(
    resident: Resident,
    place: Institution,
    patient: Registration,
    visit: Visit,
    remark: str | None,
    midnight: datetime,
) -> Iterator[Event]:
    random = Random(f"{resident.seed}/reports/{visit.number}")
    batches: dict[object, list[Result]] = {}
    for result in results_of(visit):
        # haibin's laboratory sends a day's reports together, gangcheng's one by one
        key = result.report.observed.date() if place.source == "haibin" else result.filler
        batches.setdefault(key, []).append(result)
    for results in batches.values():
        at = max(result.report.reported for result in results) + timedelta(minutes=1)
        note = comment(random)
        if remark is not None:
            note = Value("comment", remark)
        if remark is not None or random.random() < 0.08:
            results[-1] = _with_values(results[-1], (*results[-1].report.values, note))
        slipped = _slipped(results[0], resident.sex) if random.random() < 0.02 else None
        again = at + timedelta(hours=random.randint(3, 40))
        if slipped is not None and again < midnight:
            right = (results[0],)
            results[0] = slipped
            write = partial(oru, place, patient, visit, right, again, corrected=True)
            yield Event(again, place.source, visit.person, write)
        yield Event(
            at, place.source, visit.person, partial(oru, place, patient, visit, tuple(results), at)
        )


def _move_events(
    resident: Resident, visits: Sequence[Visit], midnight: datetime
) -> Iterator[Event]:
    moved = moved_at(resident, midnight)
    if moved is None:
        return
    latest: dict[str, Visit] = {}
    for visit in visits:
        if visit.source != "yunxi" and visit.end is not None and visit.end < moved:
            latest[visit.source] = visit
    for minutes, (source, visit) in enumerate(latest.items()):
        at = moved + timedelta(minutes=7 * minutes)
        patient = registration(resident, source, visit.patient_number, at, midnight)
        write = partial(adt, INSTITUTIONS[source], "A08", patient, visit, at, closed=True)
        yield Event(at, source, resident.key, write)


def _with_values(result: Result, values: tuple[Value, ...]) -> Result:
    report = msgspec.structs.replace(result.report, values=values)
    return msgspec.structs.replace(result, report=report)


def _slipped(result: Result, sex: str) -> Result | None:
    """The report with its first number mistyped by half; None where it has no number."""
    first: Value = result.report.values[0]
    analyte = ANALYTES[first.analyte]
    if analyte.kind != "NM" or first.below:
        return None
    text = f"{float(first.text) * 1.5:.{analyte.decimals}f}"
    wrong = Value(first.analyte, text, flag(analyte, float(text), sex))
    return _with_values(result, (wrong, *result.report.values[1:]))


def in_order(events: Sequence[Event]) -> dict[str, tuple[Sent, ...]]:
    """The messages of each hospital by time, control ids rising with it."""
    sent: dict[str, list[Sent]] = {"haibin": [], "gangcheng": []}
    for event in sorted(events, key=lambda event: (event.at, event.person)):
        line = sent[event.source]
        control_id = f"{INSTITUTIONS[event.source].control_prefix}{len(line) + 1:08d}"
        raw = event.write(control_id)
        line.append(Sent(event.source, event.at, control_id, raw, event.expected, event.person))
    return {source: tuple(line) for source, line in sent.items()}


def numbered(
    lives: Mapping[str, Sequence[Visit]], residents: Mapping[str, Resident]
) -> tuple[dict[str, list[Visit]], dict[str, dict[str, tuple[str, ...]]]]:
    """Visit and patient numbers as the three desks hand them out over the years.

    Returns the visits by person with both numbers, and each person's patient numbers by source.
    A resident marked registered-twice gets a second number for the later half of the visits at
    the source that is used most.
    """
    counts = dict.fromkeys(INSTITUTIONS, 0)
    patients = dict.fromkeys(INSTITUTIONS, 100)
    numbers: dict[str, dict[str, tuple[str, ...]]] = {key: {} for key in residents}
    visits: dict[str, list[Visit]] = {key: [] for key in residents}
    again = {
        key: _second_registration(lives[key])
        for key, resident in residents.items()
        if "registered-twice" in resident.marks
    }
    everything = [visit for life in lives.values() for visit in life]
    for visit in sorted(everything, key=lambda visit: (visit.start, visit.person)):
        source, person = visit.source, visit.person
        own = numbers[person].get(source, ())
        if not own or again.get(person) is visit:
            patients[source] += 1
            own = (*own, INSTITUTIONS[source].patient_pattern.format(patients[source]))
            numbers[person][source] = own
        counts[source] += 1
        number = _visit_number(visit, counts[source])
        visits[person].append(msgspec.structs.replace(visit, number=number, patient_number=own[-1]))
    return visits, numbers


def _second_registration(visits: Sequence[Visit]) -> Visit | None:
    by_source: dict[str, list[Visit]] = {}
    for visit in visits:
        by_source.setdefault(visit.source, []).append(visit)
    most = max(by_source.values(), key=len)
    return most[len(most) // 2] if len(most) > 1 else None


def _visit_number(visit: Visit, count: int) -> str:
    if visit.source == "gangcheng":
        return f"V{count:07d}"
    prefix = {"O": "MZ", "E": "JZ", "I": "ZY"}[visit.kind]
    if visit.source == "yunxi":
        prefix = "YX"
    return f"{prefix}{visit.start:%y%m%d}{count:06d}"
