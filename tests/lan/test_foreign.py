#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Services of other programs seen by us, and ours seen by them: avahi-utils on host b, and
python-zeroconf on host c, which has no avahi-daemon."""

import json
import os
import signal

import lan

PEER = os.path.join(lan.HERE, "zeroconf_peer.py")


class Foreign(lan.LanTest):
    options = ("-n", "3", "-6", "-x", "c")

    def zeroconf(self, *arguments):
        return self.program("c", "/usr/bin/python3", PEER, *arguments)

    def test_a_service_of_avahi_publish_is_seen(self):
        watch = self.watch("a", "ipp")
        publisher = self.program("b", "avahi-publish", "-s", "Old Laser.Jet", "_ipp._tcp", "631",
                                 "rp=queue", "flag", "empty=", "disco.tags=red,a%2Cb")
        instance = watch.until_known("Old\\032Laser\\.Jet._ipp._tcp.local")
        self.assertEqual(
            (instance["label"], instance["port"], instance["tags"], instance["attributes"]),
            ("Old Laser.Jet", 631, ["red", "a,b"], {"rp": "queue", "flag": None, "empty": ""}))
        publisher.stop(signal.SIGTERM)
        watch.until_gone(instance["id"])

    def test_what_is_asked_for_and_what_is_followed_are_the_same(self):
        """What is known first comes of a question, and later of the live view: here it is known to
        the daemon before, and so the questions are ahead of the live views, which begin one by one."""
        before = self.watch("a", "printer")
        attributes = {"first": "1", "second": "2", "third": "3"}
        for number in range(12):
            self.program("b", "avahi-publish", "-s", f"Printer {number}", "_printer._tcp", "515",
                         *(f"{key}={value}" for key, value in attributes.items()))
        before.until(lambda: len(before.instances) == 12, "all are known to the daemon")
        before.stop()
        watch = self.watch("a", "printer")
        watch.until(lambda: len(watch.instances) == 12, "all are known")
        for instance in watch.instances.values():
            self.assertEqual(list(instance["attributes"].items()), list(attributes.items()))
        self.settle(watch, "b")
        self.assertEqual(watch.count("update"), 0)

    def test_a_static_service_file_of_the_daemon_is_seen(self):
        watch = self.watch("a", "ssh")
        path = os.path.join(self.bed.directory, "b", "services", "ssh.service")
        with open(path, "w", encoding="utf-8") as file:
            file.write('<?xml version="1.0"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">'
                       "<service-group><name>Shell</name><service><type>_ssh._tcp</type>"
                       "<port>22</port></service></service-group>")
        self.bed.call("restart", "b")
        watch.until_known("Shell._ssh._tcp.local")
        os.unlink(path)
        self.bed.call("restart", "b")
        watch.until_gone("Shell._ssh._tcp.local")

    def test_a_service_of_python_zeroconf_comes_and_goes(self):
        watch = self.watch("a", "http")
        peer = self.zeroconf("publish", "_http._tcp", "Snake", "8000", "120", "path=/", "flag")
        instance = watch.until_known("Snake._http._tcp.local")
        self.assertEqual(
            (instance["hostname"], instance["addresses"], instance["port"], instance["local"]),
            ("zeroconf-peer.local", ["198.51.100.3"], 8000, False))
        self.assertEqual(instance["attributes"], {"path": "/", "flag": None})
        peer.stop(signal.SIGTERM)
        watch.until_gone("Snake._http._tcp.local")

    def test_an_unplugged_host_s_service_is_gone_when_its_srv_has_expired(self):
        """A PTR lives for 75 minutes, and the daemon's SRV and A for 2: the bed cannot turn the
        clock, but python-zeroconf can publish SRV and A with 4 s to live beside a PTR of 75
        minutes, on a host whose cable is then pulled, so that no goodbye gets out."""
        watch = self.watch("a", "rtp")
        self.zeroconf("publish", "_rtp._tcp", "Short", "8000", "4")
        watch.until_known("Short._rtp._tcp.local")
        self.bed.call("cable", "c", "out")
        self.addCleanup(self.bed.call, "cable", "c", "in")
        watch.until_gone("Short._rtp._tcp.local", seconds=40)

    def test_our_services_are_seen_by_avahi_browse(self):
        self.register("a", "http", "8080", "--id", "ours", "--label", "Our Web", "--tag", "blue",
                      "--tag", "green", "--attr", "path=/x")
        for service_type in ("_http._tcp", "_blue._sub._http._tcp", "_green._sub._http._tcp"):
            browsed = self.bed.run("b", "avahi-browse", "-rtp", service_type)
            rows = [row.split(";") for row in browsed.stdout.splitlines()
                    if row.startswith("=;eth0;IPv4;")]
            mine = [row for row in rows if row[3] == "Our\\032Web"]
            self.assertEqual(len(mine), 1, service_type + ": " + browsed.stdout)
            self.assertEqual((mine[0][6], mine[0][8]), ("host-a.local", "8080"))
            for text in ('"disco.id=ours"', '"disco.tags=blue,green"', '"path=/x"'):
                self.assertIn(text, mine[0][9])

    def test_a_generic_service_is_published_under_its_subtype(self):
        self.register("a", "billing.invoices", "9000", "--id", "bill")
        browsed = self.bed.run("b", "avahi-browse", "-rtp",
                               "_billing\\.invoices._sub._disco._tcp")
        self.assertIn('"disco.name=billing.invoices"', browsed.stdout)

    def test_our_services_are_seen_by_python_zeroconf(self):
        browser = self.zeroconf("browse", "_ftp._tcp")
        browser.until_line("browsing")
        tagged = self.zeroconf("browse", "_blue._sub._ftp._tcp")
        tagged.until_line("browsing")
        service = self.register("a", "ftp", "2121", "--id", "ours", "--tag", "blue",
                                "--attr", "flag", "--attr", "u=me")
        event = json.loads(browser.until_line('"add"'))
        self.assertEqual((event["name"], event["port"], event["server"]),
                         ("ours._ftp._tcp.local.", 2121, "host-a.local."))
        self.assertIn("198.51.100.1", event["addresses"])
        self.assertEqual(event["properties"], {"disco.id": "ours", "disco.tags": "blue",
                                               "flag": None, "u": "me"})
        tagged.until_line("ours._ftp._tcp.local.")
        service.stop()
        browser.until_line('"remove"')


if __name__ == "__main__":
    lan.main()
