"""Passwords that many people use, and disguises of them."""

import re
from functools import cache

from pypinyin import lazy_pinyin

_SHORTEST_WORD = 6
"""Shorter names are in too much to be looked for."""

# What people here choose, which the English lists lack: phrases in pinyin, numbers that sound like
# words, rows of the keyboard, words of this platform.
_CHINESE = frozenset(
    """
    0123456789 12345678910 9876543210 1234512345 1122334455 5201314520 5201314 1314520 a123456789
    123456789a woaini woaini1314 woaini520 woaini520520 woaini1314520 woaiwojia zhongguo aini1314
    wodemima mima123456 mimamima nihaoma beijing shanghai yiyuan yisheng hushi jiankang minkang
    weisheng weishengyuan weijianwei renminyiyuan xinxike guanliyuan 1qaz2wsx3edc qweasdzxc
    qazwsxedc asdfghjkl1 abcdefghij abcd123456 abc1234567 abc123456789 admin123456 administrator
    iloveyou123 changeme123 welcome123 password123 password1234
    """.split()
)
_READ_AS = str.maketrans("@01345$7", "aoleasst")
_TAIL = re.compile(r"[\d\s!@#$%^&*._+-]{1,8}$")


@cache
def _known() -> frozenset[str]:
    """The list of zxcvbn's authors (30,000 from leaks, by frequency) with ours; loaded once."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # large: only who sets a password needs it

    return frozenset(FREQUENCY_LISTS["passwords"]) | _CHINESE


def is_common(folded: str) -> bool:
    """Whether a password in normal form and small letters is common, or one in disguise.

    Disguises: `p@ssw0rd`, a few digits or signs at the end, the same thing twice, few different
    characters.
    """
    known = _known()
    bare = _TAIL.sub("", folded)
    half = folded[: len(folded) // 2]
    forms = {folded, bare, folded.translate(_READ_AS), bare.translate(_READ_AS)}
    if half * 2 == folded:
        forms.add(half)
    return len(set(folded)) < 4 or any(len(form) > 3 and form in known for form in forms)


def words_of(*names: str | None) -> tuple[str, ...]:
    """What of names must not be in a password: as written, and in pinyin."""
    found = []
    for name in names:
        if not name:
            continue
        plain = "".join(name.casefold().split())
        spelled = "".join(lazy_pinyin(plain))
        found += [plain] if len(plain) >= 2 and plain != spelled else []
        found += [spelled] if len(spelled) >= _SHORTEST_WORD else []
    return tuple(found)
