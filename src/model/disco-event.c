/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-event-private.h"

#include "disco-instance-private.h"

/**
 * DiscoEvent:
 *
 * One change of what is known of a service: an instance came, looks different now, or is gone.
 *
 * ## Threads
 *
 * An event is immutable, and may be used and dropped in any thread.
 *
 * Since: 1.0
 */
struct _DiscoEvent
{
  gatomicrefcount ref_count;
  DiscoOperation operation;
  DiscoInstance *instance; /* (owned) */
  DiscoInstance *previous; /* (owned) (nullable): only of an UPDATE */
};

G_DEFINE_ENUM_TYPE (DiscoOperation, disco_operation,
                    G_DEFINE_ENUM_VALUE (DISCO_OPERATION_ADD, "add"),
                    G_DEFINE_ENUM_VALUE (DISCO_OPERATION_UPDATE, "update"),
                    G_DEFINE_ENUM_VALUE (DISCO_OPERATION_REMOVE, "remove"))

G_DEFINE_BOXED_TYPE (DiscoEvent, disco_event, disco_event_ref, disco_event_unref)

static DiscoEvent *
event_new (DiscoOperation operation, DiscoInstance *instance, DiscoInstance *previous)
{
  DiscoEvent *self = g_new (DiscoEvent, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->operation = operation;
  self->instance = g_object_ref (instance);
  self->previous = previous != NULL ? g_object_ref (previous) : NULL;
  return self;
}

DiscoEvent *
disco_event_new_change (DiscoInstance *previous, DiscoInstance *instance)
{
  if (previous == instance)
    return NULL;
  if (previous == NULL)
    return event_new (DISCO_OPERATION_ADD, instance, NULL);
  if (instance == NULL)
    return event_new (DISCO_OPERATION_REMOVE, previous, NULL);
  if (disco_instance_equal (previous, instance))
    return NULL;
  return event_new (DISCO_OPERATION_UPDATE, instance, previous);
}

/**
 * disco_event_ref:
 * @self: an event
 *
 * Takes a reference to an event.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
DiscoEvent *
disco_event_ref (DiscoEvent *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * disco_event_unref:
 * @self: (transfer full): an event
 *
 * Drops a reference to an event; the last one frees it.
 *
 * Since: 1.0
 */
void
disco_event_unref (DiscoEvent *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_object_unref (self->instance);
  g_clear_object (&self->previous);
  g_free (self);
}

/**
 * disco_event_get_operation:
 * @self: an event
 *
 * Gets what happened.
 *
 * Returns: the operation
 *
 * Since: 1.0
 */
DiscoOperation
disco_event_get_operation (DiscoEvent *self)
{
  g_return_val_if_fail (self != NULL, DISCO_OPERATION_ADD);

  return self->operation;
}

/**
 * disco_event_get_instance:
 * @self: an event
 *
 * Gets the instance that the event tells of.
 *
 * For %DISCO_OPERATION_REMOVE it is the instance as the reader last knew it.
 *
 * Returns: (transfer none): the instance
 *
 * Since: 1.0
 */
DiscoInstance *
disco_event_get_instance (DiscoEvent *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->instance;
}

/**
 * disco_event_get_previous:
 * @self: an event
 *
 * Gets the instance as it was before an update.
 *
 * Its id is the one of [method@Disco.Event.get_instance].
 *
 * Returns: (transfer none) (nullable): the instance that the reader knew, or %NULL where the
 *   operation is not %DISCO_OPERATION_UPDATE
 *
 * Since: 1.0
 */
DiscoInstance *
disco_event_get_previous (DiscoEvent *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->previous;
}
