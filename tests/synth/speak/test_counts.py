"""A source's own figures are what a receiver finds that it holds."""

from collections import Counter
from datetime import date

from minkang.exchange.reconciliation import read_counts
from minkang.exchange.reconciliation.holdings import holdings
from minkang.fhir import Resource
from minkang.synth.speak.counts import HEAD, Figures
from minkang.synth.speak.say import everything
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.write import csv_line
from tests.synth.speak.mapped import RECEIVED, contributions
from tests.synth.speak.samples import life, world


def test_figures_are_what_is_held_when_all_has_arrived() -> None:
    setting = Setting(world())
    figures = Figures(setting.systems, date(2026, 1, 1))
    held: dict[str, set[tuple[str, str, str]]] = {}
    for number in range(3):
        resources: dict[tuple[str, tuple[str, str]], Resource] = {}
        for one in everything(setting, life(world(), number)):
            figures.take(one)
            for given in contributions(setting, one):
                before = resources.get((one.source, given.key), {})
                resources[one.source, given.key] = {**before, **(given.resource or {})}
        for (source, _), resource in resources.items():
            for has in holdings(resource, RECEIVED):
                held.setdefault(source, set()).add((has.day.isoformat(), has.kind, has.number))
    assert {"haibin", "gangcheng", "songling", "jiceng", "yunxi"} <= set(figures.sources())
    for source in figures.sources():
        lines = (HEAD, *figures.lines(source, world().today))
        reported = read_counts("".join(csv_line(line) for line in lines).encode(), "text/csv")
        told = {(one.day.isoformat(), one.kind, n) for one in reported for n in one.items or ()}
        kinds = {kind for _, kind, _ in told}
        assert told == {has for has in held[source] if has[1] in kinds}, source
        assert Counter(one.count for one in reported if one.count == 0)
