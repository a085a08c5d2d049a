# SPDX-License-Identifier: LGPL-2.1-or-later
"""The bed of hosts that the questions are asked on (tests/lan/bed.sh): programs on its hosts and what
they and the daemons take. Runs on host a."""

import ctypes
import os
import select
import signal
import socket
import struct
import subprocess
import time

BENCH = os.path.dirname(os.path.abspath(__file__))
BED = os.path.join(os.path.dirname(BENCH), "tests", "lan", "bed.sh")
TYPE = "_bench._tcp"
NAME = "bench"
# After this time what was multicast is multicast again when it is asked for (RFC 6762 §6), and what
# was sent because of the last look is over.
PAUSE_S = 1.5


class Incomplete(Exception):
    """What was waited for has not come."""


def bed(*arguments):
    """Runs bed.sh."""
    subprocess.run([BED, *arguments], check=True, stdout=subprocess.DEVNULL)


def restart(host, *settings):
    """Starts a host's daemon anew, with nothing in its cache."""
    bed("restart", host, *settings)


def stop(host):
    """Ends a host's daemon; restart() brings it back."""
    bed("kill", host, "TERM")


def daemon_pid(host):
    """The process of a host's avahi-daemon."""
    with open(f"{os.environ['BED_DIR']}/{host}/avahi.pid", encoding="ascii") as file:
        return int(file.read().split()[0])


def cpu_seconds(pid):
    """The CPU time of a process until now, of all its threads that are still there."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def rest(hosts, seconds=30):
    """Waits until the hosts' daemons have nothing left to do: where there are thousands of instances,
    what others have asked for keeps them busy for seconds. At most so long."""
    pids = [daemon_pid(host) for host in hosts]
    deadline = time.monotonic() + seconds
    at_rest = 0
    before = sum(cpu_seconds(pid) for pid in pids)
    while at_rest < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
        now = sum(cpu_seconds(pid) for pid in pids)
        at_rest = at_rest + 1 if now - before < 0.002 else 0
        before = now


def peak_kilobytes(pid):
    """The most memory that a process has had until now; None when it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return None


class Program:
    """A program that runs on a host, and the lines that it prints."""

    def __init__(self, host, *argv):
        network = f"/run/netns/{os.environ['BED_PREFIX']}-{host}"
        bus = f"unix:path={os.environ['BED_DIR']}/{host}/bus"
        env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=bus, BENCH_DIR=BENCH, LC_ALL="C.UTF-8")
        self.begin = time.monotonic()
        # nsenter is replaced by the program
        self.process = subprocess.Popen(["nsenter", f"--net={network}", *argv], env=env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, bufsize=0)
        self.pid = self.process.pid
        self.text = b""
        self.usage = None

    def read_line(self, deadline):
        """The next line; "" at the end. Raises Incomplete at the deadline."""
        while b"\n" not in self.text:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise Incomplete
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                return ""
            self.text += data
        line, _, self.text = self.text.partition(b"\n")
        return line.decode(errors="replace") + "\n"

    def wait_for(self, word, seconds):
        """Reads until a line begins with that word; when that was, since the start, and the rest of
        the line."""
        deadline = time.monotonic() + seconds
        while line := self.read_line(deadline):
            first, _, rest = line.strip().partition(" ")
            if first == word:
                return time.monotonic() - self.begin, rest
        raise Incomplete

    def next_line(self, seconds):
        """The next line. Raises Incomplete if none comes in time."""
        line = self.read_line(time.monotonic() + seconds)
        if not line:
            raise Incomplete
        return line.strip()

    def say(self, line):
        """Gives it a line of input."""
        self.process.stdin.write(line.encode() + b"\n")

    def stop(self):
        """Ends it, and waits for the end. Its CPU time from first to last."""
        if self.usage is None:
            self.process.stdin.close()
            _, _, self.usage = self.wait_end(10)
        return self.usage.ru_utime + self.usage.ru_stime

    def wait_end(self, seconds):
        """Waits until it ends, and then ends it, if need be by force."""
        deadline = time.monotonic() + seconds
        step = {deadline: signal.SIGTERM, deadline + 5: signal.SIGKILL}
        while True:
            result = os.wait4(self.pid, os.WNOHANG)
            if result[0] != 0:
                self.process.returncode = os.waitstatus_to_exitcode(result[1])
                self.process.stdout.close()
                return result
            for when in [when for when in step if time.monotonic() > when]:
                os.kill(self.pid, step.pop(when))
            time.sleep(0.001)


class Queries:
    """Counts the IPv4 multicast DNS questions that leave host a on eth0, which this process is on.
    The kernel keeps them until they are counted."""

    FILTER = (  # of RFC 1035's messages those with QR = 0, to port 5353, outgoing
        (0x28, 0, 0, 0xfffff004),  # ld packet type
        (0x15, 0, 12, 4),          # outgoing
        (0x28, 0, 0, 0xfffff000),  # ldh protocol
        (0x15, 0, 10, 0x0800),     # IPv4
        (0x30, 0, 0, 9),           # ldb its protocol
        (0x15, 0, 8, 17),          # UDP
        (0x28, 0, 0, 6),           # ldh fragment
        (0x45, 6, 0, 0x1fff),      # a later one
        (0xb1, 0, 0, 0),           # ldx header length
        (0x48, 0, 0, 2),           # ldh destination port
        (0x15, 0, 3, 5353),
        (0x50, 0, 0, 10),          # ldb flags
        (0x45, 1, 0, 0x80),        # a response
        (0x6, 0, 0, 0xffff),
        (0x6, 0, 0, 0),
    )

    def __init__(self):
        code = b"".join(struct.pack("HBBI", *instruction) for instruction in self.FILTER)
        buffer = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("HP", len(self.FILTER), ctypes.addressof(buffer))
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER copies it
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        self.socket.bind(("eth0", 3))  # all protocols: only then what is sent is seen
        self.socket.setblocking(False)

    def take(self):
        """How many since the last time, and their bytes."""
        packets = size = 0
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return packets, size
            packets += 1
            size += len(data)

