# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that look for the instances that host b announces, and what each look takes."""

import time

import bed

DEADLINE_S = 90
OURS, BROWSE, NAMES = "libdisco", "avahi-browse", "names only"
NAIVE, ZEROCONF, DBUS = "avahi-client", "python-zeroconf", "GDBus"
EMBEDDED = "libdisco, embedded"
# These look from host c, which has no daemon, and so are always cold. Host a has none meanwhile: as
# with the others one host asks, one answers, and no third one takes processor time.
ALONE = (ZEROCONF, EMBEDDED)


class Announcer:
    """Announces ever more instances on host b."""

    def __init__(self, build):
        self.build = build
        self.count = 0
        self.programs = []

    def grow_to(self, count):
        """Waits until so many are established, and a little for all to be over."""
        if count <= self.count:
            return
        program = bed.Program("b", f"{self.build}/bench/announce-naive", bed.TYPE,
                              str(count - self.count), str(self.count))
        self.programs.append(program)
        program.wait_for("established", 300)
        self.count = count
        time.sleep(4)  # the announcements' repetition

    def stop(self):
        """Ends them all."""
        for program in self.programs:
            program.stop()


class Browsed:
    """Reads avahi-browse's lines until all are resolved, and its memory meanwhile."""

    def __init__(self, host, count, *options):
        self.program = bed.Program(host, "stdbuf", "-oL", "avahi-browse", "-rp", *options, bed.TYPE)
        self.count = count
        self.peak = None

    def wait(self, seconds):
        """When the last one was resolved, since the start."""
        deadline = time.monotonic() + seconds
        known = set()
        while line := self.program.read_line(deadline):
            fields = line.split(";", 4)
            if fields[0] != "=" or fields[3] in known:
                continue
            known.add(fields[3])
            if len(known) == self.count:
                took = time.monotonic() - self.program.begin
                self.note_peak()
                return took
            if len(known) * 10 % self.count < 10:  # it may end with the last one
                self.note_peak()
        raise bed.Incomplete

    def note_peak(self):
        """The most memory so far."""
        self.peak = bed.peak_kilobytes(self.program.pid) or self.peak

    def wait_end(self, seconds):
        """When it ended by itself (-t), since the start; it has nothing more to say."""
        self.program.read_line(time.monotonic() + seconds)
        self.program.usage = self.program.wait_end(seconds)[2]
        return time.monotonic() - self.program.begin


def look_program(build, who, host, count):
    """The program of that side, begun."""
    argv = {
        OURS: (f"{build}/bench/look-ours", bed.NAME),
        EMBEDDED: (f"{build}/bench/look-ours", "--embedded", bed.NAME),
        NAIVE: (f"{build}/bench/look-naive", bed.TYPE),
        DBUS: (f"{build}/bench/look-dbus", bed.TYPE),
        NAMES: (f"{build}/bench/look-naive", "--names", bed.TYPE),
        ZEROCONF: ("/usr/bin/python3", "-B", f"{bed.BENCH}/look-zeroconf.py", bed.TYPE),
    }[who]
    return bed.Program(host, *argv, str(count))


def run(build, who, host, count, seconds=DEADLINE_S):
    """Looks once. Returns seconds, CPU seconds and peak kilobytes; seconds is None where not all came
    in time."""
    took = None
    if who == BROWSE:
        browsed = Browsed(host, count, "-t")
        try:
            took = browsed.wait(seconds)
            browsed.wait_end(seconds)
        except bed.Incomplete:
            pass
        return took, browsed.program.stop(), browsed.peak
    program = look_program(build, who, host, count)
    begin = 0
    try:
        if who == ZEROCONF:
            begin = program.wait_for("imported", seconds)[0]
        took = program.wait_for("known", seconds)[0] - begin
    except bed.Incomplete:
        pass
    peak = bed.peak_kilobytes(program.pid)
    return took, program.stop(), peak


def measure(report, build, who, count, how, queries=None, seconds=DEADLINE_S):
    """One look from host a, or c: with all that it took, into the report."""
    host = "c" if who in ALONE else "a"
    title = f"{count} {how}"
    hosts = "b" if who in ALONE else "ba"
    bed.rest(hosts)
    daemons = [bed.daemon_pid(name) for name in hosts]
    before = [bed.cpu_seconds(pid) for pid in daemons]
    if queries is not None:
        queries.take()
    took, cpu, peak = run(build, who, host, count, seconds)
    time.sleep(bed.PAUSE_S)
    after = [bed.cpu_seconds(pid) for pid in daemons]
    report.add(f"{title}, s", who, took)
    report.add(f"{title}, client CPU s", who, cpu)
    report.add(f"{title}, peak kB", who, peak)
    report.add(f"{title}, announcing daemon CPU s", who, after[0] - before[0])
    if who in ALONE:
        return
    report.add(f"{title}, daemon CPU s", who, after[1] - before[1])
    if queries is not None:
        packets, size = queries.take()
        report.add(f"{title}, question packets", who, packets)
        report.add(f"{title}, question bytes", who, size)


def cold_and_warm(report, build, who, count, queries=None, warm=True):
    """With nothing in the cache, and with all that this look has left there."""
    if who in ALONE:
        bed.stop("a")
    else:
        bed.restart("a")
    time.sleep(bed.PAUSE_S)
    measure(report, build, who, count, "cold", queries)
    if warm and who not in ALONE:
        measure(report, build, who, count, "warm", queries)
