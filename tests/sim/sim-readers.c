/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Those who look: each replays what it is told, and what it knows must be what is true. Half of
 * them are watchers; the others read a queue of their own, whose inside can be looked at. */
#include "sim-world.h"

#include "disco-event-queue-private.h"
#include "disco-instance-private.h"
#include "disco-service-private.h"

#define MAX_READERS 5

static void queue_detach (Reader *self);

const char *const *
sim_tags (guint bits)
{
  static const char *const lists[][3]
      = { { NULL }, { "aa", NULL }, { "bb", NULL }, { "aa", "bb", NULL } };

  return lists[bits];
}

void
sim_reader_unref (gpointer data)
{
  Reader *self = data;

  if (--self->ref_count > 0)
    return;
  if (self->queue != NULL)
    queue_detach (self);
  g_clear_object (&self->watcher);
  g_object_unref (self->service);
  g_hash_table_unref (self->known);
  g_clear_pointer (&self->before, g_hash_table_unref);
  g_free (self->name);
  g_free (self);
}

GPtrArray *
sim_snapshot (Reader *self)
{
  return disco_service_get_instances (self->service);
}

/* --- replaying --- */

static DiscoInstance *
find (Reader *self, const char *id)
{
  return g_hash_table_lookup (self->known, id);
}

static void
replay_one (Reader *self, DiscoEvent *event)
{
  DiscoInstance *instance = disco_event_get_instance (event);
  DiscoInstance *previous = disco_event_get_previous (event);
  const char *id = disco_instance_get_id (instance);
  DiscoInstance *known = find (self, id);

  if (self->before != NULL && g_hash_table_contains (self->before, id))
    self->n_told++;
  if (sim_trace_is_on ())
    sim_trace ("  reader %u: %c %s", self->number, "+~-"[disco_event_get_operation (event)],
               sim_describe (instance));
  switch (disco_event_get_operation (event))
    {
    case DISCO_OPERATION_ADD:
      sim_check (known == NULL, "ADD first: %s is known already", id);
      break;
    case DISCO_OPERATION_UPDATE:
      sim_check (known != NULL && disco_instance_equal (known, previous),
                 "an UPDATE of %s from what the reader does not know", id);
      sim_check (!disco_instance_equal (previous, instance), "an UPDATE of %s changes nothing", id);
      break;
    default:
      sim_check (known != NULL && disco_instance_equal (known, instance),
                 "a REMOVE of %s, which the reader does not know so", id);
      g_hash_table_remove (self->known, id);
      return;
    }
  g_hash_table_replace (self->known, (gpointer)id, g_object_ref (instance));
  sim_remember (self->world, instance);
}

static void
check_once_each (GPtrArray *events)
{
  for (guint i = 0; i < events->len; i++)
    for (guint k = 0; k < i; k++)
      {
        const char *id = disco_instance_get_id (disco_event_get_instance (events->pdata[i]));
        sim_check (
            !g_str_equal (id, disco_instance_get_id (disco_event_get_instance (events->pdata[k]))),
            "one id once: %s is twice in a batch", id);
      }
}

static void
replay (Reader *self, GPtrArray *events)
{
  gboolean first = !self->begun && !self->immediate;

  sim_check (events->len > 0 || first, "an empty batch that is not the first");
  sim_check (!first || disco_service_get_synced (self->service),
             "a first batch before the first full set");
  self->begun = TRUE;
  check_once_each (events);
  for (guint i = 0; i < events->len; i++)
    replay_one (self, events->pdata[i]);
}

/* How many events lead from what is known to @snapshot */
static guint
count_differences (Reader *self, GPtrArray *snapshot)
{
  guint n_new = 0;
  guint n_same = 0;
  guint n_changed = 0;

  for (guint i = 0; i < snapshot->len; i++)
    {
      DiscoInstance *known = find (self, disco_instance_get_id (snapshot->pdata[i]));

      if (known == NULL)
        n_new++;
      else if (disco_instance_equal (known, snapshot->pdata[i]))
        n_same++;
      else
        n_changed++;
    }
  return n_new + n_changed + g_hash_table_size (self->known) - n_same - n_changed;
}

/* --- a queue --- */

static void
queue_detach (Reader *self)
{
  DiscoEventQueue *queue = g_steal_pointer (&self->queue);

  disco_source_remove_queue (disco_service_peek_source (self->service), queue);
  disco_event_queue_free (queue);
}

/* All that is pending is taken at one moment: so what the reader knows then is the snapshot. */
static void
read_queue (Reader *self)
{
  g_autoptr (GPtrArray) snapshot = sim_snapshot (self);
  guint n_differences = count_differences (self, snapshot);
  guint size = disco_event_queue_get_size (self->queue);
  g_autoptr (GPtrArray) events = NULL;

  sim_check (size <= g_hash_table_size (self->known) + snapshot->len,
             "the queue holds %u changes of %u instances known and %u there", size,
             g_hash_table_size (self->known), snapshot->len);
  events = disco_event_queue_take (self->queue);
  if (events == NULL)
    {
      sim_check (n_differences == 0 || !(self->begun || self->immediate),
                 "reader %u is not told of %u changes", self->number, n_differences);
      return;
    }
  sim_check (events->len == n_differences, "%u events for %u changes", events->len, n_differences);
  replay (self, events);
  n_differences = count_differences (self, snapshot);
  sim_check (n_differences == 0, "reader %u knows %u instances otherwise than the snapshot",
             self->number, n_differences);
}

/* --- a watcher --- */

static void
on_next (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  Reader *self = call->reader;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (DISCO_WATCHER (source), result, &error);

  sim_call_finish (call, error);
  self->n_waiting--;
  if (events != NULL)
    replay (self, events);
  else if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_CLOSED))
    sim_check (self->closed, "a watcher that is not closed says it is");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    sim_check (call->is_second, "nobody waits, and yet a call is PENDING");
  else
    sim_check (g_cancellable_is_cancelled (call->cancellable)
                   && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED),
               "next failed: %s", error->message);
  sim_reader_unref (g_steal_pointer (&call->reader));
}

static void
call_next (Reader *self)
{
  Call *call = sim_call_new (self->world, CALL_NEXT, NULL);

  call->reader = self;
  self->ref_count++;
  call->is_second = self->n_waiting++ > 0;
  disco_watcher_next_async (self->watcher, call->cancellable, on_next, call);
}

/* --- all of them --- */

void
sim_readers_look (World *self, gboolean all)
{
  for (guint i = 0; i < self->readers->len; i++)
    {
      Reader *reader = self->readers->pdata[i];

      if (reader->closed || (!all && !sim_one_in (self, reader->sloth)))
        continue;
      if (reader->queue != NULL)
        read_queue (reader);
      else if (reader->n_waiting == 0)
        call_next (reader);
    }
}

static void
open_reader (World *self)
{
  static const char *const names[]
      = { "http", "http", "_http._tcp", "_aa._sub._http._tcp", "billing-of-invoices", "disco" };
  static const guint sloths[] = { 1, 2, 8, 50 };
  static guint last_number;
  Reader *reader = g_new0 (Reader, 1);
  const char *name = names[sim_draw (self, G_N_ELEMENTS (names))];

  reader->world = self;
  reader->ref_count = 1;
  reader->number = ++last_number;
  reader->generation = self->generation;
  reader->name = g_strdup (name);
  reader->tags = sim_one_in (self, 2) ? sim_draw (self, 4) : 0;
  reader->immediate = sim_one_in (self, 2);
  reader->sloth = sloths[sim_draw (self, G_N_ELEMENTS (sloths))];
  reader->known = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  reader->service
      = disco_agent_open_service (DISCO_AGENT (self->agent), name, sim_tags (reader->tags), NULL);
  if (sim_one_in (self, 2))
    reader->watcher = disco_service_watch_full (
        reader->service, reader->immediate ? DISCO_WATCH_IMMEDIATE : DISCO_WATCH_NONE);
  else
    {
      reader->queue
          = disco_event_queue_new (disco_service_get_tags (reader->service), reader->immediate);
      disco_source_add_queue (disco_service_peek_source (reader->service), reader->queue);
    }
  sim_trace ("reader %u: %s of %s, tags %u, one in %u%s", reader->number,
             reader->queue != NULL ? "a queue" : "a watcher", name, reader->tags, reader->sloth,
             reader->immediate ? ", immediate" : "");
  g_ptr_array_add (self->readers, reader);
}

static void
close_reader (Reader *self)
{
  sim_trace ("reader %u is closed", self->number);
  self->closed = TRUE;
  if (self->watcher != NULL)
    disco_watcher_close (self->watcher);
}

void
sim_readers_close_all (World *self)
{
  for (guint i = 0; i < self->readers->len; i++)
    close_reader (self->readers->pdata[i]);
  g_ptr_array_set_size (self->readers, 0);
}

void
sim_step_readers (World *self)
{
  guint i;

  if (self->readers->len < 2 || (self->readers->len < MAX_READERS && sim_one_in (self, 2)))
    {
      open_reader (self);
      return;
    }
  i = sim_draw (self, self->readers->len);
  switch (sim_draw (self, 4))
    {
    case 0:
      if (((Reader *)self->readers->pdata[i])->watcher != NULL)
        call_next (self->readers->pdata[i]);
      break;
    case 1:
      close_reader (self->readers->pdata[i]);
      g_ptr_array_remove_index (self->readers, i);
      break;
    default:
      sim_trace ("reader %u is dropped", ((Reader *)self->readers->pdata[i])->number);
      g_ptr_array_remove_index (self->readers, i);
      break;
    }
}
