# SPDX-License-Identifier: LGPL-2.1-or-later
"""D-Bus messages an instance, of 1,000, cold and warm, and how many browsers 100 watchers make"""

import collections
import signal
import tempfile
import time

import bed
from questions.looks import (BROWSE, DBUS, NAIVE, NAMES, OURS, Announcer, Browsed,
                             look_program)

BED = ["-L", "-n", "2"]
MINUTES = 3
COUNT = 1000
ROUNDS = 1
KINDS = {"call": "calls", "reply": "replies", "signal": "signals"}
LIVE_S = 20  # names are followed when no more have come for a while; record browsers, if any, 50 a second


class Monitor:
    """Counts what passes host a's bus, by kind and member."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(mode="r", encoding="utf-8")
        self.program = bed.Program("a", "sh", "-c", 'exec dbus-monitor --system --profile >"$0"',
                                   self.file.name)
        time.sleep(1)

    def stop(self):
        """Ends it; the counts."""
        time.sleep(1)
        self.program.process.send_signal(signal.SIGINT)  # it writes out what it has
        self.program.stop()
        counts = collections.Counter()
        for line in self.file:
            fields = line.rstrip("\n").split("\t")
            kind = {"mc": "call", "mr": "reply", "err": "reply", "sig": "signal"}.get(fields[0])
            if kind is not None:
                counts[kind] += 1
                counts[fields[-1]] += 1
        self.file.close()
        return counts


def look(build, who, stay=0):
    """The messages of one look."""
    monitor = Monitor()
    if who == BROWSE:
        browsed = Browsed("a", COUNT, "-t")
        browsed.wait(90)
        browsed.wait_end(90)
        return monitor.stop()
    program = look_program(build, who, "a", COUNT)
    program.wait_for("known", 90)
    time.sleep(stay)
    program.stop()  # what it does while the monitor ends is no longer part of it
    return monitor.stop()


def measure(report, build, rounds):
    """Every side by turns: cold, where we have heard what there is, and warm."""
    announcer = Announcer(build)
    announcer.grow_to(COUNT)
    for _ in range(rounds):
        for who in (OURS, BROWSE, NAMES, NAIVE, DBUS):
            bed.restart("a")
            time.sleep(bed.PAUSE_S)
            bed.rest("ba")
            for how in ("cold", "warm"):
                counts = look(build, who)
                for kind in KINDS:
                    report.add(f"{KINDS[kind]} an instance until known, {how}", who,
                               counts[kind] / COUNT)
        counts = look(build, OURS, LIVE_S)
        for kind in KINDS:
            report.add(f"{KINDS[kind]} an instance until live", OURS, counts[kind] / COUNT)
        counts = watch_often(build)
        report.add("browsers of 100 watchers", OURS, counts["ServiceBrowserNew"]
                   + counts["ServiceBrowserPrepare"])
    announcer.stop()
    cold = "calls an instance until known, cold"
    report.hold(cold, report.median(cold, OURS), 0.5)
    report.hold("browsers of 100 watchers", report.median("browsers of 100 watchers", OURS), 1)


def watch_often(build):
    """The messages of one program with 100 watchers of one service."""
    monitor = Monitor()
    program = bed.Program("a", f"{build}/bench/look-ours", "--watchers", "100", bed.NAME, str(COUNT))
    program.wait_for("known", 90)
    counts = monitor.stop()
    program.stop()
    return counts
