/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Very many names, which the network need not remember one by one. */
#include "sim-net-private.h"

#include "disco-name-private.h"
#include "test-txt.h"

#include <string.h>

void
sim_net_set_crowd (SimNet *self, const SimService *like)
{
  self->crowd = like;
  g_clear_pointer (&self->crowd_txt, g_bytes_unref);
  if (like != NULL)
    self->crowd_txt = test_txt_new (like->txt);
}

/* The name of another one of the crowd, whose records point back at this one; labels end in a digit
 */
static GBytes *
point_at_neighbour (const char *name, guint16 port)
{
  g_autofree char *neighbour = g_strdup (name);

  neighbour[strcspn (name, ".") - 1] ^= 1;
  return sim_srv_rdata (neighbour, port);
}

GBytes *
sim_crowd_rdata (SimNet *self, guint16 type, const char *name)
{
  const SimService *crowd = self->crowd;

  if (crowd == NULL || strstr (name, crowd->type) == NULL)
    return NULL;
  if (type == DISCO_RECORD_SRV)
    return crowd->host != NULL ? sim_srv_rdata (crowd->host, crowd->port)
                               : point_at_neighbour (name, crowd->port);
  return type == DISCO_RECORD_TXT ? g_bytes_ref (self->crowd_txt) : NULL;
}

void
sim_net_tell_ptr (SimNet *self, int ifindex, const char *label, const char *type, gboolean comes)
{
  g_autofree char *key = sim_key_ptr (type);
  SimFact fact
      = { .ifindex = ifindex, .protocol = 0, .label = (char *)label, .type = (char *)type };

  for (GList *i = self->live[SIM_BROWSE_SERVICES].head; i != NULL; i = i->next)
    {
      SimObject *browser = i->data;
      if (g_str_equal (browser->key, key))
        sim_object_push_browse (browser, &fact, comes ? DISCO_BROWSE_NEW : DISCO_BROWSE_REMOVE);
    }
}
