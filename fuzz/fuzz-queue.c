/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is what becomes of a service, and when its readers look: one who reads all, one who
 * asks for a tag. Their events fit each other, and in the end they know what is true. */
#include "fuzz-instances.h"

#include "disco-event-queue-private.h"
#include "disco-instance-private.h"
#include "test-events.h"

#include <disco/disco-diff.h>

#define MAX_STEPS 200
#define N_IDS 12

typedef struct
{
  DiscoEventQueue *queue; /* (owned) */
  const char *const *tags;
  gboolean waits; /* for the first full set */
  TestReader known;
} Reader;

static void
reader_init (Reader *self, const char *const *tags, gboolean immediate)
{
  self->queue = disco_event_queue_new (tags, immediate);
  self->tags = tags;
  self->waits = !immediate;
  test_reader_init (&self->known);
}

static void
reader_clear (Reader *self)
{
  disco_event_queue_free (self->queue);
  test_reader_clear (&self->known);
}

static void
reader_take (Reader *self, gboolean synced)
{
  g_autoptr (GPtrArray) events = disco_event_queue_take (self->queue);

  if (self->waits && !synced)
    g_assert_null (events);
  if (events == NULL)
    return;
  g_assert_true (self->waits || events->len > 0);
  self->waits = FALSE;
  test_reader_replay (&self->known, events);
}

/* Each id at most once, whatever happened in between */
static void
reader_assert_bounded (Reader *self)
{
  g_assert_cmpuint (disco_event_queue_get_size (self->queue), <=, N_IDS);
}

static void
reader_assert_knows (Reader *self, GPtrArray *truth)
{
  g_autoptr (GPtrArray) own = g_ptr_array_new ();

  for (guint i = 0; i < truth->len; i++)
    if (disco_instance_has_tags (truth->pdata[i], self->tags))
      g_ptr_array_add (own, truth->pdata[i]);
  test_reader_assert_knows (&self->known, own);
  g_assert_null (disco_event_queue_take (self->queue));
}

/* One comes, goes or changes. */
static void
step (FuzzInput *input, GPtrArray *truth)
{
  g_autoptr (DiscoInstance) instance = fuzz_take_instance (input, N_IDS);
  DiscoInstance *known = fuzz_find_id (truth, disco_instance_get_id (instance));
  gboolean goes = fuzz_take_below (input, 3) == 0;

  if (known != NULL)
    g_ptr_array_remove (truth, known);
  if (!goes)
    g_ptr_array_add (truth, g_steal_pointer (&instance));
}

static void
push (DiscoDiff *diff, GPtrArray *truth, Reader *readers, gboolean synced)
{
  g_autoptr (GPtrArray) events = disco_diff_apply (diff, truth);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GPtrArray) garbage = g_ptr_array_new_with_free_func (g_object_unref);

      disco_event_queue_push (readers[i].queue, events, synced, garbage);
      reader_assert_bounded (&readers[i]);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const blue[] = { "blue", NULL };
  FuzzInput input = { data, size };
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) truth = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean immediate = fuzz_take_below (&input, 2) == 0;
  gboolean synced = FALSE;
  Reader readers[2];

  g_setenv ("CMOCKA_TEST_ABORT", "1", TRUE);
  reader_init (&readers[0], NULL, immediate);
  reader_init (&readers[1], blue, !immediate);
  for (guint i = 0; i < MAX_STEPS && input.size > 0; i++)
    {
      guint what = fuzz_take_byte (&input);

      step (&input, truth);
      synced |= (what & 0x30) == 0;
      if ((what & 3) != 0)
        push (diff, truth, readers, synced);
      if ((what & 4) != 0)
        reader_take (&readers[0], synced);
      if ((what & 8) != 0)
        reader_take (&readers[1], synced);
    }
  push (diff, truth, readers, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      reader_take (&readers[i], TRUE);
      reader_assert_knows (&readers[i], truth);
      reader_clear (&readers[i]);
    }
  return 0;
}
