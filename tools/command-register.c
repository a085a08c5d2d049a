/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "tool-json.h"

typedef struct
{
  ToolRun *run;
  DiscoRegistration *registration; /* (owned) */
  char *id;                        /* (owned) (nullable): once it is established */
  char *label;                     /* (owned) (nullable): after a rename */
  GError *error;                   /* (owned) (nullable): why it ends, if not by an interrupt */
  gboolean leaving;
} Register;

static void
register_free (gpointer data)
{
  Register *self = data;

  g_signal_handlers_disconnect_by_data (tool_run_get_agent (self->run), self);
  g_object_unref (self->registration);
  g_free (self->id);
  g_free (self->label);
  g_clear_error (&self->error);
  g_free (self);
}

static void
print_happening (Register *self, const char *event, const char *name, const char *label,
                 ToolStyle style)
{
  if (tool_run_get_options (self->run)->global.json)
    {
      g_autofree char *line = tool_json_registration (event, self->id, name, label);

      tool_run_print_line (self->run, line);
    }
  else
    {
      g_autofree char *id = tool_escape (self->id);
      g_autofree char *shown_label = tool_escape (label != NULL ? label : "");
      g_autofree char *shown_name = tool_escape (name != NULL ? name : "");

      tool_run_print_row (self->run,
                          (const char *const[]){ event, id, shown_label, shown_name, NULL }, style);
    }
}

static void
on_left (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Register *self = user_data;
  g_autoptr (GError) error = NULL;
  const gboolean left = disco_agent_leave_finish (DISCO_AGENT (source), result, &error);

  if (!tool_run_done (self->run))
    return;
  if (left && self->id != NULL)
    print_happening (self, "left", NULL, NULL, TOOL_STYLE_PLAIN);
  if (self->error != NULL)
    tool_run_fail (self->run, self->error);
  else if (!left)
    tool_run_fail (self->run, error);
  else
    tool_run_end (self->run, TOOL_STATUS_DONE);
}

/* Withdraws what is announced, or on its way to be, and ends with what @error says. That is not
 * cancelled: the goodbyes are to be on the wire before the end. */
static void
leave (Register *self, const GError *error)
{
  if (self->leaving)
    return;
  self->leaving = TRUE;
  if (error != NULL)
    self->error = g_error_copy (error);
  tool_run_stop_timeout (self->run);
  if (tool_run_begin (self->run))
    disco_agent_leave_async (tool_run_get_agent (self->run), NULL, on_left, self);
}

static void
on_interrupt (ToolRun *run)
{
  leave (tool_run_get_state (run), NULL);
}

/* What the network has: the label that was asked for, unless another one was told */
static const char *
first_label (Register *self)
{
  const char *label = disco_registration_get_label (self->registration);

  if (self->label != NULL)
    return self->label;
  return label != NULL && *label != '\0' ? label : self->id;
}

static void
print_registered (Register *self)
{
  const char *asked = disco_registration_get_name (self->registration);
  /* Its name is the one that readers see, "http" for "_HTTP._tcp". An agent in memory knows it as
   * well, and asks no network for it. */
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_local_agent_new ());
  g_autoptr (DiscoService) service = disco_agent_open_service (agent, asked, NULL, NULL);

  print_happening (self, "registered", disco_service_get_name (service), first_label (self),
                   TOOL_STYLE_GOOD);
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Register *self = user_data;
  g_autoptr (GError) error = NULL;

  self->id = disco_agent_register_finish (DISCO_AGENT (source), result, &error);
  if (!tool_run_done (self->run))
    return;
  if (self->id == NULL)
    {
      leave (self, error);
      return;
    }
  tool_run_stop_timeout (self->run);
  if (!self->leaving)
    print_registered (self);
}

/* Before it is established, a rename is only what the label will be. */
static void
on_renamed (Register *self, const char *id, const char *label)
{
  g_free (self->label);
  self->label = g_strdup (label);
  if (self->id != NULL && !self->leaving)
    print_happening (self, "renamed", NULL, label, TOOL_STYLE_CHANGED);
}

static void
add_attribute (DiscoRegistration *registration, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 2);
  g_autoptr (GBytes) value
      = parts[0] != NULL && parts[1] != NULL ? g_bytes_new (parts[1], strlen (parts[1])) : NULL;

  disco_registration_set_attribute (registration, parts[0] != NULL ? parts[0] : "", value);
}

static DiscoRegistration *
make_registration (const ToolOptions *options)
{
  DiscoRegistration *registration = disco_registration_new (options->name, options->port);

  disco_registration_set_id (registration, options->id);
  disco_registration_set_label (registration, options->label);
  disco_registration_set_addr (registration, options->addr);
  disco_registration_set_tags (registration, (const char *const *)options->tags);
  for (guint i = 0; options->attributes != NULL && options->attributes[i] != NULL; i++)
    add_attribute (registration, options->attributes[i]);
  return registration;
}

void
command_register (ToolRun *run)
{
  DiscoAgent *agent = tool_run_get_agent (run);
  g_autofree char *name = tool_escape (tool_run_get_options (run)->name);
  g_autofree char *what = g_strdup_printf ("Announcing %s…", name);
  Register *self = g_new0 (Register, 1);

  self->run = run;
  self->registration = make_registration (tool_run_get_options (run));
  tool_run_set_state (run, self, register_free);
  tool_run_set_on_interrupt (run, on_interrupt);
  g_signal_connect_swapped (agent, "renamed", G_CALLBACK (on_renamed), self);
  tool_run_start_timeout (run);
  tool_run_show_progress (run, what);
  if (tool_run_begin (run))
    disco_agent_register_async (agent, self->registration, tool_run_get_cancellable (run),
                                on_registered, self);
}
