"""References of what a source sends, rewritten to the ids that its resources get here.

R4 2.3.0 and 3.1.0.11.2. A reference to an entry of the Bundle (`fullUrl`) and one to a resource of
the same source, sent or not (`Type/id`, or absolute under the base of an entry), gets the derived
id; an absolute one to elsewhere stays; `#contained` stays. Elements of type uri and url are
rewritten where they name an entry, `Attachment.url` also where it names a Binary.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from minkang.exchange.mappings.fhir.entries import Entry
from minkang.exchange.mappings.fhir.numbers import criteria_token, restful, token_number
from minkang.fhir import TYPE_CODES, Problem, Resource

_LITERAL: Final = re.compile(
    r"(?:(https?://.+)/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_CONDITIONAL: Final = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_LINKS: Final = frozenset({"reference", "url", "uri", "valueUri", "valueUrl"})


class Links:
    """The links of one message; `problems` are those that lead nowhere.

    Args:
        id_of: the derived id of a type and number.
        by_url: `Type/id` of each entry by its `fullUrl`.
        by_identifier: `Type/id` of each entry by type and identifier.
        roots: bases of the source's own server.
    """

    def __init__(
        self,
        id_of: Callable[[str, str], str],
        source: str,
        by_url: Mapping[str, str],
        by_identifier: Mapping[tuple[str, str], str],
        roots: frozenset[str],
    ) -> None:
        self._id_of = id_of
        self._source = source
        self._by_url = by_url
        self._by_identifier = by_identifier
        self._roots = roots
        self._lost: list[tuple[str, str, str]] = []
        self.problems: list[Problem] = []

    def rewritten(self, entry: Entry) -> Resource:
        """The entry's resource with its links rewritten; the given one is not changed."""
        known = len(self._lost)
        found: Resource = self._value(entry.resource, restful(entry.full_url)[0] or None)
        for text, rule, said in self._lost[known:]:
            place = _place(entry.resource, text, entry.place)
            self.problems.append(Problem("map", place, rule, said))
        return found

    def _value(self, value: Any, root: str | None) -> Any:
        if type(value) is dict:
            return {
                name: (self._link(name, one, root) if name in _LINKS else one)
                if type(one) is str
                else self._value(one, root)
                for name, one in value.items()
            }
        if type(value) is list:
            return [self._value(one, root) for one in value]
        return value

    def _link(self, name: str, text: str, root: str | None) -> str:
        if text in self._by_url:
            return self._by_url[text]
        if name == "reference":
            return self._reference(text, root)
        if name == "url" and text.startswith("Binary/"):
            return self._literal(text, root) or text
        return text

    def _reference(self, text: str, root: str | None) -> str:
        if text.startswith("#"):
            return text
        if text.startswith(("urn:uuid:", "urn:oid:")):
            said = f"引用 {text[:60]} 不是本 Bundle 中任何条目的 fullUrl"
            self._lost.append((text, "lost-reference", said))
            return text
        if (found := _CONDITIONAL.fullmatch(text)) and found[1] in TYPE_CODES:
            return self._conditional(found[1], found[2], text)
        return self._literal(text, root) or text

    def _literal(self, text: str, root: str | None) -> str | None:
        """The reference to a resource of the source; None if it is one of somebody else."""
        found = _LITERAL.fullmatch(text)
        if found is None or found[2] not in TYPE_CODES:
            return None
        base = found[1] or root
        whole = f"{base}/{found[2]}/{found[3]}"
        if base is not None and whole in self._by_url:
            return self._by_url[whole]
        if found[1] is not None and found[1] not in self._roots:
            return None
        return f"{found[2]}/{self._id_of(found[2], found[3])}"

    def _conditional(self, of_type: str, criteria: str, text: str) -> str:
        """By an identifier: of an entry, or in a system of the source; nothing else is known."""
        token = criteria_token(criteria)
        if token is not None:
            number = token_number(self._source, *token)
            if (of_type, number) in self._by_identifier:
                return self._by_identifier[of_type, number]
            if number == token[1]:
                return f"{of_type}/{self._id_of(of_type, number)}"
        said = (
            "条件引用只能按本 Bundle 中的 identifier，或来源自己的编号体系 "
            f"urn:minkang:source:{self._source}:…"
        )
        self._lost.append((text, "conditional-reference", said))
        return text


def _place(resource: Any, reference: str, place: str) -> str:
    """Where a reference stands first in a resource."""
    waiting: list[tuple[str, Any]] = [(place, resource)]
    while waiting:
        at, value = waiting.pop(0)
        if isinstance(value, dict):
            if value.get("reference") == reference:
                return f"{at}.reference"
            waiting += [(f"{at}.{name}", one) for name, one in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{at}[{number}]", one) for number, one in enumerate(value)]
    return place
