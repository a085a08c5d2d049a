/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-look.h"

#include <disco/disco.h>

G_BEGIN_DECLS

/* The lines that disco(1) writes with --json, without their newline. All (transfer full), all valid
 * UTF-8 whatever the network sent. */

/* @name and @label may be NULL: left out */
char *tool_json_registration (const char *event, const char *id, const char *name,
                              const char *label);
char *tool_json_event (const char *event, DiscoInstance *instance);
char *tool_json_synced (guint count);
/* @instances: (element-type DiscoInstance) */
char *tool_json_service (const char *name, GPtrArray *instances);
char *tool_json_lookup (DiscoInstance *instance);
char *tool_json_diagnosis (DiscoDiagnosis *diagnosis);
char *tool_json_error (const char *code, const char *message);

/* (transfer full): @line, such that nothing in it acts on a terminal. JSON need not escape DEL, C1
 * control characters and marks that turn text around; to a reader it is the same. */
char *tool_json_for (ToolLook look, const char *line);

G_END_DECLS
