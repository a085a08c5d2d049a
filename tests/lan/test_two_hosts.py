#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two hosts: a watches, b announces. Once with IPv4 only and once with both families."""

import json
import signal

import lan


class TwoHosts(lan.LanTest):
    options = ("-n", "2")
    addresses = ["198.51.100.2"]

    def test_a_service_is_announced_seen_and_withdrawn(self):
        watch = self.watch("a", "http")
        service = self.register("b", "http", "8080", "--id", "web-1", "--label", "Web shop",
                                "--tag", "red", "--attr", "path=/shop", "--attr", "alone",
                                "--attr", "empty=")
        instance = watch.until_known("web-1")
        expected = {
            "id": "web-1", "name": "http", "label": "Web shop", "type": "_http._tcp",
            "domain": "local", "hostname": "host-b.local", "port": 8080,
            "tags": ["red"], "attributes": {"path": "/shop", "alone": None, "empty": ""},
            "interfaces": ["eth0"], "local": False, "host": self.addresses[0],
        }
        self.assertEqual({key: instance[key] for key in expected}, expected)
        self.check_addresses(instance["addresses"])
        self.assertEqual(service.stop(), 0)
        self.assertTrue(service.left)
        watch.until_gone("web-1")
        self.assertEqual([event["event"] for event in watch.events],
                         ["synced", "add", "remove"])

    def check_addresses(self, addresses):
        self.assertEqual(addresses, self.addresses)

    def test_a_service_is_known_to_a_watcher_that_comes_later(self):
        self.register("b", "http", "80", "--id", "early")
        watch = self.watch("a", "http")
        self.assertIn("early", watch.instances)
        self.assertEqual(watch.events[-1]["event"], "synced")
        self.assertEqual(watch.events[-1]["count"], len(watch.instances))

    def test_a_watcher_of_nothing_is_told_so(self):
        watch = self.watch("a", "nobody-offers")
        self.assertEqual(watch.events, [{"event": "synced", "count": 0}])

    def test_a_service_on_the_same_host_is_local(self):
        self.register("a", "http", "80", "--id", "own")
        watch = self.watch("a", "http")
        self.assertTrue(watch.until_known("own")["local"])

    def test_changed_tags_attributes_and_port_are_one_update_each(self):
        service = self.announce("b", "ftp")
        watch = self.watch("a", "ftp")
        watch.until_known("ftp-1")
        service.tell("tags ftp-1 red,blue")
        watch.until_like("ftp-1", tags=["red", "blue"])
        service.tell("attribute ftp-1 state busy")
        watch.until_like("ftp-1", attributes={"state": "busy"})
        service.tell("port ftp-1 4711")
        watch.until_like("ftp-1", port=4711, tags=["red", "blue"], attributes={"state": "busy"})
        self.settle(watch, "b")
        self.assertEqual(watch.count("update", "ftp-1"), 3)
        self.assertEqual(watch.count("remove", "ftp-1"), 0)

    def test_a_killed_program_s_service_is_withdrawn_by_its_responder(self):
        watch = self.watch("a", "ssh")
        service = lan.Register(self.bed, "b", "ssh", "22", "--id", "killed").established()
        watch.until_known("killed")
        service.stop(signal.SIGKILL)
        watch.until_gone("killed")

    def test_a_label_that_is_taken_is_renamed(self):
        first = self.register("a", "ipp", "631", "--id", "one", "--label", "Printer")
        second = self.register("b", "ipp", "632", "--id", "two", "--label", "Printer")
        self.assertEqual((first.label, second.label), ("Printer", "Printer #2"))
        watch = self.watch("a", "ipp")
        self.assertEqual(watch.until_known("one")["label"], "Printer")
        self.assertEqual(watch.until_known("two")["label"], "Printer #2")

    def test_a_conflict_that_shows_later_renames_one_and_keeps_its_id(self):
        self.bed.call("cable", "b", "out")
        self.addCleanup(self.bed.call, "cable", "b", "in")
        first = self.register("a", "ipp", "631", "--id", "left", "--label", "Twin")
        second = self.register("b", "ipp", "632", "--id", "right", "--label", "Twin")
        self.bed.call("link", "b", "down")
        self.bed.call("cable", "b", "in")
        self.bed.call("link", "b", "up")
        watch = self.watch("a", "ipp")
        watch.until(lambda: {"left", "right"} <= set(watch.instances), "both are known")
        watch.until(lambda: sorted(watch.instances[name]["label"] for name in ("left", "right"))
                    == ["Twin", "Twin #2"], "one of the two has another label")
        # the watcher may see it before the program that announces it is told
        renamed = first if watch.instances["left"]["label"] == "Twin #2" else second
        renamed.until(lambda: renamed.label == "Twin #2", "the program is told")
        self.assertEqual([json.loads(line)["event"] for line in renamed.lines],
                         ["registered", "renamed"])

    def test_a_tag_filter_shows_only_instances_with_all_the_tags(self):
        self.register("b", "rtp", "1", "--id", "both", "--tag", "red", "--tag", "a,b=c%")
        self.register("b", "rtp", "2", "--id", "red", "--tag", "red")
        watch = self.watch("a", "rtp", "--tag", "red", "--tag", "a,b=c%")
        self.assertEqual(list(watch.instances), ["both"])
        self.assertEqual(watch.instances["both"]["tags"], ["red", "a,b=c%"])

    def test_an_instance_enters_and_leaves_a_tag_filter(self):
        service = self.announce("b", "telnet")
        watch = self.watch("a", "telnet", "--tag", "ready")
        self.assertEqual(watch.instances, {})
        service.tell("tags telnet-1 ready")
        watch.until_known("telnet-1")
        service.tell("tags telnet-1 busy")
        watch.until_gone("telnet-1")

    def test_generic_names_are_told_apart(self):
        self.register("b", "billing.invoices", "9000", "--id", "bill")
        self.register("b", "Name with spaces", "9001", "--id", "space")
        long_name = "n" * 150
        self.register("b", long_name, "9002", "--id", "long")
        for name, identity in (("billing.invoices", "bill"), ("Name with spaces", "space"),
                               (long_name, "long")):
            watch = self.watch("a", name)
            self.assertEqual(list(watch.instances), [identity])
            self.assertEqual(watch.instances[identity]["name"], name)
        self.assertEqual(self.watch("a", "billing.other").instances, {})
        every = self.watch("a", "disco")
        self.assertLessEqual({"bill", "space", "long"}, set(every.instances))

    def test_a_service_at_another_address_is_seen_there(self):
        self.register("b", "sip", "5060", "--id", "v4", "--addr", "192.0.2.77")
        self.register("b", "sip", "5061", "--id", "v6", "--addr", "2001:db8::77")
        self.register("b", "sip", "5062", "--id", "name", "--addr", "sip.example.com")
        watch = self.watch("a", "sip")
        self.assertEqual(watch.until_known("v4")["addresses"], ["192.0.2.77"])
        self.assertEqual(watch.until_known("v6")["addresses"], ["2001:db8::77"])
        self.assertEqual(watch.until_known("v6")["host"], "2001:db8::77")
        named = watch.until_known("name")
        self.assertEqual((named["hostname"], named["host"], named["addresses"]),
                         ("sip.example.com", "sip.example.com", []))

    def test_list_and_lookup_find_what_is_there(self):
        self.register("b", "nfs", "2049", "--id", "share")
        listed = self.bed.disco("a", "list")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        services = {line["name"]: line for line in map(json.loads, listed.stdout.splitlines())}
        self.assertEqual([item["id"] for item in services["nfs"]["instances"]], ["share"])
        found = self.bed.disco("a", "lookup", "nfs")
        self.assertEqual(json.loads(found.stdout)["instance"]["id"], "share")
        plain = self.bed.run("a", *self.bed.tool("a", lan.TIMEOUT, "lookup", "nfs"))
        self.assertEqual(plain.stdout, self.printed(self.addresses[0], 2049) + "\n")
        self.assertEqual(self.bed.disco("a", "lookup", "nobody").returncode, 3)

    @staticmethod
    def printed(address, port):
        return ("[%s]:%d" if ":" in address else "%s:%d") % (address, port)


class TwoHostsAlone(TwoHosts):
    """The daemon lets nobody listen beside it: names are followed by record browsers."""
    options = ("-n", "2", "-o", "a:disallow-other-stacks=yes")


class TwoHostsDualStack(TwoHosts):
    """The same with IPv6, where each host has a unique-local address too."""

    options = ("-n", "2", "-g")
    addresses = ["198.51.100.2", "fd51:d15c:0:a::2"]

    def test_forty_services_are_forty_adds_and_forty_removes(self):
        watch = self.watch("a", "workstation")
        services = self.announce("b", "workstation", 40)
        watch.until(lambda: len(watch.instances) == 40, "all 40 are known")
        for instance in watch.instances.values():
            self.check_addresses(instance["addresses"])
        services.tell("leave")
        watch.until(lambda: not watch.instances, "all 40 are gone")
        self.assertEqual((watch.count("add"), watch.count("remove")), (40, 40))
        self.assertLessEqual(watch.count("update"), 2)


class EmbeddedAnnouncer(TwoHosts):
    """The same where b has no daemon, and its programs have a responder of their own each."""

    options = ("-n", "2", "-x", "b")
    embedded = "b"


class EmbeddedWatcher(TwoHosts):
    options = ("-n", "2", "-x", "a")
    embedded = "a"


class EmbeddedBoth(TwoHostsDualStack):
    options = ("-n", "2", "-g", "-x", "a", "-x", "b")
    embedded = "ab"


if __name__ == "__main__":
    lan.main()
