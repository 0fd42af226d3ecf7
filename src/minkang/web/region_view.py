"""The region's facts as its pages show them: words for numbers, protected where they are small."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from minkang.fhir import TYPE_NAMES
from minkang.identity.register.divisions import above
from minkang.policy import Ask, decide
from minkang.record.region import definitions
from minkang.record.region.attention import Attention
from minkang.record.region.figures import InstitutionLine, Labelled, Pair
from minkang.record.region.sources import Came, Sent, SourceLine
from minkang.web.region_charts import messages_chart, visit_days
from minkang.web.region_facts import COUNTIES, Below, Care, DivisionFacts, InstitutionFacts
from minkang.web.region_map import draw
from minkang.web.region_words import (
    CLASSES,
    NOTHING,
    PERIODS,
    category_name,
    change,
    change_of_score,
    drawn,
    kind_words,
    score_state,
    share,
    share_value,
    shown,
    spans,
)
from minkang.web.register_words import SMALLEST
from minkang.web.rendering import N_, language_of
from minkang.web.type_words import type_words
from minkang.web.visitor import Visitor

SHADES: Final[Mapping[str, str]] = {
    "recorded-share": N_("记录覆盖率"),
    "file-coverage": N_("建档率"),
    "file-use": N_("动态使用率"),
    "people": N_("常住人口"),
    "institutions": N_("机构数"),
    "connected": N_("接入率"),
    "visits": N_("诊疗人次"),
}
"""By which figure the map is shaded."""

_A_PAGE: Final = 25
_RESOURCES: Final = 8
_SOURCES: Final = 30


class Asked(msgspec.Struct, frozen=True):
    """Who looks at which period, and how the page is to be.

    Attributes:
        exact: numbers are shown as they are.
        shade: a key of SHADES.
        page: of the institutions, from 1.
    """

    visitor: Visitor
    days: int
    exact: bool
    shade: str = "recorded-share"
    page: int = 1

    def say(self, text: str) -> str:
        """A Chinese text in the visitor's language."""
        return self.visitor.say(text)

    @property
    def language(self) -> str:
        """The visitor's."""
        return language_of(self.visitor.request)


def asked_by(visitor: Visitor, days: int, shade: str = "", page: int = 1) -> Asked:
    """What a visitor asks for; what there is none of becomes what is usual."""
    return Asked(
        visitor,
        days if days in PERIODS else 30,
        decide(Ask(account=visitor.account, action="see-register")).allowed,
        shade if shade in SHADES else "recorded-share",
        max(1, min(page, 10_000)),
    )


def division_view(facts: DivisionFacts, asked: Asked) -> dict[str, Any]:
    """The context of a division's page."""
    code, say = facts.division, asked.say
    listed = [one for one in facts.institutions if one.medical or one.visits.now]
    pages = max(1, -(-len(listed) // _A_PAGE))
    page = min(asked.page, pages)
    begin = (page - 1) * _A_PAGE
    return {
        "division": code,
        "name": facts.names.get(code, "") if code else say(N_("全区域")),
        "crumbs": [(one, facts.names.get(one, one)) for one in above(code)[2:-1]],
        "tiles": _tiles(facts, asked),
        "shade": asked.shade,
        "shades": [(key, say(words)) for key, words in SHADES.items()],
        "map": _map(facts, asked),
        "below": [below_row(one, facts, asked) for one in facts.below],
        "institutions": [institution_row(one, asked) for one in listed[begin : begin + _A_PAGE]],
        "institutions_total": len(listed),
        "page": page,
        "pages": pages,
        "resources": _resources(facts.resources, asked),
        "documents": facts.documents,
        **_common(facts, asked),
        **_care(facts.care, facts.today, asked),
        **_sent(facts.sent, facts.messages, asked),
        "attention": [attention_row(one, asked) for one in facts.attention],
    }


def institution_view(facts: InstitutionFacts, asked: Asked) -> dict[str, Any]:
    """The context of an institution's page."""
    line = facts.line
    return {
        "one": institution_row(line, asked),
        "crumbs": [(one, facts.names.get(one, one)) for one in above(line.division)[2:]],
        "parent": None if facts.parent is None else institution_row(facts.parent, asked),
        "below": [institution_row(one, asked) for one in facts.below],
        "resources": _resources(facts.resources, asked),
        "resources_total": sum(facts.resources.values()),
        "documents": facts.documents,
        **_common(facts, asked),
        **_care(facts.care, facts.today, asked),
        **_sent(facts.sent, facts.messages, asked),
        "attention": [attention_row(one, asked) for one in facts.attention],
    }


def below_row(one: Below, facts: DivisionFacts, asked: Asked) -> dict[str, Any]:
    """A division directly below."""
    inside = len(one.code) > len(facts.division)
    words = one.name if inside and one.code else asked.say(N_("本级和未注明"))
    if one.code.endswith("00") and len(one.code) == COUNTIES:
        words = asked.say(N_("%(name)s（市本级）")) % {"name": one.name}
    exact = asked.exact
    return {
        "code": one.code if inside else "",
        "name": words,
        "people": shown(one.people.people, exact=exact),
        "recorded": shown(one.people.recorded, exact=exact),
        "recorded_share": share(one.people.recorded, one.people.people, exact=exact),
        "file_coverage": share(one.files.with_file, one.files.people, exact=exact),
        "file_use": share(one.files.used, one.files.files, exact=exact),
        "coded_share": share(one.people.coded, one.people.people, exact=exact),
        "consenting_share": share(one.people.consenting, one.people.people, exact=exact),
        "institutions": one.institutions,
        "connected": f"{one.connected} / {one.institutions}" if one.institutions else NOTHING,
        "visits": shown(one.visits.now, exact=exact),
        "change": change(one.visits, exact=exact),
    }


def institution_row(one: InstitutionLine, asked: Asked) -> dict[str, Any]:
    """An institution of a list."""
    return {
        "code": one.code,
        "name": one.name,
        "kind": kind_words(one.kind, asked.language),
        "grade": one.grade,
        "beds": f"{one.beds:,}" if one.beds else NOTHING,
        "staff": f"{one.staff:,}" if one.staff else NOTHING,
        "connected": one.connected,
        "medical": one.medical,
        "visits": shown(one.visits.now, exact=asked.exact),
        "change": change(one.visits, exact=asked.exact),
    }


def labelled_row(one: Labelled, name: str, asked: Asked) -> dict[str, Any]:
    """Visits by something, with how they changed."""
    return {
        "label": one.label,
        "name": name,
        "visits": shown(one.visits.now, exact=asked.exact),
        "before": shown(one.visits.before, exact=asked.exact),
        "change": change(one.visits, exact=asked.exact),
    }


def attention_row(one: Attention, asked: Asked) -> dict[str, Any]:
    """Something to look into, in words, with the page that says more."""
    say, exact = asked.say, asked.exact
    numbers = {
        "now": shown(int(one.now), exact=exact),
        "before": shown(int(one.before), exact=exact),
    }
    points = {"now": f"{one.now:.1f}", "before": f"{one.before:.1f}"}
    if one.sort == "alarm":
        return {"name": one.name, "words": one.text, "href": "", "tone": "bad"}
    if one.sort == "visits-fell":
        words = say(N_("诊疗人次由 %(before)s 降到 %(now)s")) % numbers
        return {"name": one.name, "words": words, "href": f"/region/institution/{one.about}",
                "tone": "bad"}  # fmt: skip
    if one.sort == "not-connected":
        words = say(N_("%(n)s 家机构尚未接入")) % {"n": int(one.now)}
        return {"name": say(N_("接入")), "words": words, "href": "", "tone": "warn"}
    if one.sort == "unproven":
        words = say(N_("有 %(n)s 天的数量与来源自报不一致")) % {"n": int(one.now)}
        return {"name": one.name, "words": words, "href": "", "tone": "warn"}
    if one.sort == "score-fell":
        words = say(N_("质量得分由 %(before)s 降到 %(now)s")) % points
    else:
        words = say(N_("质量得分只有 %(now)s")) % points
    return {"name": one.name, "words": words, "href": "", "tone": "warn"}


def _common(facts: DivisionFacts | InstitutionFacts, asked: Asked) -> dict[str, Any]:
    told = definitions()
    chinese = asked.language == "zh-CN"
    return {
        "days": facts.days,
        "today": facts.today,
        "periods": [(days, asked.say(words)) for days, words in PERIODS.items()],
        "period_words": asked.say(PERIODS[facts.days]),
        "exact": asked.exact,
        "smallest": SMALLEST,
        "ready": "periods" in facts.made,
        "as_of": min((one.as_of for one in facts.made.values()), default=None),
        "figures": {key: one.zh if chinese else one.en for key, one in told.items()},
        **spans(facts.days, facts.today),
    }


def _tiles(facts: DivisionFacts, asked: Asked) -> list[dict[str, Any]]:
    """The figures at the top: key of the definition, number, a note, how it changed."""
    people, files, exact, say = facts.people, facts.files, asked.exact, asked.say
    medical = [one for one in facts.institutions if one.medical]
    connected = sum(one.connected for one in medical)
    total = sum((one.today for one in facts.sent.sources), Came())

    def of_people(key: str, number: int) -> dict[str, Any]:
        note = say(N_("占常住人口 %(share)s")) % {
            "share": share(number, people.people, exact=exact)
        }
        return _tile(key, shown(number, exact=exact), note)

    aside = say(N_("其中隔离 %(n)s")) % {"n": f"{total.quarantined:,}"}
    score = facts.sent.score
    resources = sum(facts.resources.values())
    return [
        _tile("people", shown(people.people, exact=exact)),
        of_people("recorded", people.recorded),
        _tile("file-coverage", share(files.with_file, files.people, exact=exact),
              say(N_("在用 %(n)s 份")) % {"n": shown(files.files, exact=exact)}),
        _tile("file-use", share(files.used, files.files, exact=exact)),
        of_people("coded", people.coded),
        of_people("consenting", people.consenting),
        _tile("institutions", f"{len(medical):,}"),
        _tile("connected", f"{connected:,}",
              f"{100 * connected / len(medical):.0f}%" if medical else ""),
        _tile("visits", shown(facts.care.visits.now, exact=exact),
              change=change(facts.care.visits, exact=exact)),
        _tile("messages", f"{total.received:,}", say(N_("今天")) + " · " + aside),
        _tile("quality", f"{score:.1f}" if score is not None else NOTHING,
              change=change_of_score(score, facts.sent.score_before)),
        _tile("resources", f"{resources:,}"),
        _tile("documents", f"{facts.documents:,}"),
    ]  # fmt: skip


def _tile(key: str, number: str, note: str = "", **change: Any) -> dict[str, Any]:
    return {"key": key, "number": number, "note": note, "change": change.get("change")}


def _map(facts: DivisionFacts, asked: Asked) -> Any:
    values: dict[str, float | None] = {}
    texts: dict[str, str] = {}
    for one in facts.below:
        row = below_row(one, facts, asked)
        values[one.code], texts[one.code] = {
            "recorded-share": (
                share_value(one.people.recorded, one.people.people, exact=asked.exact),
                row["recorded_share"],
            ),
            "file-coverage": (
                share_value(one.files.with_file, one.files.people, exact=asked.exact),
                row["file_coverage"],
            ),
            "file-use": (
                share_value(one.files.used, one.files.files, exact=asked.exact),
                row["file_use"],
            ),
            "people": (float(drawn(one.people.people, exact=asked.exact)), row["people"]),
            "institutions": (float(one.institutions), str(one.institutions)),
            "connected": (
                100 * one.connected / one.institutions if one.institutions else None,
                row["connected"],
            ),
            "visits": (float(drawn(one.visits.now, exact=asked.exact)), row["visits"]),
        }[asked.shade]
    return draw(facts.shapes, facts.names, values, texts)


def _care(care: Care, today: date, asked: Asked) -> dict[str, Any]:
    none = asked.say(N_("未注明"))
    classes = {key: asked.say(words) for key, words in CLASSES.items()}
    return {
        "visits": shown(care.visits.now, exact=asked.exact),
        "visits_before": shown(care.visits.before, exact=asked.exact),
        "visits_change": change(care.visits, exact=asked.exact),
        "classes": [
            labelled_row(one, classes.get(one.label, one.label or none), asked)
            for one in care.classes
        ],
        "departments": [labelled_row(one, one.label or none, asked) for one in care.departments],
        "diagnoses": [labelled_row(one, category_name(one.label), asked) for one in care.diagnoses],
        **visit_days(care.days, asked.say, exact=asked.exact),
    }


def _sent(sent: Sent, days: Sequence[tuple[date, Came]], asked: Asked) -> dict[str, Any]:
    listed = sorted(sent.sources, key=lambda one: (-one.period.quarantined, -one.period.received))
    return {
        "messages_chart": messages_chart(days, asked.say),
        "message_days": [(day, came) for day, came in reversed(days)],
        "sources": [_source_row(one) for one in listed[:_SOURCES]],
        "sources_more": max(0, len(listed) - _SOURCES),
        "score": score_state(sent.score),
    }


def _source_row(one: SourceLine) -> dict[str, Any]:
    return {
        "name": one.name,
        "today": one.today,
        "period": one.period,
        "change": change(Pair(one.period.received, one.before.received), exact=True),
        "score": score_state(one.score),
        "score_change": change_of_score(one.score, one.score_before),
    }


def _resources(found: Mapping[int, int], asked: Asked) -> list[tuple[str, int]]:
    """The largest types by name, the others together."""
    listed = list(found.items())
    rows = [(type_words(TYPE_NAMES[kind], asked.say), n) for kind, n in listed[:_RESOURCES]]
    rest = sum(n for _, n in listed[_RESOURCES:])
    return [*rows, (asked.say(N_("其他")), rest)] if rest else rows
