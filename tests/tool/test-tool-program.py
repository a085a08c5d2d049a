#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs disco(1) where it needs no network: there is no system bus to reach, and no responder."""

import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

DISCO = sys.argv.pop(1)
DEADLINE_S = 30
ENVIRONMENT = {
    **os.environ,
    "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus",
    "DISCO_RESPONDER": "/nonexistent/disco-responder",
    "LC_ALL": "C",
}


def run(*args):
    """Runs disco to its end, with the bytes that it printed as text."""
    return subprocess.run([DISCO, *args], env=ENVIRONMENT, capture_output=True, check=False,
                          encoding="utf-8", timeout=DEADLINE_S)


def start(*args, **environment):
    """Starts disco."""
    return subprocess.Popen([DISCO, *args], env={**ENVIRONMENT, **environment}, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_until(condition, what):
    """Waits for a condition, never for a time."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {DEADLINE_S} s")
        time.sleep(0.005)


def catches(process, signum):
    """Whether the process has a handler for a signal."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        caught = next(line for line in file if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (signum - 1) & 1


class Usage(unittest.TestCase):
    def test_wrong_usage_is_status_2_and_one_line_that_says_why(self):
        for args, part in [
                ([], "command is missing"),
                (["frobnicate"], '"frobnicate" is no command'),
                (["--frobnicate"], "--frobnicate"),
                (["watch"], "watch needs NAME"),
                (["register", "http", "x"], '"x" is no port'),
                (["--timeout=never", "list"], '"never" is no number of seconds'),
                (["--backend=x", "list"], '"x" is no backend'),
                (["watch", "_no-type"], "_no-type"),
                (["lookup", "--once", ""], "--once"),
                (["register", "B\u00fcro", "B\u00fcro"], '"B\u00fcro" is no port'),
        ]:
            with self.subTest(args=args):
                result = run(*args)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertTrue(result.stderr.startswith("disco: "), result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1)
                self.assertIn(part, result.stderr)

    def test_each_command_has_a_help_of_its_own(self):
        for command in ("register", "watch", "list", "lookup", "doctor"):
            with self.subTest(command=command):
                result = run(command, "--help")
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertTrue(result.stdout.startswith(f"Usage: disco [OPTION\u2026] {command}"))
                self.assertIn(f"Examples:\n  disco {command}", result.stdout)
                self.assertEqual(run("help", command).stdout, result.stdout)
                self.assertIn(f"  {command} ", run("--help").stdout)

    def test_with_json_an_error_is_an_object_on_standard_error(self):
        for args in [["--json"], ["list", "extra", "--json"], ["--json", "watch", "_x"],
                     ["--json", "--frobnicate"]]:
            with self.subTest(args=args):
                result = run(*args)
                self.assertEqual(result.returncode, 2, result.stderr)
                error = json.loads(result.stderr)
                self.assertEqual(list(error), ["event", "code", "message"])
                self.assertEqual(error["event"], "error")
                self.assertEqual(error["code"], "invalid-argument")

    def test_what_was_typed_reaches_the_terminal_escaped(self):
        result = run("\x1b[31mred")
        self.assertEqual(result.returncode, 2)
        self.assertIn("\\x1b[31mred", result.stderr)
        self.assertNotIn("\x1b", result.stderr)

    def test_help_and_version_are_printed_on_standard_output(self):
        for args, part in [(["--help"], "register NAME PORT"), (["watch", "--help"], "--once"),
                           (["--version"], "disco ")]:
            with self.subTest(args=args):
                result = run(*args)
                self.assertEqual(result.returncode, 0)
                self.assertIn(part, result.stdout)
                self.assertEqual(result.stderr, "")

    def test_closed_standard_output_does_no_harm(self):
        result = subprocess.run(["sh", "-c", 'exec "$0" --version >&-', DISCO], env=ENVIRONMENT,
                                check=False, capture_output=True, timeout=DEADLINE_S)
        self.assertEqual((result.returncode, result.stderr), (0, b""))


class Unavailable(unittest.TestCase):
    def test_without_a_daemon_every_command_is_status_4(self):
        commands = [["list"], ["lookup", "http"], ["watch", "http"], ["watch", "--once", "http"],
                    ["register", "http", "80"]]
        with concurrent.futures.ThreadPoolExecutor(len(commands)) as pool:
            results = pool.map(
                lambda args: run("--backend=daemon", "--json", "--timeout=25", *args), commands)
        for args, result in zip(commands, results):
            with self.subTest(args=args):
                self.assertEqual(result.returncode, 4, result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertEqual(json.loads(result.stderr)["code"], "unavailable")

    def test_without_a_responder_the_error_names_it(self):
        for backend in "auto", "embedded":
            with self.subTest(backend=backend):
                result = run(f"--backend={backend}", "lookup", "http")
                self.assertEqual(result.returncode, 4, result.stderr)
                self.assertIn(ENVIRONMENT["DISCO_RESPONDER"], result.stderr)

    def test_the_time_can_be_over_before_that(self):
        result = run("--backend=daemon", "--timeout=0.2", "list")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "disco: Timed out after 0.2 s\n")


class Doctor(unittest.TestCase):
    """On the interface lo alone: nothing leaves the machine."""

    ARGUMENTS = ["doctor", "--backend=daemon", "--interface=lo"]

    def test_what_failed_is_said_and_is_status_1(self):
        result = run(*self.ARGUMENTS, "--json")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(result.stderr, "")
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        for line in lines:
            self.assertEqual(list(line), ["check", "status", "detail"])
        self.assertEqual([line["check"] for line in lines if line["check"] != "responders"],
                         ["bus", "daemon", "interfaces", "multicast", "loop"])
        found = {line["check"]: line for line in lines}
        self.assertEqual({check: line["status"] for check, line in found.items()
                          if check != "responders"},
                         {"bus": "failed", "daemon": "failed", "interfaces": "ok",
                          "multicast": "ok", "loop": "failed"})
        self.assertIn("systemctl start dbus", found["bus"]["detail"])
        self.assertIn("Usable: lo.", found["interfaces"]["detail"])
        self.assertIn("224.0.0.251 on lo", found["multicast"]["detail"])

    def test_text_is_one_line_a_check(self):
        result = run(*self.ARGUMENTS)
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        self.assertEqual({len(row) for row in rows}, {3})
        self.assertEqual(rows[0][:2], ["failed", "bus"])
        self.assertEqual(rows[-1][:2], ["failed", "loop"])


class Ending(unittest.TestCase):
    def test_signals_end_a_command_with_status_0(self):
        for signum in (signal.SIGINT, signal.SIGTERM):
            for args in (["watch", "http"], ["register", "http", "80"], ["list"]):
                with self.subTest(signum=signum, args=args):
                    process = start("--backend=daemon", *args)
                    wait_until(lambda: catches(process, signum), "a signal handler")
                    process.send_signal(signum)
                    out, err = process.communicate(timeout=DEADLINE_S)
                    self.assertEqual((process.returncode, out, err), (0, b"", b""))

    def test_a_signal_ends_a_doctor_while_the_bus_hangs(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as bus:
            path = os.path.join(folder, "bus")
            bus.bind(path)
            bus.listen()
            bus.settimeout(DEADLINE_S)
            process = start("doctor", "--backend=daemon", "--interface=lo",
                            DBUS_SYSTEM_BUS_ADDRESS="unix:path=" + path)
            client, _ = bus.accept()
            wait_until(lambda: catches(process, signal.SIGINT), "a signal handler")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=DEADLINE_S)
            client.close()
        self.assertEqual((process.returncode, out, err), (0, b"", b""))

    def test_a_watch_ends_when_nobody_reads_it_any_more(self):
        process = start("--backend=daemon", "watch", "http")
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=DEADLINE_S)
        self.assertEqual((process.returncode, err), (0, b""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
