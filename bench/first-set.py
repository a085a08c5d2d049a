#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""first-set.py BUILD [COUNT [ROUNDS]] - how long until a program that begins to look knows all of
COUNT instances that another host announces, with nothing in any cache: libdisco with a responder of
its own and with a daemon, avahi-browse -rtp, and python-zeroconf, by turns. Medians of ROUNDS, in
seconds from the start of the program to its last instance. Host a has a daemon, which is restarted
before each look; b announces; c has none."""

import os
import statistics
import subprocess
import sys
import time

BUILD = sys.argv[1]
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 7
BED = os.environ["BED"]
DEADLINE_S = 60
TYPE = "b-many"

ZEROCONF = """
import sys, time
from zeroconf import ServiceBrowser, Zeroconf
class Listener:
    def add_service(self, zeroconf, kind, name):
        if zeroconf.get_service_info(kind, name) is not None:
            print(name, flush=True)
    update_service = add_service
    def remove_service(self, zeroconf, kind, name):
        pass
zeroconf = Zeroconf()
ServiceBrowser(zeroconf, sys.argv[1], Listener())
time.sleep(60)
"""


def on(host, *argv):
    """The command that runs a program on a host."""
    return [BED, "exec", host, "unshare", "--uts", "sh", "-c",
            'echo "$0" >/proc/sys/kernel/hostname && exec "$@"', f"host-{host}", *argv]


def time_lines(argv, get_instance):
    """Seconds until the program has printed COUNT different instances; it is ended then."""
    begin = time.monotonic()
    known = set()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          encoding="utf-8") as process:
        for line in process.stdout:
            instance = get_instance(line)
            if instance is not None:
                known.add(instance)
            if len(known) >= COUNT:
                break
        seconds = time.monotonic() - begin
        process.terminate()  # 'timeout' hands it on; who lives on would answer in the next look
    if len(known) < COUNT:
        sys.exit(f"{argv}: only {len(known)} of {COUNT}")
    return seconds


def resolved(line):
    fields = line.split(";")
    return fields[3] if fields[0] == "=" else None


def added(line):
    fields = line.split("\t")
    return fields[1] if fields[0] == "add" else None


def disco(host, backend):
    return time_lines(on(host, "timeout", str(DEADLINE_S), f"{BUILD}/tools/disco",
                         f"--backend={backend}", "watch", TYPE), added)


def restart_daemon():
    subprocess.run([BED, "restart", "a"], check=True, stdout=subprocess.DEVNULL)


def ours_embedded():
    return disco("c", "embedded")


def ours_daemon():
    restart_daemon()
    return disco("a", "daemon")


def avahi_browse():
    restart_daemon()
    return time_lines(on("a", "timeout", str(DEADLINE_S), "stdbuf", "-oL", "avahi-browse", "-rp",
                         f"_{TYPE}._tcp"), resolved)


def python_zeroconf():
    return time_lines(on("c", "timeout", str(DEADLINE_S), "/usr/bin/python3", "-c", ZEROCONF,
                         f"_{TYPE}._tcp.local."), str.strip)


SIDES = {
    "libdisco, embedded": ours_embedded,
    "libdisco, daemon": ours_daemon,
    "avahi-browse": avahi_browse,
    "python-zeroconf": python_zeroconf,
}


def main():
    announcer = subprocess.Popen(on("b", f"{BUILD}/tests/lan/lan-announcer", TYPE, str(COUNT)),
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert announcer.stdout.readline() == "established\n"
    # goodbyes and the last announcements are over
    time.sleep(5)
    taken = {side: [] for side in SIDES}
    for _ in range(ROUNDS):
        for side, measure in SIDES.items():
            taken[side].append(measure())
            time.sleep(2)
    announcer.stdin.close()
    announcer.wait(DEADLINE_S)
    medians = {side: statistics.median(times) for side, times in taken.items()}
    print(f"{COUNT} instances, cold, s".ljust(28) + "median   × avahi-browse   × python-zeroconf")
    for side, median in medians.items():
        print(f"{side:26} {median:8.3f} {median / medians['avahi-browse']:16.2f}"
              f" {median / medians['python-zeroconf']:19.2f}")


if __name__ == "__main__":
    main()
