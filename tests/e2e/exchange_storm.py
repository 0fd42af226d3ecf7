"""A storm over every way in: each channel's senders never stop, while process after process dies.

A message is sent again until it is answered; a row of a front-end table counts as sent when the
source's own database has it. Every message tells of a patient that no other tells of, so that each
resource must stand exactly once, as version 1.
"""

import itertools
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import httpx
import msgspec
from lxml import etree

from minkang.app.platform import Platform
from minkang.exchange import Source, register
from minkang.exchange.credentials import issue_credential
from minkang.fhir import TYPE_NAMES, encode
from minkang.fhir.dates import LOCAL
from tests.e2e.installation import Installation, answer_code, exchange
from tests.e2e.processes import becomes
from tests.e2e.storm import kill_one
from tests.exchange import wst_samples
from tests.exchange.fhir_mapped import bundle, entry, patient, result
from tests.exchange.messages import adt
from tests.exchange.small_document import document

TARGETS = ("web", "listener", "worker", "backend", "postmaster")
CHANNELS = ("mllp", "fhir", "document", "wst", "table")
SOURCE = Source(
    id="storm",
    name="风暴医院",
    organisation="MKSTORM",
    channels=("mllp", "fhir", "document", "wst", "table"),
    table_mapping="clinic_visits",
    table_name="front_storm.visits",
)
_SERVICE = "PatientInfoRegister"
_TIMEOUT = 15.0
_BACK_SECONDS = 60.0
_END_SECONDS = 180.0
_PAUSE = 0.03  # seconds between two messages of a sender, at most
_PAUSES = {"table": 0.4}  # each row is a connection of its own to the source's database
_MEDIA = {
    "fhir": "application/fhir+json",
    "document": "application/xml",
    "wst": "text/xml; charset=utf-8",
}
_SHARED = frozenset({"Organization", "Practitioner", "PractitionerRole", "Location"})
"""Types of which several messages may tell the same."""


class Letter(msgspec.Struct):
    """A message of ours.

    Attributes:
        number: its own name in the inbox (`control_id`).
        good: it must end in the store; else in quarantine.
        interval: how many kills there had been when it was first answered.
        unsure: how often the connection broke before the answer, or it was to try again.
    """

    channel: str
    number: str
    good: bool
    raw: bytes
    interval: int = -1
    unsure: int = 0


class Struck(msgspec.Struct):
    """A kill; how many messages were on the way, and how long until all was back (seconds)."""

    number: int
    what: str
    flying: int
    waiting: int
    back: float = 0.0


class Row(msgspec.Struct, frozen=True):
    """A kill, and what became of the messages answered since the kill before."""

    kill: Struck
    answered: dict[str, int]
    resent: int
    lost: int
    doubled: int


class Outcome(msgspec.Struct, frozen=True):
    """What a storm came to; `faults` says in words what should not be."""

    rows: tuple[Row, ...]
    seconds: float
    resources: int
    faults: tuple[str, ...]
    left_out: tuple[str, ...]


class _Senders:
    """One thread for each channel and connection."""

    def __init__(self, installation: Installation, secret: str, seed: int) -> None:
        self._installation, self._secret, self._seed = installation, secret, seed
        self._stop, self._numbers = threading.Event(), itertools.count(1)
        self._lock = threading.Lock()
        self.letters: list[Letter] = []
        self.flying: set[str] = set()
        self.kills = 0
        self.failures: list[str] = []
        self.channels = [one for one in CHANNELS if one != "wst" or wst_samples.FOLDER.is_dir()]
        work = [*self.channels, "mllp", "fhir"]
        self._threads = [
            threading.Thread(target=self._run, args=(number, channel))
            for number, channel in enumerate(work)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """No new messages; waits until each that was begun has its answer."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def answered(self, channel: str = "") -> int:
        with self._lock:
            return sum(one.interval >= 0 and channel in ("", one.channel) for one in self.letters)

    def _run(self, thread: int, channel: str) -> None:
        choice = random.Random(f"{self._seed}/{thread}")
        send: _Line | _Requests | None = None
        if channel == "mllp":
            send = _Line(self._installation)
        elif channel != "table":
            send = _Requests(self._installation, self._secret)
        once = send or self._row
        try:
            while not self._stop.is_set():
                letter = self._new(channel, choice)
                self._deliver(letter, once)
                if channel != "table" and choice.random() < 0.05:
                    self._deliver(letter, once)
                time.sleep(choice.uniform(0, _PAUSES.get(channel, _PAUSE)))
        except Exception as error:  # noqa: BLE001 - a thread's end must not go unseen
            self.failures.append(f"{channel}: {error!r}")
        finally:
            if send is not None:
                send.close()

    def _new(self, channel: str, choice: random.Random) -> Letter:
        with self._lock:
            name = f"S{self._seed}N{next(self._numbers):06}"
        good = choice.random() > 0.1
        letter = Letter(channel, name, good, _WRITERS[channel](name, good))
        with self._lock:
            self.letters.append(letter)
        return letter

    def _deliver(self, letter: Letter, once: Callable[[Letter], bool | None]) -> None:
        """Send until there is an answer; it must be the right one."""
        end = time.monotonic() + 120
        while True:
            self.flying.add(letter.number)
            try:
                answer = once(letter)
            finally:
                self.flying.discard(letter.number)
            if answer is not None:
                assert answer == letter.good, f"{letter.number}: answered {answer}"
                if letter.interval < 0:
                    letter.interval = self.kills
                return
            letter.unsure += 1
            if time.monotonic() > end:
                raise TimeoutError(f"no answer to {letter.number}")
            time.sleep(0.05)

    def _row(self, letter: Letter) -> bool | None:
        """Insert a row; the answer says that the source has it."""
        row = {**msgspec.json.decode(letter.raw), "updated_at": _clock()}
        names = ", ".join(row)
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        try:
            self._installation.fetch(
                f"""insert into front_storm.visits ({names}) values ({places})
                    on conflict do nothing""",
                *row.values(),
            )
        except Exception:  # noqa: BLE001 - whatever it is, the source tries again
            return None
        return letter.good


class _Line:
    """An MLLP connection that is opened again when it broke."""

    def __init__(self, installation: Installation) -> None:
        self._address = ("127.0.0.1", installation.mllp_port)
        self._line: socket.socket | None = None

    def __call__(self, letter: Letter) -> bool | None:
        try:
            if self._line is None:
                self._line = socket.create_connection(self._address, _TIMEOUT)
            code = answer_code(exchange(self._line, letter.raw))
        except OSError:
            self.close()
            return None
        return None if code == "retry" else code == "AA"

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


class _Requests:
    """A client of the doors that speak HTTP; it connects again when it must."""

    def __init__(self, installation: Installation, secret: str) -> None:
        self._client = httpx.Client(
            base_url=installation.address,
            headers={"authorization": f"Bearer {secret}"},
            timeout=_TIMEOUT,
            trust_env=False,
            verify=False,
        )

    def __call__(self, letter: Letter) -> bool | None:
        wst = letter.channel == "wst"
        try:
            answer = self._client.post(
                "/wst/storm" if wst else "/exchange/storm",
                content=_envelope(letter.raw) if wst else letter.raw,
                headers={"content-type": _MEDIA[letter.channel]},
            )
        except httpx.HTTPError:
            return None
        if answer.status_code in (409, 503):
            return None
        if wst:
            code = re.search(r"acknowledgement typeCode=(?:\"|&quot;)(A[AER])", answer.text)
            assert code, f"{answer.status_code} {answer.text[:2_000]}"
            return code[1] == "AA"
        assert answer.status_code in (200, 202, 422), f"{answer.status_code} {answer.text[:300]}"
        return answer.status_code != 422

    def close(self) -> None:
        self._client.close()


def _clock() -> str:
    return datetime.now(LOCAL).strftime("%Y-%m-%d %H:%M:%S")


def _message(name: str, good: bool) -> bytes:
    pid = f"PID|1||{name}^^^storm^PI||欧阳小明||19850315|{'M' if good else '?'}"
    raw = adt(control=name, visit=name, pid=pid, sender="storm")
    return raw.replace(b"|MKHAIBIN|", b"|MKSTORM|", 1)


def _bundle(name: str, good: bool) -> bytes:
    who = patient(name, gender="male" if good else "m")
    results = [result(f"{name}-{n}", f"Patient/{name}", valueString=name) for n in range(2)]
    return encode(bundle(entry(who), *(entry(one) for one in results), identifier={"value": name}))


def _document(name: str, good: bool) -> bytes:
    return document(name, kind="C0039" if good else "C9999")


@cache
def _sample() -> bytes:
    root = wst_samples.message(_SERVICE)
    wst_samples.set_all(root, "/*/h:id/@extension", "NUMBER")
    wst_samples.set_all(root, "//h:patient/h:id/h:item/@extension", "NUMBER")
    raw: bytes = etree.tostring(root, encoding="utf-8")
    return raw


def _service(name: str, good: bool) -> bytes:
    raw = _sample().replace(b"NUMBER", name.encode())
    return raw if good else re.sub(rb"(</?)patient\b", rb"\1nobody", raw)


def _visit(name: str, good: bool) -> bytes:
    row = {
        "visit_no": name,
        "patient_no": name,
        "name": "欧阳小明" if good else "",
        "visit_time": _clock(),
        "department": "全科",
        "diagnosis_code": "I10",
        "diagnosis_name": "高血压",
    }
    return encode(row)


_WRITERS: dict[str, Callable[[str, bool], bytes]] = {
    "mllp": _message,
    "fhir": _bundle,
    "document": _document,
    "wst": _service,
    "table": _visit,
}


def _envelope(message: bytes) -> bytes:
    inner = escape(message.decode())
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        '<HIPMessageServer xmlns="urn:hl7-org:v3">'
        f"<action>{_SERVICE}</action><message>{inner}</message>"
        "</HIPMessageServer></soap:Body></soap:Envelope>"
    ).encode()


def _prepare(installation: Installation) -> str:
    """Register the source with its front-end table; its credential."""
    columns = (
        "visit_no patient_no name id_number sex birth_date phone visit_time department doctor "
        "diagnosis_code diagnosis_name chief_complaint sbp dbp glucose updated_at"
    ).split()
    texts = ", ".join(f"{one} text" for one in columns[1:])
    installation.fetch("create schema front_storm")
    installation.fetch(f"create table front_storm.visits (visit_no text primary key, {texts})")

    async def made(platform: Platform) -> str:
        await register(platform.store, SOURCE)
        async with platform.pool.acquire() as connection:
            now = datetime.now(UTC)
            secret, _ = await issue_credential(connection, platform.keys, SOURCE.id, "his", now)
        return secret

    secret = installation.inside(made)
    # Each listener looks for new sources every few seconds; a connection goes to one of them.
    probe = _message("PROBE", good=True)
    known = becomes(
        lambda: all(installation.send(probe) == ["AA"] for _ in range(12)), _BACK_SECONDS
    )
    assert known, installation.log
    return secret


def exchange_storm(installation: Installation, kills: int, seed: int) -> Outcome:
    """Kill `kills` times while every channel sends; then account for every message.

    A kill falls at a random moment after messages of every channel were answered again.
    """
    choice = random.Random(seed)
    senders = _Senders(installation, _prepare(installation), seed)
    began = time.monotonic()
    done: list[Struck] = []
    senders.start()
    try:
        for number in range(1, kills + 1):
            what = TARGETS[(number - 1) % len(TARGETS)]
            _under_load(installation, senders)
            time.sleep(choice.uniform(0.01, 0.3))
            kill = Struck(number, what, len(senders.flying), installation.waiting())
            senders.kills = number
            struck = time.monotonic()
            kill_one(installation, what, choice)
            assert becomes(installation.whole, _BACK_SECONDS), installation.log
            kill.back = time.monotonic() - struck
            done.append(kill)
        _under_load(installation, senders)
    finally:
        senders.finish()
    rows = sum(one.channel == "table" and one.interval >= 0 for one in senders.letters)
    polled = _comes_to_an_end(lambda: rows - _polled(installation))
    processed = _comes_to_an_end(installation.waiting)
    faults = list(senders.failures)
    if not (polled and processed):
        faults.append(f"{rows - _polled(installation)} rows not read, messages left waiting")
    found, account = _account(installation, senders.letters, done)
    left_out = tuple(f"NOT RUN: {one}" for one in CHANNELS if one not in senders.channels)
    seconds = time.monotonic() - began
    return Outcome(tuple(found), seconds, account[0], (*faults, *account[1]), left_out)


def _comes_to_an_end(left: Callable[[], int]) -> bool:
    """Whether what is left becomes nothing; it must become less in time, however slow that is."""
    while (still := left()) > 0:
        if not becomes(lambda: left() < still, _END_SECONDS):
            return False
    return True


def _polled(installation: Installation) -> int:
    rows = installation.fetch(
        "select count(*) as n from exchange.message where source = 'storm' and channel = 'table'"
    )
    return int(rows[0]["n"])


def _under_load(installation: Installation, senders: _Senders) -> None:
    """Messages of every channel are being answered again."""
    reached = {one: senders.answered(one) + 2 for one in senders.channels}

    def working() -> bool:
        return all(senders.answered(one) >= least for one, least in reached.items())

    assert becomes(working, _BACK_SECONDS), f"{senders.failures}\n{installation.log}"


def _account(
    installation: Installation, letters: Sequence[Letter], done: Sequence[Struck]
) -> tuple[list[Row], tuple[int, list[str]]]:
    """Look in the database for every message that was answered, and for what it made."""
    kept: dict[str, list[Any]] = {}
    for row in installation.fetch(
        """select m.id, m.channel, m.control_id, m.state,
                  (select string_agg(p.rule, ' ') from exchange.problem p
                   where p.message = m.id) as rules
           from exchange.message m where m.source = 'storm'"""
    ):
        kept.setdefault(f"{row['channel']}/{row['control_id']}", []).append(row)
    made: dict[int, list[Any]] = {}
    for row in installation.fetch(
        """select d.message, d.type, d.id, r.version, r.deleted from exchange.made d
           join exchange.message m on m.id = d.message and m.source = 'storm'
           left join store.resource r on r.type = d.type and r.id = d.id"""
    ):
        made.setdefault(row["message"], []).append(row)
    faults: list[str] = []
    tally: dict[int, Counter[str]] = {}
    resources = 0
    for letter in letters:
        count = tally.setdefault(letter.interval, Counter())
        found = kept.get(f"{letter.channel}/{letter.number}", [])
        count["resent"] += letter.unsure > 0
        count[letter.channel] += letter.interval >= 0
        if letter.interval < 0:
            continue
        count["lost"] += not found
        count["doubled"] += len(found) > 1
        state = "stored" if letter.good else "quarantined"
        if [row["state"] for row in found] != [state]:
            ended = [(row["state"], row["rules"]) for row in found]
            faults.append(f"{letter.channel} {letter.number}: {ended}")
            continue
        things = made.get(found[0]["id"], [])
        resources += len(things)
        if not letter.good:
            if things or not found[0]["rules"]:
                faults.append(f"{letter.number}: refused, with {len(things)} resources")
            continue
        versions = Counter(
            one["version"] for one in things if TYPE_NAMES[one["type"]] not in _SHARED
        )
        count["doubled"] += sum(n for version, n in versions.items() if version and version > 1)
        if not versions or set(versions) != {1} or any(one["deleted"] for one in things):
            count["lost"] += None in versions or not versions
            faults.append(f"{letter.channel} {letter.number}: versions {dict(versions)}")
    rows = []
    for kill in done:
        several = [kill.number - 1] + ([kill.number] if kill is done[-1] else [])
        total = sum((tally.get(one, Counter()) for one in several), Counter[str]())
        answered = {one: total[one] for one in CHANNELS if total[one]}
        rows.append(Row(kill, answered, total["resent"], total["lost"], total["doubled"]))
    return rows, (resources, faults)
