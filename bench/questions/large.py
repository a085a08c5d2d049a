# SPDX-License-Identifier: LGPL-2.1-or-later
"""5,000 instances, cold: who sees them all within 90 s"""

import bed
from questions.looks import NAIVE, NAMES, OURS, Announcer, cold_and_warm

BED = ["-L", "-n", "2"]
MINUTES = 4
COUNT = 5000
ROUNDS = 2


def measure(report, build, rounds):
    """Few rounds: each takes minutes, above all where one has to give up."""
    announcer = Announcer(build)
    announcer.grow_to(1000)
    announcer.grow_to(2500)
    announcer.grow_to(COUNT)
    for i in range(rounds):
        for who in (OURS, NAMES, NAIVE) if i == 0 else (OURS, NAMES):
            cold_and_warm(report, build, who, COUNT, warm=False)
    announcer.stop()
    took = report.figures[f"{COUNT} cold, s", OURS]
    report.hold("share of looks that saw all 5000", 1 - took.count(None) / len(took), 1,
                at_least=True)
