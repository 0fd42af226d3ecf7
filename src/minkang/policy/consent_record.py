"""What a consent says and what it is kept as. Pure."""

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from minkang.store.topics import SENSITIVE_TOPICS

ConsentKind = Literal["give", "narrow", "withdraw"]
Evidence = Literal["page", "paper"]

MOST_ORGANISATIONS: Final = 100
"""Of each kind in one consent; a region has some hundred institutions."""


class ConsentRefused(Exception):  # noqa: N818 - reads as what happened
    """A consent can't be changed like this.

    Attributes:
        code: `not-given` (there is nothing to narrow or withdraw), `topic-unknown`, `period`
            (it ends before it begins, or has no zone), `too-many`, `no-patient`, `document`
            (paper without its number), `evidence`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sharing(Struct, frozen=True, kw_only=True):
    """How far a consent goes.

    Attributes:
        without_sources: organisations whose data others do not see.
        without_recipients: organisations whose staff see nothing of others.
        without_topics: sensitive topics (values of `Topic`) that others do not see.
        since, until: others see only what was clinically true from, and before, then; aware.
    """

    without_sources: frozenset[str] = frozenset()
    without_recipients: frozenset[str] = frozenset()
    without_topics: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


class Consent(Struct, frozen=True, kw_only=True):
    """One state of a resident's consent; `number` counts from 1, the highest is in force.

    Attributes:
        evidence: `page`: by the resident (or guardian) on the own page; `paper`: a clinician says
            that the resident signed, with the number of the paper in `document`.
        resource: id of the FHIR Consent.
        account: who did it; None is the operator.
    """

    person: str
    number: int
    kind: ConsentKind
    given: bool
    sharing: Sharing
    text_version: str
    text_digest: bytes
    evidence: Evidence
    document: str
    resource: str
    account: str | None
    account_name: str
    role: str
    institution: str | None
    at: datetime


def check_sharing(sharing: Sharing) -> None:
    """Refuse what can't be meant.

    Raises:
        ConsentRefused: `topic-unknown`, `period`, `too-many`.
    """
    if sharing.without_topics - SENSITIVE_TOPICS:
        raise ConsentRefused("topic-unknown")
    if max(len(sharing.without_sources), len(sharing.without_recipients)) > MOST_ORGANISATIONS:
        raise ConsentRefused("too-many")
    times = [one for one in (sharing.since, sharing.until) if one is not None]
    if any(one.tzinfo is None for one in times):
        raise ConsentRefused("period")
    if len(times) == 2 and times[0] >= times[1]:
        raise ConsentRefused("period")
