/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco.h>

G_BEGIN_DECLS

typedef enum
{
  TOOL_COMMAND_REGISTER,
  TOOL_COMMAND_WATCH,
  TOOL_COMMAND_LIST,
  TOOL_COMMAND_LOOKUP,
  TOOL_COMMAND_DOCTOR,
} ToolCommand;

/* The options that every command takes, before or after its name. */
typedef struct
{
  gboolean json;
  char *backend;     /* (owned) (nullable) */
  char **interfaces; /* (owned) (nullable) */
  char *timeout;     /* (owned) (nullable) */
  gboolean version;
  gboolean help;
} ToolGlobalOptions;

/* What the command line asks for. Texts are the bytes that were given. */
typedef struct
{
  ToolGlobalOptions global;
  ToolCommand command;
  DiscoBackend backend;
  guint timeout_ms;
  char *name; /* (owned) (nullable) */
  guint16 port;
  char *id;          /* (owned) (nullable) */
  char *label;       /* (owned) (nullable) */
  char *addr;        /* (owned) (nullable) */
  char **tags;       /* (owned) (nullable) */
  char **attributes; /* (owned) (nullable): "KEY=VALUE" or "KEY" */
  gboolean once;
  gboolean all;
} ToolOptions;

/* @args: (array zero-terminated=1): the program's name and its arguments.
 * @info: set to a text for standard output where that is all that was asked for, with NULL as the
 * result and no error. A fault is DISCO_ERROR_INVALID_ARGUMENT. */
ToolOptions *tool_options_parse (const char *const *args, char **info, GError **error);
void tool_options_free (ToolOptions *self);
/* Whether errors are to be written as JSON, for where the command line cannot be parsed. */
gboolean tool_options_want_json (const char *const *args);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolOptions, tool_options_free)

G_END_DECLS
