"""What access costs: the FHIR base with a token, policy and audit against the open base, and the
decision alone.

The open base asks for no token and decides by one row of the policy; it keeps writing down what
was asked. The decision is measured inside one process, cold (a question never asked before) and
from its cache.
"""

import time
from collections.abc import Callable

from bench.client import Request, load
from bench.fhir_base import READERS, SEARCHERS
from bench.measure import Place, Result, rate, result
from bench.population import patient, shared
from bench.searches import SEARCHES, chosen
from bench.server import command, serving, settled
from minkang.accounts import Account, create_organisation
from minkang.fhir import encode
from minkang.policy import Ask, Relation, decide
from minkang.policy.consent_state import ConsentState

_SIZE = 1_000
_SECONDS = 3
_READ_PATHS = 400
_SEARCH_KINDS = ("identifier", "token", "chain")
_KEPT = 0.75
_COLD_MICROSECONDS, _CACHED_MICROSECONDS = 1_000.0, 50.0
_ASKED = 2_000


async def access(place: Place) -> list[Result]:
    """Reads and searches with a token against the open base; the decision cold and cached."""
    await create_organisation(
        place.store.pool, organisation_id="bench", name="bench", kind="hospital"
    )
    await _fill(place)
    token = (await command(place, "token", "--role", "system", "--org", "bench")).split()[-1]
    bearer = {"authorization": f"Bearer {token.decode()}"}
    requests = {"read": _reads(), **_searches(place)}
    opened: dict[str, float] = {}
    async with serving(place) as server:
        await settled(place)
        for name, paths in requests.items():
            opened[name] = await _rate(server.address, name, paths, {})
    results = []
    async with serving(place, open_base=False) as server:
        await settled(place)
        for name, paths in requests.items():
            guarded = await _rate(server.address, name, paths, bearer)
            unit = "reads/s" if name == "read" else "searches/s"
            results.append(result(f"access_{name}", guarded, unit, opened[name], _KEPT))
    return [*results, *await _decisions()]


async def _fill(place: Place) -> None:
    file = place.home / "access.ndjson"
    with file.open("wb") as out:
        for resource in shared():
            out.write(encode(resource) + b"\n")
        for number in range(_SIZE):
            for resource in patient(number):
                out.write(encode(resource) + b"\n")
    await command(place, "load", "--source", "bench", "--json", str(file))
    file.unlink()
    await place.store.pool.execute("analyze")


def _reads() -> list[str]:
    step = max(1, _SIZE // _READ_PATHS)
    return [f"Observation/p{n}-o{n % 18}" for n in range(0, _SIZE, step)]


def _searches(place: Place) -> dict[str, list[str]]:
    numbers = chosen(_SIZE, _READ_PATHS)
    return {
        f"search_{one.name}": [
            f"{one.asked(place.store, number).query}&_count=20" for number in numbers
        ]
        for one in SEARCHES
        if one.name in _SEARCH_KINDS
    }


async def _rate(address: str, name: str, paths: list[str], headers: dict[str, str]) -> float:
    requests = [Request(f"/fhir/{path}", "GET", headers) for path in paths]
    connections = READERS if name == "read" else SEARCHERS
    await load(address, requests, connections=connections, seconds=1)
    return (await load(address, requests, connections=connections, seconds=_SECONDS)).rate


async def _decisions() -> list[Result]:
    """Microseconds that a decision takes."""
    doctor = Account("1", "x", "x", "doctor", "MK1", "x", None, institution="MK1")
    known = Relation(visit=True, code_presented=True, consent=ConsentState(given=True))

    def asked(number: int) -> Ask:
        return Ask(
            account=doctor,
            action="open-record",
            person=f"p{number}",
            patients=frozenset([f"a{number}", f"b{number}"]),
            named=True,
            relation=known,
        )

    mark = time.monotonic_ns()
    cold = await _microseconds(lambda number: decide(asked(mark + number)))
    cached = await _microseconds(lambda _: decide(asked(0)))
    return [
        result("decide_cold", cold, "µs", _COLD_MICROSECONDS, 1, at_most=True),
        result("decide_cached", cached, "µs", _CACHED_MICROSECONDS, 1, at_most=True),
    ]


async def _microseconds(run: Callable[[int], object]) -> float:
    done = 0

    async def many() -> int:
        nonlocal done
        for _ in range(_ASKED):
            run(done)
            done += 1
        return _ASKED

    return 1_000_000 / await rate(many)
