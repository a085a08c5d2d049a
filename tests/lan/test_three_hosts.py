#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Three hosts with our tool on each, daemons that come and go, and the cable pulled."""

import lan


class ThreeHosts(lan.LanTest):
    options = ("-n", "3", "-g")

    def test_every_host_sees_the_services_of_the_others(self):
        watches = {host: self.watch(host, "http") for host in "abc"}
        services = {host: self.register(host, "http", "80", "--id", "on-" + host)
                    for host in "abc"}
        for host, watch in watches.items():
            watch.until(lambda seen=watch: len(seen.instances) == 3, "all three are known")
            self.assertEqual([identity for identity, instance in sorted(watch.instances.items())
                              if instance["local"]], ["on-" + host])
        services["b"].stop()
        for watch in watches.values():
            watch.until_gone("on-b")
            self.assertEqual(sorted(watch.instances), ["on-a", "on-c"])

    def test_three_hosts_that_want_one_label_get_three(self):
        for host in "abc":
            self.register(host, "ipp", "631", "--id", "at-" + host, "--label", "Office")
        watch = self.watch("a", "ipp")
        watch.until(lambda: len(watch.instances) == 3, "all three are known")
        self.assertEqual(sorted(item["label"] for item in watch.instances.values()),
                         ["Office", "Office #2", "Office #3"])

    def test_a_host_name_that_all_share_stands_for_many_instances(self):
        services = self.announce("b", "nfs", 5)
        watch = self.watch("a", "nfs")
        self.assertEqual({item["hostname"] for item in watch.instances.values()},
                         {"host-b.local"})
        services.tell("deregister nfs-3")
        watch.until_gone("nfs-3")
        self.assertEqual(len(watch.instances), 4)

    def test_a_watcher_s_daemon_that_restarts_changes_nothing(self):
        self.register("b", "ssh", "22", "--id", "steady")
        watch = self.watch("a", "ssh")
        watch.until_known("steady")
        self.bed.call("kill", "a")
        self.bed.call("start", "a")
        self.settle(watch, "b")
        self.assertEqual([watch.count(kind, "steady") for kind in ("add", "update", "remove")],
                         [1, 0, 0])

    def test_a_daemon_that_wants_the_port_for_itself_has_it(self):
        """Of a daemon that runs we listen beside, and that must keep no other one from starting."""
        self.register("b", "rtsp", "554", "--id", "before")
        watch = self.watch("a", "rtsp")
        watch.until_known("before")
        self.addCleanup(self.bed.call, "restart", "a")
        self.bed.call("restart", "a", "disallow-other-stacks=yes")
        self.register("b", "rtsp", "555", "--id", "after")
        watch.until_known("after")

    def test_an_announcer_s_daemon_that_restarts_announces_again(self):
        service = self.register("b", "ftp", "21", "--id", "again")
        watch = self.watch("a", "ftp")
        watch.until_known("again")
        self.bed.call("restart", "b")  # in order, with goodbyes
        watch.until(lambda: watch.count("add", "again") == 2, "it is announced again")
        self.assertEqual(service.label, "again")


class EmbeddedThird(ThreeHosts):
    """The same where the third has no daemon."""

    options = ("-n", "3", "-g", "-x", "c")
    embedded = "c"


if __name__ == "__main__":
    lan.main()
