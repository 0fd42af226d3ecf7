"""What a resident's consent says about one clinician, now: the record decisions read."""

from datetime import datetime

from msgspec import Struct


class ConsentState(Struct, frozen=True, kw_only=True):
    """A resident's standing consent to sharing between institutions, as it is in force now.

    Without `given` nothing of other institutions may be shown; what the own institution holds is
    not sharing and needs no consent (personal-information protection law, article 13 (2)).
    """

    given: bool = False
    without_sources: frozenset[str] = frozenset()
    """Organisations whose data the resident keeps back from others."""
    without_topics: frozenset[str] = frozenset()
    """Sensitive topics (names of `store.grade.Topic`) the resident keeps back."""
    since: datetime | None = None
    """Only what was clinically true from this moment on may be shown; aware."""
    until: datetime | None = None
    """Only what was clinically true before this moment may be shown; aware."""
    confirmed_topics: frozenset[str] = frozenset()
    """Sensitive topics the resident confirmed for this clinician with the code presented: the
    separate consent of the personal-information protection law, article 29."""


NOTHING_GIVEN = ConsentState()
