/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stress WORLD [OPERATIONS [SEED]]: threads do everything at random on one agent.
 *
 * Each thread has ids of its own, and knows what it last made of them; besides, all fight for a few
 * shared ones, watchers and services. It must end, every reader must be told a consistent story,
 * and in the end what is seen must be exactly what the threads made. */
#include "contract.h"

#include <stdlib.h>

#define N_THREADS 8
#define N_OWN 4    /* ids of each thread */
#define N_SHARED 4 /* ids, and watchers, that all use */

typedef struct
{
  DiscoAgent *agent;
  char *name;
  DiscoService *service;
  guint n_operations;
  guint32 seed;
  GMutex mutex;
  DiscoWatcher *watchers[N_SHARED]; /* (owned); protected by mutex */
} Arena;

typedef struct
{
  Arena *arena;
  guint number;
  GRand *rand;
  GMainContext *context;
  guint16 ports[N_OWN]; /* 0: not registered */
  DiscoWatcher *watcher;
  TestReader reader;
} Fighter;

static char *
own_id (guint thread, guint i)
{
  return g_strdup_printf ("own %u-%u", thread, i);
}

/* One of the shared ids, of which nobody knows whether they are registered */
static char *
shared_id (Fighter *self)
{
  return g_strdup_printf ("shared %d", g_rand_int_range (self->rand, 0, N_SHARED));
}

static guint16
random_port (Fighter *self)
{
  return (guint16)g_rand_int_range (self->rand, 1, 65536);
}

static const char *
random_tags (Fighter *self)
{
  static const char *const tags[] = { "", "red", "blue red" };
  return tags[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (tags))];
}

static void
expect_error (GError *error, GQuark domain, int code)
{
  if (!g_error_matches (error, domain, code))
    g_error ("expected %s %d, got %s %d: %s", g_quark_to_string (domain), code,
             g_quark_to_string (error->domain), error->code, error->message);
  g_error_free (error);
}

static gboolean
try_register (Fighter *self, const char *id, guint16 port, GError **error)
{
  g_autoptr (DiscoRegistration) registration
      = contract_registration (self->arena->name, id, port, random_tags (self));
  g_autofree char *got = disco_agent_register (self->arena->agent, registration, NULL, error);
  return got != NULL;
}

static gboolean
try_update (Fighter *self, const char *id, guint16 port, GError **error)
{
  g_autoptr (DiscoRegistration) registration
      = contract_registration (self->arena->name, NULL, port, random_tags (self));
  return disco_agent_update (self->arena->agent, id, registration, NULL, error);
}

static void
register_own (Fighter *self)
{
  const guint i = (guint)g_rand_int_range (self->rand, 0, N_OWN);
  const guint16 port = random_port (self);
  g_autofree char *id = own_id (self->number, i);
  GError *error = NULL;

  if (try_register (self, id, port, &error) != (self->ports[i] == 0))
    g_error ("registering %s: %s", id, error != NULL ? error->message : "it was there");
  if (error != NULL)
    expect_error (error, DISCO_ERROR, DISCO_ERROR_EXISTS);
  else
    self->ports[i] = port;
}

static void
update_own (Fighter *self)
{
  const guint i = (guint)g_rand_int_range (self->rand, 0, N_OWN);
  const guint16 port = random_port (self);
  g_autofree char *id = own_id (self->number, i);
  GError *error = NULL;

  if (try_update (self, id, port, &error) != (self->ports[i] != 0))
    g_error ("updating %s: %s", id, error != NULL ? error->message : "it was not there");
  if (error != NULL)
    expect_error (error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND);
  else
    self->ports[i] = port;
}

static void
deregister_own (Fighter *self)
{
  const guint i = (guint)g_rand_int_range (self->rand, 0, N_OWN);
  g_autofree char *id = own_id (self->number, i);

  g_assert_true (disco_agent_deregister (self->arena->agent, id, NULL, NULL));
  self->ports[i] = 0;
}

/* What is deregistered by another thread meanwhile ends cancelled. */
static void
expect_error_or_cancelled (GError *error, GQuark domain, int code)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_error_free (error);
  else
    expect_error (error, domain, code);
}

static void
fight_for_shared (Fighter *self)
{
  g_autofree char *id = shared_id (self);
  GError *error = NULL;

  switch (g_rand_int_range (self->rand, 0, 3))
    {
    case 0:
      if (!try_register (self, id, random_port (self), &error))
        expect_error_or_cancelled (error, DISCO_ERROR, DISCO_ERROR_EXISTS);
      break;
    case 1:
      if (!try_update (self, id, random_port (self), &error))
        expect_error_or_cancelled (error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND);
      break;
    default:
      g_assert_true (disco_agent_deregister (self->arena->agent, id, NULL, NULL));
    }
}

static void
find_services (Fighter *self)
{
  const char *tags[] = { "red", NULL };
  GError *error = NULL;
  g_autoptr (GHashTable) services = disco_agent_services (self->arena->agent, tags, NULL, &error);

  g_assert_no_error (error);
}

static void
get_instances (Fighter *self)
{
  const char *tags[] = { "blue", NULL };
  g_autoptr (DiscoService) service
      = disco_agent_open_service (self->arena->agent, self->arena->name, tags, NULL);
  g_autoptr (GPtrArray) some = disco_service_get_instances (service);
  g_autoptr (GPtrArray) all = disco_service_get_instances (self->arena->service);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < all->len; i++)
    g_assert_true (g_hash_table_add (ids, (char *)disco_instance_get_id (all->pdata[i])));
}

/* Begins a call, cancels it sooner or later, and takes what it gave. NULL: an error, in @error */
static GPtrArray *
call_next (Fighter *self, DiscoWatcher *watcher, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;

  disco_watcher_next_async (watcher, cancellable, test_result_callback, &called);
  for (int i = g_rand_int_range (self->rand, 0, 4); i > 0; i--)
    g_main_context_iteration (self->context, FALSE);
  g_cancellable_cancel (cancellable);
  while (called.result == NULL)
    g_main_context_iteration (self->context, TRUE);
  result = g_steal_pointer (&called.result);
  return disco_watcher_next_finish (watcher, result, error);
}

static void
read_own (Fighter *self)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) events = call_next (self, self->watcher, &error);

  if (events != NULL)
    test_reader_replay (&self->reader, events);
  else
    expect_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Others may call or close the same watcher at the same time. */
static void
read_shared (Fighter *self)
{
  const int i = g_rand_int_range (self->rand, 0, N_SHARED);
  g_autoptr (DiscoWatcher) watcher = NULL;
  g_autoptr (GPtrArray) events = NULL;
  GError *error = NULL;

  g_mutex_lock (&self->arena->mutex);
  watcher = g_object_ref (self->arena->watchers[i]);
  g_mutex_unlock (&self->arena->mutex);
  events = call_next (self, watcher, &error);
  if (events == NULL && !g_error_matches (error, DISCO_ERROR, DISCO_ERROR_CLOSED)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    expect_error (g_error_copy (error), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
}

static void
close_shared (Fighter *self)
{
  const int i = g_rand_int_range (self->rand, 0, N_SHARED);
  g_autoptr (DiscoWatcher) old = NULL;
  DiscoWatcher *watcher = disco_service_watch_full (
      self->arena->service, (DiscoWatchFlags)g_rand_int_range (self->rand, 0, 2));

  g_mutex_lock (&self->arena->mutex);
  old = self->arena->watchers[i];
  self->arena->watchers[i] = watcher;
  g_mutex_unlock (&self->arena->mutex);
  disco_watcher_close (old);
}

static gpointer
fight (gpointer data)
{
  static void (*const operations[]) (Fighter * self)
      = { register_own, register_own, update_own,   deregister_own, fight_for_shared, read_own,
          read_own,     read_shared,  close_shared, get_instances,  find_services };
  Fighter *self = data;

  g_main_context_push_thread_default (self->context);
  for (guint i = 0; i < self->arena->n_operations; i++)
    operations[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (operations))](self);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* Reads, blocking, until its watcher is closed. */
static gpointer
read_until_closed (gpointer data)
{
  Fighter *self = data;
  GPtrArray *events;
  GError *error = NULL;

  while ((events = disco_watcher_next (self->watcher, NULL, &error)) != NULL)
    {
      test_reader_replay (&self->reader, events);
      g_ptr_array_unref (events);
    }
  expect_error (error, DISCO_ERROR, DISCO_ERROR_CLOSED);
  return NULL;
}

static void
fighter_init (Fighter *self, Arena *arena, guint number)
{
  *self = (Fighter){ .arena = arena, .number = number };
  self->rand = g_rand_new_with_seed (arena->seed + number);
  self->context = g_main_context_new ();
  self->watcher = disco_service_watch (arena->service);
  test_reader_init (&self->reader);
}

static void
fighter_clear (Fighter *self)
{
  g_rand_free (self->rand);
  g_object_unref (self->watcher);
  g_main_context_unref (self->context);
  test_reader_clear (&self->reader);
}

/* What the threads made of their ids, and what there is: "id:port", sorted */
static char *
describe_made (Fighter *fighters)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint t = 0; t < N_THREADS; t++)
    for (guint i = 0; i < N_OWN; i++)
      if (fighters[t].ports[i] != 0)
        g_ptr_array_add (lines,
                         g_strdup_printf ("own %u-%u:%u", t, i, (guint)fighters[t].ports[i]));
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **)lines->pdata);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static char *
describe_seen (GPtrArray *instances)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < instances->len; i++)
    g_ptr_array_add (lines, g_strdup_printf ("%s:%u", disco_instance_get_id (instances->pdata[i]),
                                             (guint)disco_instance_get_port (instances->pdata[i])));
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **)lines->pdata);
}

typedef struct
{
  DiscoService *service;
  const char *made;
} End;

static gboolean
is_seen (gpointer data)
{
  End *end = data;
  g_autoptr (GPtrArray) instances = disco_service_get_instances (end->service);
  g_autofree char *seen = describe_seen (instances);

  return g_str_equal (seen, end->made);
}

static void
check_end (Arena *arena, Fighter *fighters)
{
  g_autofree char *made = describe_made (fighters);
  End end = { arena->service, made };

  for (guint i = 0; i < N_SHARED; i++)
    {
      g_autofree char *id = g_strdup_printf ("shared %u", i);
      g_assert_true (disco_agent_deregister (arena->agent, id, NULL, NULL));
    }
  test_wait_until (NULL, is_seen, &end);
  /* Every reader reads the rest, and must know what is true. */
  for (guint t = 0; t < N_THREADS; t++)
    contract_read_all (fighters[t].watcher, &fighters[t].reader, arena->service);
}

static void
arena_init (Arena *self, guint n_operations, guint32 seed)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autoptr (GError) error = NULL;

  *self = (Arena){ .n_operations = n_operations, .seed = seed };
  self->agent = contract_world->make_agent ();
  self->name = g_strdup_printf ("s%.8s", uuid);
  g_mutex_init (&self->mutex);
  self->service = disco_agent_service (self->agent, self->name, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_SHARED; i++)
    self->watchers[i] = disco_service_watch (self->service);
}

static void
arena_clear (Arena *self)
{
  g_assert_true (disco_agent_leave (self->agent, NULL, NULL));
  for (guint i = 0; i < N_SHARED; i++)
    g_object_unref (self->watchers[i]);
  g_object_unref (self->service);
  g_object_unref (self->agent);
  g_mutex_clear (&self->mutex);
  g_free (self->name);
}

int
main (int argc, char **argv)
{
  const guint n_operations = argc > 2 ? (guint)g_ascii_strtoull (argv[2], NULL, 10) : 1000;
  const guint32 seed = argc > 3 ? (guint32)g_ascii_strtoull (argv[3], NULL, 10) : g_random_int ();
  Fighter fighters[N_THREADS], blocked;
  GThread *threads[N_THREADS], *reader;
  Arena arena;

  contract_world = contract_find_world (argv[1]);
  if (contract_world == NULL || n_operations == 0)
    {
      g_printerr ("usage: stress WORLD [OPERATIONS [SEED]]\n");
      return 2;
    }
  g_print ("stress %s %u %u\n", contract_world->name, n_operations, seed);
  arena_init (&arena, n_operations, seed);
  fighter_init (&blocked, &arena, N_THREADS);
  reader = g_thread_new ("reader", read_until_closed, &blocked);
  for (guint i = 0; i < N_THREADS; i++)
    fighter_init (&fighters[i], &arena, i);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("fighter", fight, &fighters[i]);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  check_end (&arena, fighters);
  disco_watcher_close (blocked.watcher);
  g_thread_join (reader);

  for (guint i = 0; i < N_THREADS; i++)
    fighter_clear (&fighters[i]);
  fighter_clear (&blocked);
  arena_clear (&arena);
  return 0;
}
