#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hosts with two interfaces each, on two nets that are not connected."""

import os
import sys

import lan

BOTH = ["eth0", "eth1"]


class Interfaces(lan.LanTest):
    options = ("-n", "2", "-2")

    def test_a_service_on_two_interfaces_is_one_instance(self):
        watch = self.watch("a", "http")
        self.register("b", "http", "80", "--id", "both")
        instance = watch.until_known("both")
        self.assertEqual(instance["interfaces"], BOTH)
        self.assertEqual([address for address in instance["addresses"] if "." in address],
                         ["198.51.100.2", "203.0.113.2"])
        self.settle(watch, "b")
        self.assertEqual((watch.count("add", "both"), watch.count("update", "both")), (1, 0))

    def test_an_interface_that_goes_and_comes_back_is_one_update_each_way(self):
        self.register("b", "ssh", "22", "--id", "steady")
        watch = self.watch("a", "ssh")
        watch.until_like("steady", interfaces=BOTH)
        self.settle(watch, "b")
        before = watch.instances["steady"]
        updates = watch.count("update", "steady")
        self.bed.call("link", "a", "eth1", "down")
        self.addCleanup(self.bed.call, "link", "a", "eth1", "up")
        watch.until_like("steady", interfaces=["eth0"])
        self.settle(watch, "b")
        self.assertEqual(watch.count("update", "steady"), updates + 1)
        self.assertNotIn("203.0.113.2", watch.instances["steady"]["addresses"])
        self.bed.call("link", "a", "eth1", "up")
        watch.until_like("steady", interfaces=BOTH)
        self.settle(watch, "b")
        self.assertEqual(watch.instances["steady"], before)
        self.assertEqual(watch.count("update", "steady"), updates + 2)
        self.assertEqual(watch.count("remove", "steady"), 0)

    def test_one_interface_alone_is_used_when_it_is_named(self):
        self.register("b", "ftp", "21", "--id", "everywhere")
        watch = self.start(lan.Watch(self.bed, "a", "--interface=eth1", "ftp")).until_synced()
        instance = watch.until_known("everywhere")
        self.assertEqual(instance["interfaces"], ["eth1"])
        self.assertEqual([address for address in instance["addresses"] if "." in address],
                         ["203.0.113.2"])

    def records(self, host):
        """What mdns_records.py prints on the host."""
        program = self.program(host, sys.executable, "-B", os.path.join(lan.HERE, "mdns_records.py"))
        program.until_line("listening")
        return program

    def test_what_is_announced_on_named_interfaces_follows_them_and_stays_on_the_others(self):
        name = "follows._http._tcp.local."
        self.bed.call("link", "b", "eth1", "down")
        self.addCleanup(self.bed.call, "link", "b", "eth1", "up")
        records = self.records("a")
        watch = self.watch("a", "http")
        self.start(lan.Register(self.bed, "b", "--interface=eth0", "--interface=eth1", "http", "80",
                                "--id", "follows", "--tag", "red")).established()
        watch.until_like("follows", interfaces=["eth0"])
        self.bed.call("link", "b", "eth1", "up")
        watch.until_like("follows", interfaces=BOTH)
        self.bed.call("link", "b", "eth1", "down")
        self.settle(watch, "b")
        announced = len(records.lines)
        self.bed.call("link", "b", "eth1", "up")
        records.until(lambda: any(line.startswith("eth1 ") and line.endswith(name)
                                  for line in records.lines[announced:]),
                      "it is announced on eth1 again")
        self.settle(watch, "b")
        # a record of eth1 may end with a goodbye or without, as the link goes down; on eth0 nothing
        # has happened
        goodbyes = [line for line in records.lines
                    if line.startswith("eth0 0 ") and line.endswith(name)]
        self.assertEqual(goodbyes, [])
        self.assertIn("eth0 4500 " + name, records.lines)
        self.assertIn("eth1 4500 " + name, records.lines)
        self.assertEqual(watch.count("remove", "follows"), 0)
        self.assertEqual(watch.instances["follows"]["label"], "follows")


class InterfacesDualStack(Interfaces):
    options = ("-n", "2", "-2", "-g")


class EmbeddedInterfaces(Interfaces):
    options = ("-n", "2", "-2", "-x", "a", "-x", "b")
    embedded = "ab"


if __name__ == "__main__":
    lan.main()
