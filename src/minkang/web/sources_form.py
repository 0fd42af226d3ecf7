"""A source as a form says it, and what is wrong with the form."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from minkang.exchange import Source
from minkang.web.centre_lines import CHANNELS
from minkang.web.meanwhile import Labels
from minkang.web.rendering import N_

CHARSETS = ("utf-8", "gb18030")

_SCHEMES = frozenset({"postgresql", "postgres", "mariadb", "mysql"})
_OPTIONS = frozenset({"sslmode", "charset"})
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MOST = 10_000_000
_LONGEST = 200

Form = Mapping[str, Any]
Errors = dict[str, str]


def database_shown(source: Source) -> str:
    """The database of its front-end table, without who logs in there; empty if it is ours."""
    address = urlsplit(source.database_url or "")
    return f"{address.scheme}://{address.hostname}{address.path}" if address.scheme else ""


def settings_shown(source: Source) -> dict[str, str]:
    """The settings that the form changes, as texts, by the keys of `SETTINGS`."""
    most = source.messages_per_minute
    return {
        "name": source.name,
        "contact": source.contact,
        "channels": " ".join(source.channels),
        "charset": source.charset,
        "number_period": source.number_period,
        "table_mapping": source.table_mapping or "",
        "table_name": source.table_name or "",
        "database": database_shown(source),
        "silent_after": str(source.silent_after),
        "messages_per_minute": "" if most is None else str(most),
        "addresses": " ".join(source.addresses),
    }


SETTINGS: Labels = {
    "name": (N_("名称"), {}),
    "contact": (N_("联系人和电话"), {}),
    "channels": (N_("接入方式"), {}),
    "charset": (N_("字符编码"), {}),
    "number_period": (
        N_("就诊号和报告号"),
        {"never": N_("从不重复使用"), "year": N_("每年从头编号")},
    ),
    "table_mapping": (N_("映射的名称"), {}),
    "table_name": (N_("表或视图"), {}),
    "database": (N_("前置库地址"), {}),
    "silent_after": (N_("多少分钟没有消息就告警"), {}),
    "messages_per_minute": (N_("每分钟最多多少条"), {}),
    "addresses": (N_("只接受这些地址"), {}),
}
"""What the settings are called, for who is told that somebody else has changed them."""


def text_of(form: Form, name: str) -> str:
    """A field, trimmed, without what no column holds."""
    return str(form.get(name, "")).replace("\0", "").strip()


def id_error(name: str, taken: bool, say: Callable[[str], str]) -> str:
    """What is wrong with the id of a new source; empty if nothing."""
    if not _ID.fullmatch(name):
        return say("只能用小写字母、数字和连字符，以字母或数字开头，最多 63 个字符")
    return say("这个标识已经有来源在用") if taken else ""


def who(source: Source, form: Form, say: Callable[[str], str]) -> tuple[Source, Errors]:
    """The source with its name and contact from a form."""
    name, contact = text_of(form, "name")[:_LONGEST], text_of(form, "contact")[:_LONGEST]
    errors = {} if name else {"name": say("请填写名称")}
    return msgspec.structs.replace(source, name=name or source.name, contact=contact), errors


def how(source: Source, form: Form, say: Callable[[str], str]) -> tuple[Source, Errors]:
    """The source with its channels and their settings from a form."""
    errors: Errors = {}
    asked = form.get("channels", [])
    asked = [asked] if isinstance(asked, str) else asked
    channels = tuple(name for name in CHANNELS if name in asked)
    if not channels:
        errors["channels"] = say("至少选一种接入方式")
    charset = text_of(form, "charset")
    if charset not in CHARSETS:
        errors["charset"] = say("请选择字符编码")
    changes: dict[str, Any] = {
        "channels": channels or source.channels,
        "charset": charset if charset in CHARSETS else source.charset,
        "number_period": "year" if form.get("number_period") == "year" else "never",
        "table_mapping": text_of(form, "table_mapping")[:_LONGEST] or None,
        "table_name": text_of(form, "table_name")[:_LONGEST] or None,
    }
    address = text_of(form, "database_url")
    if address == "-":
        changes["database_url"] = None
    elif address and not _is_database(address):
        errors["database_url"] = say("要写成 postgresql://用户:密码@主机:端口/库 或 mariadb://…")
    elif address:
        changes["database_url"] = address
    table, place = changes["table_name"], changes.get("database_url", source.database_url)
    if table and place is None and (table, place) != (source.table_name, source.database_url):
        # Its own tables hold what nobody of the information centre may read.
        errors["table_name"] = say("请填写前置库地址；平台自己的库里的表只能由运维人员用命令登记")
    return msgspec.structs.replace(source, **changes), errors


def limits(source: Source, form: Form, say: Callable[[str], str]) -> tuple[Source, Errors]:
    """The source with its limits from a form."""
    errors: Errors = {}
    changes: dict[str, Any] = {}
    silent = _number(text_of(form, "silent_after"))
    if silent is None:
        errors["silent_after"] = say("请填写大于 0 的分钟数")
    else:
        changes["silent_after"] = silent
    most = text_of(form, "messages_per_minute")
    if most and _number(most) is None:
        errors["messages_per_minute"] = say("请填写大于 0 的整数，或者不填")
    else:
        changes["messages_per_minute"] = _number(most)
    addresses = tuple(text_of(form, "addresses").split())
    wrong = [one for one in addresses if not _is_network(one)]
    if wrong:
        errors["addresses"] = say("这不是地址或网段：%(text)s") % {"text": wrong[0][:50]}
    else:
        changes["addresses"] = addresses
    return msgspec.structs.replace(source, **changes), errors


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and 0 < len(text) < 9 and 0 < int(text) <= _MOST else None


def _is_database(address: str) -> bool:
    """Whether it names a server by its host, and nothing else may change which one is meant."""
    try:
        parts = urlsplit(address)
        options = {name for name, _ in parse_qsl(parts.query)}
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(parts.hostname) and options <= _OPTIONS


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
