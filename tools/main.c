/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-run.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

/* A standard descriptor that is closed would be given to the next socket, and what is printed be
 * written into that. */
static void
ensure_standard_descriptors (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close (fd);
}

/* With its source the signal's handler goes: a second one ends the program at once, for who does
 * not want to wait for the goodbyes. */
static gboolean
on_signal (gpointer run)
{
  tool_run_interrupt (run);
  return G_SOURCE_REMOVE;
}

/* Nobody reads any more: a watch without events would not notice. */
static gboolean
on_output_closed (int fd, GIOCondition condition, gpointer run)
{
  tool_run_interrupt (run);
  return G_SOURCE_REMOVE;
}

static ToolLook
look_of (int fd)
{
  return tool_look_of (isatty (fd) != 0, g_getenv ("TERM"), g_getenv ("NO_COLOR"),
                       g_get_charset (NULL));
}

static DiscoAgent *
make_agent (const ToolOptions *options)
{
  return g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", options->backend, "interfaces",
                       options->global.interfaces, NULL);
}

static ToolStatus
run (const ToolOptions *options, ToolOutput *output)
{
  g_autoptr (DiscoAgent) agent = make_agent (options);
  g_autoptr (ToolRun) tool_run = tool_run_new (options, output, agent);
  ToolStatus status;
  guint sources[3] = { 0 };

  sources[0] = g_unix_signal_add (SIGINT, on_signal, tool_run);
  sources[1] = g_unix_signal_add (SIGTERM, on_signal, tool_run);
  if (options->command == TOOL_COMMAND_WATCH)
    sources[2] = g_unix_fd_add (STDOUT_FILENO, G_IO_ERR, on_output_closed, tool_run);
  status = tool_run_main (tool_run);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      GSource *source
          = sources[i] != 0 ? g_main_context_find_source_by_id (NULL, sources[i]) : NULL;

      if (source != NULL)
        g_source_destroy (source);
    }
  return status;
}

int
main (int argc, char *argv[])
{
  const char *const *args = (const char *const *)argv;
  g_autoptr (ToolOutput) output = NULL;
  g_autoptr (ToolOptions) options = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *info = NULL;

  ensure_standard_descriptors ();
  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  options = tool_options_parse (args, &info, &error);
  output = tool_output_new (stdout, look_of (STDOUT_FILENO), stderr, look_of (STDERR_FILENO),
                            options != NULL ? options->global.json : tool_options_want_json (args));
  if (info != NULL)
    tool_output_info (output, info, &error);
  if (info != NULL
      && (error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE)))
    return TOOL_STATUS_DONE;
  if (options == NULL)
    {
      tool_output_error (output, error);
      return tool_status_from_error (error);
    }
  return run (options, output);
}
