"""What needs doing now, by role: which cards stand on whose home.

A part of the platform adds its own: a function `async def …(visitor) -> Card | None` in a module of
its own, and one line in `CARDS`. The numbers name nobody, so that a home writes no more into the
audit log than that it was opened.
"""

from collections.abc import Mapping
from typing import Final

from minkang.web import files_cards, home_centre, home_desks, own_residents, region_cards
from minkang.web.home_card import Card, Offer
from minkang.web.visitor import Visitor

__all__ = ["CARDS", "Card", "cards_of"]

_CLINICIAN: Final = (home_desks.glass_questions,)
_FILES: Final = (files_cards.files_to_do, files_cards.corrections_to_answer)

CARDS: Final[Mapping[str, tuple[Offer, ...]]] = {
    "doctor": (*_CLINICIAN, files_cards.corrections_to_answer),
    "gp": (own_residents.due_card, *_CLINICIAN, home_desks.guardians, *_FILES),
    "village-doctor": (own_residents.due_card, *_CLINICIAN, home_desks.guardians, *_FILES),
    "nurse": _CLINICIAN,
    "dispatcher": _CLINICIAN,
    "maternal-child": (),
    "hospital-it": (),
    "cdc": (),
    "planner": (region_cards.needs_attention, region_cards.coverage),
    "researcher": (),
    "resident": (),
    "supervisor": (
        home_desks.glass_reviews,
        region_cards.needs_attention,
        region_cards.coverage,
    ),
    "information-centre": (
        home_centre.open_alarms,
        home_centre.silent_sources,
        home_centre.quarantine,
        home_centre.pairs,
        home_centre.second_person,
        home_centre.unmapped_codes,
        home_centre.register_differences,
        region_cards.coverage,
    ),
    "system-administrator": (home_desks.people_without_post, home_desks.ending_services),
    "security-administrator": (
        home_desks.policy_proposals,
        home_desks.glass_reviews,
        home_desks.requested_apps,
        home_desks.log_in_locks,
    ),
    "audit-administrator": (home_desks.objections_due, home_desks.last_verification),
}
"""By role, the most urgent first."""

_FIRST: Final = ("danger", "warn", "", "ok")


async def cards_of(visitor: Visitor) -> list[Card]:
    """The visitor's cards: what is past its time first, what is done last, else as in `CARDS`."""
    if visitor.account is None:
        return []
    offers = CARDS.get(visitor.account.role, ())
    cards = [card for offer in offers if (card := await offer(visitor)) is not None]
    return sorted(cards, key=lambda card: _FIRST.index(card.tone))
