"""A hospital's own system for the tests: registered, with keys, beside a small region."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from httpx import ASGITransport, AsyncClient, Response
from joserfc import jwt
from joserfc.jwk import ECKey

from minkang.accounts.apps import App
from minkang.accounts.fhir_directory import sync_directory
from minkang.api import fhir_application
from minkang.api.cds import cds_application
from minkang.api.codes import codes_application
from minkang.api.launch import launch_application
from minkang.api.metrics import metrics_application
from minkang.api.oauth import oauth_application
from minkang.app.web import (
    beside,
    cds_door,
    codes_door,
    dispatched,
    door_of,
    launch_door,
    oauth_door,
)
from minkang.audit import AuditLog
from minkang.config import Settings
from minkang.crypto import Keys
from minkang.policy import Gate
from minkang.policy.launch_systems import LaunchSystem, keep_launch_system
from minkang.store import Store
from minkang.web import Live, Web
from minkang.web.frames import framed
from tests.api.smart_flow import key_pair, public, registered, signed_form
from tests.web.small_region import BASE, Region, Someone, _pages

HIS = "https://his.mk1.example"
DOCTOR = "10086"


class Hospital:
    """The system of MK1, its doctor 10086 (and 10087 of MK3), and the region around them."""

    region: Region
    app: App
    key: ECKey
    bearer: dict[str, str]

    @property
    def web(self) -> Web:
        return self.region.web

    def signed(self, key: Any = None, alg: str = "ES384", **changed: Any) -> str:
        """A JWT as the system signs one; None leaves a claim out."""
        claims = {
            "iss": self.app.id,
            "aud": f"{BASE}/launch",
            "exp": int(time.time()) + 200,
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(12),
            **changed,
        }
        kept = {name: one for name, one in claims.items() if one is not None}
        own = key or self.key
        return jwt.encode({"alg": alg, "kid": own.kid}, kept, own, algorithms=[alg])

    def browser(self, **headers: str) -> AsyncClient:
        """A browser of its own, without any cookie."""
        transport = ASGITransport(self.region.served, client=("192.0.2.9", 1))
        return AsyncClient(transport=transport, base_url=BASE, headers=headers)

    async def asked(self, who: Someone, **changed: Any) -> Response:
        """`POST /api/launch` for a resident, by the Patient of MK1."""
        sent = {
            "institution": "MK1",
            "practitioner": DOCTOR,
            "patient": {"reference": f"Patient/{who.patients[0]}"},
            "visit": "O-1",
            **changed,
        }
        async with self.browser() as client:
            return await client.post("/api/launch", json=sent, headers=self.bearer)

    async def link(self, who: Someone, **changed: Any) -> str:
        """A link for a resident, as a path."""
        answer = await self.asked(who, **changed)
        assert answer.status_code == 201, answer.text
        url: str = answer.json()["url"]
        assert url.startswith(f"{BASE}/launch/")
        return url.removeprefix(BASE)

    async def opened(self, client: AsyncClient, who: Someone, **changed: Any) -> str:
        """The path of the record in a frame that was opened by a link."""
        answer = await client.get(await self.link(who, **changed), headers={"referer": f"{HIS}/"})
        assert answer.status_code == 303, answer.text
        path: str = answer.headers["location"]
        return path

    async def entries(self, action: str, person: str) -> list[dict[str, Any]]:
        """The audit entries of an action about a Person, in their order."""
        rows = await self.web.store.pool.fetch(
            """select allowed, reason, role, purpose, account::text, detail from audit.entry
               where action = $1 and person = $2 order by at, seq""",
            action,
            person,
        )
        found = [dict(row) for row in rows]
        for one in found:
            if isinstance(one["detail"], str):
                one["detail"] = json.loads(one["detail"])
        return found


@asynccontextmanager
async def hospital(store: Store, keys: Keys, home: Path) -> AsyncIterator[Hospital]:
    """The hospital, with everything that a launch meets."""
    log = await AuditLog.open(store.pool, keys, home / "audit")
    live = Live(store)
    settings = Settings(home=home, secure_cookies=True, public_address=BASE)
    web = Web(store, Gate(store, log, 180, 24), keys, settings, live, None)
    async with Region(web) as region:
        made = Hospital()
        made.region, web = region, region.web
        pages = _pages(web)
        region.served = dispatched(
            pages,
            {
                "fhir": fhir_application(door_of(web, open_base=False)),
                "oauth": oauth_application(oauth_door(web)),
                "api": beside(
                    {
                        "codes": codes_application(codes_door(web)),
                        "launch": launch_application(launch_door(web)),
                    }
                ),
                "launch": framed(web, pages),
                "cds-services": cds_application(cds_door(web)),
            },
            metrics_application(store.pool),
        )
        await region.account("yisheng", "doctor", "MK1")
        await region.account("jizhen", "doctor", "MK3")
        for login, number in (("yisheng", DOCTOR), ("jizhen", "10087")):
            await store.pool.execute(
                "update accounts.account set staff_code = $2 where login = $1", login, number
            )
        await sync_directory(store)
        key = key_pair()
        assert isinstance(key, ECKey)
        made.key = key
        made.app = await registered(
            web.gate,
            kind="system",
            name="海滨医院 HIS",
            organisation="MK1",
            scopes=("system/*.rs",),
            keys=public(key),
        )
        await allow(made)
        made.bearer = await bearer(made)
        yield made
    await live.close()
    await log.close()


async def allow(made: Hospital, **changed: Any) -> None:
    """Register whose pages may hold the frame."""
    system = LaunchSystem(
        client=made.app.id,
        name="",
        organisation="MK1",
        institutions=("MK1", "MK3"),
        origins=(HIS,),
        patient_system="urn:minkang:source:mk1:patient",
    )
    given = msgspec.structs.replace(system, **changed)
    pool, log = made.web.store.pool, made.web.gate.log
    await keep_launch_system(pool, log, given, now=datetime.now(UTC))


async def bearer(made: Hospital) -> dict[str, str]:
    """The system's token by client_credentials."""
    proof = made.signed(sub=made.app.id, aud=f"{BASE}/oauth/token")
    form = signed_form(proof, grant_type="client_credentials", scope="system/*.rs")
    async with made.browser() as client:
        answer = await client.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}
