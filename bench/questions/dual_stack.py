# SPDX-License-Identifier: LGPL-2.1-or-later
"""1,000 instances by IPv4 and IPv6, warm: a name is resolved once, not once a protocol"""

from questions.looks import BROWSE, NAIVE, OURS, Announcer, cold_and_warm

BED = ["-L", "-g", "-n", "2"]
MINUTES = 15
COUNT = 1000


def measure(report, build, rounds):
    """Each look is warm by the cold one before it."""
    announcer = Announcer(build)
    announcer.grow_to(COUNT)
    for i in range(rounds):
        for who in (OURS, BROWSE, NAIVE) if i % 3 == 0 else (OURS, BROWSE):
            cold_and_warm(report, build, who, COUNT)
    announcer.stop()
    report.hold_paired_ratio(f"{COUNT} warm, s", OURS, BROWSE, 0.25)
