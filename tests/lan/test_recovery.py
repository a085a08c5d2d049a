#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon and a bus that die, come back, crash in a loop, are late, and change the host's name; while one program on that host announces 50 services and another one watches 200."""

import os
import signal
import threading
import time

import lan

N_SEEN = 200
N_ANNOUNCED = 50
# from the start of the daemon until a host that looks for the first time knows all
SEEN_S = 3.0


class Recovery(lan.LanTest):
    """Host a is the one that things happen to, b announces what is watched, c looks."""

    options = ("-n", "3")

    def pids(self):
        """{"avahi": pid, "dbus": pid} of host a"""
        result = lan.subprocess.run(self.bed.command("pids", "a"), check=True,
                                    capture_output=True, text=True)
        return {key: int(value) for key, value in
                (word.split("=") for word in result.stdout.split()) if value}

    def begin(self):
        watch = self.watch("a", "nfs")
        self.announce("b", "nfs", N_SEEN)
        self.announce("a", "sip", N_ANNOUNCED)
        watch.until(lambda: len(watch.instances) == N_SEEN, "all are known")
        return watch

    def check_nothing_told(self, watch, before):
        """Nothing was told of what did not change, and what changes now is told."""
        self.settle(watch, "b")
        told = [event for event in watch.events[before:]
                if not event["instance"]["id"].startswith("marker-")]
        self.assertEqual(told, [])

    def look_for_the_first_time(self, since):
        """How long after `since` a watcher on c that begins now knows all that a announces"""
        look = self.start(lan.Watch(self.bed, "c", "sip"))
        look.until(lambda: len(look.instances) == N_ANNOUNCED, "all that a announces is seen")
        seen = time.monotonic() - since
        look.stop()
        return seen

    def start_daemon_and_look(self):
        """Starts a's daemon, and looks on c at the same time."""
        since = time.monotonic()
        starter = threading.Thread(target=self.bed.call, args=("start", "a"))
        starter.start()
        seen = self.look_for_the_first_time(since)
        starter.join()
        return seen

    def test_what_a_daemon_and_a_bus_can_do(self):
        watch = self.begin()
        with self.subTest("killed and started"):
            before = len(watch.events)
            self.bed.call("kill", "a")
            self.bed.call("restart", "c")  # so that it remembers nothing of a
            seen = self.start_daemon_and_look()
            print("killed: all %d seen %.2f s after the start" % (N_ANNOUNCED, seen), flush=True)
            self.assertLess(seen, SEEN_S)
            self.check_nothing_told(watch, before)
        with self.subTest("stopped in order, and late"):
            before = len(watch.events)
            self.bed.call("kill", "a", "TERM")
            watch_late = self.start(lan.Watch(self.bed, "a", "nfs"))
            self.bed.call("start", "a")
            watch_late.until(lambda: len(watch_late.instances) == N_SEEN, "a late watcher knows all")
            self.check_nothing_told(watch, before)
        with self.subTest("crashed in a loop"):
            before = len(watch.events)
            for _ in range(4):
                self.bed.call("kill", "a")
                self.bed.call("start", "a")
            seen = self.look_for_the_first_time(time.monotonic())
            self.assertLess(seen, lan.DEADLINE_S)
            self.check_nothing_told(watch, before)
        with self.subTest("the bus restarted, and the daemon with it"):
            before = len(watch.events)
            os.kill(self.pids()["dbus"], signal.SIGKILL)
            self.bed.call("restart", "a")
            seen = self.look_for_the_first_time(time.monotonic())
            self.assertLess(seen, lan.DEADLINE_S)
            self.check_nothing_told(watch, before)
        with self.subTest("the host's name changed"):
            before = len(watch.events)
            self.bed.run("a", "dbus-send", "--system", "--print-reply",
                         "--dest=org.freedesktop.Avahi", "/",
                         "org.freedesktop.Avahi.Server.SetHostName", "string:renamed")
            look = self.start(lan.Watch(self.bed, "c", "sip"))
            look.until(lambda: len(look.instances) == N_ANNOUNCED and
                       {item["hostname"] for item in look.instances.values()} == {"renamed.local"},
                       "all that a announces is at its new name")
            self.check_nothing_told(watch, before)

    def test_a_bus_that_is_not_there_yet(self):
        os.kill(self.pids()["dbus"], signal.SIGKILL)
        self.bed.call("kill", "a")
        watch = self.start(lan.Watch(self.bed, "a", "ssh"))
        service = self.start(lan.Register(self.bed, "a", "ssh", "22", "--id", "early"))
        self.bed.call("start", "a")
        service.established()
        watch.until_known("early")

    def test_an_interface_that_goes_and_comes_with_another_address(self):
        self.register("a", "ldap", "389", "--id", "moves")
        watch = self.watch("c", "ldap")
        watch.until_like("moves", addresses=["198.51.100.1"])
        name = "%s-a" % self.bed.prefix
        self.bed.call("link", "a", "down")
        lan.subprocess.run(["ip", "-n", name, "addr", "flush", "dev", "eth0"], check=True)
        lan.subprocess.run(["ip", "-n", name, "addr", "add", "198.51.100.101/24", "dev", "eth0"],
                           check=True)
        self.bed.call("link", "a", "up")
        watch.until_like("moves", addresses=["198.51.100.101"])
        self.assertEqual([watch.count("add", "moves"), watch.count("remove", "moves")], [1, 0])


if __name__ == "__main__":
    lan.main()
