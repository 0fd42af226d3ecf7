"""The canonical bytes of a row (entry.py) as PostgreSQL makes them: reading is then four columns.

All but the time: that comes first as PostgreSQL sends it, 8 bytes, microseconds since 2000.
"""

from minkang.audit.entry import FIELDS, MICROSECONDS_BEFORE_2000

AT_BYTES = 8

_N, _T, _F = r"'\x6e'::bytea", r"'\x74'::bytea", r"'\x66'::bytea"


def _text(name: str) -> str:
    return (
        rf"coalesce('\x73'::bytea || int4send(octet_length({name})) "
        rf"|| convert_to({name}, 'UTF8'), {_N})"
    )


def _column(name: str) -> str:
    if name == "at":
        return f"coalesce(timestamptz_send(at), {_N})"
    if name == "allowed":
        return f"case allowed when true then {_T} when false then {_F} else {_N} end"
    if name == "persons":
        return r"""case when persons is null then ''::bytea
            else '\x6c'::bytea || int4send(cardinality(persons)) || coalesce((
                select string_agg(coalesce(int4send(octet_length(one))
                    || convert_to(one, 'UTF8'), '\xffffffff'::bytea), ''::bytea order by n)
                from unnest(persons) with ordinality as named (one, n)), ''::bytea) end"""
    return _text("detail::text" if name == "detail" else name)


CANONICAL = " || ".join(_column(name) for name in FIELDS)
"""An SQL expression over a row of audit.entry."""


def canonical_at(sent: bytes) -> bytes:
    """The time as it stands in the canonical bytes, from the 8 bytes that PostgreSQL sends.

    One beyond what these 8 bytes hold was not written by us: it gives bytes that no row has.
    """
    since = int.from_bytes(sent, "big", signed=True) + MICROSECONDS_BEFORE_2000
    try:
        return b"d" + since.to_bytes(8, "big", signed=True)
    except OverflowError:
        return b"?"
