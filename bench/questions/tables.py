# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that measure by themselves, and print what, who and how much with tabs between them."""

import subprocess


def take(report, *argv, **options):
    """Runs one of them, and takes its lines into the report."""
    output = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, **options).stdout
    for line in output.splitlines():
        what, who, value = line.split("\t")
        report.add(what, who, float(value))
