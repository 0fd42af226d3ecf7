"""Who sees and decides which registrations are one resident: against the oracle's table."""

import csv
from pathlib import Path

import pytest

from minkang.accounts import ROLES
from minkang.policy import Ask, decide
from minkang.store import Grade
from tests.policy.test_decide import account

ACTIONS = ("review-links", "decide-links")


def allowed_roles(action: str) -> set[str]:
    """The roles that the oracle allows an action; all others are refused."""
    with (Path(__file__).parent / "oracle/links.csv").open(encoding="utf-8", newline="") as file:
        return {
            role
            for row in csv.DictReader(file)
            if action in row["actions"].split() and row["result"] == "allow"
            for role in row["roles"].split()
        }


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", sorted(ROLES))
def test_it_is_open_to_whom_the_oracle_says_alone(role: str, action: str) -> None:
    decision = decide(Ask(account=account(role), action=action))  # type: ignore[arg-type]
    assert decision.allowed is (role in allowed_roles(action))


@pytest.mark.parametrize("action", ACTIONS)
def test_it_opens_who_somebody_is_and_nothing_of_their_care(action: str) -> None:
    scope = decide(Ask(account=account("information-centre"), action=action)).scope  # type: ignore[arg-type]
    assert scope.grants
    for grant in scope.grants:
        assert grant.types == frozenset({"Patient", "Person"})
        assert grant.grade == Grade.PERSONAL


@pytest.mark.parametrize("action", ACTIONS)
def test_without_log_in_it_is_shut(action: str) -> None:
    assert not decide(Ask(account=None, action=action)).allowed  # type: ignore[arg-type]
