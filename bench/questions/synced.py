# SPDX-License-Identifier: LGPL-2.1-or-later
"""the first full set: when next() has it, against the end of avahi-browse -rtp, and whether it is full"""

import time

import bed
from questions.looks import BROWSE, OURS, Announcer, Browsed

BED = ["-L", "-n", "2"]
MINUTES = 3


def begin_cold():
    """Nothing is in the watching host's cache, and the announcing one is done with the last look."""
    bed.rest("b")
    bed.restart("a")
    time.sleep(bed.PAUSE_S)


def look_ours(report, build, count):
    """When the first batch came, and how many instances there were then and when synced was told."""
    program = bed.Program("a", f"{build}/bench/look-ours", "--first-set", bed.NAME, str(count))
    took, told = program.wait_for("first-set", 60)
    report.add(f"{count} cold, first set s", OURS, took)
    report.add(f"{count} cold, in the first set", OURS, int(told))
    program.stop()
    begin_cold()
    program = bed.Program("a", f"{build}/bench/look-ours", bed.NAME, str(count))
    took, told = program.wait_for("synced", 60)
    report.add(f"{count} cold, synced s", OURS, took)
    report.add(f"{count} cold, known when synced", OURS, int(told))
    program.stop()


def look_browse(report, count):
    """When avahi-browse -rtp ends."""
    browsed = Browsed("a", count, "-t")
    try:
        browsed.wait(60)
        took = browsed.wait_end(60)
    except bed.Incomplete:  # ALL_FOR_NOW came before many of them
        took = None
    report.add(f"{count} cold, first set s", BROWSE, took)
    browsed.program.stop()


def measure(report, build, rounds):
    """Small and large, by turns."""
    announcer = Announcer(build)
    for count in (100, 2000):
        announcer.grow_to(count)
        for i in range(rounds):
            begin_cold()
            look_ours(report, build, count)
            if count > 100 and i % 3 != 0:
                continue  # it has no bound
            begin_cold()
            look_browse(report, count)
        for what in ("in the first set", "known when synced"):
            report.hold(f"{count} cold, the fewest {what}",
                        min(report.figures[f"{count} cold, {what}", OURS]), count, at_least=True)
    announcer.stop()
    report.hold_paired_ratio("100 cold, first set s", OURS, BROWSE, 1)
