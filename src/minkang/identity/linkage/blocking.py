"""Who is compared with whom: those who share a key."""

from functools import cache
from itertools import product
from typing import Any, Final

from minkang.identity.linkage.definition import Definition, load_definition

_MOST: Final = 40
"""No registration has more keys than this: hostile lists of cards end here."""


def blocking_keys(record: Any, definition: Definition | None = None) -> tuple[str, ...]:
    """The keys of a record, `rule|value|value`, without repetition, in the order of the rules.

    A record has no key of a rule of which it misses a column. Whoever keeps keys keeps them hashed:
    they hold names and numbers in clear. Without a definition that of the platform holds.
    """
    keys: list[str] = []
    for name, columns in (definition or _built_in()).blocking:
        values = [column(record) for column in columns]
        if not all(values):
            continue
        if tuple in map(type, values):
            keys += ["|".join((name, *found)) for found in product(*map(_texts, values))]
        else:
            keys.append("|".join((name, *map(str, values))))
    return tuple(dict.fromkeys(keys[:_MOST]))


@cache
def _built_in() -> Definition:
    return load_definition()


def _texts(value: Any) -> list[str]:
    """A value as texts: those of a list, one of anything else."""
    if isinstance(value, tuple):
        return ["|".join(one) if isinstance(one, tuple) else one for one in value]
    return [str(value)]
