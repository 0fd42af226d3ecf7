"""A region through a real installation, and everything that its truth says of it looked up.

Loaded as `minkang load` does, from the same files. Nothing of the truth is read by what is proven.
"""

import asyncio
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow.parquet as pq

from minkang.app.load_messages import MessageFile, load_messages
from minkang.app.platform import Platform, open_platform
from minkang.app.synth import Made, Wish, make, world_of
from minkang.config import Settings
from minkang.exchange import register
from minkang.exchange.ids import derive_id
from minkang.exchange.quality import follow
from minkang.exchange.reconciliation import calendar, differences, settle
from minkang.fhir import TYPE_CODES, date_range
from minkang.store import Connection
from minkang.store.stored import COLUMNS, stored_rows
from minkang.synth.dirt.kinds import KINDS
from minkang.synth.dirt.registration import registration
from minkang.synth.record import LOCAL
from minkang.synth.speak.counts import Figures
from minkang.synth.speak.sent import Channel, Message, Row
from minkang.synth.speak.setting import Setting
from tests.synth.arriving import Fates, Key, arrived, expected, files, key_of, sources_of

TODAY: Final = date(2026, 11, 1)
MEMORY: Final = 1.25
"""How much more memory four times the residents may take."""

_DATES: Final = {
    "Encounter": ("period",),
    "MedicationRequest": ("authoredOn",),
    "MedicationDispense": ("whenHandedOver", "whenPrepared"),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "Immunization": ("occurrenceDateTime",),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "ServiceRequest": ("authoredOn",),
    "Observation": ("effectiveDateTime", "effectivePeriod"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod"),
}
"""Where a resource says when something was done with the patient."""

_GIVEN: Final = {
    "MedicationDispense": "authorizingPrescription",
    "MedicationAdministration": "request",
}
_SHOWN: Final = 20

Number = tuple[str, str, str]
"""Source, kind of figure (visits, reports ...), and the source's own number."""


class Outcome(msgspec.Struct):
    """What was seen; `faults` is empty where every promise was kept."""

    residents: int
    years: int
    messages: dict[str, int]
    refused: int
    resources: int
    seconds: float
    days: int = 0
    lost: dict[str, int] = {}
    without: dict[str, int] = {}
    surplus: dict[str, int] = {}
    dead: int = 0
    dated: int = 0
    given: int = 0
    faults: list[str] = []


def prove_region(settings: Settings, url: str, folder: Path, residents: int, years: int) -> Outcome:
    """Make a region, load it, and compare; `folder` takes its files."""
    kinds = [key for key, kind in KINDS.items() if kind.stage == "registration"]
    days = (TODAY - TODAY.replace(year=TODAY.year - years)).days
    dirty = Wish(residents, folder / "dirty", TODAY, years=years, base=False, figures=days)
    clean = Wish(residents, folder / "clean", TODAY, years=years, base=False, dirt=",".join(kinds))
    made = make(dirty)
    make(clean)
    return asyncio.run(_prove(settings, url, dirty, clean, made))


async def _prove(settings: Settings, url: str, dirty: Wish, clean: Wish, made: Made) -> Outcome:
    async with open_platform(settings, url) as platform:
        for source in sources_of(dirty.out).values():
            await register(platform.store, source)
    loaded = await load_messages(settings, url, files(dirty.out), workers=2)
    outcome = Outcome(
        made.residents,
        dirty.years,
        made.expected,
        loaded.refused,
        loaded.resources,
        loaded.seconds,
    )
    async with open_platform(settings, url) as platform:
        while await follow(platform.store, platform.keys):
            pass
    counts = sorted((dirty.out / "sent" / "counts").glob("*.csv"))
    figures = [MessageFile(one, "counts", one.stem) for one in counts]
    await load_messages(settings, url, figures)
    async with open_platform(settings, url) as platform, platform.pool.acquire() as connection:
        while await settle(connection):
            pass
        await _states(connection, dirty.out, outcome)
        await _reconciled(connection, dirty, clean, outcome)
        await _contradictions(platform, connection, dirty.out, outcome)
    return outcome


def _complain(outcome: Outcome, what: str, found: Collection[object]) -> None:
    shown = sorted(map(str, found))
    outcome.faults += [f"{what}: {one}" for one in shown[:_SHOWN]]
    if len(shown) > _SHOWN:
        outcome.faults.append(f"{what}: {len(shown) - _SHOWN} more")


async def _states(connection: Connection, out: Path, outcome: Outcome) -> None:
    """Every message is stored, or in quarantine for its recorded rule."""
    rows = await connection.fetch(
        """select m.source, m.channel, m.control_id, m.state, (
               select string_agg(distinct rule, ',' order by rule) from exchange.problem p
               where p.message = m.id) as rules
           from exchange.message m"""
    )
    found: Fates = {}
    for row in rows:
        number = "" if row["channel"] == "fhir" else row["control_id"]
        became = "ok" if row["state"] == "stored" else row["rules"] or row["state"]
        found.setdefault((row["source"], row["channel"], number), set()).add(became)
    wanted = _by_document_number(out, expected(out))
    wrong = [
        f"{key}: expected {wanted.get(key)}, is {found.get(key)}"
        for key in wanted.keys() | found.keys()
        if wanted.get(key) != found.get(key)
    ]
    _complain(outcome, "message", wrong)


def _by_document_number(out: Path, fates: Fates) -> Fates:
    """The truth knows a document by its file, the inbox by the number inside."""
    inside = {
        key_of(one.seen.arrival, one.file): one.seen.arrival.control_id
        for one in arrived(out)
        if one.seen is not None and one.seen.arrival.channel == "document"
    }
    return {(*key[:2], inside.get(key, key[2])): became for key, became in fates.items()}


def _numbers(wish: Wish, wanted: Collection[Key]) -> set[Number]:
    """The numbers of visits, reports and so on that messages of these keys tell of."""
    world = world_of(wish)
    setting = Setting(world, registration)
    figures = Figures(setting.systems, world.begin)
    tables = {name: source.table_mapping or "" for name, source in sources_of(wish.out).items()}
    at = datetime.combine(TODAY, time(), LOCAL)
    for one in arrived(wish.out):
        assert one.seen is not None
        arrival = one.seen.arrival
        key = key_of(arrival, one.file)
        if key not in wanted:
            continue
        if arrival.channel == "table":
            cells = msgspec.json.decode(arrival.raw, type=dict[str, str | None])
            values = {name: cell for name, cell in cells.items() if cell}
            figures.take(Row(key[0], tables[key[0]], at, arrival.control_id, values))
        else:
            way: Channel = "mllp" if arrival.channel == "mllp" else "document"
            name = arrival.kind.removeprefix("document:")
            figures.take(Message(key[0], way, at, arrival.raw, name))
    return {
        (source, kind, number)
        for source in figures.sources()
        for _, kind, _, _, _, items in figures.lines(source, TODAY)
        for number in items.split(";")
        if number
    }


async def _reconciled(connection: Connection, dirty: Wish, clean: Wish, outcome: Outcome) -> None:
    """What reconciliation misses is what was lost on the way or refused, no more and no less."""
    fates = expected(dirty.out)
    rows = pq.read_table(dirty.out / "truth" / "lost.parquet").to_pylist()
    names = {row["message"] for row in rows}
    all_clean = expected(clean.out)
    lost = {key for key in all_clean if key[2] in names and key not in fates}
    refused = {key for key, became in fates.items() if became != {"ok"}}
    came = _numbers(dirty, {key for key, became in fates.items() if became == {"ok"}})
    gone = _numbers(clean, lost) - came
    without = _numbers(clean, refused) - came - gone
    missing, surplus = set[Number](), set[Number]()
    begin = world_of(dirty).begin
    told = {one.stem for one in (dirty.out / "sent" / "counts").glob("*.csv")}
    compared = [one for one in await calendar(connection, begin, TODAY) if one.source in told]
    outcome.days = len({(one.source, one.day) for one in compared})
    for source, day in sorted({(o.source, o.day) for o in compared if o.state != "proven"}):
        for one in await differences(connection, source, day):
            missing |= {(source, one.total.kind, number) for number in one.missing}
            surplus |= {(source, one.total.kind, number) for number in one.surplus}
    outcome.lost = dict(Counter(kind for _, kind, _ in gone))
    outcome.without = dict(Counter(kind for _, kind, _ in without))
    _complain(outcome, "lost and not found", gone - missing)
    _complain(outcome, "refused and not found", without - missing)
    _complain(outcome, "missing and never lost", missing - gone - without)
    corrected = {
        row["message"]
        for row in pq.read_table(dirty.out / "truth" / "dirt.parquet").to_pylist()
        if row["kind"] == "corrected"
    }
    again = _numbers(clean, {key for key in all_clean if key[2] in corrected})
    outcome.surplus = dict(Counter(kind for _, kind, _ in surplus & again))
    _complain(outcome, "held and never told of", surplus - again)


async def _contradictions(
    platform: Platform, connection: Connection, out: Path, outcome: Outcome
) -> None:
    """Nobody is treated after death; nothing is given before it was prescribed."""
    truth = out / "truth"
    deaths = {
        row["person"]: row["death"]
        for row in pq.read_table(truth / "people.parquet", columns=["person", "death"]).to_pylist()
        if row["death"] is not None and row["death"] < TODAY
    }
    known = sources_of(out)
    whose: dict[str, set[str]] = defaultdict(set)
    for row in pq.read_table(truth / "registrations.parquet").to_pylist():
        if row["source"] in known:
            key = platform.keys.id_key
            patient = derive_id(key, known[row["source"]], "Patient", row["patient"], 0)
            whose[f"Patient/{patient}"].add(row["person"])
    outcome.dead = len(deaths)
    late, early = [], []
    written: dict[str, datetime] = {}
    given: list[tuple[str, str, datetime]] = []
    found = Counter[str]()
    async for resource in _resources(platform, connection):
        kind = resource["resourceType"]
        at = _when(resource, _DATES[kind])
        about = resource.get("subject") or resource.get("patient") or {}
        people = whose.get(about.get("reference", ""), set())
        if at is None or not people:
            continue
        found[kind] += 1
        name = f"{kind}/{resource['id']}"
        died = min((deaths[one] for one in people if one in deaths), default=None)
        if died is not None and at.astimezone(LOCAL).date() > died:
            late.append(f"{name} of {at:%Y-%m-%d}, {sorted(people)} died {died}")
        if kind == "MedicationRequest":
            written[name] = at
        elif kind in _GIVEN:
            given += [(name, one, at) for one in _links(resource[_GIVEN[kind]])]
    for name, request, at in given:
        if request not in written or at < written[request]:
            early.append(f"{name} of {at}, {request} of {written.get(request)}")
    outcome.dated, outcome.given = found.total(), len(given)
    _complain(outcome, "after death", late)
    _complain(outcome, "before its prescription", early)


def _links(element: Any) -> list[str]:
    several = element if isinstance(element, list) else [element]
    return [one["reference"] for one in several if "reference" in one]


def _when(resource: dict[str, Any], fields: Sequence[str]) -> datetime | None:
    for field in fields:
        value = resource.get(field)
        text = value.get("start") if isinstance(value, dict) else value
        if text:
            return date_range(text).low
    return None


async def _resources(platform: Platform, connection: Connection) -> AsyncIterator[dict[str, Any]]:
    """All resources of the kinds that have a date."""
    codes = [TYPE_CODES[kind] for kind in _DATES]
    after = (0, "")
    while True:
        rows = await connection.fetch(
            f"""select {COLUMNS} from store.resource where type = any($1) and not deleted
                and (type, id) > ($2::smallint, $3::text) order by type, id limit 5000""",
            codes,
            *after,
        )
        if not rows:
            return
        for one in await stored_rows(connection, platform.store.codec, rows):
            yield one.resource
        after = rows[-1]["type"], rows[-1]["id"]


_MEASURE: Final = """
import sys
from datetime import date
from pathlib import Path
from minkang.app.synth import Wish, make
make(Wish(int(sys.argv[1]), Path(sys.argv[2]), date(2026, 11, 1), years=int(sys.argv[3]),
          base=False))
text = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in text.splitlines() if line.startswith("VmHWM")))
"""


def memory(residents: int, years: int, folder: Path) -> float:
    """The most memory (MB) that a process had which made a region of so many residents."""
    command = [sys.executable, "-c", _MEASURE, str(residents), str(folder), str(years)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(run.stdout) / 1024
