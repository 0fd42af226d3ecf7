"""Reconciliation (对账): what sources say they have, against what Minkang holds of them.

Lives here: what counts as a visit or a report (`holdings`), reading a source's own figures
(`read_counts`), keeping them (`keep_counts`), the comparison by day and kind (`settle`), its
figures (`calendar`, `differences`), and asking for what is missing (`ask_again`, `take_requests`).
Does not live here: who may send figures (the channels), how a day is shown (web).

Nothing counts as proven that the source has not told of itself.
"""

from minkang.exchange.reconciliation.compare import Comparison, settle
from minkang.exchange.reconciliation.counts import Reported, read_counts
from minkang.exchange.reconciliation.difference import Difference, calendar, differences
from minkang.exchange.reconciliation.holdings import KINDS, Kind
from minkang.exchange.reconciliation.keep import keep_counts
from minkang.exchange.reconciliation.resend import (
    Request,
    ask_again,
    open_requests,
    take_requests,
)

__all__ = [
    "KINDS",
    "Comparison",
    "Difference",
    "Kind",
    "Reported",
    "Request",
    "ask_again",
    "calendar",
    "differences",
    "keep_counts",
    "open_requests",
    "read_counts",
    "settle",
    "take_requests",
]
