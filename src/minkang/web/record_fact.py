"""Where a fact comes from: institution, times, versions, message, and what was sent."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from minkang.exchange.log import origins
from minkang.fhir import TYPE_CODES, patients_of
from minkang.policy import Ask, decide
from minkang.record import documents
from minkang.record.fact import concept_text, moment
from minkang.record.institutions import institution_names
from minkang.store import Stored, history, read
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.record import BASIS
from minkang.web.record_fact_words import lines_of, period_of, values_of
from minkang.web.rendering import N_
from minkang.web.type_words import type_words
from minkang.web.visitor import NotAllowed
from minkang.web.wording import Who

_MOST: Final = 300
_LONGEST: Final = 400
_HIDDEN: Final = frozenset({"resourceType", "id", "meta", "text"})
_TIMES: Final = (
    "effectiveDateTime", "performedDateTime", "occurrenceDateTime", "started", "authoredOn",
    "onsetDateTime", "recordedDate", "date", "issued", "created",
)  # fmt: skip
_PERIODS: Final = (
    "period", "effectivePeriod", "performedPeriod", "occurrencePeriod", "billablePeriod",
    "servicedPeriod", "onsetPeriod",
)  # fmt: skip


@get("/record/{person:str}/fact/{kind:str}/{key:str}")
async def record_fact(
    web: WebParameter,
    visitor: VisitorParameter,
    person: FromPath[str],
    kind: FromPath[str],
    key: FromPath[str],
) -> Response[Any]:
    """One resource of a resident, as far as the visitor may see it; else it is not told apart from
    one that does not exist."""
    decision, resident = await visitor.ask_about("open-record", person)
    known = kind in TYPE_CODES
    stored = await read(web.store, decision.scope, kind, key) if known else None
    if stored is None or not (set(patients_of(stored.resource)) & resident.patients):
        raise NotAllowed(decision, visitor, person)
    versions = await history(web.store, decision.scope, kind, key)
    names = await institution_names(web.store, {stored.source})
    async with web.store.pool.acquire() as connection:
        messages = await origins(connection, [(kind, key)])
    return visitor.page(
        "record/fact.html",
        person=person,
        resident=Who(resident, visitor.now),
        basis=visitor.say(BASIS.get(decision.reason, N_("访问策略允许"))),
        back="/me/record" if decision.purpose == "own-record" else f"/record/{person}",
        title=_title(stored),
        kind=kind,
        kind_words=type_words(kind, visitor.say),
        key=key,
        institution=names.get(stored.source, stored.source),
        happened=_happened(stored),
        period=period_of(stored.resource),
        values=values_of(stored),
        said=lines_of(stored, visitor.say),
        document=_document(stored, person) if decision.purpose != "own-record" else None,
        arrived=versions[-1].updated if versions else stored.updated,
        message=messages.get((kind, key)),
        message_link=decide(Ask(account=visitor.account, action="watch-messages")).allowed,
        versions=[{"number": one.version, "at": one.updated} for one in versions],
        lines=list(_lines(stored.resource))[:_MOST],
    )


def _happened(stored: Stored) -> datetime | None:
    """The time that the fact itself tells; of a period its beginning, else its end."""
    resource = stored.resource
    periods = [resource[one] for one in _PERIODS if isinstance(resource.get(one), dict)]
    said = [resource[one] for one in _TIMES if resource.get(one)]
    said += [one["start"] for one in periods if one.get("start")]
    said += [one["end"] for one in periods if one.get("end")]
    return moment(next(iter(said), None))


def _document(stored: Stored, person: str) -> str | None:
    """Where the whole document is read, if the fact is one."""
    if stored.type not in documents.LISTED:
        return None
    query = urlencode({"tab": "documents", "document": f"{stored.type}/{stored.id}"})
    return f"/record/{person}?{query}"


def _title(stored: Stored) -> str:
    resource = stored.resource
    for name in ("code", "medicationCodeableConcept", "vaccineCode", "type", "serviceType"):
        found = resource.get(name)
        text = concept_text(found[0] if isinstance(found, list) and found else found)
        if text:
            return text
    return str(resource.get("title") or resource.get("description") or stored.type)


def _lines(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and value of all that was sent, in its order; long values are cut."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if path or name not in _HIDDEN:
                yield from _lines(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _lines(inner, f"{path}[{place}]" if len(value) > 1 else path)
    else:
        text = str(value)
        yield path, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
