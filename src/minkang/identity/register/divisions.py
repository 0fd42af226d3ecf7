"""Divisions (区划): what they are called, and which lie in which.

A code tells where it lies by its digits (GB/T 2260, GB/T 10114 and the statistical codes): 2
province, 4 prefecture, 6 county, 9 town or street, 12 village or community. Names down to towns
come from terminology; of villages from the list that the region loads.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

from minkang.store import Store
from minkang.terminology.builtin import DIVISIONS, code_system

LEVELS: Final = (2, 4, 6, 9, 12)
_CODE: Final = re.compile(r"\d{2,12}")


class DivisionRefused(Exception):  # noqa: N818 - reads as what happened
    """A list of divisions is wrong; the text names the line."""


async def keep_divisions(store: Store, given: Mapping[str, str]) -> int:
    """Keep the names of divisions by code; how many are new or called otherwise now.

    Raises:
        DivisionRefused: what is no code, or has no name.
    """
    for line, (code, name) in enumerate(given.items(), 1):
        if not _CODE.fullmatch(code) or not name.strip() or len(name) > 60:
            raise DivisionRefused(f"{line}: {code!r} is no division with a name")
    async with store.pool.acquire() as connection:
        done = await connection.execute(
            """insert into identity.register_division as d (code, name)
               select * from unnest($1::text[], $2::text[])
               on conflict (code) do update set name = excluded.name
                   where d.name <> excluded.name""",
            list(given),
            [name.strip() for name in given.values()],
        )
    return int(done.rpartition(" ")[2])


async def division_names(store: Store, codes: Collection[str]) -> dict[str, str]:
    """The names of some divisions; of one that nobody names its code."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            "select code, name from identity.register_division where code = any($1::text[])",
            list(codes),
        )
    own = {row["code"]: row["name"] for row in rows}
    return {code: own.get(code) or division_name(code) for code in codes}


def division_name(code: str) -> str:
    """What the national table calls a division; its code if it does not know it."""
    table = code_system(DIVISIONS)
    at = table.position(code.ljust(6, "0") if len(code) < 6 else code) if table else None
    return table.display(at) if table is not None and at is not None else code


def above(code: str) -> list[str]:
    """The divisions that one lies in, the largest first, itself last."""
    return [code[:digits] for digits in LEVELS if digits <= len(code)]


def digits_below(code: str) -> int:
    """How many digits the divisions directly below one have; 12 if there are none."""
    return next((digits for digits in LEVELS if digits > len(code)), 12)
