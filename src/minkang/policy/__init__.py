"""Who may see what, why, and the record of having asked.

Lives here: the one decision function (`decide`, pure), the facts it needs (`relation`), and the
gate that every door goes through (`Gate.ask`): it decides, writes the audit entry, and only then
answers. Does not live here: who somebody is (accounts), what is stored (store), how a refusal
looks (web).

Use `Gate.ask` and give the `Decision.scope` to whatever reads.
"""

from minkang.policy.decide import Action, Ask, Decision, Relation, decide
from minkang.policy.gate import Gate
from minkang.policy.relation import present_code, relation

__all__ = ["Action", "Ask", "Decision", "Gate", "Relation", "decide", "present_code", "relation"]
