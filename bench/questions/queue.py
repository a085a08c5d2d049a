# SPDX-License-Identifier: LGPL-2.1-or-later
"""events through 1, 10 and 100 watchers, in millions a second of CPU time, and bytes an idle watcher"""

from questions import tables

BED = None
MINUTES = 1


def measure(report, build, rounds):
    """Without a network."""
    tables.take(report, f"{build}/bench/queue", str(rounds))
    report.hold("million events a second through 1 watcher", report.median("1 watchers", "libdisco"),
                2, at_least=True)
    report.hold("bytes an idle watcher", report.median("memory", "libdisco"), 1000)
