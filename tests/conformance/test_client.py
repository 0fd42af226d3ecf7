"""A FHIR client that we did not write, with a token, against a server that asks for one."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import fhirpy
import pytest
from fhirpy.base.exceptions import AuthorizationError, OperationOutcome, ResourceNotFound

from minkang.accounts import create_organisation
from minkang.app.platform import Platform
from tests.conformance.serving import Serving, serving

EXAMPLE = Path(__file__).parents[2] / "examples" / "fhir_client.py"
ORGANISATION = "MK37109800100000110001"


@pytest.fixture(scope="module")
def closed_server() -> Iterator[Serving]:
    """`minkang serve`, with one organisation."""

    async def prepare(inside: Platform) -> None:
        await create_organisation(
            inside.pool, organisation_id=ORGANISATION, name="海滨市人民医院", kind="hospital"
        )

    with serving() as made:
        made.inside(prepare)
        yield made


@pytest.fixture(scope="module")
def token(closed_server: Serving) -> str:
    issued = closed_server.command("token", "--role", "system", "--org", ORGANISATION)
    assert issued.returncode == 0, issued.stderr
    return issued.stdout.strip()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fhir_client", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_writes_searches_and_reads_back(
    closed_server: Serving, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main: Any = example().main
    for _ in range(2):
        found = main(closed_server.base, token)
        # The code stands there from the answer on: the process that follows changes is not asked.
        assert re.fullmatch(r"Electronic health code: \d{16}\n", capsys.readouterr().out)
        assert [one["effectiveDateTime"] for one in found] == ["2026-11-21", "2026-11-20"]
        assert [one["valueQuantity"]["value"] for one in found] == [11.2, 5.4]


def test_the_same_content_with_its_names_in_another_order_is_no_new_version(
    closed_server: Serving, token: str
) -> None:
    client = fhirpy.SyncFHIRClient(closed_server.base, authorization=f"Bearer {token}")
    for _ in range(2):
        client.resource("Patient", id="twice", active=True).save()
    assert client.get("Patient", "twice")["meta"]["versionId"] == "1"


def test_the_client_pages_updates_deletes_and_understands_refusals(
    closed_server: Serving, token: str
) -> None:
    client = fhirpy.SyncFHIRClient(closed_server.base, authorization=f"Bearer {token}")
    for number in range(7):
        client.resource("Patient", id=f"page-{number}", name=[{"family": "Seite"}]).save()
    every = client.resources("Patient").search(family="seite").limit(3)
    assert {one.id for one in every} == {f"page-{number}" for number in range(7)}
    first = client.reference("Patient", "page-0").to_resource()
    first["active"] = True
    first.save()
    assert client.reference("Patient", "page-0").to_resource()["active"] is True
    client.delete("Patient", "page-0")
    assert len(every.fetch_all()) == 6
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", "page-0").to_resource()
    with pytest.raises(OperationOutcome, match=r"Observation\.status"):
        client.resource("Observation", status="perhaps", code={"text": "x"}).save()
    stranger = fhirpy.SyncFHIRClient(closed_server.base, authorization="Bearer wrong")
    with pytest.raises(AuthorizationError, match="login"):
        stranger.reference("Patient", "page-1").to_resource()
