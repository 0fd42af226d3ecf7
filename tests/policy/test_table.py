"""The table is read with its lines, checked, and says where it is wrong."""

from typing import Any, get_args

import pytest
import yaml

from minkang.accounts import ROLES
from minkang.fhir import Refused
from minkang.policy import Action, Ask, decide
from minkang.policy.decide import in_force, put_in_force
from minkang.policy.table import flagged, parse_table, shipped, shipped_text
from tests.policy.test_decide import DOCTOR

ROW: dict[str, Any] = {
    "id": "some-row",
    "zh": "说明",
    "en": "says",
    "roles": ["doctor"],
    "actions": ["read-api"],
    "purpose": "treatment",
    "reason": "why",
    "grade": "broad",
    "law": "法",
}


def text(*rows: dict[str, Any], **more: Any) -> str:
    return yaml.safe_dump({"version": 7, "rows": list(rows), **more}, allow_unicode=True)


def wrong(given: str) -> list[tuple[str, str]]:
    """Place and rule of what is wrong with a table."""
    with pytest.raises(Refused) as refused:
        parse_table(given)
    return [(one.place, one.rule) for one in refused.value.problems]


def test_every_shipped_row_says_what_it_means_and_where_it_comes_from() -> None:
    for row in shipped().rows:
        assert row.zh, row.id
        assert row.en, row.id
        assert row.law, row.id


def test_every_role_and_every_action_has_a_row() -> None:
    table = shipped()
    spoken = {action for row in table.rows for action in row.actions}
    assert spoken == set(get_args(Action))
    assert table.roles == set(ROLES)
    assert {one.rule for one in flagged(table)} == {"sensitive"}


def test_groups_are_spelled_out() -> None:
    groups = {"team": ["doctor", "nurse"], "PAPERS": ["Contract", "Consent"]}
    table = parse_table(text({**ROW, "roles": ["team", "gp"], "types": ["PAPERS"]}, groups=groups))
    (row,) = table.rows
    assert (row.roles, row.types) == (("doctor", "nurse", "gp"), ("Contract", "Consent"))
    assert table.version == 7
    assert parse_table(text(ROW), version=9).version == 9


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"actions": ["fly"]}, "structure"),
        ({"purpose": "fun"}, "structure"),
        ({"unknown": 1}, "structure"),
        ({"grade": "secret"}, "structure"),
        ({"needs": ["luck"]}, "structure"),
        ({"only-topics": ["gossip"]}, "structure"),
        ({"id": "Some Row"}, "id"),
        ({"law": " "}, "law"),
        ({"roles": []}, "empty"),
        ({"roles": ["anybody"]}, "anybody"),
        ({"types": ["Unicorn"]}, "type"),
        ({"effect": "mask"}, "mask"),
        ({"mask": "list"}, "mask"),
        ({"effect": "deny"}, "deny"),
        ({"effect": "deny", "grade": None, "reason": None}, "deny"),
        ({"reason": None}, "reason"),
        ({"grade": None, "types": ["Patient"]}, "grade"),
        ({"topics": "confirmed"}, "topics"),
        ({"search": "code=x"}, "search"),
        ({"search": "name=x", "types": ["Patient"]}, "search"),
        ({"search": "code=x", "types": ["Observation"], "roles": ["system"]}, "search"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_rule(change: dict[str, Any], rule: str) -> None:
    second = {name: value for name, value in {**ROW, **change}.items() if value is not None}
    given = text({**ROW, "id": "first"}, second)
    places = wrong(given)
    assert {found for _, found in places} == {rule}
    lines = given.splitlines()
    line = int(places[0][0].partition(":")[0])
    begins = [number for number, one in enumerate(lines, 1) if one.startswith("- ")]
    assert line == begins[1]


def test_what_is_no_table_is_refused() -> None:
    assert wrong("rows: [") == [("1", "structure")]
    assert wrong("[]")[0][1] == "structure"
    assert wrong("x" * 500_001) == [("", "too-long")]
    assert wrong(text(ROW, ROW)) == [("some-row", "unique")]


def test_plain_and_masked_data_never_meet_in_one_answer() -> None:
    plain = {**ROW, "grade": "personal"}
    masked = {**plain, "id": "other", "effect": "mask", "mask": "pseudonym"}
    assert wrong(text(plain, masked)) == [("other some-row", "mask")]


def test_what_opens_sensitive_topics_and_unknown_roles_are_flagged() -> None:
    opening = {**ROW, "grade": "sensitive", "roles": ["astronaut"]}
    found = {(one.place, one.rule) for one in flagged(parse_table(text(opening)))}
    assert {("some-row", "sensitive"), ("some-row", "role")} <= found
    assert any(rule == "unreachable" for _, rule in found)


def test_another_table_decides_as_soon_as_it_is_in_force_and_no_longer() -> None:
    ask = Ask(account=DOCTOR, action="read-terminology")
    assert not decide(ask).allowed
    other = parse_table(text({**ROW, "actions": ["read-terminology"]}))
    before = in_force()
    assert decide(ask, other).allowed
    assert not decide(ask).allowed
    put_in_force(other)
    try:
        decision = decide(ask)
        assert (decision.allowed, decision.version, decision.rules) == (True, 7, ("some-row",))
    finally:
        put_in_force(before)
    assert not decide(ask).allowed


def test_a_row_beside_others_opens_nothing_alone() -> None:
    beside = {**ROW, "along": True}
    assert not decide(Ask(account=DOCTOR, action="read-api"), parse_table(text(beside))).allowed


def test_a_row_that_denies_beats_all_that_allow() -> None:
    deny = {**ROW, "id": "never", "effect": "deny", "grade": None, "reason": "closed"}
    del deny["grade"]
    for rows in ((ROW, deny), (deny, ROW)):
        decision = decide(Ask(account=DOCTOR, action="read-api"), parse_table(text(*rows)))
        assert (decision.allowed, decision.reason) == (False, "closed")


def test_a_table_survives_being_written_and_read_again() -> None:
    again = parse_table(yaml.safe_dump(yaml.safe_load(shipped_text()), allow_unicode=True))
    assert again.rows == shipped().rows
