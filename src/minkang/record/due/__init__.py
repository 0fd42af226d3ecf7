"""Who of an institution's residents is due for a service of the national norm.

Lives here: the rules as data (`rules.yaml`), the facts they count, kept from the change feed
(`follow`), the list of an institution (`list`), and how somebody stands by what a record shows
(`of_life`). Does not live here: who may see it (policy), forms with which a service is done
(`record.questionnaires`), health files (`record.files`).

Use `follow_due` in a worker, `residents_of` and `due_of` for a page.
"""

from minkang.record.due.follow import follow_due
from minkang.record.due.list import Due, Mine, due_of, residents_of
from minkang.record.due.rules import Service, next_day, services

__all__ = [
    "Due", "Mine", "Service", "due_of", "follow_due", "next_day", "residents_of", "services",
]  # fmt: skip
