/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolving at a daemon that is played: it answers, refuses and hangs as it is told. */
#include "played-daemon.h"

#include <disco/disco-error.h>
#include <string.h>

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
  PlayedDaemon *daemon;        /* (owned) */
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
make_resolver (Fixture *self, GDBusMethodInvocation *invocation)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (invocation);
  g_autofree char *asker = g_strdup (g_dbus_method_invocation_get_sender (invocation));
  g_autofree char *path
      = g_strdup_printf ("/Client1/ServiceResolver%d", g_atomic_int_add (&self->n_objects, 1));

  played_daemon_return_object (self->daemon, invocation, path, "ServiceResolver");
  g_dbus_connection_emit_signal (connection, asker, path, PLAYED_NAME ".ServiceResolver", "Found",
                                 make_answer (), NULL);
}

static void
on_call (GDBusMethodInvocation *invocation, const char *method, gpointer user_data)
{
  if (g_str_equal (method, "ResolveService"))
    resolve (user_data, invocation);
  else
    make_resolver (user_data, invocation);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->daemon = played_daemon_new (*state, on_call, self);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  played_daemon_free (self->daemon);
  g_clear_object (&self->hung);
  g_free (self);
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
  asked->object = disco_link_resolve (self->daemon->link, 3, 0, "label", "_http._tcp", "local",
                                      on_resolved, asked);
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
  self->refusal = PLAYED_NAME ".TimeoutError";
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
  assert_true (played_link_is_running (self->daemon->link));
}

static void
error_that_looks_like_an_answer_is_an_error (void **state)
{
  Fixture *self = *state;
  Asked asked;

  ask_and_time_out (self, DECEITFUL, &asked);
  assert_null (asked.hostname);
  test_assert_error (&asked.error, DISCO_ERROR, DISCO_ERROR_FAILED,
                     "cannot resolve: " PLAYED_NAME ".TimeoutError");
  asked_clear (&asked);
}

/* And the next one is not asked by a call. */
static void
question_that_is_refused_is_asked_by_an_object (void **state)
{
  static const char *const refusals[]
      = { PLAYED_NAME ".TooManyObjectsError", PLAYED_NAME ".TooManyClientsError",
          "org.freedesktop.DBus.Error.LimitsExceeded", "org.freedesktop.DBus.Error.AccessDenied" };
  Fixture *self = *state;
  Asked asked;

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      played_daemon_renew_link (self->daemon);
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
  played_daemon_leave (self->daemon);
  test_wait_until (NULL, played_link_has_failed, self->daemon->link);
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
  test_wait_until (NULL, played_link_has_failed, self->daemon->link);
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
  test_wait_until (NULL, played_link_has_failed, self->daemon->link);
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
  disco_link_close (self->daemon->link);
  test_dispatch_pending ();
  assert_false (played_link_has_failed (self->daemon->link)); /* by the question's end */
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

  return cmocka_run_group_tests (tests, played_daemon_set_up_bus, played_daemon_tear_down_bus);
}
