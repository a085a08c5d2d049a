/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A caller's GTask while the worker thread has it: it is returned exactly once, and a cancellation
 * is heard on the worker's context, so that what was done and what is returned always agree. */
typedef struct _DiscoCall DiscoCall;

/* The caller has cancelled. @call is to be freed by now or soon, which returns
 * %G_IO_ERROR_CANCELLED. */
typedef void (*DiscoCallFunc) (DiscoCall *call, gpointer user_data);

/* Takes @task */
DiscoCall *disco_call_new (GTask *task, GMainContext *context, DiscoCallFunc cancelled,
                           gpointer user_data);
/* What has not been returned is returned as %G_IO_ERROR_CANCELLED. */
void disco_call_free (DiscoCall *self);
/* Until it is returned */
GObject *disco_call_get_source_object (DiscoCall *self);
void disco_call_return_pointer (DiscoCall *self, gpointer value, GDestroyNotify free_value);
void disco_call_return_boolean (DiscoCall *self, gboolean value);
/* Takes @error */
void disco_call_return_error (DiscoCall *self, GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoCall, disco_call_free)

G_END_DECLS
