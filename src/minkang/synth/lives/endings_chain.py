"""The chain of causes of a death, from the immediate cause to the first one."""

import msgspec

from minkang.synth.record import Diagnosis


class Link(msgspec.Struct, frozen=True, gc=False):
    """One line of the chain: what, and how many days before death it began (fractions: hours)."""

    code: str
    name: str
    days: float


class Chain(msgspec.Struct, frozen=True):
    """The certificate's causes: `links` from the immediate cause (a) to the first one (at most d).

    `course` is how the dying went: sudden (minutes to hours), short (days), long (weeks and more);
    `group` the group of causes; `injury` whether the first cause is an external one.
    """

    links: tuple[Link, ...]
    underlying: Diagnosis
    others: tuple[Diagnosis, ...]
    course: str
    group: str
    injury: bool = False
