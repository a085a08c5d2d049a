# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was measured: figures, which are many values of one thing for one program, and the bounds that
they are held to; as a table and as JSON."""

import math
import statistics


class Report:
    """The answer to one question."""

    def __init__(self, question):
        self.question = question
        self.figures = {}  # (what, who) → values
        self.bounds = []

    def add(self, what, who, value):
        """Takes one value; None where it could not be had."""
        self.figures.setdefault((what, who), []).append(value)

    def median(self, what, who):
        """The median of what could be had, or None."""
        values = [value for value in self.figures.get((what, who), []) if value is not None]
        return statistics.median(values) if values else None

    def ratio(self, what, who, other):
        """The ratio of two programs' medians, or None."""
        one, two = self.median(what, who), self.median(what, other)
        return one / two if one is not None and two else None

    def paired_ratio(self, what, who, other):
        """The median of the ratios of two programs' values that were taken in one round, or None: a
        machine that is half as fast for a minute is so for both. What the first did not come to the end
        of took it for ever; what the other did not tells nothing."""
        pairs = zip(self.figures.get((what, who), []), self.figures.get((what, other), []))
        ratios = [math.inf if one is None else one / two for one, two in pairs if two]
        return statistics.median(ratios) if ratios else None

    def hold(self, text, value, limit, at_least=False):
        """States that a value is at most (or at least) a limit. None is never held."""
        held = value is not None and (value >= limit if at_least else value <= limit)
        self.bounds.append({"text": text, "value": value, "limit": limit, "held": held,
                            "at_least": at_least})

    def hold_ratio(self, what, who, other, limit):
        """States that one program's median is at most so many times the other's."""
        self.hold(f"{what}: {who} / {other}", self.ratio(what, who, other), limit)

    def hold_paired_ratio(self, what, who, other, limit):
        """States that in a round one program's value is at most so many times the other's."""
        self.hold(f"{what}: {who} / {other}", self.paired_ratio(what, who, other), limit)

    def to_json(self):
        """All of it as a JSON object."""
        figures = [{"what": what, "who": who, "median": self.median(what, who), "values": values}
                   for (what, who), values in self.figures.items()]
        return {"question": self.question, "figures": figures, "bounds": self.bounds}


def number(value):
    """A value in four digits or so."""
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def cell(first, figure):
    """A median, and in brackets how many times it the first program's is."""
    if figure is None:
        return ""
    text = number(figure["median"])
    if figure is not first and figure["median"] and first["median"] is not None:
        text += f" (×{number(first['median'] / figure['median'])})"
    missing = sum(value is None for value in figure["values"])
    return text + (f" {missing} of {len(figure['values'])} incomplete" if missing else "")


def print_report(answer):
    """The table of one answer: a line for each thing that was measured, with the medians of all
    programs; and the bounds."""
    programs = list(dict.fromkeys(figure["who"] for figure in answer["figures"]))
    things = list(dict.fromkeys(figure["what"] for figure in answer["figures"]))
    figures = {(figure["what"], figure["who"]): figure for figure in answer["figures"]}
    rows = {}
    for what in things:
        row = [figures.get((what, who)) for who in programs]
        first = next(figure for figure in row if figure is not None)
        rows[what] = [cell(first, figure) for figure in row]
    width = max([18, *(len(text) + 2 for row in (programs, *rows.values()) for text in row)])
    print(f"\n{answer['question']:36}" + "".join(f"{who:>{width}}" for who in programs))
    for what, row in rows.items():
        print(f"  {what:34}" + "".join(f"{text:>{width}}" for text in row))
    for bound in answer["bounds"]:
        sign = "≥" if bound["at_least"] else "≤"
        print(f"  {'held  ' if bound['held'] else 'MISSED'} {bound['text']}: "
              f"{number(bound['value'])} {sign} {number(bound['limit'])}")
