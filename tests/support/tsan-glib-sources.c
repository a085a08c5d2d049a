/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The other half of tsan-glib.c: what one thread hands to another through a main context, a queue
 * or a thread pool. */
#include <dlfcn.h>
#include <gio/gio.h>
#include <sanitizer/tsan_interface.h>

#define REAL(function) ((__typeof__ (&(function)))dlsym (RTLD_NEXT, #function))

void AnnotateIgnoreReadsBegin (const char *file, int line);
void AnnotateIgnoreReadsEnd (const char *file, int line);
void AnnotateIgnoreWritesBegin (const char *file, int line);
void AnnotateIgnoreWritesEnd (const char *file, int line);

/* Whether TSan looks away from this thread: while GLib grows and shrinks a context's own tables,
 * under the context's lock. */
static __thread int ignoring;

static void
set_ignoring (int value)
{
  if (value == ignoring)
    return;
  ignoring = value;
  if (value)
    {
      AnnotateIgnoreReadsBegin (__FILE__, __LINE__);
      AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
    }
  else
    {
      AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
      AnnotateIgnoreReadsEnd (__FILE__, __LINE__);
    }
}

/* --- sources: the callback sees what was done before it was set, and before the attach --- */

/* A callback with its data, as GLib's own; GLib asks for it right before each dispatch, in the
 * thread that dispatches. */
typedef struct
{
  int refs; /* atomic */
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
  GSource *source;
} Callback;

static void
callback_ref (gpointer data)
{
  Callback *self = data;

  __tsan_acquire (self);
  __atomic_add_fetch (&self->refs, 1, __ATOMIC_RELAXED);
}

static void
callback_unref (gpointer data)
{
  Callback *self = data;
  int outer = ignoring;

  __tsan_release (self);
  if (__atomic_sub_fetch (&self->refs, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  __tsan_acquire (self);
  set_ignoring (0);
  if (self->notify != NULL)
    self->notify (self->data);
  set_ignoring (outer);
  /* the context drops its reference afterwards, and the last to drop one frees the source */
  __tsan_release (self->source);
  g_free (self);
}

static void
callback_get (gpointer data, GSource *source, GSourceFunc *func, gpointer *func_data)
{
  Callback *self = data;

  __tsan_acquire (self);
  *func = self->func;
  *func_data = self->data;
}

static GSourceCallbackFuncs callback_funcs = { callback_ref, callback_unref, callback_get };

void
g_source_set_callback (GSource *source, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  Callback *self = g_new0 (Callback, 1);

  self->refs = 1;
  self->func = func;
  self->data = data;
  self->notify = notify;
  self->source = source;
  __tsan_release (self);
  g_source_set_callback_indirect (source, self, &callback_funcs);
}

static void
release_source (GSource *source)
{
  __tsan_release (source);
  if (source->callback_funcs == &callback_funcs)
    __tsan_release (source->callback_data);
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  int outer = ignoring;
  guint id;

  release_source (source);
  set_ignoring (1);
  id = REAL (g_source_attach) (source, context);
  set_ignoring (outer);
  return id;
}

void
g_source_destroy (GSource *source)
{
  int outer = ignoring;

  release_source (source);
  set_ignoring (1);
  REAL (g_source_destroy) (source);
  set_ignoring (outer);
}

gboolean
g_source_remove (guint id)
{
  int outer = ignoring;
  gboolean found;

  set_ignoring (1);
  found = REAL (g_source_remove) (id);
  set_ignoring (outer);
  return found;
}

void
g_source_set_ready_time (GSource *source, gint64 ready_time)
{
  release_source (source);
  REAL (g_source_set_ready_time) (source, ready_time);
}

/* GLib's own short forms, which would reach its own g_source_set_callback, over the one above. */

static guint
attach (GSource *source, GMainContext *context, int priority, GSourceFunc func, gpointer data,
        GDestroyNotify notify)
{
  guint id;

  g_source_set_priority (source, priority);
  g_source_set_callback (source, func, data, notify);
  id = g_source_attach (source, context);
  g_source_unref (source);
  return id;
}

guint
g_idle_add_full (int priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  return attach (g_idle_source_new (), NULL, priority, func, data, notify);
}

guint
g_idle_add (GSourceFunc func, gpointer data)
{
  return g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, func, data, NULL);
}

guint
g_timeout_add_full (int priority, guint interval, GSourceFunc func, gpointer data,
                    GDestroyNotify notify)
{
  return attach (g_timeout_source_new (interval), NULL, priority, func, data, notify);
}

guint
g_timeout_add (guint interval, GSourceFunc func, gpointer data)
{
  return g_timeout_add_full (G_PRIORITY_DEFAULT, interval, func, data, NULL);
}

guint
g_timeout_add_seconds_full (int priority, guint interval, GSourceFunc func, gpointer data,
                            GDestroyNotify notify)
{
  return attach (g_timeout_source_new_seconds (interval), NULL, priority, func, data, notify);
}

guint
g_timeout_add_seconds (guint interval, GSourceFunc func, gpointer data)
{
  return g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, interval, func, data, NULL);
}

typedef struct
{
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Invocation;

static gboolean
invocation_run (gpointer data)
{
  Invocation *self = data;
  int outer = ignoring;
  gboolean again;

  __tsan_acquire (self);
  set_ignoring (0);
  again = self->func (self->data);
  set_ignoring (outer);
  return again;
}

static void
invocation_free (gpointer data)
{
  Invocation *self = data;
  int outer = ignoring;

  __tsan_acquire (self);
  set_ignoring (0);
  if (self->notify != NULL)
    self->notify (self->data);
  set_ignoring (outer);
  g_free (self);
}

/* GLib decides whether to call at once or to attach an idle source. */
void
g_main_context_invoke_full (GMainContext *context, int priority, GSourceFunc func, gpointer data,
                            GDestroyNotify notify)
{
  Invocation *self = g_new0 (Invocation, 1);
  int outer = ignoring;

  self->func = func;
  self->data = data;
  self->notify = notify;
  __tsan_release (self);
  set_ignoring (1);
  REAL (g_main_context_invoke_full) (context, priority, invocation_run, self, invocation_free);
  set_ignoring (outer);
}

void
g_main_context_invoke (GMainContext *context, GSourceFunc func, gpointer data)
{
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, func, data, NULL);
}

/* --- the main context itself: a wake-up is seen once the iteration returns --- */

void
g_main_context_wakeup (GMainContext *context)
{
  gpointer key = context != NULL ? context : g_main_context_default ();

  __tsan_release (key);
  REAL (g_main_context_wakeup) (context);
}

gboolean
g_main_context_iteration (GMainContext *context, gboolean may_block)
{
  gboolean dispatched = REAL (g_main_context_iteration) (context, may_block);

  __tsan_acquire (context != NULL ? context : g_main_context_default ());
  return dispatched;
}

/* Owning a context orders those who own it one after the other. */
gboolean
g_main_context_acquire (GMainContext *context)
{
  gboolean owner = REAL (g_main_context_acquire) (context);

  if (owner)
    __tsan_acquire (context != NULL ? context : g_main_context_default ());
  return owner;
}

void
g_main_context_release (GMainContext *context)
{
  __tsan_release (context != NULL ? context : g_main_context_default ());
  REAL (g_main_context_release) (context);
}

void
g_main_loop_quit (GMainLoop *loop)
{
  __tsan_release (loop);
  REAL (g_main_loop_quit) (loop);
}

void
g_main_loop_run (GMainLoop *loop)
{
  REAL (g_main_loop_run) (loop);
  __tsan_acquire (loop);
}

/* --- queues: a pop sees what was done before the push --- */

void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  __tsan_release (queue);
  REAL (g_async_queue_push) (queue, data);
}

#define POP(function, parameters, arguments)                                                       \
  gpointer function parameters                                                                     \
  {                                                                                                \
    gpointer data = REAL (function) arguments;                                                     \
    if (data != NULL)                                                                              \
      __tsan_acquire (queue);                                                                      \
    return data;                                                                                   \
  }

POP (g_async_queue_pop, (GAsyncQueue * queue), (queue))
POP (g_async_queue_try_pop, (GAsyncQueue * queue), (queue))
POP (g_async_queue_timeout_pop, (GAsyncQueue * queue, guint64 timeout), (queue, timeout))

/* --- tasks: the thread's function sees what was done before it was asked for; the way back is a
 * source, or a condition --- */

static GTaskThreadFunc
task_function (GTask *task)
{
  return (GTaskThreadFunc)g_object_get_data (G_OBJECT (task), "disco-tsan-function");
}

static void
task_run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  __tsan_acquire (task);
  task_function (task) (task, source, data, cancellable);
}

static void
task_prepare (GTask *task, GTaskThreadFunc func)
{
  g_object_set_data (G_OBJECT (task), "disco-tsan-function", (gpointer)func);
  __tsan_release (task);
}

void
g_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
  task_prepare (task, func);
  REAL (g_task_run_in_thread) (task, task_run);
}

void
g_task_run_in_thread_sync (GTask *task, GTaskThreadFunc func)
{
  task_prepare (task, func);
  REAL (g_task_run_in_thread_sync) (task, task_run);
}
