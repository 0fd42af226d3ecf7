"""A resident's consent to sharing: read the text, give, narrow, withdraw, confirm a topic."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts import Account, organisation_names
from minkang.accounts.account import entry_by
from minkang.identity import Resident
from minkang.policy.consent import ConsentChange, change_consent, consent_history
from minkang.policy.consent_record import Consent, ConsentRefused, Sharing
from minkang.policy.consent_resource import PLATFORM
from minkang.policy.consent_text import consent_texts, text_in_force
from minkang.policy.guardians import guardianship
from minkang.policy.presented import Presentation, confirm_topics, presentations
from minkang.store import Scope, read_several
from minkang.web.consent_words import CONSENT_ERRORS, CONSENT_KINDS, TOPICS, choices, said
from minkang.web.form_day import form_day
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import language_of
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE, Who

_KINDS = ("give", "narrow", "withdraw")


class _Whose(msgspec.Struct, frozen=True):
    """Whose consent it is, and by whom it may be changed.

    Attributes:
        own: it is the visitor's own.
        may: the visitor decides: oneself, or the guardian of a child under fourteen.
        path: the address of the page.
    """

    resident: Resident
    own: bool
    may: bool
    path: str


@get("/me/consent")
async def my_consent(visitor: VisitorParameter, done: FromQuery[str] = "") -> Response[Any]:
    """The own consent."""
    return await _page(visitor, await _whose(visitor, None), done=done)


@post("/me/consent")
async def my_consent_change(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Change the own consent."""
    return await _change(visitor, await _whose(visitor, None), data)


@get("/me/family/{person:str}/consent")
async def ward_consent(
    visitor: VisitorParameter, person: FromPath[str], done: FromQuery[str] = ""
) -> Response[Any]:
    """The consent of somebody for whom the visitor acts."""
    return await _page(visitor, await _whose(visitor, person), done=done)


@post("/me/family/{person:str}/consent")
async def ward_consent_change(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """Change it, as long as the guardian decides."""
    return await _change(visitor, await _whose(visitor, person), data)


def signed_in(visitor: Visitor) -> Account:
    """The visitor's account, once the gate has allowed something."""
    assert visitor.account is not None  # noqa: S101 - the gate refuses who is not logged in
    return visitor.account


async def _whose(visitor: Visitor, person: str | None) -> _Whose:
    own_person = visitor.account.person if visitor.account else None
    _, resident = await visitor.ask_about("give-consent", person or own_person or "none")
    if resident.person == own_person:
        path = "/me/consent" if person is None else f"/me/family/{person}/consent"
        return _Whose(resident, own=True, may=True, path=path)
    assert own_person is not None  # noqa: S101 - only residents are allowed
    found = await guardianship(visitor.web.store.pool, own_person, resident.person, visitor.now)
    may = found is not None and found.may_consent(visitor.now)
    return _Whose(resident, own=False, may=may, path=f"/me/family/{resident.person}/consent")


async def _change(visitor: Visitor, whose: _Whose, data: Mapping[str, str]) -> Response[Any]:
    action = data.get("action", "")
    try:
        if not whose.may:
            await _refuse(visitor, whose)
        if action == "topics":
            await _confirm(visitor, whose, data)
        else:
            await _consent(visitor, whose, data)
    except ConsentRefused as refusal:
        status = 403 if refusal.code == "of-age" else 400
        return await _page(visitor, whose, error=refusal.code, typed=data, status=status)
    return Redirect(f"{whose.path}?done={action}", status_code=303)


async def _refuse(visitor: Visitor, whose: _Whose) -> None:
    """A guardian of somebody who decides alone: written down, too."""
    await visitor.web.gate.log.record(
        entry_by(
            signed_in(visitor),
            "give-consent",
            visitor.now,
            allowed=False,
            purpose="own-record",
            object_type="Consent",
            person=whose.resident.person,
            reason="of-age",
            address=visitor.address,
        )
    )
    raise ConsentRefused("of-age")


async def _consent(visitor: Visitor, whose: _Whose, data: Mapping[str, str]) -> None:
    kind = data.get("action", "")
    if kind not in _KINDS:
        raise ConsentRefused("not-given")
    if kind == "give" and not data.get("read"):
        raise ConsentRefused("statement")
    await change_consent(
        visitor.web.store,
        visitor.web.gate.log,
        ConsentChange(
            person=whose.resident.person,
            patients=whose.resident.patients,
            kind=kind,  # type: ignore[arg-type]
            sharing=sharing_of(data) if kind != "withdraw" else Sharing(),
        ),
        by=signed_in(visitor),
        now=visitor.now,
        address=visitor.address,
    )


async def _confirm(visitor: Visitor, whose: _Whose, data: Mapping[str, str]) -> None:
    """Which topics a clinician may see to whom the code was shown."""
    shown = next(
        (
            one
            for one in await _shown(visitor, whose.resident)
            if _key(one) == data.get("shown", "")
        ),
        None,
    )
    if shown is None:
        raise ConsentRefused("not-given")
    await confirm_topics(
        visitor.web.store,
        visitor.web.gate.log,
        shown,
        ticked(data, "topic"),
        by=signed_in(visitor),
        now=visitor.now,
        address=visitor.address,
    )


def ticked(data: Mapping[str, str], kind: str) -> frozenset[str]:
    """What is ticked of the boxes named `kind:…`."""
    return frozenset(name.partition(":")[2] for name in data if name.startswith(f"{kind}:"))


def sharing_of(data: Mapping[str, str]) -> Sharing:
    """The limits that a form says. Days begin at midnight in China; `until` is the last day.

    Raises:
        ConsentRefused: `period`.
    """
    try:
        since, until = form_day(data.get("since", "")), form_day(data.get("until", ""))
    except ValueError as error:
        raise ConsentRefused("period") from error
    return Sharing(
        without_sources=ticked(data, "source"),
        without_recipients=ticked(data, "recipient"),
        without_topics=ticked(data, "topic"),
        since=_midnight(since),
        until=_midnight(date.fromordinal(until.toordinal() + 1) if until else None),
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), ZONE) if day else None


async def _shown(visitor: Visitor, resident: Resident) -> list[Presentation]:
    return await presentations(
        visitor.web.store.pool,
        resident.person,
        now=visitor.now,
        hours=visitor.web.settings.code_presented_hours,
    )


def _key(shown: Presentation) -> str:
    return f"{shown.account}.{shown.at.timestamp():.6f}"


async def _institutions(
    visitor: Visitor, resident: Resident, consent: Consent | None
) -> list[tuple[str, str]]:
    """Those who hold something of the resident, and those the consent names; by their names."""
    store = visitor.web.store
    async with store.pool.acquire() as connection:
        patients = await read_several(
            store, connection, Scope.whole(), "Patient", sorted(resident.patients)
        )
    found = {one.source for one in patients if one.source and one.source != PLATFORM}
    if consent is not None:
        found |= consent.sharing.without_sources | consent.sharing.without_recipients
    names = await organisation_names(store.pool)
    return sorted(((one, names.get(one, one)) for one in found), key=lambda pair: pair[1])


async def _page(
    visitor: Visitor,
    whose: _Whose,
    *,
    done: str = "",
    error: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    say = visitor.say
    history = await consent_history(visitor.web.store.pool, whose.resident.person)
    current = history[0] if history else None
    standing = current if current is not None and current.given else None
    names = await organisation_names(visitor.web.store.pool)
    return visitor.page(
        "consent/page.html",
        status=status,
        who=Who(whose.resident, visitor.now),
        own=whose.own,
        may=whose.may,
        action=whose.path,
        done=done if done in (*_KINDS, "topics") else "",
        error=said(CONSENT_ERRORS, error, say) if error else "",
        read=bool(typed and typed.get("read")),
        standing=standing,
        withdrawn=current.at if current is not None and standing is None else None,
        limits=_limits(standing, names, say) if standing else [],
        sharing=standing.sharing if standing else Sharing(),
        last_day=_last_day(standing),
        text=_text(visitor, standing),
        institutions=await _institutions(visitor, whose.resident, standing),
        topics=choices(TOPICS, say),
        shown=[
            {
                "key": _key(one),
                "name": one.account_name,
                "institution": names.get(one.institution or "", ""),
                "at": one.at,
                "topics": one.topics,
            }
            for one in await _shown(visitor, whose.resident)
        ],
        history=[_line(one, names, say) for one in history],
    )


def _last_day(consent: Consent | None) -> date | None:
    if consent is None or consent.sharing.until is None:
        return None
    until = consent.sharing.until.astimezone(ZONE).date()
    return date.fromordinal(until.toordinal() - 1)


def _text(visitor: Visitor, consent: Consent | None) -> dict[str, Any]:
    """The text that was agreed to, or the one to agree to."""
    text = consent_texts()[consent.text_version] if consent else text_in_force()
    english = language_of(visitor.request) == "en"
    return {
        "title": text.title,
        "version": text.version,
        "digest": text.digest.hex(),
        "paragraphs": text.chinese,
        "reading": text.english if english else (),
    }


def _limits(consent: Consent, names: Mapping[str, str], say: Any) -> list[str]:
    """How far a consent goes, one thing a line."""
    sharing, lines = consent.sharing, []
    for words, organisations in (
        (say("不含这些机构的记录：%(names)s"), sharing.without_sources),
        (say("不给这些机构看：%(names)s"), sharing.without_recipients),
    ):
        if organisations:
            shown = sorted(names.get(one, one) for one in organisations)
            lines.append(words % {"names": say("、").join(shown)})
    if sharing.without_topics:
        topics = [text for code, text in choices(TOPICS, say) if code in sharing.without_topics]
        lines.append(say("不含这些内容：%(names)s") % {"names": say("、").join(topics)})
    if sharing.since is not None:
        day = sharing.since.astimezone(ZONE).date()
        lines.append(say("只含 %(day)s 及以后的记录") % {"day": day})
    if (last := _last_day(consent)) is not None:
        lines.append(say("只含 %(day)s 及以前的记录") % {"day": last})
    return lines


def _line(consent: Consent, names: Mapping[str, str], say: Any) -> dict[str, Any]:
    by = consent.account_name or say("平台登记")
    if consent.evidence == "paper":
        by = say("%(name)s 凭纸质同意书 %(number)s 登记") % {
            "name": by,
            "number": consent.document,
        }
    return {
        "kind": say(CONSENT_KINDS[consent.kind]),
        "given": consent.given,
        "at": consent.at,
        "by": by,
        "text": consent.text_version,
        "limits": _limits(consent, names, say),
    }
