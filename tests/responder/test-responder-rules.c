/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A parent that breaks the rules loses its session; the responder and other sessions live on. */
#include "responder-fixture.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* All that the responder says of itself: the head of the frame, and the version */
#define HELLO_BYTES 12

static Responder *responder;

static int
set_up_group (void **state)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  *state = context;
  responder = responder_start ();
  return 0;
}

static int
tear_down_group (void **state)
{
  responder_end (responder);
  return test_context_pop (state);
}

/* Writes @size bytes into a new session and nothing more; how many come back until it is closed */
static gsize
send_raw (gconstpointer bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  gsize n_read = 0;
  ssize_t n;
  int fds[2];

  assert_true (disco_wire_socketpair (fds, &error));
  assert_true (disco_wire_send_fd (responder->control, fds[1], &error));
  close (fds[1]);
  assert_int_equal (write (fds[0], bytes, size), size);
  do
    {
      struct pollfd wanted = { fds[0], POLLIN, 0 };
      guint8 buffer[64];

      assert_int_equal (poll (&wanted, 1, TEST_DEADLINE_S * 1000), 1);
      n = read (fds[0], buffer, sizeof buffer);
      n_read += n > 0 ? (gsize)n : 0;
    }
  while (n > 0);
  close (fds[0]);
  return n_read;
}

static void
assert_well (Session *session)
{
  session_send (session, DISCO_WIRE_PUBLISH,
                publish_body (1000, service_entry ("well", own_type (), 1, "")));
  session_expect_group (session, 1000, DISCO_WIRE_GROUP_ESTABLISHED);
}

static void
another_version_is_answered_and_refused (void **state)
{
  Session *session = session_open_version (responder, DISCO_WIRE_VERSION + 1);
  g_autoptr (GVariant) hello = session_expect (session, DISCO_WIRE_HELLO);
  guint32 version;

  g_variant_get (hello, "(u)", &version);
  assert_int_equal (version, DISCO_WIRE_VERSION);
  session_expect_closed (session);
  assert_int_equal (session->messages->len, 0);
  session_close (session);
}

/* The size of a frame is random, and more than is allowed. */
static void
garbage_closes_its_session_only (void **state)
{
  Session *well = session_open (responder);
  GRand *rand = test_rand_new ();

  for (guint i = 0; i < 50; i++)
    {
      guint8 bytes[512];

      for (gsize j = 0; j < sizeof bytes; j++)
        bytes[j] = (guint8)g_rand_int (rand);
      bytes[3] |= 0x40;
      assert_int_equal (send_raw (bytes, sizeof bytes), HELLO_BYTES);
    }
  g_rand_free (rand);
  assert_well (well);
  session_close (well);
}

/* --- one message that breaks the rules --- */

typedef GVariant *(*MakeBody) (void);

static GVariant *
entry_of (guchar kind, int ifindex, const char *label, const char *type, const char *host,
          const char *txt, gsize txt_size, const char *subtype, gsize address_size)
{
  static const guint8 address[16];

  return g_variant_new ("(yissssq@ays@ay)", kind, ifindex, label, type, "local", host, 1,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, txt, txt_size, 1), subtype,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, address, address_size, 1));
}

static GVariant *
hello_again (void)
{
  return g_variant_new ("(u)", DISCO_WIRE_VERSION);
}

static GVariant *
state_body (void)
{
  return g_variant_new ("(ysi)", 1, "box.local", 0);
}

static GVariant *
free_unknown (void)
{
  return g_variant_new ("(u)", 77);
}

static GVariant *
update_unknown (void)
{
  return g_variant_new ("(u@" DISCO_WIRE_ENTRY_TYPE ")", 77,
                        service_entry ("a", own_type (), 1, ""));
}

/* number 1 is a browser */
static GVariant *
update_browser (void)
{
  return g_variant_new ("(u@" DISCO_WIRE_ENTRY_TYPE ")", 1,
                        service_entry ("a", own_type (), 1, ""));
}

static GVariant *
number_in_use (void)
{
  return g_variant_new ("(u)", 1);
}

static GVariant *
record_type_cname (void)
{
  return g_variant_new ("(usq)", 2, "a.local", 5);
}

static GVariant *
record_type_any (void)
{
  return g_variant_new ("(usq)", 2, "a.local", 255);
}

static GVariant *
resolve_no_protocol (void)
{
  return g_variant_new ("(uiisss)", 2, -1, 2, "a", own_type (), "local");
}

static GVariant *
resolve_no_interface (void)
{
  return g_variant_new ("(uiisss)", 2, -2, -1, "a", own_type (), "local");
}

static GVariant *
publish_nothing (void)
{
  return g_variant_new ("(u@a" DISCO_WIRE_ENTRY_TYPE ")", 2,
                        g_variant_new_array (G_VARIANT_TYPE (DISCO_WIRE_ENTRY_TYPE), NULL, 0));
}

static GVariant *
publish_too_many (void)
{
  GVariant *entries[DISCO_WIRE_MAX_ENTRIES + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    entries[i] = service_entry ("a", own_type (), 1, "");
  return g_variant_new ("(u@a" DISCO_WIRE_ENTRY_TYPE ")", 2,
                        g_variant_new_array (NULL, entries, G_N_ELEMENTS (entries)));
}

static GVariant *
publish_no_kind (void)
{
  return publish_body (2, entry_of (3, -1, "a", own_type (), "", "", 0, "", 0));
}

static GVariant *
publish_txt_broken (void)
{
  return publish_body (
      2, entry_of (DISCO_WIRE_ENTRY_SERVICE, -1, "a", own_type (), "", "\5a", 2, "", 0));
}

static GVariant *
publish_txt_too_long (void)
{
  static const char zeros[10000];

  return publish_body (
      2, entry_of (DISCO_WIRE_ENTRY_SERVICE, -1, "a", own_type (), "", zeros, sizeof zeros, "", 0));
}

static GVariant *
publish_interface_0 (void)
{
  return publish_body (2,
                       entry_of (DISCO_WIRE_ENTRY_SERVICE, 0, "a", own_type (), "", "", 0, "", 0));
}

static GVariant *
publish_address_of_5 (void)
{
  return publish_body (2, entry_of (DISCO_WIRE_ENTRY_ADDRESS, -1, "", "", "h.local", "", 0, "", 5));
}

static GVariant *
publish_address_of_nobody (void)
{
  return publish_body (2, entry_of (DISCO_WIRE_ENTRY_ADDRESS, -1, "", "", "", "", 0, "", 4));
}

static const struct
{
  const char *what;
  DiscoWireKind kind;
  MakeBody make;
} rows[] = {
  { "a second HELLO", DISCO_WIRE_HELLO, hello_again },
  { "a message of the responder's", DISCO_WIRE_STATE, state_body },
  { "FREE of an unknown object", DISCO_WIRE_FREE, free_unknown },
  { "UPDATE_TXT of an unknown object", DISCO_WIRE_UPDATE_TXT, update_unknown },
  { "UPDATE_SRV of a browser", DISCO_WIRE_UPDATE_SRV, update_browser },
  { "a number in use", DISCO_WIRE_BROWSE_TYPES, number_in_use },
  { "CNAME records", DISCO_WIRE_BROWSE_RECORDS, record_type_cname },
  { "records of any type", DISCO_WIRE_BROWSE_RECORDS, record_type_any },
  { "a protocol that there is not", DISCO_WIRE_RESOLVE, resolve_no_protocol },
  { "an interface that there cannot be", DISCO_WIRE_RESOLVE, resolve_no_interface },
  { "a group of nothing", DISCO_WIRE_PUBLISH, publish_nothing },
  { "a group of too many", DISCO_WIRE_PUBLISH, publish_too_many },
  { "a kind of entry that there is not", DISCO_WIRE_PUBLISH, publish_no_kind },
  { "TXT data that is cut off", DISCO_WIRE_PUBLISH, publish_txt_broken },
  { "too much TXT data", DISCO_WIRE_PUBLISH, publish_txt_too_long },
  { "interface 0", DISCO_WIRE_PUBLISH, publish_interface_0 },
  { "an address of 5 bytes", DISCO_WIRE_PUBLISH, publish_address_of_5 },
  { "an address of nobody's", DISCO_WIRE_PUBLISH, publish_address_of_nobody },
};

static void
messages_that_break_the_rules_close_their_session (void **state)
{
  Session *well = session_open (responder);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Session *session = session_open (responder);

      print_message ("%s\n", rows[i].what);
      session_send (session, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 1, own_type ()));
      session_send (session, rows[i].kind, rows[i].make ());
      session_expect_closed (session);
      session_close (session);
    }
  assert_well (well);
  session_close (well);
}

static void
nothing_is_heard_before_hello (void **state)
{
  const guint32 browse_types[] = { 4, DISCO_WIRE_BROWSE_TYPES, 1 };

  assert_int_equal (send_raw (browse_types, sizeof browse_types), HELLO_BYTES);
}

/* --- started by hand --- */

static int
run_by_hand (const char *option, char **standard_error)
{
  const char *const argv[] = { DISCO_RESPONDER, option, NULL };
  g_autoptr (GError) error = NULL;
  int wait_status;

  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, standard_error,
                     &wait_status, &error))
    fail_msg ("%s", error->message);
  assert_true (WIFEXITED (wait_status));
  return WEXITSTATUS (wait_status);
}

static void
by_hand_it_says_so_in_one_line (void **state)
{
  g_autofree char *text = NULL;
  char *end;

  assert_int_equal (run_by_hand (NULL, &text), 2);
  assert_true (g_str_has_prefix (text, "disco-responder: "));
  end = strchr (text, '\n');
  assert_non_null (end);
  assert_string_equal (end, "\n");
}

static void
an_unknown_option_is_wrong_usage (void **state)
{
  g_autofree char *text = NULL;

  assert_int_equal (run_by_hand ("--no-such-option", &text), 2);
  assert_non_null (strstr (text, "--no-such-option"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (another_version_is_answered_and_refused),
    cmocka_unit_test (garbage_closes_its_session_only),
    cmocka_unit_test (messages_that_break_the_rules_close_their_session),
    cmocka_unit_test (nothing_is_heard_before_hello),
    cmocka_unit_test (by_hand_it_says_so_in_one_line),
    cmocka_unit_test (an_unknown_option_is_wrong_usage),
  };

  return cmocka_run_group_tests (tests, set_up_group, tear_down_group);
}
