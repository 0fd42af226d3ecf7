"""Value sets that need nobody to write them: all of a code system, a branch of it, R4's own.

- `<code system>?fhir_vs`: all codes; `<code system>?fhir_vs=isa/E11`: a code and all below it
  (`isa/E10-E14`: a range of categories);
- `urn:minkang:vs:<short name>`: all codes of a system that comes with the platform;
- `urn:minkang:vs:wst500-sections`: the sections of the shared documents of WS/T 500, in LOINC;
- the value sets of R4's required bindings, as HL7 defines them.
"""

from functools import cache

from minkang.fhir.definitions import definitions
from minkang.terminology.builtin import PREFIX, canonical, heads
from minkang.terminology.concepts import Coding
from minkang.terminology.value_set import Include, ValueSet
from minkang.terminology.value_set_filter import Filter

VALUE_SET_PREFIX = "urn:minkang:vs:"
SECTIONS = "urn:minkang:vs:wst500-sections"

_IMPLICIT = "?fhir_vs"
_IS_A = "=isa/"
_R4 = "4.0.1"
_LOINC = "http://loinc.org"
_SECTIONS = """29548-5 诊断
18776-5 治疗计划
47519-4 手术操作
8716-3 生命体征
30954-2 检查检验
8648-8 住院过程
11450-4 健康问题
11348-0 既往史
10154-3 主诉
10164-2 现病史
29545-1 体格检查
10160-0 用药
48765-2 过敏史
46241-6 入院诊断
11535-2 出院诊断
11369-6 预防接种史
29762-2 社会史
10157-6 家族史
49033-4 月经史
51848-0 评估"""


def implied_value_set(url: str) -> ValueSet | None:
    """A value set that the URL itself defines, or R4 does; None if it is neither."""
    if _IMPLICIT in url:
        return _of_url(url)
    if url == SECTIONS:
        return _sections()
    if url.startswith(VALUE_SET_PREFIX):
        system = canonical(PREFIX + url.removeprefix(VALUE_SET_PREFIX))
        if system in heads():
            head = heads()[system]
            return ValueSet(
                url=url,
                version=head.version,
                title=head.title,
                includes=(Include(system=system),),
            )
        return None
    codes = definitions().codes.get(url)
    return _listed(url, codes) if codes is not None else None


def _of_url(url: str) -> ValueSet | None:
    system, _, rest = url.partition(_IMPLICIT)
    if not system:
        return None
    system = canonical(system)
    if not rest:
        return ValueSet(url=url, includes=(Include(system=system),))
    if not rest.startswith(_IS_A):
        return None
    branch = Filter("concept", "is-a", rest.removeprefix(_IS_A))
    return ValueSet(url=url, includes=(Include(system=system, filters=(branch,)),))


@cache
def _sections() -> ValueSet:
    pairs = (line.split(" ") for line in _SECTIONS.splitlines())
    codings = tuple(Coding(_LOINC, code, display) for code, display in pairs)
    return ValueSet(
        url=SECTIONS,
        title="WS/T 500 文档章节",
        includes=(Include(system=_LOINC, codings=codings),),
    )


def _listed(url: str, codes: frozenset[tuple[str, str]]) -> ValueSet:
    by_system: dict[str, list[Coding]] = {}
    for system, code in sorted(codes):
        by_system.setdefault(system, []).append(Coding(system, code))
    return ValueSet(
        url=url,
        version=_R4,
        includes=tuple(
            Include(system=system, codings=tuple(codings)) for system, codings in by_system.items()
        ),
    )
