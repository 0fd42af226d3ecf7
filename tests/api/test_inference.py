"""Nobody learns what is hidden: two worlds that differ in nothing else answer alike.

Whatever is asked (parameters, modifiers, chains, `_has`, sorts, totals, pages, includes, history,
conditional reads and writes, nonsense), a caller without the right gets the same answer from both,
but for times.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minkang.crypto import Keys
from tests.api.asked import entry, links, observation, transaction
from tests.api.asked import patient as plain_patient
from tests.api.conftest import FHIR
from tests.api.inference_questions import POINTED, questions
from tests.api.policy_twins import CALLERS, HIDDEN_NUMBER, Twins, twins

PAGES = 4
FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MANY = settings(FEW, max_examples=1_200)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worlds(
    database_url: str, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Twins]:
    async with AsyncExitStack() as stack:
        folder: Path = tmp_path_factory.mktemp("twins")
        yield await twins(stack, database_url, keys, folder)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def written(
    database_url: str, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Twins]:
    """Worlds of their own for those who write: ids that the platform gives are not the same."""
    async with AsyncExitStack() as stack:
        folder: Path = tmp_path_factory.mktemp("written")
        yield await twins(stack, database_url, keys, folder)


def told(answer: Response) -> tuple[Any, ...]:
    """An answer without the times in it and the places where pages go on.

    Of a place stays what the search made of it: the plan, not the row's number and the snapshot.
    """
    text = re.sub(r"_after=([\w%.:-]+)", lambda found: f"_after={_plan(found[1])}", answer.text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+\d\d:\d\d)", "TIME", text)
    headers = {
        name: answer.headers.get(name)
        for name in ("etag", "location", "content-location", "www-authenticate", "retry-after")
    }
    return answer.status_code, text, tuple(headers.items())


def _plan(place: str) -> str:
    try:
        plan, whole, value, _, _ = json.loads(urlsafe_b64decode(place + "=" * (-len(place) % 4)))
    except ValueError:
        return place if place == "abc" else "PLACE"
    return f"{plan}/{whole}/{value}" if isinstance(value, str) else f"{plan}/{whole}"


async def pages(client: AsyncClient, path: str, headers: dict[str, str]) -> list[tuple[Any, ...]]:
    """The answers from the first page on."""
    found: list[tuple[Any, ...]] = []
    following: str | None = path
    while following and len(found) < PAGES:
        answer = await client.get(following, headers=headers)
        found.append(told(answer))
        whole = answer.status_code == 200 and answer.json()["resourceType"] == "Bundle"
        following = links(answer).get("next") if whole else None
    return found


async def alike(worlds: Twins, role: str, path: str, **more: str) -> None:
    """Both worlds of a role answer a question alike."""
    first, second = worlds.pair(role)
    headers = {**worlds.headers[role], **more}
    without, with_it = [await pages(one.client, path, headers) for one in (first, second)]
    assert without == with_it, path


ROLES = (*CALLERS, "researcher")


@pytest.mark.parametrize("role", ROLES)
@FEW
@given(paths=st.lists(questions(), min_size=4, max_size=4))
async def test_no_question_tells_what_is_hidden(worlds: Twins, role: str, paths: list[str]) -> None:
    for path in paths:
        await alike(worlds, role, path)


@pytest.mark.parametrize("role", ROLES)
async def test_no_part_of_a_query_forgets_who_asks(worlds: Twins, role: str) -> None:
    for path in POINTED:
        await alike(worlds, role, path)


@pytest.mark.prove
@pytest.mark.parametrize("role", ROLES)
@MANY
@given(paths=st.lists(questions(), min_size=4, max_size=4))
async def test_many_questions_tell_nothing(worlds: Twins, role: str, paths: list[str]) -> None:
    for path in paths:
        await alike(worlds, role, path)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "header",
    [{"if-none-match": 'W/"1"'}, {"if-modified-since": "Wed, 01 Jan 2031 00:00:00 GMT"}],
    ids=lambda one: next(iter(one)),
)
async def test_conditional_reads_tell_nothing(
    worlds: Twins, role: str, header: dict[str, str]
) -> None:
    for one in ("ann", "carol", "ann-2", "nowhere"):
        await alike(worlds, role, f"Patient/{one}", **header)
    for one in ("lab-ann-0", "lab-ann-x", "lab-carol", "hiv-ann", "nowhere"):
        await alike(worlds, role, f"Observation/{one}", **header)


WRITES: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "create if none exists": (
        "POST",
        "Patient",
        plain_patient(name=[{"text": "新"}]),
        {"if-none-exist": f"identifier={HIDDEN_NUMBER}"},
    ),
    "create if none has it": (
        "POST",
        "Observation",
        observation("ann"),
        {"if-none-exist": "_id=lab-ann-2-0"},
    ),
    "update by criteria": (
        "PUT",
        f"Patient?identifier={HIDDEN_NUMBER}&name=林暗香",
        plain_patient(name=[{"text": "新"}]),
        {},
    ),
    "delete by criteria": ("DELETE", "Condition?code=F20.0", None, {}),
    "patch by criteria": ("PATCH", "Observation?_id=lab-carol", [], {}),
    "patch": ("PATCH", "Observation/lab-nobody", [], {}),
    "about somebody hidden": ("POST", "Observation", observation("carol"), {}),
    "about nobody": ("POST", "Observation", observation("nobody-at-all"), {}),
    "by conditional reference": (
        "POST",
        "",
        transaction(
            entry(
                "POST",
                "Observation",
                {
                    **observation("x"),
                    "subject": {"reference": f"Patient?identifier={HIDDEN_NUMBER}&name=林暗香"},
                },
            )
        ),
        {},
    ),
    "in a batch": (
        "POST",
        "",
        transaction(
            entry("GET", "Patient/carol"),
            entry("GET", "Condition?code=F32.9"),
            entry("DELETE", "Observation?_id=hiv-ann-2"),
            kind="batch",
        ),
        {},
    ),
    "validated": ("POST", "Observation/$validate", observation("carol"), {}),
}
"""Writes whose criteria would find what another institution holds."""


@pytest.mark.parametrize("name", WRITES)
async def test_what_a_system_writes_tells_nothing(written: Twins, name: str) -> None:
    method, path, content, headers = WRITES[name]
    kind = "application/json-patch+json" if method == "PATCH" else FHIR["content-type"]
    answers = []
    for world in written.pair("system"):
        sent = {**written.headers["system"], "content-type": kind, **headers}
        body = None if content is None else json.dumps(content).encode()
        answer = await world.client.request(method, path, headers=sent, content=body)
        text = json.dumps(told(answer), ensure_ascii=False)
        answers.append(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text))
    assert answers[0] == answers[1]
    assert answers[0].startswith("[2") or answers[0].startswith("[4")


async def test_the_worlds_do_differ(worlds: Twins) -> None:
    """Who may see the hidden facts does: else nothing above could fail."""
    for role, found in (("system", worlds.others), ("researcher", worlds.names)):
        assert found is worlds.pair(role)[1]
        counts = [
            await one.store.pool.fetchval("select count(*) from store.resource")
            for one in worlds.pair(role)
        ]
        assert counts[0] < counts[1]
    (seen,) = await pages(
        worlds.others.client, "Condition?code=F32.9", worlds.headers["researcher"]
    )
    assert '"entry"' not in seen[1]
    (more,) = await pages(
        worlds.others.client, "Observation?_summary=count", worlds.headers["researcher"]
    )
    (less,) = await pages(
        worlds.plain.client, "Observation?_summary=count", worlds.headers["researcher"]
    )
    assert more != less


def test_a_place_says_nothing_but_its_plan() -> None:
    """The parts of a place that may differ are the row's number and the snapshot."""
    query = parse_qs(urlsplit("?_after=Wy0xLGZhbHNlLG51bGwsMSwiNTo1OiJd").query)
    assert _plan(query["_after"][0]) == "-1/False"
