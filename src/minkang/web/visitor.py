"""Who is asking: the session behind a request, and what a refusal leads to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from litestar import Request, Response

from minkang.accounts import Account, session_account
from minkang.accounts.sessions import Proof, proof_of
from minkang.exchange.alarms import unseen
from minkang.identity import Resident, resident
from minkang.identity.named import as_current
from minkang.policy import Action, Decision
from minkang.store import Scope
from minkang.web.address import Origin, origin
from minkang.web.context import Web
from minkang.web.cookies import session_cookie_name
from minkang.web.frame import frame_in
from minkang.web.help import help_of
from minkang.web.rendering import language_of, render, translate

_CONFIRMED = timedelta(minutes=10)


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
    def origin(self) -> Origin:
        """Where the request came from, behind proxies that the settings name, too."""
        peer = self.request.client.host if self.request.client else ""
        forwarded = self.request.headers.getall("x-forwarded-for", [])
        return origin(peer, forwarded, self.web.settings.proxies)

    @property
    def address(self) -> str:
        """The address the request came from."""
        return self.origin.address

    @property
    def token(self) -> str:
        """What the browser brought as its session; empty if nothing."""
        name = session_cookie_name(secure=self.web.settings.https)
        return self.request.cookies.get(name, "")

    async def proof(self) -> Proof:
        """Which session this is, and when its owner last proved who they are.

        Raises:
            ConfirmationNeeded: it has ended meanwhile.
        """
        web = self.web
        found = await proof_of(web.store.pool, web.keys, self.token, now=self.now)
        if found is None:
            raise ConfirmationNeeded(self, "/")
        return found

    async def confirmed(self, back: str) -> Proof:
        """What only somebody may do who has proved just now who they are, not whoever finds an
        open browser. `back` is the page to go on with after that.

        Raises:
            ConfirmationNeeded: it is longer than ten minutes ago.
        """
        found = await self.proof()
        if found.confirmed < self.now - _CONFIRMED:
            raise ConfirmationNeeded(self, back)
        return found

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
        born = found.birth_date if found else ""
        decision = await self.ask(
            action, person=person, patients=patients, birth_date=born, named=True, **about
        )
        if found is None:
            raise NotAllowed(decision, self, person)
        return decision, found

    def page(self, template: str, **context: Any) -> Response[str]:
        """Render a template for this visitor."""
        demonstration = self.web.demonstration
        about = help_of(self.request.scope.get("path_template", ""))
        return render(
            self.request,
            template,
            account=self.account,
            alarms=self.alarms,
            demo=demonstration is not None,
            growing=demonstration.growing() if demonstration else None,
            page_help=self.say(about) if about else "",
            **context,
        )


class ConfirmationNeeded(Exception):  # noqa: N818 - reads as what happened
    """The visitor has to prove once more who they are, and goes on with the page `back`."""

    def __init__(self, visitor: Visitor, back: str) -> None:
        super().__init__(back)
        self.visitor, self.back = visitor, back


class NotAllowed(Exception):  # noqa: N818 - reads as what happened
    """The gate refused; carries what the page of the refusal needs."""

    def __init__(self, decision: Decision, visitor: Visitor, person: str | None) -> None:
        super().__init__(decision.reason)
        self.decision, self.visitor, self.person = decision, visitor, person


async def visitor_of(web: Web, request: Request[Any, Any, Any]) -> Visitor:
    """The visitor of a request, by the session cookie."""
    now = datetime.now(UTC)
    if (frame := frame_in(request.scope)) is not None:
        return Visitor(web, request, await as_current(web.store.pool, frame.account), now)
    token = request.cookies.get(session_cookie_name(secure=web.settings.https), "")
    account = await session_account(web.store.pool, web.keys, token, now=now) if token else None
    if account is not None:
        account = await as_current(web.store.pool, account)
    if account is None or account.role != "information-centre":
        return Visitor(web, request, account, now)
    async with web.store.pool.acquire() as connection:
        return Visitor(web, request, account, now, await unseen(connection))
