"""The definition by which this region matches: the newest kept, else the one of the release."""

from functools import lru_cache

import msgspec

from minkang.identity.linkage.definition import (
    Definition,
    DefinitionBrokenError,
    Written,
    load_definition,
    make_definition,
)
from minkang.store import Connection


async def definition_in_force(connection: Connection) -> Definition:
    """The definition that links are worked out by now.

    Raises:
        DefinitionBrokenError: this release can't use the one that was kept.
    """
    number = await connection.fetchval("select max(number) from identity.definition")
    if number is None:
        return _released()
    if _kept.number != number:
        text = await connection.fetchval(
            "select text from identity.definition where number = $1", number
        )
        _kept.definition, _kept.number = _parsed(text), number
    return _kept.definition


async def put_in_force(connection: Connection, text: bytes, *, made_by: str, why: str) -> int:
    """Match by another definition (YAML) from now on; its number.

    What was scored before, and keys made by other blocking rules, stay until a batch makes them
    anew (`minkang link run`).

    Raises:
        DefinitionBrokenError: with the place of what is wrong; the old one stays in force.
    """
    rules = blocking_of(_parsed(text.decode()))
    async with connection.transaction():
        number: int = await connection.fetchval(
            """insert into identity.definition (text, made_by, why) values ($1, $2, $3)
               returning number""",
            text.decode(),
            made_by,
            why,
        )
        # From now on some have keys by these rules: that all have those of before is no longer so.
        await connection.execute(
            "update identity.keyed set rules = case when rules = $1 then rules else '' end", rules
        )
    return number


def blocking_of(definition: Definition) -> str:
    """The blocking rules of a definition as one text, as `identity.keyed` has them."""
    return msgspec.json.encode(definition.written.blocking).decode()


def _parsed(text: str) -> Definition:
    try:
        return make_definition(msgspec.yaml.decode(text.encode(), type=Written))
    except msgspec.DecodeError as error:
        raise DefinitionBrokenError(f"definition: {error}") from None


@lru_cache(maxsize=1)
def _released() -> Definition:
    return load_definition()


class _Kept:
    """The one of the database that this process has read."""

    number = 0
    definition: Definition


_kept = _Kept()
