# SPDX-License-Identifier: LGPL-2.1-or-later
"""how late a timer of 1 ms on the main context comes while 500 and 2,000 instances are found"""

import os
import time

import bed
from questions.looks import NAIVE, OURS, Announcer

BED = ["-L", "-n", "2"]
MINUTES = 6
COUNTS = (500, 2000)
PROGRAMS = {OURS: ("look-ours", bed.NAME), NAIVE: ("look-naive", bed.TYPE)}


def keep_apart(program):
    """The daemons on one processor, the program on all others: with two of them and two busy daemons,
    one of which is another machine's in life, an idle program's timer is late as well."""
    first, *others = sorted(os.sched_getaffinity(0))
    for host in "ab":
        os.sched_setaffinity(bed.daemon_pid(host), {first})
    if others:
        os.sched_setaffinity(program.pid, others)


def look(report, build, who, count):
    """Idle first and then looking, in one program, cold."""
    name, service = PROGRAMS[who]
    bed.restart("a")
    time.sleep(bed.PAUSE_S)
    program = bed.Program("a", f"{build}/bench/{name}", "--timer", service, str(count))
    keep_apart(program)
    _, late = program.wait_for("late", 120)
    program.stop()
    idle_99, idle_worst, busy_99, busy_worst = map(float, late.split())
    report.add(f"{count}: ms late, idle, 99th percentile", who, idle_99)
    report.add(f"{count}: ms late, idle, worst", who, idle_worst)
    report.add(f"{count}: ms late, looking, 99th percentile", who, busy_99)
    report.add(f"{count}: ms late, looking, worst", who, busy_worst)


def measure(report, build, rounds):
    """Each program by turns."""
    announcer = Announcer(build)
    for count in COUNTS:
        announcer.grow_to(count)
        for i in range(rounds):
            look(report, build, OURS, count)
            if i % 3 == 0:  # it has no bound
                look(report, build, NAIVE, count)
    announcer.stop()
    for count in COUNTS:
        for which, most in (("99th percentile", 1), ("worst", 5)):
            report.hold(f"{count}: ms later than idle, {which}",
                        report.median(f"{count}: ms late, looking, {which}", OURS)
                        - report.median(f"{count}: ms late, idle, {which}", OURS), most)
