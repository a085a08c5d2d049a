/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The value of DiscoAgent:default-tags, for the agents to embed. Any thread. */
typedef struct
{
  GMutex mutex;
  char **tags; /* (owned) (nullable); protected by mutex */
} DiscoDefaultTags;

void disco_default_tags_init (DiscoDefaultTags *self);
void disco_default_tags_clear (DiscoDefaultTags *self);
/* (transfer full) (nullable) */
char **disco_default_tags_dup (DiscoDefaultTags *self);
/* Copies @tags (nullable); TRUE if they are others than before, which is then to be notified */
gboolean disco_default_tags_set (DiscoDefaultTags *self, const char *const *tags);

G_END_DECLS
