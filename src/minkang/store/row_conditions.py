"""A test as conditions on a row of store.resource, at either end of a search."""

from minkang.store.conditions import Test, Updated
from minkang.store.drives import contains
from minkang.store.sql import Sql


def row_conditions(test: Test, sql: Sql, alias: str = "r", *, driven: bool = False) -> list[str]:
    """What the row `alias` must fulfil; `driven`: its set is seen to already."""
    conditions = []
    if test.drive is not None and not driven:
        text = contains(test.drive, sql, alias)
        conditions.append(f"not {text}" if test.negated else text)
    if test.present is not None:
        mask, wanted = test.present
        sign = "<>" if wanted else "="
        conditions.append(f"({alias}.present & {sql.add(mask, 'bigint')}) {sign} 0")
    if test.updated is not None:
        alternatives = (_updated(one, sql, alias) for one in test.updated)
        conditions.append("(" + " or ".join(alternatives) + ")")
    if test.condition is not None:
        conditions.append(test.condition(sql, alias))
    return conditions


def _updated(one: Updated, sql: Sql, alias: str) -> str:
    # Whole milliseconds, as the resource shows them.
    at = f"floor(extract(epoch from {alias}.updated) * 1000) * 1000"
    low, high = sql.add(one.low, "float8"), sql.add(one.high, "float8")
    return f"{at} >= {low} and {at} <= {high}"
