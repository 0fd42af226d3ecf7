"""What an evaluation knows besides the collection it works on."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from minkang.fhir.path.error import failure

if TYPE_CHECKING:
    from minkang.fhir.path.values import Node

Items: TypeAlias = list[Any]
"""A collection. Never changed after it was handed on: it may be shared."""

NOTHING: Items = []
"""The collection of an argument that was not given."""

Resolve: TypeAlias = Callable[[str], dict[str, Any] | None]
"""Finds the resource that a reference points to; None if there is none."""

MemberOf: TypeAlias = Callable[[Any, str, str], bool | None]
"""Whether a JSON value of a FHIR type (second argument: value set) is in a value set.

Called with the JSON value, its FHIR type and the URL; None if the value set isn't known.
"""

Trace: TypeAlias = Callable[[str, list[Any]], None]


MAX_WORK = 2_000_000
"""Items that one evaluation may look at, loops in loops counted: some seconds at the most."""


MAX_TEXT = 1_000_000
"""Characters of one text that an expression makes; more is an error."""

_LETTERS = 64


class Environment(msgspec.Struct):
    """The state of one evaluation.

    Attributes:
        context: the node that evaluation began with.
        resource: the resource that holds the context.
        root: the resource that holds that one, if it is contained, else the same.
        variables: values of `%name`, as JSON or nodes.
        index: `$index`, position in the innermost loop.
        total: `$total` of the innermost `aggregate`.
        now: the one moment that now() and today() tell; taken at the first question.
        memo: results of parts that are the same everywhere in the expression.
        work: items looked at so far.
    """

    context: "Node"
    resource: "Node"
    root: "Node"
    variables: Mapping[str, Any]
    resolve: Resolve | None = None
    member_of: MemberOf | None = None
    trace: Trace | None = None
    index: int | None = None
    total: Items = []
    now: datetime | None = None
    memo: dict[int, Items] = {}
    work: int = 0

    def made(self, text: str) -> str:
        """Counts a text that was made: texts together are bounded like items, 64 letters each.

        Raises:
            PathError: MAX_WORK or MAX_TEXT is reached.
        """
        if len(text) > MAX_TEXT:
            raise failure(f"a text of more than {MAX_TEXT} characters")
        if len(text) > _LETTERS:
            self.spend(len(text) // _LETTERS)
        return text

    def spend(self, items: int) -> None:
        """Counts items that are looked at.

        Raises:
            PathError: MAX_WORK is reached.
        """
        self.work += items
        if self.work > MAX_WORK:
            raise failure(f"more than {MAX_WORK} items were looked at")


Evaluator: TypeAlias = Callable[[Items, Environment], Items]
"""A compiled expression: from the collection that `$this` stands for to the result."""
