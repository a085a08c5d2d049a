#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""zeroconf-watch.py TYPE COMMANDS REPORTS - the watcher of latency.h, with python-zeroconf: the last
arguments are the descriptors of the pipes."""

import os
import struct
import sys
import time

from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

TYPE = sys.argv[1] + ".local."
UPDATE = 1000000  # LATENCY_UPDATE
COMMAND = struct.Struct("ci")
REPORT = struct.Struct("iq")
COMMANDS, REPORTS = int(sys.argv[2]), int(sys.argv[3])


def report(index):
    os.write(REPORTS, REPORT.pack(index, time.monotonic_ns() // 1000))


def commands():
    while len(data := os.read(COMMANDS, COMMAND.size)) == COMMAND.size:
        what, index = COMMAND.unpack(data)
        yield what, index


class Watcher(ServiceListener):
    def __init__(self):
        self.known = set()

    def look(self, responder, name):
        info = responder.get_service_info(TYPE, name)
        index = int(name.partition(".")[0])
        if info is not None and index not in self.known:
            self.known.add(index)
            report(index)
        elif info is not None and info.properties.get(b"state") == b"new":
            report(index + UPDATE)

    def add_service(self, zc, type_, name):
        self.look(zc, name)

    def update_service(self, zc, type_, name):
        self.look(zc, name)

    def remove_service(self, zc, type_, name):
        pass


def watch(responder):
    browser = ServiceBrowser(responder, TYPE, Watcher())
    report(0)
    for _ in commands():
        pass
    browser.cancel()


zeroconf = Zeroconf()
watch(zeroconf)
zeroconf.close()
