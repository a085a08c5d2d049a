# SPDX-License-Identifier: LGPL-2.1-or-later
"""the diff of two snapshots, in ns of CPU time an id: 1 % others and shuffled, and the same again"""

import bed
from questions import tables

BED = None
MINUTES = 1


def measure(report, build, rounds):
    """By turns within each size."""
    tables.take(report, f"{build}/bench/diff", str(rounds))
    tables.take(report, "/usr/bin/python3", "-B", f"{bed.BENCH}/diff-set.py", str(rounds))
    report.hold_ratio("churn 100000", "libdisco", "GHashTable", 0.5)
    for size in (1000, 100000, 1000000):
        report.hold_ratio(f"churn {size}", "libdisco", "Python set", 1)
        report.hold_ratio(f"same {size}", "libdisco", "pointers", 3)
