# SPDX-License-Identifier: LGPL-2.1-or-later
"""what a look that is kept open costs in a minute, with 100 and 1,000 instances: CPU and the LAN"""

import json
import os
import subprocess
import sys
import time

import bed
from questions.looks import BROWSE, DEADLINE_S, OURS, Announcer, Browsed

BED = None
MINUTES = 6
ROUNDS = 1
COUNTS = (100, 1000)
KEPT = "a kept resolver each"
SIDES = (OURS, KEPT, BROWSE)
# Avahi repeats a question 63, 127 and 255 s after the first: none of them at an end of what is measured
SETTLE_S = 68
IDLE_MINUTES = 3


def begin(build, who, count):
    """The program of that side, which knows all; a pair where it is one that reads lines."""
    if who == BROWSE:
        browsed = Browsed("a", count)
        browsed.wait(DEADLINE_S)
        return browsed.program
    argv = (("look-ours", bed.NAME) if who == OURS else ("look-naive", "--keep", bed.TYPE))
    program = bed.Program("a", f"{build}/bench/{argv[0]}", *argv[1:], str(count))
    program.wait_for("known", DEADLINE_S)
    return program


def measure_side(build, who, count):
    """On a bed of its own. Prints a JSON object of what it costs a minute."""
    announcer, queries = Announcer(build), bed.Queries()
    announcer.grow_to(count)
    program = begin(build, who, count)
    pids = {"client CPU s": program.pid, "daemon CPU s": bed.daemon_pid("a"),
            "announcing daemon CPU s": bed.daemon_pid("b")}
    time.sleep(SETTLE_S)
    queries.take()
    before = {what: bed.cpu_seconds(pid) for what, pid in pids.items()}
    time.sleep(60 * IDLE_MINUTES)
    costs = {what: (bed.cpu_seconds(pid) - before[what]) / IDLE_MINUTES for what, pid in pids.items()}
    packets, size = queries.take()
    costs["question packets"], costs["question bytes"] = packets / IDLE_MINUTES, size / IDLE_MINUTES
    print(json.dumps(costs))
    program.stop()
    announcer.stop()


def measure(report, build, rounds):
    """All sides at one time, each on a bed of its own: idle programs leave room for it."""
    run_on_bed = os.path.join(os.path.dirname(bed.BED), "run-on-bed")
    for _ in range(rounds):
        running = {(count, who): subprocess.Popen(
            [run_on_bed, "-L", "-n", "2", "--", sys.executable, "-B", "-m", "questions.idle", build, who,
             str(count)], cwd=bed.BENCH, stdout=subprocess.PIPE) for count in COUNTS for who in SIDES}
        for (count, who), process in running.items():
            output = process.communicate()[0]
            if process.returncode != 0:
                raise bed.Incomplete(who)
            for what, value in json.loads(output).items():
                report.add(f"{count}, a minute: {what}", who, value)
    report.hold("1000: client CPU s a minute", report.median("1000, a minute: client CPU s", OURS),
                0.05)
    report.hold_ratio("1000, a minute: daemon CPU s", OURS, KEPT, 1.3)
    for count in COUNTS:
        report.hold_ratio(f"{count}, a minute: daemon CPU s", OURS, BROWSE, 2)
        report.hold_ratio(f"{count}, a minute: question packets", OURS, BROWSE, 2)


if __name__ == "__main__":
    measure_side(sys.argv[1], sys.argv[2], int(sys.argv[3]))
