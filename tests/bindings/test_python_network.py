#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent on the network from Python: a responder of its own, on the loopback interface alone."""

import unittest
import uuid

from test_python import BindingsTest, Disco, GLib


class Network(BindingsTest):
    def setUp(self):
        super().setUp()
        self.agent = Disco.AvahiAgent(backend=Disco.Backend.EMBEDDED, interfaces=["lo"])

    def until_running(self):
        self.until(lambda: self.agent.get_state() == Disco.State.RUNNING)

    def test_a_list_follows_what_is_announced(self):
        name = "python-" + str(uuid.uuid4())
        states = []
        self.agent.connect("notify::state", lambda agent, _: states.append(agent.props.state))
        rows = Disco.InstanceList.new(self.agent.open_service(name, None))
        registration = Disco.Registration.new(name, 80)
        identity = self.call(self.agent.register_async, self.agent.register_finish, registration)
        self.until(lambda: len(rows) == 1)
        self.assertEqual((rows[0].get_id(), rows[0].get_interfaces()), (identity, ["lo"]))
        self.until(rows.get_synced)
        self.assertEqual(states, [Disco.State.RUNNING])
        self.assertEqual(self.agent.get_backend_in_use(), Disco.Backend.EMBEDDED)
        self.assertEqual(self.agent.dup_statistics().unpack()["links"], 1)
        self.call(self.agent.leave_async, self.agent.leave_finish)
        self.until(lambda: len(rows) == 0)

    def test_a_diagnosis_can_be_read(self):
        self.until_running()
        results = []
        Disco.diagnose_async(self.agent, None, lambda _, result: results.append(result))
        self.until(lambda: results)
        found = {item.get_check(): item for item in Disco.diagnose_finish(results[0])}
        self.assertEqual(found["bus"].get_status(), Disco.DiagnosisStatus.OK)
        self.assertTrue(all(isinstance(item.get_detail(), str) for item in found.values()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
