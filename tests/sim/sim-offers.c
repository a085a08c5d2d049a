/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What other hosts do: they announce, change and withdraw, in whole and in part, and on each
 * interface by itself. */
#include "sim-world.h"

const char *const sim_host_names[N_HOST_NAMES]
    = { "h0.local", "h1.local", "h2.local", "H0.local", "far.example.com" };

static const struct
{
  const char *label;
  const char *type;
  const char *subtype;
  const char *generic;
} kinds[N_OFFERS] = {
  { "r0", "_http._tcp", "_aa._sub._http._tcp", NULL },
  { "r 1", "_http._tcp", "_aa._sub._http._tcp", NULL },
  { "r2", "_http._tcp", "_aa._sub._http._tcp", NULL },
  { "R3.x", "_http._tcp", "_aa._sub._http._tcp", NULL },
  { "r4", "_http._tcp", "_aa._sub._http._tcp", NULL },
  { "b0", "_disco._tcp", "_billing-of-invoices._sub._disco._tcp", "billing-of-invoices" },
  { "b1", "_disco._tcp", "_billing-of-invoices._sub._disco._tcp", "billing-of-invoices" },
  { "b2", "_disco._tcp", "_billing-of-invoices._sub._disco._tcp", "another-generic-name" },
};

static SimService
as_service (const Offer *offer, const Say *say)
{
  return (SimService){
    .label = offer->label,
    .type = offer->type,
    .host = say->host,
    .port = say->port,
    .txt = say->txt,
  };
}

void
sim_offer_set_mute (World *self, Offer *offer, gboolean mute)
{
  SimService service = as_service (offer, &offer->says[0]);

  if (offer->mute == mute)
    return;
  offer->mute = mute;
  sim_trace ("the host of \"%s\" %s", offer->label, mute ? "dies" : "is back");
  sim_net_set_mute (self->net, &service, mute);
}

static void
set_ptr (World *self, Offer *offer, guint i, gboolean on)
{
  Say *say = &offer->says[i];

  if (say->has_ptr == on)
    return;
  say->has_ptr = on;
  (on ? sim_net_add_ptr : sim_net_remove_ptr) (self->net, (int)i + 1, offer->label, offer->type);
}

static void
set_subtype (World *self, Offer *offer, guint i, gboolean on)
{
  Say *say = &offer->says[i];

  if (say->has_subtype == on)
    return;
  say->has_subtype = on;
  (on ? sim_net_add_ptr : sim_net_remove_ptr) (self->net, (int)i + 1, offer->label, offer->subtype);
}

static void
set_srv (World *self, Offer *offer, guint i, gboolean on)
{
  Say *say = &offer->says[i];
  SimService service = as_service (offer, say);

  if (say->has_srv == on)
    return;
  say->has_srv = on;
  (on ? sim_net_add_srv : sim_net_remove_srv) (self->net, (int)i + 1, &service);
}

/* The record that stood when the present one came, and still does */
static void
drop_old_srv (World *self, Offer *offer, guint i)
{
  Say *say = &offer->says[i];
  SimService old = as_service (offer, say);

  if (say->old_host == NULL)
    return;
  old.host = g_steal_pointer (&say->old_host);
  old.port = say->old_port;
  sim_net_remove_srv (self->net, (int)i + 1, &old);
}

static void
set_txt (World *self, Offer *offer, guint i, gboolean on)
{
  Say *say = &offer->says[i];
  SimService service = as_service (offer, say);

  if (say->has_txt == on)
    return;
  say->has_txt = on;
  (on ? sim_net_add_txt : sim_net_remove_txt) (self->net, (int)i + 1, &service);
}

/* (transfer full) */
static char *
draw_txt (World *self, const Offer *offer)
{
  static const char *const tags[] = { "", "disco.tags=aa|", "disco.tags=bb|", "disco.tags=aa,bb|" };
  GString *txt = g_string_new (NULL);

  if (sim_one_in (self, 6))
    g_string_append (txt, "disco.id=" SIM_SHARED_ID "|");
  else if (!sim_one_in (self, 5))
    g_string_append_printf (txt, "disco.id=id of %s|", offer->label);
  if (offer->generic != NULL)
    g_string_append_printf (txt, "disco.name=%s|", offer->generic);
  g_string_append (txt, tags[sim_draw (self, G_N_ELEMENTS (tags))]);
  g_string_append_printf (txt, "v=%u|", ++self->version);
  return g_string_free (txt, FALSE);
}

static void
draw_srv (World *self, Say *say)
{
  say->port = (guint16)(1 + sim_draw (self, 60000));
  say->host = sim_host_names[sim_draw (self, N_HOST_NAMES)];
}

/* The new one stands before the old one goes, or after; or the old one stays. */
static void
change_srv (World *self, Offer *offer, guint i)
{
  Say *say = &offer->says[i];
  Say old = *say;

  sim_offer_set_mute (self, offer, FALSE);
  drop_old_srv (self, offer, i);
  if (!say->has_srv || sim_one_in (self, 2))
    {
      set_srv (self, offer, i, FALSE);
      draw_srv (self, say);
      set_srv (self, offer, i, TRUE);
      return;
    }
  draw_srv (self, say);
  if (say->port == old.port && say->host == old.host)
    return;
  say->has_srv = FALSE;
  set_srv (self, offer, i, TRUE);
  say->old_host = old.host;
  say->old_port = old.port;
  if (!sim_one_in (self, 3))
    drop_old_srv (self, offer, i);
}

static void
change_txt (World *self, Offer *offer, guint i)
{
  Say *say = &offer->says[i];
  g_autofree char *old = g_strdup (say->txt);
  SimService before = { .label = offer->label, .type = offer->type, .host = "-", .txt = old };
  gboolean stood = say->has_txt;

  sim_offer_set_mute (self, offer, FALSE);
  if (stood && sim_one_in (self, 2))
    set_txt (self, offer, i, FALSE);
  g_free (say->txt);
  say->txt = draw_txt (self, offer);
  stood = say->has_txt;
  say->has_txt = FALSE;
  set_txt (self, offer, i, TRUE);
  if (stood)
    sim_net_remove_txt (self->net, (int)i + 1, &before);
}

static void
announce (World *self, Offer *offer, guint i)
{
  sim_offer_set_mute (self, offer, FALSE);
  sim_trace ("\"%s\" is announced on %s", offer->label, sim_interface_name ((int)i + 1));
  set_ptr (self, offer, i, TRUE);
  set_subtype (self, offer, i, offer->generic != NULL || sim_one_in (self, 2));
  change_srv (self, offer, i);
  change_txt (self, offer, i);
}

static void
withdraw (World *self, Offer *offer, guint i)
{
  sim_trace ("\"%s\" is withdrawn on %s", offer->label, sim_interface_name ((int)i + 1));
  set_ptr (self, offer, i, FALSE);
  set_subtype (self, offer, i, FALSE);
  drop_old_srv (self, offer, i);
  set_srv (self, offer, i, FALSE);
  set_txt (self, offer, i, FALSE);
}

/* Without a goodbye, and back */
static void
die (World *self, Offer *offer)
{
  sim_offer_set_mute (self, offer, !offer->mute);
}

/* One record comes or goes alone. */
static void
toggle_record (World *self, Offer *offer, guint i)
{
  Say *say = &offer->says[i];
  static const char *const names[] = { "PTR", "subtype", "SRV", "TXT" };
  const gboolean has[] = { say->has_ptr, say->has_subtype, say->has_srv, say->has_txt };
  guint which = sim_draw (self, G_N_ELEMENTS (names));

  sim_trace ("the %s of \"%s\" comes or goes on %s", names[which], offer->label,
             sim_interface_name ((int)i + 1));
  if (!has[which])
    sim_offer_set_mute (self, offer, FALSE);
  switch (which)
    {
    case 0:
      set_ptr (self, offer, i, !say->has_ptr);
      break;
    case 1:
      set_subtype (self, offer, i, !say->has_subtype);
      break;
    case 2:
      set_srv (self, offer, i, !say->has_srv);
      break;
    default:
      set_txt (self, offer, i, !say->has_txt);
      break;
    }
}

static void
flap (World *self, Offer *offer, guint i)
{
  for (guint n = 1 + sim_draw (self, 4); n > 0; n--)
    {
      withdraw (self, offer, i);
      announce (self, offer, i);
    }
}

/* The link-local one is the same on both interfaces. (transfer full) */
static char *
make_address (guint which, guint i, guint host)
{
  switch (which)
    {
    case 0:
      return g_strdup_printf ("192.168.%u.1%u", i, host);
    case 1:
      return g_strdup_printf ("10.%u.0.%u", i, host);
    case 2:
      return g_strdup_printf ("fe80::%u", host);
    default:
      return g_strdup_printf ("2001:db8:%u::%u", i, host);
    }
}

static void
toggle_address (World *self)
{
  guint host = sim_draw (self, N_HOSTS);
  guint i = sim_draw (self, N_INTERFACES);
  guint which = sim_draw (self, N_ADDRESSES);
  g_autofree char *address = make_address (which, i + 1, host + 2);
  gboolean *on = &self->addresses[host][i][which];

  *on = !*on;
  sim_trace ("%s %s %s on %s", sim_host_names[host], *on ? "has" : "loses", address,
             sim_interface_name ((int)i + 1));
  (*on ? sim_net_add_address : sim_net_remove_address) (self->net, (int)i + 1, sim_host_names[host],
                                                        address);
}

void
sim_step_offers (World *self)
{
  Offer *offer = &self->offers[sim_draw (self, N_OFFERS)];
  guint i = sim_draw (self, N_INTERFACES);

  switch (sim_draw (self, 18))
    {
    case 0:
    case 1:
    case 2:
      announce (self, offer, i);
      break;
    case 3:
      for (i = 0; i < N_INTERFACES; i++)
        announce (self, offer, i);
      break;
    case 4:
    case 5:
    case 6:
      withdraw (self, offer, i);
      break;
    case 7:
    case 8:
      sim_trace ("\"%s\" has a new SRV on %s", offer->label, sim_interface_name ((int)i + 1));
      change_srv (self, offer, i);
      break;
    case 9:
    case 10:
      sim_trace ("\"%s\" has a new TXT on %s", offer->label, sim_interface_name ((int)i + 1));
      change_txt (self, offer, i);
      break;
    case 11:
    case 12:
      toggle_record (self, offer, i);
      break;
    case 13:
      flap (self, offer, i);
      break;
    case 14:
    case 15:
      die (self, offer);
      break;
    default:
      toggle_address (self);
      break;
    }
}

void
sim_offers_init (World *self)
{
  for (guint i = 0; i < N_OFFERS; i++)
    {
      Offer *offer = &self->offers[i];

      offer->label = kinds[i].label;
      offer->type = kinds[i].type;
      offer->subtype = kinds[i].subtype;
      offer->generic = kinds[i].generic;
      for (guint k = 0; k < N_INTERFACES; k++)
        {
          draw_srv (self, &offer->says[k]);
          offer->says[k].txt = draw_txt (self, offer);
        }
    }
  for (guint i = 0; i < 12; i++)
    toggle_address (self);
  for (guint i = sim_draw (self, 6); i > 0; i--)
    announce (self, &self->offers[sim_draw (self, N_OFFERS)], sim_draw (self, N_INTERFACES));
}

void
sim_offers_clear (World *self)
{
  for (guint i = 0; i < N_OFFERS; i++)
    for (guint k = 0; k < N_INTERFACES; k++)
      g_free (self->offers[i].says[k].txt);
}
