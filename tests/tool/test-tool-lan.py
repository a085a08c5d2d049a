#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs disco(1) on two hosts of a bed: this program is on host a, and reaches host b by bed.sh."""

import errno
import json
import os
import pty
import queue
import signal
import subprocess
import sys
import threading
import time
import unittest

DISCO = os.path.abspath(sys.argv.pop(1))
BED = os.environ["BED"]
DEADLINE_S = 30
# the tool's own is that of a person who waits
TIMEOUT = f"--timeout={DEADLINE_S}"


def on_host(host, *args):
    """The command line that runs args on a host."""
    return list(args) if host == "a" else [BED, "exec", host, *args]


def run(host, *args, **options):
    """Runs disco on a host to its end."""
    return subprocess.run(on_host(host, DISCO, TIMEOUT, *args), capture_output=True, check=False,
                          encoding="utf-8", timeout=2 * DEADLINE_S, **options)


def read_all(terminal):
    """What is written to a terminal until all others have closed it; closes it."""
    text = b""
    with open(terminal, "rb", buffering=0) as file:
        while True:
            try:
                chunk = file.read(65536)
            except OSError as error:
                if error.errno != errno.EIO:  # the end, of a terminal
                    raise
                return text
            text += chunk


class Running:
    """A program on a host whose lines are read as they come."""

    def __init__(self, test, host, *args):
        self.process = subprocess.Popen(on_host(host, *args), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        encoding="utf-8")
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        test.addCleanup(self.stop)

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def line(self):
        """The next line, which has to come."""
        return self.lines.get(timeout=DEADLINE_S)

    def json(self):
        """The next line as an object."""
        return json.loads(self.line())

    def stop(self, signum=signal.SIGTERM):
        """Ends it; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        status = self.process.wait(DEADLINE_S)
        self.reader.join(DEADLINE_S)
        self.process.stdout.close()
        return status


class Disco(Running):
    """disco on a host, in --json mode."""

    def __init__(self, test, host, *args):
        super().__init__(test, host, DISCO, "--json", TIMEOUT, *args)


class TwoHosts(unittest.TestCase):
    def setUp(self):
        """A goodbye takes effect after one second (RFC 6762 §10.1): wait for the test before."""
        deadline = time.monotonic() + DEADLINE_S
        while run("a", "list").returncode != 3:
            self.assertLess(time.monotonic(), deadline, "services of another test are still there")

    def test_what_is_registered_is_found_with_all_that_it_tells(self):
        service = Disco(self, "b", "register", "http", "8080", "--id", "one", "--label", "B\u00fcro",
                        "--tag", "eu", "--tag", "a,b", "--attr", "path=/x=y", "--attr", "alone")
        self.assertEqual(service.json(), {"event": "registered", "id": "one", "name": "http",
                                          "label": "B\u00fcro"})
        found = run("a", "lookup", "http", "--json")
        self.assertEqual(found.returncode, 0, found.stderr)
        instance = json.loads(found.stdout)["instance"]
        self.assertEqual(list(instance), [
            "id", "name", "label", "type", "domain", "hostname", "host", "port", "addresses",
            "interfaces", "tags", "attributes", "local"])
        self.assertEqual(instance["id"], "one")
        self.assertEqual(instance["label"], "B\u00fcro")
        self.assertEqual(instance["type"], "_http._tcp")
        self.assertEqual(instance["domain"], "local")
        self.assertEqual(instance["port"], 8080)
        self.assertEqual(instance["host"], instance["addresses"][0])
        self.assertEqual(instance["interfaces"], ["eth0"])
        self.assertEqual(instance["tags"], ["eu", "a,b"])
        self.assertEqual(instance["attributes"], {"path": "/x=y", "alone": None})
        self.assertIs(instance["local"], False)
        text = run("a", "lookup", "http", "--tag", "a,b")
        self.assertEqual((text.returncode, text.stdout), (0, f"{instance['host']}:8080\n"))
        self.assertEqual(run("a", "lookup", "http", "--tag", "us").returncode, 3)
        watch = Disco(self, "a", "watch", "http")
        self.assertEqual(watch.json()["event"], "add")
        self.assertEqual(watch.json()["event"], "synced")
        self.assertEqual(service.stop(), 0)
        self.assertEqual(service.json(), {"event": "left", "id": "one"})
        self.assertEqual(watch.json()["event"], "remove")
        self.assertEqual(run("a", "lookup", "http").returncode, 3)

    def test_a_watch_tells_of_coming_and_going(self):
        first = Disco(self, "b", "register", "http", "1", "--id", "first")
        self.assertEqual(first.json()["event"], "registered")
        watch = Disco(self, "a", "watch", "http")
        event = watch.json()
        self.assertEqual((event["event"], event["instance"]["id"]), ("add", "first"))
        self.assertEqual(watch.json(), {"event": "synced", "count": 1})
        second = Disco(self, "b", "register", "http", "2", "--id", "second")
        event = watch.json()
        self.assertEqual((event["event"], event["instance"]["id"]), ("add", "second"))
        self.assertEqual(second.stop(signal.SIGINT), 0)
        event = watch.json()
        self.assertEqual((event["event"], event["instance"]["id"]), ("remove", "second"))
        self.assertEqual(watch.stop(signal.SIGINT), 0)

    def test_a_program_that_is_killed_is_gone_at_once(self):
        service = Disco(self, "b", "register", "http", "1", "--id", "killed")
        self.assertEqual(service.json()["event"], "registered")
        watch = Disco(self, "a", "watch", "http")
        self.assertEqual(watch.json()["event"], "add")
        self.assertEqual(watch.json()["event"], "synced")
        service.stop(signal.SIGKILL)
        event = watch.json()
        self.assertEqual((event["event"], event["instance"]["id"]), ("remove", "killed"))

    def test_watch_once_ends_after_the_first_full_set(self):
        services = [Disco(self, "b", "register", "ipp", "631", "--id", id) for id in "xyz"]
        for service in services:
            self.assertEqual(service.json()["event"], "registered")
        found = run("a", "watch", "ipp", "--once", "--json")
        self.assertEqual(found.returncode, 0, found.stderr)
        events = [json.loads(line) for line in found.stdout.splitlines()]
        self.assertEqual([event["event"] for event in events], ["add", "add", "add", "synced"])
        self.assertEqual({event["instance"]["id"] for event in events[:3]}, set("xyz"))
        self.assertEqual(events[3]["count"], 3)

    def test_a_label_that_is_taken_is_changed_and_the_id_stays(self):
        first = Disco(self, "b", "register", "http", "1", "--id", "one", "--label", "Printer")
        self.assertEqual(first.json()["label"], "Printer")
        second = Disco(self, "a", "register", "http", "2", "--id", "two", "--label", "Printer")
        self.assertEqual(second.json(), {"event": "registered", "id": "two", "name": "http",
                                         "label": "Printer #2"})

    def test_what_register_tells_is_what_others_see(self):
        long = "x" * 62 + "\u00fc"
        service = Disco(self, "b", "register", "_HTTP._tcp", "1", "--id", "one", "--label", long)
        self.assertEqual(service.json(), {"event": "registered", "id": "one", "name": "http",
                                          "label": "x" * 62})
        found = run("a", "lookup", "http", "--json")
        self.assertEqual(found.returncode, 0, found.stderr)
        instance = json.loads(found.stdout)["instance"]
        self.assertEqual((instance["name"], instance["label"]), ("http", "x" * 62))

    def test_list_shows_every_service_sorted(self):
        services = [Disco(self, host, "register", name, "80", "--id", id) for host, name, id in [
            ("b", "ipp", "p"), ("b", "billing invoices", "i"), ("a", "http", "w2"),
            ("b", "http", "w1")]]
        for service in services:
            self.assertEqual(service.json()["event"], "registered")
        found = run("a", "list")
        self.assertEqual(found.returncode, 0, found.stderr)
        rows = [line.split("\t") for line in found.stdout.splitlines()]
        self.assertEqual([row[:2] for row in rows], [
            ["billing invoices", "i"], ["http", "w1"], ["http", "w2"], ["ipp", "p"]])
        found = run("a", "list", "--json")
        lines = [json.loads(line) for line in found.stdout.splitlines()]
        self.assertEqual([(line["name"], [i["id"] for i in line["instances"]]) for line in lines],
                         [("billing invoices", ["i"]), ("http", ["w1", "w2"]), ("ipp", ["p"])])

    def test_what_the_network_sends_reaches_no_terminal_raw(self):
        evil = "\x1b[31mred\x07\u202e"
        peer = Running(self, "b", "avahi-publish-service", evil, "_http._tcp", "80", "k=\x1b[0m")
        while not peer.line().startswith("Established"):
            pass
        for args in (["list"], ["watch", "--once", "http"]):
            with self.subTest(args=args):
                found = run("a", *args)
                self.assertEqual(found.returncode, 0, found.stderr)
                self.assertIn("\\x1b[31mred\\x07\\u202e", found.stdout)
                self.assertNotIn("\x1b", found.stdout)
                self.assertNotIn("\x07", found.stdout)
        found = run("a", "lookup", "http", "--json")
        self.assertEqual(json.loads(found.stdout)["instance"]["label"], evil)
        self.assertEqual(json.loads(found.stdout)["instance"]["attributes"], {"k": "\x1b[0m"})

    def test_columns_are_aligned_on_a_terminal(self):
        services = [Disco(self, "b", "register", name, "80", "--id", id) for name, id in [
            ("http", "a-long-id"), ("billing invoices", "i")]]
        for service in services:
            self.assertEqual(service.json()["event"], "registered")
        terminal, slave = pty.openpty()
        with subprocess.Popen([DISCO, TIMEOUT, "list"], stdout=slave,
                              env={**os.environ, "NO_COLOR": "1"}) as process:
            os.close(slave)
            lines = read_all(terminal).decode().splitlines()
            self.assertEqual(process.wait(DEADLINE_S), 0)
        self.assertEqual(len(lines), 3)
        heading, first, second = lines
        self.assertNotIn("\t", heading + first + second)
        self.assertEqual(heading.index("ID"), first.index(" i  ") + 1)
        self.assertEqual(first.index(" i  "), second.index(" a-long-id  "))


if __name__ == "__main__":
    unittest.main(verbosity=2)
