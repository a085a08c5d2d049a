/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* lan-announcer NAME COUNT [BACKEND] - announces COUNT services of that name, with the ids NAME-1,
 * NAME-2, …, through a "daemon" (the default) or a responder of its own, "embedded", and changes
 * them as told on standard input, one command a line:
 *
 *   tags ID TAG,…              attribute ID KEY VALUE      port ID PORT
 *   add ID                     deregister ID               leave
 *
 * Prints "established" when all are announced, and "done" after each command. Ends at the end of
 * input, or on SIGINT or SIGTERM, and leaves before it does. */
#include <disco/disco.h>
#include <errno.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const char *name;
  DiscoAgent *agent;       /* (owned) */
  GHashTable *services;    /* (owned) id → (owned) Offer */
  GDataInputStream *input; /* (owned) */
  GMainLoop *loop;         /* (owned) */
  guint waiting;           /* registrations that are not established yet */
  int status;
} Announcer;

/* What one service offers now; an update needs all of it. */
typedef struct
{
  guint16 port;
  char **tags; /* (owned) (nullable) */
  char *key;   /* (owned) (nullable) */
  char *value; /* (owned) (nullable) */
} Offer;

static void
offer_free (gpointer data)
{
  Offer *self = data;

  g_strfreev (self->tags);
  g_free (self->key);
  g_free (self->value);
  g_free (self);
}

static void
fail (Announcer *self, const char *what, const GError *error)
{
  g_printerr ("lan-announcer: %s: %s\n", what, error->message);
  self->status = EXIT_FAILURE;
  g_main_loop_quit (self->loop);
}

static void
say (const char *line)
{
  g_print ("%s\n", line);
}

static DiscoRegistration *
registration_of (Announcer *self, const char *id, const Offer *offer)
{
  DiscoRegistration *registration = disco_registration_new (self->name, offer->port);

  disco_registration_set_id (registration, id);
  if (offer->tags != NULL)
    disco_registration_set_tags (registration, (const char *const *)offer->tags);
  if (offer->key != NULL)
    {
      g_autoptr (GBytes) value = g_bytes_new (offer->value, strlen (offer->value));
      disco_registration_set_attribute (registration, offer->key, value);
    }
  return registration;
}

/* --- commands --- */

static void read_command (Announcer *self);

static void
command_done (Announcer *self, gboolean success, GError *error)
{
  if (!success)
    {
      fail (self, "command", error);
      return;
    }
  say ("done");
  read_command (self);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  command_done (data, disco_agent_update_finish (DISCO_AGENT (source), result, &error), error);
}

static void
on_deregistered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  command_done (data, disco_agent_deregister_finish (DISCO_AGENT (source), result, &error), error);
}

static void
on_left (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  command_done (data, disco_agent_leave_finish (DISCO_AGENT (source), result, &error), error);
}

static void
on_added (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = disco_agent_register_finish (DISCO_AGENT (source), result, &error);
  command_done (data, id != NULL, error);
}

static void
update (Announcer *self, const char *id, const Offer *offer)
{
  g_autoptr (DiscoRegistration) registration = registration_of (self, id, offer);
  disco_agent_update_async (self->agent, id, registration, NULL, on_updated, self);
}

static void
add (Announcer *self, const char *id)
{
  Offer *offer = g_new0 (Offer, 1);
  g_autoptr (DiscoRegistration) registration = NULL;

  offer->port = 8000;
  g_hash_table_insert (self->services, g_strdup (id), offer);
  registration = registration_of (self, id, offer);
  disco_agent_register_async (self->agent, registration, NULL, on_added, self);
}

/* TRUE if it was a command about the service's offer, which is then changed. */
static gboolean
change_offer (Offer *offer, char **words)
{
  guint count = g_strv_length (words);

  if (strcmp (words[0], "tags") == 0 && count == 3)
    {
      g_strfreev (offer->tags);
      offer->tags = g_strsplit (words[2], ",", -1);
    }
  else if (strcmp (words[0], "attribute") == 0 && count == 4)
    {
      g_free (offer->key);
      g_free (offer->value);
      offer->key = g_strdup (words[2]);
      offer->value = g_strdup (words[3]);
    }
  else if (strcmp (words[0], "port") == 0 && count == 3)
    offer->port = (guint16)g_ascii_strtoull (words[2], NULL, 10);
  else
    return FALSE;
  return TRUE;
}

static void
run_command (Announcer *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  Offer *offer = words[0] != NULL && words[1] != NULL
                     ? g_hash_table_lookup (self->services, words[1])
                     : NULL;

  if (g_strcmp0 (words[0], "leave") == 0)
    disco_agent_leave_async (self->agent, NULL, on_left, self);
  else if (g_strcmp0 (words[0], "deregister") == 0 && words[1] != NULL)
    disco_agent_deregister_async (self->agent, words[1], NULL, on_deregistered, self);
  else if (g_strcmp0 (words[0], "add") == 0 && words[1] != NULL && offer == NULL)
    add (self, words[1]);
  else if (offer != NULL && change_offer (offer, words))
    update (self, words[1], offer);
  else
    {
      g_printerr ("lan-announcer: no such command: %s\n", line);
      self->status = EXIT_FAILURE;
      g_main_loop_quit (self->loop);
    }
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  Announcer *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line
      = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);

  if (line != NULL)
    run_command (self, line);
  else
    g_main_loop_quit (self->loop);
}

static void
read_command (Announcer *self)
{
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, on_line, self);
}

/* --- the beginning and the end --- */

static void
on_registered (GObject *source, GAsyncResult *result, gpointer data)
{
  Announcer *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = disco_agent_register_finish (DISCO_AGENT (source), result, &error);

  if (id == NULL)
    fail (self, "register", error);
  else if (--self->waiting == 0)
    {
      say ("established");
      read_command (self);
    }
}

static void
announce_all (Announcer *self, guint count)
{
  self->waiting = count;
  for (guint i = 1; i <= count; i++)
    {
      char *id = g_strdup_printf ("%s-%u", self->name, i);
      Offer *offer = g_new0 (Offer, 1);
      g_autoptr (DiscoRegistration) registration = NULL;

      offer->port = 8000;
      g_hash_table_insert (self->services, id, offer);
      registration = registration_of (self, id, offer);
      disco_agent_register_async (self->agent, registration, NULL, on_registered, self);
    }
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
leave (Announcer *self)
{
  g_autoptr (GError) error = NULL;

  if (!disco_agent_leave (self->agent, NULL, &error))
    {
      g_printerr ("lan-announcer: leave: %s\n", error->message);
      self->status = EXIT_FAILURE;
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GInputStream) stdin_stream = g_unix_input_stream_new (0, FALSE);
  Announcer self = { .status = EXIT_SUCCESS };
  DiscoBackend backend = argc > 3 && g_str_equal (argv[3], "embedded") ? DISCO_BACKEND_EMBEDDED
                                                                       : DISCO_BACKEND_DAEMON;
  guint count = argc >= 3 ? (guint)g_ascii_strtoull (argv[2], NULL, 10) : 0;
  guint sources[2];

  if (count == 0)
    {
      g_printerr ("usage: lan-announcer NAME COUNT [daemon|embedded]\n");
      return 2;
    }
  self.name = argv[1];
  self.agent = DISCO_AGENT (disco_avahi_agent_new (backend));
  self.services = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, offer_free);
  self.input = g_data_input_stream_new (stdin_stream);
  self.loop = g_main_loop_new (NULL, FALSE);
  sources[0] = g_unix_signal_add (SIGINT, on_signal, self.loop);
  sources[1] = g_unix_signal_add (SIGTERM, on_signal, self.loop);
  announce_all (&self, count);
  g_main_loop_run (self.loop);
  leave (&self);
  g_source_remove (sources[0]);
  g_source_remove (sources[1]);
  g_main_loop_unref (self.loop);
  g_object_unref (self.input);
  g_hash_table_unref (self.services);
  g_object_unref (self.agent);
  return self.status;
}
