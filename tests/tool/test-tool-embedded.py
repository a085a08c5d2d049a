#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs disco(1) with a responder of its own on the loopback interface: no daemon, no bus, and nobody
says where the responder is."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import unittest
import uuid

DISCO = sys.argv.pop(1)
DEADLINE_S = 30
OPTIONS = ["--json", "--backend=embedded", "--interface=lo", "--timeout=%d" % DEADLINE_S]
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "DISCO_RESPONDER"}
ENVIRONMENT["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"


class Program:
    """disco, and the events that it prints. It is a process group of its own, as a shell makes it, and
    yet ends with this one, whatever ends that."""

    def __init__(self, *args):
        self.child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", DISCO, *OPTIONS, *args],
                                      env=ENVIRONMENT, text=True, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, start_new_session=True)
        self.events = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.events.put(json.loads(line))
        self.events.put(None)

    def next(self):
        """The next event; an exception if there is none in time, or no more."""
        event = self.events.get(timeout=DEADLINE_S)
        if event is None:
            raise AssertionError("it has ended")
        return event

    def interrupt(self):
        """What a terminal does at Ctrl+C: its responder gets the signal too."""
        os.killpg(self.child.pid, signal.SIGINT)
        status = self.child.wait(DEADLINE_S)
        self.reader.join(DEADLINE_S)
        self.child.stdout.close()
        return status

    def close(self):
        """Ends it if it still runs."""
        if self.child.poll() is None:
            self.interrupt()


class Embedded(unittest.TestCase):
    def setUp(self):
        # of this test alone
        self.name = "t" + uuid.uuid4().hex[:10]

    def start(self, *args):
        program = Program(*args)
        self.addCleanup(program.close)
        return program

    def register(self, port):
        program = self.start("register", self.name, port, "--id", "one", "--tag", "red")
        self.assertEqual(program.next()["event"], "registered")
        return program

    def test_what_one_program_registers_another_finds_at_the_loopback_address(self):
        self.register("4711")
        found = subprocess.run([DISCO, *OPTIONS[1:], "lookup", self.name], env=ENVIRONMENT,
                               capture_output=True, check=False, text=True, timeout=DEADLINE_S)
        self.assertEqual((found.returncode, found.stdout, found.stderr),
                         (0, "127.0.0.1:4711\n", ""))

    def test_a_program_that_is_interrupted_says_goodbye(self):
        watch = self.start("watch", self.name)
        self.assertEqual(watch.next(), {"event": "synced", "count": 0})
        service = self.register("80")
        added = watch.next()
        self.assertEqual((added["event"], added["instance"]["id"]), ("add", "one"))
        self.assertEqual((added["instance"]["interfaces"], added["instance"]["tags"],
                          added["instance"]["local"]), (["lo"], ["red"], True))
        self.assertEqual(service.interrupt(), 0)
        self.assertEqual(service.next()["event"], "left")
        self.assertEqual(watch.next()["event"], "remove")
        self.assertEqual(watch.interrupt(), 0)

    def test_doctor_finds_nothing_wrong(self):
        found = subprocess.run([DISCO, *OPTIONS, "doctor"], env=ENVIRONMENT, capture_output=True,
                               check=False, text=True, timeout=DEADLINE_S)
        lines = [json.loads(line) for line in found.stdout.splitlines()]
        # who else answers depends on the machine
        self.assertEqual({line["check"]: line["status"] for line in lines
                          if line["check"] != "responders"},
                         dict.fromkeys(["bus", "daemon", "interfaces", "multicast", "loop"], "ok"))
        self.assertEqual((found.returncode, found.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
