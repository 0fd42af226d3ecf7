"""Browsers at the application itself, each from an address of its own, with invented accounts."""

import base64
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import httpx
from litestar import Litestar

from minkang.accounts import Account, create_account, create_organisation
from minkang.accounts.second_factor import STEP, code_at
from minkang.web import Web

HERE = "https://region.example"
PASSWORD = "correct horse 电池"


class Browser:
    """A visitor: keeps cookies, sends the forms' token along, follows nothing by itself."""

    def __init__(self, application: Litestar, address: str = "203.0.113.7", **headers: str) -> None:
        transport = httpx.ASGITransport(application, client=(address, 50_000))  # type: ignore[arg-type]
        self.client = httpx.AsyncClient(transport=transport, base_url=HERE, headers=headers)
        self.last = ""

    async def get(self, path: str, **further: Any) -> httpx.Response:
        answer = await self.client.get(path, **further)
        self.last = answer.text
        return answer

    async def post(self, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        """Send a form with the token that a page of the site would have put into it."""
        if "__Host-minkang_csrf" not in self.client.cookies:
            await self.client.get("/login")
        token = self.client.cookies["__Host-minkang_csrf"]
        answer = await self.client.post(path, data={**(data or {}), "_csrf_token": token})
        self.last = answer.text
        return answer

    async def log_in(self, login: str, password: str = PASSWORD, **form: str) -> httpx.Response:
        return await self.post("/login", {"login": login, "password": password, **form})

    async def enter(self, login: str, password: str = PASSWORD) -> bytes:
        """Log in and set up the second factor that the role must have; its secret."""
        answer = await self.log_in(login, password)
        assert answer.headers["location"] == "/login/enrol", answer.headers
        return await self.set_up("/login/enrol")

    async def set_up(self, path: str) -> bytes:
        """Take the secret that a page shows into an app, and prove it by two codes."""
        await self.get(path)
        secret = base64.b32decode(self.shown(r'<code class="mk-copy">([A-Z2-7]+)</code>'))
        now = int(time.time()) // STEP
        form = {"first": code_at(secret, now - 1), "second": code_at(secret, now)}
        answer = await self.post(path, form)
        assert answer.status_code in (200, 201), answer.text
        return secret

    @property
    def session(self) -> str | None:
        """The session cookie it keeps."""
        return self.client.cookies.get("__Host-minkang_session")

    @session.setter
    def session(self, token: str) -> None:
        self.client.cookies.set("__Host-minkang_session", token, "region.example")

    def shown(self, pattern: str) -> str:
        """What stands on the last page."""
        found = re.search(pattern, self.last)
        assert found, f"{pattern} is not on the page"
        return found[1]


async def make(web: Web, role: str = "doctor", **given: Any) -> Account:
    """An account of its own in a role, at an institution of its own."""
    key = secrets.token_hex(4)
    await create_organisation(
        web.store.pool, organisation_id=f"o-{key}", name=f"{key} 医院", kind="hospital"
    )
    fields: dict[str, Any] = {
        "login": f"{role}-{key}",
        "name": "王小明",
        "role": role,
        "password": PASSWORD,
        "organisation": None if role == "resident" else f"o-{key}",
        "person": f"p-{key}" if role == "resident" else None,
        "now": datetime.now(UTC),
    }
    return await create_account(web.store.pool, web.gate.log, **(fields | given))
