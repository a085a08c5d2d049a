/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-default-tags-private.h"

void
disco_default_tags_init (DiscoDefaultTags *self)
{
  g_mutex_init (&self->mutex);
  self->tags = NULL;
}

void
disco_default_tags_clear (DiscoDefaultTags *self)
{
  g_clear_pointer (&self->tags, g_strfreev);
  g_mutex_clear (&self->mutex);
}

char **
disco_default_tags_dup (DiscoDefaultTags *self)
{
  char **tags;

  g_mutex_lock (&self->mutex);
  tags = g_strdupv (self->tags);
  g_mutex_unlock (&self->mutex);
  return tags;
}

static gboolean
is_same (char **a, const char *const *b)
{
  if (a == NULL || b == NULL)
    return (const char *const *)a == b;
  return g_strv_equal ((const char *const *)a, b);
}

gboolean
disco_default_tags_set (DiscoDefaultTags *self, const char *const *tags)
{
  g_auto (GStrv) old = NULL;
  gboolean changed;

  g_mutex_lock (&self->mutex);
  changed = !is_same (self->tags, tags);
  if (changed)
    {
      old = self->tags;
      self->tags = g_strdupv ((char **)tags);
    }
  g_mutex_unlock (&self->mutex);
  return changed;
}
