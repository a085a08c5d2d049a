#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""limits.py BUILD [REGISTRATIONS [INSTANCES]] - one program that registers 2,000 services and watches
5,000 instances, on host a with a daemon, then on host c with a responder of its own; both with their
own limits, but that the daemon's cache is large enough and it is not kept from sending (scripts/bench limits).
Host b has the instances. Exit status 1 if anything is missing."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = sys.argv[1]
REGISTRATIONS = sys.argv[2] if len(sys.argv) > 2 else "2000"
INSTANCES = sys.argv[3] if len(sys.argv) > 3 else "5000"
BED = os.environ["BED"]
NAME = "b-many"


def on(host, *argv):
    """The command that runs a program on a host."""
    return [BED, "exec", host, "unshare", "--uts", "sh", "-c",
            'echo "$0" >/proc/sys/kernel/hostname && exec "$@"', f"host-{host}", *argv]


def main():
    status = 0
    with subprocess.Popen(on("b", "/usr/bin/python3", "-B", f"{HERE}/announcer.py", NAME, INSTANCES),
                          stdout=subprocess.PIPE, text=True) as announcer:
        if announcer.stdout.readline() != "ready\n":
            sys.exit("host b cannot announce")
        for host, backend in (("a", "daemon"), ("c", "embedded")):
            print(f"{backend}:", flush=True)
            status |= subprocess.run(on(host, f"{BUILD}/bench/limits", backend, REGISTRATIONS, NAME,
                                        INSTANCES)).returncode
        announcer.terminate()
    sys.exit(status)


if __name__ == "__main__":
    main()
