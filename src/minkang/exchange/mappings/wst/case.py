"""What all parts of one message's mapping share."""

from datetime import datetime
from typing import Any

import msgspec

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.fields import Reader, begin_of
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.fields import time_of
from minkang.exchange.merge import Contribution
from minkang.exchange.wst import Service
from minkang.fhir import Problem, Refused


class Case:
    """One message on its way.

    Attributes:
        service: what it is sent to.
        process: its `controlActProcess`.
        at: when it was made (`creationTime`): by this it is ordered among the others, and the
            period of recycled numbers goes by it.
        order: by which all stands that it gives.
    """

    def __init__(self, context: Context, service: Service, root: Element) -> None:
        self.context = context
        self.reader = Reader(context)
        self.service = service
        self.root = root
        process = root.first("controlActProcess")
        if process is None:
            text = "缺少消息内容（controlActProcess）"
            raise Refused([Problem("map", root.place(), "required", text)])
        self.process = process
        made = begin_of(time_of(self.reader, root.first("creationTime")))
        self.at: datetime = made or context.received
        self.order = context.order(made)
        self._drafts: dict[tuple[str, str], Draft] = {}

    def draft(self, resource_type: str, number: str, at: datetime | None = None) -> Draft:
        """The resource of a number; asked for again it is the same one."""
        found = (resource_type, self.context.id(resource_type, number, at or self.at))
        if found not in self._drafts:
            self._drafts[found] = Draft(self.context, *found)
        return self._drafts[found]

    def own(self, kind: str, number: str) -> dict[str, Any]:
        """An identifier of the source's own."""
        return {"system": self.context.number_system(kind), "value": number}

    def subject(self, *path: str) -> Element:
        """What the message is about, at a path below `subject`.

        Raises:
            Refused: it is not there: nothing else can be understood.
        """
        found = self.process.first("subject", *path)
        if found is None:
            place = "/".join((self.process.path(), "subject", *path))
            raise Refused([Problem("map", place, "required", "缺少消息的主体")])
        return found

    def required(self, element: Element | None, parent: Element, name: str, number: str) -> None:
        """See that there is a number on which everything hangs.

        Raises:
            Refused: there is none.
        """
        if not number:
            raise self.missing(element or parent, name)

    def missing(self, at: Element, name: str) -> Refused:
        """The refusal of a message that lacks something on which everything hangs."""
        return Refused([Problem("map", at.place(), "required", f"缺少{name}")])

    def contributions(self) -> list[Contribution]:
        """What the message contributes in the end.

        Raises:
            Refused: with all problems noted.
        """
        self.reader.check()
        return [one for draft in self._drafts.values() for one in draft.contributions(self.order)]


class Stated(msgspec.Struct, frozen=True):
    """A person who had a part in something: which, who, when, and what they signed with."""

    part: str
    who: dict[str, str]
    time: str | None = None
    signature: str = ""
