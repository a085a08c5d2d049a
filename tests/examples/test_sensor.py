#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""examples/sensor on a host: announced, asked for its page, measuring something new, and stopped."""

import os
import signal
import sys
import tempfile

import lan

# run on the other host: prints the status and the body
FETCH = """
import sys, urllib.error, urllib.request
try:
    with urllib.request.urlopen(urllib.request.Request(sys.argv[2], method=sys.argv[1]), timeout=20) as answer:
        print(answer.status, answer.headers["Content-Type"], answer.read().decode())
except urllib.error.HTTPError as error:
    print(error.code)
"""
# What the unit file takes from it, as far as this can be had without systemd
CONFINED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]


class Sensor(lan.LanTest):
    """Neither host has a daemon."""

    options = ("-n", "2", "-x", "a", "-x", "b")
    embedded = "ab"
    maxDiff = None

    def setUp(self):
        file, self.source = tempfile.mkstemp(prefix="disco-sensor.")
        os.close(file)
        self.addCleanup(os.unlink, self.source)
        self.set_value("21.5 C")

    def set_value(self, value):
        with open(self.source, "w", encoding="utf-8") as file:
            file.write(value + "\n")

    def sensor(self, *arguments):
        return self.start(lan.Process(self.bed, "a", [
            *CONFINED, lan.built("examples", "sensor", "example-sensor"),
            "--source", self.source, *arguments]))

    def end(self, sensor):
        status = sensor.stop(signal.SIGTERM)
        self.assertEqual((status, sensor.stderr()), (0, ""))

    def fetch(self, instance, path="/", method="GET"):
        url = "http://%s:%d%s" % (instance["addresses"][0], instance["port"], path)
        result = self.bed.run("b", sys.executable, "-c", FETCH, method, url)
        self.assertEqual(result.stderr, "")
        return result.stdout.strip()

    def test_it_is_found_read_and_gone_when_it_is_stopped(self):
        records = self.program("b", sys.executable, "-B", os.path.join(lan.HERE, "mdns_records.py"))
        records.until_line("listening")
        sensor = self.sensor("--label", "<Cellar>", "--every", "1")
        watch = self.watch("b", "http", "--tag", "sensor")
        identity = sensor.until_line("announced as ").rpartition(" ")[2]

        found = watch.until_known(identity)
        self.assertEqual((found["label"], found["hostname"], found["addresses"], found["tags"]),
                         ("<Cellar>", "host-a.local", ["198.51.100.1"], ["sensor"]))
        self.assertEqual(found["attributes"], {"path": "/", "value": "21.5"})
        page = self.fetch(found)
        self.assertTrue(page.startswith("200 text/html"), page)
        self.assertIn("<h1>&lt;Cellar&gt;</h1><p>21.5</p>", page)
        self.assertEqual(self.fetch(found, "/other"), "404")
        self.assertEqual(self.fetch(found, method="POST"), "405")

        self.set_value("22.0 C")
        changed = watch.until_like(identity, attributes={"path": "/", "value": "22.0"})
        self.assertEqual(changed, {**found, "attributes": changed["attributes"]})
        self.assertIn("<p>22.0</p>", self.fetch(changed))

        self.end(sensor)
        records.until_line(" 0 <Cellar>._http._tcp.local.")
        watch.until_gone(identity)
        self.assertEqual([event["event"] for event in watch.events if event["event"] != "synced"],
                         ["add", "update", "remove"])

    def test_what_cannot_be_served_is_said_at_once(self):
        for arguments, said in ((("--source", "/nonexistent"), "/nonexistent"),
                                (("--port", "65536"), "no such port"),
                                (("--every", "0"), "no such time")):
            result = self.bed.run("a", lan.built("examples", "sensor", "example-sensor"),
                                  *arguments)
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertIn(said, result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)


if __name__ == "__main__":
    lan.main()
