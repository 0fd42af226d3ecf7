"""The audit administrator reads words, not codes."""

from typing import get_args

import pytest

from minkang.policy.ask import Action
from minkang.web.audit_words import shown_action


@pytest.mark.parametrize("action", get_args(Action))
def test_every_action_of_the_policy_has_words(action: str) -> None:
    assert shown_action(action, lambda text: text) != action
