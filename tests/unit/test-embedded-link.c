/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The far end of the session is the test's: it says what a responder would, or should not. */
#include "disco-embedded-link-private.h"
#include "disco-wire-private.h"
#include "test-support.h"

#include <disco/disco-error.h>
#include <string.h>

#define MAX_OBJECTS 4

typedef struct
{
  GMainContext *context;
  DiscoLink *link;                       /* (owned) (nullable) */
  DiscoWirePort *peer;                   /* (owned) (nullable): the responder's end */
  GPtrArray *heard;                      /* (owned) of (owned) text: what the responder was told */
  GString *log;                          /* (owned): what the link told, words */
  GError *error;                         /* (owned) (nullable): the last one told */
  gboolean is_peer_closed;               /* the link has ended the session */
  DiscoLinkObject *objects[MAX_OBJECTS]; /* (owned) (nullable) */
  gboolean free_all;                     /* the next event frees all objects */
  gboolean close_link;                   /* the next event closes the link */
} Fixture;

static void
on_peer_received (DiscoWireKind kind, GVariant *body, gpointer user_data)
{
  Fixture *self = user_data;
  g_autofree char *text = g_variant_print (body, FALSE);

  g_ptr_array_add (self->heard, g_strdup_printf ("%d %s", (int)kind, text));
}

static void
on_peer_closed (const GError *error, gpointer user_data)
{
  Fixture *self = user_data;

  self->is_peer_closed = TRUE;
}

static void
on_state (DiscoLink *link, gpointer user_data)
{
  static const char *const names[] = { "connecting", "running", "renaming", "failed" };
  Fixture *self = user_data;

  g_string_append_printf (self->log, "%s ", names[disco_link_get_state (link)]);
}

static void
make_link (Fixture *self, gint64 hello_us)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  assert_true (disco_wire_socketpair (fds, &error));
  self->link = disco_embedded_link_new_for_session (self->context, fds[0], hello_us);
  self->peer = disco_wire_port_new (fds[1], self->context, on_peer_received, on_peer_closed, self);
  disco_link_start (self->link, on_state, self);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->heard = g_ptr_array_new_with_free_func (g_free);
  self->log = g_string_new (NULL);
  *state = self;
  return 0;
}

static void
free_objects (Fixture *self)
{
  for (guint i = 0; i < MAX_OBJECTS; i++)
    g_clear_pointer (&self->objects[i], disco_link_object_free);
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  if (self->link != NULL)
    disco_link_close (self->link);
  free_objects (self);
  g_clear_object (&self->link);
  g_clear_pointer (&self->peer, disco_wire_port_free);
  g_ptr_array_unref (self->heard);
  g_string_free (self->log, TRUE);
  g_clear_error (&self->error);
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define link_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

/* The responder says a message; @text is a GVariant's. */
static void
say (Fixture *self, DiscoWireKind kind, const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *body = g_variant_parse (disco_wire_kind_get_type (kind), text, NULL, NULL, &error);

  if (body == NULL)
    fail_msg ("%s: %s", text, error->message);
  assert_true (disco_wire_port_send (self->peer, kind, body));
  g_variant_unref (body);
}

typedef struct
{
  Fixture *fixture;
  const char *expected;
} LogWait;

static gboolean
is_logged (gpointer data)
{
  LogWait *wait = data;

  return wait->fixture->log->len >= strlen (wait->expected);
}

/* Waits until the link has told that much, and checks it; then it is forgotten. */
static void
expect_log (Fixture *self, const char *expected)
{
  test_wait_until (NULL, is_logged, &(LogWait){ self, expected });
  test_dispatch_pending ();
  assert_string_equal (self->log->str, expected);
  g_string_truncate (self->log, 0);
}

static gboolean
has_heard (gpointer data)
{
  LogWait *wait = data;

  return g_ptr_array_find_with_equal_func (wait->fixture->heard, wait->expected, g_str_equal, NULL);
}

static void
expect_heard (Fixture *self, const char *expected)
{
  test_wait_until (NULL, has_heard, &(LogWait){ self, expected });
}

static void
run_link (Fixture *self)
{
  make_link (self, DISCO_EMBEDDED_HELLO_US);
  say (self, DISCO_WIRE_HELLO, "(1,)");
  say (self, DISCO_WIRE_STATE, "(1, 'box.local', 0)");
  expect_log (self, "running ");
}

static void
after_event (Fixture *self)
{
  if (self->free_all)
    free_objects (self);
  if (self->close_link)
    disco_link_close (self->link);
}

static void
keep_error (Fixture *self, const GError *error)
{
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
}

static void
on_browse (const DiscoBrowseEvent *event, gpointer user_data)
{
  static const char *const names[] = { "new", "remove", "all", "failure" };
  Fixture *self = user_data;

  keep_error (self, event->error);
  g_string_append_printf (self->log, "%s %d/%d %s %s %s %d %u; ", names[event->kind],
                          event->ifindex, event->protocol, event->label, event->type, event->domain,
                          event->local, (guint)event->rdata_size);
  after_event (self);
}

static void
on_resolve (const DiscoResolveEvent *event, gpointer user_data)
{
  Fixture *self = user_data;

  keep_error (self, event->error);
  if (event->error != NULL)
    g_string_append (self->log, "unresolved; ");
  else
    g_string_append_printf (self->log, "resolved %d/%d %s:%u %u; ", event->ifindex, event->protocol,
                            event->hostname, event->port, (guint)g_bytes_get_size (event->txt));
  after_event (self);
}

static void
on_group (DiscoGroupState state, const GError *error, gpointer user_data)
{
  static const char *const names[] = { "established", "collision", "failure" };
  Fixture *self = user_data;

  keep_error (self, error);
  g_string_append_printf (self->log, "%s; ", names[state]);
  after_event (self);
}

static void
browse (Fixture *self)
{
  self->objects[0] = disco_link_browse_services (self->link, "_http._tcp", on_browse, self);
}

static void
browse_both (Fixture *self)
{
  browse (self);
  self->objects[1] = disco_link_browse_types (self->link, on_browse, self);
}

static void
browse_records (Fixture *self)
{
  self->objects[0]
      = disco_link_browse_records (self->link, "box.local", DISCO_RECORD_A, on_browse, self);
}

static void
resolve (Fixture *self)
{
  self->objects[0]
      = disco_link_resolve (self->link, 2, 0, "Web", "_http._tcp", "local", on_resolve, self);
}

static DiscoLinkEntry
service_entry (GBytes *txt)
{
  return (DiscoLinkEntry){ .kind = DISCO_ENTRY_SERVICE,
                           .ifindex = 1,
                           .label = "Web",
                           .type = "_http._tcp",
                           .domain = "local",
                           .port = 80,
                           .txt = txt };
}

static void
publish (Fixture *self)
{
  g_autoptr (GBytes) txt = g_bytes_new ("\3a=b", 4);
  DiscoLinkEntry entry = service_entry (txt);

  self->objects[0] = disco_link_publish (self->link, &entry, 1, on_group, self);
}

/* --- the session --- */

static void
link_runs_when_the_responder_does (void **state)
{
  Fixture *self = *state;

  make_link (self, DISCO_EMBEDDED_HELLO_US);
  expect_heard (self, "1 (1,)");
  say (self, DISCO_WIRE_HELLO, "(1,)");
  test_dispatch_pending ();
  assert_int_equal (disco_link_get_state (self->link), DISCO_LINK_CONNECTING);
  assert_null (disco_link_get_host_name (self->link));
  say (self, DISCO_WIRE_STATE, "(1, 'box.local', 0)");
  expect_log (self, "running ");
  assert_string_equal (disco_link_get_host_name (self->link), "box.local");
}

static void
link_tells_that_the_host_is_renamed (void **state)
{
  Fixture *self = *state;

  run_link (self);
  say (self, DISCO_WIRE_STATE, "(2, '', 0)");
  expect_log (self, "renaming ");
  assert_null (disco_link_get_host_name (self->link));
  say (self, DISCO_WIRE_STATE, "(1, 'box-2.local', 0)");
  expect_log (self, "running ");
  say (self, DISCO_WIRE_STATE, "(1, 'box-3.local', 0)");
  expect_log (self, "renaming running ");
  assert_string_equal (disco_link_get_host_name (self->link), "box-3.local");
}

static void
expect_failed (Fixture *self, const char *part)
{
  expect_log (self, "failed ");
  keep_error (self, disco_link_get_error (self->link));
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, part);
}

static void
link_fails_when_the_responder_has_gone (void **state)
{
  Fixture *self = *state;

  run_link (self);
  g_clear_pointer (&self->peer, disco_wire_port_free);
  expect_failed (self, "has ended the session");
}

static void
link_fails_when_the_responder_says_so (void **state)
{
  Fixture *self = *state;

  run_link (self);
  say (self, DISCO_WIRE_STATE, "(3, '', -5)");
  expect_failed (self, "has failed: No suitable network protocol");
}

static void
link_fails_without_a_hello_in_time (void **state)
{
  Fixture *self = *state;

  make_link (self, 10 * G_TIME_SPAN_MILLISECOND);
  expect_failed (self, "does not answer");
}

static void
link_fails_with_a_responder_of_another_version (void **state)
{
  Fixture *self = *state;

  make_link (self, DISCO_EMBEDDED_HELLO_US);
  say (self, DISCO_WIRE_HELLO, "(7,)");
  expect_failed (self, "version 7");
}

static void
link_fails_where_something_comes_before_the_hello (void **state)
{
  Fixture *self = *state;

  make_link (self, DISCO_EMBEDDED_HELLO_US);
  say (self, DISCO_WIRE_STATE, "(1, 'box.local', 0)");
  expect_failed (self, "no hello first");
}

static gboolean
is_peer_closed (gpointer data)
{
  return ((Fixture *)data)->is_peer_closed;
}

static void
closed_link_ends_the_session_and_tells_nothing_more (void **state)
{
  Fixture *self = *state;
  g_autoptr (GBytes) txt = g_bytes_new ("", 0);
  DiscoLinkEntry entry = service_entry (txt);

  run_link (self);
  publish (self);
  say (self, DISCO_WIRE_GROUP, "(1, 0, 0)");
  disco_link_close (self->link);
  test_wait_until (NULL, is_peer_closed, self);
  assert_false (disco_link_update_txt (self->objects[0], &entry, &self->error));
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "ended");
  self->objects[1] = disco_link_browse_types (self->link, on_browse, self);
  test_dispatch_pending ();
  assert_string_equal (self->log->str, "");
}

/* --- what is asked --- */

static void
looking_asks_the_responder (void **state)
{
  Fixture *self = *state;

  run_link (self);
  browse_both (self);
  expect_heard (self, "2 (1, '_http._tcp')");
  expect_heard (self, "3 (2,)");
  free_objects (self);
  expect_heard (self, "9 (1,)");
  expect_heard (self, "9 (2,)");
  browse_records (self);
  expect_heard (self, "4 (3, 'box.local', 1)");
  free_objects (self);
  resolve (self);
  expect_heard (self, "5 (4, 2, 0, 'Web', '_http._tcp', 'local')");
}

static void
publishing_sends_of_each_entry_what_its_kind_needs (void **state)
{
  Fixture *self = *state;
  g_autoptr (GBytes) txt = g_bytes_new ("\3a=b", 4);
  DiscoLinkEntry entries[]
      = { service_entry (txt), service_entry (txt), service_entry (txt), service_entry (txt) };
  DiscoAddress v4, v6;

  assert_true (disco_address_from_rdata (&v4, (const guint8 *)"\300\0\2\1", 4, NULL));
  assert_true (disco_address_from_rdata (
      &v6, (const guint8 *)"\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1", 16, NULL));
  entries[0].kind = entries[1].kind = DISCO_ENTRY_ADDRESS;
  entries[0].host = entries[1].host = entries[2].host = "own.local";
  entries[0].address = &v4;
  entries[1].address = &v6;
  entries[3].kind = DISCO_ENTRY_SUBTYPE;
  entries[3].subtype = "_a._sub._http._tcp";
  run_link (self);
  self->objects[0] = disco_link_publish (self->link, entries, 4, on_group, self);
  expect_heard (self,
                "6 (1, [(0x02, 1, '', '', '', 'own.local', 0, [], '', [0xc0, 0x00, 0x02, 0x01]), "
                "(0x02, 1, '', '', '', 'own.local', 0, [], '', [0x20, 0x01, 0x0d, 0xb8, 0x00, "
                "0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01]), "
                "(0x00, 1, 'Web', '_http._tcp', 'local', 'own.local', 80, [0x03, 0x61, 0x3d, "
                "0x62], '', []), "
                "(0x01, 1, 'Web', '_http._tcp', 'local', '', 0, [], '_a._sub._http._tcp', [])])");
}

static void
an_update_is_sent_and_a_refusal_is_a_failure_of_the_group (void **state)
{
  Fixture *self = *state;
  g_autoptr (GBytes) txt = g_bytes_new ("\1c", 2);
  DiscoLinkEntry entry = service_entry (txt);

  run_link (self);
  publish (self);
  say (self, DISCO_WIRE_GROUP, "(1, 0, 0)");
  expect_log (self, "established; ");
  assert_true (disco_link_update_txt (self->objects[0], &entry, &self->error));
  expect_heard (self, "7 (1, (0x00, 1, 'Web', '_http._tcp', 'local', '', 80, [0x01, 0x63], '', "
                      "[]))");
  entry.host = "box.local";
  assert_true (disco_link_update_srv (self->objects[0], &entry, &self->error));
  expect_heard (self, "8 (1, (0x00, 1, 'Web', '_http._tcp', 'local', 'box.local', 80, [0x01, "
                      "0x63], '', []))");
  say (self, DISCO_WIRE_GROUP, "(1, 2, -9)");
  expect_log (self, "failure; ");
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_FAILED, "cannot publish");
}

static void
what_is_too_large_to_be_sent_is_a_failure_of_its_own (void **state)
{
  Fixture *self = *state;
  const int size = DISCO_WIRE_MAX_BODY;
  g_autofree guint8 *data = g_malloc0 ((gsize)size);
  g_autoptr (GBytes) txt = g_bytes_new (data, (gsize)size);
  DiscoLinkEntry entry = service_entry (txt);
  g_autofree char *name = g_strnfill ((gsize)size, 'x');

  run_link (self);
  self->objects[0] = disco_link_publish (self->link, &entry, 1, on_group, self);
  self->objects[1] = disco_link_browse_services (self->link, name, on_browse, self);
  self->objects[2] = disco_link_resolve (self->link, 1, 0, name, "", "", on_resolve, self);
  self->objects[3] = disco_link_browse_services (self->link, name, on_browse, self);
  g_clear_pointer (&self->objects[3], disco_link_object_free);
  assert_string_equal (self->log->str, "");
  expect_log (self, "failure; failure 0/0 (null) (null) (null) 0 0; unresolved; ");
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE, NULL);
  assert_false (disco_link_update_txt (self->objects[0], &entry, &self->error));
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE, NULL);
}

/* --- what is told --- */

static void
events_are_told_in_order (void **state)
{
  Fixture *self = *state;

  run_link (self);
  browse_both (self);
  say (self, DISCO_WIRE_BROWSED,
       "([(1, 0, 2, 0, 'Web', '_http._tcp', 'local', true, [], 0),"
       "  (2, 0, 2, 1, '', '_ipp._tcp', 'local', false, [], 0),"
       "  (1, 1, 2, 0, 'Web', '_http._tcp', 'local', false, [], 0),"
       "  (1, 2, -1, -1, '', '', '', false, [], 0)],)");
  expect_log (self, "new 2/0 Web _http._tcp local 1 0; new 2/1  _ipp._tcp local 0 0; "
                    "remove 2/0 Web _http._tcp local 0 0; all -1/-1    0 0; ");
  say (self, DISCO_WIRE_BROWSED, "([(1, 3, -1, -1, '', '', '', false, [], -17)],)");
  expect_log (self, "failure -1/-1    0 0; ");
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_LIMIT, "cannot browse");
}

static void
records_are_told_with_their_bytes (void **state)
{
  Fixture *self = *state;

  run_link (self);
  browse_records (self);
  say (self, DISCO_WIRE_BROWSED, "([(1, 0, 2, 0, '', '', '', false, [127, 0, 0, 1], 0)],)");
  expect_log (self, "new 2/0    0 4; ");
}

static void
an_answer_is_told_or_why_there_is_none (void **state)
{
  Fixture *self = *state;

  run_link (self);
  resolve (self);
  say (self, DISCO_WIRE_RESOLVED, "(1, 2, 0, 'box.local', 80, [3, 97, 61, 98], 0)");
  expect_log (self, "resolved 2/0 box.local:80 4; ");
  say (self, DISCO_WIRE_RESOLVED, "(1, -1, -1, '', 0, [], -15)");
  expect_log (self, "unresolved; ");
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_FAILED, "cannot resolve");
}

static void
a_group_tells_its_states (void **state)
{
  Fixture *self = *state;

  run_link (self);
  publish (self);
  say (self, DISCO_WIRE_GROUP, "(1, 1, 0)");
  expect_log (self, "collision; ");
  assert_null (self->error);
  say (self, DISCO_WIRE_GROUP, "(1, 2, -10)");
  expect_log (self, "failure; ");
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, "cannot publish");
}

static const char *const one_of_each = "([(1, 0, 2, 0, 'Web', '_http._tcp', 'local', true, [], 0),"
                                       "  (2, 0, 2, 1, '', '_ipp._tcp', 'local', false, [], 0)],)";

static void
what_is_said_of_a_freed_object_is_told_to_nobody (void **state)
{
  Fixture *self = *state;

  run_link (self);
  browse_both (self);
  free_objects (self);
  browse (self);
  say (self, DISCO_WIRE_BROWSED, one_of_each);
  say (self, DISCO_WIRE_RESOLVED, "(1, 2, 0, 'box.local', 80, [], 0)");
  say (self, DISCO_WIRE_GROUP, "(1, 0, 0)");
  say (self, DISCO_WIRE_BROWSED, "([(3, 2, -1, -1, '', '', '', false, [], 0)],)");
  expect_log (self, "all -1/-1    0 0; ");
}

static void
an_event_may_free_those_that_the_same_message_tells_of (void **state)
{
  Fixture *self = *state;

  run_link (self);
  browse_both (self);
  self->free_all = TRUE;
  say (self, DISCO_WIRE_BROWSED, one_of_each);
  expect_log (self, "new 2/0 Web _http._tcp local 1 0; ");
}

static void
an_event_may_end_the_link (void **state)
{
  Fixture *self = *state;

  run_link (self);
  browse_both (self);
  self->close_link = TRUE;
  say (self, DISCO_WIRE_BROWSED, one_of_each);
  say (self, DISCO_WIRE_STATE, "(2, '', 0)");
  expect_log (self, "new 2/0 Web _http._tcp local 1 0; ");
}

/* Kind, message, what the failure says; @ stands for a name that is too long */
static const struct
{
  DiscoWireKind kind;
  const char *text;
  const char *part;
  void (*make) (Fixture *self);
} faults[] = {
  { DISCO_WIRE_HELLO, "(1,)", "a second hello", NULL },
  { DISCO_WIRE_STATE, "(0, '', 0)", "a state", NULL },
  { DISCO_WIRE_STATE, "(4, '', 0)", "a state", NULL },
  { DISCO_WIRE_STATE, "(1, '', 0)", "a host without a name", NULL },
  { DISCO_WIRE_STATE, "(1, 'a..b', 0)", "a host without a name", NULL },
  { DISCO_WIRE_FREE, "(1,)", "for it", NULL },
  { DISCO_WIRE_BROWSE_TYPES, "(1,)", "for it", NULL },
  { DISCO_WIRE_BROWSED, "([(1, 4, 2, 0, 'a', '_a._tcp', 'local', false, [], 0)],)", "a kind",
    browse },
  { DISCO_WIRE_BROWSED, "([(9, 4, 2, 0, 'a', '_a._tcp', 'local', false, [], 0)],)", "a kind",
    browse },
  { DISCO_WIRE_BROWSED, "([(1, 0, -2, 0, 'a', '_a._tcp', 'local', false, [], 0)],)", "an interface",
    browse },
  { DISCO_WIRE_BROWSED, "([(1, 0, 2, 2, 'a', '_a._tcp', 'local', false, [], 0)],)", "protocol",
    browse },
  { DISCO_WIRE_BROWSED, "([(1, 0, 2, 0, '', '_a._tcp', 'local', false, [], 0)],)",
    "a service without", browse },
  { DISCO_WIRE_BROWSED, "([(1, 1, 2, 0, 'a', '', 'local', false, [], 0)],)", "a service without",
    browse },
  { DISCO_WIRE_BROWSED, "([(1, 0, 2, 0, 'a', '_a._tcp', '', false, [], 0)],)", "a service without",
    browse },
  { DISCO_WIRE_BROWSED, "([(2, 0, 2, 0, '', '', 'local', false, [], 0)],)",
    "a service type without", browse_both },
  { DISCO_WIRE_BROWSED, "([(1, 0, 2, 0, '@', '_a._tcp', 'local', false, [], 0)],)", "too long",
    browse },
  { DISCO_WIRE_BROWSED, "([(1, 0, 2, 0, 'a', '@', 'local', false, [], 0)],)", "too long", browse },
  { DISCO_WIRE_BROWSED, "([(1, 0, 2, 0, 'a', '_a._tcp', '@', false, [], 0)],)", "too long",
    browse },
  { DISCO_WIRE_BROWSED, "([(1, 0, 2, 0, 'a', '_a._tcp', 'local', false, [], 0)],)", "no browser",
    publish },
  { DISCO_WIRE_RESOLVED, "(1, 2, 0, 'box.local', 80, [], 0)", "no question", browse },
  { DISCO_WIRE_RESOLVED, "(1, 2, 3, 'box.local', 80, [], 0)", "protocol", resolve },
  { DISCO_WIRE_RESOLVED, "(1, 2, 0, '', 80, [], 0)", "without a host", resolve },
  { DISCO_WIRE_RESOLVED, "(1, 2, 0, '@', 80, [], 0)", "too long", resolve },
  { DISCO_WIRE_GROUP, "(1, 3, 0)", "a state of a group", publish },
  { DISCO_WIRE_GROUP, "(1, 0, 0)", "no group", resolve },
};

static void
a_message_against_the_protocol_fails_the_link (void **state)
{
  g_autofree char *long_name = g_strnfill (2000, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      Fixture *self;
      g_auto (GStrv) parts = g_strsplit (faults[i].text, "@", 2);
      g_autofree char *text = g_strjoinv (long_name, parts);

      print_message ("%d %s\n", (int)faults[i].kind, faults[i].text);
      set_up ((void **)&self);
      run_link (self);
      if (faults[i].make != NULL)
        faults[i].make (self);
      say (self, faults[i].kind, text);
      expect_failed (self, faults[i].part);
      test_wait_until (NULL, is_peer_closed, self);
      tear_down ((void **)&self);
    }
}

static void
say_events (Fixture *self, guint n)
{
  g_autoptr (GString) text = g_string_new ("([");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s(1, 2, -1, -1, '', '', '', false, [], 0)", i > 0 ? "," : "");
  g_string_append (text, "],)");
  say (self, DISCO_WIRE_BROWSED, text->str);
}

static void
too_many_events_in_a_message_fail_the_link (void **state)
{
  Fixture *self = *state;
  g_autoptr (GString) expected = g_string_new (NULL);

  run_link (self);
  browse (self);
  say_events (self, DISCO_WIRE_MAX_BATCH);
  for (guint i = 0; i < DISCO_WIRE_MAX_BATCH; i++)
    g_string_append (expected, "all -1/-1    0 0; ");
  expect_log (self, expected->str);
  say_events (self, DISCO_WIRE_MAX_BATCH + 1);
  expect_failed (self, "too many events");
}

static void
too_long_a_record_fails_the_link (void **state)
{
  Fixture *self = *state;
  g_autofree guint8 *data = g_malloc0 (65536);
  GVariant *rdata = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, 65536, 1);
  GVariant *item = g_variant_new ("(uyiisssb@ayi)", 1, 0, 2, 0, "", "", "", FALSE, rdata, 0);

  run_link (self);
  browse_records (self);
  disco_wire_port_send (
      self->peer, DISCO_WIRE_BROWSED,
      g_variant_new ("(@a" DISCO_WIRE_BROWSED_TYPE ")", g_variant_new_array (NULL, &item, 1)));
  expect_failed (self, "too long");
}

static void
link_to_no_program_is_not_made (void **state)
{
  Fixture *self = *state;

  g_setenv ("DISCO_RESPONDER", "/nonexistent/responder", TRUE);
  self->link = disco_embedded_link_new (self->context, NULL, NULL, &self->error);
  assert_null (self->link);
  test_assert_error (&self->error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "/nonexistent/responder");
  g_unsetenv ("DISCO_RESPONDER");
}

static void
link_to_a_program_that_ends_at_once_fails (void **state)
{
  Fixture *self = *state;

  g_setenv ("DISCO_RESPONDER", "/bin/true", TRUE);
  self->link = disco_embedded_link_new (self->context, NULL, NULL, &self->error);
  assert_non_null (self->link);
  disco_link_start (self->link, on_state, self);
  expect_failed (self, "/bin/true");
  g_unsetenv ("DISCO_RESPONDER");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    link_test (link_runs_when_the_responder_does),
    link_test (link_tells_that_the_host_is_renamed),
    link_test (link_fails_when_the_responder_has_gone),
    link_test (link_fails_when_the_responder_says_so),
    link_test (link_fails_without_a_hello_in_time),
    link_test (link_fails_with_a_responder_of_another_version),
    link_test (link_fails_where_something_comes_before_the_hello),
    link_test (closed_link_ends_the_session_and_tells_nothing_more),
    link_test (looking_asks_the_responder),
    link_test (publishing_sends_of_each_entry_what_its_kind_needs),
    link_test (an_update_is_sent_and_a_refusal_is_a_failure_of_the_group),
    link_test (what_is_too_large_to_be_sent_is_a_failure_of_its_own),
    link_test (events_are_told_in_order),
    link_test (records_are_told_with_their_bytes),
    link_test (an_answer_is_told_or_why_there_is_none),
    link_test (a_group_tells_its_states),
    link_test (what_is_said_of_a_freed_object_is_told_to_nobody),
    link_test (an_event_may_free_those_that_the_same_message_tells_of),
    link_test (an_event_may_end_the_link),
    cmocka_unit_test (a_message_against_the_protocol_fails_the_link),
    link_test (too_many_events_in_a_message_fail_the_link),
    link_test (too_long_a_record_fails_the_link),
    link_test (link_to_no_program_is_not_made),
    link_test (link_to_a_program_that_ends_at_once_fails),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
