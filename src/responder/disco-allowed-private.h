/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The interfaces that the server may use. avahi-core knows plain names, fixed when it starts: globs
 * are resolved against the interfaces that there are, and a new one that would change the outcome
 * is told. */
typedef struct _DiscoAllowed DiscoAllowed;

/* An interface that should be used has come, which the list has not. */
typedef void (*DiscoAllowedOutdated) (gpointer user_data);

/* @include: (nullable): globs, empty: all; @exclude: (nullable): globs */
DiscoAllowed *disco_allowed_new (const char *const *include, const char *const *exclude,
                                 GMainContext *context, DiscoAllowedOutdated outdated,
                                 gpointer user_data);
void disco_allowed_free (DiscoAllowed *self);

/* (nullable): the names, NULL: all interfaces */
const char *const *disco_allowed_get_names (DiscoAllowed *self);

/* The list for @present, the names of the interfaces that there are. (transfer full) (nullable) */
char **disco_allowed_resolve (const char *const *include, const char *const *exclude,
                              const char *const *present);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoAllowed, disco_allowed_free)

G_END_DECLS
