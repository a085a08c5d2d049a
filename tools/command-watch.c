/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "tool-json.h"
#include "tool-live.h"

/* Events are printed as they come, before the first full set is known too. That it is known is told
 * after the last of its instances: `synced` fires when all their events are in the watcher's queue,
 * and an idle of low priority runs only when none of them waits to be delivered. */
typedef struct
{
  ToolRun *run;
  DiscoService *service;  /* (owned) */
  DiscoWatcher *watcher;  /* (owned) */
  GSource *idle;          /* (owned) (nullable): tells that the first full set is known */
  GEnumClass *operations; /* (owned) */
  guint count;            /* instances told of and not removed */
  ToolLive *live;         /* (owned) (nullable): shows all of it instead of printing it */
  gboolean was_running;   /* the agent has had a link */
  gboolean all_told;      /* the first full set has been told */
} Watch;

static void
watch_free (gpointer data)
{
  Watch *self = data;
  DiscoAgent *agent = tool_run_get_agent (self->run);

  g_signal_handlers_disconnect_by_data (agent, self);
  g_signal_handlers_disconnect_by_data (self->service, self);
  if (self->idle != NULL)
    g_source_destroy (self->idle);
  g_clear_pointer (&self->idle, g_source_unref);
  disco_watcher_close (self->watcher);
  g_clear_pointer (&self->live, tool_live_free);
  g_object_unref (self->watcher);
  g_object_unref (self->service);
  g_type_class_unref (self->operations);
  g_free (self);
}

static ToolStyle
operation_style (DiscoOperation operation)
{
  switch (operation)
    {
    case DISCO_OPERATION_ADD:
      return TOOL_STYLE_GOOD;
    case DISCO_OPERATION_UPDATE:
      return TOOL_STYLE_CHANGED;
    case DISCO_OPERATION_REMOVE:
      return TOOL_STYLE_BAD;
    default:
      return TOOL_STYLE_PLAIN;
    }
}

static void
print_event (Watch *self, DiscoEvent *event)
{
  const DiscoOperation operation = disco_event_get_operation (event);
  const char *nick = g_enum_get_value (self->operations, operation)->value_nick;
  DiscoInstance *instance = disco_event_get_instance (event);

  if (operation == DISCO_OPERATION_ADD)
    self->count++;
  else if (operation == DISCO_OPERATION_REMOVE)
    self->count--;
  if (self->live != NULL)
    {
      tool_table_take (tool_live_get_table (self->live), operation, instance,
                       g_get_monotonic_time ());
      tool_live_changed (self->live);
    }
  else if (tool_run_get_options (self->run)->global.json)
    {
      g_autofree char *line = tool_json_event (nick, instance);

      tool_run_print_line (self->run, line);
    }
  else
    {
      g_auto (GStrv) cells = tool_instance_cells (nick, instance);

      tool_run_print_row (self->run, (const char *const *)cells, operation_style (operation));
    }
}

static void take_next (Watch *self);

static void
on_next (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Watch *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (DISCO_WATCHER (source), result, &error);

  if (!tool_run_done (self->run))
    return;
  if (events == NULL)
    {
      tool_run_fail (self->run, error);
      return;
    }
  for (guint i = 0; i < events->len; i++)
    print_event (self, g_ptr_array_index (events, i));
  take_next (self);
}

static void
take_next (Watch *self)
{
  if (tool_run_begin (self->run))
    disco_watcher_next_async (self->watcher, tool_run_get_cancellable (self->run), on_next, self);
}

/* What there is to see of the table beside its rows */
static void
show_state (Watch *self)
{
  DiscoAgent *agent = tool_run_get_agent (self->run);
  const gboolean has_link
      = !DISCO_IS_AVAHI_AGENT (agent)
        || disco_avahi_agent_get_state (DISCO_AVAHI_AGENT (agent)) == DISCO_STATE_RUNNING;

  if (self->live == NULL)
    return;
  tool_table_set_state (tool_live_get_table (self->live), self->was_running && !has_link
                                                              ? TOOL_TABLE_CUT_OFF
                                                          : self->all_told ? TOOL_TABLE_CURRENT
                                                                           : TOOL_TABLE_LOOKING);
  tool_live_changed (self->live);
}

static void
print_synced (Watch *self)
{
  const ToolOptions *options = tool_run_get_options (self->run);

  self->all_told = TRUE;
  show_state (self);
  if (self->live != NULL)
    return;
  if (options->global.json)
    {
      g_autofree char *line = tool_json_synced (self->count);

      tool_run_print_line (self->run, line);
    }
  else if (!options->once)
    {
      g_autofree char *count = g_strdup_printf ("%u", self->count);

      tool_run_print_row (self->run, (const char *const[]){ "synced", count, NULL },
                          TOOL_STYLE_PLAIN);
    }
}

static gboolean
on_all_told (gpointer user_data)
{
  Watch *self = user_data;

  print_synced (self);
  if (!tool_run_get_options (self->run)->once)
    return G_SOURCE_REMOVE;
  if (self->count == 0)
    tool_run_end_with_nothing (self->run);
  else
    tool_run_end (self->run, TOOL_STATUS_DONE);
  return G_SOURCE_REMOVE;
}

static void
on_synced (Watch *self)
{
  if (self->idle != NULL || !disco_service_get_synced (self->service))
    return;
  self->idle = g_idle_source_new ();
  g_source_set_priority (self->idle, G_PRIORITY_LOW);
  g_source_set_callback (self->idle, on_all_told, self, NULL);
  g_source_attach (self->idle, g_main_context_get_thread_default ());
}

/* A watcher waits for a link as long as it takes. That is right once there has been one; where
 * there never was, nothing would ever tell the user why nothing is seen. */
static void
on_state (Watch *self)
{
  DiscoAvahiAgent *agent = DISCO_AVAHI_AGENT (tool_run_get_agent (self->run));
  const DiscoState state = disco_avahi_agent_get_state (agent);
  g_autoptr (GError) error = NULL;

  if (state == DISCO_STATE_RUNNING)
    self->was_running = TRUE;
  if (state != DISCO_STATE_UNAVAILABLE || self->was_running)
    {
      show_state (self);
      return;
    }
  error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                               "Discovery is not available: there is no responder to ask");
  tool_run_fail (self->run, error);
}

static void
on_end (ToolRun *run)
{
  tool_live_close (((Watch *)tool_run_get_state (run))->live);
}

/* For people the whole of it, as it changes; or that something is going on until there is an event.
 */
static void
show (Watch *self)
{
  g_autofree char *name = tool_escape (tool_run_get_options (self->run)->name);
  g_autofree char *what = g_strdup_printf ("Looking for %s…", name);

  if (!tool_live_is_possible (self->run))
    {
      tool_run_show_progress (self->run, what);
      return;
    }
  self->live = tool_live_new (self->run, tool_table_new (name));
  tool_run_set_on_end (self->run, on_end);
}

void
command_watch (ToolRun *run)
{
  const ToolOptions *options = tool_run_get_options (run);
  DiscoAgent *agent = tool_run_get_agent (run);
  g_autoptr (GError) error = NULL;
  g_autoptr (DiscoService) service
      = disco_agent_open_service (agent, options->name, (const char *const *)options->tags, &error);
  Watch *self;

  if (service == NULL)
    {
      tool_run_fail (run, error);
      return;
    }
  self = g_new0 (Watch, 1);
  self->run = run;
  self->watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  self->service = g_steal_pointer (&service);
  self->operations = g_type_class_ref (DISCO_TYPE_OPERATION);
  tool_run_set_state (run, self, watch_free);
  if (options->once)
    tool_run_start_timeout (run);
  show (self);
  take_next (self);
  g_signal_connect_swapped (self->service, "notify::synced", G_CALLBACK (on_synced), self);
  on_synced (self);
  if (DISCO_IS_AVAHI_AGENT (agent))
    {
      g_signal_connect_swapped (agent, "notify::state", G_CALLBACK (on_state), self);
      on_state (self);
    }
}
