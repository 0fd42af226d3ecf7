"""Who is asking: the session behind a request, and what a refusal leads to."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie

from minkang.accounts import Account, session_account
from minkang.exchange.alarms import unseen
from minkang.identity import Resident, resident
from minkang.policy import Action, Decision
from minkang.store import Scope
from minkang.web.context import Web
from minkang.web.rendering import language_of, render, translate

SESSION_COOKIE = "minkang_session"


class Visitor(msgspec.Struct, frozen=True):
    """The person at the other end; `account` is None if nobody is logged in.

    `alarms` counts what nobody has taken on yet, for those who shall see it on every page.
    """

    web: Web
    request: Request[Any, Any, Any]
    account: Account | None
    now: datetime
    alarms: int = 0

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.request.client.host if self.request.client else ""

    def say(self, text: str) -> str:
        """A Chinese text in the visitor's language."""
        return translate(language_of(self.request), text)

    async def ask(self, action: Action, **about: Any) -> Decision:
        """Ask the gate; the answer stands in the audit log before it is returned.

        Raises:
            NotAllowed: it was refused.
        """
        decision = await self.web.gate.ask(
            self.account, action, now=self.now, address=self.address, **about
        )
        if not decision.allowed:
            raise NotAllowed(decision, self, about.get("person"))
        return decision

    async def ask_about(
        self, action: Action, person: str, **about: Any
    ) -> tuple[Decision, Resident]:
        """Ask about a resident; a person who does not exist is refused like one who may not be
        seen, so that nobody learns who exists.

        Raises:
            NotAllowed: it was refused.
        """
        found = await resident(self.web.store, Scope.whole(), person)
        patients = found.patients if found else frozenset[str]()
        decision = await self.ask(action, person=person, patients=patients, **about)
        if found is None:
            raise NotAllowed(decision, self, person)
        return decision, found

    def page(self, template: str, **context: Any) -> Response[str]:
        """Render a template for this visitor."""
        return render(
            self.request,
            template,
            account=self.account,
            alarms=self.alarms,
            demo=self.web.demonstration is not None,
            **context,
        )


class NotAllowed(Exception):  # noqa: N818 - reads as what happened
    """The gate refused; carries what the page of the refusal needs."""

    def __init__(self, decision: Decision, visitor: Visitor, person: str | None) -> None:
        super().__init__(decision.reason)
        self.decision, self.visitor, self.person = decision, visitor, person


async def visitor_of(web: Web, request: Request[Any, Any, Any]) -> Visitor:
    """The visitor of a request, by the session cookie."""
    now = datetime.now(UTC)
    token = request.cookies.get(SESSION_COOKIE, "")
    account = await session_account(web.store.pool, web.keys, token, now=now) if token else None
    if account is None or account.role != "information-centre":
        return Visitor(web, request, account, now)
    async with web.store.pool.acquire() as connection:
        return Visitor(web, request, account, now, await unseen(connection))


def session_cookie(token: str, seconds: int, *, secure: bool) -> Cookie:
    """The cookie that carries a session: not for scripts, not for other sites."""
    return Cookie(
        SESSION_COOKIE,
        value=token,
        path="/",
        max_age=seconds,
        httponly=True,
        secure=secure,
        samesite="lax",
    )
