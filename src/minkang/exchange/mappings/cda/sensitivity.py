"""A document is as sensitive as the most sensitive of its facts.

Original, text and layout say all that the facts say; who may not see the one must not read it in
the other (GB/T 39725-2020, 6.2; label R of HL7 v3 Confidentiality).
"""

from collections.abc import Sequence
from typing import Final

from minkang.exchange.merge import Contribution
from minkang.store.grade import RESTRICTED, Grade, grade_of

_WHOLE: Final = ("Composition", "DocumentReference")


def seal(found: Sequence[Contribution]) -> None:
    """Label what holds the whole document, if a fact of it is sensitive."""
    if any(grade_of(one.resource) is Grade.SENSITIVE for one in found):
        for one in found:
            if one.resource["resourceType"] in _WHOLE:
                one.resource["meta"] = {"security": [dict(RESTRICTED)]}
