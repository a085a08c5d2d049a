# SPDX-License-Identifier: LGPL-2.1-or-later
"""how long after a host's daemon was killed its instances are removed, in seconds"""

import time

import bed
from questions.looks import OURS, Announcer, look_program

BED = ["-n", "2"]
MINUTES = 3
ROUNDS = 1
COUNT = 10


def measure(report, build, rounds):
    """It has been quiet before."""
    for _ in range(rounds):
        announcer = Announcer(build)
        announcer.grow_to(COUNT)
        program = look_program(build, OURS, "a", COUNT)
        program.wait_for("known", 30)
        time.sleep(5)
        killed = time.monotonic()
        bed.bed("kill", "b")
        since_start, _ = program.wait_for("gone", 150)
        report.add("killed to REMOVE, s", OURS, program.begin + since_start - killed)
        program.stop()
        announcer.stop()
        bed.bed("start", "b")
    report.hold("killed to REMOVE, s", report.median("killed to REMOVE, s", OURS), 125)
