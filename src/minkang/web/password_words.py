"""What is wrong with a password, and how strong it is, in words."""

from collections.abc import Callable
from typing import Any

from zxcvbn import zxcvbn

from minkang.accounts.passwords import PasswordRules
from minkang.web.rendering import N_

_PROBLEMS = {
    "password-long": N_("太长了：最多 200 个字符。"),
    "password-common": N_("这是很多人用过的密码，一猜就中。请换一个，例如几个不相干的词连起来。"),
    "password-contains-login": N_("密码里不能有登录账号。"),
    "password-contains-name": N_("密码里不能有您的姓名、单位或它们的拼音。"),
    "password-used": N_("最近用过这个密码，请换一个新的。"),
    "password-wrong": N_("当前密码不正确。"),
}
_OTHER = N_("这个密码不行，请换一个。")
_STRENGTH = (
    N_("很弱：几乎一猜就中"),
    N_("弱：容易被猜中"),
    N_("一般：再长一些更好"),
    N_("强"),
    N_("很强"),
)
_CUT = 64  # its time grows with the square of the length


def problem_words(code: str, rules: PasswordRules, say: Callable[[str], str]) -> str:
    """The rule that a password breaks, said to who typed it."""
    if code == "password-short":
        return say("太短了：至少 %(n)s 个字符。") % {"n": rules.length}
    return say(_PROBLEMS.get(code, _OTHER))


def strength(password: str, known: list[str], say: Callable[[str], str]) -> dict[str, Any]:
    """How hard a password is to guess: `score` from 0 to 4, and in words.

    `known` are words that whoever guesses knows of its owner.
    """
    score: int = zxcvbn(password[:_CUT], user_inputs=known)["score"] if password else 0
    return {"score": score, "words": say(_STRENGTH[score])}
