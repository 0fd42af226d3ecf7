"""What the engineer of a hospital needs to send the first message, ready to be copied."""

import msgspec

from minkang.exchange import Source
from minkang.web.centre_lines import channel_words
from minkang.web.visitor import Visitor

_SECRET = "$SECRET"  # noqa: S105 - a place for one


class Example(msgspec.Struct, frozen=True):
    """What is needed for one channel.

    Attributes:
        facts: names and values, e.g. host and port.
        text: what can be pasted into a terminal, or an example of a message; may be empty.
    """

    channel: str
    title: str
    facts: tuple[tuple[str, str], ...]
    text: str


def examples(visitor: Visitor, source: Source, secret: str) -> list[Example]:
    """One example for each channel of a source, with the secret in it if it was just issued."""
    makers = {
        "mllp": _mllp,
        "table": _table,
        "document": _document,
        "fhir": _fhir,
        "wst": _wst,
    }
    return [
        Example(
            channel,
            channel_words(channel, visitor.say),
            *makers[channel](visitor, source, secret or _SECRET),
        )
        for channel in source.channels
    ]


_Made = tuple[tuple[tuple[str, str], ...], str]


def _base(visitor: Visitor) -> str:
    """The address by which the visitor reaches the platform."""
    url = visitor.request.url
    return f"{url.scheme}://{visitor.request.headers.get('host', url.netloc)}"


def _mllp(visitor: Visitor, source: Source, _: str) -> _Made:
    say, settings = visitor.say, visitor.web.settings
    secure = settings.mllp_tls_certificate is not None
    facts = (
        (say("主机"), settings.mllp_host),
        (say("端口"), str(settings.mllp_port)),
        (say("加密"), "TLS 1.2+" if secure else say("不加密")),
        ("MSH-3", source.id),
        ("MSH-4", source.organisation),
        (say("字符编码"), source.charset.upper()),
    )
    charset = "GB 18030-2000" if source.charset == "gb18030" else "UNICODE UTF-8"
    header = (
        f"MSH|^~\\&|{source.id}|{source.organisation}|MINKANG|REGION|20260501080000+0800||"
        f"ADT^A04^ADT_A01|1001|P|2.4||||||{charset}"
    )
    return facts, header


def _table(visitor: Visitor, source: Source, _: str) -> _Made:
    say = visitor.say
    table = source.table_name or "visits"
    facts = (
        (say("表或视图"), table),
        (say("映射"), source.table_mapping or say("还没有选")),
        (say("权限"), say("一个只读账号，只能查这张表")),
    )
    grant = (
        f"create user minkang_reader with password '…';\ngrant select on {table} to minkang_reader;"
    )
    return facts, grant


def _curl(visitor: Visitor, source: Source, secret: str, kind: str, file: str) -> str:
    return (
        f"curl -u '{source.id}:{secret}' -H 'Content-Type: {kind}' \\\n"
        f"  --data-binary @{file} {_base(visitor)}/exchange/{source.id}"
    )


def _http_facts(visitor: Visitor, source: Source, address: str) -> tuple[tuple[str, str], ...]:
    say = visitor.say
    return (
        (say("地址"), address),
        (say("账号"), source.id),
        (say("密码"), say("上面签发的凭据")),
    )


def _document(visitor: Visitor, source: Source, secret: str) -> _Made:
    address = f"{_base(visitor)}/exchange/{source.id}"
    text = _curl(visitor, source, secret, "application/xml", "C0005.xml")
    return _http_facts(visitor, source, address), text


def _fhir(visitor: Visitor, source: Source, secret: str) -> _Made:
    address = f"{_base(visitor)}/exchange/{source.id}"
    text = _curl(visitor, source, secret, "application/fhir+json", "bundle.json")
    return _http_facts(visitor, source, address), text


def _wst(visitor: Visitor, source: Source, secret: str) -> _Made:
    address = f"{_base(visitor)}/wst"
    text = (
        f"curl -u '{source.id}:{secret}' -H 'Content-Type: text/xml; charset=utf-8' \\\n"
        f"  --data-binary @request.xml {address}"
    )
    return _http_facts(visitor, source, address), text
