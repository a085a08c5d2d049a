# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lan tests share: a bed of hosts (bed.sh), programs that run on them, and the tool's
events as they arrive. Every wait is for a condition and has a deadline."""

import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BED = os.path.join(HERE, "bed.sh")
# how long anything may take that the network answers at once; generous, for sanitizers
DEADLINE_S = 30.0
# the tool's own is that of a person who waits
TIMEOUT = "--timeout=%g" % DEADLINE_S


def wrapper():
    """The command that test programs are run by (valgrind), empty for none."""
    return [word for word in os.environ.get("DISCO_TEST_WRAPPER", "").split(";") if word]


def built(*path):
    """A program of the build that is tested."""
    return os.path.join(os.environ["DISCO_BUILD"], *path)


class Process:
    """A program on a host whose lines of output are waited for."""

    def __init__(self, bed, host, argv):
        self.name = "%s on %s" % (os.path.basename(argv[0]), host)
        self.lines = []
        self.ended = False
        self.wrong = None
        self.error_text = ""
        self.changed = threading.Condition()
        self.errors = tempfile.TemporaryFile()
        # exec by exec the program takes the place of the shell, so that signals reach it
        self.child = subprocess.Popen(
            bed.on(host, *argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, text=True, encoding="utf-8", bufsize=1)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                if self.wrong is None:
                    self.wrong = self.on_line(self.lines[-1])
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def on_line(self, line):
        """Called for each line, with the lock held; returns what is wrong with it, or None."""

    def children(self):
        """The processes that it has started and that run."""
        found = []
        for stat in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(stat, encoding="utf-8", errors="replace") as file:
                    pid, rest = file.read().split(" ", 1)
            except OSError:
                continue
            state, parent = rest.rpartition(")")[2].split()[:2]
            if int(parent) == self.child.pid and state != "Z":
                found.append(int(pid))
        return found

    def stderr(self):
        if not self.errors.closed:
            self.errors.seek(0)
            self.error_text = self.errors.read().decode("utf-8", "replace")
        return self.error_text

    def until(self, condition, what, seconds=DEADLINE_S):
        """Waits until condition() holds, and returns what it returned."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                if self.wrong is not None:
                    raise AssertionError("%s: %s" % (self.name, self.wrong))
                value = condition()
                if value:
                    return value
                left = end - time.monotonic()
                if self.ended or left <= 0:
                    raise AssertionError("%s: not within %.0f s%s: %s\noutput:\n%s\nerrors:\n%s" % (
                        self.name, seconds, " (it ended)" if self.ended else "", what,
                        "\n".join(self.lines[-50:]), self.stderr()[-5000:]))
                self.changed.wait(left)

    def until_line(self, part, seconds=DEADLINE_S):
        return self.until(lambda: next((line for line in self.lines if part in line), None),
                          "a line with " + part, seconds)

    def send(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def stop(self, signal_number=signal.SIGINT):
        """Ends the program and returns its exit status."""
        if self.child.poll() is None:
            self.child.send_signal(signal_number)
        try:
            status = self.child.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError("%s does not end on %s" % (self.name, signal_number))
        finally:
            self.reader.join(DEADLINE_S)
            self.child.stdin.close()
            self.child.stdout.close()
            self.stderr()
            self.errors.close()
        if self.wrong is not None:
            raise AssertionError("%s: %s" % (self.name, self.wrong))
        return status


class Register(Process):
    """disco register; `label` is what the network calls it now."""

    def __init__(self, bed, host, *arguments):
        self.label = None
        self.left = False
        super().__init__(bed, host, bed.tool(host, "--json", TIMEOUT, "register", *arguments))

    def on_line(self, line):
        event = json.loads(line)
        if event["event"] in ("registered", "renamed"):
            self.label = event["label"]
        self.left = self.left or event["event"] == "left"

    def established(self):
        self.until(lambda: self.label is not None, "the service is established")
        return self


class Watch(Process):
    """disco watch; replays the events and checks that they fit each other."""

    def __init__(self, bed, host, *arguments):
        self.instances = {}  # id -> instance
        self.events = []
        self.synced = False
        super().__init__(bed, host, bed.tool(host, "--json", "watch", *arguments))

    def on_line(self, line):
        event = json.loads(line)
        self.events.append(event)
        if event["event"] == "synced":
            self.synced = True
            return None
        instance = event["instance"]
        known = self.instances.get(instance["id"])
        if (event["event"] == "add") != (known is None):
            return "an event that does not fit the ones before: " + line
        # as text, for the order of attributes counts
        if event["event"] == "update" and json.dumps(known) == json.dumps(instance):
            return "an update that changes nothing: " + line
        if event["event"] == "remove":
            del self.instances[instance["id"]]
        else:
            self.instances[instance["id"]] = instance
        return None

    def count(self, kind, identity=None):
        return sum(1 for event in self.events if event["event"] == kind
                   and (identity is None or event["instance"]["id"] == identity))

    def until_synced(self):
        self.until(lambda: self.synced, "the first full set is known")
        return self

    def until_known(self, identity, seconds=DEADLINE_S):
        return self.until(lambda: self.instances.get(identity), identity + " is known", seconds)

    def until_gone(self, identity, seconds=DEADLINE_S):
        self.until(lambda: self.count("remove", identity) and identity not in self.instances,
                   identity + " is gone", seconds)

    def until_like(self, identity, seconds=DEADLINE_S, **properties):
        """Waits until the instance has these properties."""
        def like():
            instance = self.instances.get(identity)
            return instance and all(instance[key] == value
                                    for key, value in properties.items()) and instance
        return self.until(like, "%s has %s" % (identity, properties), seconds)


class Announcer(Process):
    """lan-announcer: one program with many services, told by lines what to do."""

    def __init__(self, bed, host, name, count=1):
        super().__init__(bed, host, wrapper() + [built("tests", "lan", "lan-announcer"), name,
                                                 str(count), bed.backend(host)])

    def established(self):
        self.until_line("established")
        return self

    def tell(self, line):
        """Sends a command and waits until it is carried out."""
        before = sum(1 for known in self.lines if known == "done")
        self.send(line)
        self.until(lambda: sum(1 for known in self.lines if known == "done") > before,
                   "it is done: " + line)


class Bed:
    """Hosts a, b, c, … of bed.sh, with a directory and a prefix of their own. Programs of ours on the
    embedded hosts use no daemon but a responder of their own."""

    def __init__(self, *options, embedded=""):
        self.options = options
        self.embedded = embedded
        self.names = {host: "host-" + host for host in embedded}
        self.directory = tempfile.mkdtemp(prefix="disco-bed.")
        self.prefix = "l%d" % os.getpid()

    def command(self, verb, *arguments):
        return [BED, verb, "-d", self.directory, "-p", self.prefix, *arguments]

    def call(self, verb, *arguments):
        subprocess.run(self.command(verb, *arguments), check=True, stdin=subprocess.DEVNULL)

    def up(self):
        status = subprocess.run(self.command("up", "-w", str(os.getpid()), *self.options),
                                stdin=subprocess.DEVNULL).returncode
        if status == 77:
            raise unittest.SkipTest("no bed can be made here")
        if status != 0:
            raise RuntimeError("the bed does not come up")

    def down(self):
        subprocess.run(self.command("down"), stdin=subprocess.DEVNULL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def backend(self, host):
        return "embedded" if host in self.embedded else "daemon"

    def on(self, host, *argv):
        """The command that runs a program on a host. The daemons' hosts have their names from the
        daemons' configuration, the embedded ones from the system."""
        if host in self.embedded:
            argv = ("unshare", "--uts", "sh", "-c",
                    'echo "$0" >/proc/sys/kernel/hostname && exec "$@"', self.names[host], *argv)
        return self.command("exec", host, *argv)

    def tool(self, host, *arguments):
        return wrapper() + [built("tools", "disco"), "--backend=" + self.backend(host), *arguments]

    def run(self, host, *argv):
        """Runs a program to its end; returns the completed process."""
        return subprocess.run(self.on(host, *argv), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, encoding="utf-8", timeout=120)

    def disco(self, host, *arguments):
        return self.run(host, *self.tool(host, "--json", TIMEOUT, *arguments))


class LanTest(unittest.TestCase):
    """Tests that share one bed; `options` are those of bed.sh up, `embedded` the hosts where our
    programs have a responder of their own."""

    options = ()
    embedded = ""

    @classmethod
    def setUpClass(cls):
        cls.bed = Bed(*cls.options, embedded=cls.embedded)
        cls.addClassCleanup(cls.bed.down)
        cls.bed.up()

    def start(self, process):
        """Ends the program with the test, which fails if it then does not end well."""
        self.addCleanup(self._finish, process)
        return process

    def _finish(self, process):
        if process.child.stdin.closed:
            return
        status = process.stop()
        self.assertEqual(status, 0, "%s: exit status %d\n%s" % (
            process.name, status, process.stderr()[-5000:]))

    def register(self, host, *arguments):
        return self.start(Register(self.bed, host, *arguments)).established()

    def watch(self, host, *arguments):
        return self.start(Watch(self.bed, host, *arguments)).until_synced()

    def announce(self, host, name, count=1):
        return self.start(Announcer(self.bed, host, name, count)).established()

    def program(self, host, *argv):
        """A program that is not ours: how it ends is its own affair."""
        process = Process(self.bed, host, argv)
        self.addCleanup(lambda: process.child.stdin.closed or process.stop(signal.SIGTERM))
        return process

    def filter(self, host, hook, *rules):
        """Sets up a packet filter on the host until the test is over."""
        if not shutil.which("nft", path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            self.skipTest("nft is missing")
        commands = ["add table inet lan",
                    "add chain inet lan c { type filter hook %s priority 0; }" % hook]
        commands += ["add rule inet lan c " + rule for rule in rules]
        self.addCleanup(self.bed.run, host, "nft", "delete", "table", "inet", "lan")
        for command in commands:
            result = self.bed.run(host, "nft", command)
            if result.returncode != 0:
                self.skipTest("nft cannot filter here: " + result.stderr)

    def settle(self, watch, host):
        """Returns when all that went out before has reached the watcher: a service announced
        afterwards has come and gone."""
        name = watch.child.args[-1] if watch.child.args[-2] == "watch" else None
        assert name, "settle() needs a watch with a name alone"
        marker = self.register(host, name, "9", "--id", "marker-%d" % len(watch.events))
        identity = json.loads(marker.lines[0])["id"]
        watch.until_known(identity)
        marker.stop()
        watch.until_gone(identity)


def main():
    """Runs the tests of the calling file; 77 if there can be no bed, unless there must be one."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    program = unittest.main(exit=False, verbosity=2)
    if not program.result.wasSuccessful():
        sys.exit(1)
    if program.result.skipped:
        sys.exit(1 if os.environ.get("DISCO_REQUIRE_LAN") == "1" else 77)
