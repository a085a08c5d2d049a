#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that connect to what they have found, by the addresses that they have found."""

import re
import signal

import lan

SOCKET = lan.built("tests", "lan", "lan-socket")


class Sockets(lan.LanTest):
    """A server on host b and a client on host a, with two interfaces and both families each."""

    options = ("-n", "2", "-2", "-6", "-x", "a", "-x", "b")
    embedded = "ab"

    def serve(self, name, address):
        argv = lan.wrapper() + [SOCKET, "serve", name, address, "embedded"]
        server = lan.Process(self.bed, "b", argv)
        self.addCleanup(lambda: self.assertEqual(server.stop(signal.SIGTERM), 0, server.stderr()))
        server.until_line("established")
        return server

    def connect(self, name):
        """Returns the addresses that were found and the one that was connected to."""
        result = self.bed.run("a", *lan.wrapper(), SOCKET, "connect", name, "embedded")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        *addresses, connected, greeting = result.stdout.splitlines()
        self.assertEqual(greeting, "hello")
        self.assertTrue(connected.startswith("connected "), result.stdout)
        return addresses, connected.split()[1]

    def link_local(self, host, interface):
        """The link-local address of a host on an interface, with that as its scope."""
        shown = self.bed.run(host, "ip", "-6", "addr", "show", "dev", interface, "scope", "link")
        return re.search(r"inet6 (fe80:[0-9a-f:]+)/", shown.stdout).group(1) + "%" + interface

    def assert_best_first(self, addresses):
        """Both IPv4 addresses, then both link-local ones, each on its interface of the client's."""
        self.assertEqual(addresses[:2], ["198.51.100.2", "203.0.113.2"])
        self.assertEqual(sorted(addresses[2:]), sorted(
            self.link_local("b", interface) for interface in ("eth0", "eth1")))

    def test_a_client_connects_by_ipv4(self):
        self.serve("_four._tcp", "0.0.0.0")
        addresses, connected = self.connect("_four._tcp")
        self.assert_best_first(addresses)
        self.assertEqual(connected, addresses[0])

    def test_a_client_connects_by_ipv6_with_the_scope_when_all_before_it_refuse(self):
        address = self.link_local("b", "eth1")
        self.serve("_six._tcp", address)
        addresses, connected = self.connect("_six._tcp")
        self.assert_best_first(addresses)
        self.assertEqual(connected, address)

    def test_a_client_goes_on_where_the_first_addresses_are_silent(self):
        self.filter("b", "input", "meta nfproto ipv4 meta l4proto tcp drop")
        self.serve("_silent._tcp", "::")
        addresses, connected = self.connect("_silent._tcp")
        self.assert_best_first(addresses)
        self.assertEqual(connected, addresses[2])


if __name__ == "__main__":
    lan.main()
