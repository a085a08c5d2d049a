/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the program does by API, and what each call may come to. Answers come in the order in which
 * the worker gave them: so when a call returns, what earlier ones returned is the state that it
 * found. */
#include "sim-world.h"

#include "sim-clock.h"

#define N_IDS 4
#define LEAVE_US (2100 * G_TIME_SPAN_MILLISECOND)

const char *const sim_names[2] = { "http", "billing-of-invoices" };

static const char *const kinds[]
    = { "register", "update", "deregister", "leave", "service", "services", "next", "verify" };

const char *
sim_label (guint label, const char *otherwise)
{
  const char *const labels[] = { otherwise, "same", "Same", "r\xc3\xa4ume" };

  return labels[label];
}

void
sim_call_free (gpointer data)
{
  Call *self = data;

  if (self->reader != NULL)
    sim_reader_unref (self->reader);
  g_clear_object (&self->cancellable);
  g_free (self->id);
  g_free (self);
}

Call *
sim_call_new (World *self, CallKind kind, const char *id)
{
  Call *call = g_new0 (Call, 1);

  call->world = self;
  call->kind = kind;
  call->serial = ++self->n_calls;
  call->generation = self->generation;
  call->id = g_strdup (id);
  call->started_at = sim_clock_get ();
  if (!sim_one_in (self, 3))
    call->cancellable = g_cancellable_new ();
  g_ptr_array_add (self->calls, call);
  return call;
}

void
sim_call_finish (Call *call, const GError *error)
{
  sim_check (!call->finished, "%s was called back twice", kinds[call->kind]);
  call->finished = TRUE;
  sim_trace ("%s %s (%u): %s", kinds[call->kind], call->id != NULL ? call->id : "", call->serial,
             error != NULL ? error->message : "done");
}

void
sim_cancel_all (World *self)
{
  for (guint i = 0; i < self->calls->len; i++)
    {
      Call *call = self->calls->pdata[i];
      if (!call->finished && call->cancellable != NULL)
        g_cancellable_cancel (call->cancellable);
    }
}

void
sim_check_calls_finished (World *self)
{
  for (guint i = 0; i < self->calls->len; i++)
    {
      Call *call = self->calls->pdata[i];
      sim_check (call->finished || call->kind == CALL_NEXT, "%s %s (%u) hangs", kinds[call->kind],
                 call->id != NULL ? call->id : "", call->serial);
    }
}

void
sim_check_none_waits (World *self)
{
  for (guint i = 0; i < self->calls->len; i++)
    {
      Call *call = self->calls->pdata[i];
      sim_check (call->finished || call->generation != self->generation || call->kind == CALL_NEXT
                     || call->kind == CALL_LEAVE,
                 "%s (%u) waits though discovery is unavailable", kinds[call->kind], call->serial);
    }
}

/* --- what a call may fail with --- */

static gboolean
is_cancelled (Call *call)
{
  return call->cancellable != NULL && g_cancellable_is_cancelled (call->cancellable);
}

/* What was registered went, or what an update waits for did. */
static gboolean
was_withdrawn (Call *call)
{
  GPtrArray *calls = call->world->calls;

  if (call->world->left > call->serial || call->generation != call->world->generation)
    return TRUE;
  for (guint i = 0; i < calls->len; i++)
    {
      Call *other = calls->pdata[i];
      if (g_strcmp0 (other->id, call->id) != 0)
        continue;
      if (other->kind == CALL_DEREGISTER && other->serial > call->serial)
        return TRUE;
      if (other->kind == CALL_REGISTER && other->serial < call->serial && is_cancelled (other))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_other_register (Call *call)
{
  GPtrArray *calls = call->world->calls;

  for (guint i = 0; i < calls->len; i++)
    {
      Call *other = calls->pdata[i];
      if (other != call && other->kind == CALL_REGISTER && g_str_equal (other->id, call->id))
        return TRUE;
    }
  return FALSE;
}

/* What the agent has of the id that the call is for, as far as has been told */
static Spec *
get_desired (Call *call)
{
  Spec *spec;

  if (call->generation != call->world->generation || call->id == NULL)
    return NULL;
  spec = g_hash_table_lookup (call->world->desired, call->id);
  return spec != NULL && spec->serial < call->serial ? spec : NULL;
}

static gboolean
may_be_cancelled (Call *call)
{
  if (is_cancelled (call))
    return TRUE;
  return (call->kind == CALL_REGISTER || call->kind == CALL_UPDATE) && was_withdrawn (call);
}

static void
check_error (Call *call, const GError *error)
{
  Spec *desired = get_desired (call);
  gboolean ok = FALSE;

  if (error->domain == G_IO_ERROR)
    ok = error->code == G_IO_ERROR_CANCELLED && may_be_cancelled (call);
  else if (error->domain == DISCO_ERROR)
    switch (error->code)
      {
      case DISCO_ERROR_EXISTS:
        ok = call->kind == CALL_REGISTER && has_other_register (call);
        break;
      case DISCO_ERROR_NOT_FOUND:
        ok = call->kind == CALL_VERIFY || (call->kind == CALL_UPDATE && desired == NULL);
        break;
      case DISCO_ERROR_INVALID_ARGUMENT:
        ok = call->kind == CALL_UPDATE && (desired == NULL || desired->name != call->spec.name);
        break;
      case DISCO_ERROR_UNAVAILABLE:
      case DISCO_ERROR_LIMIT:
      case DISCO_ERROR_FAILED:
        ok = call->world->unsound && call->kind != CALL_DEREGISTER && call->kind != CALL_LEAVE;
        break;
      default:
        break;
      }
  sim_check (ok, "%s %s failed without a reason: %s", kinds[call->kind],
             call->id != NULL ? call->id : "", error->message);
}

gboolean
sim_call_end (Call *call, GError *taken_error)
{
  g_autoptr (GError) error = taken_error;

  sim_call_finish (call, error);
  if (error != NULL)
    check_error (call, error);
  return error == NULL;
}

/* --- register, update, deregister, leave --- */

static char *
draw_id (World *self)
{
  return g_strdup_printf ("m%u", sim_draw (self, N_IDS));
}

static DiscoRegistration *
make_registration (const Spec *spec, const char *id)
{
  static const char *const addrs[] = { "", "10.0.0.9", "h1.local" };
  DiscoRegistration *registration = disco_registration_new (sim_names[spec->name], spec->port);
  g_autofree char *version = g_strdup_printf ("%u", spec->version);
  g_autoptr (GBytes) value = g_bytes_new (version, strlen (version));

  disco_registration_set_id (registration, id);
  disco_registration_set_tags (registration, sim_tags (spec->tags));
  disco_registration_set_addr (registration, addrs[spec->addr]);
  disco_registration_set_label (registration, sim_label (spec->label, ""));
  disco_registration_set_attribute (registration, "v", value);
  return registration;
}

static void
draw_spec (World *self, Call *call)
{
  call->spec = (Spec){
    .name = sim_one_in (self, 4),
    .port = (guint16)(1 + sim_draw (self, 60000)),
    .tags = sim_draw (self, 4),
    .version = ++self->version,
    .addr = sim_one_in (self, 4) ? 1 + sim_draw (self, 2) : 0,
    .label = sim_one_in (self, 3) ? 1 + sim_draw (self, 3) : 0,
    .serial = call->serial,
  };
}

static void
on_registered (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  World *self = call->world;
  GError *error = NULL;
  g_autofree char *id = disco_agent_register_finish (DISCO_AGENT (agent), result, &error);

  if (!sim_call_end (call, error))
    return;
  sim_check (g_str_equal (id, call->id), "%s became %s", call->id, id);
  if (call->generation == self->generation && call->serial > self->left)
    g_hash_table_insert (self->desired, g_strdup (id), g_memdup2 (&call->spec, sizeof (Spec)));
}

static void
call_register (World *self)
{
  g_autofree char *id = draw_id (self);
  Call *call = sim_call_new (self, CALL_REGISTER, id);
  g_autoptr (DiscoRegistration) registration = NULL;

  draw_spec (self, call);
  sim_trace ("register %s (%u): %s port %u tags %u v %u addr %u label %u", id, call->serial,
             sim_names[call->spec.name], call->spec.port, call->spec.tags, call->spec.version,
             call->spec.addr, call->spec.label);
  registration = make_registration (&call->spec, id);
  disco_agent_register_async (DISCO_AGENT (self->agent), registration, call->cancellable,
                              on_registered, call);
}

static void
on_updated (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  Spec *desired;

  disco_agent_update_finish (DISCO_AGENT (agent), result, &error);
  if (!sim_call_end (call, error) || (desired = get_desired (call)) == NULL)
    return;
  desired->port = call->spec.port;
  desired->tags = call->spec.tags;
  desired->version = call->spec.version;
}

static void
call_update (World *self)
{
  g_autofree char *id = draw_id (self);
  Call *call = sim_call_new (self, CALL_UPDATE, id);
  Spec *desired = g_hash_table_lookup (self->desired, id);
  g_autoptr (DiscoRegistration) registration = NULL;

  draw_spec (self, call);
  if (desired != NULL)
    call->spec.name = desired->name;
  call->spec.addr = 0;
  call->spec.label = 0;
  sim_trace ("update %s (%u): port %u tags %u v %u", id, call->serial, call->spec.port,
             call->spec.tags, call->spec.version);
  registration = make_registration (&call->spec, id);
  disco_agent_update_async (DISCO_AGENT (self->agent), id, registration, call->cancellable,
                            on_updated, call);
}

static void
on_deregistered (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;

  disco_agent_deregister_finish (DISCO_AGENT (agent), result, &error);
  if (sim_call_end (call, error) && get_desired (call) != NULL)
    g_hash_table_remove (call->world->desired, call->id);
}

static void
call_deregister (World *self)
{
  g_autofree char *id = draw_id (self);
  Call *call = sim_call_new (self, CALL_DEREGISTER, id);

  sim_trace ("deregister %s (%u)", id, call->serial);
  disco_agent_deregister_async (DISCO_AGENT (self->agent), id, call->cancellable, on_deregistered,
                                call);
}

static void
on_left (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;

  disco_agent_leave_finish (DISCO_AGENT (agent), result, &error);
  sim_call_end (call, error);
  sim_check (sim_clock_get () <= call->started_at + LEAVE_US, "leave took longer than 2 s");
}

/* Whatever it returns, what was registered before is withdrawn. */
static void
call_leave (World *self)
{
  Call *call = sim_call_new (self, CALL_LEAVE, NULL);

  sim_trace ("leave (%u)", call->serial);
  if (call->cancellable != NULL && sim_one_in (self, 3))
    g_cancellable_cancel (call->cancellable);
  self->left = call->serial;
  g_hash_table_remove_all (self->desired);
  disco_agent_leave_async (DISCO_AGENT (self->agent), call->cancellable, on_left, call);
}

/* --- service, services --- */

static void
on_service (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  g_autoptr (DiscoService) service
      = disco_agent_service_finish (DISCO_AGENT (agent), result, &error);

  if (sim_call_end (call, error))
    sim_check (disco_service_get_synced (service), "a service before its first full set");
}

static void
on_services (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  g_autoptr (GHashTable) services
      = disco_agent_services_finish (DISCO_AGENT (agent), result, &error);

  sim_call_end (call, error);
}

static void
call_service (World *self)
{
  Call *call = sim_call_new (self, CALL_SERVICE, NULL);
  const char *name = sim_names[sim_draw (self, 2)];

  sim_trace ("service (%u): %s", call->serial, name);
  disco_agent_service_async (DISCO_AGENT (self->agent), name, NULL, call->cancellable, on_service,
                             call);
}

static void
call_services (World *self)
{
  Call *call = sim_call_new (self, CALL_SERVICES, NULL);

  sim_trace ("services (%u)", call->serial);
  disco_agent_services_async (DISCO_AGENT (self->agent), sim_tags (sim_draw (self, 4)),
                              call->cancellable, on_services, call);
}

static void
cancel_one (World *self)
{
  Call *call;

  if (self->calls->len == 0)
    return;
  call = self->calls->pdata[self->calls->len - 1 - sim_draw (self, MIN (self->calls->len, 6))];
  if (call->finished || call->cancellable == NULL)
    return;
  sim_trace ("%s (%u) is cancelled", kinds[call->kind], call->serial);
  g_cancellable_cancel (call->cancellable);
}

void
sim_step_calls (World *self)
{
  static void (*const calls[]) (World *)
      = { call_register,   call_register, call_register, call_register,   call_register,
          call_update,     call_update,   call_update,   call_update,     call_deregister,
          call_deregister, cancel_one,    cancel_one,    cancel_one,      cancel_one,
          call_service,    call_services, call_leave,    sim_step_verify, sim_step_verify,
          sim_step_verify };

  calls[sim_draw (self, G_N_ELEMENTS (calls))](self);
}
