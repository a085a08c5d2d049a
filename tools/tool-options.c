/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-options.h"

#include <math.h>

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_TIMEOUT_S (G_MAXINT / 1000) /* what a timer takes in milliseconds */

/* The commands: what they are called, and what they take after their name. */
typedef struct
{
  const char *name;
  const char *arguments;
  const char *summary;
  ToolCommand command;
  guint n_arguments;
} CommandSpec;

static const CommandSpec commands[] = {
  { "register", "NAME PORT", "Announces a service until it is interrupted.", TOOL_COMMAND_REGISTER,
    2 },
  { "watch", "NAME", "Prints every change of a service's instances.", TOOL_COMMAND_WATCH, 1 },
  { "list", "", "Prints all services with their instances.", TOOL_COMMAND_LIST, 0 },
  { "lookup", "NAME", "Prints where a service is, as HOST:PORT.", TOOL_COMMAND_LOOKUP, 1 },
  { "doctor", "", "Says why nothing might be seen.", TOOL_COMMAND_DOCTOR, 0 },
};

static gboolean usage_error (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
usage_error (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, "%s; see \"disco --help\"",
               message);
  return FALSE;
}

/* Texts are taken as file names are, byte for byte: GOption would convert others from the locale's
 * encoding, while what goes on the wire is UTF-8 whatever the locale is. */
static void
add_global_options (GOptionContext *context, ToolGlobalOptions *global)
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &global->json, "Write JSON, one object a line", NULL },
    { "backend", 0, 0, G_OPTION_ARG_FILENAME, &global->backend,
      "How to reach the network: auto, daemon or embedded", "BACKEND" },
    { "interface", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &global->interfaces,
      "Use this network interface only (may be repeated)", "IF" },
    { "timeout", 0, 0, G_OPTION_ARG_FILENAME, &global->timeout,
      "How long to wait at most (10 unless given)", "SECONDS" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &global->version, "Print the version", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &global->help, "Print this help", NULL },
    G_OPTION_ENTRY_NULL,
  };

  g_option_context_add_main_entries (context, entries, NULL);
}

static void
add_command_options (GOptionContext *context, ToolOptions *self)
{
  const GOptionEntry register_entries[] = {
    { "id", 0, 0, G_OPTION_ARG_FILENAME, &self->id, "What tells this instance from others", "ID" },
    { "label", 0, 0, G_OPTION_ARG_FILENAME, &self->label, "The name that people see", "TEXT" },
    { "addr", 0, 0, G_OPTION_ARG_FILENAME, &self->addr,
      "The address or DNS name where it is, instead of this host", "ADDR" },
    { "attr", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->attributes,
      "An attribute (may be repeated)", "KEY[=VALUE]" },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry watch_entries[] = {
    { "once", 0, 0, G_OPTION_ARG_NONE, &self->once, "End after the first full set", NULL },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry lookup_entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &self->all, "Print all instances, best first", NULL },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry tag_entries[] = {
    { "tag", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->tags, "A tag (may be repeated)", "TAG" },
    G_OPTION_ENTRY_NULL,
  };

  if (self->command == TOOL_COMMAND_REGISTER)
    g_option_context_add_main_entries (context, register_entries, NULL);
  if (self->command == TOOL_COMMAND_WATCH)
    g_option_context_add_main_entries (context, watch_entries, NULL);
  if (self->command == TOOL_COMMAND_LOOKUP)
    g_option_context_add_main_entries (context, lookup_entries, NULL);
  if (self->command != TOOL_COMMAND_DOCTOR)
    g_option_context_add_main_entries (context, tag_entries, NULL);
}

/* (transfer full): without the newline at its end */
static char *
get_help (GOptionContext *context)
{
  return g_strchomp (g_option_context_get_help (context, TRUE, NULL));
}

static gboolean
parse (GOptionContext *context, char ***args, GError **error)
{
  g_autoptr (GError) local = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  if (!g_option_context_parse_strv (context, args, &local))
    return usage_error (error, "%s", local->message);
  return TRUE;
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
        return usage_error (error, "\"%s\" is no backend", global->backend);
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
take_arguments (ToolOptions *self, const CommandSpec *spec, char **arguments, GError **error)
{
  const guint n = arguments != NULL ? g_strv_length (arguments) : 0;
  guint64 port = 0;

  if (n < spec->n_arguments)
    return usage_error (error, "%s needs %s", spec->name, spec->arguments);
  if (n > spec->n_arguments)
    return usage_error (error, "%s does not take \"%s\"", spec->name, arguments[spec->n_arguments]);
  if (n > 0)
    self->name = g_strdup (arguments[0]);
  if (n > 1 && !g_ascii_string_to_unsigned (arguments[1], 10, 0, G_MAXUINT16, &port, NULL))
    return usage_error (error, "\"%s\" is no port", arguments[1]);
  self->port = (guint16)port;
  return TRUE;
}

static const CommandSpec *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  return NULL;
}

/* Parses what follows the command's name, which is @args[0]. */
static gboolean
parse_command (ToolOptions *self, const char *const *args, char **info, GError **error)
{
  const CommandSpec *spec = find_command (args[0]);
  g_autoptr (GOptionContext) context = NULL;
  g_auto (GStrv) rest = g_strdupv ((char **)args);
  g_auto (GStrv) arguments = NULL;
  g_autofree char *usage = NULL;
  ToolGlobalOptions later = { 0 };
  const GOptionEntry remaining[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  gboolean parsed;

  if (spec == NULL)
    return usage_error (error, "\"%s\" is no command", args[0]);
  self->command = spec->command;
  usage = g_strconcat (spec->arguments, "\n\n", spec->summary, NULL);
  context = g_option_context_new (usage);
  add_command_options (context, self);
  add_global_options (context, &later);
  g_option_context_add_main_entries (context, remaining, NULL);
  parsed = parse (context, &rest, error);
  merge_global_options (&self->global, &later);
  global_options_clear (&later);
  if (!parsed)
    return FALSE;
  if (self->global.help)
    *info = get_help (context);
  if (self->global.help || self->global.version)
    return TRUE;
  return take_arguments (self, spec, arguments, error) && interpret_global_options (self, error);
}

static char *
make_help (GOptionContext *context)
{
  g_autoptr (GString) text = g_string_new ("Commands:\n");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *usage = g_strdup_printf ("%s %s", commands[i].name, commands[i].arguments);

      g_string_append_printf (text, "  %-20s  %s\n", usage, commands[i].summary);
    }
  g_string_append (text, "\n\"disco COMMAND --help\" tells the options of a command.");
  g_option_context_set_description (context, text->str);
  return get_help (context);
}

static gboolean
parse_all (ToolOptions *self, const char *const *args, char **info, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND");
  g_auto (GStrv) rest = g_strdupv ((char **)args);
  guint first = 1;

  add_global_options (context, &self->global);
  g_option_context_set_summary (context, "Announces and finds services on the local network.");
  g_option_context_set_strict_posix (context, TRUE);
  if (!parse (context, &rest, error))
    return FALSE;
  if (g_strcmp0 (rest[first], "--") == 0)
    first++;
  if (rest[first] != NULL && !self->global.help && !self->global.version)
    {
      if (!parse_command (self, (const char *const *)rest + first, info, error))
        return FALSE;
    }
  else if (self->global.help)
    *info = make_help (context);
  else if (!self->global.version)
    return usage_error (error, "A command is missing");
  if (self->global.version && *info == NULL)
    *info = g_strdup ("disco " DISCO_VERSION_STRING);
  return TRUE;
}

ToolOptions *
tool_options_parse (const char *const *args, char **info, GError **error)
{
  g_autoptr (ToolOptions) self = g_new0 (ToolOptions, 1);

  *info = NULL;
  self->timeout_ms = DEFAULT_TIMEOUT_MS;
  if (!parse_all (self, args, info, error) || *info != NULL)
    return NULL;
  return g_steal_pointer (&self);
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
