"""Rules, guards and outcome of a pair as SQL of DuckDB: the same as `guards` and `score`.

The expressions are over the columns of `Features` with the suffixes `_l` and `_r`, over
`level_COMPARISON`, the name of the level ('' for a comparison that the definition lacks), `weight`,
and `most_frequent`, the share of the more frequent of the two names. The tests hold each to its
other form in Python.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

from minkang.identity.linkage.definition import Definition, GuardName, RuleName
from minkang.identity.linkage.guards import (
    ALMOST,
    EVIDENCE,
    FAMILY,
    GENERATION,
    GROWN,
    GUARDS,
    NAMED_TWICE,
    OTHER_DAY,
    OWN,
    PRIVATE,
    SAME,
    TWIN_NAMES,
)

COMPARED: Final = ("name", "sex", "birth", "id", "phone", "address", "kin", "cards")
"""Comparisons of which guards and rules know the levels."""
_COLUMN: Final = re.compile(r"\b([a-z][a-z_0-9]*)_[lr]\b")


def columns_guarded(definition: Definition) -> frozenset[str]:
    """The columns that the rules and guards of a definition read."""
    if not (definition.written.guards or definition.written.rules):
        return frozenset()
    texts = [*_guards(definition).values(), *_rules(definition).values()]
    return frozenset(_COLUMN.findall(" ".join(texts)))


def rule_sql(definition: Definition) -> str:
    """The rule that links a pair; '' if none does."""
    known = _rules(definition)
    return _first([(f"'{one}'", known[one]) for one in definition.written.rules])


def guard_sql(definition: Definition) -> str:
    """The first guard that a pair meets; '' if it meets none."""
    known = _guards(definition)
    return _first([(f"'{one}'", known[one]) for one in dict.fromkeys(definition.written.guards)])


def outcome_sql(definition: Definition) -> str:
    """What follows, from `weight`, `rule` and `guard`: link, review or separate."""
    written = definition.written
    apart = [one for one, (_, effect) in GUARDS.items() if effect == "separate"]
    return f"""CASE
        WHEN guard <> '' AND ({_in("guard", apart)}
                              OR (weight < {written.review!r}::double AND rule = ''))
            THEN if(guard = 'two-on-one-number', 'review', 'separate')
        WHEN guard <> '' THEN 'review'
        WHEN rule <> '' OR weight >= {written.link!r}::double THEN 'link'
        WHEN weight >= {written.review!r}::double THEN 'review'
        ELSE 'separate' END"""


def _first(cases: list[tuple[str, str]]) -> str:
    if not cases:
        return "''"
    return "CASE\n" + "\n".join(f"WHEN {sql} THEN {name}" for name, sql in cases) + "\nELSE '' END"


def _in(column: str, words: Collection[str]) -> str:
    if not words:
        return "FALSE"
    return f"{column} IN ({', '.join(repr(one) for one in sorted(words))})"


def _level(comparison: str, *levels: str) -> str:
    return _in(f"level_{comparison}", levels)


def _says(evidence: Collection[tuple[str, frozenset[str]]]) -> str:
    return "(" + " OR ".join(_level(name, *levels) for name, levels in evidence) + ")"


def _either(condition: str) -> str:
    """A condition over `_l` and `_r`, or the same with the two exchanged."""
    turned = re.sub(r"_([lr])\b", lambda found: "_r" if found[1] == "l" else "_l", condition)
    return f"(({condition}) OR ({turned}))"


_APART: Final = "(id_number_l <> '' AND id_number_r <> '' AND id_number_l <> id_number_r)"
_BORN_ALIKE: Final = _level("birth", "exact", "day")
_ONE_NUMBER: Final = _level("id", "equal", "raw", "slip")
_TWIN: Final = "(twin_l OR twin_r)"
_OTHER_ORDER: Final = (
    "(birth_order_l <> 0 AND birth_order_r <> 0 AND birth_order_l <> birth_order_r)"
)
_SAME_ORDER: Final = "(birth_order_l <> 0 AND birth_order_l = birth_order_r)"
_ONE_DOCUMENT: Final = "list_has_any(documents_l, documents_r)"
_NEWBORN: Final = "(newborn_l OR newborn_r)"
_GROWN_BOTH: Final = " AND ".join(
    f"(seen_{side} <> '' AND try_cast(seen_{side}[1:4] AS INTEGER)"
    f" - try_cast(if(birth_year_{side} = '', '9999', birth_year_{side}) AS INTEGER) > {GROWN})"
    for side in "lr"
)


def _same_name(definition: Definition) -> str:
    written = definition.written
    near = sorted(written.near_name)
    given = [one for one in near if one == "given"]
    others = [one for one in near if one != "given"]
    return (
        f"({_level('name', 'missing', *written.same_name)}"
        f" OR ({_level('name', *given)} AND {_says(PRIVATE)})"
        f" OR ({_level('name', *others)} AND {_says(OWN)}))"
    )


def _rules(definition: Definition) -> Mapping[RuleName, str]:
    same_person = (
        f"{_level('birth', 'exact')} AND {_level('sex', 'equal')} AND {_same_name(definition)}"
    )
    return {
        "id-number": f"""{_level("id", "equal")} AND {same_person}
            AND id_number_l[7:14] = replace(birth_date_l, '-', '')
            AND (try_cast(id_number_l[17] AS INTEGER) % 2 = 1) = (sex_l = 'male')""",
        "card": f"{_level('cards', 'shared')} AND {same_person} AND {_ONE_DOCUMENT}",
    }


def _guards(definition: Definition) -> Mapping[GuardName, str]:
    family = ("number", "mother", "name", "sound")
    at_home = (
        f"(level_kin <> 'different' AND {_level('sex', 'equal')} AND {_level('phone', 'shared')}"
        f" AND {_level('address', 'same', 'village')})"
    )
    generation = (
        "birth_day_l <> 0 AND birth_day_r <> 0"
        f" AND abs(birth_day_l - birth_day_r) >= {GENERATION} AND {_NEWBORN}"
    )
    apart_but_one = f"({_TWIN} OR {_level('name', *TWIN_NAMES)})"
    return {
        "different-numbers": (f"{_APART} AND {_level('name', *NAMED_TWICE)} AND {_says(PRIVATE)}"),
        "numbers-apart": _APART,
        "two-on-one-number": (
            f"id_number_l <> '' AND id_number_l = id_number_r AND NOT {_same_name(definition)}"
        ),
        "mother-and-child": f"""({generation})
            OR (newborn_l <> newborn_r AND {_either("newborn_l AND mother_l = name_r")})
            OR {_either("id_number_l <> '' AND list_contains(kin_numbers_r, id_number_l)")}""",
        "unknown-patient": "(unknown_l OR unknown_r) AND level_id <> 'equal'",
        "born-apart": f"{_NEWBORN} AND {_level('birth', 'different')}",
        "newborn": f"""{_NEWBORN} AND level_id <> 'equal' AND (NOT {_BORN_ALIKE}
            OR NOT ({at_home} OR {_level("kin", *family)}))""",
        "other-twin": f"""{_BORN_ALIKE} AND NOT {_ONE_NUMBER} AND {_TWIN}
            AND ({_OTHER_ORDER} OR {_level("sex", "different")})""",
        "twins": f"""{_BORN_ALIKE} AND NOT {_ONE_NUMBER} AND ({_OTHER_ORDER}
            OR CASE WHEN name_l = '' OR name_r = '' THEN {_TWIN} AND NOT {_SAME_ORDER}
            WHEN {_level("name", "exact", "former")} OR {_ONE_DOCUMENT} THEN FALSE
            WHEN NOT {_says(FAMILY)} THEN FALSE
            WHEN NOT {_TWIN} AND (given_l = given_r
                OR ({_GROWN_BOTH} AND {_level("phone", "shared")})) THEN FALSE
            ELSE {apart_but_one} END)""",
        "relatives": f"""name_l <> '' AND name_r <> '' AND NOT {_level("id", "equal", "slip")}
            AND NOT {_level("name", *SAME)} AND {_level("birth", *OTHER_DAY)}""",
        "sex-and-birth": f"""{_level("sex", "different")} AND (NOT {_level("birth", *ALMOST)}
            OR NOT {_level("name", "missing", *SAME)})""",
        "birth-apart": (
            f"{_level('birth', 'year', 'different')} AND NOT {_level('id', 'equal', 'slip')}"
        ),
        "dead-before": _either("died_l <> '' AND seen_r > died_l"),
        "name-and-birth": f"""level_id <> 'equal' AND NOT {_says(EVIDENCE)}
            AND (most_frequent >= {definition.written.common!r}::double
                 OR level_address <> 'village')""",
    }
