/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-run.h"

G_BEGIN_DECLS

/* Each starts its command; the run ends when it has done its work. */
void command_register (ToolRun *run);
void command_watch (ToolRun *run);
void command_list (ToolRun *run);
void command_lookup (ToolRun *run);

G_END_DECLS
