/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a parent can do with the program, on the interface lo alone. */
#include "responder-fixture.h"

#include <avahi-common/error.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define A_RECORD_TYPE 1
#define TXT_RECORD_TYPE 16
#define SRV_RECORD_TYPE 33
#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define X240 X60 "." X60 "." X60 "." X60

/* @bytes: TXT data with this one string */
static void
assert_txt (GVariant *bytes, const char *text)
{
  gsize size;
  const guint8 *data = g_variant_get_fixed_array (bytes, &size, 1);

  assert_int_equal (size, strlen (text) + 1);
  assert_int_equal (data[0], strlen (text));
  assert_memory_equal (data + 1, text, size - 1);
}

static void
publish (Session *session, guint32 object, const char *label, guint16 port)
{
  session_send (session, DISCO_WIRE_PUBLISH,
                publish_body (object, service_entry (label, own_type (), port, "a=1")));
}

/* On lo everything comes twice, for IPv4 and for IPv6: others may still be underway. */
static void
expect_new (Session *session, guint32 object, const char *label)
{
  gboolean found = FALSE;

  while (!found)
    {
      g_autoptr (GVariant) event = session_expect_browsed (session, object, DISCO_WIRE_BROWSE_NEW);
      const char *told;
      const char *type;
      const char *domain;
      gboolean local;
      int ifindex;

      g_variant_get (event, "(uyii&s&s&sb@ayi)", NULL, NULL, &ifindex, NULL, &told, &type, &domain,
                     &local, NULL, NULL);
      assert_string_equal (type, own_type ());
      assert_string_equal (domain, "local");
      assert_true (local);
      assert_int_equal (ifindex, 1);
      found = g_str_equal (told, label);
    }
}

static void
expect_gone (Session *session, guint32 object)
{
  g_autoptr (GVariant) event = session_expect_browsed (session, object, DISCO_WIRE_BROWSE_REMOVE);
}

/* --- services --- */

static void
a_service_is_found_resolved_and_removed (void **state)
{
  Responder *responder = responder_start ();
  Session *one = session_open (responder);
  Session *two = session_open (responder);
  g_autoptr (GVariant) body = NULL;
  g_autoptr (GVariant) txt = NULL;
  const char *host;
  guint32 object;
  guint16 port;
  int code;

  session_send (two, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 7, own_type ()));
  publish (one, 1, "A café", 4711);
  session_expect_group (one, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  expect_new (two, 7, "A café");

  session_send (two, DISCO_WIRE_RESOLVE,
                g_variant_new ("(uiisss)", 8, -1, -1, "A café", own_type (), "local"));
  body = session_expect (two, DISCO_WIRE_RESOLVED);
  g_variant_get (body, "(uii&sq@ayi)", &object, NULL, NULL, &host, &port, &txt, &code);
  assert_int_equal (object, 8);
  assert_int_equal (code, 0);
  assert_int_equal (port, 4711);
  assert_true (g_str_has_suffix (host, ".local"));
  assert_txt (txt, "a=1");

  session_close (one);
  expect_gone (two, 7);
  session_close (two);
  responder_end (responder);
}

static void
a_group_that_is_freed_is_removed (void **state)
{
  Responder *responder = responder_start ();
  Session *session = session_open (responder);

  session_send (session, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 1, own_type ()));
  publish (session, 2, "freed", 1);
  expect_new (session, 1, "freed");
  session_send (session, DISCO_WIRE_FREE, g_variant_new ("(u)", 2));
  expect_gone (session, 1);
  /* its number is free again */
  publish (session, 2, "again", 1);
  expect_new (session, 1, "again");
  session_close (session);
  responder_end (responder);
}

/* The records of a service as a session watches them */
static void
browse_records (Session *session, guint32 object, const char *label, guint16 type)
{
  g_autofree char *name = g_strdup_printf ("%s.%s.local", label, own_type ());

  session_send (session, DISCO_WIRE_BROWSE_RECORDS, g_variant_new ("(usq)", object, name, type));
}

/* Waits for a record with this data, on lo there are two: for IPv4 and for IPv6. */
static void
expect_record (Session *session, guint32 object, const guint8 *rdata, gsize rdata_size)
{
  for (;;)
    {
      g_autoptr (GVariant) event = session_expect_browsed (session, object, DISCO_WIRE_BROWSE_NEW);
      g_autoptr (GVariant) bytes = g_variant_get_child_value (event, 8);
      gsize size;
      const guint8 *data = g_variant_get_fixed_array (bytes, &size, 1);

      if (size >= rdata_size && memcmp (data, rdata, rdata_size) == 0)
        return;
    }
}

static void
txt_and_port_are_updated_in_place (void **state)
{
  static const guint8 port_before[] = { 0, 0, 0, 0, 0, 7 };
  static const guint8 port_after[] = { 0, 0, 0, 0, 0, 8 };
  Responder *responder = responder_start ();
  Session *one = session_open (responder);
  Session *two = session_open (responder);

  browse_records (two, 1, "updated", TXT_RECORD_TYPE);
  browse_records (two, 2, "updated", SRV_RECORD_TYPE);
  publish (one, 1, "updated", 7);
  session_expect_group (one, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  expect_record (two, 1, (const guint8 *)"\3a=1", 4);
  expect_record (two, 2, port_before, sizeof port_before);
  session_send (one, DISCO_WIRE_UPDATE_TXT,
                g_variant_new ("(u@" DISCO_WIRE_ENTRY_TYPE ")", 1,
                               service_entry ("updated", own_type (), 7, "a=22")));
  expect_record (two, 1, (const guint8 *)"\4a=22", 5);
  session_send (one, DISCO_WIRE_UPDATE_SRV,
                g_variant_new ("(u@" DISCO_WIRE_ENTRY_TYPE ")", 1,
                               service_entry ("updated", own_type (), 8, "a=22")));
  expect_record (two, 2, port_after, sizeof port_after);
  session_close (one);
  session_close (two);
  responder_end (responder);
}

static void
an_update_of_what_is_not_published_tells_a_failure (void **state)
{
  Responder *responder = responder_start ();
  Session *session = session_open (responder);

  publish (session, 1, "here", 1);
  session_expect_group (session, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  session_send (session, DISCO_WIRE_UPDATE_SRV,
                g_variant_new ("(u@" DISCO_WIRE_ENTRY_TYPE ")", 1,
                               service_entry ("elsewhere", own_type (), 8, "")));
  session_expect_group (session, 1, DISCO_WIRE_GROUP_FAILURE);
  session_close (session);
  responder_end (responder);
}

static void
a_name_that_is_taken_collides (void **state)
{
  Responder *responder = responder_start ();
  Session *one = session_open (responder);
  Session *two = session_open (responder);

  publish (one, 1, "taken", 1);
  session_expect_group (one, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  publish (two, 1, "taken", 2);
  session_expect_group (two, 1, DISCO_WIRE_GROUP_COLLISION);
  session_close (one);
  session_close (two);
  responder_end (responder);
}

static void
subtypes_and_hosts_of_ones_own_are_published (void **state)
{
  static const guint8 address[] = { 192, 0, 2, 7 };
  g_autofree char *host = g_strdup_printf ("own-host-%d.local", getpid ());
  g_autofree char *subtype = g_strdup_printf ("_aa._sub.%s", own_type ());
  GVariant *entries[3];
  Responder *responder = responder_start ();
  Session *session = session_open (responder);
  GVariant *none = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0));

  entries[0]
      = g_variant_new ("(yissssq@ays@ay)", DISCO_WIRE_ENTRY_ADDRESS, -1, "", "", "", host, 0, none,
                       "", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, address, 4, 1));
  entries[1] = g_variant_new ("(yissssq@ays@ay)", DISCO_WIRE_ENTRY_SERVICE, -1, "sub", own_type (),
                              "local", host, 9, none, "", none);
  entries[2] = g_variant_new ("(yissssq@ays@ay)", DISCO_WIRE_ENTRY_SUBTYPE, -1, "sub", own_type (),
                              "local", "", 0, none, subtype, none);
  session_send (session, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 1, subtype));
  session_send (session, DISCO_WIRE_BROWSE_RECORDS,
                g_variant_new ("(usq)", 2, host, A_RECORD_TYPE));
  session_send (session, DISCO_WIRE_PUBLISH,
                g_variant_new ("(u@a" DISCO_WIRE_ENTRY_TYPE ")", 3,
                               g_variant_new_array (NULL, entries, G_N_ELEMENTS (entries))));
  session_expect_group (session, 3, DISCO_WIRE_GROUP_ESTABLISHED);
  expect_new (session, 1, "sub");
  expect_record (session, 2, address, sizeof address);
  g_variant_unref (none);
  session_close (session);
  responder_end (responder);
}

static void
types_are_browsed_and_all_for_now_is_told (void **state)
{
  Responder *responder = responder_start ();
  Session *session = session_open (responder);
  g_autoptr (GVariant) all = NULL;
  gboolean found = FALSE;

  publish (session, 1, "typed", 1);
  session_expect_group (session, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  session_send (session, DISCO_WIRE_BROWSE_TYPES, g_variant_new ("(u)", 2));
  while (!found)
    {
      g_autoptr (GVariant) event = session_expect_browsed (session, 2, DISCO_WIRE_BROWSE_NEW);
      const char *type;

      g_variant_get_child (event, 5, "&s", &type);
      found = g_str_equal (type, own_type ());
    }
  all = session_expect_browsed (session, 2, DISCO_WIRE_BROWSE_ALL_FOR_NOW);
  session_close (session);
  responder_end (responder);
}

static gboolean
has_come (Session *session, guint32 object, DiscoWireBrowse kind)
{
  for (guint i = 0; i < session->messages->len; i++)
    {
      Message *message = session->messages->pdata[i];
      guint32 number;
      guint8 what;

      if (message->kind != DISCO_WIRE_BROWSED)
        continue;
      g_variant_get_child (message->body, 0, "u", &number);
      g_variant_get_child (message->body, 1, "y", &what);
      if (number == object && what == kind)
        return TRUE;
    }
  return FALSE;
}

/* Who has just announced answers nobody for a second. */
static void
a_new_responder_has_found_what_there_is_when_it_says_so (void **state)
{
  Responder *one = responder_start ();
  Session *announcer = session_open (one);
  Responder *other;
  Session *watcher;
  g_autoptr (GVariant) all = NULL;

  publish (announcer, 1, "just announced", 1);
  session_expect_group (announcer, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  other = responder_start ();
  watcher = session_open_version (other, DISCO_WIRE_VERSION);
  session_send (watcher, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 2, own_type ()));
  all = session_expect_browsed (watcher, 2, DISCO_WIRE_BROWSE_ALL_FOR_NOW);
  assert_true (has_come (watcher, 2, DISCO_WIRE_BROWSE_NEW));
  session_close (watcher);
  session_close (announcer);
  responder_end (other);
  responder_end (one);
}

static void
what_avahi_refuses_is_told_with_its_code (void **state)
{
  Responder *responder = responder_start ();
  Session *session = session_open (responder);
  g_autoptr (GVariant) browsed = NULL;
  g_autoptr (GVariant) resolved = NULL;
  g_autoptr (GVariant) group = NULL;
  guchar kind;
  int code;

  session_send (session, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 1, "http.tcp"));
  browsed = session_expect_browsed (session, 1, DISCO_WIRE_BROWSE_FAILURE);
  g_variant_get_child (browsed, 9, "i", &code);
  assert_int_equal (code, AVAHI_ERR_INVALID_SERVICE_TYPE);
  session_send (session, DISCO_WIRE_RESOLVE,
                g_variant_new ("(uiisss)", 2, -1, -1, "a", "_http._sctp", "local"));
  resolved = session_expect (session, DISCO_WIRE_RESOLVED);
  g_variant_get_child (resolved, 6, "i", &code);
  assert_int_equal (code, AVAHI_ERR_INVALID_SERVICE_TYPE);
  session_send (session, DISCO_WIRE_PUBLISH,
                publish_body (3, service_entry ("a", "_http._sctp", 1, "")));
  group = session_expect (session, DISCO_WIRE_GROUP);
  g_variant_get (group, "(uyi)", NULL, &kind, &code);
  assert_int_equal (kind, DISCO_WIRE_GROUP_FAILURE);
  assert_int_equal (code, AVAHI_ERR_INVALID_SERVICE_TYPE);
  /* a failed object is freed as any other */
  for (guint32 object = 1; object <= 3; object++)
    session_send (session, DISCO_WIRE_FREE, g_variant_new ("(u)", object));
  publish (session, 1, "well", 1);
  session_expect_group (session, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  session_close (session);
  responder_end (responder);
}

/* Names that the network has told may be asked for: none of them ends the session. */
static const struct
{
  const char *name;
  DiscoWireKind kind;
  int code;
} names[] = {
  { "", DISCO_WIRE_BROWSE_SERVICES, AVAHI_ERR_INVALID_SERVICE_TYPE },
  { "_" X60 "abc._tcp", DISCO_WIRE_BROWSE_SERVICES, AVAHI_ERR_INVALID_SERVICE_TYPE },
  { X240, DISCO_WIRE_BROWSE_SERVICES, AVAHI_ERR_INVALID_SERVICE_TYPE },
  { ".", DISCO_WIRE_BROWSE_RECORDS, AVAHI_ERR_INVALID_DOMAIN_NAME },
  { "a\\000b.local", DISCO_WIRE_BROWSE_RECORDS, AVAHI_ERR_INVALID_DOMAIN_NAME },
  { "a\\9.local", DISCO_WIRE_BROWSE_RECORDS, AVAHI_ERR_INVALID_DOMAIN_NAME },
  { X240 "." X10 ".local", DISCO_WIRE_BROWSE_RECORDS, AVAHI_ERR_INVALID_DOMAIN_NAME },
  { X60 "abcd", DISCO_WIRE_RESOLVE, AVAHI_ERR_INVALID_SERVICE_NAME },
  { "", DISCO_WIRE_RESOLVE, AVAHI_ERR_INVALID_SERVICE_NAME },
  { X60 "abcd", DISCO_WIRE_PUBLISH, AVAHI_ERR_INVALID_SERVICE_NAME },
  { "", DISCO_WIRE_PUBLISH, AVAHI_ERR_INVALID_SERVICE_NAME },
};

static GVariant *
body_with_name (DiscoWireKind kind, const char *name)
{
  if (kind == DISCO_WIRE_BROWSE_SERVICES)
    return g_variant_new ("(us)", 1, name);
  if (kind == DISCO_WIRE_BROWSE_RECORDS)
    return g_variant_new ("(usq)", 1, name, A_RECORD_TYPE);
  if (kind == DISCO_WIRE_RESOLVE)
    return g_variant_new ("(uiisss)", 1, -1, -1, name, own_type (), "local");
  return publish_body (1, service_entry (name, own_type (), 1, ""));
}

static int
expect_refused (Session *session, DiscoWireKind kind)
{
  g_autoptr (GVariant) body = NULL;
  int code;

  if (kind == DISCO_WIRE_RESOLVE)
    body = session_expect (session, DISCO_WIRE_RESOLVED);
  else if (kind == DISCO_WIRE_PUBLISH)
    body = session_expect (session, DISCO_WIRE_GROUP);
  else
    body = session_expect_browsed (session, 1, DISCO_WIRE_BROWSE_FAILURE);
  g_variant_get_child (body, g_variant_n_children (body) - 1, "i", &code);
  return code;
}

static void
names_that_dns_has_no_room_for_are_refused_with_a_code (void **state)
{
  Responder *responder = responder_start ();
  Session *session = session_open (responder);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      print_message ("%s\n", names[i].name);
      session_send (session, names[i].kind, body_with_name (names[i].kind, names[i].name));
      assert_int_equal (expect_refused (session, names[i].kind), names[i].code);
      session_send (session, DISCO_WIRE_FREE, g_variant_new ("(u)", 1));
    }
  publish (session, 1, "well", 1);
  session_expect_group (session, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  session_close (session);
  responder_end (responder);
}

static void
what_nobody_answers_is_told_after_its_time (void **state)
{
  Responder *responder = responder_start ();
  Session *session = session_open (responder);
  g_autoptr (GVariant) body = NULL;
  int code;

  session_send (session, DISCO_WIRE_RESOLVE,
                g_variant_new ("(uiisss)", 1, -1, -1, "nobody", own_type (), "local"));
  body = session_expect (session, DISCO_WIRE_RESOLVED);
  g_variant_get_child (body, 6, "i", &code);
  assert_int_equal (code, AVAHI_ERR_TIMEOUT);
  session_close (session);
  responder_end (responder);
}

/* --- the end --- */

/* The watcher is another process: they share what is on lo, and the host's name. */
static void
the_end_of_the_parent_says_goodbye (void **state)
{
  Responder *one = responder_start ();
  Responder *two = responder_start ();
  Session *publisher = session_open (one);
  Session *watcher = session_open (two);

  session_send (watcher, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 1, own_type ()));
  publish (publisher, 1, "goodbye", 1);
  session_expect_group (publisher, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  g_variant_unref (session_expect_browsed (watcher, 1, DISCO_WIRE_BROWSE_NEW));
  responder_end (one);
  session_expect_closed (publisher);
  expect_gone (watcher, 1);
  session_close (publisher);
  session_close (watcher);
  responder_end (two);
}

static void
signals_that_end_a_group_of_processes_are_ignored (void **state)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
  Responder *responder = responder_start ();
  Session *session = session_open (responder);

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    assert_int_equal (kill (responder->pid, signals[i]), 0);
  publish (session, 1, "stays", 1);
  session_expect_group (session, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  session_close (session);
  responder_end (responder);
}

static void
a_message_without_a_session_ends_it (void **state)
{
  Responder *responder = responder_start ();

  session_close (session_open (responder));
  assert_int_equal (write (responder->control, "x", 1), 1);
  assert_int_equal (responder_wait (responder), 0);
  responder_leave (responder);
  responder_free (responder);
}

/* --- privileges --- */

static void
it_gives_up_its_privileges (void **state)
{
  Responder *responder = responder_start ();
  Session *session = session_open (responder);
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", responder->pid);
  g_autofree char *status = NULL;

  assert_true (g_file_get_contents (path, &status, NULL, NULL));
  assert_non_null (strstr (status, "\nCapPrm:\t0000000000000000\n"));
  assert_non_null (strstr (status, "\nCapEff:\t0000000000000000\n"));
  assert_non_null (strstr (status, "\nCapAmb:\t0000000000000000\n"));
  if (geteuid () == 0)
    assert_non_null (strstr (status, "\nCapBnd:\t0000000000000000\n"));
  assert_non_null (strstr (status, "\nNoNewPrivs:\t1\n"));
  session_close (session);
  responder_end (responder);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (a_service_is_found_resolved_and_removed),
    test_in_own_context (a_group_that_is_freed_is_removed),
    test_in_own_context (txt_and_port_are_updated_in_place),
    test_in_own_context (an_update_of_what_is_not_published_tells_a_failure),
    test_in_own_context (a_name_that_is_taken_collides),
    test_in_own_context (subtypes_and_hosts_of_ones_own_are_published),
    test_in_own_context (types_are_browsed_and_all_for_now_is_told),
    test_in_own_context (a_new_responder_has_found_what_there_is_when_it_says_so),
    test_in_own_context (what_avahi_refuses_is_told_with_its_code),
    test_in_own_context (names_that_dns_has_no_room_for_are_refused_with_a_code),
    test_in_own_context (what_nobody_answers_is_told_after_its_time),
    test_in_own_context (the_end_of_the_parent_says_goodbye),
    test_in_own_context (signals_that_end_a_group_of_processes_are_ignored),
    test_in_own_context (a_message_without_a_session_ends_it),
    test_in_own_context (it_gives_up_its_privileges),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
