/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Ends the schedule's process: an invariant does not hold. */
void sim_fail (const char *format, ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

#define sim_check(condition, ...)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition))                                                                              \
      sim_fail (__VA_ARGS__);                                                                      \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
