"""Who writes into a record: against the oracle's table. It shows the own institution's data."""

import csv
from pathlib import Path

import pytest

from minkang.accounts import ROLES
from minkang.policy import Ask, Relation, decide
from tests.policy.test_decide import account
from tests.policy.test_matrix import FIELDS, RELATIONS

_TABLE = Path(__file__).parent / "oracle/writing.csv"


def allowed() -> set[tuple[str, str]]:
    """Role and relation together as the oracle allows them; all else is refused."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            (role, held)
            for row in csv.DictReader(file)
            if "write-record" in row["actions"].split() and row["result"] == "allow"
            for role in row["roles"].split()
            for held in row["relations"].split()
        }


def asked(role: str, held: str) -> Ask:
    relation = Relation(**({FIELDS.get(held, held): True} if held else {}))  # type: ignore[arg-type]
    return Ask(
        account=account(role), action="write-record", person="p1", named=True,
        patients=frozenset({"a"}), relation=relation,
    )  # fmt: skip


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("held", ["", *RELATIONS])
def test_it_is_open_to_whom_the_oracle_says_alone(role: str, held: str) -> None:
    decision = decide(asked(role, held))
    assert decision.allowed is ((role, held) in allowed())
    for grant in decision.scope.grants:
        assert grant.patients == frozenset({"a"})
        assert grant.sources


def test_without_log_in_it_is_shut() -> None:
    ask = Ask(account=None, action="write-record", person="p1", named=True)
    assert not decide(ask).allowed


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_is_due_is_seen_by_whom_the_oracle_says_alone(role: str) -> None:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["actions"] == "see-due"]
    decision = decide(Ask(account=account(role), action="see-due"))
    assert decision.allowed is any(role in row["roles"].split() for row in rows)
