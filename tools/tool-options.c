/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-options.h"

#include "tool-usage.h"

#include <math.h>

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_TIMEOUT_S (G_MAXINT / 1000) /* what a timer takes in milliseconds */

static gboolean usage_error (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
usage_error (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}

/* The options that every command takes, and those of @spec's: into @global and @self. */
static void
add_options (GOptionContext *context, const ToolCommandSpec *spec, ToolGlobalOptions *global,
             ToolOptions *self)
{
  guint n;
  const ToolOptionSpec *options = tool_usage_get_options (&n);

  for (const ToolOptionSpec *option = options; option < options + n; option++)
    if (tool_usage_takes (spec, option))
      {
        gpointer base = option->commands == 0 ? (gpointer)global : (gpointer)self;
        const GOptionEntry entries[] = {
          { option->name, option->short_name, 0, option->arg,
            G_STRUCT_MEMBER_P (base, option->offset), NULL, NULL },
          G_OPTION_ENTRY_NULL,
        };

        g_option_context_add_main_entries (context, entries, NULL);
      }
}

static gboolean
parse (GOptionContext *context, const ToolCommandSpec *spec, char ***args, GError **error)
{
  g_auto (GStrv) given = g_strdupv (*args);
  g_autoptr (GError) local = NULL;
  const char *meant = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  if (g_option_context_parse_strv (context, args, &local))
    return TRUE;
  if (g_error_matches (local, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
    meant = tool_usage_suggest_option ((const char *const *)given + 1, spec);
  if (meant != NULL)
    return usage_error (error, "%s; did you mean \"--%s\"?", local->message, meant);
  return usage_error (error, "%s; see \"disco%s%s --help\"", local->message,
                      spec != NULL ? " " : "", spec != NULL ? spec->name : "");
}

static void
global_options_clear (ToolGlobalOptions *self)
{
  g_clear_pointer (&self->backend, g_free);
  g_clear_pointer (&self->interfaces, g_strfreev);
  g_clear_pointer (&self->timeout, g_free);
}

static void
take_later (char **text, const char *later)
{
  if (later == NULL)
    return;
  g_free (*text);
  *text = g_strdup (later);
}

/* Adds what was given after the command's name to what was given before it. */
static void
merge_global_options (ToolGlobalOptions *self, ToolGlobalOptions *later)
{
  g_autoptr (GStrvBuilder) interfaces = g_strv_builder_new ();

  self->json |= later->json;
  self->version |= later->version;
  self->help |= later->help;
  take_later (&self->backend, later->backend);
  take_later (&self->timeout, later->timeout);
  if (later->interfaces == NULL)
    return;
  if (self->interfaces != NULL)
    g_strv_builder_addv (interfaces, (const char **)self->interfaces);
  g_strv_builder_addv (interfaces, (const char **)later->interfaces);
  g_strfreev (self->interfaces);
  self->interfaces = g_strv_builder_end (interfaces);
}

static gboolean
interpret_global_options (ToolOptions *self, GError **error)
{
  g_autoptr (GEnumClass) backends = g_type_class_ref (DISCO_TYPE_BACKEND);
  const ToolGlobalOptions *global = &self->global;

  if (global->backend != NULL)
    {
      const GEnumValue *value = g_enum_get_value_by_nick (backends, global->backend);

      if (value == NULL)
        return usage_error (error, "\"%s\" is no backend; there are auto, daemon and embedded",
                            global->backend);
      self->backend = value->value;
    }
  if (global->timeout != NULL)
    {
      char *end;
      const double seconds = g_ascii_strtod (global->timeout, &end);

      if (end == global->timeout || *end != '\0' || !isfinite (seconds) || seconds <= 0
          || seconds > MAX_TIMEOUT_S)
        return usage_error (error, "\"%s\" is no number of seconds", global->timeout);
      self->timeout_ms = MAX (1, (guint)(seconds * 1000 + 0.5));
    }
  return TRUE;
}

static gboolean
take_arguments (ToolOptions *self, const ToolCommandSpec *spec, char **arguments, GError **error)
{
  const guint n = arguments != NULL ? g_strv_length (arguments) : 0;
  guint64 port = 0;

  if (n < spec->n_arguments)
    return usage_error (error, "%s needs %s; see \"disco %s --help\"", spec->name, spec->arguments,
                        spec->name);
  if (n > spec->n_arguments)
    return usage_error (error, "%s does not take \"%s\"; see \"disco %s --help\"", spec->name,
                        arguments[spec->n_arguments], spec->name);
  if (n > 0)
    self->name = g_strdup (arguments[0]);
  if (n > 1 && !g_ascii_string_to_unsigned (arguments[1], 10, 0, G_MAXUINT16, &port, NULL))
    return usage_error (error, "\"%s\" is no port; ports are 0 to 65535", arguments[1]);
  self->port = (guint16)port;
  return TRUE;
}

static gboolean
unknown_command (const char *name, GError **error)
{
  const char *meant = tool_usage_suggest_command (name);

  if (meant != NULL)
    return usage_error (error, "\"%s\" is no command; did you mean \"%s\"?", name, meant);
  return usage_error (error, "\"%s\" is no command; see \"disco --help\"", name);
}

/* Parses what follows the command's name, which is @args[0]. */
static gboolean
parse_command (ToolOptions *self, const ToolCommandSpec *spec, const char *const *args, char **info,
               GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_auto (GStrv) rest = g_strdupv ((char **)args);
  g_auto (GStrv) arguments = NULL;
  ToolGlobalOptions later = { 0 };
  const GOptionEntry remaining[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  gboolean parsed;

  self->command = spec->command;
  add_options (context, spec, &later, self);
  g_option_context_add_main_entries (context, remaining, NULL);
  parsed = parse (context, spec, &rest, error);
  merge_global_options (&self->global, &later);
  global_options_clear (&later);
  if (!parsed)
    return FALSE;
  if (self->global.help)
    *info = tool_usage_command_help (spec);
  if (self->global.help || self->global.version)
    return TRUE;
  return take_arguments (self, spec, arguments, error) && interpret_global_options (self, error);
}

/* "help", or "help COMMAND": what --help says. */
static gboolean
parse_help (const char *const *args, char **info, GError **error)
{
  const guint n = g_strv_length ((char **)args);
  const ToolCommandSpec *spec = n == 2 ? tool_usage_find_command (args[1]) : NULL;

  if (n > 2)
    return usage_error (error, "help does not take \"%s\"; see \"disco --help\"", args[2]);
  if (n == 2 && spec == NULL && !g_str_equal (args[1], "help") && args[1][0] != '-')
    return unknown_command (args[1], error);
  *info = spec != NULL ? tool_usage_command_help (spec) : tool_usage_help ();
  return TRUE;
}

/* @args: the command's name and what follows it. */
static gboolean
parse_after_options (ToolOptions *self, const char *const *args, char **info, GError **error)
{
  const ToolCommandSpec *spec = tool_usage_find_command (args[0]);

  if (spec != NULL)
    return parse_command (self, spec, args, info, error);
  if (g_str_equal (args[0], "help"))
    return parse_help (args, info, error);
  return unknown_command (args[0], error);
}

static gboolean
parse_all (ToolOptions *self, const char *const *args, char **info, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_auto (GStrv) rest = g_strdupv ((char **)args);
  guint first = 1;

  add_options (context, NULL, &self->global, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  if (!parse (context, NULL, &rest, error))
    return FALSE;
  if (g_strcmp0 (rest[first], "--") == 0)
    first++;
  if (rest[first] != NULL && !self->global.help && !self->global.version)
    {
      if (!parse_after_options (self, (const char *const *)rest + first, info, error))
        return FALSE;
    }
  else if (self->global.help)
    *info = tool_usage_help ();
  else if (!self->global.version)
    return usage_error (error, "A command is missing; see \"disco --help\"");
  if (self->global.version && *info == NULL)
    *info = g_strdup ("disco " DISCO_VERSION_STRING);
  return TRUE;
}

ToolOptions *
tool_options_parse (const char *const *args, char **info, GError **error)
{
  ToolOptions *self = g_new0 (ToolOptions, 1);

  *info = NULL;
  self->timeout_ms = DEFAULT_TIMEOUT_MS;
  if (!parse_all (self, args, info, error) || *info != NULL)
    g_clear_pointer (&self, tool_options_free);
  return self;
}

void
tool_options_free (ToolOptions *self)
{
  global_options_clear (&self->global);
  g_free (self->name);
  g_free (self->id);
  g_free (self->label);
  g_free (self->addr);
  g_strfreev (self->tags);
  g_strfreev (self->attributes);
  g_free (self);
}

gboolean
tool_options_want_json (const char *const *args)
{
  for (; *args != NULL && !g_str_equal (*args, "--"); args++)
    if (g_str_equal (*args, "--json"))
      return TRUE;
  return FALSE;
}
