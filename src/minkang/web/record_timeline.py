"""The visits tab of a record: the life as it went, with what hangs under each visit."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from minkang.record import timeline
from minkang.record.gaps import died_of
from minkang.record.life import Life
from minkang.record.timeline import Item, Stop, Wish, chosen, timeline_of
from minkang.web.facts import Facts
from minkang.web.rendering import N_

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = (*timeline.TYPES, "Patient")
_PAGE, _ITEMS = 30, 40
_KINDS: Final = ("AMB", "EMER", "IMP", "HH", "VR")
_GROUPS: Final = {
    "DiagnosticReport": N_("报告"),
    "Procedure": N_("手术和操作"),
    "MedicationRequest": N_("用药"),
    "Immunization": N_("接种"),
    "DocumentReference": N_("文书"),
}
_FAULTS: Final = {
    "ahead": N_("时间晚于送达时间，来源的时钟可能不准"),
    "after-death": N_("在登记的死亡日期之后"),
}


def timeline_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_visits.html shows; the query has institution, kind, since, until, page."""
    stops = timeline_of(life, died_of(life.of("Patient")))
    query = asked.query
    wish = Wish(
        query.get("institution", ""),
        query.get("kind", ""),
        _day(query.get("since", "")),
        _day(query.get("until", "")),
    )
    fitting = chosen(stops, wish)
    page = int(query["page"]) if query.get("page", "").isdecimal() else 1
    page = min(max(page, 1), max(1, -(-len(fitting) // _PAGE)))
    shown = fitting[(page - 1) * _PAGE : page * _PAGE]
    kinds = dict.fromkeys(one.visit.kind for one in stops if one.visit is not None)
    return {
        "stops": [_stop(one, asked, facts) for one in shown],
        "count": len(fitting),
        "institutions": sorted({one.institution for one in stops}),
        "kinds": sorted(kinds, key=lambda one: _KINDS.index(one) if one in _KINDS else 9),
        "wish": {name: query.get(name, "") for name in ("institution", "kind", "since", "until")},
        "newer_href": _page(asked, page - 1) if page > 1 else None,
        "older_href": _page(asked, page + 1) if page * _PAGE < len(fitting) else None,
    }


def _page(asked: "Asked", page: int) -> str:
    kept = {
        name: asked.query[name]
        for name in ("institution", "kind", "since", "until")
        if asked.query.get(name)
    }
    query = urlencode({"tab": "visits", **kept, "page": page})
    return f"/record/{asked.resident.person}?{query}"


def _stop(stop: Stop, asked: "Asked", facts: Facts) -> dict[str, Any]:
    say = asked.visitor.say
    diagnoses = list(stop.visit.reasons) if stop.visit is not None else []
    diagnoses += [one.name for one in stop.items if one.kind == "Condition"]
    origins = [one.origin for one in stop.items] + [one.origin for one in stop.results]
    origin = stop.visit.origin if stop.visit is not None else origins[0]
    return {
        "visit": None if stop.visit is None else facts.visit(stop.visit),
        "at": stop.at,
        "institution": stop.institution,
        "source": facts.source(origin),
        "id": origin.id,
        "new": facts.new(origin),
        "diagnoses": list(dict.fromkeys(diagnoses)),
        "abnormal": [facts.row(one) for one in stop.abnormal[:_ITEMS]],
        "results": len(stop.results),
        "groups": [
            {"words": say(words), "items": items}
            for kind, words in _GROUPS.items()
            if (items := [_item(one, facts) for one in stop.items if one.kind == kind][:_ITEMS])
        ],
        "faults": [say(_FAULTS[one]) for one in stop.faults],
    }


def _item(item: Item, facts: Facts) -> dict[str, Any]:
    return {"name": item.name, "more": item.more, "source": facts.source(item.origin)}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
