/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Browsing at a daemon that is played: when all has been told for now. */
#include "played-daemon.h"

#define BROWSER PLAYED_NAME ".ServiceBrowser"

typedef struct
{
  PlayedDaemon *daemon; /* (owned) */
  char *asker;          /* (owned) (nullable): whose the browsers are; while no call is under way */
  int n_browsers;       /* atomic: that were made */
  int n_pings;          /* atomic: that came since it was told to count */
  gboolean counts;      /* atomic */
  gboolean sleeps;      /* atomic: it answers no ping */
  GDBusMessage *unanswered; /* (owned) (nullable): the last such; set before that is counted */
  gboolean speaks;          /* atomic: it shows a name before it answers one */
} Fixture;

/* What a browser has told */
typedef struct
{
  DiscoLinkObject *object; /* (owned) */
  gint64 made_at;
  guint n_names;
  guint n_all;
  guint n_names_then; /* when that this is all was told */
  gint64 all_at;
} Browsed;

static void
emit (Fixture *self, int number, const char *signal, GVariant *arguments)
{
  g_autofree char *path = g_strdup_printf ("/Client1/ServiceBrowser%d", number);

  g_dbus_connection_emit_signal (self->daemon->connection, self->asker, path, BROWSER, signal,
                                 arguments, NULL);
}

static void
emit_name (Fixture *self, int number)
{
  emit (self, number, "ItemNew",
        g_variant_new ("(iisssu)", 1, 0, "label", "_http._tcp", "local", 0));
}

static void
on_call (GDBusMethodInvocation *invocation, const char *method, gpointer user_data)
{
  Fixture *self = user_data;
  const int number = g_atomic_int_get (&self->n_browsers);
  g_autofree char *path = g_strdup_printf ("/Client1/ServiceBrowser%d", number);

  g_free (self->asker);
  self->asker = g_strdup (g_dbus_method_invocation_get_sender (invocation));
  played_daemon_return_object (self->daemon, invocation, path, "ServiceBrowser");
  g_atomic_int_inc (&self->n_browsers);
}

/* In GDBus's thread, which would answer a ping of itself. (transfer full) (nullable) */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  Fixture *self = data;

  if (!incoming || !g_atomic_int_get (&self->counts)
      || g_strcmp0 (g_dbus_message_get_member (message), "Ping") != 0)
    return message;
  if (g_atomic_int_get (&self->speaks))
    emit_name (self, 0);
  if (g_atomic_int_get (&self->sleeps))
    {
      g_clear_object (&self->unanswered);
      self->unanswered = g_steal_pointer (&message);
    }
  g_atomic_int_inc (&self->n_pings);
  return message;
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->daemon = played_daemon_new (*state, on_call, self);
  g_dbus_connection_add_filter (self->daemon->connection, on_message, self, NULL);
  g_atomic_int_set (&self->counts, TRUE);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  played_daemon_free (self->daemon);
  g_clear_object (&self->unanswered);
  g_free (self->asker);
  g_free (self);
  return 0;
}

#define browse_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_browse (const DiscoBrowseEvent *event, gpointer user_data)
{
  Browsed *self = user_data;

  if (event->kind == DISCO_BROWSE_NEW)
    self->n_names++;
  else if (event->kind == DISCO_BROWSE_ALL_FOR_NOW)
    {
      self->n_all++;
      self->n_names_then = self->n_names;
      self->all_at = g_get_monotonic_time ();
    }
}

static void
browse (Fixture *self, Browsed *browsed)
{
  *browsed = (Browsed){ .made_at = g_get_monotonic_time () };
  browsed->object
      = disco_link_browse_services (self->daemon->link, "_http._tcp", on_browse, browsed);
}

static gboolean
is_all_told (gpointer data)
{
  return ((Browsed *)data)->n_all > 0;
}

static gboolean
is_name_told (gpointer data)
{
  return ((Browsed *)data)->n_names > 0;
}

static gboolean
are_two_names_told (gpointer data)
{
  return ((Browsed *)data)->n_names == 2;
}

static gboolean
is_pinged (gpointer data)
{
  return g_atomic_int_get (&((Fixture *)data)->n_pings) > 0;
}

static void
it_is_told_after_a_second_and_what_came_before (void **state)
{
  Fixture *self = *state;
  Browsed browsed;

  g_atomic_int_set (&self->speaks, TRUE);
  browse (self, &browsed);
  test_wait_until (NULL, is_all_told, &browsed);
  assert_int_equal (browsed.n_names_then, 1);
  assert_true (browsed.all_at >= browsed.made_at + G_TIME_SPAN_SECOND);
  disco_link_object_free (browsed.object);
}

static void
it_is_told_once (void **state)
{
  Fixture *self = *state;
  Browsed first, second;

  g_atomic_int_set (&self->sleeps, TRUE);
  browse (self, &first);
  emit (self, 0, "AllForNow", NULL);
  test_wait_until (NULL, is_all_told, &first);
  g_atomic_int_set (&self->sleeps, FALSE);
  browse (self, &second);
  test_wait_until (NULL, is_all_told, &second);
  emit (self, 1, "AllForNow", NULL);
  emit_name (self, 1);
  test_wait_until (NULL, is_name_told, &second);
  assert_int_equal (first.n_all, 1);
  assert_int_equal (second.n_all, 1);
  disco_link_object_free (first.object);
  disco_link_object_free (second.object);
}

static void
awake (Fixture *self)
{
  g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_reply (self->unanswered);

  g_dbus_connection_send_message (self->daemon->connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                  NULL, NULL);
}

/* Nor is it asked for that any more, once it has told so itself. */
static void
daemon_that_does_not_answer_has_not_told_all (void **state)
{
  Fixture *self = *state;
  Browsed browsed;

  g_atomic_int_set (&self->sleeps, TRUE);
  browse (self, &browsed);
  test_wait_until (NULL, is_pinged, self);
  emit_name (self, 0);
  test_wait_until (NULL, is_name_told, &browsed);
  assert_int_equal (browsed.n_all, 0);
  emit (self, 0, "AllForNow", NULL);
  test_wait_until (NULL, is_all_told, &browsed);
  awake (self);
  emit_name (self, 0);
  test_wait_until (NULL, are_two_names_told, &browsed);
  test_dispatch_pending ();
  assert_int_equal (browsed.n_all, 1);
  disco_link_object_free (browsed.object);
}

/* While the ping is under way, too */
static void
browser_that_is_freed_tells_nothing (void **state)
{
  Fixture *self = *state;
  Browsed freed, other;

  g_atomic_int_set (&self->sleeps, TRUE);
  browse (self, &freed);
  test_wait_until (NULL, is_pinged, self);
  disco_link_object_free (freed.object);
  g_atomic_int_set (&self->sleeps, FALSE);
  awake (self);
  browse (self, &other);
  test_wait_until (NULL, is_all_told, &other);
  assert_int_equal (freed.n_all, 0);
  disco_link_object_free (other.object);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    browse_test (it_is_told_after_a_second_and_what_came_before),
    browse_test (it_is_told_once),
    browse_test (daemon_that_does_not_answer_has_not_told_all),
    browse_test (browser_that_is_freed_tells_nothing),
  };

  return cmocka_run_group_tests (tests, played_daemon_set_up_bus, played_daemon_tear_down_bus);
}
