"""How long pages take that people wait for: a record, lists, the region, beside a full store.

A small demonstration (`app.demonstration`) gives residents, accounts and institutions; around it
stand institutions, visits and other people's resources up to the size asked for. What followers of
the change feed make of those is left out (their positions are moved on): the pages read what they
read, from tables as large as they are.

A page is asked for over HTTP by one visitor who is logged in; the time is that of the answer,
from the last byte of the question to the last of the answer, the median of several.
"""

import asyncio
import logging
import multiprocessing
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import lxml.html
import msgspec

from bench.measure import Place, Result, result
from bench.population import RESOURCES, patient, shared
from bench.server import serving, settled
from minkang.accounts import create_organisation
from minkang.app.demonstration import Size, prepare, read_story
from minkang.app.demonstration.accounts import HOSPITAL, PASSWORD
from minkang.app.platform import key_folder
from minkang.config import Settings
from minkang.crypto import load_keys
from minkang.fhir import TYPE_CODES, Resource, decode, encode
from minkang.store import open_pool, open_store
from minkang.store.bulk_load import bulk_load
from minkang.store.feed import head, save_position
from minkang.web.record_tabs import TABS

_SMALL, _LARGE = 30_000, 10_000_000
_RESIDENTS = 60
_LONG = 5_000  # resources of one life
_INSTITUTIONS = 1_500
_VISITS = 2_000  # of one institution on one day
_PORTION = 2_000  # patients that a process writes at a time
_ASKED = 7
_ORDINARY_MS, _LONG_MS, _LIST_MS = 150, 300, 200
_PAGE_KB = 30
_VISITORS = (
    "yisheng", "quanke", "cunyi", "hushi", "fuyou", "diaodu", "jikong", "guihua", "jiandu",
    "yanjiu", "xinxi", "xitong", "anquan", "shenji", "yuanxin",
)  # fmt: skip


async def record(place: Place) -> list[Result]:
    """Pages beside 30,000 other resources."""
    return await _at(place, _SMALL)


async def record_large(place: Place) -> list[Result]:
    """Pages beside 10,000,000 other resources: takes an hour, most of it to write them."""
    return await _at(place, _LARGE)


async def _at(place: Place, size: int) -> list[Result]:
    await stand(place, size)
    return await measured(place)


async def stand(place: Place, size: int) -> None:
    """The demonstration, a county's institutions, and so many resources around them."""
    settings = Settings(home=place.home)
    await asyncio.to_thread(prepare, settings, place.url, Size(residents=_RESIDENTS))
    await _institutions(place)
    async with serving(place):
        await settled(place)  # those who follow have made of the demonstration what they make of it
    await _fill(place, size // RESOURCES)


async def measured(place: Place) -> list[Result]:
    """The pages, by who works with them."""
    story = read_story(place.home)
    assert story is not None  # `stand` has written it
    await _lengthen(place, story.person)
    await _crowd(place)
    usual = await _usual_person(place, story.person)
    async with serving(place) as server:
        await settled(place)
        async with _visitor(server.address, "yisheng") as doctor:
            ordinary = [await _page(doctor, f"/record/{usual}?tab={tab.name}") for tab in TABS]
            long = [await _page(doctor, f"/record/{story.person}?tab={tab.name}") for tab in TABS]
            day = [await _page(doctor, "/doctor")]
            sought = (story.name, story.name[0], "wang", "zhangwei", "N00000007")
            found = [await _page(doctor, "/doctor/results", {"q": text}) for text in sought]
        async with _visitor(server.address, "jumin") as resident:
            own = [await _page(resident, path) for path in await _offered(resident)]
        lists = []
        for login in _VISITORS:
            async with _visitor(server.address, login) as visitor:
                for path in await _offered(visitor):
                    page = await _page(visitor, path)
                    lists.append(msgspec.structs.replace(page, path=f"{path} ({login})"))
    return [
        _slowest("record_ordinary", ordinary, _ORDINARY_MS),
        _slowest("record_long", long, _LONG_MS),
        _slowest("record_own", own, _LONG_MS),
        _slowest("doctor_day", day, _LIST_MS),
        _slowest("doctor_find", found, _LIST_MS),
        _slowest("lists", lists, _LIST_MS),
        _heaviest("page_weight", [*ordinary, *day, *lists]),
    ]


class _Page(msgspec.Struct, frozen=True):
    """A page, the median of its times in seconds, and its compressed size in bytes."""

    path: str
    seconds: float
    size: int


def _slowest(name: str, pages: Sequence[_Page], most: float) -> Result:
    """The slowest page counts; which they are stands in the log."""
    ordered = sorted(pages, key=lambda page: -page.seconds)
    for page in ordered[:8]:
        _log.info("%s: %.0f ms %s", name, 1000 * page.seconds, page.path)
    return result(name, 1000 * ordered[0].seconds, "ms", most, 1.0, at_most=True)


def _heaviest(name: str, pages: Sequence[_Page]) -> Result:
    """The heaviest page counts, without what is kept from the first visit on."""
    ordered = sorted(pages, key=lambda page: -page.size)
    for page in ordered[:5]:
        _log.info("%s: %.1f KB %s", name, page.size / 1024, page.path)
    return result(name, ordered[0].size / 1024, "KB", _PAGE_KB, 1.0, at_most=True)


_log = logging.getLogger(__name__)


@asynccontextmanager
async def _visitor(address: str, login: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has logged in."""
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
        await client.get("/login")
        token = {"x-csrftoken": client.cookies["minkang_csrf"]}
        said = {"login": login, "password": PASSWORD}
        answer = await client.post("/login", data=said, headers=token)
        if answer.status_code != 303:
            raise RuntimeError(f"{login} can't log in: {answer.status_code}")
        client.headers.update(token)
        yield client


async def _page(
    visitor: httpx.AsyncClient, path: str, form: Mapping[str, str] | None = None
) -> _Page:
    """Ask for a page several times, after once that does not count; with a form: post it.

    Raises:
        RuntimeError: it is not there for this visitor.
    """
    times = []
    for asked in range(_ASKED + 1):
        begun = time.perf_counter()
        answer = await (visitor.post(path, data=form) if form else visitor.get(path))
        if asked:
            times.append(time.perf_counter() - begun)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    shown = f"{path} {form}" if form else path
    return _Page(shown, sorted(times)[_ASKED // 2], answer.num_bytes_downloaded)


async def _offered(visitor: httpx.AsyncClient) -> list[str]:
    """The pages of the menu."""
    home = await visitor.get("/", follow_redirects=True)
    links = lxml.html.fromstring(home.text).xpath("//nav//a/@href")
    paths = sorted({link for link in links if urlsplit(link).path == link and link != "/"})
    answers = [await visitor.get(path) for path in paths]
    return [path for path, one in zip(paths, answers, strict=True) if one.status_code == 200]


# What stands around


async def _institutions(place: Place) -> None:
    """A county's village rooms, each with some visits."""
    pool = place.store.pool
    for number in range(_INSTITUTIONS):
        name = f"第{number}村卫生室"
        await create_organisation(pool, organisation_id=f"v{number}", name=name, kind="village")
        await bulk_load(place.store, _visits(f"v{number}", 3, "p0"), f"v{number}")


def _visits(key: str, count: int, patient_id: str) -> Iterator[Resource]:
    """Visits of the last hours."""
    for number in range(count):
        begun = datetime.now(UTC) - timedelta(minutes=number % 240)
        yield {
            "resourceType": "Encounter",
            "id": f"{key}-visit-{number}",
            "status": "finished",
            "class": {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "code": "AMB",
            },
            "subject": {"reference": f"Patient/{patient_id}"},
            "period": {"start": begun.isoformat(timespec="seconds")},
        }


async def _fill(place: Place, patients: int) -> None:
    """Other people's resources, by as many processes as there are processors."""
    await bulk_load(place.store, shared(), "bench")
    loop = asyncio.get_running_loop()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context) as workers:
        await asyncio.gather(
            *(
                loop.run_in_executor(
                    workers, _write, place.url, place.home, at, min(_PORTION, patients - at)
                )
                for at in range(0, patients, _PORTION)
            )
        )
    await place.store.pool.execute("vacuum (analyze)")
    async with place.store.pool.acquire() as connection:
        now = await head(connection)
        for row in await connection.fetch("select name from store.consumer"):
            await save_position(connection, row["name"], now)


def _write(url: str, home: Path, first: int, count: int) -> None:
    asyncio.run(_written(url, home, first, count))


async def _written(url: str, home: Path, first: int, count: int) -> None:
    pool = await open_pool(url, maximum=2)
    store = await open_store(pool, load_keys(key_folder(home), create=False))
    people = range(first, first + count)
    await bulk_load(store, (one for number in people for one in patient(number)), "bench")
    await pool.close()


async def _lengthen(place: Place, person: str) -> None:
    """A life of 5,000 resources of a resident who has been seen at the hospital."""
    own = await _patient_at_hospital(place, person)
    await bulk_load(place.store, _life(own), HOSPITAL)


def _life(own: str) -> Iterator[Resource]:
    """Many lives of the population as one."""
    for number in range(1, _LONG // (RESOURCES - 1) + 1):
        former = f"Patient/p{number}".encode()
        for one in patient(number):
            if one["resourceType"] != "Patient":
                text = encode(one).replace(b'"' + former + b'"', f'"Patient/{own}"'.encode())
                yield decode(text.replace(f"p{number}-".encode(), f"long{number}-".encode()))


async def _crowd(place: Place) -> None:
    """A busy day of the hospital."""
    rows = await place.store.pool.fetch(
        """select l.patient from identity.link l
           join store.resource r on r.type = $1 and r.id = l.patient and r.source = $2""",
        TYPE_CODES["Patient"],
        HOSPITAL,
    )
    each = -(-_VISITS // len(rows))
    for row in rows:
        visits = _visits(f"busy-{row['patient']}"[:48], each, row["patient"])
        await bulk_load(place.store, visits, HOSPITAL)


async def _patient_at_hospital(place: Place, person: str) -> str:
    own: str | None = await place.store.pool.fetchval(
        """select l.patient from identity.link l
           join store.resource r on r.type = $3 and r.id = l.patient and r.source = $2
           where l.person = $1 limit 1""",
        person,
        HOSPITAL,
        TYPE_CODES["Patient"],
    )
    if own is None:
        raise RuntimeError("the resident of the demonstration was never at the hospital")
    return own


async def _usual_person(place: Place, other: str) -> str:
    """Of the hospital's residents, but for one, the one of whom most is known."""
    found: str | None = await place.store.pool.fetchval(
        """select l.person from identity.link l
           join store.resource p on p.type = $1 and p.id = l.patient and p.source = $2
           join store.resource r on r.part = p.part
           where l.person <> $3 group by l.person order by count(*) desc, l.person limit 1""",
        TYPE_CODES["Patient"],
        HOSPITAL,
        other,
    )
    if found is None:
        raise RuntimeError("nobody else was ever at the hospital")
    return found
