"""The example of a SMART app, against a running platform, by real HTTP."""

import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from minkang.accounts.apps import App, approve_app, request_app
from minkang.accounts.apps_rules import Registration
from minkang.app.platform import Platform, open_gate
from tests.e2e.installation import Installation
from tests.e2e.running import Cast, People

EXAMPLE = Path(__file__).parents[2] / "examples" / "smart_app.py"


def example() -> Any:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("smart_app", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_is_let_in_by_a_resident_and_reads_laboratory_results(
    platform: Installation, people: People, cast: Cast
) -> None:
    smart = example()

    async def registered(inside: Platform) -> App:
        given = Registration(
            name="示例应用",
            purpose="查看检验结果",
            owner="示例公司",
            contact="0537-1234567",
            kind="public",
            redirects=(smart.REDIRECT,),
            scopes=tuple(smart.SCOPES.split()),
        )
        async with open_gate(inside) as gate:
            now = datetime.now(UTC)
            asked = await request_app(inside.pool, gate.log, given, now=now)
            return await approve_app(inside.pool, gate.log, asked.id, now=now)

    app = platform.inside(registered)
    resident = people["jumin"]
    base = f"{platform.address}/fhir"
    with httpx.Client(trust_env=False, verify=False) as client:
        launch = smart.Launch(client, base, app.id)
        address = urlsplit(launch.address())
        asked = f"{address.path}?{address.query}"
        assert resident.get(asked).status_code == 200
        form = {"decision": "allow", "person": cast.own.person}
        answer = resident.post(asked, data=form)
        assert answer.headers["location"].startswith(f"{smart.REDIRECT}?")
        given = launch.token(answer.headers["location"])
        assert given["patient"] in cast.own.patients
        assert launch.results(given) is not None
        header = {"authorization": f"Bearer {given['access_token']}"}
        others = client.get(f"{base}/Patient/{min(cast.other.patients)}", headers=header)
        assert others.status_code == 403
        assert client.get(f"{base}/Condition", headers=header).status_code == 403
        own = client.get(f"{base}/Patient/{given['patient']}", headers=header)
        assert own.status_code == 200
        seen = client.get(f"{base}/metadata", headers={"origin": "https://app.example"})
        assert seen.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in seen.headers
        before = client.options(
            f"{platform.address}/oauth/token",
            headers={"origin": "https://app.example", "access-control-request-method": "POST"},
        )
        assert before.status_code == 204
        resident.post("/my/apps", data={"grant": _grant(platform, app)})
        gone = client.get(f"{base}/Patient/{given['patient']}", headers=header)
        assert gone.status_code == 401


def _grant(platform: Installation, app: App) -> str:
    row = platform.fetch(
        "select id::text from accounts.oauth_grant where app = $1::uuid and ended is null", app.id
    )
    found: str = row[0]["id"]
    return found
