# SPDX-License-Identifier: LGPL-2.1-or-later
"""how long asynchronous calls keep their caller while the daemon stands still, in milliseconds"""

import os
import signal

import bed
from questions.looks import OURS

BED = ["-n", "1"]
MINUTES = 1
LOCAL = "local agent"
SIDES = {OURS: "daemon", LOCAL: "local"}
SECONDS = 60
# Of the worst of 1,000 calls, beyond the local agent's; and of a call that is cancelled
BEYOND_MS, CANCELLED_MS = 5, 50


def call(report, build, who):
    """Each call 1,000 times; the daemon stands still meanwhile. Returns their names."""
    calls = []
    program = bed.Program("a", f"{build}/bench/calls", SIDES[who])
    program.wait_for("ready", SECONDS)
    daemon = bed.daemon_pid("a")
    os.kill(daemon, signal.SIGSTOP)
    try:
        program.say("go")
        while (line := program.next_line(SECONDS).split())[0] != "called":
            calls.append(line[0])
            report.add(f"worst of 1,000, ms: {line[0]}", who, float(line[1]))
    finally:
        os.kill(daemon, signal.SIGCONT)
    program.say("go on")
    program.wait_for("well", SECONDS)
    program.stop()
    return calls


def measure(report, build, rounds):
    """Each agent by turns. The local one has nothing to diagnose."""
    for _ in range(rounds):
        calls = {who: call(report, build, who) for who in SIDES}
    for name in calls[OURS]:
        what = f"worst of 1,000, ms: {name}"
        ours = report.median(what, OURS)
        if name.endswith("-cancelled"):
            report.hold(what, ours, CANCELLED_MS)
        else:
            local = report.median(what, LOCAL) if name in calls[LOCAL] else 0
            report.hold(f"{what}: later than the local agent's", ours - local, BEYOND_MS)
