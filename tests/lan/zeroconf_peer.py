#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""python-zeroconf as a peer, on a host without avahi-daemon.

zeroconf_peer.py publish TYPE LABEL PORT HOST_TTL [KEY[=VALUE]]…  until SIGTERM
zeroconf_peer.py browse TYPE                                       prints a JSON line an event
zeroconf_peer.py ask TYPE LABEL     asks, at every line of input, until there is an answer, and never
                                    remembers one
zeroconf_peer.py goodbyes           prints the name and kind of each record that is withdrawn
"""

import json
import signal
import socket
import sys
import threading

import zeroconf


def own_address():
    """The address of eth0, which multicast goes out of."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("224.0.0.251", 5353))
        return probe.getsockname()[0]


def say(**event):
    print(json.dumps(event), flush=True)


def publish(responder, service_type, label, port, host_ttl, *attributes):
    pairs = [item.partition("=") for item in attributes]
    info = zeroconf.ServiceInfo(
        service_type + ".local.", label + "." + service_type + ".local.", port=int(port),
        addresses=[socket.inet_aton(own_address())], server="zeroconf-peer.local.",
        properties={key: value if equals else None for key, equals, value in pairs},
        host_ttl=int(host_ttl))
    responder.register_service(info)
    say(event="published")


class Listener(zeroconf.ServiceListener):
    def __init__(self, service_type):
        self.service_type = service_type

    def add_service(self, responder, service_type, name):
        # a subtype's answers name the service by its own type
        info = responder.get_service_info(service_type, name)
        if info is None:
            say(event="unresolved", name=name)
            return
        say(event="add", name=name, port=info.port, server=info.server,
            addresses=info.parsed_addresses(),
            properties={key.decode(): None if value is None else value.decode()
                        for key, value in info.properties.items()})

    def update_service(self, responder, service_type, name):
        info = responder.get_service_info(service_type, name)
        say(event="update", name=name, port=info.port if info else None)

    def remove_service(self, responder, service_type, name):
        say(event="remove", name=name)


def ask(service_type, label):
    for _ in sys.stdin:
        responder = zeroconf.Zeroconf(interfaces=[own_address()],
                                      ip_version=zeroconf.IPVersion.V4Only)
        info = responder.get_service_info(service_type + ".local.",
                                          label + "." + service_type + ".local.", 20000)
        say(event="answered" if info is not None else "silence")
        responder.close()


def goodbyes():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("", 5353))
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                            socket.inet_aton("224.0.0.251") + socket.inet_aton(own_address()))
        say(event="listening")
        while True:
            packet = zeroconf.DNSIncoming(listener.recv(9000))
            # a method in later versions
            answers = packet.answers() if callable(packet.answers) else packet.answers
            for record in answers if packet.is_response() else ():
                if record.ttl == 0:
                    say(event="goodbye", name=record.name,
                        kind=record.get_type(record.type).upper())


def main():
    if sys.argv[1] == "goodbyes":
        goodbyes()
    if sys.argv[1] == "ask":
        say(event="ready")
        ask(*sys.argv[2:])
        return
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    responder = zeroconf.Zeroconf(interfaces=[own_address()], ip_version=zeroconf.IPVersion.V4Only)
    if sys.argv[1] == "publish":
        publish(responder, *sys.argv[2:])
    else:
        zeroconf.ServiceBrowser(responder, sys.argv[2] + ".local.", Listener(sys.argv[2]))
        say(event="browsing")
    over.wait()
    responder.close()


main()
