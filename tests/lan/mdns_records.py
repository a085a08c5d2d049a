#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints each PTR record that comes in over IPv4, a line each: INTERFACE TTL NAME. TTL 0 is a
goodbye (RFC 6762 §10.1). Begins with "listening"; until SIGINT or SIGTERM."""

import signal
import socket
import sys

from zeroconf import DNSIncoming

ETH_P_IP = 0x0800
MDNS_PORT = 5353
TYPE_PTR = 12


def payload(packet):
    """What a UDP packet to the mDNS port carries; None of another packet."""
    header = (packet[0] & 0x0f) * 4
    if packet[9] != socket.IPPROTO_UDP or len(packet) < header + 8:
        return None
    if int.from_bytes(packet[header + 2:header + 4], "big") != MDNS_PORT:
        return None
    return packet[header + 8:]


def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP)) as listener:
        print("listening", flush=True)
        while True:
            packet, address = listener.recvfrom(65536)
            data = payload(packet) if address[2] != socket.PACKET_OUTGOING else None
            for record in DNSIncoming(data).answers if data else ():
                if record.type == TYPE_PTR:
                    print(address[0], record.ttl, record.alias, flush=True)


if __name__ == "__main__":
    main()
