/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-watcher-private.h"

#include "disco-event-queue-private.h"
#include "disco-service-private.h"
#include "disco-sync-private.h"
#include "disco-wakeup-private.h"

#include <disco/disco-error.h>

/**
 * DiscoWatcher:
 *
 * Delivers the events that turn what its reader knows into what is true.
 *
 * A reader that replays the events of every batch on an empty set has, after each batch, the
 * instances that were there at one moment. For one id it is told of an ADD first and a REMOVE last,
 * and of nothing that changes nothing. What happens while the reader does something else is folded:
 * an instance that was added and changed is one ADD, one that came and went is nothing, one that
 * went and came back different is an UPDATE. So a slow reader costs memory for instances, never for
 * events.
 *
 * A watcher watches until it is closed or finalized, and holds its service. It survives the loss of
 * the network's responder: what was known stands until it is asked anew.
 *
 * ## Threads
 *
 * Every method may be called from any thread, one [method@Disco.Watcher.next] at a time.
 *
 * Since: 1.0
 */
struct _DiscoWatcher
{
  GObject parent_instance;

  DiscoEventQueue *queue; /* (owned), constant */
  GMutex mutex;
  DiscoService *service; /* (owned) (nullable): NULL once closed; protected by mutex */
};

G_DEFINE_FINAL_TYPE (DiscoWatcher, disco_watcher, G_TYPE_OBJECT)

static void
disco_watcher_dispose (GObject *object)
{
  disco_watcher_close (DISCO_WATCHER (object));
  G_OBJECT_CLASS (disco_watcher_parent_class)->dispose (object);
}

static void
disco_watcher_finalize (GObject *object)
{
  DiscoWatcher *self = DISCO_WATCHER (object);

  disco_event_queue_free (self->queue);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (disco_watcher_parent_class)->finalize (object);
}

static void
disco_watcher_class_init (DiscoWatcherClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = disco_watcher_dispose;
  object_class->finalize = disco_watcher_finalize;
}

static void
disco_watcher_init (DiscoWatcher *self)
{
  g_mutex_init (&self->mutex);
}

/* @queue: (transfer full) */
static DiscoWatcher *
watcher_new (DiscoService *service, DiscoEventQueue *queue)
{
  DiscoWatcher *self = g_object_new (DISCO_TYPE_WATCHER, NULL);

  self->service = g_object_ref (service);
  self->queue = queue;
  disco_source_add_queue (disco_service_peek_source (service), self->queue);
  return self;
}

DiscoWatcher *
disco_watcher_new (DiscoService *service, DiscoWatchFlags flags)
{
  return watcher_new (service, disco_event_queue_new (disco_service_get_tags (service),
                                                      (flags & DISCO_WATCH_IMMEDIATE) != 0));
}

DiscoWatcher *
disco_watcher_new_for_display (DiscoService *service)
{
  DiscoEventQueue *queue = disco_event_queue_new (disco_service_get_tags (service), TRUE);

  disco_event_queue_tell_synced (queue);
  return watcher_new (service, queue);
}

GPtrArray *
disco_watcher_take (DiscoWatcher *self)
{
  return disco_event_queue_take (self->queue);
}

gboolean
disco_watcher_is_complete (DiscoWatcher *self)
{
  return disco_event_queue_is_complete (self->queue);
}

/* A call that waits. It is freed with its source. */
typedef struct
{
  GTask *task;     /* (owned) */
  GSource *wakeup; /* (not owned): owns this */
} Call;

static void
end_wait (Call *call)
{
  DiscoWatcher *self = g_task_get_source_object (call->task);
  disco_event_queue_end_wait (self->queue, call->wakeup);
}

static void
call_free (gpointer data)
{
  Call *call = data;

  end_wait (call);
  g_object_unref (call->task);
  g_free (call);
}

/* In the task's context, and nowhere else is the task completed: what a cancelled call does not
 * take is there for the next one. */
static gboolean
on_wakeup (gpointer data)
{
  Call *call = data;
  DiscoWatcher *self = g_task_get_source_object (call->task);
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_cancellable_set_error_if_cancelled (g_task_get_cancellable (call->task), &error))
    events = disco_event_queue_take (self->queue);
  if (error == NULL && events == NULL)
    {
      if (!disco_event_queue_is_closed (self->queue))
        return G_SOURCE_CONTINUE;
      error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_CLOSED, "The watcher was closed");
    }

  /* The callback may call again. */
  end_wait (call);
  if (error != NULL)
    g_task_return_error (call->task, g_steal_pointer (&error));
  else
    g_task_return_pointer (call->task, g_steal_pointer (&events),
                           (GDestroyNotify)g_ptr_array_unref);
  return G_SOURCE_REMOVE;
}

/**
 * disco_watcher_next:
 * @self: a watcher
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Waits for what the reader has not been told yet, and returns all of it.
 *
 * The first call waits for the first full set and returns it as ADDs; the array is empty if there
 * is nothing. Every later call, and with %DISCO_WATCH_IMMEDIATE the first one too, waits until
 * there is at least one event. Nothing of the caller's main context is dispatched meanwhile. A call
 * that is cancelled loses nothing: the next one returns it.
 *
 * The error is %DISCO_ERROR_CLOSED once the watcher is closed, %G_IO_ERROR_PENDING where another
 * call waits, or %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer container) (element-type DiscoEvent): the events in the order in which their
 *   instances first changed, at most one for an id, or %NULL with @error set
 *
 * Since: 1.0
 */
GPtrArray *
disco_watcher_next (DiscoWatcher *self, GCancellable *cancellable, GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_WATCHER (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!disco_sync_begin (&sync, error))
    return NULL;
  disco_watcher_next_async (self, cancellable, disco_sync_callback, &sync);
  return disco_watcher_next_finish (self, disco_sync_wait (&sync), error);
}

/**
 * disco_watcher_next_async:
 * @self: a watcher
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when there is something to tell
 * @user_data: data for @callback
 *
 * Asks for what the reader has not been told yet.
 *
 * See [method@Disco.Watcher.next] for what is returned when. One call at a time: a second one fails
 * with %G_IO_ERROR_PENDING, and the first goes on. The watcher may be closed or dropped, and called
 * again, from inside @callback.
 *
 * Since: 1.0
 */
void
disco_watcher_next_async (DiscoWatcher *self, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GSource) wakeup = NULL;
  Call *call;

  g_return_if_fail (DISCO_IS_WATCHER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, disco_watcher_next_async);
  g_task_set_check_cancellable (task, FALSE);
  call = g_new (Call, 1);
  call->task = g_object_ref (task);
  wakeup = disco_wakeup_new (task, on_wakeup, call, call_free);
  call->wakeup = wakeup;
  if (!disco_event_queue_begin_wait (self->queue, wakeup, g_task_get_context (task)))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                             "Another call waits for this watcher's events");
}

/**
 * disco_watcher_next_finish:
 * @self: a watcher
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [method@Disco.Watcher.next_async]; errors are those of
 * [method@Disco.Watcher.next].
 *
 * Returns: (transfer container) (element-type DiscoEvent): the events, or %NULL with @error set
 *
 * Since: 1.0
 */
GPtrArray *
disco_watcher_next_finish (DiscoWatcher *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (DISCO_IS_WATCHER (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * disco_watcher_close:
 * @self: a watcher
 *
 * Ends the watch: the call that waits, and every later one, fails with %DISCO_ERROR_CLOSED.
 *
 * Closing a closed watcher does nothing. A watcher that nobody references any more closes itself.
 *
 * Since: 1.0
 */
void
disco_watcher_close (DiscoWatcher *self)
{
  g_autoptr (DiscoService) service = NULL;

  g_return_if_fail (DISCO_IS_WATCHER (self));

  g_mutex_lock (&self->mutex);
  service = g_steal_pointer (&self->service);
  g_mutex_unlock (&self->mutex);
  if (service == NULL)
    return;
  disco_event_queue_close (self->queue);
  disco_source_remove_queue (disco_service_peek_source (service), self->queue);
}
