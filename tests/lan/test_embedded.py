#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs with a responder of their own: with each other, with python-zeroconf, with npm's
bonjour-service, and what is left of them when they are killed."""

import json
import os
import shutil
import signal
import time
import unittest

import lan

PEER = os.path.join(lan.HERE, "zeroconf_peer.py")
NPM_PEER = os.path.join(lan.HERE, "npm_peer.js")
NPM_MODULES = os.path.join(lan.HERE, "..", "..", "build", "npm", "node_modules")


class Embedded(lan.LanTest):
    """Host a has a daemon, b and c have none."""

    options = ("-n", "3", "-x", "b", "-x", "c")
    embedded = "bc"

    def zeroconf(self, *arguments):
        peer = self.program("c", "/usr/bin/python3", PEER, *arguments)
        peer.until_line('"event"')
        return peer

    def responder(self, process):
        """The pid of the program's own responder."""
        children = process.children()
        self.assertEqual(len(children), 1)
        return children[0]

    def kill_responder(self, process):
        """Returns when, on the monotonic clock, it was done."""
        old = self.responder(process)
        os.kill(old, signal.SIGKILL)
        return time.monotonic()

    # --- with python-zeroconf ---

    def test_a_service_of_python_zeroconf_comes_and_goes(self):
        watch = self.watch("b", "http")
        peer = self.zeroconf("publish", "_http._tcp", "Snake", "8000", "120", "path=/", "flag")
        instance = watch.until_known("Snake._http._tcp.local")
        self.assertEqual(
            (instance["hostname"], instance["addresses"], instance["port"], instance["local"]),
            ("zeroconf-peer.local", ["198.51.100.3"], 8000, False))
        self.assertEqual(instance["attributes"], {"path": "/", "flag": None})
        peer.stop(signal.SIGTERM)
        watch.until_gone("Snake._http._tcp.local")

    def test_our_services_are_seen_by_python_zeroconf(self):
        browser = self.zeroconf("browse", "_ftp._tcp")
        tagged = self.zeroconf("browse", "_blue._sub._ftp._tcp")
        service = self.register("b", "ftp", "2121", "--id", "ours", "--tag", "blue",
                                "--attr", "flag", "--attr", "u=me")
        event = json.loads(browser.until_line('"add"'))
        self.assertEqual((event["name"], event["port"], event["server"]),
                         ("ours._ftp._tcp.local.", 2121, "host-b.local."))
        self.assertIn("198.51.100.2", event["addresses"])
        self.assertEqual(event["properties"], {"disco.id": "ours", "disco.tags": "blue",
                                               "flag": None, "u": "me"})
        tagged.until_line("ours._ftp._tcp.local.")
        service.stop()
        browser.until_line('"remove"')

    # --- with npm's bonjour-service ---

    def npm(self, *arguments):
        if shutil.which("node") is None or not os.path.isdir(NPM_MODULES):
            raise unittest.SkipTest("scripts/setup --tools has not brought bonjour-service")
        peer = self.program("c", "env", "NODE_PATH=" + NPM_MODULES, "node", NPM_PEER, *arguments)
        peer.until_line('"event"')
        return peer

    def test_a_service_of_npm_comes_and_goes(self):
        watch = self.watch("b", "http")
        peer = self.npm("publish", "http", "Node", "8001", "path=/n")
        instance = watch.until_known("Node._http._tcp.local")
        self.assertEqual(
            (instance["hostname"], instance["addresses"], instance["port"], instance["attributes"]),
            ("npm-peer.local", ["198.51.100.3"], 8001, {"path": "/n"}))
        peer.stop(signal.SIGTERM)
        watch.until_gone("Node._http._tcp.local")

    def test_our_services_are_seen_by_npm(self):
        browser = self.npm("browse", "ftp")
        service = self.register("b", "ftp", "2121", "--id", "ours", "--attr", "u=me")
        event = json.loads(browser.until_line('"add"'))
        self.assertEqual((event["name"], event["host"], event["port"]),
                         ("ours", "host-b.local", 2121))
        self.assertIn("198.51.100.2", event["addresses"])
        self.assertEqual(event["properties"], {"disco.id": "ours", "u": "me"})
        service.stop()
        browser.until_line('"remove"')

    # --- the name of the host ---

    def test_hosts_of_one_name_get_two_and_find_each_other(self):
        self.bed.names["c"] = "host-b"
        self.addCleanup(self.bed.names.update, c="host-c")
        services = {host: self.register(host, "ipp", "631", "--id", "on-" + host)
                    for host in "bc"}
        watches = [self.watch(host, "ipp") for host in "abc"]
        for watch in watches:
            watch.until(lambda seen=watch: len(seen.instances) == 2, "both are known")
            watch.until_like("on-b", host="198.51.100.2")
            watch.until_like("on-c", host="198.51.100.3")
            self.assertEqual(len({item["hostname"] for item in watch.instances.values()}), 2)
        self.assertEqual({service.label for service in services.values()}, {"on-b", "on-c"})

    # --- the end of programs and responders ---

    def test_a_killed_program_says_goodbye_through_its_responder(self):
        watches = [self.watch(host, "ssh") for host in "ac"]
        service = lan.Register(self.bed, "b", "ssh", "22", "--id", "killed").established()
        for watch in watches:
            watch.until_known("killed")
        responder = self.responder(service)
        service.stop(signal.SIGKILL)
        killed_at = time.monotonic()
        for watch in watches:
            watch.until_gone("killed")
            # Avahi keeps what a goodbye withdraws for another second (RFC 6762 §10.1)
            self.assertLess(time.monotonic() - killed_at, 1.5)
        self.until_ended(responder)

    def until_ended(self, pid):
        """A zombie whose new parent does not look has ended as well."""
        end = time.monotonic() + lan.DEADLINE_S
        while time.monotonic() < end:
            try:
                with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
                    if file.read().rpartition(")")[2].split()[0] == "Z":
                        return
            except OSError:
                return
            time.sleep(0.02)
        self.fail("the responder %d has not ended" % pid)

    def test_a_responder_ends_with_its_program_in_order(self):
        service = lan.Register(self.bed, "b", "ssh", "22", "--id", "ordered").established()
        responder = self.responder(service)
        self.assertEqual(service.stop(), 0)
        self.until_ended(responder)

    def test_a_program_that_ends_leaves_the_host_its_addresses(self):
        """Another program's responder, or a daemon, goes on with them."""
        peer = self.zeroconf("goodbyes")
        for identity in ("first", "second"):
            service = self.register("b", "ssh", "22", "--id", identity)
            responder = self.responder(service)
            service.stop()
            peer.until_line('"%s._ssh._tcp.local."' % identity)
            self.until_ended(responder)
        said = {(event["kind"], event["name"]) for event in map(json.loads, peer.lines[1:])}
        self.assertIn(("SRV", "first._ssh._tcp.local."), said)
        self.assertEqual({(kind, name) for kind, name in said
                          if name == "host-b.local." or name.endswith(".arpa.")}, set())

    def test_an_interface_that_a_glob_now_means_is_used_and_nobody_is_told(self):
        service = self.start(lan.Register(self.bed, "b", "--interface=eth*", "smtp", "25", "--id",
                                          "steady")).established()
        old = self.responder(service)
        watch = self.watch("a", "smtp")
        watch.until_known("steady")
        peer = self.zeroconf("ask", "_smtp._tcp", "steady")
        self.assertEqual(self.bed.run("b", "ip", "link", "add", "eth9", "type",
                                      "bridge").returncode, 0)
        self.addCleanup(self.bed.run, "b", "ip", "link", "del", "eth9")
        self.until_ended(old)
        peer.send("after")
        peer.until_line("answered")
        self.settle(watch, "a")
        self.assertEqual([watch.count(kind, "steady") for kind in ("add", "update", "remove")],
                         [1, 0, 0])

    def test_a_killed_responder_is_replaced_and_nobody_is_told(self):
        service = self.announce("b", "nfs")
        steady = self.register("a", "nfs", "1", "--id", "steady")
        watches = {host: self.watch(host, "nfs") for host in "abc"}
        peer = self.zeroconf("ask", "_nfs._tcp", "nfs-1")
        for watch in watches.values():
            watch.until(lambda seen=watch: len(seen.instances) == 2, "both are known")
        peer.send("before")
        peer.until(lambda: len(peer.lines) == 2, "there is an answer")
        before = {host: len(watch.events) for host, watch in watches.items()}

        killed_at = self.kill_responder(service)
        peer.send("after")
        peer.until(lambda: len(peer.lines) == 3, "there is an answer")
        self.assertLess(time.monotonic() - killed_at, 3)
        self.assertEqual(json.loads(peer.lines[-1])["event"], "answered")
        for host, watch in watches.items():
            self.assertEqual(watch.events[before[host]:], [])

        # the same for a watcher's own
        self.kill_responder(watches["b"])
        service.tell("tags nfs-1 new")
        watches["b"].until_like("nfs-1", tags=["new"])
        self.settle(watches["b"], "a")
        self.assertEqual([event["event"] for event in watches["b"].events[before["b"]:]
                          if event["instance"]["id"] in ("nfs-1", "steady")], ["update"])
        self.assertEqual(steady.label, "steady")

    def test_a_responder_that_is_killed_again_and_again_comes_back(self):
        service = self.announce("b", "rtp")
        watch = self.watch("a", "rtp")
        watch.until_known("rtp-1")
        for count in range(4):
            old = self.responder(service)
            os.kill(old, signal.SIGKILL)
            service.tell("tags rtp-1 number-%d" % count)
            watch.until_like("rtp-1", tags=["number-%d" % count])
            self.assertNotEqual(self.responder(service), old)
        self.assertEqual((watch.count("add", "rtp-1"), watch.count("remove", "rtp-1")), (1, 0))


if __name__ == "__main__":
    lan.main()
