/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-fixture.h"

#include "disco-event-queue-private.h"
#include "disco-name-private.h"
#include "disco-publisher-private.h"
#include "disco-record-set-private.h"

#include <string.h>

/* --- the engine's surroundings --- */

static DiscoLink *
make_link (GMainContext *context, gboolean first, gpointer user_data, GError **error)
{
  EngineFixture *self = user_data;

  assert_true (first == !self->tried);
  if (self->n_not_yet > 0)
    {
      self->n_not_yet--;
      return NULL;
    }
  self->tried = TRUE;
  if (self->no_link)
    {
      g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "there is no link");
      return NULL;
    }
  self->n_links++;
  g_clear_object (&self->link);
  self->link = disco_sim_link_new (self->net, "box.local", self->link_state);
  return g_object_ref (self->link);
}

static void
on_state (DiscoState state, gpointer user_data)
{
  static const char *const names[] = { "connecting ", "running ", "unavailable " };
  EngineFixture *self = user_data;

  self->state = state;
  g_string_append (self->log, names[state]);
}

static void
on_renamed (const char *id, const char *label, gpointer user_data)
{
  EngineFixture *self = user_data;

  g_string_append_printf (self->log, "renamed %s %s ", id, label);
}

static const DiscoEngineFuncs engine_funcs = { make_link, on_state, on_renamed };

static void
on_start (gpointer owner, DiscoSource *source)
{
  disco_engine_start_source (((EngineFixture *)owner)->engine, source);
}

static void
on_stop (gpointer owner, DiscoSource *source)
{
  disco_engine_stop_source (((EngineFixture *)owner)->engine, source);
}

static const DiscoSourceFuncs source_funcs = { on_start, on_stop };

static void
reader_free (gpointer data)
{
  EngineReader *self = data;

  disco_source_remove_queue (self->source, self->queue);
  disco_event_queue_free (self->queue);
  disco_source_unref (self->source);
  test_reader_clear (&self->known);
  g_string_free (self->log, TRUE);
  g_free (self);
}

/* What is on its way from the network arrives before any time is over. So a test that is kept from
 * the processor for a moment sees what it would have seen otherwise. */
static void
let_network_go_first (EngineFixture *self)
{
  GSource *network = g_main_context_find_source_by_user_data (self->context, self->net);

  assert_non_null (network);
  g_source_set_priority (network, G_PRIORITY_HIGH);
}

int
engine_fixture_set_up (void **state)
{
  EngineFixture *self = g_new0 (EngineFixture, 1);

  test_context_push ((void **)&self->context);
  self->net = sim_net_new (self->context, 1);
  let_network_go_first (self);
  for (int ifindex = 1; ifindex <= 2; ifindex++)
    for (int protocol = 0; protocol <= 1; protocol++)
      sim_net_add_pair (self->net, ifindex, protocol);
  self->counts = g_atomic_rc_box_new0 (DiscoCounts);
  self->table = disco_source_table_new (&source_funcs, self);
  self->readers = g_ptr_array_new_with_free_func (reader_free);
  self->log = g_string_new (NULL);
  self->link_state = DISCO_LINK_RUNNING;
  self->engine = disco_engine_new (self->context, NULL, NULL, self->counts, &engine_funcs, self);
  *state = self;
  return 0;
}

int
engine_fixture_tear_down (void **state)
{
  EngineFixture *self = *state;

  g_ptr_array_unref (self->readers);
  disco_engine_free (self->engine);
  disco_source_table_free (self->table);
  g_clear_object (&self->link);
  test_dispatch_pending ();
  sim_net_free (self->net);
  g_atomic_rc_box_release (self->counts);
  g_string_free (self->log, TRUE);
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

void
engine_fixture_restrict (EngineFixture *self, const char *const *allow, const char *const *deny)
{
  disco_engine_free (self->engine);
  self->n_links = 0;
  self->tried = FALSE;
  self->engine = disco_engine_new (self->context, allow, deny, self->counts, &engine_funcs, self);
}

typedef struct
{
  EngineFixture *fixture;
  DiscoState state;
} StateWait;

static gboolean
has_state (gpointer data)
{
  StateWait *wait = data;

  return wait->fixture->state == wait->state;
}

void
engine_fixture_wait_state (EngineFixture *self, DiscoState state)
{
  test_wait_until (NULL, has_state, &(StateWait){ self, state });
}

void
engine_fixture_wait_running (EngineFixture *self)
{
  engine_fixture_wait_state (self, DISCO_STATE_RUNNING);
}

static gboolean
is_quiet (gpointer data)
{
  return sim_net_is_quiet (data);
}

void
engine_fixture_wait_quiet (EngineFixture *self)
{
  test_wait_until (NULL, is_quiet, self->net);
}

typedef struct
{
  SimNet *net;
  guint (*count) (SimNet *net, SimKind kind);
  SimKind kind;
  guint wanted;
} ObjectsWait;

static gboolean
are_there (gpointer data)
{
  ObjectsWait *wait = data;

  return wait->count (wait->net, wait->kind) >= wait->wanted;
}

void
engine_fixture_wait_live (EngineFixture *self, SimKind kind, guint wanted)
{
  test_wait_until (NULL, are_there, &(ObjectsWait){ self->net, sim_net_get_n_live, kind, wanted });
}

void
engine_fixture_wait_made (EngineFixture *self, SimKind kind, guint wanted)
{
  test_wait_until (NULL, are_there, &(ObjectsWait){ self->net, sim_net_get_n_made, kind, wanted });
}

void
engine_fixture_cut_link (EngineFixture *self)
{
  self->link_state = DISCO_LINK_CONNECTING;
  disco_sim_link_become (self->link, DISCO_LINK_FAILED, NULL);
  engine_fixture_wait_state (self, DISCO_STATE_CONNECTING);
}

void
engine_fixture_restore_link (EngineFixture *self)
{
  self->link_state = DISCO_LINK_RUNNING;
  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL); /* if it has been made already */
  engine_fixture_wait_running (self);
}

typedef struct
{
  const GString *log;
  const char *expected;
} LogWait;

static gboolean
is_decided (gpointer data)
{
  LogWait *wait = data;

  return !g_str_has_prefix (wait->expected, wait->log->str)
         || g_str_equal (wait->expected, wait->log->str);
}

void
engine_wait_log (const GString *log, const char *expected)
{
  test_wait_until (NULL, is_decided, &(LogWait){ log, expected });
  assert_string_equal (log->str, expected);
}

typedef struct
{
  const guint *value;
  guint wanted;
} CountWait;

static gboolean
is_reached (gpointer data)
{
  CountWait *wait = data;

  return *wait->value >= wait->wanted;
}

void
engine_wait_for_count (const guint *value, guint wanted)
{
  test_wait_until (NULL, is_reached, &(CountWait){ value, wanted });
}

/* --- readers --- */

EngineReader *
engine_reader_new (EngineFixture *fixture, const char *name)
{
  EngineReader *self = g_new0 (EngineReader, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (DiscoServiceName) parsed = disco_service_name_parse (name, &error);

  assert_null (error);
  self->fixture = fixture;
  g_ptr_array_add (fixture->readers, self);
  self->queue = disco_event_queue_new (NULL, TRUE);
  self->log = g_string_new (NULL);
  test_reader_init (&self->known);
  self->source = disco_source_table_open (fixture->table, parsed->name, parsed->type,
                                          disco_service_name_ref (parsed),
                                          (GDestroyNotify)disco_service_name_unref);
  disco_source_add_queue (self->source, self->queue);
  return self;
}

void
engine_reader_free (EngineReader *self)
{
  g_ptr_array_remove (self->fixture->readers, self);
}

static void
take (EngineReader *self)
{
  g_autoptr (GPtrArray) events = disco_event_queue_take (self->queue);
  g_autofree char *text = NULL;

  if (events == NULL || events->len == 0)
    return;
  test_reader_replay (&self->known, events);
  text = test_events_to_string (events);
  g_string_append_printf (self->log, "%s ", text);
}

typedef struct
{
  EngineReader *reader;
  const char *expected;
} ReaderWait;

static gboolean
has_read (gpointer data)
{
  ReaderWait *wait = data;

  take (wait->reader);
  return is_decided (&(LogWait){ wait->reader->log, wait->expected });
}

void
engine_reader_wait (EngineReader *self, const char *expected)
{
  test_wait_until (NULL, has_read, &(ReaderWait){ self, expected });
  assert_string_equal (self->log->str, expected);
  g_string_truncate (self->log, 0);
}

typedef struct
{
  EngineReader *reader;
  const char *id;
  guint16 port;
} KnownWait;

static gboolean
is_known (gpointer data)
{
  KnownWait *wait = data;
  DiscoInstance *instance;

  take (wait->reader);
  instance = test_reader_get (&wait->reader->known, wait->id);
  return (instance != NULL ? disco_instance_get_port (instance) : 0) == wait->port;
}

void
engine_reader_wait_known (EngineReader *self, const char *id, guint16 port)
{
  test_wait_until (NULL, is_known, &(KnownWait){ self, id, port });
  g_string_truncate (self->log, 0);
}

static gboolean
is_synced (gpointer data)
{
  return disco_source_get_synced (data);
}

void
engine_reader_wait_synced (EngineReader *self)
{
  test_wait_until (NULL, is_synced, self->source);
}

char *
engine_reader_get_addresses (EngineReader *self, const char *id)
{
  DiscoInstance *instance = test_reader_get (&self->known, id);

  assert_non_null (instance);
  return g_strjoinv (" ", (char **)disco_instance_get_addresses (instance));
}

typedef struct
{
  EngineReader *reader;
  const char *id;
  const char *expected;
} AddressesWait;

static gboolean
has_addresses (gpointer data)
{
  AddressesWait *wait = data;
  g_autofree char *addresses = NULL;

  take (wait->reader);
  addresses = engine_reader_get_addresses (wait->reader, wait->id);
  return g_str_equal (addresses, wait->expected);
}

void
engine_reader_wait_addresses (EngineReader *self, const char *id, const char *expected)
{
  test_wait_until (NULL, has_addresses, &(AddressesWait){ self, id, expected });
  g_string_truncate (self->log, 0);
}

/* --- registrations --- */

DiscoRegistration *
engine_registration (const char *id, guint16 port, const char *tags)
{
  DiscoRegistration *registration = disco_registration_new ("http", port);
  g_auto (GStrv) list = tags != NULL ? g_strsplit (tags, " ", -1) : NULL;

  disco_registration_set_id (registration, id);
  if (list != NULL)
    disco_registration_set_tags (registration, (const char *const *)list);
  return registration;
}

static DiscoRecordSet *
make_records (DiscoRegistration *registration, const char *id)
{
  g_autoptr (GError) error = NULL;
  DiscoRecordSet *records = disco_record_set_new (registration, id, NULL, NULL, &error);

  assert_null (error);
  return records;
}

/* As the agent makes them: what a call returns is what it did, even if it was cancelled. */
static GTask *
make_task (GCancellable *cancellable, TestResult *result)
{
  GTask *task = g_task_new (NULL, cancellable, test_result_callback, result);

  g_task_set_check_cancellable (task, FALSE);
  return task;
}

void
engine_register (EngineFixture *self, DiscoRegistration *registration, GCancellable *cancellable,
                 TestResult *result)
{
  g_autoptr (DiscoRegistration) owned = registration;

  disco_publisher_register (disco_engine_get_publisher (self->engine),
                            make_records (registration, NULL), make_task (cancellable, result));
}

void
engine_update (EngineFixture *self, const char *id, DiscoRegistration *registration,
               GCancellable *cancellable, TestResult *result)
{
  g_autoptr (DiscoRegistration) owned = registration;

  disco_publisher_update (disco_engine_get_publisher (self->engine),
                          make_records (registration, id), make_task (cancellable, result));
}

void
engine_register_wait (EngineFixture *self, DiscoRegistration *registration)
{
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  engine_register (self, registration, NULL, &result);
  g_free (engine_wait_id (&result, &error));
  if (error != NULL)
    fail_msg ("%s", error->message);
}

void
engine_update_wait (EngineFixture *self, const char *id, DiscoRegistration *registration)
{
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  engine_update (self, id, registration, NULL, &result);
  if (!engine_wait_done (&result, &error))
    fail_msg ("%s", error->message);
}

void
engine_assert_published (EngineFixture *self, const char *expected)
{
  g_autofree char *log = sim_net_take_log (self->net);

  assert_string_equal (log, expected);
}

char *
engine_wait_id (TestResult *result, GError **error)
{
  g_autoptr (GAsyncResult) task = test_result_wait (result);

  return g_task_propagate_pointer (G_TASK (task), error);
}

gboolean
engine_wait_done (TestResult *result, GError **error)
{
  g_autoptr (GAsyncResult) task = test_result_wait (result);

  return g_task_propagate_boolean (G_TASK (task), error);
}
