/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-fixture.h"
#include "tool-screen.h"

static void
announce_later (ToolFixture *self)
{
  tool_fixture_announce (self, "http", "later", "t");
}

static void
change_later (ToolFixture *self)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 81);

  assert_true (disco_agent_update (self->agent, "later", registration, NULL, NULL));
}

static void
withdraw_later (ToolFixture *self)
{
  assert_true (disco_agent_deregister (self->agent, "later", NULL, NULL));
}

static int
setup (void **state)
{
  tool_fixture_setup (state);
  ((ToolFixture *)*state)->look = (ToolLook){ .terminal = TRUE, .paints = TRUE };
  return 0;
}

static void
a_watch_on_a_terminal_is_a_table_that_stays_current (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[] = { { "http  1 instance\r\n", announce_later },
                                    { "+ later  127.0.0.1:80  t\r\n", change_later },
                                    { "* later  127.0.0.1:81\r\n", withdraw_later },
                                    { "- later  127.0.0.1:81\r\n", tool_fixture_interrupt },
                                    { NULL, NULL } };

  tool_fixture_announce (self, "http", "a", NULL);
  assert_int_equal (tool_fixture_run (self, "watch http", steps), TOOL_STATUS_DONE);
  assert_starts_with (self->out, TOOL_SCREEN_ENTER "\x1b[H\x1b[Khttp  ");
  assert_true (
      g_str_has_suffix (self->out, "q ends" TOOL_SCREEN_LEAVE "ID  ADDRESS\na   127.0.0.1:80\n"));
  assert_string_equal (self->err, "");
}

static void
other_ways_to_watch_are_no_table (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[] = { { "synced", tool_fixture_interrupt }, { NULL, NULL } };

  tool_fixture_announce (self, "http", "a", NULL);
  assert_int_equal (tool_fixture_run (self, "watch http --once", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "add  a  127.0.0.1:80  a\n");
  assert_int_equal (tool_fixture_run (self, "watch http --json", steps), TOOL_STATUS_DONE);
  assert_null (strchr (self->out, '\x1b'));
  self->look.paints = FALSE;
  assert_int_equal (tool_fixture_run (self, "watch http", steps), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "add  a  127.0.0.1:80  a\nsynced  1\n");
}

static void
a_terminal_that_cannot_be_written_is_a_failure (void **state)
{
  ToolFixture *self = *state;
  FILE *out = fopen ("/dev/full", "w");
  FILE *err = open_memstream (&self->err, &self->err_size);

  assert_int_equal (tool_fixture_run_with_files (self, "watch http", NULL, out, err),
                    TOOL_STATUS_FAILED);
  fclose (out);
  fclose (err);
  assert_starts_with (self->err, "disco: Cannot write to standard output: ");
}

/* A flood of changes is painted now and then, and the last of them for sure. */
static void
come_and_go (ToolFixture *self)
{
  for (guint i = 0; i < 300; i++)
    {
      announce_later (self);
      withdraw_later (self);
    }
  announce_later (self);
  change_later (self);
}

static void
many_changes_are_few_paintings (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[] = { { "http  0 instances\r\n", come_and_go },
                                    { "later  127.0.0.1:81\r\n", tool_fixture_interrupt },
                                    { NULL, NULL } };
  guint n = 0;

  assert_int_equal (tool_fixture_run (self, "watch http", steps), TOOL_STATUS_DONE);
  for (const char *p = self->out; (p = strstr (p, "\x1b[H\x1b[K")) != NULL; p++)
    n++;
  assert_in_range (n, 2, 100);
}

#define live_test(test) cmocka_unit_test_setup_teardown (test, setup, tool_fixture_teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    live_test (a_watch_on_a_terminal_is_a_table_that_stays_current),
    live_test (other_ways_to_watch_are_no_table),
    live_test (a_terminal_that_cannot_be_written_is_a_failure),
    live_test (many_changes_are_few_paintings),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
