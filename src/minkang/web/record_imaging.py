"""The examinations tab of a record: imaging, electrocardiograms and what was seen in them."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from minkang.record import imaging
from minkang.record.imaging import Examination, examinations_of
from minkang.record.life import Life
from minkang.web.facts import Facts
from minkang.web.rendering import N_

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = imaging.TYPES
KINDS: Final = {
    "ecg": N_("心电图"),
    "ultrasound": N_("超声"),
    "ct": "CT",
    "mri": N_("磁共振"),
    "xray": N_("X 线"),
    "endoscopy": N_("内镜"),
    "pathology": N_("病理"),
    "other": N_("其他检查"),
}
_MOST: Final = 80


def imaging_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_imaging.html shows; the query has `kind`."""
    say = asked.visitor.say
    every = examinations_of([one for kind in TYPES for one in life.of(kind)], life.names)
    counts = Counter(one.kind for one in every)
    kind = asked.query.get("kind", "")
    kind = kind if kind in counts else ""
    rows = [one for one in every if not kind or one.kind == kind]
    return {
        "kind": kind,
        "kinds": [
            (name, say(words), counts[name]) for name, words in KINDS.items() if counts[name]
        ],
        "examinations": [_shown(one, facts, say) for one in rows[:_MOST]],
        "more": max(0, len(rows) - _MOST),
    }


def _shown(one: Examination, facts: Facts, say: Any) -> dict[str, Any]:
    return {
        "id": one.origin.id,
        "kind": say(KINDS[one.kind]),
        "name": one.name,
        "at": one.at,
        "status": one.status,
        "seen": one.seen,
        "concluded": one.concluded,
        "href": one.href,
        "images": one.images,
        "waveforms": one.waveforms,
        "source": facts.source(one.origin),
        "new": facts.new(one.origin),
    }
