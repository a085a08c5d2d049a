/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In simulated time. */
#include "disco-link-private.h"
#include "disco-overheard-private.h"
#include "sim-clock.h"
#include "test-support.h"

#define NAME "a._http._tcp.local"
#define KEEP_US (10 * G_TIME_SPAN_SECOND)
#define MAX_BYTES (4 << 20)
#define LONG_BYTES 8000

typedef struct
{
  GMainContext *context; /* (owned) */
  DiscoOverheard *overheard;
  GString *recalled; /* (owned): "SRV x, TXT y, " */
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->context = g_main_context_new ();
  sim_clock_adopt (self->context);
  self->overheard = disco_overheard_new (self->context);
  self->recalled = g_string_new (NULL);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  disco_overheard_free (self->overheard);
  g_string_free (self->recalled, TRUE);
  g_main_context_unref (self->context);
  g_free (self);
  return 0;
}

#define overheard_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static DiscoHeard
record (const char *name, guint16 type, const char *text)
{
  return (DiscoHeard){ name, type, FALSE, 1, DISCO_LINK_IPV4, (const guint8 *)text, strlen (text) };
}

static void
put (Fixture *self, guint16 type, const char *text)
{
  const DiscoHeard heard = record (NAME, type, text);

  disco_overheard_put (self->overheard, &heard);
}

static void
run (Fixture *self, gint64 us)
{
  sim_clock_advance (us);
  while (sim_clock_iterate (self->context) == 0)
    ;
}

static void
on_recalled (const DiscoHeard *heard, gpointer user_data)
{
  Fixture *self = user_data;

  assert_string_equal (heard->name, NAME);
  assert_false (heard->goodbye);
  assert_int_equal (heard->ifindex, 1);
  assert_int_equal (heard->protocol, DISCO_LINK_IPV4);
  g_string_append_printf (self->recalled, "%s %.*s, ",
                          heard->type == DISCO_RECORD_SRV ? "SRV" : "TXT", (int)heard->rdata_size,
                          (const char *)heard->rdata);
}

static void
assert_kept_at (Fixture *self, int ifindex, int protocol, const char *expected)
{
  const gboolean any
      = disco_overheard_recall (self->overheard, NAME, ifindex, protocol, on_recalled, self);

  assert_int_equal (any, *expected != '\0');
  assert_string_equal (self->recalled->str, expected);
  g_string_truncate (self->recalled, 0);
}

static void
assert_kept (Fixture *self, const char *expected)
{
  assert_kept_at (self, 1, DISCO_LINK_IPV4, expected);
}

static void
what_was_heard_is_kept_until_it_is_forgotten (void **state)
{
  Fixture *self = *state;

  put (self, DISCO_RECORD_TXT, "t");
  put (self, DISCO_RECORD_SRV, "s");
  assert_kept (self, "SRV s, TXT t, ");
  disco_overheard_forget (self->overheard, NAME, 1, DISCO_LINK_IPV6);
  disco_overheard_forget (self->overheard, "b._http._tcp.local", 1, DISCO_LINK_IPV4);
  assert_kept (self, "SRV s, TXT t, ");
  disco_overheard_forget (self->overheard, NAME, 1, DISCO_LINK_IPV4);
  assert_kept (self, "");
  put (self, DISCO_RECORD_TXT, "");
  assert_kept (self, "TXT , ");
}

static void
it_is_kept_for_where_it_was_heard (void **state)
{
  Fixture *self = *state;

  put (self, DISCO_RECORD_SRV, "s");
  assert_kept_at (self, 2, DISCO_LINK_IPV4, "");
  assert_kept_at (self, 1, DISCO_LINK_IPV6, "");
  assert_kept (self, "SRV s, ");
}

static void
last_word_counts (void **state)
{
  Fixture *self = *state;
  DiscoHeard goodbye = record (NAME, DISCO_RECORD_SRV, "new");

  put (self, DISCO_RECORD_SRV, "old");
  put (self, DISCO_RECORD_TXT, "t");
  put (self, DISCO_RECORD_SRV, "new");
  assert_kept (self, "SRV new, TXT t, ");
  goodbye.goodbye = TRUE;
  disco_overheard_put (self->overheard, &goodbye);
  assert_kept (self, "TXT t, ");
}

static void
it_is_forgotten_after_some_seconds (void **state)
{
  Fixture *self = *state;

  put (self, DISCO_RECORD_SRV, "s");
  run (self, KEEP_US / 2);
  put (self, DISCO_RECORD_TXT, "t");
  run (self, KEEP_US / 2 - 1);
  put (self, DISCO_RECORD_TXT, "u");
  assert_kept (self, "SRV s, TXT u, ");
  run (self, 1);
  assert_kept (self, "TXT u, ");
  run (self, KEEP_US);
  assert_kept (self, "");
}

static void
clearing_forgets_all (void **state)
{
  Fixture *self = *state;

  put (self, DISCO_RECORD_SRV, "s");
  disco_overheard_clear (self->overheard);
  assert_kept (self, "");
  put (self, DISCO_RECORD_SRV, "s");
  run (self, KEEP_US);
  assert_kept (self, "");
}

/* Names that are invented drive out what came before them, and no more. */
static void
oldest_make_room (void **state)
{
  Fixture *self = *state;
  g_autofree char *text = g_strnfill (LONG_BYTES, 'x');

  put (self, DISCO_RECORD_SRV, "s");
  for (guint i = 0; i < MAX_BYTES / LONG_BYTES - 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u._http._tcp.local", i);
      const DiscoHeard heard = record (name, DISCO_RECORD_TXT, text);
      disco_overheard_put (self->overheard, &heard);
    }
  assert_kept (self, "SRV s, ");
  put (self, DISCO_RECORD_SRV, "s");
  for (guint i = 0; i < MAX_BYTES / LONG_BYTES; i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u._http._tcp.local", i);
      const DiscoHeard heard = record (name, DISCO_RECORD_TXT, text);
      disco_overheard_put (self->overheard, &heard);
    }
  assert_kept (self, "");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    overheard_test (what_was_heard_is_kept_until_it_is_forgotten),
    overheard_test (it_is_kept_for_where_it_was_heard),
    overheard_test (last_word_counts),
    overheard_test (it_is_forgotten_after_some_seconds),
    overheard_test (clearing_forgets_all),
    overheard_test (oldest_make_room),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
