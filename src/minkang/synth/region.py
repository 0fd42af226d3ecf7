"""The practice region: residents with their truth, what the sources sent, files of it."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from minkang.synth.courses import conditions_of
from minkang.synth.faults import Faulty, faults
from minkang.synth.institutions import INSTITUTIONS
from minkang.synth.lives import visits_of
from minkang.synth.residents import Resident, marked, people
from minkang.synth.stream import (
    OK,
    Event,
    Sent,
    events_of,
    in_order,
    moved_at,
    numbered,
    registration,
)
from minkang.synth.table_writer import Row, rows_as_csv, visit_row
from minkang.synth.visits import LOCAL, Visit

_NOTICE: Final = (
    "合成数据：人物、机构、电话均为虚构。 Synthetic data: every person and institution is invented."
)


class Region(msgspec.Struct, frozen=True):
    """An invented county up to the beginning of `today`.

    `residents` are the truth; `visits` all real visits in order of time; `faulty` lists apart
    what must be refused (it is in the stream and in the rows as well).
    """

    seed: int
    today: date
    residents: tuple[Resident, ...]
    visits: tuple[Visit, ...]
    sent: dict[str, tuple[Sent, ...]]
    rows: tuple[Row, ...]
    faulty: tuple[Faulty, ...]

    def messages(self, source: str) -> list[Sent]:
        """All messages of a hospital ('haibin' or 'gangcheng') in order of time.

        Raises:
            KeyError: that source sends no messages.
        """
        return list(self.sent[source])

    def visits_rows(self) -> list[Row]:
        """Yunxi's table, by time of visit; keys and order are VISIT_COLUMNS, all values text."""
        return [dict(row) for row in self.rows]


def generate(residents: int, seed: int, today: date) -> Region:
    """That many small lives of the three years before `today` (a day of Asia/Shanghai).

    The same arguments give the same bytes. A few milliseconds a life.
    """
    midnight = datetime.combine(today, time(), LOCAL)
    found: dict[str, Resident] = {}
    lives: dict[str, list[Visit]] = {}
    for index, person in enumerate(people(residents, seed, today)):
        conditions = conditions_of(person, index, today)
        resident = msgspec.structs.replace(person, conditions=conditions)
        found[resident.key] = resident
        lives[resident.key] = visits_of(resident, today)
    _plant_hostile_text(found, lives)
    visits, numbers = numbered(lives, found)
    for key, own in numbers.items():
        found[key] = msgspec.structs.replace(found[key], numbers=own)

    ordered = sorted(
        (visit for life in visits.values() for visit in life),
        key=lambda visit: (visit.start, visit.person),
    )
    events: list[Event] = []
    for key, life in visits.items():
        events.extend(events_of(found[key], life, midnight))
    faulty_events, faulty_rows = faults(ordered, found, seed, midnight)
    sent = in_order([*events, *faulty_events])
    rows = _rows(visits, found, midnight) + [row for row, _ in faulty_rows]
    rows.sort(key=lambda row: (row["visit_time"] or "", row["visit_no"] or ""))
    faulty = [
        Faulty(message.source, message.at, message.control_id, message.expected, message.person)
        for line in sent.values()
        for message in line
        if message.expected != OK
    ]
    faulty.extend(note for _, note in faulty_rows)
    faulty.sort(key=lambda note: note.at)
    return Region(
        seed, today, tuple(found.values()), tuple(ordered), sent, tuple(rows), tuple(faulty)
    )


def _plant_hostile_text(residents: dict[str, Resident], lives: dict[str, list[Visit]]) -> None:
    """Marks one resident in two hundred whose latest report carries HOSTILE_TEXT."""
    tested = [key for key, life in lives.items() if any(visit.reports for visit in life)]
    for key in tested[min(10, len(tested) // 2) :: 200]:
        residents[key] = marked(residents[key], "hostile-text")


def _rows(
    visits: dict[str, list[Visit]], residents: dict[str, Resident], midnight: datetime
) -> list[Row]:
    """Yunxi's rows. Who moved is corrected in the latest row before, by a later updated_at."""
    rows = []
    for key, life in visits.items():
        resident = residents[key]
        own = [visit for visit in life if visit.source == "yunxi"]
        moved = moved_at(resident, midnight)
        before = [visit for visit in own if moved is not None and visit.start < moved]
        for visit in own:
            seen = visit.start
            updated = (visit.end or visit.start) + timedelta(minutes=4)
            if moved is not None and before and visit is before[-1]:
                seen, updated = moved, max(moved, updated)
            patient = registration(resident, "yunxi", visit.patient_number, seen, midnight)
            rows.append(visit_row(visit, patient, updated))
    return rows


def write_region(region: Region, folder: Path) -> tuple[Path, ...]:
    r"""Writes haibin.hl7, gangcheng.hl7 (GB 18030), yunxi_visits.csv and truth.json.

    In the batch files each message keeps its \r after every segment and is followed by one \n.
    Makes the folder; replaces the files. Returns their paths.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents: dict[str, bytes] = {
        f"{source}.hl7": b"".join(message.raw + b"\n" for message in line)
        for source, line in region.sent.items()
    }
    contents["yunxi_visits.csv"] = rows_as_csv(region.rows)
    contents["truth.json"] = msgspec.json.format(msgspec.json.encode(_truth(region)), indent=1)
    paths = []
    for name, content in contents.items():
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    return tuple(paths)


def read_residents(truth: Path) -> tuple[Resident, ...]:
    """The residents of a truth.json, for `new_lab_message` in a later process."""
    return msgspec.json.decode(truth.read_bytes(), type=_Truth).residents


class _Truth(msgspec.Struct, frozen=True):
    residents: tuple[Resident, ...]


def _truth(region: Region) -> dict[str, Any]:
    return {
        "notice": _NOTICE,
        "seed": region.seed,
        "today": region.today,
        "institutions": [
            {"source": place.source, "code": place.code, "name": place.name}
            for place in INSTITUTIONS.values()
        ],
        "messages": {source: len(line) for source, line in region.sent.items()},
        "rows": len(region.rows),
        "faulty": region.faulty,
        "residents": region.residents,
    }
