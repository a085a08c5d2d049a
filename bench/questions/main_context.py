# SPDX-License-Identifier: LGPL-2.1-or-later
"""how late a timer of 1 ms on the program's main context comes while it looks for 2,000 instances"""

import time

import bed
from questions.looks import NAIVE, OURS, Announcer

BED = ["-L", "-n", "2"]
MINUTES = 3
COUNT = 2000
PROGRAMS = {OURS: ("look-ours", bed.NAME), NAIVE: ("look-naive", bed.TYPE)}


def measure(report, build, rounds):
    """Idle first and then looking, in one program, cold."""
    announcer = Announcer(build)
    announcer.grow_to(COUNT)
    for i in range(rounds):
        for who, (name, service) in PROGRAMS.items():
            if who != OURS and i % 3 != 0:
                continue  # it has no bound
            bed.restart("a")
            time.sleep(bed.PAUSE_S)
            program = bed.Program("a", f"{build}/bench/{name}", "--timer", service, str(COUNT))
            _, late = program.wait_for("late", 120)
            program.stop()
            idle_99, idle_worst, busy_99, busy_worst = map(float, late.split())
            report.add("ms late, idle, 99th percentile", who, idle_99)
            report.add("ms late, idle, worst", who, idle_worst)
            report.add("ms late, looking, 99th percentile", who, busy_99)
            report.add("ms late, looking, worst", who, busy_worst)
    announcer.stop()
    for which, most in (("99th percentile", 1), ("worst", 5)):
        report.hold(f"ms later than idle, {which}",
                    report.median(f"ms late, looking, {which}", OURS)
                    - report.median(f"ms late, idle, {which}", OURS), most)
