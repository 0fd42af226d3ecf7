"""Regular expressions that can't be made to run for hours.

Python's `re` tries alternatives one after the other: a pattern that can read the same text in many
ways costs exponential time on a text that doesn't fit. Such patterns are refused; those that are
only polynomially ambiguous get a limit on the text (Weber and Seidl 1991, On the degree of
ambiguity of finite automata: criteria EDA and IDA, here on the automaton of Glushkov).
"""

import re
from functools import lru_cache
from itertools import product
from math import comb, log2

import msgspec

from minkang.fhir.path.error import failure

MAX_PATTERN = 2_000
"""Characters of a pattern."""

MAX_STEPS = 30_000_000
"""Steps that matching may take at worst, by the estimate below."""

_MAX_POSITIONS = 250
_MAX_CHOICES = 14
_MAX_PAIRS_WORK = 100_000
_MAX_TRIPLES_WORK = 200_000
_USUAL_CHARACTERS = "aZ5_ -\n!é中"
_TOKEN = re.compile(
    r"""
    (?P<escape>\\(?:[xu][0-9a-fA-F]{2,4}|.))
    | (?P<klass>\[\^?\]?(?:\\.|[^\]\\])*\])
    | (?P<open>\((?:\?(?:P?<[A-Za-z_]\w*>|:))?)
    | (?P<close>\))
    | (?P<repeat>(?:[*+?]|\{\d*,?\d*\})[?+]?)
    | (?P<bar>\|)
    | (?P<anchor>[\^$])
    | (?P<plain>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")


class Pattern(msgspec.Struct, frozen=True):
    """A pattern that was found safe.

    Attributes:
        regex: compiled.
        degree: in a text of n characters, matching looks at most at as many places as there are
            ways to choose so many of n.
    """

    regex: re.Pattern[str]
    degree: int

    def search(self, text: str) -> re.Match[str] | None:
        """The first place where it fits."""
        self._check(text)
        return self.regex.search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Whether it fits the whole text."""
        self._check(text)
        return self.regex.fullmatch(text)

    def _check(self, text: str) -> None:
        if comb(len(text) + 1, self.degree) > MAX_STEPS:
            raise failure(f"a text of {len(text)} characters is too long for this pattern")


@lru_cache(maxsize=512)
def compiled(text: str, flags: str = "") -> Pattern:
    """A pattern, ready to use; `.` stands for line ends too.

    Args:
        text: the pattern, in the dialect that PCRE and Python share.
        flags: `i` for either case, `m` for `^` and `$` at each line.

    Raises:
        PathError: not a pattern, or one whose cost is not bounded.
    """
    if len(text) > MAX_PATTERN:
        raise failure(f"a pattern of more than {MAX_PATTERN} characters")
    options = re.DOTALL
    for flag in flags:
        if flag not in "im":
            raise failure(f"{flag!r} is no flag of a pattern")
        options |= re.IGNORECASE if flag == "i" else re.MULTILINE
    python = re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", text)
    try:
        regex = re.compile(python, options)
    except (re.error, OverflowError, RecursionError) as error:
        raise failure(f"not a pattern: {error}") from None
    return Pattern(regex, _degree(python, options))


_REFERENCE = re.compile(r"\$(?:(\d{1,2})|\{(\w+)\})")


def substitute(pattern: Pattern, by: str, text: str, limit: int) -> str:
    """The text with every match replaced; `$1` and `${name}` stand for groups.

    Raises:
        PathError: an unknown group, or the result would be longer than the limit.
    """
    pattern.search(text)
    length = 0

    def replacement(match: re.Match[str]) -> str:
        nonlocal length
        try:
            new = _REFERENCE.sub(lambda r: match[int(r[1]) if r[1] else r[2]] or "", by)
        except IndexError:
            raise failure(f"{by!r} names a group that the pattern doesn't have") from None
        length += len(new)
        if length > limit:
            raise failure(f"a text of more than {limit} characters")
        return new

    return pattern.regex.sub(replacement, text)


class _Part(msgspec.Struct):
    """A piece of the pattern: whether it can be empty, and its first and last positions."""

    nullable: bool
    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()


class _Automaton:
    """The positions of a pattern, what they read, and which may follow which.

    Attributes:
        reads: of each position, those of the characters looked at that it takes.
        follows: of each position, those that may come next.
        first: positions that may come first.
        loops: repetitions in the pattern.
        choices: alternatives and parts that can be left out, as binary digits.
    """

    def __init__(self, pattern: str, options: re.RegexFlag) -> None:
        self.first: frozenset[int] = frozenset()
        self.reads: list[frozenset[str]] = []
        self.follows: list[set[int]] = []
        self.loops = 0
        self.choices = 0.0
        self._options = options
        self._tokens = list(_TOKEN.finditer(pattern))
        self._next = 0
        plain = "".join(match.group()[-1] for match in self._tokens)
        self._alphabet = set(_USUAL_CHARACTERS) | set(pattern) | set(plain)
        self.first = self._alternatives().first

    def _alternatives(self) -> _Part:
        whole, count = self._sequence(), 1
        while self._next < len(self._tokens) and self._tokens[self._next].lastgroup == "bar":
            self._next += 1
            other, count = self._sequence(), count + 1
            whole = _Part(
                whole.nullable or other.nullable,
                whole.first | other.first,
                whole.last | other.last,
            )
        self.choices += log2(count)
        return whole

    def _sequence(self) -> _Part:
        whole = _Part(nullable=True)
        while self._next < len(self._tokens):
            if self._tokens[self._next].lastgroup in ("bar", "close"):
                break
            part = self._repeated()
            self._link(whole.last, part.first)
            whole = _Part(
                whole.nullable and part.nullable,
                whole.first | part.first if whole.nullable else whole.first,
                whole.last | part.last if part.nullable else part.last,
            )
        return whole

    def _repeated(self) -> _Part:
        part = self._atom()
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.lastgroup != "repeat":
                break
            self._next += 1
            least, most = _counts(token.group())
            if most > 1:
                if part.nullable:
                    raise failure("a pattern that repeats what can be empty is refused")
                self.loops += 1
                self._link(part.last, part.first, loop=True)
            elif least == 0:
                self.choices += 1
            part = _Part(part.nullable or least == 0, part.first, part.last)
        return part

    def _atom(self) -> _Part:
        token = self._tokens[self._next]
        text = token.group()
        self._next += 1
        if token.lastgroup == "open":
            part = self._alternatives()
            self._next += 1
            return part
        if token.lastgroup == "anchor" or text in (r"\b", r"\B", r"\A", r"\Z"):
            return _Part(nullable=True)
        if text[0] == "\\" and text[1].isdigit():
            raise failure("a pattern with references to its own groups is refused")
        if text[:2] == "(?" or (text == "?" and self._next > 1):
            raise failure("a pattern that looks ahead or behind is refused")
        atom = re.compile(text, self._options)
        place = len(self.reads)
        if place >= _MAX_POSITIONS:
            raise failure("the pattern is too long to be checked")
        self.reads.append(frozenset(c for c in self._alphabet if atom.fullmatch(c)))
        self.follows.append(set())
        return _Part(nullable=False, first=frozenset([place]), last=frozenset([place]))

    def _link(self, before: frozenset[int], after: frozenset[int], *, loop: bool = False) -> None:
        for place in before:
            if loop and self.follows[place] & after:
                # Two loops lead to the same place: (a+)+ reads aa in two ways.
                raise failure("the pattern can read one text in exponentially many ways")
            self.follows[place] |= after


def _counts(repeat: str) -> tuple[int, int]:
    if repeat[0] in "*+?":
        return (1 if repeat[0] == "+" else 0), (1 if repeat[0] == "?" else 1_000)
    match = _COUNT.match(repeat)
    if match is None or not (match[1] or match[3]):
        return 1, 1
    least = int(match[1] or 0)
    most = int(match[3]) if match[3] else (1_000 if match[2] else least)
    return least, most


def _degree(pattern: str, options: re.RegexFlag) -> int:
    automaton = _Automaton(pattern, options)
    steps = _steps(automaton)
    components = _loops(steps)
    several = any(p != q for p, q in steps)
    if _exponential(components) or (several and automaton.choices > _MAX_CHOICES):
        raise failure("the pattern can read one text in exponentially many ways")
    # A search begins anywhere, a loop ends anywhere; loops that share a text divide it anywhere.
    anchored = pattern.startswith("^") and "|" not in pattern and not options & re.MULTILINE
    loops = automaton.loops if _polynomial(automaton, steps, components) else 1
    return (0 if anchored else 1) + min(loops, automaton.loops)


_Step = dict[tuple[int, int], list[tuple[int, int]]]


def _steps(automaton: _Automaton) -> _Step:
    """From each pair of positions to those that both can reach by one same character."""
    found: _Step = {}
    work = 0
    reads = automaton.reads
    waiting = [(place, place) for place in range(len(reads))]
    waiting += [(p, q) for p, q in product(automaton.first, repeat=2) if reads[p] & reads[q]]
    while waiting:
        pair = waiting.pop()
        if pair in found:
            continue
        ways = list(product(automaton.follows[pair[0]], automaton.follows[pair[1]]))
        work += len(ways) + 1
        if work > _MAX_PAIRS_WORK:
            raise failure("the pattern is too complicated to be checked")
        found[pair] = [(p, q) for p, q in ways if reads[p] & reads[q]]
        waiting += found[pair]
    return found


def _exponential(components: list[set[tuple[int, int]]]) -> bool:
    """Whether a position can be left and reached again by one text in two ways (EDA)."""
    return any(
        any(p == q for p, q in pairs) and any(p != q for p, q in pairs) for pairs in components
    )


def _loops(steps: _Step) -> list[set[tuple[int, int]]]:
    """Pairs that can be reached from each other, as sets (Kosaraju's two walks)."""
    order: list[tuple[int, int]] = []
    seen: set[tuple[int, int]] = set()
    before: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for pair, ways in steps.items():
        for way in ways:
            before.setdefault(way, []).append(pair)
        if pair in seen:
            continue
        seen.add(pair)
        walk = [(pair, iter(ways))]
        while walk:
            here, rest = walk[-1]
            following = next((way for way in rest if way not in seen), None)
            if following is None:
                order.append(here)
                walk.pop()
            else:
                seen.add(following)
                walk.append((following, iter(steps[following])))
    found: list[set[tuple[int, int]]] = []
    seen.clear()
    for pair in reversed(order):
        if pair in seen:
            continue
        seen.add(pair)
        together, waiting = {pair}, [pair]
        while waiting:
            for way in before.get(waiting.pop(), ()):
                if way not in seen:
                    seen.add(way)
                    together.add(way)
                    waiting.append(way)
        if len(together) > 1 or pair in steps[pair]:
            found.append(together)
    return found


def _polynomial(
    automaton: _Automaton, steps: _Step, components: list[set[tuple[int, int]]]
) -> bool:
    """Whether a text can be divided between two loops in many ways (IDA); True if unsure."""
    looping = sorted(p for pairs in components for p, q in pairs if p == q)
    work = 0
    for p, q in product(looping, looping):
        if p == q:
            continue
        seen: set[tuple[int, int, int]] = set()
        waiting = [(p, p, q)]
        while waiting:
            a, b, c = waiting.pop()
            for x, y in steps.get((a, b), ()):
                for z in automaton.follows[c]:
                    work += 1
                    if work > _MAX_TRIPLES_WORK:
                        return True
                    triple = (x, y, z)
                    if triple in seen or not (
                        automaton.reads[x] & automaton.reads[y] & automaton.reads[z]
                    ):
                        continue
                    if triple == (p, q, q):
                        return True
                    seen.add(triple)
                    waiting.append(triple)
    return False
