#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Malformed packets from host a, while host b watches what host c offers: nothing of ours ends, and
what c offers is known in the end. avahi-daemon, which some packets end, is started again.

    DISCO_LAN_SECONDS=S   goes on for so long, each round with a seed of its own (one round)
    DISCO_LAN_PACKETS=N   of one round
    DISCO_TEST_SEED=SEED  of the first round"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests",
                                "lan"))
import lan  # noqa: E402 (the path to it is set above)

SENDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "send.py")
N_SERVICES = 8
SLICE = 100
# what was heard of them may have to run out first, and be asked for anew
BACK_S = 60


def number(name, default):
    return int(os.environ.get(name) or default)


class Round:
    """Packets of one seed, on fresh programs"""

    def __init__(self, test, seed):
        self.test, self.seed, self.sent = test, seed, 0
        self.restarts = 0
        test.fresh()
        self.announcer = test.start(lan.Announcer(test.bed, "c", "fuzz", N_SERVICES))
        self.watch = test.watch("b", "fuzz")
        self.announcer.established()
        self.watch.until(lambda: len(self.watch.instances) == N_SERVICES, "all are known")
        self.ids = set(self.watch.instances)
        labels = [instance["label"] for instance in self.watch.instances.values()]
        self.sender = test.program("a", "/usr/bin/python3", "-B", SENDER, str(seed), "198.51.100.2",
                                   "alike" if test.alike else "unlike", *sorted(labels))
        self.ours = [process for process in (self.announcer, self.watch)
                     if process is self.announcer or "b" in test.embedded]
        self.responders = {process: process.children() for process in self.ours}

    def where(self):
        again = "DISCO_TEST_SEED=%d DISCO_LAN_PACKETS=%d scripts/fuzz --lan 1 %s" % (
            self.seed, self.sent, type(self.test).__name__)
        return "seed %d, packets up to %d; again: %s" % (self.seed, self.sent, again)

    def check_alive(self):
        for process in (self.announcer, self.watch):
            self.test.assertFalse(process.ended, "%s has ended: %s\n%s" % (
                process.name, self.where(), process.stderr()[-5000:]))
        for process in self.ours:
            self.test.assertEqual(process.children(), self.responders[process],
                                  "the responder of %s has ended: %s\n%s" % (
                                      process.name, self.where(), process.stderr()[-5000:]))
        self.restarts += self.test.revive()

    def play(self, count):
        for first in range(0, count, SLICE):
            size = min(SLICE, count - first)
            self.sender.send("%d %d" % (first, size))
            self.sender.until_line("sent %d %d" % (first, size))
            self.sent = first + size
            self.check_alive()
        self.sender.stop(lan.signal.SIGTERM)

    def until(self, condition, what):
        """Waits with a daemon that may yet end by what it has heard."""
        end = time.monotonic() + BACK_S
        while not condition():
            self.check_alive()
            self.test.assertIsNone(self.watch.wrong, self.where())
            self.test.assertLess(time.monotonic(), end, "%s: not %s; known: %s" % (
                self.where(), what, sorted(self.watch.instances)))
            with self.watch.changed:
                self.watch.changed.wait(0.2)

    def check_known(self):
        """What c offers is known, and what it offers from now on."""
        self.until(lambda: self.ids <= set(self.watch.instances), "all are known again")
        self.announcer.tell("add newcomer")
        self.until(lambda: "newcomer" in self.watch.instances, "a newcomer is known")
        self.check_alive()

    def end(self):
        for process in (self.watch, self.announcer):
            self.test._finish(process)


class Packets(lan.LanTest):
    """What both have in common. Where the responders of b and c are `alike` they take in the same
    packets; avahi-daemon takes in what disco-responder does not."""

    alike = False

    def fresh(self):
        """Nothing is left of an earlier round."""

    def revive(self):
        """How many daemons had to be started again"""
        return 0

    def play(self):
        seed = number("DISCO_TEST_SEED", 1)
        count = number("DISCO_LAN_PACKETS", 400)
        end = time.monotonic() + number("DISCO_LAN_SECONDS", 0)
        rounds = restarts = 0
        while rounds == 0 or time.monotonic() < end:
            one = Round(self, seed + rounds)
            one.play(count)
            one.check_known()
            one.end()
            rounds += 1
            restarts += one.restarts
        print("%s: %d rounds of %d packets from seed %d on, %d restarts of avahi-daemon" % (
            type(self).__name__, rounds, count, seed, restarts), flush=True)


class Daemon(Packets):
    options = ("-n", "3", "-x", "a", "-x", "c", "-o", "cache-entries-max=20000")
    embedded = "c"

    def fresh(self):
        if getattr(self, "used", False):
            self.bed.call("restart", "b")
        self.used = True

    def is_running(self):
        try:
            with open(os.path.join(self.bed.directory, "b", "avahi.pid"), encoding="ascii") as file:
                pid = file.read().split()[0]
            with open("/proc/%s/stat" % pid, encoding="utf-8", errors="replace") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def revive(self):
        if self.is_running():
            return 0
        self.bed.call("start", "b")
        return 1

    def test_what_is_known_survives_malformed_packets(self):
        self.play()


class Embedded(Packets):
    alike = True
    options = ("-n", "3", "-x", "a", "-x", "b", "-x", "c")
    embedded = "bc"

    def test_what_is_known_survives_malformed_packets(self):
        self.play()


if __name__ == "__main__":
    lan.main()
