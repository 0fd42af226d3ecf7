"""The tabs of a record: each gathers only the types of resources that it shows."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from minkang.identity import Resident
from minkang.policy import Decision
from minkang.record.life import Life, Newest
from minkang.web import (
    record_documents,
    record_growth,
    record_imaging,
    record_medicines,
    record_overview,
    record_pregnancies,
    record_results,
    record_timeline,
    record_vaccinations,
)
from minkang.web.context import Web
from minkang.web.facts import Facts
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor


class Asked(msgspec.Struct, frozen=True):
    """One look at a record by a clinician.

    Attributes:
        query: what stands behind the `?` of the address.
        mark_new: the page itself asked, because something has arrived: what is new lights up.
    """

    web: Web
    visitor: Visitor
    decision: Decision
    resident: Resident
    query: Mapping[str, str]
    mark_new: bool = False


class Tab(msgspec.Struct, frozen=True):
    """A tab.

    Attributes:
        icon: of the sprite. words: its name, in Chinese; the template translates it.
        template: below templates/record/.
        types: the types of resources that it is made of.
        context: what its template shows; no I/O.
        newest: of which type it can do without the oldest.
    """

    name: str
    icon: str
    words: str
    template: str
    types: tuple[str, ...]
    context: Callable[[Asked, Life, Facts], Mapping[str, Any]]
    newest: Newest | None = None


TABS: Final[tuple[Tab, ...]] = (
    Tab(
        "overview", "layout-dashboard", N_("概要"), "_overview.html",
        record_overview.TYPES, record_overview.overview_context, record_overview.NEWEST,
    ),
    Tab(
        "visits", "stethoscope", N_("就诊"), "_visits.html",
        record_timeline.TYPES, record_timeline.timeline_context,
    ),
    Tab(
        "results", "flask", N_("检验结果"), "_results.html",
        record_results.TYPES, record_results.results_context,
    ),
    Tab(
        "medicines", "pill", N_("用药"), "_medicines.html",
        record_medicines.TYPES, record_medicines.medicines_context,
    ),
    Tab(
        "imaging", "scan", N_("检查"), "_imaging.html",
        record_imaging.TYPES, record_imaging.imaging_context,
    ),
    Tab(
        "vaccinations", "vaccine", N_("接种"), "_vaccinations.html",
        record_vaccinations.TYPES, record_vaccinations.vaccinations_context,
    ),
    Tab(
        "growth", "ruler", N_("生长"), "_growth.html",
        record_growth.TYPES, record_growth.growth_context,
    ),
    Tab(
        "pregnancies", "baby-carriage", N_("妊娠"), "_pregnancies.html",
        record_pregnancies.TYPES, record_pregnancies.pregnancies_context,
    ),
    Tab(
        "documents", "file-text", N_("病历文书"), "_documents.html",
        record_documents.TYPES, record_documents.documents_context,
    ),
)  # fmt: skip


def tab_of(name: str) -> Tab:
    """The tab of a name; the first one if there is none such."""
    return next((one for one in TABS if one.name == name), TABS[0])
