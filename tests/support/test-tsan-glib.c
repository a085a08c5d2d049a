/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Holds tsan-glib.c to its word: with the argument "ordered" every way in which GLib orders two
 * threads is used rightly, and ThreadSanitizer must be silent; with "racy" the same counter is
 * touched without any order, and it must report. */
#include <gio/gio.h>
#include <string.h>

#define ROUNDS 300

/* The value that is handed over: plain memory, so that TSan checks each access. */
typedef struct
{
  int value;
  GMutex mutex;
  GRecMutex rec_mutex;
  GRWLock rw_lock;
  GCond cond;
  gboolean ready;
  GMainContext *context;
  GMainLoop *loop;
  GAsyncQueue *queue;
} Shared;

/* --- locks --- */

static gpointer
count_under_locks (gpointer data)
{
  Shared *shared = data;

  for (int i = 0; i < ROUNDS; i++)
    {
      g_mutex_lock (&shared->mutex);
      shared->value++;
      g_mutex_unlock (&shared->mutex);
    }
  for (int i = 0; i < ROUNDS; i++)
    {
      g_rw_lock_writer_lock (&shared->rw_lock);
      shared->ready = !shared->ready;
      g_rw_lock_writer_unlock (&shared->rw_lock);
      g_rw_lock_reader_lock (&shared->rw_lock);
      (void)*(volatile gboolean *)&shared->ready;
      g_rw_lock_reader_unlock (&shared->rw_lock);
    }
  return NULL;
}

static void
check_locks (void)
{
  Shared shared = { 0 };
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("locks", count_under_locks, &shared);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (shared.value, ==, 3L * ROUNDS);
}

/* --- condition --- */

static gpointer
signal_condition (gpointer data)
{
  Shared *shared = data;

  g_mutex_lock (&shared->mutex);
  shared->value = 1;
  shared->ready = TRUE;
  g_cond_signal (&shared->cond);
  g_mutex_unlock (&shared->mutex);
  return NULL;
}

static void
check_condition (void)
{
  Shared shared = { 0 };
  g_autoptr (GThread) thread = g_thread_new ("condition", signal_condition, &shared);

  g_mutex_lock (&shared.mutex);
  while (!shared.ready)
    g_cond_wait (&shared.cond, &shared.mutex);
  g_assert_cmpint (shared.value, ==, 1);
  g_mutex_unlock (&shared.mutex);
  g_thread_join (g_steal_pointer (&thread));
}

/* --- sources, to a worker's context and back --- */

static gpointer
run_loop (gpointer data)
{
  Shared *shared = data;

  g_main_context_push_thread_default (shared->context);
  g_main_loop_run (shared->loop);
  g_main_context_pop_thread_default (shared->context);
  return NULL;
}

static gboolean
count_and_quit_at_last (gpointer data)
{
  Shared *shared = data;

  if (++shared->value == ROUNDS)
    g_main_loop_quit (shared->loop);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  Shared *shared;
  int *value; /* (owned) */
} Letter;

static gboolean
open_letter (gpointer data)
{
  Letter *letter = data;

  *letter->value += 1;
  return count_and_quit_at_last (letter->shared);
}

static void
free_letter (gpointer data)
{
  Letter *letter = data;

  g_free (letter->value);
  g_free (letter);
}

static void
send_letter (Shared *shared, int round)
{
  Letter *letter = g_new0 (Letter, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  letter->shared = shared;
  letter->value = g_new0 (int, 1);
  if (round % 2 == 0)
    {
      g_main_context_invoke_full (shared->context, 0, open_letter, letter, free_letter);
      return;
    }
  g_source_set_callback (source, open_letter, letter, free_letter);
  *letter->value = round; /* between the callback and the attach */
  g_source_attach (source, shared->context);
}

static void
check_sources (void)
{
  Shared shared = { 0 };
  g_autoptr (GThread) thread = NULL;

  shared.context = g_main_context_new ();
  shared.loop = g_main_loop_new (shared.context, FALSE);
  thread = g_thread_new ("sources", run_loop, &shared);
  for (int i = 0; i < ROUNDS; i++)
    send_letter (&shared, i);
  g_thread_join (g_steal_pointer (&thread));
  g_assert_cmpint (shared.value, ==, ROUNDS);
  g_main_loop_unref (shared.loop);
  g_main_context_unref (shared.context);
}

/* --- queue, references, tasks --- */

static gpointer
fill_queue (gpointer data)
{
  Shared *shared = data;

  for (int i = 0; i < ROUNDS; i++)
    {
      int *value = g_new0 (int, 1);
      *value = i;
      g_async_queue_push (shared->queue, value);
    }
  return NULL;
}

static void
check_queue (void)
{
  Shared shared = { .queue = g_async_queue_new () };
  g_autoptr (GThread) thread = g_thread_new ("queue", fill_queue, &shared);

  for (int i = 0; i < ROUNDS; i++)
    {
      g_autofree int *value = g_async_queue_pop (shared.queue);
      g_assert_cmpint (*value, ==, i);
    }
  g_thread_join (g_steal_pointer (&thread));
  g_async_queue_unref (shared.queue);
}

static gpointer
drop_bytes (gpointer data)
{
  gsize size;
  const int *value = g_bytes_get_data (data, &size);

  g_assert_cmpint (*value, ==, 7);
  g_bytes_unref (data);
  return NULL;
}

static void
free_value (gpointer data)
{
  int *value = data;

  *value = 0;
  g_free (value);
}

static gpointer
drop_object (gpointer data)
{
  const int *value = g_object_get_data (data, "value");

  g_assert_cmpint (*value, ==, 7);
  g_object_unref (data);
  return NULL;
}

static void
check_objects (void)
{
  for (int i = 0; i < 20; i++)
    {
      int *value = g_new0 (int, 1);
      g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
      GThread *thread;

      *value = 7;
      g_object_set_data_full (object, "value", value, free_value);
      thread = g_thread_new ("objects", drop_object, g_object_ref (object));
      g_assert_cmpint (*value, ==, 7);
      g_clear_object (&object);
      g_thread_join (thread);
    }
}

typedef struct
{
  int n_ready; /* atomic */
  int ours;
  int theirs;
} Box;

static void
clear_box (gpointer data)
{
  Box *box = data;

  g_assert_cmpint (box->ours + box->theirs, ==, 7);
}

/* Both at one time, so that who is the last differs from round to round */
static void
wait_for_both (Box *box)
{
  g_atomic_int_inc (&box->n_ready);
  while (g_atomic_int_get (&box->n_ready) < 2)
    continue;
}

static gpointer
drop_box (gpointer data)
{
  Box *box = data;

  wait_for_both (box);
  box->theirs = 4;
  g_atomic_rc_box_release_full (box, clear_box);
  return NULL;
}

static void
check_boxes (void)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      Box *box = g_atomic_rc_box_new0 (Box);
      GThread *thread = g_thread_new ("boxes", drop_box, g_atomic_rc_box_acquire (box));

      wait_for_both (box);
      box->ours = 3;
      g_atomic_rc_box_release_full (box, clear_box);
      g_thread_join (thread);
    }
}

static void
check_references (void)
{
  for (int i = 0; i < 20; i++)
    {
      int *value = g_new0 (int, 1);
      g_autoptr (GBytes) bytes = NULL;
      GThread *thread;

      *value = 7;
      bytes = g_bytes_new_take (value, sizeof *value);
      thread = g_thread_new ("references", drop_bytes, g_bytes_ref (bytes));
      g_assert_cmpint (*value, ==, 7);
      g_clear_pointer (&bytes, g_bytes_unref);
      g_thread_join (thread);
    }
}

static void
add_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  int *value = data;

  *value += 1;
  g_task_return_boolean (task, TRUE);
}

static void
on_task (GObject *source, GAsyncResult *result, gpointer data)
{
  GMainLoop *loop = data;
  int *value = g_task_get_task_data (G_TASK (result));

  *value += 1;
  g_main_loop_quit (loop);
}

static void
check_tasks (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  for (int i = 0; i < 20; i++)
    {
      g_autofree int *value = g_new0 (int, 1);
      g_autoptr (GTask) task = g_task_new (NULL, NULL, on_task, loop);

      *value = 40;
      g_task_set_task_data (task, value, NULL);
      g_task_run_in_thread (task, add_in_thread);
      g_main_loop_run (loop);
      g_assert_cmpint (*value, ==, 42);
    }
}

/* --- the race --- */

static gpointer
count_without_order (gpointer data)
{
  Shared *shared = data;

  for (int i = 0; i < ROUNDS; i++)
    shared->value++;
  return NULL;
}

static void
race (void)
{
  Shared shared = { 0 };
  GThread *one = g_thread_new ("one", count_without_order, &shared);
  GThread *other = g_thread_new ("other", count_without_order, &shared);

  g_thread_join (one);
  g_thread_join (other);
}

/* A lock held by only one of the two sides orders nothing. */
static void
race_past_a_lock (void)
{
  Shared shared = { 0 };
  GThread *one = g_thread_new ("one", count_under_locks, &shared);
  GThread *other = g_thread_new ("other", count_without_order, &shared);

  g_thread_join (one);
  g_thread_join (other);
}

int
main (int argc, char **argv)
{
  const char *what = argc > 1 ? argv[1] : "ordered";

  if (strcmp (what, "racy") == 0)
    race ();
  else if (strcmp (what, "past-a-lock") == 0)
    race_past_a_lock ();
  else
    {
      check_locks ();
      check_condition ();
      check_sources ();
      check_queue ();
      check_references ();
      check_boxes ();
      check_objects ();
      check_tasks ();
    }
  return 0;
}
