/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-options.h"

G_BEGIN_DECLS

/* What the commands and options are called, and what --help says of them. */
typedef struct
{
  const char *name;
  const char *arguments; /* those without which it cannot be */
  const char *usage;     /* all that stands after its name */
  const char *summary;
  const char *details;
  const char *examples;
  ToolCommand command;
  guint n_arguments;
} ToolCommandSpec;

typedef struct
{
  guint commands; /* 1 << ToolCommand of each that takes it; 0: every one, before its name too */
  const char *name;
  char short_name;
  GOptionArg arg;
  gsize offset; /* in ToolGlobalOptions where every command takes it, else in ToolOptions */
  const char *description;
  const char *value;
} ToolOptionSpec;

const ToolOptionSpec *tool_usage_get_options (guint *n_options);
gboolean tool_usage_takes (const ToolCommandSpec *spec, const ToolOptionSpec *option);

/* (nullable) */
const ToolCommandSpec *tool_usage_find_command (const char *name);
/* (nullable): the command that somebody who wrote @name probably meant */
const char *tool_usage_suggest_command (const char *name);
/* (nullable): for the first of @args that is no option of @spec's (NULL: of all commands), the one
 * that was probably meant, without its dashes */
const char *tool_usage_suggest_option (const char *const *args, const ToolCommandSpec *spec);

/* (transfer full): without a newline at the end */
char *tool_usage_help (void);
char *tool_usage_command_help (const ToolCommandSpec *spec);

G_END_DECLS
