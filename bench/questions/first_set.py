# SPDX-License-Identifier: LGPL-2.1-or-later
"""the time to the last of N instances, cold and warm, and what it takes of client, daemons and network"""

import bed
from questions.looks import (ALONE, BROWSE, DBUS, EMBEDDED, NAIVE, NAMES, OURS, ZEROCONF, Announcer,
                             cold_and_warm)

BED = ["-L", "-n", "3", "-x", "c"]
MINUTES = 16
COUNTS = (10, 100, 500, 1000, 2000)
SIDES = (OURS, BROWSE, NAMES, *ALONE, NAIVE, DBUS)
# cold at most so many times avahi-browse's time
COLD = {100: 1.0, 1000: 0.66, 2000: 0.42}


def sides(count, i):
    """Who looks in that round: those that have no bound in the first of each three."""
    bound = (OURS, BROWSE, NAMES) + (ALONE if count == 1000 else ())
    return [who for who in SIDES if who in bound or i % 3 == 0]


def hold(report, count):
    """The bounds for that many."""
    cold, warm = f"{count} cold", f"{count} warm"
    if count in COLD:
        report.hold_paired_ratio(f"{cold}, s", OURS, BROWSE, COLD[count])
    if count != 1000:
        return
    report.hold_paired_ratio(f"{cold}, s", OURS, NAMES, 1.4)
    report.hold_paired_ratio(f"{warm}, s", OURS, BROWSE, 0.65)
    report.hold_paired_ratio(f"{cold}, s", EMBEDDED, BROWSE, 0.45)
    report.hold_paired_ratio(f"{cold}, s", EMBEDDED, ZEROCONF, 1.4)
    for how, most in ((cold, 10), (warm, 35)):
        report.hold(f"{how}: question packets", report.median(f"{how}, question packets", OURS), most)
        report.hold_paired_ratio(f"{how}, client CPU s", OURS, BROWSE, 0.85)
        report.hold_paired_ratio(f"{how}, daemon CPU s", OURS, BROWSE, 0.6)
        report.hold(f"{how}: peak kB", report.median(f"{how}, peak kB", OURS), 9000)


def measure(report, build, rounds, counts=COUNTS):
    """Every side by turns, with ever more instances."""
    announcer, queries = Announcer(build), bed.Queries()
    for count in counts:
        announcer.grow_to(count)
        for i in range(rounds):
            for who in sides(count, i):
                cold_and_warm(report, build, who, count, queries)
        hold(report, count)
    announcer.stop()
    if 500 in counts and 2000 in counts:
        growth = {who: report.ratio("2000 cold, s", who, who) and report.median("2000 cold, s", who)
                  / report.median("500 cold, s", who) for who in (OURS, NAMES)}
        report.hold("growth from 500 to 2000, cold: libdisco / names only",
                    growth[OURS] / growth[NAMES], 1.2)
    if 1000 in counts and 2000 in counts:
        more = report.median("2000 cold, peak kB", OURS) - report.median("1000 cold, peak kB", OURS)
        report.hold("kB for each further instance, from 1000 to 2000", more / 1000, 2)
