"""Two servers on one database: whatever is done at one counts at the other, at once."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.conformance.serving import Serving
from tests.conftest import new_database

pytestmark = pytest.mark.prove

FHIR = {"content-type": "application/fhir+json"}
COUNTERS, ROUNDS = 4, 15
EXPORT_SECONDS = 60


class Beside(Serving):
    """A server on a database that is not its own, with a folder for exports that it shares."""

    def __init__(self, home: Path, url: str, exports: Path) -> None:
        super().__init__(home, "--open")
        self._database = url
        with (self.home / "minkang.toml").open("a", encoding="utf-8") as settings:
            settings.write(f'exports = "{exports}"\n')

    def _served_database(self) -> str:
        return self._database

    @property
    def _environment(self) -> dict[str, str]:
        return {**super()._environment, "MINKANG_DATABASE_URL": self._database}


@pytest.fixture(scope="module")
def servers(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Beside]]:
    """Two of them, with the same keys."""
    folder = tmp_path_factory.mktemp("servers")
    url = new_database(server_url)
    made = [Beside(folder / name, url, folder / "exports") for name in ("first", "second")]
    try:
        made[0].start()
        shutil.copytree(made[0].home / "keys", made[1].home / "keys")
        made[1].start()
        yield made
        for one in made:
            one.stop()
    finally:
        for one in made:
            one.end()


@pytest_asyncio.fixture
async def both(servers: list[Beside]) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client of each."""
    made = [
        httpx.AsyncClient(base_url=one.base, trust_env=False, timeout=60, headers=FHIR)
        for one in servers
    ]
    yield made
    for one in made:
        await one.aclose()


def patient(one: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": one, **more}


async def test_what_one_has_written_the_other_has(both: list[httpx.AsyncClient]) -> None:
    first, second = both
    for number in range(20):
        name = f"seen-{number}"
        written = await first.put(f"/Patient/{name}", json=patient(name, active=True))
        assert written.status_code == 201
        read = await second.get(f"/Patient/{name}")
        assert read.headers["etag"] == written.headers["etag"]
        assert (await second.get(f"/Patient?_id={name}&active=true")).json()["entry"]
        assert (await second.delete(f"/Patient/{name}")).status_code == 204
        assert (await first.get(f"/Patient/{name}")).status_code == 410
        assert "entry" not in (await first.get(f"/Patient?_id={name}")).json()


async def test_no_update_is_lost_between_them(both: list[httpx.AsyncClient]) -> None:
    await both[0].put("/Patient/counted", json=patient("counted", multipleBirthInteger=1))

    async def count(client: httpx.AsyncClient) -> int:
        done = 0
        while done < ROUNDS:
            there = await client.get("/Patient/counted")
            resource = there.json()
            resource["multipleBirthInteger"] += 1
            answer = await client.put(
                "/Patient/counted", json=resource, headers={"if-match": there.headers["etag"]}
            )
            assert answer.status_code in (200, 412), answer.text
            done += answer.status_code == 200
        return done

    done = sum(await asyncio.gather(*(count(both[n % 2]) for n in range(COUNTERS))))
    last = (await both[1].get("/Patient/counted")).json()
    assert last["multipleBirthInteger"] == 1 + done
    assert last["meta"]["versionId"] == str(1 + done)


async def test_one_criterion_makes_one_resource(both: list[httpx.AsyncClient]) -> None:
    for number in range(5):
        answers = await asyncio.gather(
            *(
                both[n % 2].post(
                    "/Patient",
                    json={
                        "resourceType": "Patient",
                        "identifier": [{"system": "urn:once", "value": str(number)}],
                    },
                    headers={"if-none-exist": f"identifier=urn:once|{number}"},
                )
                for n in range(8)
            )
        )
        assert sorted(one.status_code for one in answers) == [200] * 7 + [201]
        assert len({one.json()["id"] for one in answers}) == 1


async def test_a_page_begun_at_one_goes_on_at_the_other(both: list[httpx.AsyncClient]) -> None:
    for number in range(30):
        name = f"paged-{number}"
        await both[number % 2].put(f"/Basic/{name}", json=_basic(name))
    seen: list[str] = []
    target = "/Basic?code=paged&_count=7"
    for number in range(10):
        page = (await both[number % 2].get(target)).json()
        seen += [one["resource"]["id"] for one in page["entry"]]
        following = [one["url"] for one in page["link"] if one["relation"] == "next"]
        if not following:
            break
        target = following[0].partition("/fhir")[2]
    assert sorted(seen) == sorted(f"paged-{number}" for number in range(30))


def _basic(name: str) -> dict[str, Any]:
    return {"resourceType": "Basic", "id": name, "code": {"coding": [{"code": "paged"}]}}


async def test_an_export_is_asked_for_here_and_fetched_there(both: list[httpx.AsyncClient]) -> None:
    first, second = both
    await first.put("/Patient/exported", json=patient("exported"))
    asked = await first.get("/$export?_type=Patient", headers={"prefer": "respond-async"})
    assert asked.status_code == 202
    status = asked.headers["content-location"].partition("/fhir")[2]
    begun = time.monotonic()
    while (answer := await second.get(status)).status_code == 202:
        assert time.monotonic() - begun < EXPORT_SECONDS
        await asyncio.sleep(0.2)
    [file] = answer.json()["output"]
    lines = [
        (await client.get(file["url"].partition("/fhir")[2])).text for client in (first, second)
    ]
    assert lines[0] == lines[1]
    assert '"id":"exported"' in lines[0]


async def test_when_one_ends_the_other_goes_on(
    both: list[httpx.AsyncClient], servers: list[Beside]
) -> None:
    first, second = both
    await first.put("/Patient/left", json=patient("left"))
    servers[0].stop()
    servers[0].start()
    assert (await second.get("/Patient/left")).status_code == 200
    assert (await second.put("/Patient/left", json=patient("left", active=True))).is_success
    assert (await first.get("/Patient/left")).headers["etag"] == 'W/"2"'
