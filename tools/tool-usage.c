/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-usage.h"

#include "tool-suggest.h"

#define REGISTER (1u << TOOL_COMMAND_REGISTER)
#define WATCH (1u << TOOL_COMMAND_WATCH)
#define LIST (1u << TOOL_COMMAND_LIST)
#define LOOKUP (1u << TOOL_COMMAND_LOOKUP)

static const ToolCommandSpec commands[] = {
  { "register", "NAME PORT",
    "NAME PORT [--id ID] [--label TEXT] [--addr ADDR]\n                      [--tag TAG]… [--attr "
    "KEY[=VALUE]]…",
    "Announces a service until it is interrupted.",
    "It says when the service is established on the network, and every later rename.\n"
    "Ctrl+C withdraws it.",
    "  disco register http 8080\n"
    "  disco register billing.invoices 9000 --tag eu --attr version=2\n"
    "  disco register ipp 631 --label \"Printer in room 7\" --addr 192.0.2.7\n",
    TOOL_COMMAND_REGISTER, 2 },
  { "watch", "NAME", "NAME [--tag TAG]… [--once]",
    "Shows a service's instances, and every change of them.",
    "On a terminal it is a table that stays current: + is new, * has changed, - is\n"
    "gone. Arrows and page keys scroll it; q or Ctrl+C ends it, and the last table\n"
    "stays. Elsewhere, and with --once, each event is one line: add, update or\n"
    "remove, then id, address, label and tags; \"synced\" follows the first full set.",
    "  disco watch http\n"
    "  disco watch billing.invoices --tag eu\n"
    "  disco watch _ntp._udp --json | while read -r event; do …; done\n"
    "  disco watch http | cat        each event, on a terminal too\n",
    TOOL_COMMAND_WATCH, 1 },
  { "list", "", "[--tag TAG]…", "Prints all services with their instances.",
    "Each line is the service's name, then an instance's id, address, label and tags.",
    "  disco list\n"
    "  disco list --tag eu\n"
    "  disco list --json | jq -r .name\n",
    TOOL_COMMAND_LIST, 0 },
  { "lookup", "NAME", "NAME [--tag TAG]… [--all]", "Prints where a service is, as HOST:PORT.",
    "Of several instances it prints the one whose address is best reached. An IPv6\n"
    "address stands in brackets.",
    "  disco lookup billing.invoices\n"
    "  curl \"http://$(disco lookup http)/\"\n"
    "  disco lookup http --all --timeout 3\n",
    TOOL_COMMAND_LOOKUP, 1 },
  { "doctor", "", "", "Says why nothing might be seen.",
    "It looks at the bus, the daemon, other responders, interfaces and multicast,\n"
    "and announces and finds a service of its own. Each line is ok, warning or\n"
    "failed, and says what to do.",
    "  disco doctor\n"
    "  disco doctor --backend=embedded --interface=eth0\n",
    TOOL_COMMAND_DOCTOR, 0 },
};

/* Texts are taken as file names are, byte for byte: GOption would convert others from the locale's
 * encoding, while what goes on the wire is UTF-8 whatever the locale is. */
static const ToolOptionSpec options[] = {
  { REGISTER, "id", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (ToolOptions, id),
    "What tells this instance from others", "ID" },
  { REGISTER, "label", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (ToolOptions, label),
    "The name that people see", "TEXT" },
  { REGISTER, "addr", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (ToolOptions, addr),
    "The address or DNS name where it is, instead of this host", "ADDR" },
  { REGISTER, "attr", 0, G_OPTION_ARG_FILENAME_ARRAY, G_STRUCT_OFFSET (ToolOptions, attributes),
    "An attribute (may be repeated)", "KEY[=VALUE]" },
  { REGISTER, "tag", 0, G_OPTION_ARG_FILENAME_ARRAY, G_STRUCT_OFFSET (ToolOptions, tags),
    "A tag of the instance (may be repeated)", "TAG" },
  { WATCH | LIST | LOOKUP, "tag", 0, G_OPTION_ARG_FILENAME_ARRAY,
    G_STRUCT_OFFSET (ToolOptions, tags), "Only instances that have this tag (may be repeated)",
    "TAG" },
  { WATCH, "once", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (ToolOptions, once),
    "End after the first full set", NULL },
  { LOOKUP, "all", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (ToolOptions, all),
    "Print all instances, best first", NULL },
  { 0, "json", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (ToolGlobalOptions, json),
    "Write JSON, one object a line", NULL },
  { 0, "backend", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (ToolGlobalOptions, backend),
    "How to reach the network: auto, daemon or embedded", "BACKEND" },
  { 0, "interface", 0, G_OPTION_ARG_FILENAME_ARRAY, G_STRUCT_OFFSET (ToolGlobalOptions, interfaces),
    "Use this network interface only (may be repeated)", "IF" },
  { 0, "timeout", 0, G_OPTION_ARG_FILENAME, G_STRUCT_OFFSET (ToolGlobalOptions, timeout),
    "How long to wait at most (10 unless given)", "SECONDS" },
  { 0, "version", 0, G_OPTION_ARG_NONE, G_STRUCT_OFFSET (ToolGlobalOptions, version),
    "Print the version", NULL },
  { 0, "help", 'h', G_OPTION_ARG_NONE, G_STRUCT_OFFSET (ToolGlobalOptions, help), "Print this help",
    NULL },
};

/* What the commands are called elsewhere */
static const struct
{
  const char *name, *command;
} other_names[] = {
  { "add", "register" },  { "announce", "register" }, { "advertise", "register" },
  { "browse", "watch" },  { "find", "lookup" },       { "get", "lookup" },
  { "check", "doctor" },  { "diagnose", "doctor" },   { "monitor", "watch" },
  { "ls", "list" },       { "publish", "register" },  { "resolve", "lookup" },
  { "services", "list" }, { "show", "list" },
};

const ToolOptionSpec *
tool_usage_get_options (guint *n_options)
{
  *n_options = G_N_ELEMENTS (options);
  return options;
}

gboolean
tool_usage_takes (const ToolCommandSpec *spec, const ToolOptionSpec *option)
{
  return option->commands == 0 || (spec != NULL && (option->commands & 1u << spec->command) != 0);
}

const ToolCommandSpec *
tool_usage_find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  return NULL;
}

const char *
tool_usage_suggest_command (const char *name)
{
  const char *names[G_N_ELEMENTS (commands) + 2] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (other_names); i++)
    if (g_ascii_strcasecmp (other_names[i].name, name) == 0)
      return other_names[i].command;
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    names[i] = commands[i].name;
  names[G_N_ELEMENTS (commands)] = "help";
  return tool_suggest (name, names);
}

const char *
tool_usage_suggest_option (const char *const *args, const ToolCommandSpec *spec)
{
  const char *names[G_N_ELEMENTS (options) + 1] = { NULL };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    if (tool_usage_takes (spec, &options[i]))
      names[n++] = options[i].name;
  for (; *args != NULL && !g_str_equal (*args, "--"); args++)
    if (g_str_has_prefix (*args, "--"))
      {
        g_auto (GStrv) parts = g_strsplit (*args + 2, "=", 2);

        if (!g_strv_contains (names, parts[0]))
          return tool_suggest (parts[0], names);
      }
  return NULL;
}

/* Those of one command, or, with NULL, those that every command takes */
static void
append_options (GString *text, const ToolCommandSpec *spec)
{
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const ToolOptionSpec *option = &options[i];
      g_autofree char *name = NULL;

      if (spec != NULL ? option->commands == 0 || !tool_usage_takes (spec, option)
                       : option->commands != 0)
        continue;
      name = g_strconcat (option->short_name != 0 ? "-h, --" : "--", option->name,
                          option->value != NULL ? "=" : NULL, option->value, NULL);
      g_string_append_printf (text, "  %-18s  %s\n", name, option->description);
    }
}

static gboolean
has_options (const ToolCommandSpec *spec)
{
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    if (options[i].commands != 0 && tool_usage_takes (spec, &options[i]))
      return TRUE;
  return FALSE;
}

char *
tool_usage_help (void)
{
  GString *text = g_string_new ("Usage: disco [OPTION…] COMMAND [ARGUMENT…]\n\n"
                                "Announces and finds services on the local network.\n\n"
                                "Commands:\n");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *usage = g_strdup_printf ("%s %s", commands[i].name, commands[i].arguments);

      g_string_append_printf (text, "  %-18s  %s\n", usage, commands[i].summary);
    }
  g_string_append (text, "  help [COMMAND]      Prints this help, or that of a command.\n\n"
                         "Options:\n");
  append_options (text, NULL);
  g_string_append (text, "\n"
                         "Exit status: 0 done, 1 failed, 2 wrong usage, 3 nothing found,\n"
                         "4 discovery is not available.\n"
                         "Environment: with NO_COLOR set there are no colours.\n\n"
                         "\"disco COMMAND --help\" tells the options of a command, with examples.");
  return g_string_free (text, FALSE);
}

char *
tool_usage_command_help (const ToolCommandSpec *spec)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Usage: disco [OPTION…] %s%s%s\n\n%s\n\n%s\n\n", spec->name,
                          *spec->usage != '\0' ? " " : "", spec->usage, spec->summary,
                          spec->details);
  if (has_options (spec))
    {
      g_string_append (text, "Options:\n");
      append_options (text, spec);
      g_string_append_c (text, '\n');
    }
  g_string_append (text, "Options of every command:\n");
  append_options (text, NULL);
  g_string_append_printf (text, "\nExamples:\n%s", spec->examples);
  return g_strchomp (g_string_free (text, FALSE));
}
