/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "contract.h"

#include <string.h>

static char *
make_suffix (void)
{
  g_autofree char *uuid = g_uuid_string_random ();
  return g_strndup (uuid + 24, 10);
}

int
contract_set_up (void **state)
{
  Contract *self = g_new0 (Contract, 1);
  g_autofree char *suffix = make_suffix ();

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->agent = contract_world->make_agent ();
  self->name = g_strdup_printf ("c%s", suffix);
  self->type = g_strdup_printf ("_c%s._tcp", suffix);
  self->generic = g_strdup_printf ("contract of %s", suffix);
  *state = self;
  return 0;
}

static gboolean
is_gone (gpointer data)
{
  g_autoptr (GObject) object = g_weak_ref_get (data);
  return object == NULL;
}

void
contract_wait_gone (GWeakRef *weak)
{
  test_wait_until (NULL, is_gone, weak);
  g_weak_ref_clear (weak);
}

int
contract_tear_down (void **state)
{
  Contract *self = *state;
  GWeakRef weak;

  if (self->agent != NULL)
    {
      assert_true (disco_agent_leave (self->agent, NULL, NULL));
      g_weak_ref_init (&weak, self->agent);
      g_clear_object (&self->agent);
      contract_wait_gone (&weak);
    }
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_free (self->name);
  g_free (self->type);
  g_free (self->generic);
  g_free (self);
  return 0;
}

static char **
split (const char *tags)
{
  return tags != NULL && *tags != '\0' ? g_strsplit (tags, " ", -1) : g_new0 (char *, 1);
}

DiscoRegistration *
contract_registration (const char *name, const char *id, guint16 port, const char *tags)
{
  DiscoRegistration *registration = disco_registration_new (name, port);
  g_auto (GStrv) list = split (tags);

  if (id != NULL)
    disco_registration_set_id (registration, id);
  disco_registration_set_tags (registration, (const char *const *)list);
  return registration;
}

void
contract_register (Contract *self, const char *id, guint16 port, const char *tags)
{
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, id, port, tags);
  g_autoptr (GError) error = NULL;
  g_autofree char *got = disco_agent_register (self->agent, registration, NULL, &error);

  if (error != NULL)
    fail_msg ("registering %s: %s", id, error->message);
  assert_string_equal (got, id);
}

void
contract_register_with_label (Contract *self, const char *id, const char *label)
{
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, id, 1, "");
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;

  disco_registration_set_label (registration, label);
  got = disco_agent_register (self->agent, registration, NULL, &error);
  if (got == NULL)
    fail_msg ("registering %s: %s", id, error->message);
  assert_string_equal (got, id);
}

void
contract_update (Contract *self, const char *id, guint16 port, const char *tags)
{
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, NULL, port, tags);
  g_autoptr (GError) error = NULL;

  if (!disco_agent_update (self->agent, id, registration, NULL, &error))
    fail_msg ("updating %s: %s", id, error->message);
}

void
contract_deregister (Contract *self, const char *id)
{
  g_autoptr (GError) error = NULL;

  if (!disco_agent_deregister (self->agent, id, NULL, &error))
    fail_msg ("deregistering %s: %s", id, error->message);
}

DiscoService *
contract_service (Contract *self, const char *tags)
{
  g_auto (GStrv) list = split (tags);
  g_autoptr (GError) error = NULL;
  DiscoService *service
      = disco_agent_service (self->agent, self->name, (const char *const *)list, NULL, &error);

  if (service == NULL)
    fail_msg ("opening %s: %s", self->name, error->message);
  return service;
}

typedef struct
{
  DiscoService *service;
  const char *id;
  guint n;
  guint16 port;
  DiscoInstance *found; /* (owned) (nullable) */
} Wanted;

static gboolean
has_size (gpointer data)
{
  Wanted *wanted = data;
  g_autoptr (GPtrArray) instances = disco_service_get_instances (wanted->service);
  return instances->len == wanted->n;
}

void
contract_wait_for_size (DiscoService *service, guint n)
{
  Wanted wanted = { .service = service, .n = n };
  test_wait_until (NULL, has_size, &wanted);
}

static gboolean
has_instance (gpointer data)
{
  Wanted *wanted = data;
  g_autoptr (GPtrArray) instances = disco_service_get_instances (wanted->service);

  for (guint i = 0; i < instances->len; i++)
    if (g_str_equal (disco_instance_get_id (instances->pdata[i]), wanted->id)
        && disco_instance_get_port (instances->pdata[i]) == wanted->port)
      wanted->found = g_object_ref (instances->pdata[i]);
  return wanted->found != NULL;
}

DiscoInstance *
contract_wait_for (DiscoService *service, const char *id, guint16 port)
{
  Wanted wanted = { .service = service, .id = id, .port = port };

  test_wait_until (NULL, has_instance, &wanted);
  return wanted.found;
}

GPtrArray *
contract_next (DiscoWatcher *watcher)
{
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *events;

  disco_watcher_next_async (watcher, NULL, test_result_callback, &called);
  result = test_result_wait (&called);
  events = disco_watcher_next_finish (watcher, result, &error);
  if (events == NULL)
    fail_msg ("next: %s", error->message);
  return events;
}

void
contract_read_until_size (DiscoWatcher *watcher, TestReader *reader, guint n)
{
  while (g_hash_table_size (reader->known) != n)
    {
      g_autoptr (GPtrArray) events = contract_next (watcher);
      test_reader_replay (reader, events);
    }
}

void
contract_read_until (DiscoWatcher *watcher, TestReader *reader, const char *id, guint16 port)
{
  DiscoInstance *known;

  while ((known = test_reader_get (reader, id)) == NULL || disco_instance_get_port (known) != port)
    {
      g_autoptr (GPtrArray) events = contract_next (watcher);
      test_reader_replay (reader, events);
    }
}

/* (transfer full) (nullable): what there is to read; NULL if there is nothing */
static GPtrArray *
read_pending (DiscoWatcher *watcher)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *events;

  disco_watcher_next_async (watcher, cancellable, test_result_callback, &called);
  test_dispatch_pending ();
  g_cancellable_cancel (cancellable);
  result = test_result_wait (&called);
  events = disco_watcher_next_finish (watcher, result, &error);
  if (events == NULL)
    test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  return events;
}

typedef struct
{
  DiscoWatcher *watcher;
  TestReader *reader;
  DiscoService *service;
} Reading;

/* The network may change between the two steps: then what is there differs, and is read next. */
static gboolean
knows_all (gpointer data)
{
  Reading *reading = data;
  g_autoptr (GPtrArray) events = read_pending (reading->watcher);
  g_autoptr (GPtrArray) instances = NULL;

  if (events != NULL)
    test_reader_replay (reading->reader, events);
  instances = disco_service_get_instances (reading->service);
  return test_reader_knows (reading->reader, instances);
}

void
contract_read_all (DiscoWatcher *watcher, TestReader *reader, DiscoService *service)
{
  test_wait_until (NULL, knows_all, &(Reading){ watcher, reader, service });
}

void
contract_assert_nothing_pending (DiscoWatcher *watcher)
{
  g_autoptr (GPtrArray) events = read_pending (watcher);

  if (events != NULL)
    {
      g_autofree char *text = test_events_to_string (events);
      fail_msg ("there was something to read: '%s'", text);
    }
}

void
contract_view_init (ContractView *self, Contract *contract)
{
  g_autoptr (GPtrArray) first = NULL;

  self->service = contract_service (contract, NULL);
  self->watcher = disco_service_watch (self->service);
  test_reader_init (&self->reader);
  first = contract_next (self->watcher);
  test_reader_replay (&self->reader, first);
}

void
contract_view_clear (ContractView *self)
{
  g_clear_object (&self->service);
  g_clear_object (&self->watcher);
  test_reader_clear (&self->reader);
}
