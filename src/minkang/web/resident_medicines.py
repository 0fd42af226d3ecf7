"""A resident's medicines: what for, how to take, since when, who prescribed; doubles told gently.

What is taken now follows from what was written down (`record.medicines`). The resident may have
stopped or changed it since; the page says so.
"""

from typing import Any, Final

from minkang.record import medicines as record
from minkang.record.medicines import Finding, Given, Medicine, findings_of, medicines_of
from minkang.web.rendering import N_
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_words import medicine_source, medicine_words

TYPES: Final = record.TYPES
_GIVEN_TYPES: Final = tuple(name for name in TYPES if name != "AllergyIntolerance")
_PAST: Final = 60
_FINDINGS: Final = {
    "same-substance": N_("%(places)s 都开了 %(names)s。别吃双份，请问医生该吃哪一份。"),
    "same-group": N_(
        "%(names)s 作用差不多，是 %(places)s 分别开的。请带上药盒问医生要不要一起吃。"
    ),
    "allergy": N_("您登记过对 %(allergy)s 过敏，又开了 %(names)s。先别吃，马上问医生。"),
    "allergy-crossing": N_("您登记过对 %(allergy)s 过敏，吃 %(names)s 也要当心。先问医生。"),
}


def medicines_context(asked: OwnAsked) -> dict[str, Any]:
    """What resident/medicines.html shows: what is taken now, what was taken before, doubles."""
    found = _medicines(asked)
    rows = [_row(asked, one) for one in found]
    now = asked.visitor.now
    findings = findings_of(found, asked.life.of("AllergyIntolerance"), asked.life.names, now)
    return {
        "now": [row for row in rows if row["now"]],
        "past": [row for row in rows if not row["now"]][:_PAST],
        "findings": [_finding(asked, one) for one in findings],
        "source": medicine_source() if rows else "",
    }


def names_now(asked: OwnAsked) -> list[str]:
    """The names of what is taken now, for the emergency card."""
    return [one.name for one in _medicines(asked) if one.now]


def _medicines(asked: OwnAsked) -> tuple[Medicine, ...]:
    stored = [one for name in _GIVEN_TYPES for one in asked.life.of(name)]
    return medicines_of(stored, asked.life.names, asked.visitor.now)


def _row(asked: OwnAsked, medicine: Medicine) -> dict[str, Any]:
    given = medicine.given
    words = medicine_words(medicine.name)
    prescribed = [one for one in given if one.kind == "prescription"]
    return {
        "name": medicine.name,
        "how": _how_to_take(given),
        "now": medicine.now,
        "purpose": words.purpose.by(asked.language) if words else "",
        "mind": words.mind.by(asked.language) if words else "",
        "since": given[-1].start,
        "last": (prescribed or given)[0].start,
        "doctor": next((one.by for one in prescribed if one.by), ""),
        "institutions": list(medicine.institutions),
    }


def _how_to_take(given: tuple[Given, ...]) -> str:
    """The newest instruction: that of a prescription before what a form says of its use."""
    told = [one for one in given if one.how]
    prescribed = (one.how for one in told if one.kind == "prescription")
    return next(prescribed, told[0].how if told else "")


def _finding(asked: OwnAsked, finding: Finding) -> dict[str, Any]:
    """A warning without alarm; an allergy is said more firmly."""
    allergic = finding.rule.startswith("allergy")
    names = finding.names[:1] if allergic else finding.names
    words = asked.visitor.say(_FINDINGS[finding.rule])
    return {
        "firm": allergic,
        "text": words
        % {
            "names": "、".join(dict.fromkeys(names)),
            "places": "、".join(dict.fromkeys(finding.institutions)),
            "allergy": finding.names[-1],
        },
    }
