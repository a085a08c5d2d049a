#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""announcer.py TYPE COUNT - a host with COUNT instances of "_TYPE._tcp" that answers for them, and needs
next to no time for it: Avahi's grows with the square of what it announces, so that it is itself what
would be measured. Answers by multicast (RFC 6762), and leaves out what a question says it knows already.
Prints "ready"; until SIGTERM."""

import os
import select
import socket
import struct
import sys
import time

from zeroconf import DNSIncoming

GROUP = ("224.0.0.251", 5353)
RESPONSE = 0x8400  # RFC 6762 §18: a response, authoritative
IN, UNIQUE = 1, 0x8001
A, PTR, TXT, SRV, ANY = 1, 12, 16, 33, 255
TTL_S = 4500
# from one packet to the next: what an Avahi needs for what it hears grows with the square of what comes
# within half a second
PACE_S = 0.008
# after a question, and where more of what it knows is to come (RFC 6762 §6, §7.2)
DELAY_S, DELAY_MORE_S = 0.05, 0.45
PER_PACKET = 10
HOST = "many.local."


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))


def record(owner, kind, rdata, unique=True):
    return encode(owner) + struct.pack("!HHIH", kind, UNIQUE if unique else IN, TTL_S,
                                       len(rdata)) + rdata


class Announcer:
    def __init__(self, kind, count):
        address = socket.inet_aton(os.environ["BED_IP"])
        self.kind = f"_{kind}._tcp.local."
        self.names = {f"n{i}.{self.kind}".lower(): f"n{i}.{self.kind}" for i in range(count)}
        self.address = record(HOST, A, address)
        self.wanted = set()  # names in lower case: asked for one by one
        self.all_wanted = False
        self.known = set()
        self.due = None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
        self.socket.bind(("", GROUP[1]))
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                               socket.inet_aton(GROUP[0]) + address)

    def send(self, records):
        self.socket.sendto(struct.pack("!HHHHHH", 0, RESPONSE, 0, len(records), 0, 0)
                           + b"".join(records), GROUP)
        time.sleep(PACE_S)

    def hear(self, data):
        message = DNSIncoming(data)
        if not message.valid or not message.is_query():
            return
        for question in message.questions:
            name = question.name.lower()
            if name == self.kind and question.type in (PTR, ANY):
                self.all_wanted = True
            elif name in self.names:
                self.wanted.add(name)
            elif name == HOST and question.type in (A, ANY):
                self.send([self.address])
        self.known.update(known.alias.lower() for known in message.answers if known.type == PTR)
        if self.wanted or self.all_wanted:
            self.due = time.monotonic() + (DELAY_MORE_S if message.truncated else DELAY_S)

    def answer(self):
        asked = [name for name in self.names
                 if name in self.wanted or (self.all_wanted and name not in self.known)]
        self.wanted, self.all_wanted, self.known, self.due = set(), False, set(), None
        for first in range(0, len(asked), PER_PACKET):
            records = [self.address]
            for key in asked[first:first + PER_PACKET]:
                name = self.names[key]
                records += [record(self.kind, PTR, encode(name), unique=False),
                            record(name, SRV, struct.pack("!HHH", 0, 0, 9) + encode(HOST)),
                            record(name, TXT, b"\0")]
            self.send(records)

    def run(self):
        print("ready", flush=True)
        while True:
            wait = None if self.due is None else max(self.due - time.monotonic(), 0)
            if select.select([self.socket], [], [], wait)[0]:
                self.hear(self.socket.recv(65536))
            elif self.due is not None:
                self.answer()


if __name__ == "__main__":
    Announcer(sys.argv[1], int(sys.argv[2])).run()
