/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of verify, and what they may come to: whoever answers while it asks is there, and who does
 * not at any time is not; what happened meanwhile is not told from outside, so then both are right.
 */
#include "sim-world.h"

#include "disco-avahi-agent-private.h"
#include "disco-label-private.h"
#include "disco-name-private.h"
#include "disco-verifier-private.h"
#include "sim-clock.h"
#include "sim-loop.h"
#include "sim-net-private.h"

/* For one question after a sleep, and another one after it */
#define ANSWER_US (20 * G_TIME_SPAN_SECOND)

/* --- who is there --- */

char *
sim_full_name (DiscoInstance *instance)
{
  return disco_full_name_join (disco_instance_get_label (instance),
                               disco_instance_get_service_type (instance), DISCO_DOMAIN);
}

static Offer *
find_offer (World *self, const char *full_name)
{
  for (guint i = 0; i < N_OFFERS; i++)
    {
      Offer *offer = &self->offers[i];
      g_autofree char *name = disco_full_name_join (offer->label, offer->type, DISCO_DOMAIN);
      if (g_ascii_strcasecmp (name, full_name) == 0)
        return offer;
    }
  return NULL;
}

gboolean
sim_is_answered (World *self, const char *full_name)
{
  g_autofree char *key = sim_key_record (DISCO_RECORD_SRV, full_name);
  const Offer *offer = find_offer (self, full_name);

  if (self->unreachable || (offer != NULL && offer->mute))
    return FALSE;
  for (int ifindex = 1; ifindex <= N_INTERFACES; ifindex++)
    if (sim_world_is_used (self, ifindex)
        && sim_net_find_fact (self->net, key, ifindex, DISCO_LINK_ANY) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
sim_is_silent (World *self, const char *full_name)
{
  return disco_verifier_is_silent (disco_engine_get_verifier (self->agent->inside->engine),
                                   full_name);
}

/* --- what is verified --- */

void
sim_remember (World *self, DiscoInstance *instance)
{
  DiscoInstance **place = &self->remembered[sim_draw (self, N_REMEMBERED)];

  g_set_object (place, instance);
}

/* One that is there, or has gone, or is the program's own. (nullable) */
static DiscoInstance *
draw_instance (World *self)
{
  return self->remembered[sim_draw (self, N_REMEMBERED)];
}

/* --- calls --- */

static void
look_at (Call *call)
{
  if (sim_is_answered (call->world, call->id))
    call->was_there = TRUE;
  else
    call->was_away = TRUE;
}

void
sim_verify_look (World *self)
{
  for (guint i = 0; i < self->calls->len; i++)
    {
      Call *call = self->calls->pdata[i];
      if (call->kind == CALL_VERIFY && !call->finished)
        look_at (call);
    }
}

/* What is the program's own comes and goes by itself, and is not judged here. */
static void
check_result (Call *call, const GError *error)
{
  if (call->generation != call->world->generation || find_offer (call->world, call->id) == NULL)
    return;
  look_at (call);
  if (error == NULL)
    sim_check (call->was_there, "%s is verified, and nobody was there", call->id);
  else if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND))
    sim_check (call->was_away, "%s is not found, and was there all the time", call->id);
}

static void
on_verified (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;

  disco_agent_verify_finish (DISCO_AGENT (agent), result, &error);
  call->succeeded = error == NULL;
  sim_trace ("verified (%u)", call->serial);
  check_result (call, error);
  sim_call_end (call, error);
}

static Call *
verify (World *self, DiscoInstance *instance)
{
  g_autofree char *name = sim_full_name (instance);
  Call *call = sim_call_new (self, CALL_VERIFY, name);

  sim_trace ("verify %s (%u)", name, call->serial);
  look_at (call);
  if (call->cancellable != NULL && sim_one_in (self, 8))
    g_cancellable_cancel (call->cancellable);
  disco_agent_verify_async (DISCO_AGENT (self->agent), instance, call->cancellable, on_verified,
                            call);
  return call;
}

void
sim_step_verify (World *self)
{
  DiscoInstance *instance = draw_instance (self);

  if (instance != NULL)
    verify (self, instance);
}

/* --- at rest --- */

/* One call, to its end; what follows from it has followed, too. */
static void
check_one (World *self, DiscoInstance *instance)
{
  Call *call = verify (self, instance);
  gboolean expected = sim_is_answered (self, call->id);

  sim_loop_run (ANSWER_US);
  sim_check (call->finished, "verify (%u) takes longer than %u s", call->serial,
             (guint)(ANSWER_US / G_TIME_SPAN_SECOND));
  if (self->unsound
      || (call->cancellable != NULL && g_cancellable_is_cancelled (call->cancellable)))
    return;
  sim_check (call->succeeded == expected, "verify of %s, which is %sthere", call->id,
             expected ? "" : "not ");
  sim_check (sim_is_silent (self, call->id) == !expected, "%s is %ssilent, and is %sthere",
             call->id, expected ? "" : "not ", expected ? "" : "not ");
  sim_check_readers (self);
}

void
sim_check_verify (World *self)
{
  for (guint i = 0; i < N_REMEMBERED; i++)
    {
      DiscoInstance *instance = self->remembered[i];
      g_autofree char *name = instance != NULL ? sim_full_name (instance) : g_strdup ("");
      Offer *offer = find_offer (self, name);

      if (instance == NULL || sim_one_in (self, 2))
        continue;
      check_one (self, instance);
      if (offer == NULL || !offer->mute)
        continue;
      sim_offer_set_mute (self, offer, FALSE);
      sim_loop_run (ANSWER_US);
      sim_check (!sim_is_silent (self, name) || !sim_is_answered (self, name),
                 "%s was heard of, and is silent", name);
      sim_check_readers (self);
    }
}
