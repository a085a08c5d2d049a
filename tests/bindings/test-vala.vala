/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The API from Vala, in memory. */

static Disco.Registration make_registration (string id, uint16 port = 80)
{
  var registration = new Disco.Registration ("_http._tcp", port);

  registration.id = id;
  registration.tags = { "a", "b" };
  registration.set_attribute ("path", new Bytes ("/".data));
  return registration;
}

static string describe (Disco.Event event)
{
  return "%s %s:%u".printf (event.get_operation ().to_string (), event.get_instance ().id,
                            event.get_instance ().port);
}

static async void announce_and_watch (Disco.Agent agent) throws Error
{
  var service = yield agent.service_async ("http", { "a" });
  var watcher = service.watch ();
  var events = yield watcher.next_async ();

  assert (events.length == 0);
  var id = yield agent.register_async (make_registration ("one"));
  assert (id == "one");
  events = yield watcher.next_async ();
  assert (events.length == 1);
  assert (describe (events[0]) == "DISCO_OPERATION_ADD one:80");
  yield agent.update_async ("one", make_registration ("one", 81));
  events = yield watcher.next_async ();
  assert (describe (events[0]) == "DISCO_OPERATION_UPDATE one:81");
  assert (events[0].get_previous ().port == 80);

  var services = yield agent.services_async (null);
  assert (services.size () == 1);
  foreach (var instance in services["http"].get_instances ())
    {
      bool present;
      unowned Bytes? value = instance.get_attribute ("path", out present);

      assert (present && value.compare (new Bytes ("/".data)) == 0);
      assert (string.joinv (",", instance.tags) == "a,b");
      assert (instance.addresses[0] == "127.0.0.1");
      assert (instance.dup_address () == "127.0.0.1:81");
    }
  yield agent.deregister_async ("one");
  events = yield watcher.next_async ();
  assert (describe (events[0]) == "DISCO_OPERATION_REMOVE one:81");
  watcher.close ();
  try
    {
      yield watcher.next_async ();
      assert_not_reached ();
    }
  catch (Disco.Error.CLOSED error)
    {
    }
}

static async void follow_in_a_list (Disco.Agent agent) throws Error
{
  var rows = new Disco.InstanceList (agent.open_service ("http", null));
  uint n_signals = 0;

  rows.items_changed.connect ((position, removed, added) => {
      assert (position == 0 && removed == 0 && added == 2);
      n_signals++;
      follow_in_a_list.callback ();
    });
  agent.register (make_registration ("one"));
  agent.register (make_registration ("two"));
  yield;
  assert (n_signals == 1 && rows.n_items == 2 && rows.synced);
  assert (rows.item_type == typeof (Disco.Instance));
  assert (((Disco.Instance) rows.get_item (1)).id == "two");
  yield agent.leave_async ();
}

static async void connect_to_a_server (Disco.Agent agent) throws Error
{
  var server = new SocketService ();
  Socket? socket = null;

  server.event.connect ((event, object) => { socket = socket ?? object as Socket; });
  server.incoming.connect (connection => true);
  var port = server.add_any_inet_port (null);
  var registration = new Disco.Registration.for_socket ("_http._tcp", socket);
  assert (registration.port == port);
  agent.register (registration);
  var instance = agent.service ("http", null).get_instances ()[0];
  var connection = yield new SocketClient ().connect_async (instance);
  assert (((InetSocketAddress) connection.get_remote_address ()).port == port);
}

static void diff_by_hand (Disco.Agent agent) throws Error
{
  var diff = new Disco.Diff ();
  var instances = agent.service ("http", null).get_instances ();

  assert (instances.length == 1);
  assert (diff.apply (instances).length == 1);
  assert (diff.copy ().apply (null).length == 1);
  assert (diff.apply (instances).length == 0);
}

static async void run_all () throws Error
{
  var agent = new Disco.LocalAgent ();

  yield announce_and_watch (agent);
  yield follow_in_a_list (agent);
  yield connect_to_a_server (agent);
  diff_by_hand (agent);
  Disco.Agent.set_for_context (null, agent);
  assert (Disco.Agent.for_context (null) == agent);
  Disco.Agent.set_for_context (null, null);
}

int main ()
{
  var loop = new MainLoop ();
  var status = 1;

  run_all.begin ((object, result) => {
      try
        {
          run_all.end (result);
          status = 0;
        }
      catch (Error error)
        {
          printerr ("%s\n", error.message);
        }
      loop.quit ();
    });
  loop.run ();
  return status;
}
