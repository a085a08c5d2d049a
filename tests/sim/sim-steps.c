/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What happens to the responder, the link to it and this host. */
#include "sim-world.h"

static DiscoLink *
draw_link (World *self)
{
  if (self->links->len == 0)
    return NULL;
  return self->links->pdata[sim_draw (self, self->links->len)];
}

static void
cut_link (World *self)
{
  DiscoLink *link = draw_link (self);

  self->unsound = TRUE;
  self->link_down = sim_one_in (self, 2);
  self->no_link = sim_one_in (self, 3);
  sim_trace ("the link is cut%s%s", self->link_down ? ", the next hangs" : "",
             self->no_link ? ", there is none" : "");
  if (link != NULL)
    disco_sim_link_become (link, DISCO_LINK_FAILED, NULL);
}

static void
restore_links (World *self)
{
  self->link_down = FALSE;
  self->no_link = FALSE;
  for (guint i = 0; i < self->links->len; i++)
    disco_sim_link_become (self->links->pdata[i], DISCO_LINK_RUNNING, NULL);
}

static void
restore_link (World *self)
{
  sim_trace ("the link may come up");
  restore_links (self);
}

/* The host's name is lost; RUNNING comes with restore_links(), or at once. */
static void
rename_host (World *self)
{
  gboolean now = sim_one_in (self, 2);

  self->unsound = TRUE;
  self->host = g_str_equal (self->host, "box.local") ? "box2.local" : "box.local";
  sim_trace ("the host becomes %s%s", self->host, now ? "" : ", in a while");
  for (guint i = 0; i < self->links->len; i++)
    {
      DiscoLink *link = self->links->pdata[i];

      disco_sim_link_set_host_name (link, self->host);
      if (disco_link_get_state (link) != DISCO_LINK_RUNNING)
        continue;
      disco_sim_link_become (link, DISCO_LINK_RENAMING, NULL);
      if (now)
        disco_sim_link_become (link, DISCO_LINK_RUNNING, NULL);
    }
}

static void
toggle_interface (World *self)
{
  int ifindex = 1 + (int)sim_draw (self, N_INTERFACES);
  gboolean up = !sim_net_is_up (self->net, ifindex);

  self->unsound = TRUE;
  sim_trace ("%s goes %s", sim_interface_name (ifindex), up ? "up" : "down");
  sim_world_set_interface (self, ifindex, up);
}

static void
toggle_stopped (World *self)
{
  self->unsound = TRUE;
  self->stopped = !self->stopped;
  sim_trace ("the responder %s", self->stopped ? "stands still" : "goes on");
  sim_net_set_stopped (self->net, self->stopped);
}

static void
change_pace (World *self)
{
  static const guint paces[] = { 0, 0, 200, 5000, 50000 };
  guint pace = paces[sim_draw (self, G_N_ELEMENTS (paces))];

  sim_trace ("the responder's pace: %u us", pace);
  sim_net_set_pace_us (self->net, pace);
  sim_net_set_shuffle (self->net, !sim_one_in (self, 4));
}

static void
change_answers (World *self)
{
  gboolean hold = sim_one_in (self, 2);

  sim_trace ("questions are %s", hold ? "not answered" : "answered");
  sim_net_hold_answers (self->net, hold);
}

static void
change_groups (World *self)
{
  static const char *const names[]
      = { "probed", "held", "refused", "in conflict", "held for subtypes", "refused for subtypes" };
  SimGroups groups = sim_one_in (self, 2) ? SIM_GROUPS_PROBE : (SimGroups)sim_draw (self, 6);

  self->unsound |= groups != SIM_GROUPS_PROBE;
  sim_trace ("groups are %s", names[groups]);
  sim_net_set_groups (self->net, groups);
}

static void
change_names (World *self)
{
  static const char *const labels[] = { "m0", "m1", "same", "same #2", "m2" };
  const char *label = labels[sim_draw (self, G_N_ELEMENTS (labels))];
  const char *type = sim_one_in (self, 4) ? "_disco._tcp" : "_http._tcp";

  if (sim_one_in (self, 2))
    {
      sim_trace ("\"%s\" of %s is free", label, type);
      sim_net_release_name (self->net, label, type);
      return;
    }
  /* an update may come between a conflict and the news of it */
  self->unsound = TRUE;
  sim_trace ("\"%s\" of %s is somebody else's", label, type);
  sim_net_steal_name (self->net, label, type);
}

static void
change_updates (World *self)
{
  SimRefuse refuse = (SimRefuse)sim_draw (self, 3);

  self->unsound |= refuse != SIM_REFUSE_NONE;
  sim_trace ("updates: refusal %d", refuse);
  sim_net_set_refuse_updates (self->net, refuse);
}

static void
fail_groups (World *self)
{
  self->unsound = TRUE;
  sim_trace ("all groups fail");
  sim_net_fail_groups (self->net);
}

static void
hang_groups (World *self)
{
  self->unsound = TRUE;
  sim_trace ("groups that are being probed hang");
  sim_net_hang_groups (self->net);
}

static void
change_all_for_now (World *self)
{
  gboolean automatic = sim_one_in (self, 2);

  self->unsound |= !automatic;
  sim_trace ("ALL_FOR_NOW comes %s", automatic ? "by itself" : "when it is told");
  sim_net_set_all_for_now (self->net, automatic);
  if (automatic)
    sim_net_tell_all_for_now (self->net);
}

static void
toggle_unreachable (World *self)
{
  self->unsound = TRUE;
  self->unreachable = !self->unreachable;
  sim_trace ("past the responder %s", self->unreachable ? "nobody is reached" : "all are reached");
  sim_net_set_unreachable (self->net, self->unreachable);
}

static void
fail_browsers (World *self)
{
  static const char *const names[] = { "services", "types", "records" };
  SimKind kind = SIM_BROWSE_SERVICES + sim_draw (self, G_N_ELEMENTS (names));

  self->unsound = TRUE;
  sim_trace ("all browsers of %s fail", names[kind - SIM_BROWSE_SERVICES]);
  sim_net_fail_browsers (self->net, kind, "it was not to be");
}

static void
refuse_browsers (World *self)
{
  gboolean refuse = sim_one_in (self, 2);

  self->unsound |= refuse;
  sim_trace ("new browsers are %s", refuse ? "refused" : "made");
  sim_net_refuse_browsers (self->net, refuse);
}

static void
step_responder (World *self)
{
  static void (*const steps[]) (World *)
      = { cut_link,         restore_link,       restore_link,       restore_link,   rename_host,
          toggle_interface, toggle_interface,   toggle_interface,   toggle_stopped, toggle_stopped,
          change_pace,      change_pace,        change_answers,     change_groups,  change_groups,
          change_groups,    change_names,       change_names,       change_updates, fail_groups,
          hang_groups,      hang_groups,        change_all_for_now, fail_browsers,  fail_browsers,
          refuse_browsers,  toggle_unreachable, sim_sleep,          sim_sleep };

  steps[sim_draw (self, G_N_ELEMENTS (steps))](self);
}

void
sim_heal (World *self)
{
  sim_trace ("all is well again");
  self->stopped = FALSE;
  self->unreachable = FALSE;
  sim_net_set_unreachable (self->net, FALSE);
  sim_net_set_stopped (self->net, FALSE);
  sim_net_set_pace_us (self->net, 0);
  sim_net_hold_answers (self->net, FALSE);
  sim_net_refuse_browsers (self->net, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  sim_net_set_refuse_updates (self->net, SIM_REFUSE_NONE);
  sim_net_set_all_for_now (self->net, TRUE);
  sim_net_tell_all_for_now (self->net);
  restore_links (self);
}

void
sim_step (World *self)
{
  guint i = sim_draw (self, 100);

  if (i < 44)
    sim_step_offers (self);
  else if (i < 56)
    step_responder (self);
  else if (i < 90)
    sim_step_calls (self);
  else if (i < 99 || !sim_one_in (self, 3))
    sim_step_readers (self);
  else
    {
      sim_trace ("the agent is dropped, and another one made");
      sim_world_renew_agent (self);
    }
  sim_verify_look (self);
}
