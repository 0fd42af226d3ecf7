"""A storm over the FHIR base: systems that never stop writing, while processes are killed.

Every write is sent again until it is answered, as a careful client does: creates and transactions
under a condition that makes a second one harmless, updates with the version they are based on.
"""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec

from minkang.app.demonstration.accounts import HOSPITAL
from minkang.app.platform import Platform
from minkang.fhir.search_syntax import parse_search
from minkang.store import Scope, find, history
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.storm import kill_one

TARGETS = ("web", "postmaster", "backend", "worker", "supervisor")
ORGANISATION = HOSPITAL
_WRITERS = 6
_TIMEOUT = 15.0
_BACK_SECONDS = 60.0
_SYSTEM = "urn:example:storm"
_WHOLE = Scope.whole()


class Written(msgspec.Struct):
    """What was sent, and what was answered.

    Attributes:
        numbers: identifiers of the resources of a create or a transaction.
        counter, value, version: of an update: which resource, what it counts, the version answered.
        interval: how many kills there had been when it was answered.
        unsure: how often the connection broke or it was to try again.
    """

    numbers: list[str] = []
    counter: str = ""
    value: int = 0
    version: int = 0
    interval: int = -1
    unsure: int = 0


class Struck(msgspec.Struct):
    """A kill, and how long until everything answered again (seconds)."""

    number: int
    what: str
    back: float = 0.0


class Row(msgspec.Struct, frozen=True):
    """A kill and the writes acknowledged between the kill before and this one."""

    kill: Struck
    acknowledged: int
    resent: int


class Outcome(msgspec.Struct, frozen=True):
    """What a storm came to; `faults` says in words what should not be."""

    rows: tuple[Row, ...]
    seconds: float
    lost: int
    doubled: int
    halves: int
    faults: tuple[str, ...]


def observation(number: str) -> dict[str, Any]:
    """A result that no other has."""
    return {
        "resourceType": "Observation",
        "identifier": [{"system": _SYSTEM, "value": number}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "14749-6"}]},
        "subject": {"reference": "Patient/storm"},
        "effectiveDateTime": "2026-11-22",
        "valueQuantity": {"value": 5.4, "unit": "mmol/L"},
    }


class _Writers:
    """Connected systems, each with a connection of its own."""

    def __init__(self, installation: Installation, token: str, seed: int) -> None:
        self._installation, self._token, self._seed = installation, token, seed
        self._stop, self._numbers = threading.Event(), itertools.count(1)
        self._lock = threading.Lock()
        self.written: list[Written] = []
        self.kills = 0
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(_WRITERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """No new writes; waits until each that was begun has its answer."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def answered(self) -> int:
        with self._lock:
            return sum(one.interval >= 0 for one in self.written)

    def _run(self, number: int) -> None:
        choice = random.Random(f"{self._seed}/{number}")
        value = 0
        version = 0
        try:
            while not self._stop.is_set():
                with httpx.Client(
                    base_url=f"{self._installation.address}/fhir",
                    headers={"authorization": f"Bearer {self._token}"},
                    timeout=_TIMEOUT,
                    trust_env=False,
                    verify=False,
                ) as client:
                    for _ in range(choice.randint(5, 40)):
                        if self._stop.is_set():
                            return
                        kind = choice.random()
                        if kind < 0.5:
                            self._create(client)
                        elif kind < 0.75:
                            self._transaction(client)
                        else:
                            value += 1
                            version = self._update(client, f"storm-{number}", value, version)
        except Exception as error:  # noqa: BLE001 - a thread's end must not go unseen
            self.failures.append(f"writer {number}: {error!r}")

    def _new(self, **what: Any) -> Written:
        one = Written(**what)
        with self._lock:
            self.written.append(one)
        return one

    def _number(self) -> str:
        with self._lock:
            return f"{self._seed}-{next(self._numbers)}"

    def _create(self, client: httpx.Client) -> None:
        one = self._new(numbers=[self._number()])
        condition = {"if-none-exist": f"identifier={_SYSTEM}|{one.numbers[0]}"}
        self._until_answered(
            one, client, "POST", "/Observation", observation(one.numbers[0]), condition
        )

    def _transaction(self, client: httpx.Client) -> None:
        one = self._new(numbers=[self._number() for _ in range(3)])
        entries = [
            {
                "fullUrl": f"urn:uuid:00000000-0000-4000-8000-{int(n.split('-')[1]):012}",
                "resource": observation(n),
                "request": {
                    "method": "POST",
                    "url": "Observation",
                    "ifNoneExist": f"identifier={_SYSTEM}|{n}",
                },
            }
            for n in one.numbers
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        self._until_answered(one, client, "POST", "", bundle, {})

    def _update(self, client: httpx.Client, counter: str, value: int, version: int) -> int:
        """Count one further; after a broken connection the write may have happened."""
        one = self._new(counter=counter, value=value)
        body = {"resourceType": "Basic", "id": counter, "code": {"text": str(value)}}
        condition = {"if-match": f'W/"{version}"'} if version else {}
        answer = self._until_answered(one, client, "PUT", f"/Basic/{counter}", body, condition)
        if answer.status_code == 412:
            # The first sending had been written before its answer was lost.
            current = client.get(f"/Basic/{counter}").raise_for_status()
            assert current.json()["code"]["text"] == str(value), "somebody else counted"
            answer = current
        one.version = int(answer.headers["etag"].strip('W/"'))
        return one.version

    def _until_answered(
        self,
        one: Written,
        client: httpx.Client,
        method: str,
        path: str,
        body: dict[str, Any],
        headers: dict[str, str],
    ) -> httpx.Response:
        end = time.monotonic() + 120
        while True:
            try:
                answer = client.request(
                    method,
                    path,
                    content=msgspec.json.encode(body),
                    headers={"content-type": "application/fhir+json", **headers},
                )
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code not in (409, 503):
                fine = answer.status_code in (200, 201) or (
                    answer.status_code == 412 and one.unsure and method == "PUT"
                )
                assert fine, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
                one.interval = self.kills
                return answer
            one.unsure += 1
            if time.monotonic() > end:
                raise TimeoutError(f"no answer to {one}")
            time.sleep(0.1)


def fhir_storm(installation: Installation, kills: int, seed: int) -> Outcome:
    """Kill `kills` times while six systems write; then account for every write."""
    choice = random.Random(seed)
    made = installation.command("token", "--role", "system", "--org", ORGANISATION)
    assert made.returncode == 0, made.stderr
    writers = _Writers(installation, made.stdout.strip(), seed)
    began = time.monotonic()
    done: list[Struck] = []
    writers.start()
    try:
        for number in range(1, kills + 1):
            what = TARGETS[number % len(TARGETS)]
            _under_load(installation, writers)
            time.sleep(choice.uniform(0.02, 0.5))
            writers.kills = number
            struck = time.monotonic()
            kill_one(installation, what, choice)
            assert becomes(installation.whole, _BACK_SECONDS), installation.log
            done.append(Struck(number, what, time.monotonic() - struck))
        _under_load(installation, writers)
    finally:
        writers.finish()
    return _account(installation, writers, done, time.monotonic() - began)


def _under_load(installation: Installation, writers: _Writers) -> None:
    reached = writers.answered() + 2 * _WRITERS
    working = becomes(lambda: writers.answered() >= reached, _BACK_SECONDS)
    assert working, f"no answers any more: {writers.failures}\n{installation.log}"


def _account(
    installation: Installation, writers: _Writers, done: Sequence[Struck], seconds: float
) -> Outcome:
    """Look past every door for each write that was answered, and for halves of any."""
    faults = list(writers.failures)
    counts: Counter[str] = Counter()

    async def look(platform: Platform) -> None:
        for one in writers.written:
            found = [await _found(platform, number) for number in one.numbers]
            counts["lost"] += sum(n == 0 for n in found) if one.interval >= 0 else 0
            counts["doubled"] += sum(n > 1 for n in found)
            counts["halves"] += len(set(found)) > 1
            if one.interval >= 0 and any(n != 1 for n in found):
                faults.append(f"{one.numbers}: found {found} times")
        for counter in sorted({one.counter for one in writers.written if one.counter}):
            versions = await history(platform.store, _WHOLE, "Basic", counter)
            texts = {one.version: one.resource["code"]["text"] for one in versions}
            if sorted(texts) != list(range(1, len(texts) + 1)):
                faults.append(f"{counter}: versions {sorted(texts)}")
            for one in writers.written:
                mine = one.counter == counter and one.version
                if mine and texts.get(one.version) != str(one.value):
                    counts["lost"] += 1
                    faults.append(f"{counter}: version {one.version} is not {one.value}")
        left = await platform.pool.fetchval(
            """select (select count(*) from store.term t
                       left join store.resource r on r.sequence = t.sequence where r.id is null)
                    + (select count(*) from store.span s
                       left join store.resource r on r.sequence = s.sequence where r.id is null)"""
        )
        if left:
            faults.append(f"{left} index rows belong to nothing")

    installation.inside(look)
    rows = []
    for kill in done:
        several = [kill.number - 1] + ([kill.number] if kill is done[-1] else [])
        within = [one for one in writers.written if one.interval in several]
        rows.append(Row(kill, len(within), sum(one.unsure > 0 for one in within)))
    return Outcome(
        tuple(rows),
        seconds,
        counts["lost"],
        counts["doubled"],
        counts["halves"],
        tuple(faults),
    )


async def _found(platform: Platform, number: str) -> int:
    search = parse_search(("Observation",), [("identifier", f"{_SYSTEM}|{number}")])
    return len((await find(platform.store, _WHOLE, search)).matches)
