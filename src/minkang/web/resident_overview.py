"""The first page of the own record: diseases in plain words, and the ways to everything else."""

from collections.abc import Mapping
from typing import Any, Final

from minkang.web.rendering import N_
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_emergency import allergies_of
from minkang.web.resident_problems import problems_context, sources_of
from minkang.web.resident_results import important_rows

TYPES: Final = ("AllergyIntolerance", "Condition", "Observation")
_CHILD: Final = 7
_RESULTS: Final = 4
_TILES: Final[tuple[tuple[str, str], ...]] = (
    ("results", N_("检验结果")),
    ("medicines", N_("用药")),
    ("visits", N_("看病记录")),
    ("vaccinations", N_("预防接种")),
    ("growth", N_("生长发育")),
    ("documents", N_("病历文书")),
    ("emergency", N_("急救卡")),
)
_WARD_TILES: Final[tuple[tuple[str, str], ...]] = (
    ("access", N_("谁看过")),
    ("consent", N_("授权与同意")),
)


def overview_context(asked: OwnAsked) -> Mapping[str, Any]:
    """What resident/record.html shows."""
    told = problems_context(asked)
    return {
        **told,
        "problem_sources": sources_of([*told["lasting"], *told["past"]]),
        "allergies": allergies_of(asked.life.of("AllergyIntolerance")),
        "results": important_rows(asked, _RESULTS),
        "tiles": _tiles(asked),
    }


def _tiles(asked: OwnAsked) -> list[dict[str, str]]:
    """Growth is for children; who looked and consent of oneself stand in the main menu."""
    young = asked.age is not None and asked.age < _CHILD
    listed = [one for one in _TILES if young or one[0] != "growth"]
    return [
        {
            "topic": topic,
            "href": f"{asked.own.base}/{topic}",
            "words": asked.visitor.say(words),
            "note": "",
        }
        for topic, words in (*listed, *(_WARD_TILES if asked.own.ward else ()))
    ]
