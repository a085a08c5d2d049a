/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-quota-private.h"
#include "test-support.h"

#define MAX_INSTANCES 8
#define SHARE (MAX_INSTANCES / DISCO_QUOTA_HOST_SHARE)
#define N_NAMES (DISCO_QUOTA_MIN_CANDIDATES + 100)

typedef struct
{
  DiscoQuota *quota;
  char names[N_NAMES]; /* their addresses are the names */
  gboolean is_in[N_NAMES];
  guint n_in;
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->quota = disco_quota_new (MAX_INSTANCES);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  disco_quota_free (self->quota);
  g_free (self);
  return 0;
}

#define quota_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

/* TRUE if it is let in; keeps account of who is driven out */
static gboolean
admit (Fixture *self, guint name)
{
  gpointer driven_out;

  if (!disco_quota_admit (self->quota, &self->names[name], &driven_out))
    {
      assert_null (driven_out);
      return FALSE;
    }
  self->is_in[name] = TRUE;
  self->n_in++;
  if (driven_out == NULL)
    return TRUE;
  assert_ptr_not_equal (driven_out, &self->names[name]);
  assert_true (self->is_in[(char *)driven_out - self->names]);
  self->is_in[(char *)driven_out - self->names] = FALSE;
  self->n_in--;
  return TRUE;
}

static gboolean
assign (Fixture *self, guint name, const char *host)
{
  return disco_quota_assign (self->quota, &self->names[name], host);
}

static void
new_name_drives_out_another_that_is_not_shown (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i < N_NAMES; i++)
    {
      assert_true (admit (self, i));
      assert_true (self->is_in[i]);
      assert_int_equal (self->n_in, MIN (i + 1, DISCO_QUOTA_MIN_CANDIDATES));
    }
}

static void
candidates_have_the_room_that_instances_leave (void **state)
{
  const guint n_shown = 50, n_room = DISCO_QUOTA_MIN_CANDIDATES + 20;
  Fixture *self = *state;

  disco_quota_free (self->quota);
  self->quota = disco_quota_new (n_shown + n_room);
  for (guint i = 0; i < n_shown; i++)
    assert_true (admit (self, i) && assign (self, i, "a.local"));
  for (guint i = n_shown; i < N_NAMES; i++)
    {
      assert_true (admit (self, i));
      assert_int_equal (self->n_in, MIN (i + 1, n_shown + n_room));
    }
}

static void
what_is_shown_stays (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i < MAX_INSTANCES - 1; i++)
    assert_true (admit (self, i) && assign (self, i, i < SHARE ? "a.local" : "b.local"));
  /* one place is left for all the others */
  for (guint i = MAX_INSTANCES - 1; i < N_NAMES; i++)
    assert_true (admit (self, i));
  for (guint i = 0; i < MAX_INSTANCES - 1; i++)
    assert_true (self->is_in[i]);

  assert_true (assign (self, N_NAMES - 1, "c.local"));
  self->is_in[N_NAMES - 1] = FALSE;
  for (guint i = MAX_INSTANCES; i < N_NAMES - 1; i++)
    assert_false (self->is_in[i] && assign (self, i, "d.local"));
  assert_false (admit (self, N_NAMES - 1));
  disco_quota_remove (self->quota, &self->names[0]);
  assert_true (admit (self, 0));
  assert_true (assign (self, 0, "d.local"));
}

static void
host_has_its_share_and_leaves_the_rest_to_others (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i < SHARE; i++)
    assert_true (admit (self, i) && assign (self, i, "flooder.local"));
  for (guint i = 0; i < 50; i++)
    {
      assert_true (admit (self, SHARE));
      assert_false (assign (self, SHARE, "flooder.local"));
    }
  for (guint i = SHARE; i < MAX_INSTANCES; i++)
    assert_true (admit (self, i) && assign (self, i, "other.local"));

  /* what goes makes room for one of the same host */
  disco_quota_remove (self->quota, &self->names[0]);
  assert_true (admit (self, 0) && assign (self, 0, "flooder.local"));
}

static void
instance_that_is_not_shown_any_more_has_no_share (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i < SHARE; i++)
    assert_true (admit (self, i) && assign (self, i, "a.local"));
  disco_quota_unassign (self->quota, &self->names[0]);
  disco_quota_unassign (self->quota, &self->names[0]);
  assert_true (admit (self, SHARE) && assign (self, SHARE, "a.local"));
  assert_false (assign (self, 0, "a.local"));
  disco_quota_remove (self->quota, &self->names[0]); /* it is gone already */
}

static void
what_is_shown_may_change_its_host (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i < SHARE; i++)
    assert_true (admit (self, i) && assign (self, i, "a.local"));
  assert_true (admit (self, SHARE) && assign (self, SHARE, "b.local"));
  assert_true (assign (self, SHARE, "b.local"));
  assert_true (assign (self, SHARE, "a.local"));
  assert_true (assign (self, SHARE, "c.local"));
  assert_true (assign (self, 0, "c.local"));
  assert_true (admit (self, SHARE + 1) && assign (self, SHARE + 1, "a.local"));
}

/* --- who was turned away --- */

static void
full_service_has_room_again_when_an_instance_goes (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i < MAX_INSTANCES; i++)
    assert_true (admit (self, i) && assign (self, i, i < SHARE ? "a.local" : "b.local"));
  disco_quota_remove (self->quota, &self->names[0]);
  assert_false (disco_quota_has_room_again (self->quota));

  assert_true (admit (self, 0) && assign (self, 0, "a.local"));
  assert_false (admit (self, MAX_INSTANCES));
  assert_false (disco_quota_has_room_again (self->quota));
  disco_quota_unassign (self->quota, &self->names[0]);
  assert_true (disco_quota_has_room_again (self->quota));
  disco_quota_begin_anew (self->quota);
  assert_false (disco_quota_has_room_again (self->quota));
}

static void
candidate_that_finds_the_service_full_was_turned_away (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i <= MAX_INSTANCES; i++)
    assert_true (admit (self, i));
  for (guint i = 0; i < MAX_INSTANCES; i++)
    assert_true (assign (self, i, i < SHARE ? "a.local" : "b.local"));
  assert_false (assign (self, MAX_INSTANCES, "c.local"));
  disco_quota_remove (self->quota, &self->names[0]);
  assert_true (disco_quota_has_room_again (self->quota));
}

static void
candidates_have_room_again_when_half_of_them_are_gone (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i <= DISCO_QUOTA_MIN_CANDIDATES; i++)
    assert_true (admit (self, i));
  for (guint i = 0; self->n_in > DISCO_QUOTA_MIN_CANDIDATES / 2; i++)
    {
      assert_false (disco_quota_has_room_again (self->quota));
      if (!self->is_in[i])
        continue;
      disco_quota_remove (self->quota, &self->names[i]);
      self->n_in--;
    }
  assert_true (disco_quota_has_room_again (self->quota));
}

static void
host_over_its_share_has_room_again_when_it_loses_one (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i < SHARE; i++)
    assert_true (admit (self, i) && assign (self, i, "a.local"));
  assert_true (admit (self, SHARE) && assign (self, SHARE, "b.local"));
  assert_true (admit (self, SHARE + 1));
  assert_false (assign (self, SHARE + 1, "a.local"));
  disco_quota_remove (self->quota, &self->names[SHARE]);
  assert_false (disco_quota_has_room_again (self->quota));
  disco_quota_remove (self->quota, &self->names[0]);
  assert_true (disco_quota_has_room_again (self->quota));

  disco_quota_begin_anew (self->quota);
  disco_quota_remove (self->quota, &self->names[1]);
  assert_false (disco_quota_has_room_again (self->quota));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    quota_test (new_name_drives_out_another_that_is_not_shown),
    quota_test (candidates_have_the_room_that_instances_leave),
    quota_test (what_is_shown_stays),
    quota_test (host_has_its_share_and_leaves_the_rest_to_others),
    quota_test (instance_that_is_not_shown_any_more_has_no_share),
    quota_test (what_is_shown_may_change_its_host),
    quota_test (full_service_has_room_again_when_an_instance_goes),
    quota_test (candidate_that_finds_the_service_full_was_turned_away),
    quota_test (candidates_have_room_again_when_half_of_them_are_gone),
    quota_test (host_over_its_share_has_room_again_when_it_loses_one),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
