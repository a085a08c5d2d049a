/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolving at a daemon that is played: it answers, refuses and hangs as it is told. */
#include "disco-daemon-link-private.h"
#include "test-bus.h"

#include <disco/disco-error.h>
#include <string.h>

#define NAME "org.freedesktop.Avahi"
#define RESOLVER "/Client1/ServiceResolver1"

typedef enum
{
  FOUND,
  REFUSED,   /* with the error that it is told */
  DECEITFUL, /* with such an error, in the form of an answer */
  NONSENSE,  /* with an answer of another form */
  HANGING,
} Manner;

typedef struct
{
  GMainContext *context;   /* (owned) */
  TestBus *bus;            /* one for all tests: libdbus reads its address once */
  DiscoWatchdog *watchdog; /* (owned) */
  DiscoLink *link;         /* (owned) */

  /* the daemon's: a thread of its own, since avahi-client blocks */
  GMainLoop *loop;             /* (owned) */
  GThread *thread;             /* (owned) */
  GDBusConnection *daemon;     /* (owned) (nullable) */
  GDBusNodeInfo *node;         /* (owned) */
  Manner manner;               /* atomic */
  const char *refusal;         /* set while no call is under way */
  int n_calls;                 /* atomic: of ResolveService */
  int n_objects;               /* atomic: that were made */
  GDBusMethodInvocation *hung; /* (owned) (nullable): the last one */
} Fixture;

/* What came of a question */
typedef struct
{
  DiscoLinkObject *object; /* (owned) (nullable) */
  guint n_told;
  char *hostname; /* (owned) (nullable) */
  GBytes *txt;    /* (owned) (nullable) */
  guint16 port;
  int ifindex;
  int protocol;
  GError *error; /* (owned) (nullable) */
} Asked;

/* The daemon's order is the reverse of the wire's. */
static GVariant *
make_answer (void)
{
  const char *const strings[] = { "c", "b=2", "a=1" };
  GVariantBuilder txt;

  g_variant_builder_init (&txt, G_VARIANT_TYPE ("aay"));
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_variant_builder_add_value (
        &txt, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, strings[i], strlen (strings[i]), 1));
  return g_variant_new ("(iissssisqaayu)", 3, 0, "label", "_http._tcp", "local", "host.local", -1,
                        "", 8080, &txt, 0);
}

/* What GDBus would not send. @body: (transfer floating) */
static void
reply_with (GDBusMethodInvocation *invocation, GDBusMessage *reply, GVariant *body)
{
  g_dbus_message_set_body (reply, body);
  g_dbus_connection_send_message (g_dbus_method_invocation_get_connection (invocation), reply,
                                  G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (reply);
  g_object_unref (invocation);
}

static void
resolve (Fixture *self, GDBusMethodInvocation *invocation)
{
  GDBusMessage *call = g_dbus_method_invocation_get_message (invocation);

  g_atomic_int_inc (&self->n_calls);
  switch ((Manner)g_atomic_int_get (&self->manner))
    {
    case FOUND:
      g_dbus_method_invocation_return_value (invocation, make_answer ());
      break;
    case REFUSED:
      g_dbus_method_invocation_return_dbus_error (invocation, self->refusal, "because");
      break;
    case DECEITFUL:
      reply_with (invocation, g_dbus_message_new_method_error_literal (call, self->refusal, ""),
                  make_answer ());
      break;
    case NONSENSE:
      reply_with (invocation, g_dbus_message_new_method_reply (call),
                  g_variant_new ("(s)", "what"));
      break;
    case HANGING:
      self->hung = invocation;
      break;
    }
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  Fixture *self = data;

  if (g_str_equal (method, "ResolveService"))
    resolve (self, invocation);
  else if (g_str_equal (method, "GetAPIVersion"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 0x0204));
  else if (g_str_equal (method, "GetState"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(i)", 2));
  else if (g_str_equal (method, "ServiceResolverNew"))
    {
      g_atomic_int_inc (&self->n_objects);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", RESOLVER));
      g_dbus_connection_emit_signal (connection, sender, RESOLVER, NAME ".ServiceResolver", "Found",
                                     make_answer (), NULL);
    }
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}

static gpointer
run_daemon (gpointer data)
{
  GMainLoop *loop = data;

  g_main_loop_run (loop);
  return NULL;
}

static void
start_daemon (Fixture *self)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  static const char xml[]
      = "<node><interface name='org.freedesktop.Avahi.Server'>"
        "<method name='GetAPIVersion'><arg type='u' direction='out'/></method>"
        "<method name='GetState'><arg type='i' direction='out'/></method>"
        "<method name='ResolveService'>"
        "<arg type='i'/><arg type='i'/><arg type='s'/><arg type='s'/><arg type='s'/><arg type='i'/>"
        "<arg type='u'/>"
        "<arg type='i' direction='out'/><arg type='i' direction='out'/>"
        "<arg type='s' direction='out'/><arg type='s' direction='out'/>"
        "<arg type='s' direction='out'/><arg type='s' direction='out'/>"
        "<arg type='i' direction='out'/><arg type='s' direction='out'/>"
        "<arg type='q' direction='out'/><arg type='aay' direction='out'/>"
        "<arg type='u' direction='out'/></method>"
        "<method name='ServiceResolverNew'>"
        "<arg type='i'/><arg type='i'/><arg type='s'/><arg type='s'/><arg type='s'/><arg type='i'/>"
        "<arg type='u'/><arg type='o' direction='out'/></method>"
        "</interface><interface name='org.freedesktop.Avahi.ServiceResolver'>"
        "<method name='Free'/></interface></node>";
  g_autoptr (GMainContext) context = g_main_context_new ();

  self->loop = g_main_loop_new (context, FALSE);
  self->daemon = test_bus_own_name (self->bus, NAME);
  self->node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_main_context_push_thread_default (context);
  g_dbus_connection_register_object (self->daemon, "/", self->node->interfaces[0], &vtable, self,
                                     NULL, NULL);
  g_dbus_connection_register_object (self->daemon, RESOLVER, self->node->interfaces[1], &vtable,
                                     self, NULL, NULL);
  g_main_context_pop_thread_default (context);
  self->thread = g_thread_new ("daemon", run_daemon, self->loop);
}

static void
stop_daemon (Fixture *self)
{
  if (self->daemon != NULL)
    test_bus_disown_name (g_steal_pointer (&self->daemon));
}

static gboolean
is_running (gpointer link)
{
  return disco_link_get_state (link) == DISCO_LINK_RUNNING;
}

static gboolean
has_failed (gpointer link)
{
  return disco_link_get_state (link) == DISCO_LINK_FAILED;
}

static void
on_link_state (DiscoLink *link, gpointer user_data)
{
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->bus = *state;
  start_daemon (self);
  self->watchdog = disco_watchdog_new (DISCO_WATCHDOG_MIN_US, DISCO_WATCHDOG_MAX_US);
  self->link = disco_daemon_link_new (self->context, self->watchdog, FALSE);
  disco_link_start (self->link, on_link_state, NULL);
  test_wait_until (NULL, is_running, self->link);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  disco_link_close (self->link);
  g_object_unref (self->link);
  disco_watchdog_free (self->watchdog);
  stop_daemon (self);
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_clear_object (&self->hung);
  g_main_loop_unref (self->loop);
  g_dbus_node_info_unref (self->node);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

static int
set_up_bus (void **state)
{
  *state = test_bus_new (NAME);
  test_bus_start (*state);
  return 0;
}

static int
tear_down_bus (void **state)
{
  test_bus_free (*state);
  return 0;
}

#define resolve_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_resolved (const DiscoResolveEvent *event, gpointer user_data)
{
  Asked *self = user_data;

  self->n_told++;
  self->ifindex = event->ifindex;
  self->protocol = event->protocol;
  self->port = event->port;
  self->hostname = g_strdup (event->hostname);
  if (event->txt != NULL)
    self->txt = g_bytes_ref (event->txt);
  if (event->error != NULL)
    self->error = g_error_copy (event->error);
  g_clear_pointer (&self->object, disco_link_object_free);
}

static void
ask (Fixture *self, Asked *asked)
{
  *asked = (Asked){ NULL };
  asked->object
      = disco_link_resolve (self->link, 3, 0, "label", "_http._tcp", "local", on_resolved, asked);
  assert_int_equal (asked->n_told, 0);
}

static gboolean
is_told (gpointer data)
{
  return ((Asked *)data)->n_told > 0;
}

static void
asked_clear (Asked *self)
{
  g_clear_pointer (&self->object, disco_link_object_free);
  g_clear_pointer (&self->hostname, g_free);
  g_clear_pointer (&self->txt, g_bytes_unref);
  g_clear_error (&self->error);
}

/* Ends with the answer, once */
static void
assert_answered (Asked *asked)
{
  gsize size;
  const char *txt;

  test_wait_until (NULL, is_told, asked);
  assert_null (asked->error);
  assert_int_equal (asked->ifindex, 3);
  assert_int_equal (asked->protocol, 0);
  assert_int_equal (asked->port, 8080);
  assert_string_equal (asked->hostname, "host.local");
  txt = g_bytes_get_data (asked->txt, &size);
  assert_int_equal (size, 10);
  assert_memory_equal (txt, "\003a=1\003b=2\001c", size);
  asked_clear (asked);
  test_dispatch_pending ();
  assert_int_equal (asked->n_told, 1);
}

static void
answer_is_told_as_it_was_on_the_wire (void **state)
{
  Fixture *self = *state;
  Asked asked;

  ask (self, &asked);
  assert_answered (&asked);
  assert_int_equal (g_atomic_int_get (&self->n_calls), 1);
  assert_int_equal (g_atomic_int_get (&self->n_objects), 0);
}

static void
ask_and_time_out (Fixture *self, Manner manner, Asked *asked)
{
  self->refusal = NAME ".TimeoutError";
  g_atomic_int_set (&self->manner, manner);
  ask (self, asked);
  test_wait_until (NULL, is_told, asked);
}

static void
error_of_the_daemon_is_one_of_the_name (void **state)
{
  Fixture *self = *state;
  Asked asked;

  ask_and_time_out (self, REFUSED, &asked);
  test_assert_error (&asked.error, DISCO_ERROR, DISCO_ERROR_FAILED, "cannot resolve: because");
  asked_clear (&asked);
  assert_true (is_running (self->link));
}

static void
error_that_looks_like_an_answer_is_an_error (void **state)
{
  Fixture *self = *state;
  Asked asked;

  ask_and_time_out (self, DECEITFUL, &asked);
  assert_null (asked.hostname);
  test_assert_error (&asked.error, DISCO_ERROR, DISCO_ERROR_FAILED,
                     "cannot resolve: " NAME ".TimeoutError");
  asked_clear (&asked);
}

/* And the next one is not asked by a call. */
static void
question_that_is_refused_is_asked_by_an_object (void **state)
{
  static const char *const refusals[]
      = { NAME ".TooManyObjectsError", NAME ".TooManyClientsError",
          "org.freedesktop.DBus.Error.LimitsExceeded", "org.freedesktop.DBus.Error.AccessDenied" };
  Fixture *self = *state;
  Asked asked;

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (DiscoLink) link = disco_daemon_link_new (self->context, self->watchdog, FALSE);

      disco_link_close (self->link);
      g_set_object (&self->link, link);
      disco_link_start (link, on_link_state, NULL);
      test_wait_until (NULL, is_running, link);
      self->refusal = refusals[i];
      g_atomic_int_set (&self->manner, REFUSED);
      ask (self, &asked);
      assert_answered (&asked);
      ask (self, &asked);
      assert_answered (&asked);
      assert_int_equal (g_atomic_int_get (&self->n_calls), i + 1);
      assert_int_equal (g_atomic_int_get (&self->n_objects), 2 * (i + 1));
    }
}

static gboolean
has_calls (gpointer data)
{
  return g_atomic_int_get (&((Fixture *)data)->n_calls) > 0;
}

static void
question_that_was_freed_is_not_told (void **state)
{
  Fixture *self = *state;
  Asked asked, other;

  ask (self, &asked);
  asked_clear (&asked);
  ask (self, &other);
  assert_answered (&other);
  assert_int_equal (asked.n_told, 0);
  assert_int_equal (g_atomic_int_get (&self->n_calls), 2);
}

static void
daemon_that_goes_fails_the_link_and_no_question (void **state)
{
  Fixture *self = *state;
  Asked asked;

  g_atomic_int_set (&self->manner, HANGING);
  ask (self, &asked);
  test_wait_until (NULL, has_calls, self);
  stop_daemon (self);
  test_wait_until (NULL, has_failed, self->link);
  test_dispatch_pending ();
  assert_int_equal (asked.n_told, 0);
  asked_clear (&asked);
}

/* Nothing is known of the name then. */
static void
error_of_the_bus_fails_the_link_and_no_question (void **state)
{
  Fixture *self = *state;
  Asked asked;

  self->refusal = "org.freedesktop.DBus.Error.NoReply";
  g_atomic_int_set (&self->manner, REFUSED);
  ask (self, &asked);
  test_wait_until (NULL, has_failed, self->link);
  assert_int_equal (asked.n_told, 0);
  asked_clear (&asked);
}

/* Whoever has the daemon's name is no daemon that one could ask. */
static void
answer_of_another_form_fails_the_link_and_no_question (void **state)
{
  Fixture *self = *state;
  Asked asked;

  g_atomic_int_set (&self->manner, NONSENSE);
  ask (self, &asked);
  test_wait_until (NULL, has_failed, self->link);
  assert_int_equal (asked.n_told, 0);
  asked_clear (&asked);
}

static void
link_that_is_closed_takes_its_questions_with_it (void **state)
{
  Fixture *self = *state;
  Asked asked;

  g_atomic_int_set (&self->manner, HANGING);
  ask (self, &asked);
  test_wait_until (NULL, has_calls, self);
  disco_link_close (self->link);
  test_dispatch_pending ();
  assert_false (has_failed (self->link)); /* by the question's end */
  assert_int_equal (asked.n_told, 0);
  asked_clear (&asked);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    resolve_test (answer_is_told_as_it_was_on_the_wire),
    resolve_test (error_of_the_daemon_is_one_of_the_name),
    resolve_test (error_that_looks_like_an_answer_is_an_error),
    resolve_test (question_that_is_refused_is_asked_by_an_object),
    resolve_test (question_that_was_freed_is_not_told),
    resolve_test (error_of_the_bus_fails_the_link_and_no_question),
    resolve_test (answer_of_another_form_fails_the_link_and_no_question),
    resolve_test (daemon_that_goes_fails_the_link_and_no_question),
    resolve_test (link_that_is_closed_takes_its_questions_with_it),
  };

  return cmocka_run_group_tests (tests, set_up_bus, tear_down_bus);
}
