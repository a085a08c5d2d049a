#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host floods the network, and the services of another one are seen all the same. Host a looks, b
announces, c floods. The watcher's own daemon has room for the flood: what that drops for want of it
nobody can see."""

import os

import lan

FLOODER = os.path.join(lan.HERE, "flooder.py")


class Flood(lan.LanTest):
    options = ("-n", "3", "-x", "c", "-o", "a:cache-entries-max=200000")

    def flood(self, name, count, target):
        """Floods, and meanwhile another host has something to say."""
        self.register("b", name, "80", "--id", "before")
        watch = self.watch("a", name)
        watch.until_known("before")
        flooder = self.program("c", "/usr/bin/python3", "-B", FLOODER, name, str(count), target)
        flooder.until_line("flooded")
        service = self.register("b", name, "80", "--id", "meanwhile")
        watch.until_known("meanwhile")
        service.stop()
        watch.until_gone("meanwhile")
        self.assertEqual([watch.count(kind, "before") for kind in ("add", "update", "remove")],
                         [1, 0, 0])
        return watch

    def test_names_without_records_keep_nobody_out(self):
        watch = self.flood("b-names", 1500, "-")
        self.assertEqual(sorted(watch.instances), ["before"])

    def test_instances_of_one_host_keep_nobody_out(self):
        watch = self.flood("b-instances", 800, "flooder")
        self.assertGreater(len(watch.instances), 500)


if __name__ == "__main__":
    lan.main()
