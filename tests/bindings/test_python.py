#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole API from Python, in memory."""

import unittest

import gi

gi.require_version("Disco", "1")
from gi.repository import Disco, Gio, GLib, GObject  # noqa: E402

DEADLINE_S = 20


class BindingsTest(unittest.TestCase):
    """A test with a main context of its own."""

    def setUp(self):
        self.context = GLib.MainContext.new()
        self.context.push_thread_default()
        self.addCleanup(self.context.pop_thread_default)

    def until(self, condition):
        """Iterates the context until the condition holds."""
        late = []
        deadline = GLib.timeout_source_new_seconds(DEADLINE_S)
        deadline.set_callback(lambda _: late.append(True))
        deadline.attach(self.context)
        while not condition() and not late:
            self.context.iteration(True)
        deadline.destroy()
        self.assertTrue(condition(), "not within %d s" % DEADLINE_S)

    def call(self, function, finish, *arguments):
        """Calls an asynchronous function, and returns what it has come to."""
        results = []
        function(*arguments, None, lambda _, result: results.append(result))
        self.assertEqual(results, [])
        self.until(lambda: results)
        return finish(results[0])

    def assert_error(self, code, call, *arguments):
        with self.assertRaises(GLib.Error) as raised:
            call(*arguments)
        self.assertTrue(raised.exception.matches(Disco.Error.quark(), code), raised.exception)

    def registration(self, identity, port=80, tags=()):
        registration = Disco.Registration.new("_http._tcp", port)
        registration.set_id(identity)
        registration.set_tags(list(tags))
        return registration


class Python(BindingsTest):
    def setUp(self):
        super().setUp()
        self.agent = Disco.LocalAgent.new()

    def test_a_service_is_announced_changed_and_withdrawn(self):
        self.assertEqual(self.agent.register(self.registration("one"), None), "one")
        service = self.agent.service("http", None, None)
        self.assertEqual((service.get_name(), service.get_service_type(), service.get_tags()),
                         ("http", "_http._tcp", []))
        self.assertTrue(service.get_synced())
        self.assertTrue(self.agent.update("one", self.registration("one", 81), None))
        self.assertEqual([item.get_port() for item in service.get_instances()], [81])
        self.assertTrue(self.agent.deregister("one", None))
        self.assertEqual(service.get_instances(), [])
        self.agent.register(self.registration("two"), None)
        self.assertTrue(self.agent.leave(None))
        self.assertEqual(service.get_instances(), [])

    def test_the_same_by_asynchronous_functions(self):
        agent = self.agent
        self.assertEqual(self.call(agent.register_async, agent.register_finish,
                                   self.registration("one")), "one")
        service = self.call(agent.service_async, agent.service_finish, "http", ["no such tag"])
        self.assertEqual(service.get_instances(), [])
        services = self.call(agent.services_async, agent.services_finish, None)
        self.assertEqual(list(services), ["http"])
        self.assertIsInstance(services["http"], Disco.Service)
        self.assertTrue(self.call(agent.update_async, agent.update_finish, "one",
                                  self.registration("one", 81)))
        self.assertEqual(services["http"].get_instances()[0].get_port(), 81)
        self.assertTrue(self.call(agent.deregister_async, agent.deregister_finish, "one"))
        self.assertTrue(self.call(agent.leave_async, agent.leave_finish))
        self.assertEqual(agent.services(None, None), {})

    def test_what_is_announced_is_what_is_seen(self):
        registration = Disco.Registration(name="_http._tcp", port=8080, id="an id",
                                          label="A label", addr="192.0.2.7", tags=["a", "b"])
        registration.set_attribute("path", GLib.Bytes(b"/\xff"))
        registration.set_attribute("flag", None)
        self.assertEqual(registration.get_attribute_keys(), ["path", "flag"])
        self.assertEqual(registration.get_attribute("FLAG"), (None, True))
        self.agent.register(registration, None)
        instance = self.agent.service("http", ["b"], None).get_instances()[0]
        self.assertEqual(
            (instance.get_id(), instance.get_name(), instance.get_label(), instance.get_port(),
             instance.get_host(), instance.get_addresses(), instance.get_tags(),
             instance.get_service_type(), instance.get_domain(), instance.get_local(),
             instance.get_interfaces(), instance.dup_address()),
            ("an id", "http", "A label", 8080, "192.0.2.7", ["192.0.2.7"], ["a", "b"],
             "_http._tcp", "local", True, [], "192.0.2.7:8080"))
        self.assertEqual(instance.get_attribute_keys(), ["path", "flag"])
        value, present = instance.get_attribute("path")
        self.assertEqual((value.get_data(), present), (b"/\xff", True))
        self.assertEqual(instance.get_attribute("no-such"), (None, False))
        self.assertEqual(instance.props.addresses, ["192.0.2.7"])
        self.assertTrue(instance.equal(instance))

    def test_a_watcher_tells_of_every_change(self):
        watcher = self.agent.open_service("http", None).watch()
        self.assertEqual(watcher.next(None), [])
        self.agent.register(self.registration("one"), None)
        event, = watcher.next(None)
        self.assertEqual(event.get_operation(), Disco.Operation.ADD)
        self.assertIsNone(event.get_previous())
        self.agent.update("one", self.registration("one", 81), None)
        event, = self.call(watcher.next_async, watcher.next_finish)
        self.assertEqual((event.get_operation(), event.get_previous().get_port(),
                          event.get_instance().get_port()), (Disco.Operation.UPDATE, 80, 81))
        self.agent.deregister("one", None)
        event, = watcher.next(None)
        self.assertEqual(event.get_operation(), Disco.Operation.REMOVE)
        watcher.close()
        self.assert_error(Disco.Error.CLOSED, watcher.next, None)

    def test_a_call_can_be_cancelled(self):
        watcher = self.agent.open_service("http", None).watch_full(Disco.WatchFlags.IMMEDIATE)
        cancellable = Gio.Cancellable.new()
        results = []
        watcher.next_async(cancellable, lambda _, result: results.append(result))
        cancellable.cancel()
        self.until(lambda: results)
        with self.assertRaises(GLib.Error) as raised:
            watcher.next_finish(results[0])
        self.assertTrue(raised.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_errors_are_exceptions_with_a_code(self):
        self.agent.register(self.registration("one"), None)
        self.assert_error(Disco.Error.EXISTS, self.agent.register, self.registration("one"), None)
        self.assert_error(Disco.Error.NOT_FOUND, self.agent.update, "two",
                          self.registration("two"), None)
        self.assert_error(Disco.Error.INVALID_ARGUMENT, self.agent.open_service, "_bad", None)

    def test_a_list_is_a_sequence_that_follows(self):
        self.agent.register(self.registration("one"), None)
        service = self.agent.service("http", None, None)
        rows = Disco.InstanceList.new(service)
        told = []
        rows.connect("items-changed", lambda _, *change: told.append(change))
        self.assertEqual([row.get_id() for row in rows], ["one"])
        self.assertEqual((rows.get_service(), rows.get_synced(), rows.props.n_items,
                          rows.props.item_type), (service, True, 1, Disco.Instance.__gtype__))
        self.agent.register(self.registration("two"), None)
        self.agent.update("one", self.registration("one", 81), None)
        self.until(lambda: told)
        self.assertEqual(told, [(0, 1, 2)])
        self.assertEqual([(row.props.id, row.props.port) for row in rows], [("one", 81), ("two", 80)])
        self.assertEqual(rows[1].get_id(), "two")

    def test_a_service_notifies_and_an_agent_signals_renames(self):
        renamed = []
        self.agent.connect("renamed", lambda _, *names: renamed.append(names))
        for identity in ("one", "two"):
            registration = self.registration(identity)
            registration.props.label = "Office"
            self.agent.register(registration, None)
        self.until(lambda: renamed)
        self.assertEqual(renamed, [("two", "Office #2")])

    def test_default_tags_are_appended(self):
        self.agent.props.default_tags = ["site"]
        self.agent.register(self.registration("one", tags=["own"]), None)
        instance, = self.agent.service("http", ["site"], None).get_instances()
        self.assertEqual(instance.get_tags(), ["own", "site"])

    def test_a_diff_takes_and_gives_lists(self):
        for identity in ("one", "two"):
            self.agent.register(self.registration(identity), None)
        instances = self.agent.service("http", None, None).get_instances()
        diff = Disco.Diff.new()
        self.assertEqual(sorted(event.get_instance().get_id() for event in diff.apply(instances)),
                         ["one", "two"])
        event, = diff.copy().apply(instances[:1])
        self.assertEqual(event.get_operation(), Disco.Operation.REMOVE)
        self.assertEqual(diff.apply(instances), [])

    def test_a_server_is_announced_and_connected_to(self):
        server = Gio.SocketService.new()
        sockets = []
        server.connect("event", lambda _, event, socket:
                       event == Gio.SocketListenerEvent.LISTENED and sockets.append(socket))
        port = server.add_any_inet_port(None)
        server.connect("incoming", lambda _, connection, source:
                       connection.get_output_stream().write_all(b"hello")[0])
        registration = Disco.Registration.new_for_socket("_http._tcp", sockets[0])
        self.assertEqual((registration.get_port(), registration.get_addr()), (port, None))
        self.agent.register(registration, None)
        instance, = self.agent.service("http", None, None).get_instances()
        client = Gio.SocketClient.new()
        connection = self.call(client.connect_async, client.connect_finish, instance)
        stream = connection.get_input_stream()
        data = self.call(lambda *rest: stream.read_bytes_async(5, 0, *rest),
                         stream.read_bytes_finish)
        self.assertEqual(data.get_data(), b"hello")

    def test_a_context_has_its_agent(self):
        Disco.Agent.set_for_context(self.context, self.agent)
        self.assertEqual(Disco.Agent.for_context(None), self.agent)
        Disco.Agent.set_for_context(self.context, None)
        self.assertIsInstance(Disco.Agent.for_context(self.context), Disco.LocalAgent)

    def test_what_is_dropped_is_freed(self):
        instance_list = Disco.InstanceList.new(self.agent.open_service("http", None))
        gone = []
        for dropped in (instance_list, self.agent):
            dropped.weak_ref(lambda: gone.append(True))
        del instance_list, dropped, self.agent
        self.until(lambda: len(gone) == 2)

    def test_the_version_is_known(self):
        self.assertEqual(Disco.VERSION_STRING, "%d.%d.%d" % (
            Disco.MAJOR_VERSION, Disco.MINOR_VERSION, Disco.MICRO_VERSION))
        self.assertTrue(issubclass(Disco.InstanceList, Gio.ListModel))
        self.assertTrue(issubclass(Disco.Instance, Gio.SocketConnectable))
        self.assertTrue(GObject.type_is_a(Disco.LocalAgent, Disco.Agent))


if __name__ == "__main__":
    unittest.main(verbosity=2)
