/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A device: serves what it measures as a small web page, and announces that page together with the
 * latest value, so that others see it change without asking:
 *
 *   sensor --label Cellar --source /sys/class/thermal/thermal_zone0/temp --every 10 */
#include <disco/disco.h>
#include <glib-unix.h>
#include <libsoup/soup.h>
#include <string.h>

typedef struct
{
  char *label;       /* (owned): what people see */
  char *source;      /* (owned): a file whose first word is the value */
  char **interfaces; /* (owned) (nullable): NULL for all of them */
  int port;          /* 0 for any */
  int every_s;
} Options;

typedef struct
{
  Options options;
  GMainLoop *loop;    /* (owned) */
  SoupServer *server; /* (owned) */
  DiscoAgent *agent;  /* (owned) */
  char *id;           /* (owned) (nullable): of the registration, once it is established */
  char *value;        /* (owned): the latest one that could be read */
  char *announced;    /* (owned) (nullable): the one that the network was told last */
  gboolean is_busy;   /* a call to the agent is under way */
  int status;
} Sensor;

static void
fail (Sensor *self, const GError *error)
{
  g_printerr ("sensor: %s\n", error->message);
  self->status = 1;
  g_main_loop_quit (self->loop);
}

/* --- measuring --- */

/* A source that cannot be read for once leaves the value as it is. */
static gboolean
measure (Sensor *self, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (self->options.source, &text, NULL, error))
    return FALSE;
  text[strcspn (text, " \t\n")] = '\0';
  g_free (self->value);
  self->value = g_utf8_make_valid (text, -1);
  return TRUE;
}

/* --- the web page --- */

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  Sensor *self = user_data;
  const char *label = self->options.label;
  const char *method = soup_server_message_get_method (message);
  g_autofree char *page = NULL;

  if (strcmp (path, "/") != 0)
    {
      soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
      return;
    }
  if (method != SOUP_METHOD_GET && method != SOUP_METHOD_HEAD)
    {
      soup_server_message_set_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED, NULL);
      return;
    }
  page = g_markup_printf_escaped ("<!DOCTYPE html><meta charset=\"utf-8\">"
                                  "<title>%s</title><h1>%s</h1><p>%s</p>\n",
                                  label, label, self->value);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "text/html", SOUP_MEMORY_COPY, page, strlen (page));
}

static gboolean
serve (Sensor *self, GError **error)
{
  self->server = soup_server_new ("server-header", "sensor", NULL);
  soup_server_add_handler (self->server, "/", on_request, self, NULL);
  return soup_server_listen_all (self->server, (guint)self->options.port, 0, error);
}

/* --- announcing --- */

/* All that is announced; an update needs all of it again, with what has changed. The sockets for
 * IPv4 and IPv6 share one port, so either tells it. */
static DiscoRegistration *
describe (Sensor *self, GError **error)
{
  g_autoptr (GSList) sockets = soup_server_get_listeners (self->server);
  DiscoRegistration *registration = NULL;
  g_autoptr (GBytes) path = g_bytes_new_static ("/", 1);
  g_autoptr (GBytes) value = g_bytes_new (self->value, strlen (self->value));

  registration = disco_registration_new_for_socket ("http", sockets->data, error);
  if (registration == NULL)
    return NULL;
  disco_registration_set_label (registration, self->options.label);
  disco_registration_set_tags (registration, (const char *const[]){ "sensor", NULL });
  disco_registration_set_attribute (registration, "path", path);
  disco_registration_set_attribute (registration, "value", value);
  return registration;
}

/* What could not be said without a network is said again when there is one. */
static void
on_told (Sensor *self, const GError *error)
{
  self->is_busy = FALSE;
  if (error == NULL)
    return;
  g_clear_pointer (&self->announced, g_free);
  if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    g_printerr ("sensor: %s\n", error->message);
  else
    fail (self, error);
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Sensor *self = user_data;
  g_autoptr (GError) error = NULL;

  self->id = disco_agent_register_finish (self->agent, result, &error);
  if (self->id != NULL)
    g_print ("announced as %s\n", self->id);
  on_told (self, error);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  disco_agent_update_finish (DISCO_AGENT (source), result, &error);
  on_told (user_data, error);
}

/* Tells the network what it does not know yet: one thing at a time, and nothing twice. */
static void
tell (Sensor *self)
{
  g_autoptr (DiscoRegistration) registration = NULL;
  g_autoptr (GError) error = NULL;

  if (self->is_busy || g_strcmp0 (self->value, self->announced) == 0)
    return;
  registration = describe (self, &error);
  if (registration == NULL)
    {
      fail (self, error);
      return;
    }
  g_free (self->announced);
  self->announced = g_strdup (self->value);
  self->is_busy = TRUE;
  if (self->id == NULL)
    disco_agent_register_async (self->agent, registration, NULL, on_registered, self);
  else
    disco_agent_update_async (self->agent, self->id, registration, NULL, on_updated, self);
}

static void
on_renamed (DiscoAgent *agent, const char *id, const char *label, gpointer user_data)
{
  g_print ("another one has that label; this one is now \"%s\"\n", label);
}

static void
on_state (Sensor *self)
{
  if (disco_avahi_agent_get_state (DISCO_AVAHI_AGENT (self->agent)) == DISCO_STATE_RUNNING)
    tell (self);
}

static gboolean
on_time (gpointer user_data)
{
  Sensor *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!measure (self, &error))
    g_printerr ("sensor: %s\n", error->message);
  tell (self);
  return G_SOURCE_CONTINUE;
}

/* --- the beginning and the end --- */

static gboolean
parse (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "label", 'l', 0, G_OPTION_ARG_STRING, &options->label, "Be known by this", "TEXT" },
    { "source", 's', 0, G_OPTION_ARG_FILENAME, &options->source, "Read the value here", "FILE" },
    { "every", 'e', 0, G_OPTION_ARG_INT, &options->every_s, "Read it so often", "SECONDS" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &options->port, "Serve on this port", "PORT" },
    { "interface", 'i', 0, G_OPTION_ARG_STRING_ARRAY, &options->interfaces,
      "Announce on this interface only; may be repeated", "NAME" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->label == NULL)
    options->label = g_strdup (g_get_host_name ());
  if (options->source == NULL)
    options->source = g_strdup ("/proc/loadavg");
  if (options->port >= 0 && options->port <= G_MAXUINT16 && options->every_s > 0)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "no such port, or no such time");
  return FALSE;
}

static gboolean
on_signal (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

/* What was announced is withdrawn before the program ends: leaving waits for the goodbyes. */
static void
run (Sensor *self)
{
  g_autoptr (GError) error = NULL;

  self->agent = g_object_new (DISCO_TYPE_AVAHI_AGENT, "interfaces", self->options.interfaces, NULL);
  g_signal_connect (self->agent, "renamed", G_CALLBACK (on_renamed), NULL);
  g_signal_connect_swapped (self->agent, "notify::state", G_CALLBACK (on_state), self);
  g_unix_signal_add (SIGINT, on_signal, self->loop);
  g_unix_signal_add (SIGTERM, on_signal, self->loop);
  g_timeout_add_seconds ((guint)self->options.every_s, on_time, self);
  tell (self);
  g_main_loop_run (self->loop);
  if (!disco_agent_leave (self->agent, NULL, &error))
    fail (self, error);
}

static void
clear (Sensor *self)
{
  g_clear_object (&self->agent);
  g_clear_object (&self->server);
  g_main_loop_unref (self->loop);
  g_free (self->id);
  g_free (self->value);
  g_free (self->announced);
  g_free (self->options.label);
  g_free (self->options.source);
  g_strfreev (self->options.interfaces);
}

int
main (int argc, char *argv[])
{
  Sensor self = { .options = { .every_s = 10 }, .loop = g_main_loop_new (NULL, FALSE) };
  g_autoptr (GError) error = NULL;

  if (parse (&self.options, &argc, &argv, &error) && measure (&self, &error)
      && serve (&self, &error))
    run (&self);
  else
    fail (&self, error);
  clear (&self);
  return self.status;
}
