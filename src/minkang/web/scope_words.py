"""What the scopes of an app mean, in words that a resident understands."""

from collections.abc import Callable, Sequence

import msgspec

from minkang.accounts.oauth_scopes import SmartScope, smart_scope
from minkang.web.rendering import N_
from minkang.web.type_words import type_words

_OTHERS = {
    "openid": N_("知道您是谁（账号编号）"),
    "fhirUser": N_("知道您在平台中的身份"),
    "launch": N_("从平台页面打开时，知道正在查看的居民"),
    "launch/patient": N_("知道所选居民的编号"),
    "online_access": N_("在您登录期间持续读取"),
    "offline_access": N_("在您退出后继续读取，直到授权到期或您撤销"),
}
_WHOSE = {
    "patient": N_("所选居民的"),
    "user": N_("您有权查看的"),
    "system": N_("本机构的"),
}
_LETTERS = {
    "r": N_("读取"),
    "s": N_("检索"),
    "c": N_("新增"),
    "u": N_("修改"),
    "d": N_("删除"),
}


class ScopeWords(msgspec.Struct, frozen=True):
    """A scope for people: `words`, what narrows it in FHIR's own terms, and the scope itself."""

    words: str
    only: str
    text: str
    writes: bool


def scope_words(scopes: Sequence[str], say: Callable[[str], str]) -> list[ScopeWords]:
    """The scopes in words, in their order; what is not understood stands as it is."""
    return [_words(text, say) for text in scopes]


def _words(text: str, say: Callable[[str], str]) -> ScopeWords:
    scope = smart_scope(text)
    if scope is None:
        return ScopeWords(say(_OTHERS[text]) if text in _OTHERS else text, "", text, False)
    only = "、".join(f"{name} = {value}" for name, value in scope.criteria)
    writes = bool(set(scope.letters) & set("cud"))
    return ScopeWords(_about(scope, say), only, text, writes)


def _about(scope: SmartScope, say: Callable[[str], str]) -> str:
    kind = say(N_("全部档案资料")) if scope.type == "*" else type_words(scope.type, say)
    doing = "、".join(say(_LETTERS[letter]) for letter in scope.letters)
    return say(N_("%(doing)s：%(whose)s%(kind)s")) % {
        "doing": doing,
        "whose": say(_WHOSE[scope.context]),
        "kind": kind,
    }
