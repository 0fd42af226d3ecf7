"""Who may see what, why, and the record of having asked.

Lives here: the table (`policy.yaml`, `table`), the one decision function over it (`decide`, pure),
the facts it needs (`facts`), consent, guardians and broken glass, masks, and the gate that every
door goes through (`Gate.ask`): it decides, writes the audit entry, and only then answers. Does not
live here: who somebody is (accounts), what is stored (store), how a refusal looks (web).

Use `Gate.ask` and give the `Decision.scope` to whatever reads.
"""

from minkang.policy.ask import Action, Ask, Decision, Purpose, Relation
from minkang.policy.decide import decide
from minkang.policy.facts import present_code, relation
from minkang.policy.gate import Gate

__all__ = [
    "Action",
    "Ask",
    "Decision",
    "Gate",
    "Purpose",
    "Relation",
    "decide",
    "present_code",
    "relation",
]
