"""Outbound targets: selected changes go to an upper platform or back to a township's system.

Lives here: what a target is (`target`), which changes it should have (`select`, by the change
feed), the parcel that carries some of them (`parcel`), sending with receipt and retry (`send`),
what became of it, by item, and sending again (`deliveries`). Does not live here: what a document
says (`documents`), who may decide that a target gets anything (the operator, by `minkang targets`).

Every version that a target should have is a row in `exchange.delivery`, in one transaction with the
position in the feed, so nothing is passed over; a row is sent until the other side has taken it,
and what it has taken twice changes nothing there.
"""

from minkang.exchange.targets.deliveries import (
    Day,
    Delivery,
    deliveries,
    delivery_days,
    send_again,
)
from minkang.exchange.targets.select import select_changes
from minkang.exchange.targets.send import confirm_sent, send_waiting
from minkang.exchange.targets.target import (
    Target,
    TargetError,
    load_targets,
    save_target,
    targets,
)

__all__ = [
    "Day",
    "Delivery",
    "Target",
    "TargetError",
    "confirm_sent",
    "deliveries",
    "delivery_days",
    "load_targets",
    "save_target",
    "select_changes",
    "send_again",
    "send_waiting",
    "targets",
]
