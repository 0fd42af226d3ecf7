"""What a page of the own record works with."""

from collections.abc import Mapping

import msgspec

from minkang.record.life import Life
from minkang.web.own_pages import OwnPages
from minkang.web.rendering import language_of
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE, age


class OwnAsked(msgspec.Struct, frozen=True):
    """One look at the own record, or at that of somebody in one's care.

    Attributes:
        life: what was gathered for this page, within what the visitor may see.
        query: what stands behind the `?` of the address.
    """

    visitor: Visitor
    own: OwnPages
    life: Life
    query: Mapping[str, str]

    @property
    def language(self) -> str:
        """The language of the page."""
        return language_of(self.visitor.request)

    @property
    def age(self) -> int | None:
        """The resident's age in whole years; None if the birth date is unknown."""
        today = self.visitor.now.astimezone(ZONE).date()
        return age(self.own.resident.birth_date, today)
