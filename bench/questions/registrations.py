# SPDX-License-Identifier: LGPL-2.1-or-later
"""1,000 registrations of one program: until all are established, and how long a call takes"""

import time

import bed
from questions.looks import DBUS, NAIVE, OURS

BED = ["-L", "-n", "2"]
MINUTES = 2
COUNT = 1000


def measure(report, build, rounds):
    """The daemon is started anew before each, so that none has to say goodbye meanwhile."""
    for _ in range(rounds):
        for who, name, service in ((OURS, "announce-ours", bed.NAME),
                                   (NAIVE, "announce-naive", bed.TYPE),
                                   (DBUS, "announce-dbus", bed.TYPE)):
            bed.restart("a")
            time.sleep(bed.PAUSE_S)
            before = bed.cpu_seconds(bed.daemon_pid("a"))
            program = bed.Program("a", f"{build}/bench/{name}", service, str(COUNT))
            if who == OURS:
                report.add("ms of the longest call", who, float(program.wait_for("called", 60)[1]))
            report.add("established, s", who, program.wait_for("established", 60)[0])
            report.add("daemon CPU s", who, bed.cpu_seconds(bed.daemon_pid("a")) - before)
            report.add("peak kB", who, bed.peak_kilobytes(program.pid))
            report.add("client CPU s", who, program.stop())
    report.hold_paired_ratio("established, s", OURS, NAIVE, 1.05)
    report.hold("ms of the longest call", report.median("ms of the longest call", OURS), 5)
