/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-allowed-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes read of one batch of the kernel's notes; what they say is read anew anyway. */
#define NOTE_BYTES 8192
/* No interface has this name: for a list that allows none, where an empty one would allow all. */
#define NO_INTERFACE "*"

struct _DiscoAllowed
{
  char **include; /* (owned) (nullable) */
  char **exclude; /* (owned) (nullable) */
  char **names;   /* (owned) (nullable) */
  int fd;         /* rtnetlink, or -1 */
  GSource *notes; /* (owned) (nullable) */
  DiscoAllowedOutdated outdated;
  gpointer user_data;
};

static gboolean
matches (const char *const *globs, const char *name)
{
  for (guint i = 0; globs != NULL && globs[i] != NULL; i++)
    {
      if (g_pattern_match_simple (globs[i], name))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_empty (const char *const *globs)
{
  return globs == NULL || globs[0] == NULL;
}

static gboolean
is_plain (const char *glob)
{
  return strpbrk (glob, "*?") == NULL;
}

static void
add_once (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

char **
disco_allowed_resolve (const char *const *include, const char *const *exclude,
                       const char *const *present)
{
  GPtrArray *names;

  if (is_empty (include) && is_empty (exclude))
    return NULL;
  names = g_ptr_array_new ();
  /* a plain name passes as it is: its interface may come later */
  for (guint i = 0; include != NULL && include[i] != NULL; i++)
    {
      if (is_plain (include[i]) && !matches (exclude, include[i]))
        add_once (names, include[i]);
    }
  for (guint i = 0; present[i] != NULL; i++)
    {
      if ((is_empty (include) || matches (include, present[i])) && !matches (exclude, present[i]))
        add_once (names, present[i]);
    }
  if (names->len == 0)
    g_ptr_array_add (names, g_strdup (NO_INTERFACE));
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

/* (transfer full) */
static char **
list_present (void)
{
  GPtrArray *names = g_ptr_array_new ();
  struct if_nameindex *list = if_nameindex ();

  for (guint i = 0; list != NULL && list[i].if_index != 0; i++)
    g_ptr_array_add (names, g_strdup (list[i].if_name));
  if (list != NULL)
    if_freenameindex (list);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

static char **
resolve_now (DiscoAllowed *self)
{
  g_auto (GStrv) present = list_present ();

  return disco_allowed_resolve ((const char *const *)self->include,
                                (const char *const *)self->exclude, (const char *const *)present);
}

/* Interfaces that have gone do no harm in the list. */
static gboolean
on_notes (int fd, GIOCondition condition, gpointer user_data)
{
  DiscoAllowed *self = user_data;
  g_auto (GStrv) now = NULL;
  char notes[NOTE_BYTES];

  while (recv (fd, notes, sizeof notes, MSG_DONTWAIT) > 0)
    continue;
  now = resolve_now (self);
  for (guint i = 0; now[i] != NULL; i++)
    {
      if (g_str_equal (now[i], NO_INTERFACE)
          || g_strv_contains ((const char *const *)self->names, now[i]))
        continue;
      g_debug ("interface %s has come", now[i]);
      self->outdated (self->user_data);
      return G_SOURCE_CONTINUE;
    }
  return G_SOURCE_CONTINUE;
}

/* Without the kernel's notes, as in a sandbox that forbids netlink, the list stands. */
static void
watch_kernel (DiscoAllowed *self, GMainContext *context)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };

  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (self->fd < 0 || bind (self->fd, (struct sockaddr *)&address, sizeof address) < 0)
    {
      g_debug ("no notes of interfaces from the kernel: %s", g_strerror (errno));
      return;
    }
  self->notes = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->notes, G_SOURCE_FUNC (on_notes), self, NULL);
  g_source_attach (self->notes, context);
}

DiscoAllowed *
disco_allowed_new (const char *const *include, const char *const *exclude, GMainContext *context,
                   DiscoAllowedOutdated outdated, gpointer user_data)
{
  DiscoAllowed *self = g_new0 (DiscoAllowed, 1);

  self->include = g_strdupv ((char **)include);
  self->exclude = g_strdupv ((char **)exclude);
  self->outdated = outdated;
  self->user_data = user_data;
  self->fd = -1;
  if (is_empty (include) && is_empty (exclude))
    return self;
  /* watched before it is read, so that nothing comes in between unseen */
  watch_kernel (self, context);
  self->names = resolve_now (self);
  return self;
}

void
disco_allowed_free (DiscoAllowed *self)
{
  if (self->notes != NULL)
    {
      g_source_destroy (self->notes);
      g_source_unref (self->notes);
    }
  if (self->fd >= 0)
    close (self->fd);
  g_strfreev (self->names);
  g_strfreev (self->include);
  g_strfreev (self->exclude);
  g_free (self);
}

const char *const *
disco_allowed_get_names (DiscoAllowed *self)
{
  return (const char *const *)self->names;
}
