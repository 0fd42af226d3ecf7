"""The visits tab of a record: the life as it went, by visits or by topics.

Both are arranged from the same stops, of the life that the decision shows.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from minkang.record import timeline
from minkang.record.gaps import died_of
from minkang.record.life import Life
from minkang.record.timeline import Item, Stop, Wish, chosen, timeline_of
from minkang.record.topics import Strand, Topic, said_of, strand_of, strands_of
from minkang.web.facts import Facts
from minkang.web.rendering import N_, language_of

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = (*timeline.TYPES, "Patient")
_PAGE, _ITEMS, _FEW = 30, 40, 3
_WISHES: Final = ("institution", "kind", "since", "until")
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
    """What record/_visits.html shows; the query has by, topic, institution, kind, since, until and
    page."""
    stops = timeline_of(life, died_of(life.of("Patient")))
    query = asked.query
    wish = Wish(
        query.get("institution", ""),
        query.get("kind", ""),
        _day(query.get("since", "")),
        _day(query.get("until", "")),
    )
    fitting: tuple[Stop, ...] = chosen(stops, wish)
    by_topic = query.get("by") == "topic"
    strands = strands_of(fitting) if by_topic else ()
    strand = strand_of(strands, query.get("topic", ""))
    if strand is not None:
        fitting = strand.stops
    page = int(query["page"]) if query.get("page", "").isdecimal() else 1
    page = min(max(page, 1), max(1, -(-len(fitting) // _PAGE)))
    # The list of topics takes the place of the visits until one of them is chosen.
    listing = by_topic and strand is None
    shown = () if listing else fitting[(page - 1) * _PAGE : page * _PAGE]
    kinds = dict.fromkeys(one.visit.kind for one in stops if one.visit is not None)
    return {
        "by_topic": by_topic,
        "listing": listing,
        "visits_href": _address(asked, by="", topic="", page=""),
        "topics_href": _address(asked, by="topic", topic="", page=""),
        "topics": [_strand(one, asked, facts) for one in strands] if listing else [],
        "topic": None if strand is None else _named(strand.topic, asked),
        "topic_key": "" if strand is None else strand.topic.key,
        "stops": [_stop(one, asked, facts) for one in shown],
        "count": len(fitting),
        "institutions": sorted({one.institution for one in stops}),
        "kinds": sorted(kinds, key=lambda one: _KINDS.index(one) if one in _KINDS else 9),
        "wish": {name: query.get(name, "") for name in _WISHES},
        "newer_href": _address(asked, page=str(page - 1)) if shown and page > 1 else None,
        "older_href": _address(asked, page=str(page + 1))
        if shown and page * _PAGE < len(fitting)
        else None,
    }


def _address(asked: "Asked", **changed: str) -> str:
    """This page with something else asked for; what is empty is left out."""
    kept = {name: asked.query.get(name, "") for name in ("by", "topic", *_WISHES)} | changed
    query = urlencode({"tab": "visits", **{name: text for name, text in kept.items() if text}})
    return f"/record/{asked.resident.person}?{query}"


def _named(topic: Topic, asked: "Asked") -> str:
    return topic.en if language_of(asked.visitor.request) == "en" else topic.zh


def _strand(strand: Strand, asked: "Asked", facts: Facts) -> dict[str, Any]:
    newest = strand.stops[0]
    return {
        "key": strand.topic.key,
        "name": _named(strand.topic, asked),
        "href": _address(asked, by="topic", topic=strand.topic.key, page=""),
        "count": len(strand.stops),
        "first": strand.first,
        "last": strand.last,
        "newest": _stop(newest, asked, facts),
        "about": "、".join(said_of(newest, strand.topic)[:_FEW]),
        "institutions": len(strand.institutions),
    }


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
