#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""send.py SEED VICTIM alike|unlike [LABEL…]: for each line "FIRST COUNT" sends these packets of
packets.py by multicast, or to the address VICTIM alone, and says "sent FIRST COUNT". The labels are
somebody's, whose responder is like VICTIM's or not. Only on a bed of hosts (tests/lan): until the
end of its input."""

import os
import socket
import sys
import time

import packets

GROUP = ("224.0.0.251", 5353)
# below what a daemon takes a second at most
PACKETS_PER_SECOND = 800


def sender(port):
    result = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    result.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    result.bind((os.environ["BED_IP"], port))
    result.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                      socket.inet_aton(os.environ["BED_IP"]))
    result.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    result.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
    return result


def main():
    victim = (sys.argv[2], 5353)
    made = packets.Packets(int(sys.argv[1]), labels=sys.argv[4:], hosts=("host-b", "host-c"),
                           alike=sys.argv[3] == "alike")
    ours, legacy = sender(5353), sender(0)
    for line in sys.stdin:
        first, count = (int(word) for word in line.split())
        for number in range(first, first + count):
            data, alone, from_other_port = made.packet(number)
            (legacy if from_other_port else ours).sendto(data, victim if alone else GROUP)
            time.sleep(1 / PACKETS_PER_SECOND)
        print("sent", first, count, flush=True)


if __name__ == "__main__":
    main()
