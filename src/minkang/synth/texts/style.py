"""How one member of staff writes: terse or at length, abbreviated or not, with slips or not."""

from functools import lru_cache
from random import Random
from typing import Final

import msgspec

from minkang.synth.draws import stream


class Style(msgspec.Struct, frozen=True, gc=False):
    """A doctor's habits.

    `brief` from 0 (at length) to 1 (a few words); `letters` writes BP and T for 血压 and 体温;
    `denies` is the word for what is not there; `since` how an onset is dated; `slips` the share of
    texts with a slip of the hand.
    """

    brief: float
    letters: bool
    denies: str
    since: str
    comes: str
    slips: float


_DENIES: Final = ("无", "无", "否认", "未诉", "不伴")
_SINCE: Final = ("{who}{ago}前", "{who}于{ago}前", "{who}诉{ago}前", "{ago}前", "{who}缘于{ago}前")
_COMES: Final = (
    "为求进一步诊治来诊", "今来我院就诊", "遂来诊", "为求诊治，来我院门诊", "现来诊", "今日就诊",
)  # fmt: skip


@lru_cache(maxsize=8192)
def style_of(institution: str, code: str) -> Style:
    """The habits of that member of staff, the same in every record."""
    random = stream(0, "style", institution, code)
    return drawn(random)


def drawn(random: Random) -> Style:
    """Habits drawn from a stream of one's own."""
    return Style(
        brief=random.random(),
        letters=random.random() < 0.6,
        denies=random.choice(_DENIES),
        since=random.choice(_SINCE),
        comes=random.choice(_COMES),
        slips=0.004 + 0.05 * random.random() ** 3,
    )
