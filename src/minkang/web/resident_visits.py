"""A resident's visits: when, where, why, and what was done, found, prescribed and written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from minkang.record.fact import concept_text
from minkang.record.visits import visits_of
from minkang.store import Stored
from minkang.web.rendering import N_
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_results import shown_series
from minkang.web.wording import ZONE

TYPES: Final = (
    "Encounter",
    "Condition",
    "DiagnosticReport",
    "MedicationRequest",
    "Observation",
    "Procedure",
)
_PAGE: Final = 15
_DONE: Final = frozenset({"completed", "in-progress"})

KINDS: Final = {
    "AMB": N_("门诊"),
    "EMER": N_("急诊"),
    "IMP": N_("住院"),
    "ACUTE": N_("住院"),
    "NONAC": N_("住院"),
    "HH": N_("上门"),
    "VR": N_("电话或网上"),
}


def visits_context(asked: OwnAsked) -> dict[str, Any]:
    """What resident/visits.html shows: a page of visits of one year or of all, newest first."""
    visits = visits_of(asked.life.of("Encounter"), asked.life.names)
    years = sorted({_year(one.start) for one in visits if one.start}, reverse=True)
    year = asked.query.get("year", "")
    chosen = year if year in years else ""
    sought = [one for one in visits if not chosen or _year(one.start) == chosen]
    begin = _page_of(asked.query.get("page", ""))
    hung = _hung(asked)
    return {
        "visits": [
            visit_row(asked, one, hung.get(one.origin.id, {}))
            for one in sought[begin * _PAGE : (begin + 1) * _PAGE]
        ],
        "count": len(sought),
        "years": years,
        "year": chosen,
        "page": begin,
        "open": asked.query.get("visit", ""),
        "more": len(sought) > (begin + 1) * _PAGE,
    }


def visit_row(asked: OwnAsked, visit: Any, hung: dict[str, list[Any]]) -> dict[str, Any]:
    """One visit with what hangs under it."""
    encounter = _resource(asked, visit.origin.id)
    series = shown_series(hung.get("Observation", []), asked.life.names)
    flagged = [one for one in series if one.results[0].flag not in ("", "N")]
    return {
        "id": visit.origin.id,
        "start": visit.start,
        "end": visit.end,
        "kind": visit.kind,
        "kind_words": asked.visitor.say(KINDS[visit.kind]) if visit.kind in KINDS else "",
        "institution": _place(encounter) or visit.origin.organisation_name,
        "department": visit.department,
        "doctor": visit.doctor,
        "reasons": list(visit.reasons)
        or _names(hung.get("Condition", []), "code")
        or _kind(encounter),
        "medicines": _medicines(hung.get("MedicationRequest", [])),
        "procedures": _names(
            [one for one in hung.get("Procedure", []) if one.resource.get("status") in _DONE],
            "code",
        ),
        "reports": _reports(hung.get("DiagnosticReport", [])),
        "results": len(series),
        "odd": [one.name for one in flagged],
    }


def _resource(asked: OwnAsked, visit: str) -> Mapping[str, Any]:
    found = (one.resource for one in asked.life.of("Encounter") if one.id == visit)
    return next(found, {})


def _place(encounter: Mapping[str, Any]) -> str:
    """Where it was: a platform of many institutions names the one that saw the resident."""
    return str((encounter.get("serviceProvider") or {}).get("display", ""))


def _kind(encounter: Mapping[str, Any]) -> list[str]:
    """What a form of a follow-up was for, where no diagnosis stands with it."""
    named = (str(one.get("text", "")) for one in encounter.get("type", []))
    return [name.removesuffix("记录表").removesuffix("服务") for name in named if name][:1]


def _hung(asked: OwnAsked) -> dict[str, dict[str, list[Stored]]]:
    """What refers to each visit, by type."""
    found: dict[str, dict[str, list[Stored]]] = defaultdict(lambda: defaultdict(list))
    for name in TYPES[1:]:
        for stored in asked.life.of(name):
            target = str((stored.resource.get("encounter") or {}).get("reference", ""))
            if target.startswith("Encounter/"):
                found[target.partition("/")[2]][name].append(stored)
    return found


def _names(several: Iterable[Stored], field: str) -> list[str]:
    names = (concept_text(one.resource.get(field)) for one in several)
    return list(dict.fromkeys(name for name in names if name and not name.isdigit()))


def _medicines(several: Iterable[Stored]) -> list[dict[str, str]]:
    rows = []
    for one in several:
        resource = one.resource
        if resource.get("status") in ("entered-in-error", "cancelled"):
            continue
        dosage = (resource.get("dosageInstruction") or [{}])[0]
        name = concept_text(resource.get("medicationCodeableConcept"))
        rows.append({"name": name, "how": str(dosage.get("text", ""))})
    return [row for row in rows if row["name"]]


def _reports(several: Iterable[Stored]) -> list[dict[str, str]]:
    rows = []
    for one in several:
        resource = one.resource
        if resource.get("status") in ("entered-in-error", "cancelled"):
            continue
        said = str(resource.get("conclusion", ""))
        rows.append({"name": concept_text(resource.get("code")), "said": said})
    return [row for row in rows if row["name"]]


def _year(moment: datetime | None) -> str:
    return str(moment.astimezone(ZONE).year) if moment else ""


def _page_of(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0
