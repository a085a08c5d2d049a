# SPDX-License-Identifier: LGPL-2.1-or-later
"""2,000 registrations and 5,000 instances of one program, with a daemon and without: only where named"""

import subprocess

import bed

# The daemon's cache and pace are the machine's; its limits for a program are as they come.
BED = ["-n", "3", "-x", "b", "-x", "c", "-o", "cache-entries-max=1000000",
       "-o", "ratelimit-interval-usec=0"]
MINUTES = 5
ROUNDS = 1


def measure(report, build, rounds):
    """A program of its own says what is missing."""
    for _ in range(rounds):
        missing = subprocess.run(["/usr/bin/python3", "-B", f"{bed.BENCH}/limits.py", build],
                                 check=False).returncode
        report.add("programs that missed something", "libdisco", missing)
    report.hold("programs that missed something",
                report.median("programs that missed something", "libdisco"), 0)
