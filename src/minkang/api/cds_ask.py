"""What a CDS Hooks 2.0 call says: whom it is about, and which orders are being written."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from minkang.api.launch_signed import Signer
from minkang.api.launch_who import Named, Patient
from minkang.fhir import Resource
from minkang.record.cds.kept import Feedback

_MOST = 100


class HookContext(msgspec.Struct, frozen=True, rename="camel"):
    """The context of the three hooks.

    Attributes:
        user_id: `Practitioner/10086`: the number after the slash is the system's own.
        patient_id: the system's own number of the patient, or `Patient/ID` of our FHIR base.
        draft_orders: a Bundle.  selections: of `order-select`: which of them are meant.
    """

    user_id: str
    patient_id: str
    encounter_id: str = ""
    draft_orders: dict[str, Any] = {}
    selections: tuple[str, ...] = ()


class HookAsked(msgspec.Struct, frozen=True, rename="camel"):
    """A call of a service; what else it says (prefetch, fhirServer) is not needed."""

    hook: Literal["patient-view", "order-select", "order-sign"]
    hook_instance: UUID
    context: HookContext


class Reason(msgspec.Struct, frozen=True):
    """Why a card was overridden, as one of the reasons that it offered."""

    code: str = ""


class Override(msgspec.Struct, frozen=True, rename="camel"):
    """Why a card was overridden."""

    reason: Reason = Reason()
    user_comment: str = ""


class Accepted(msgspec.Struct, frozen=True):
    """A suggestion that was taken."""

    id: UUID


class OneFeedback(msgspec.Struct, frozen=True, rename="camel"):
    """What became of one card."""

    card: UUID
    outcome: Literal["accepted", "overridden"]
    outcome_timestamp: Annotated[datetime, Meta(tz=True)] | None = None
    accepted_suggestions: tuple[Accepted, ...] = ()
    override_reason: Override = Override()

    def kept(self, now: datetime) -> Feedback:
        """As it is kept; a time to come is a wrong clock's."""
        at = self.outcome_timestamp or now
        return Feedback(
            card=self.card,
            outcome=self.outcome,
            at=min(at, now),
            suggestions=tuple(one.id for one in self.accepted_suggestions),
            reason=self.override_reason.reason.code,
            comment=self.override_reason.user_comment,
        )


class FeedbackTold(msgspec.Struct, frozen=True):
    """What became of some cards."""

    feedback: Annotated[tuple[OneFeedback, ...], Meta(max_length=_MOST)]


def named_in(signer: Signer, asked: HookAsked) -> Named:
    """Who is meant. Several institutions share a system: `tenant` in the JWT says for which it
    asks; else it is the system's own organisation.
    """
    tenant, context = signer.claims.get("tenant"), asked.context
    patient = context.patient_id
    ours = patient.startswith("Patient/") or not signer.system.patient_system
    return Named(
        institution=tenant if isinstance(tenant, str) else signer.system.organisation,
        practitioner=context.user_id.rpartition("/")[2],
        patient=Patient(reference=patient) if ours else Patient(local=patient),
        visit=context.encounter_id.rpartition("/")[2],
    )


def orders_in(asked: HookAsked) -> Iterator[Resource]:
    """The orders that are meant; of `order-select` those selected."""
    entries = asked.context.draft_orders.get("entry", [])
    chosen = frozenset(asked.context.selections)
    for entry in entries[:_MOST] if isinstance(entries, list) else []:
        order = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(order, dict) or not _is_order(order):
            continue
        name = f"{order.get('resourceType', '')}/{order.get('id', '')}"
        if asked.hook == "order-sign" or not chosen or name in chosen:
            yield order


def _is_order(order: dict[str, Any]) -> bool:
    """Whether the parts that rules read have the form that FHIR gives them."""
    code = order.get("code", order.get("medicationCodeableConcept", {}))
    if not isinstance(code, dict) or not isinstance(order.get("identifier", []), list):
        return False
    codings = code.get("coding", [])
    several = [*order.get("identifier", []), *(codings if isinstance(codings, list) else [0])]
    return all(isinstance(one, dict) for one in several)
