#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""disco doctor on hosts that are well, and on hosts that are not."""

import json
import os
import re
import signal
import time

import lan

CHECKS = ["bus", "daemon", "responders", "interfaces", "multicast", "loop"]
PEER = os.path.join(lan.HERE, "zeroconf_peer.py")


class DoctorTest(lan.LanTest):
    def doctor(self, host, *arguments):
        """Runs doctor; returns its exit status and the lines by check."""
        return self.read(self.bed.disco(host, "doctor", *arguments))

    def read(self, result):
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([line["check"] for line in lines], CHECKS, result.stderr)
        return result.returncode, {line["check"]: line for line in lines}

    def assert_well(self, found, but=()):
        for check, line in found.items():
            if check not in but:
                self.assertEqual(line["status"], "ok", line)

    def pid(self, host, which):
        pids = self.bed.run(host, "sh", "-c", "echo avahi=$BED_AVAHI_PID dbus=$BED_DBUS_PID")
        return int(re.search(which + r"=(\d+)", pids.stdout).group(1))

    def hang(self, host, which):
        """Stops a daemon of the host without ending it, until the test is over."""
        pid = self.pid(host, which)
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)


class Doctor(DoctorTest):
    options = ("-n", "2", "-6")

    def test_a_healthy_host_is_well(self):
        status, found = self.doctor("a")
        self.assert_well(found)
        self.assertEqual(status, 0)
        self.assertIn("avahi 0.", found["daemon"]["detail"])
        self.assertIn("host-a.local", found["daemon"]["detail"])
        self.assertIn("avahi-daemon (pid %d) alone" % self.pid("a", "avahi"),
                      found["responders"]["detail"])
        self.assertIn("Usable: eth0.", found["interfaces"]["detail"])
        self.assertIn("lo (loopback)", found["interfaces"]["detail"])
        self.assertIn("eth0 (IPv4 and IPv6)", found["loop"]["detail"])

    def test_the_test_service_comes_and_goes(self):
        watch = self.watch("b", "disco-doctor")
        # what another test has left, with a daemon that hung, may not have run out yet
        before = set(watch.instances)
        status, _ = self.doctor("a")
        self.assertEqual(status, 0)
        added = watch.until(lambda: next(
            (event["instance"]["id"] for event in watch.events
             if event["event"] == "add" and event["instance"]["id"] not in before), None),
                            "the test service is known")
        watch.until_gone(added)
        self.assertEqual(watch.count("add", added), 1)

    def test_a_daemon_that_is_not_there_is_named(self):
        self.bed.call("kill", "a")
        self.addCleanup(self.bed.call, "start", "a")
        status, found = self.doctor("a")
        self.assertEqual(status, 1)
        self.assert_well(found, but=("daemon", "responders", "loop"))
        self.assertEqual(found["daemon"]["status"], "failed")
        self.assertIn("avahi-daemon is not running", found["daemon"]["detail"])
        self.assertEqual(found["responders"]["status"], "warning")
        self.assertEqual(found["loop"]["status"], "failed")

    def test_a_daemon_that_hangs_is_told_within_seconds(self):
        self.hang("a", "avahi")
        started = time.monotonic()
        status, found = self.doctor("a")
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(status, 1)
        self.assert_well(found, but=("daemon", "loop"))
        self.assertIn("does not answer", found["daemon"]["detail"])
        self.assertEqual((found["daemon"]["status"], found["loop"]["status"]),
                         ("failed", "failed"))

    def test_a_bus_that_hangs_is_told_within_seconds(self):
        self.hang("a", "dbus")
        started = time.monotonic()
        status, found = self.doctor("a")
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(status, 1)
        self.assert_well(found, but=("bus", "daemon", "loop"))
        self.assertEqual(found["bus"]["status"], "failed")
        self.assertIn("no answer within 1 s", found["bus"]["detail"])

    def test_a_firewall_is_found_by_the_loop_alone(self):
        self.filter("a", "input", "udp dport 5353 drop")
        status, found = self.doctor("a")
        self.assertEqual(status, 1)
        self.assert_well(found, but=("loop",))
        self.assertEqual(found["loop"]["status"], "failed")
        self.assertIn("on eth0.", found["loop"]["detail"])
        self.assertIn("firewall-cmd --add-service=mdns", found["loop"]["detail"])

    def test_one_version_of_ip_is_enough(self):
        self.filter("a", "input", "meta nfproto ipv6 udp dport 5353 drop")
        status, found = self.doctor("a")
        self.assertEqual(status, 0)
        self.assertIn("eth0 (IPv4).", found["loop"]["detail"])

    def test_a_second_responder_is_a_warning(self):
        peer = self.program("a", "/usr/bin/python3", PEER, "publish", "_http._tcp", "Second",
                            "80", "120")
        peer.until_line("published")
        status, found = self.doctor("a")
        self.assertEqual(status, 0)
        self.assert_well(found, but=("responders",))
        self.assertEqual(found["responders"]["status"], "warning")
        self.assertIn("avahi-daemon", found["responders"]["detail"])
        self.assertIn("python3 (pid %d)" % peer.child.pid, found["responders"]["detail"])

    def test_an_interface_that_is_down_is_told(self):
        self.bed.call("link", "a", "eth0", "down")
        self.addCleanup(self.bed.call, "link", "a", "eth0", "up")
        result = self.bed.disco("a", "doctor")
        self.assertEqual(result.returncode, 1)
        found = {line["check"]: line for line in map(json.loads, result.stdout.splitlines())}
        self.assertEqual(found["interfaces"]["status"], "failed")
        self.assertIn("eth0 (down)", found["interfaces"]["detail"])
        self.assertEqual(found["loop"]["status"], "failed")
        self.assertNotIn("multicast", found)


class DoctorTwoInterfaces(DoctorTest):
    options = ("-n", "1", "-2")

    def test_each_interface_is_asked_on(self):
        status, found = self.doctor("a")
        self.assert_well(found)
        self.assertEqual(status, 0)
        self.assertIn("eth0 (IPv4), eth1 (IPv4)", found["loop"]["detail"])

    def test_a_firewall_on_one_of_them_is_named(self):
        self.filter("a", "input", "iifname eth1 udp dport 5353 drop")
        status, found = self.doctor("a")
        self.assertEqual(status, 1)
        self.assert_well(found, but=("loop",))
        self.assertIn("on eth1.", found["loop"]["detail"])
        self.assertNotIn("eth0", found["loop"]["detail"])

    def test_the_question_leaves_by_the_interfaces_that_are_used_alone(self):
        question = "udp sport != 5353 udp dport 5353 "
        self.filter("a", "output", "oifname eth0 " + question + "counter",
                    "oifname eth1 " + question + "counter")
        status, found = self.doctor("a", "--interface=eth1")
        self.assert_well(found)
        self.assertEqual(status, 0)
        self.assertIn("eth0 (left out by the agent's settings)", found["interfaces"]["detail"])
        rules = self.bed.run("a", "nft", "list", "table", "inet", "lan").stdout
        packets = {name: int(count) for name, count in re.findall(
            r'oifname "(\w+)".*counter packets (\d+)', rules)}
        self.assertEqual(packets["eth0"], 0, rules)
        self.assertGreater(packets["eth1"], 0, rules)


class DoctorEmbedded(DoctorTest):
    """On host b without a daemon, and on host a beside one that has the host's own name."""

    options = ("-n", "2", "-6", "-x", "b")
    embedded = "ab"

    def test_a_host_without_a_daemon_is_well(self):
        status, found = self.doctor("b", "--backend=auto")
        self.assert_well(found)
        self.assertEqual(status, 0)
        self.assertIn("embedded responder is running", found["daemon"]["detail"])
        self.assertIn("disco-responder (pid ", found["responders"]["detail"])
        self.assertIn("eth0 (IPv4 and IPv6)", found["loop"]["detail"])

    def test_loopback_alone_is_well_where_no_route_leads_to_the_group(self):
        alone = ("unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
        status, found = self.read(
            self.bed.run("b", *alone, *self.bed.tool("b", "--json", "doctor", "--interface=lo")))
        self.assert_well(found)
        self.assertEqual(status, 0)
        self.assertIn("lo (IPv4)", found["loop"]["detail"])

    def test_embedded_responders_share_the_port(self):
        self.watch("b", "http")
        status, found = self.doctor("b")
        self.assert_well(found)
        self.assertEqual(status, 0)
        self.assertIn("2 embedded responders", found["responders"]["detail"])

    def test_a_firewall_is_found_without_a_daemon_too(self):
        self.filter("b", "input", "udp dport 5353 drop")
        status, found = self.doctor("b")
        self.assertEqual(status, 1)
        self.assert_well(found, but=("loop",))
        self.assertEqual(found["loop"]["status"], "failed")

    def test_an_embedded_responder_beside_the_daemon_is_a_warning(self):
        status, found = self.doctor("a")
        self.assertEqual(status, 0)
        self.assert_well(found, but=("responders",))
        self.assertEqual(found["responders"]["status"], "warning")
        self.assertIn("avahi-daemon (pid ", found["responders"]["detail"])
        self.assertIn("disco-responder (pid ", found["responders"]["detail"])

    def test_a_responder_that_is_not_installed_is_named(self):
        result = self.bed.run("b", "env", "DISCO_RESPONDER=/nonexistent/disco-responder",
                              *self.bed.tool("b", "doctor"))
        self.assertEqual(result.returncode, 1)
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        daemon = next(row for row in rows if row[1] == "daemon")
        self.assertEqual(daemon[0], "failed")
        self.assertIn("/nonexistent/disco-responder", daemon[2])


if __name__ == "__main__":
    lan.main()
