"""A storm: senders that never stop, while process after process is killed under them."""

import hashlib
import itertools
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import msgspec

from minkang.app.platform import Platform
from minkang.app.process import ROLES
from minkang.fhir import TYPE_CODES
from minkang.store import Scope, changes
from minkang.store.feed import start
from minkang.store.stored import COLUMNS, Stored, stored_rows
from tests.e2e.installation import Installation, answer_code, exchange
from tests.e2e.processes import Process, becomes
from tests.e2e.running import Cast
from tests.region import Resident, new_lab_message

TARGETS = ("supervisor", "web", "listener", "worker", "postmaster", "backend")
_SENDERS = 6
_RESIDENTS = 24
_PAUSE = 0.06  # seconds between two messages of a sender, at most
_TIMEOUT = 20.0
_BACK_SECONDS = 60.0
_REMARK = "8251-1"  # LOINC, as the laboratory writes it
_PAGE_ROWS = 180  # fewer than a page shows


class Letter(msgspec.Struct):
    """A message of ours and what the platform said to it.

    Attributes:
        expected: the answer it deserves.
        glucose: the value that no other message has.
        interval: how many kills there had been when it was first answered.
        unsure: how often the connection broke before the answer, or it was to try again.
    """

    control_id: str
    raw: bytes
    resident: str
    expected: str
    glucose: str
    answers: list[str] = []
    interval: int = -1
    unsure: int = 0

    @property
    def remark(self) -> str:
        """The text that no other message has."""
        return f"storm {self.control_id}"


class Kill(msgspec.Struct):
    """One kill: what was going on, what it cost, how long until all was back (seconds)."""

    number: int
    what: str
    at: float
    in_flight: int
    waiting: int
    back: float = 0.0


class Row(msgspec.Struct, frozen=True):
    """A kill and what became of the messages answered between the kill before and this one."""

    kill: Kill
    acknowledged: int
    refused: int
    resent: int
    lost: int
    doubled: int


class Outcome(msgspec.Struct, frozen=True):
    """What a storm came to; `faults` says in words what should not be."""

    rows: tuple[Row, ...]
    seconds: float
    pages: int
    faults: tuple[str, ...]


class _Senders:
    """Hospital systems, each with a connection, each sending again what was not answered."""

    def __init__(
        self, installation: Installation, residents: Sequence[Resident], seed: int
    ) -> None:
        self._installation, self._residents, self._seed = installation, residents, seed
        self._stop, self._numbers = threading.Event(), itertools.count(1)
        self._lock = threading.Lock()
        self.letters: list[Letter] = []
        self.flying: set[str] = set()
        self.kills = 0
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(i,)) for i in range(_SENDERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """No new messages; waits until each that was begun has its answer."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def answered(self) -> int:
        with self._lock:
            return sum(letter.interval >= 0 for letter in self.letters)

    def _run(self, sender: int) -> None:
        choice = random.Random(f"{self._seed}/{sender}")
        line: socket.socket | None = None
        try:
            while not self._stop.is_set():
                letter = self._new(choice)
                line = self._deliver(line, letter)
                if choice.random() < 0.1:
                    line = self._deliver(line, letter)
                time.sleep(choice.uniform(0, _PAUSE))
        except Exception as error:  # noqa: BLE001 - a thread's end must not go unseen
            self.failures.append(f"sender {sender}: {error!r}")
        finally:
            if line is not None:
                line.close()

    def _new(self, choice: random.Random) -> Letter:
        with self._lock:
            number = next(self._numbers)
        control, resident = f"K{self._seed}N{number}", choice.choice(self._residents)
        glucose = f"5.{number:05}"
        values = {"glucose": glucose, "comment": f"storm {control}"}
        text = new_lab_message("haibin", resident, datetime.now(UTC), control, values).decode()
        kind = choice.choices(("good", "words", "sender", "event", "garbage"), (86, 6, 3, 3, 2))[0]
        if kind == "words":
            text = text.replace(f"|{glucose}|", f"|标本溶血{number}|")
        elif kind == "sender":
            text = text.replace("|haibin|", "|nobody|", 1)
        elif kind == "event":
            text = text.replace("ORU^R01^ORU_R01", "ORU", 1)
        elif kind == "garbage":
            text = f"HELLO {control}"
        expected = {"good": "AA", "words": "AE"}.get(kind, "AR")
        letter = Letter(control, text.encode(), resident.key, expected, glucose)
        with self._lock:
            self.letters.append(letter)
        return letter

    def _deliver(self, line: socket.socket | None, letter: Letter) -> socket.socket:
        """Send until there is an answer, as a hospital's system does."""
        end = time.monotonic() + 120
        while True:
            try:
                if line is None:
                    address = ("127.0.0.1", self._installation.mllp_port)
                    line = socket.create_connection(address, _TIMEOUT)
                self.flying.add(letter.control_id)
                code = answer_code(exchange(line, letter.raw))
            except OSError:
                if line is not None:
                    letter.unsure += 1
                    line.close()
                    line = None
                code = "retry"
            finally:
                self.flying.discard(letter.control_id)
            if code != "retry":
                letter.answers.append(code)
                if letter.interval < 0:
                    letter.interval = self.kills
                return line  # type: ignore[return-value]
            if line is not None:
                letter.unsure += 1
            if time.monotonic() > end:
                raise TimeoutError(f"no answer to {letter.control_id}")
            time.sleep(0.1)


class _Reader:
    """A doctor who keeps opening a record; counts the pages that were really given out."""

    def __init__(self, client: httpx.Client, person: str) -> None:
        self._client, self._person = client, person
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.pages = 0

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.25):
            try:
                answer = self._client.get(f"/record/{self._person}?tab=visits")
            except httpx.HTTPError:
                continue
            self.pages += answer.status_code == 200


def storm(installation: Installation, cast: Cast, kills: int, seed: int) -> Outcome:
    """Kill `kills` times under load, each target in turn in random order; then account for all.

    The load goes on before, between and after; a kill falls at a random moment of it.
    """
    choice = random.Random(seed)
    residents = [one for one in installation.residents() if "haibin" in one.numbers]
    senders = _Senders(installation, residents[:_RESIDENTS], seed)
    began = time.monotonic()
    done: list[Kill] = []
    with installation.logged_in("mayi") as client:
        before = _looks(installation, cast)
        reader = _Reader(client, cast.own.person)
        with _running(senders.start, senders.finish), _running(reader.start, reader.finish):
            for number, what in enumerate(_targets(choice, kills), 1):
                _under_load(installation, senders)
                time.sleep(choice.uniform(0.05, 0.8))
                kill = Kill(
                    number,
                    what,
                    time.monotonic() - began,
                    len(senders.flying),
                    installation.waiting(),
                )
                senders.kills = number
                struck = time.monotonic()
                kill_one(installation, what, choice)
                assert becomes(installation.whole, _BACK_SECONDS), installation.log
                kill.back = time.monotonic() - struck
                done.append(kill)
            _under_load(installation, senders)
    _drained(installation)
    looks = _looks(installation, cast) - before
    rows, faults = _account(installation, senders.letters, done, residents)
    faults += senders.failures
    faults += _on_the_page(installation, cast, senders.letters)
    if looks < reader.pages:
        faults.append(f"{reader.pages} pages were given out, {looks} are in the audit log")
    return Outcome(tuple(rows), time.monotonic() - began, reader.pages, tuple(faults))


def _drained(installation: Installation) -> None:
    """No message waits any more. Each round must have fewer, however slow the machine is."""
    while left := installation.waiting():
        fewer = becomes(lambda: installation.waiting() < left, _BACK_SECONDS)
        assert fewer, f"{left} messages are left waiting:\n{installation.log}"


@contextmanager
def _running(start: Callable[[], None], finish: Callable[[], None]) -> Iterator[None]:
    start()
    try:
        yield
    finally:
        finish()


def _targets(choice: random.Random, kills: int) -> list[str]:
    found: list[str] = []
    while len(found) < kills:
        found += choice.sample(TARGETS, len(TARGETS))
    return found[:kills]


def _under_load(installation: Installation, senders: _Senders) -> None:
    """Messages are being answered again."""
    reached = senders.answered() + 2 * _SENDERS
    working = becomes(lambda: senders.answered() >= reached, _BACK_SECONDS)
    assert working, f"no answers any more: {senders.failures}\n{installation.log}"


def kill_one(installation: Installation, what: str, choice: random.Random) -> None:
    """kill -9 one process, and wait until it is dead; a dead supervisor is started again."""
    victim: Process | None
    if what == "backend":
        victim = choice.choice(installation.backends)
    elif what == "postmaster":
        victim = installation.postmaster
    elif what == "supervisor":
        victim = installation.supervisor
    else:
        victim = installation.role(what)
    assert victim is not None
    assert victim.kill()
    assert becomes(lambda: not victim.alive, 5)
    if what == "supervisor":
        gone = becomes(lambda: not installation.own_processes(), 10)
        assert gone, [one.command for one in installation.own_processes()]
        installation.start()
    elif what in ROLES:
        started = becomes(lambda: installation.role(what) is not None, _BACK_SECONDS)
        assert started, installation.log


def _looks(installation: Installation, cast: Cast) -> int:
    """Openings of the record by `mayi` in the audit log."""
    rows = installation.fetch(
        """select count(*) as n from audit.entry e join accounts.account a on a.id::text = e.account
           where a.login = 'mayi' and e.action = 'open-record' and e.allowed and e.person = $1""",
        cast.own.person,
    )
    return int(rows[0]["n"])


def _account(
    installation: Installation,
    letters: Sequence[Letter],
    kills: Sequence[Kill],
    residents: Sequence[Resident],
) -> tuple[list[Row], list[str]]:
    """Look in the database for every message that was answered."""
    kept = _kept(installation)
    observations, patients, told = _stored(installation)
    by_text: dict[str, list[Stored]] = defaultdict(list)
    for one in observations:
        body = one.resource
        text = body.get("valueString") or str(body.get("valueQuantity", {}).get("value", ""))
        by_text[text].append(one)
    numbers = {one.key: set(one.numbers["haibin"]) for one in residents}
    faults: list[str] = []
    tally: dict[int, Counter[str]] = defaultdict(Counter)
    for letter in letters:
        count = tally[letter.interval]
        found = kept.get(hashlib.sha256(letter.raw).digest(), [])
        count["resent"] += letter.unsure > 0
        count["acknowledged" if letter.expected == "AA" else "refused"] += 1
        if set(letter.answers) != {letter.expected}:
            faults.append(f"{letter.control_id}: answers {letter.answers}, not {letter.expected}")
        state = "stored" if letter.expected == "AA" else "quarantined"
        if [row["state"] for row in found] != [state]:
            faults.append(f"{letter.control_id}: kept as {[row['state'] for row in found]}")
        if not found:
            count["lost"] += 1
        if len(found) > 1:
            count["doubled"] += 1
        if letter.expected != "AA":
            if found and not found[0]["problems"]:
                faults.append(f"{letter.control_id}: in quarantine without a reason")
            if by_text[letter.remark]:
                faults.append(f"{letter.control_id}: refused and yet stored")
            continue
        for text in (letter.remark, letter.glucose):
            stored = by_text[text]
            count["lost"] += not stored
            count["doubled"] += len(stored) > 1
            if len(stored) != 1 or stored[0].version != 1:
                versions = [(one.id, one.version) for one in stored]
                faults.append(f"{letter.control_id}: {text!r} is stored as {versions}")
                continue
            if told[stored[0].id] != 1:
                faults.append(f"{letter.control_id}: {told[stored[0].id]} times in the change feed")
            patient = stored[0].resource["subject"]["reference"]
            if not numbers[letter.resident] & patients[patient]:
                faults.append(f"{letter.control_id}: {text!r} is with another patient")
    rows = []
    for kill in kills:
        # What was answered before the first kill counts with it, what came after the last as well.
        several = [kill.number - 1] + ([kill.number] if kill is kills[-1] else [])
        total = sum((tally[one] for one in several), Counter[str]())
        rows.append(
            Row(
                kill,
                *(total[name] for name in ("acknowledged", "refused", "resent", "lost", "doubled")),
            )
        )
    return rows, faults


def _kept(installation: Installation) -> dict[bytes, list[dict[str, object]]]:
    """What lies in the inbox, by the hash of the bytes."""
    rows = installation.fetch(
        """select m.hash, m.state,
                  (select count(*) from exchange.problem p where p.message = m.id) as problems
           from exchange.message m"""
    )
    found: dict[bytes, list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        found[bytes(row["hash"])].append(dict(row))
    return found


def _stored(
    installation: Installation,
) -> tuple[list[Stored], dict[str, set[str]], Counter[str]]:
    """All results that stand, the numbers of each Patient, how often the feed tells of a result.

    Read past every door.
    """
    told: Counter[str] = Counter()

    async def look(platform: Platform) -> list[Stored]:
        results = frozenset(["Observation"])
        async with platform.pool.acquire() as connection:
            position = await start(connection)
            while (
                batch := await changes(
                    platform.store, connection, Scope.whole(), position, types=results, limit=2_000
                )
            ).versions:
                told.update(one.id for one in batch.versions)
                position = batch.position
            rows = await connection.fetch(
                f"""select {COLUMNS} from store.resource where not deleted
                    and type = any($1::smallint[])""",
                [TYPE_CODES["Observation"], TYPE_CODES["Patient"]],
            )
            return await stored_rows(connection, platform.store.codec, rows)

    every = installation.inside(look)
    patients = {
        f"Patient/{one.id}": {i["value"] for i in one.resource.get("identifier", [])}
        for one in every
        if one.type == "Patient"
    }
    return [one for one in every if one.type == "Observation"], patients, told


def _on_the_page(installation: Installation, cast: Cast, letters: Sequence[Letter]) -> list[str]:
    """What a doctor reads of one resident: each accepted remark in one row."""
    with installation.logged_in("mayi") as client:
        text = client.get(f"/record/{cast.own.person}?tab=results&item={_REMARK}").text
    rows = text.partition('id="rows-title"')[2]
    sent = [one for one in letters if one.resident == cast.truth.key and one.expected == "AA"]
    shown = {one.control_id: rows.count(f">{one.remark}<") for one in sent}
    faults = [f"{name}: in {n} rows of the page" for name, n in shown.items() if n > 1]
    if len(sent) <= _PAGE_ROWS:
        faults += [f"{name}: not on the page" for name, n in shown.items() if n == 0]
    return faults
