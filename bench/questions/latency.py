# SPDX-License-Identifier: LGPL-2.1-or-later
"""from the call that registers to the ADD, and from a changed TXT record to the UPDATE, in seconds"""

import os

import bed
from questions import tables

# a and b have daemons; c and d are for responders of our own, e for python-zeroconf's
BED = ["-n", "5", "-x", "c", "-x", "d", "-x", "e"]
MINUTES = 2
ROUNDS = 15


def measure(report, build, rounds):
    """One program measures all sides by turns."""
    tables.take(report, f"{build}/bench/register-latency", str(rounds),
                env=dict(os.environ, BENCH_DIR=bed.BENCH))
    report.hold_ratio("TXT change to UPDATE", "libdisco", "python-zeroconf", 1.3)
    over = {who: report.median("register to ADD", who)
            for who in ("libdisco", "libdisco, embedded", "avahi-client")}
    report.hold("register to ADD: s over avahi-client", over["libdisco"] - over["avahi-client"], 0.08)
    report.hold("register to ADD: s, embedded over the daemon",
                over["libdisco, embedded"] - over["libdisco"], 0.06)
