"""Data quality: everything that sources sent, judged by rules that are data.

Lives here: the rules (`rules.yaml`), the checks they name, the follower of the change feed that
judges every resource when it changes (`follow`), the ledger of verdicts, and the figures by
source and day (`figures`). Does not live here: what is refused at the door (the mappings say
that), whether everything came (reconciliation), how figures look (web).

A verdict never keeps anything out: what is stored is stored, and shown with its faults.
"""

from minkang.exchange.quality.again import judge_again, start_over
from minkang.exchange.quality.follow import follow
from minkang.exchange.quality.rule import DIMENSIONS, Dimension, Rule, rules

__all__ = ["DIMENSIONS", "Dimension", "Rule", "follow", "judge_again", "rules", "start_over"]
