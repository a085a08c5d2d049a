/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-run.h"

G_BEGIN_DECLS

/* Each starts its command; the run ends when it has done its work. */
void command_register (ToolRun *run);
void command_watch (ToolRun *run);
void command_list (ToolRun *run);
void command_lookup (ToolRun *run);
void command_doctor (ToolRun *run);

/* The end of doctor: prints what was found (element DiscoDiagnosis), and ends the run by it. */
void command_doctor_tell (ToolRun *run, GPtrArray *diagnoses);

G_END_DECLS
