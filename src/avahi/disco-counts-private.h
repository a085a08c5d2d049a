/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is counted for DiscoAvahiAgent:statistics: written on the worker thread, read on any. */
typedef enum
{
  DISCO_COUNT_LINKS,     /* links that came up */
  DISCO_COUNT_RESOLVES,  /* questions for SRV and TXT */
  DISCO_COUNT_MALFORMED, /* pieces of records dropped */
  DISCO_COUNT_REFUSED,   /* over a bound: of what follows the sum */
  DISCO_COUNT_REFUSED_INSTANCES,
  DISCO_COUNT_REFUSED_RECORDS,  /* of a name, or addresses of a host */
  DISCO_COUNT_REFUSED_SERVICES, /* of services() */
  DISCO_COUNT_CONFLICTS,        /* names of ours that were taken */
  DISCO_N_COUNTS,
} DiscoCount;

/* Atomically reference counted by g_atomic_rc_box */
typedef struct
{
  guint64 values[DISCO_N_COUNTS]; /* atomic */
} DiscoCounts;

static inline void
disco_counts_add (DiscoCounts *self, DiscoCount count, guint n)
{
  __atomic_fetch_add (&self->values[count], n, __ATOMIC_RELAXED);
}

static inline guint64
disco_counts_get (DiscoCounts *self, DiscoCount count)
{
  return __atomic_load_n (&self->values[count], __ATOMIC_RELAXED);
}

G_END_DECLS
