/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-instance.h>
#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_OPERATION (disco_operation_get_type ())
#define DISCO_TYPE_EVENT (disco_event_get_type ())

/**
 * DiscoOperation:
 * @DISCO_OPERATION_ADD: an instance that was not there
 * @DISCO_OPERATION_UPDATE: an instance that was there and looks different now
 * @DISCO_OPERATION_REMOVE: an instance that is gone
 *
 * What a [struct@Disco.Event] tells of.
 *
 * Since: 1.0
 */
typedef enum
{
  DISCO_OPERATION_ADD,
  DISCO_OPERATION_UPDATE,
  DISCO_OPERATION_REMOVE,
} DiscoOperation;

typedef struct _DiscoEvent DiscoEvent;

DISCO_AVAILABLE_IN_1_0
GType disco_operation_get_type (void);
DISCO_AVAILABLE_IN_1_0
GType disco_event_get_type (void);

DISCO_AVAILABLE_IN_1_0
DiscoEvent *disco_event_ref (DiscoEvent *self);
DISCO_AVAILABLE_IN_1_0
void disco_event_unref (DiscoEvent *self);
DISCO_AVAILABLE_IN_1_0
DiscoOperation disco_event_get_operation (DiscoEvent *self);
DISCO_AVAILABLE_IN_1_0
DiscoInstance *disco_event_get_instance (DiscoEvent *self);
DISCO_AVAILABLE_IN_1_0
DiscoInstance *disco_event_get_previous (DiscoEvent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoEvent, disco_event_unref)

G_END_DECLS
