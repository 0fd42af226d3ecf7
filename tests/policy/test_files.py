"""Who keeps health files and sees their rates: against the oracle's table."""

import csv
from itertools import product
from pathlib import Path

import pytest

from minkang.accounts import ROLES, Account
from minkang.policy import Action, Ask, Relation, decide

ACTIONS: tuple[Action, ...] = (
    "list-files",
    "keep-file",
    "own-file",
    "answer-corrections",
    "see-file-rates",
)
RELATIONS = ("none", "visit", "contract", "guardian", "glass", "self")


def lines() -> list[dict[str, str]]:
    """The oracle's lines."""
    with (Path(__file__).parent / "oracle/files.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(role: str, action: str, relation: str, *, kept: bool) -> str:
    """What the oracle says."""
    for line in lines():
        if (
            role in line["roles"].split()
            and line["actions"] == action
            and (line["relations"] == "any" or relation in line["relations"].split())
            and (line["file"] == "any" or kept)
        ):
            return line["result"]
    return "deny"


@pytest.mark.parametrize("action", ACTIONS)
def test_each_is_open_to_whom_the_oracle_says_alone(action: Action) -> None:
    seen = set()
    for role, relation, kept in product(sorted(ROLES), RELATIONS, (False, True)):
        resident = role == "resident"
        own = "p1" if relation == "self" else "p2"
        who = Account(
            "1", "x", "某人", role, None if resident else "MK1", None, own if resident else None
        )
        held = relation not in ("none", "self")
        asked = Ask(
            account=who,
            action=action,
            person="p1",
            patients=frozenset({"a"}),
            named=True,
            relation=Relation(**{relation: True}) if held else Relation(),  # type: ignore[arg-type]
            file_kept=kept,
        )
        decision = decide(asked)
        answer = "deny" if not decision.allowed else "mask" if decision.mask else "allow"
        assert answer == expected(role, action, relation, kept=kept), (role, relation, kept)
        assert not decision.scope.grants  # these open no resource to anybody
        seen.add(answer)
    assert len(seen) == 2


def test_a_keeper_needs_an_institution_and_everybody_a_log_in() -> None:
    alone = Account("1", "x", "某人", "village-doctor", None, None, None)
    about = {"person": "p1", "patients": frozenset({"a"}), "named": True, "file_kept": True}
    assert decide(Ask(account=alone, action="keep-file", **about)).reason == "no-institution"  # type: ignore[arg-type]
    for action in ACTIONS:
        assert not decide(Ask(account=None, action=action)).allowed


def test_another_institution_is_told_that_the_file_is_kept_elsewhere() -> None:
    other = Account("1", "x", "某人", "village-doctor", "MK2", None, None)
    asked = Ask(
        account=other, action="keep-file", person="p1", patients=frozenset({"a"}), named=True
    )
    assert decide(asked).reason == "file-elsewhere"
