"""Asking the gate about a resident whom a row of the register, or a difference, names."""

from minkang.policy import Action
from minkang.web.visitor import NotAllowed, Visitor


async def ask_about_row(
    visitor: Visitor, action: Action, person: str | None, *, object_type: str, object_id: str
) -> None:
    """Ask; the entry names the resident, the page of a refusal does not.

    Whoever is refused knew the number of a row at most: whether there is such a one, and which
    Person it is, they do not learn.

    Raises:
        NotAllowed: it was refused.
    """
    decision = await visitor.web.gate.ask(
        visitor.account,
        action,
        now=visitor.now,
        address=visitor.address,
        person=person,
        named=True,
        object_type=object_type,
        object_id=object_id,
    )
    if not decision.allowed:
        raise NotAllowed(decision, visitor, None)
