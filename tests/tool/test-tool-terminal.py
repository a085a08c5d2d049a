#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs disco(1) in a pseudo terminal, with a responder of its own on the loopback interface, and looks
at what the terminal gets, and at what state it is left in."""

import fcntl
import os
import re
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest
import uuid

DISCO, ANNOUNCER = sys.argv[1:3]
DEADLINE_S = 30
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "ENV")},
    "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus",
    "LC_ALL": "C.UTF-8",
    "TERM": "xterm-256color",
    "PS1": "prompt> ",
}
OPTIONS = ["--backend=embedded", "--interface=lo"]
HOME = "\x1b[H\x1b[K"
LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
SGR = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """A terminal with a program in it, the leader of its session as a shell's is."""

    def __init__(self, test, *args, size=(80, 24), stdout=None, **environment):
        self.master, self.slave = os.openpty()
        test.addCleanup(self.close)
        self.resize(*size)
        self.modes = termios.tcgetattr(self.slave)
        self.written = ""
        self.child = subprocess.Popen(
            args, env={**ENVIRONMENT, **environment}, stdin=self.slave,
            stdout=self.slave if stdout is None else stdout, stderr=self.slave,
            start_new_session=True, preexec_fn=self._own_terminal)

    def _own_terminal(self):
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def resize(self, width, height):
        """What a window does: who is in the foreground gets SIGWINCH."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def type(self, keys):
        os.write(self.master, keys.encode())

    def read(self, wait_s):
        if select.select([self.master], [], [], wait_s)[0]:
            self.written += os.read(self.master, 65536).decode(errors="replace")

    def wait_for(self, condition, what):
        """Reads until condition is true of the lines of the last painting."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition(self.lines()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not come: {self.written[-2000:]!r}")
            self.read(0.1)

    def wait_for_text(self, text):
        """Reads until it comes, and forgets what came before."""
        self.wait_for(lambda _: text in self.written, repr(text))
        self.written = self.written.partition(text)[2]

    def lines(self):
        frame = self.written.rpartition(HOME)[2].partition("\x1b[H\x1b[J")[0]
        return [SGR.sub("", line) for line in frame.split("\r\n\x1b[K")]

    def wait(self):
        """Its exit status, once all that it wrote is read."""
        deadline = time.monotonic() + DEADLINE_S
        while self.child.poll() is None and time.monotonic() < deadline:
            self.read(0.05)
        while select.select([self.master], [], [], 0)[0]:
            self.read(0)
        return self.child.wait(0)

    def close(self):
        """Ends what is in it with all its jobs, as a window that is closed."""
        os.close(self.slave)
        os.close(self.master)
        try:
            self.child.wait(DEADLINE_S)
        finally:
            self.child.kill()


class Live(unittest.TestCase):
    def setUp(self):
        self.name = "t" + uuid.uuid4().hex[:10]

    def announce(self):
        """Announces the ids NAME-1 to NAME-3."""
        announcer = subprocess.Popen([ANNOUNCER, self.name, "3", "embedded"], env=ENVIRONMENT,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(announcer.communicate)
        self.assertEqual(announcer.stdout.readline(), "established\n")
        return announcer

    def tell(self, announcer, command):
        announcer.stdin.write(command + "\n")
        announcer.stdin.flush()
        self.assertEqual(announcer.stdout.readline(), "done\n")

    def watch(self, *args, **keywords):
        return Terminal(self, DISCO, *OPTIONS, "watch", self.name, *args, **keywords)

    def assert_restored(self, terminal):
        self.assertEqual(terminal.written.count("\x1b[?1049h"), terminal.written.count(LEAVE))
        self.assertEqual(termios.tcgetattr(terminal.slave), terminal.modes)

    def test_the_table_follows_the_network_and_the_window_until_ctrl_c(self):
        terminal = self.watch()
        terminal.wait_for(lambda lines: "looking…" in lines[0], "the title")
        self.assertFalse(termios.tcgetattr(terminal.slave)[3] & termios.ECHO)
        terminal.wait_for(lambda lines: any(line.startswith("Nobody offers it") for line in lines),
                          "the empty table")
        announcer = self.announce()
        # a painting is read in pieces, of which the title may be the first
        rows = [["+", f"{self.name}-{i}", "127.0.0.1:8000"] for i in (1, 2, 3)]
        terminal.wait_for(lambda lines: "3 instances" in lines[0] and rows == [
            line.split()[:3] for line in lines if self.name + "-" in line], "three instances")

        terminal.resize(40, 6)
        terminal.wait_for(lambda lines: len(lines) == 6 and "ID" in lines[1], "the small table")
        self.assertLessEqual(max(map(len, terminal.lines())), 40)
        terminal.resize(100, 30)
        terminal.wait_for(lambda lines: len(lines) == 30 and lines[29] == "q ends", "the large one")

        self.tell(announcer, f"port {self.name}-2 4711")
        terminal.wait_for(lambda lines: any(line.startswith("* ") and ":4711" in line
                                            for line in lines), "the change")
        self.tell(announcer, f"deregister {self.name}-3")
        terminal.wait_for(lambda lines: any(line.startswith(f"- {self.name}-3 ")
                                            for line in lines), "the end of one")
        self.assertIn("\x1b[32m+\x1b[m", terminal.written)

        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 0)
        self.assert_restored(terminal)
        last = terminal.written.rpartition(LEAVE)[2].splitlines()
        self.assertEqual([line.split()[:2] for line in last],
                         [["ID", "ADDRESS"], [self.name + "-1", "127.0.0.1:8000"],
                          [self.name + "-2", "127.0.0.1:4711"]])

    def test_a_job_is_stopped_and_goes_on_here_and_there_and_q_ends_it(self):
        terminal = Terminal(self, "sh", "-i", NO_COLOR="1")
        terminal.wait_for_text("prompt> ")
        command = " ".join([DISCO, *OPTIONS, "watch", self.name])
        terminal.type(command + "; echo status $?\n")
        terminal.wait_for(lambda lines: "0 instances" in lines[0], "the table")
        terminal.type("\x1a")
        terminal.wait_for_text(LEAVE)
        terminal.wait_for_text("prompt> ")
        self.assertEqual(termios.tcgetattr(terminal.slave)[3] & termios.ECHO, termios.ECHO)
        # in the background it neither reads what is typed nor paints, and is not stopped for that
        terminal.type("bg\n")
        terminal.wait_for_text("prompt> ")
        terminal.type("echo $((6 * 7)); jobs\n")
        terminal.wait_for_text("42")
        terminal.wait_for_text("Running")
        terminal.wait_for_text("prompt> ")
        self.assertNotIn("\x1b", terminal.written)
        terminal.type("fg; echo status $?\n")
        terminal.wait_for_text("\x1b[?1049h")
        terminal.wait_for(lambda lines: "0 instances" in lines[0], "the table again")
        self.assertIsNone(SGR.search(terminal.written), "a colour in spite of NO_COLOR")
        terminal.type("q")
        terminal.wait_for_text(LEAVE)
        terminal.wait_for_text("status 0")
        terminal.type("exit\n")
        self.assertEqual(terminal.wait(), 0)

    def test_a_job_in_the_background_ends_when_it_is_told_to(self):
        terminal = Terminal(self, "sh", "-i")
        command = " ".join([DISCO, *OPTIONS, "watch", self.name])
        terminal.type(command + "\n")
        terminal.wait_for(lambda lines: "0 instances" in lines[0], "the table")
        terminal.type("\x1a")
        terminal.wait_for_text(LEAVE)
        terminal.type("bg; kill -INT %1; wait %1; echo status $?\n")
        terminal.wait_for_text("status 0")

    def test_what_kills_it_leaves_the_terminal_as_it_was(self):
        for signum, status in ((signal.SIGTERM, 0), (signal.SIGQUIT, -signal.SIGQUIT)):
            with self.subTest(signum=signum):
                terminal = self.watch()
                terminal.wait_for(lambda lines: "looking…" in lines[0], "the table")
                terminal.child.send_signal(signum)
                self.assertEqual(terminal.wait(), status)
                self.assert_restored(terminal)

    def test_a_terminal_that_cannot_be_painted_gets_a_line_an_event(self):
        terminal = self.watch(TERM="dumb")
        terminal.wait_for_text("synced")
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("\x1b", terminal.written)

    def test_who_waits_sees_that_something_goes_on_on_standard_error(self):
        reader, writer = os.pipe()
        terminal = Terminal(self, DISCO, *OPTIONS, "lookup", self.name, stdout=writer)
        os.close(writer)
        self.assertEqual(terminal.wait(), 3)
        with open(reader, "rb") as out:
            self.assertEqual(out.read(), b"")
        before, erased, after = terminal.written.rpartition("\r\x1b[K")
        self.assertIn(f"Looking for {self.name}…", before)
        self.assertEqual(erased + after,
                         "\r\x1b[K\x1b[31mdisco:\x1b[m Nothing was found\r\n")


if __name__ == "__main__":
    # a network of its own, where that may be had; else it is the interface lo alone
    apart = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if "DISCO_TEST_NAMESPACE" not in os.environ and subprocess.call(
            [*apart, "true"], stderr=subprocess.DEVNULL) == 0:
        os.environ["DISCO_TEST_NAMESPACE"] = "1"
        os.execvp(apart[0], [*apart, sys.executable, "-B", *sys.argv])
    unittest.main(argv=sys.argv[:1], verbosity=2)
