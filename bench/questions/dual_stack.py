# SPDX-License-Identifier: LGPL-2.1-or-later
"""1,000 instances by IPv4 and IPv6, warm: a name is resolved once, not once a protocol"""

from questions.looks import BROWSE, NAIVE, OURS, Announcer, cold_and_warm

BED = ["-L", "-g", "-n", "2"]
COUNT = 1000


def measure(report, build, rounds):
    """Each look is warm by the cold one before it."""
    announcer = Announcer(build)
    announcer.grow_to(COUNT)
    for _ in range(rounds):
        for who in (OURS, BROWSE, NAIVE):
            cold_and_warm(report, build, who, COUNT)
    announcer.stop()
    report.hold_ratio(f"{COUNT} warm, s", OURS, BROWSE, 0.25)
