"""The policy as a table: rows read from YAML, checked, and put in order for the decision.

`policy.yaml` is the table that a release brings; a region's own versions are kept elsewhere and
read by the same `parse_table`. What a row means: docs/operators/policy.md.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, get_args
from urllib.parse import parse_qsl

import msgspec
import yaml

from minkang.accounts import ROLES
from minkang.accounts.oauth_scopes import clauses_of
from minkang.fhir import TYPE_CODES, Problem, Refused
from minkang.fhir.search import Clause
from minkang.policy.ask import Action, Mask, Purpose
from minkang.store import SENSITIVE_TOPICS, Grade, Topic

Effect = Literal["allow", "mask", "deny"]
Condition = Literal[
    "institution",
    "resident",
    "named",
    "own-person",
    "self",
    "visit",
    "contract",
    "referral",
    "call",
    "code-presented",
    "guardian",
    "glass",
    "case",
    "consent",
    "minor",
    "adolescent",
    "young",
    "open-base",
    "code-fits",
    "file-kept",
    "many-wrong-codes",
]
"""What a row may ask for. `decide.conditions` says when each is true."""

ANYBODY: Final = "anybody"
"""In `roles`: every role, and who is not logged in."""

NOBODY: Final = ""
"""The role of who is not logged in."""

MACHINES: Final = frozenset({"system", "service"})
"""Roles whose rights hang on no resident: their decision is the same for every call."""

_ID: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_MOST_CHARACTERS: Final = 500_000
_GRADES: Final[Mapping[str, Grade]] = {one.name.lower(): one for one in Grade}


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One row of the table.

    Attributes:
        zh, en: what it says, for people.
        roles: keys of roles, names of groups, or `anybody`.
        purpose: what for; it stands in every audit entry.
        effect: `mask` allows what is then masked, see `mask`; `deny` beats all that allow.
        relations: at least one of them holds; needs: all hold; unless: none holds.
        grade: up to which grade of data it opens; without it, it opens no stored data.
        topics: the sensitive topics it opens: `all`, `none`, `confirmed` (those that the resident
            confirmed) or a list.
        only_topics: only what has one of these topics; of a row that denies: what it takes out.
        sources: from `any` organisation, the `own`, or those of the own `district`.
        narrowed: whether what a consent leaves out is left out; None: if the row needs consent.
        types: resource types or groups of them; None: any.
        search: only what fulfils these search parameters (`code=system|code,...`), of one type.
        reason: the key that the answer gives; of an allowing row else the relation that held.
        otherwise: the key of a refusal because this row did not hold; None: by what was missing.
        along: it opens something only beside another row that allows.
        law: where the rule comes from.
    """

    id: str
    zh: str
    en: str
    roles: tuple[str, ...]
    actions: tuple[Action, ...]
    purpose: Purpose
    law: str
    effect: Effect = "allow"
    mask: Mask = ""
    relations: tuple[Condition, ...] = ()
    needs: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    grade: Literal["open", "broad", "limited", "personal", "sensitive"] | None = None
    topics: Literal["all", "none", "confirmed"] | tuple[Topic, ...] = "all"
    only_topics: tuple[Topic, ...] | None = None
    sources: Literal["any", "own", "district"] = "any"
    narrowed: bool | None = None
    types: tuple[str, ...] | None = None
    search: str = ""
    reason: str | None = None
    otherwise: str | None = None
    along: bool = False

    @property
    def level(self) -> Grade | None:
        """`grade` as the store knows it."""
        return None if self.grade is None else _GRADES[self.grade]

    @property
    def criteria(self) -> tuple[Clause, ...]:
        """`search` as the store compiles it."""
        return _criteria(self.types or (), self.search) or ()

    @property
    def by_consent(self) -> bool:
        """Whether what the resident's consent leaves out is left out."""
        return "consent" in self.needs if self.narrowed is None else self.narrowed


@cache
def _criteria(types: tuple[str, ...], search: str) -> tuple[Clause, ...] | None:
    """The clauses of a row's `search`; None if it can't narrow what is opened."""
    if not search:
        return ()
    return clauses_of(types[0], tuple(parse_qsl(search))) if len(types) == 1 else None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    rows: tuple[Row, ...]
    groups: Mapping[str, tuple[str, ...]] = {}


class Table:
    """A checked table, with its rows at hand by role and action. Compared by identity."""

    def __init__(
        self, version: int, rows: tuple[Row, ...], groups: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.version, self.rows, self.groups = version, rows, groups
        self._by: dict[tuple[str, str], tuple[Row, ...]] = {}
        self.roles = frozenset(role for row in rows for role in row.roles) - {ANYBODY}

    def rows_for(self, role: str, action: str) -> tuple[Row, ...]:
        """The rows that speak of a role (NOBODY: nobody is logged in) and an action, in order."""
        key = (role, action)
        found = self._by.get(key)
        if found is None:
            found = tuple(
                row
                for row in self.rows
                if action in row.actions and (role in row.roles or ANYBODY in row.roles)
            )
            self._by[key] = found
        return found


@cache
def shipped_text() -> str:
    """The table of this release as it is written."""
    return (resources.files("minkang.policy") / "policy.yaml").read_text("utf-8")


@cache
def shipped() -> Table:
    """The table of this release."""
    return parse_table(shipped_text())


def parse_table(text: str, *, version: int | None = None) -> Table:
    """A table from YAML; groups are spelled out in its rows.

    Args:
        version: the number under which it is kept; None: what the text says.

    Raises:
        Refused: it is no table; each problem names line, row and field.
    """
    if len(text) > _MOST_CHARACTERS:
        raise Refused([_problem(0, "", "too-long", "策略表过长")])
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 0
        raise Refused([_problem(line, "", "structure", f"不是 YAML：{error}")]) from None
    lines = _lines(node)
    try:
        file = msgspec.convert(data, _File, strict=True)
    except msgspec.ValidationError as error:
        place = re.search(r"\$\.rows\[(\d+)\]", str(error))
        line = lines[int(place[1])] if place and int(place[1]) < len(lines) else 1
        raise Refused([_problem(line, "", "structure", str(error))]) from None
    rows = tuple(_spelled(row, file.groups) for row in file.rows)
    problems = [
        _problem(line, row.id, rule, words)
        for row, line in zip(rows, lines, strict=True)
        for rule, words in _wrong(row)
    ]
    doubled = {row.id for row in rows if sum(row.id == one.id for one in rows) > 1}
    problems += [_problem(0, one, "unique", "编号重复") for one in sorted(doubled)]
    problems += [_problem(0, one, "mask", words) for one, words in _mixed(rows)]
    if problems:
        raise Refused(problems)
    return Table(file.version if version is None else version, rows, file.groups)


def _problem(line: int, row: str, rule: str, text: str) -> Problem:
    place = ":".join(one for one in (str(line) if line else "", row) if one)
    return Problem("policy", place, rule, text)


def _lines(node: Any) -> list[int]:
    """The line at which each row begins."""
    if not isinstance(node, yaml.MappingNode):
        return []
    for key, value in node.value:
        if key.value == "rows" and isinstance(value, yaml.SequenceNode):
            return [one.start_mark.line + 1 for one in value.value]
    return []


def _spelled(row: Row, groups: Mapping[str, tuple[str, ...]]) -> Row:
    def members(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for name in names for one in groups.get(name, (name,))))

    types = None if row.types is None else members(row.types)
    return msgspec.structs.replace(row, roles=members(row.roles), types=types)


def _wrong(row: Row) -> Iterable[tuple[str, str]]:
    """What is wrong with one row: rule and words."""
    if not _ID.fullmatch(row.id):
        yield "id", f"编号 {row.id[:40]!r} 应为小写字母、数字与连字符"
    if not row.law.strip() or not row.zh.strip():
        yield "law", "须写明含义与依据"
    if not row.roles or not row.actions:
        yield "empty", "须写明角色与操作"
    if ANYBODY in row.roles and "open-base" not in row.needs:
        yield "anybody", "对所有人开放的行须以 open-base 为条件"
    if unknown := [one for one in row.types or () if one not in TYPE_CODES]:
        yield "type", f"没有资源类型 {unknown[0][:40]}"
    if (row.effect == "mask") != bool(row.mask):
        yield "mask", "effect 为 mask 时（且仅此时）须写明 mask"
    if row.effect == "deny" and (row.grade or row.types or row.sources != "any"):
        yield "deny", "拒绝行只能按 only-topics 收窄"
    if row.effect == "deny" and not row.reason:
        yield "deny", "拒绝行须写明 reason"
    if row.effect != "deny" and not (row.reason or row.relations):
        yield "reason", "须写明 reason 或 relations"
    if row.grade is None and row.effect != "deny" and (row.types or row.only_topics):
        yield "grade", "写明 types 或 only-topics 时须写明 grade"
    if _criteria(row.types or (), row.search) is None or (row.search and not row.grade):
        yield "search", "search 须为一个资源类型的代码检索条件"
    if row.search and MACHINES & set(row.roles):
        yield "search", "接入系统的行不能带 search"
    if row.topics == "confirmed" and "consent" not in row.needs:
        yield "topics", "topics 为 confirmed 的行须以 consent 为条件"


def _mixed(rows: Sequence[Row]) -> Iterable[tuple[str, str]]:
    """Rows whose masks would meet in one answer, which can only be masked in one way."""
    by: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        if row.effect == "deny" or row.grade in ("open", "broad"):
            continue
        for role in row.roles:
            for action in row.actions:
                by.setdefault((role, action), {}).setdefault(row.mask, row.id)
    for (role, what), masks in sorted(by.items()):
        if len(masks) > 1:
            yield " ".join(sorted(masks.values())), f"{role} 的 {what} 既有掩码又有明文"


def flagged(table: Table) -> list[Problem]:
    """What a reader of a table should look at twice: rows that open sensitive topics, rows that
    name roles that the platform does not know, and actions that nobody may do.
    """
    found: list[Problem] = []
    for row in table.rows:
        if row.level is Grade.SENSITIVE and row.topics != "none" and row.effect != "deny":
            opened = set(SENSITIVE_TOPICS if isinstance(row.topics, str) else row.topics)
            names = "、".join(sorted(opened))
            found.append(_problem(0, row.id, "sensitive", f"开放敏感类别：{names}"))
        unknown = [role for role in row.roles if role not in ROLES and role != ANYBODY]
        found += [_problem(0, row.id, "role", f"没有角色 {role}") for role in unknown]
    used = {action for row in table.rows for action in row.actions if row.effect != "deny"}
    unused = [one for one in get_args(Action) if one not in used]
    return found + [_problem(0, "", "unreachable", f"没有任何行允许 {one}") for one in unused]
