"""One resident's registrations: how they came together, what may be changed, who changed what."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.identity import Resident, resident
from minkang.identity.decision_rows import Decision, decisions_about
from minkang.identity.decisions import DecisionRefused, decide
from minkang.identity.links import Link, Span, history_of, links_of
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.named import current_person
from minkang.identity.review_evidence import Holding, holdings
from minkang.identity.review_list import Line, lines_of
from minkang.policy import Decision as Allowed
from minkang.policy.mask import masked_number
from minkang.store import Stored
from minkang.web.consents import signed_in
from minkang.web.links import HERE
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.review_data import patients_in
from minkang.web.review_decide import undo
from minkang.web.review_decisions import LEAST_REASON, refused_words
from minkang.web.review_view import name_of
from minkang.web.review_words import Say, cause_of_change, cause_words, pair_key, rule_words
from minkang.web.visitor import Visitor
from minkang.web.wording import Who

_PAIR: Final = "/centre/identity/review/"


class Typed(msgspec.Struct, frozen=True):
    """What was sent with a form that was not in order."""

    patient: str = ""
    reason: str = ""


class Shown(msgspec.Struct, frozen=True):
    """What the page is made of."""

    who: Resident
    links: list[Link]
    history: list[Span]
    decisions: list[Decision]
    waiting: list[Line]
    patients: Mapping[str, Stored]
    holdings: Mapping[str, Holding]
    names: Mapping[str, str]

    def institution(self, patient: str) -> str:
        """Where a registration was made."""
        source = self.patients[patient].source if patient in self.patients else ""
        return self.names.get(source, source)


@get("/centre/identity/links/{person:str}")
async def links_person(visitor: VisitorParameter, person: FromPath[str]) -> Response[Any]:
    """A resident's registrations. Of a Person that has lost all: those of who stands for it."""
    allowed = await visitor.ask("review-links", person=person, named=True)
    now = await current_person(visitor.web.store.pool, person)
    if now != person:
        return Redirect(f"{HERE}/{now}", status_code=303)
    return await _page(visitor, allowed, person)


@post("/centre/identity/links/{person:str}/split")
async def links_split(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """Take a registration out: it and the others are never the same again."""
    allowed = await visitor.ask("decide-links", person=person, named=True)
    patient, reason = data.get("patient", ""), data.get("reason", "").strip()
    known = {one.patient for one in await links_of(visitor.web.store.pool, person)}
    code = "" if patient in known else "unknown"
    if not code and len(reason) < LEAST_REASON:
        code = "reason"
    if not code:
        code = await _take_out(visitor, patient, person, reason)
    if code:
        typed = Typed(patient, reason)
        return await _page(visitor, allowed, person, error=code, typed=typed, status=400)
    return Redirect(f"{HERE}/{person}", status_code=303)


@post("/centre/identity/links/{person:str}/revoke")
async def links_revoke(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """Undo a decision about one of the resident's registrations."""
    allowed = await visitor.ask("decide-links", person=person, named=True)
    pool = visitor.web.store.pool
    links = await links_of(pool, person)
    about = await decisions_about(pool, [one.patient for one in links], standing=True)
    number = next((one.id for one in about if str(one.id) == data.get("decision")), 0)
    if code := await undo(visitor, number, data):
        return await _page(visitor, allowed, person, error=code, status=400)
    return Redirect(f"{HERE}/{person}", status_code=303)


async def _take_out(visitor: Visitor, patient: str, person: str, reason: str) -> str:
    """Decide that a Patient is never the same as the rest; why not, or nothing."""
    web = visitor.web
    try:
        await decide(
            web.store,
            web.keys,
            patient,
            person,
            "different",
            reason,
            signed_in(visitor),
            log=web.gate.log,
            now=visitor.now,
            address=visitor.address,
        )
    except DecisionRefused as refused:
        return refused.code
    return ""


async def _shown(visitor: Visitor, allowed: Allowed, person: str) -> Shown:
    store = visitor.web.store
    who = await resident(store, allowed.scope, person)
    links = await links_of(store.pool, person)
    if who is None or not links:
        raise NotFoundException
    own = frozenset(one.patient for one in links)
    history = await _whole_history(visitor, person, own)
    decisions = await decisions_about(store.pool, own)
    named = {one for decision in decisions for pair in decision.pairs for one in pair}
    async with store.pool.acquire() as connection:
        waiting = await lines_of(connection, own)
    return Shown(
        who,
        links,
        history,
        decisions,
        waiting,
        await patients_in(store, allowed.scope, {*own, *named, *(one.patient for one in history)}),
        await holdings(store, sorted(own)),
        await organisation_names(store.pool),
    )


async def _whole_history(visitor: Visitor, person: str, own: frozenset[str]) -> list[Span]:
    """All that was this Person's, and where its Patients were before; the newest first."""
    pool = visitor.web.store.pool
    found = {one: None for named in (person, *sorted(own)) for one in await history_of(pool, named)}
    return sorted(found, key=lambda one: (one.until or visitor.now, one.since), reverse=True)


async def _page(
    visitor: Visitor,
    allowed: Allowed,
    person: str,
    *,
    error: str = "",
    typed: Typed | None = None,
    status: int = 200,
) -> Response[Any]:
    shown, say = await _shown(visitor, allowed, person), visitor.say
    who = Who(shown.who, visitor.now)
    own = frozenset(one.patient for one in shown.links)
    live = [one for one in shown.decisions if one.state == "standing" or one.waits]
    return visitor.page(
        "review/links.html",
        status=status,
        person=person,
        who={
            "name": who.name or say("没有姓名"),
            "sex": who.sex,
            "age": who.age,
            "born": who.birth_date,
            "number": who.id_number_masked,
        },
        rows=[_row(shown, one, say) for one in shown.links],
        history=[_span(shown, one, person, say) for one in shown.history],
        joined=[_decided(shown, one, own, say) for one in live if one.verdict == "same"],
        never=[_decided(shown, one, own, say) for one in live if one.verdict == "different"],
        waiting=[
            {"href": _PAIR + pair_key(one.pair), "cause": cause_words(one.cause, visitor)}
            for one in shown.waiting
        ],
        error=refused_words(error, say),
        typed=typed or Typed(),
    )


def _row(shown: Shown, link: Link, say: Say) -> dict[str, Any]:
    stored, held = shown.patients.get(link.patient), shown.holdings[link.patient]
    resource = stored.resource if stored else {}
    number = next(
        (
            one.get("value", "")
            for one in resource.get("identifier", [])
            if one.get("system") == ID_CARD_SYSTEM
        ),
        "",
    )
    return {
        "patient": link.patient,
        "name": name_of(stored, say) if stored else "",
        "born": resource.get("birthDate", ""),
        "number": masked_number(number),
        "institution": shown.names.get(link.source, link.source),
        "rule": rule_words(link.rule, say),
        "since": link.since,
        "visits": held.visits,
        "sensitive": held.sensitive,
    }


def _span(shown: Shown, span: Span, person: str, say: Say) -> dict[str, Any]:
    return {
        "since": span.since,
        "until": span.until,
        "institution": shown.institution(span.patient),
        "here": span.person == person,
        "href": f"{HERE}/{span.person}",
        "rule": rule_words(span.rule, say),
        "cause": cause_of_change(span.cause, say) if span.until else "",
        "by": span.author_name,
        "reason": span.reason,
    }


def _decided(shown: Shown, one: Decision, own: frozenset[str], say: Say) -> dict[str, Any]:
    """A decision, with whom it joins or keeps apart: the registration that is not the resident's,
    of those within it the second."""
    pair = _telling(one.pairs, own)
    other = next((patient for patient in pair if patient not in own), pair[1])
    stored = shown.patients.get(other)
    name = name_of(stored, say) if stored else say("已清除的登记")
    return {
        "id": one.id,
        "name": f"{name} · {shown.institution(other)}" if stored else name,
        "href": _PAIR + pair_key(pair),
        "waits": one.waits,
        "by": one.author_name or say("平台管理命令"),
        "at": one.at,
        "reason": one.reason,
    }


def _telling(pairs: Sequence[tuple[str, str]], own: frozenset[str]) -> tuple[str, str]:
    """The first pair that one of the resident's registrations is in."""
    return next((pair for pair in pairs if own & set(pair)), pairs[0])
