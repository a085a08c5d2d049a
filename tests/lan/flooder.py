#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""flooder.py TYPE NAMES TARGET - announces so many instances of "_TYPE._tcp" by multicast, at some
thousands a second, and then a hundred a second on and on. TARGET is the host name that their SRV
records point at, which is this host's; with "-" they have no records but the PTR. Prints "flooded"
when the first lot is out; until SIGTERM."""

import itertools
import os
import socket
import struct
import sys
import time

GROUP = ("224.0.0.251", 5353)
RESPONSE = 0x8400  # RFC 6762 §18: a response, authoritative
IN = 1
A, PTR, TXT, SRV = 1, 12, 16, 33
TTL_S = 4500


def label(text):
    return bytes([len(text)]) + text.encode()


def name(*labels):
    return b"".join(label(text) for text in labels) + b"\0"


def record(owner, kind, rdata):
    return owner + struct.pack("!HHIH", kind, IN, TTL_S, len(rdata)) + rdata


def records_of(number, kind, target, address):
    """Those of one instance."""
    instance = label("n%d" % number) + kind
    yield record(kind, PTR, instance)
    if target:
        yield record(instance, SRV, struct.pack("!HHH", 0, 0, 9) + target)
        yield record(instance, TXT, b"\0")
        if number % 100 == 0:
            yield record(target, A, address)


def main():
    kind = name("_" + sys.argv[1], "_tcp", "local")
    count = int(sys.argv[2])
    target = name(sys.argv[3], "local") if sys.argv[3] != "-" else b""
    address = socket.inet_aton(os.environ["BED_IP"])
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
    sender.bind(("", GROUP[1]))
    for first in itertools.count(0, 10):
        records = [item for number in range(first, first + 10)
                   for item in records_of(number, kind, target, address)]
        sender.sendto(struct.pack("!HHHHHH", 0, RESPONSE, 0, len(records), 0, 0)
                      + b"".join(records), GROUP)
        time.sleep(0.002 if first < count else 0.1)
        if first <= count < first + 10:
            print("flooded", flush=True)


if __name__ == "__main__":
    main()
