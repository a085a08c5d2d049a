/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-error-private.h"
#include "disco-embedded-state-private.h"

#include <string.h>

/* What a responder may say at most: RFC 1035 §2.3.4, the name in presentation form, where each byte
 * may take four characters; an RDLENGTH has 16 bits. */
#define MAX_LABEL_BYTES 63
#define MAX_NAME_CHARS 1014
#define MAX_RDATA_BYTES 65535

/* An event of a message. The strings and bytes belong to the message. */
typedef struct
{
  guint32 number;
  DiscoBrowseEvent event;
  int code;
} Browsed;

/* What the protocol has, once checked, is what the link tells. */
G_STATIC_ASSERT ((int)DISCO_WIRE_BROWSE_NEW == (int)DISCO_BROWSE_NEW);
G_STATIC_ASSERT ((int)DISCO_WIRE_BROWSE_REMOVE == (int)DISCO_BROWSE_REMOVE);
G_STATIC_ASSERT ((int)DISCO_WIRE_BROWSE_ALL_FOR_NOW == (int)DISCO_BROWSE_ALL_FOR_NOW);
G_STATIC_ASSERT ((int)DISCO_WIRE_BROWSE_FAILURE == (int)DISCO_BROWSE_FAILURE);
G_STATIC_ASSERT ((int)DISCO_WIRE_GROUP_ESTABLISHED == (int)DISCO_GROUP_ESTABLISHED);
G_STATIC_ASSERT ((int)DISCO_WIRE_GROUP_COLLISION == (int)DISCO_GROUP_COLLISION);
G_STATIC_ASSERT ((int)DISCO_WIRE_GROUP_FAILURE == (int)DISCO_GROUP_FAILURE);

/* NULL: it is none of ours any more, as it was freed while the message was on its way */
static DiscoEmbeddedObject *
find (DiscoEmbeddedLink *self, guint32 number)
{
  return g_hash_table_lookup (self->objects, GUINT_TO_POINTER (number));
}

/* Both of Avahi's kinds of protocol, or any */
static gboolean
is_place (int ifindex, int protocol)
{
  return ifindex >= DISCO_LINK_ANY && protocol >= DISCO_LINK_ANY && protocol <= 1;
}

static gboolean
is_name (const char *name)
{
  gsize length = strlen (name);

  return length > 0 && length <= MAX_NAME_CHARS;
}

/* --- browsers --- */

/* (nullable): what is wrong with it, whatever object it is for */
static const char *
check_browsed (const Browsed *browsed)
{
  const DiscoBrowseEvent *event = &browsed->event;

  if ((guint)event->kind > DISCO_BROWSE_FAILURE)
    return "a kind of event that there is not";
  if (!is_place (event->ifindex, event->protocol))
    return "an interface or protocol that there is not";
  if (strlen (event->label) > MAX_LABEL_BYTES || strlen (event->type) > MAX_NAME_CHARS
      || strlen (event->domain) > MAX_NAME_CHARS || event->rdata_size > MAX_RDATA_BYTES)
    return "too long a name or record";
  return NULL;
}

/* (nullable): why an object made so cannot be told of it */
static const char *
check_browsed_of (DiscoWireKind made_by, const DiscoBrowseEvent *event)
{
  gboolean is_found = event->kind == DISCO_BROWSE_NEW || event->kind == DISCO_BROWSE_REMOVE;

  switch (made_by)
    {
    case DISCO_WIRE_BROWSE_SERVICES:
      if (is_found && (*event->label == '\0' || !is_name (event->type) || !is_name (event->domain)))
        return "a service without a name";
      return NULL;
    case DISCO_WIRE_BROWSE_TYPES:
      return is_found && (!is_name (event->type) || !is_name (event->domain))
                 ? "a service type without a name"
                 : NULL;
    case DISCO_WIRE_BROWSE_RECORDS:
      return NULL;
    default:
      return "an event of what is no browser";
    }
}

static void
tell_browsed (DiscoEmbeddedLink *self, Browsed *browsed)
{
  DiscoEmbeddedObject *object = find (self, browsed->number);
  const char *wrong = check_browsed (browsed);
  g_autoptr (GError) error = NULL;

  if (wrong == NULL && object != NULL)
    wrong = check_browsed_of (object->made_by, &browsed->event);
  if (wrong != NULL)
    {
      disco_embedded_link_refuse (self, wrong);
      return;
    }
  if (object == NULL)
    return;
  if (browsed->event.kind == DISCO_BROWSE_FAILURE)
    disco_set_avahi_error (&error, browsed->code, "browse");
  browsed->event.error = error;
  object->on_browse (&browsed->event, object->user_data);
}

void
disco_embedded_on_browsed (DiscoEmbeddedLink *self, GVariant *body)
{
  g_autoptr (GVariant) events = g_variant_get_child_value (body, 0);
  gsize n_events = g_variant_n_children (events);

  if (n_events > DISCO_WIRE_MAX_BATCH)
    {
      disco_embedded_link_refuse (self, "too many events at once");
      return;
    }
  /* any of the callees may have closed the link */
  for (gsize i = 0; i < n_events && self->port != NULL; i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (events, i);
      g_autoptr (GVariant) rdata = NULL;
      Browsed browsed = { 0 };
      DiscoBrowseEvent *event = &browsed.event;
      guint8 kind;

      g_variant_get (item, "(uyii&s&s&sb@ayi)", &browsed.number, &kind, &event->ifindex,
                     &event->protocol, &event->label, &event->type, &event->domain, &event->local,
                     &rdata, &browsed.code);
      event->kind = (DiscoBrowseKind)kind;
      event->rdata = g_variant_get_fixed_array (rdata, &event->rdata_size, 1);
      tell_browsed (self, &browsed);
    }
}

/* --- resolvers --- */

static void
tell_resolved (DiscoEmbeddedObject *object, DiscoResolveEvent *event, int code)
{
  g_autoptr (GError) error = NULL;

  if (code != 0)
    {
      disco_set_avahi_error (&error, code, "resolve");
      event->error = error;
    }
  object->on_resolve (event, object->user_data);
}

void
disco_embedded_on_resolved (DiscoEmbeddedLink *self, GVariant *body)
{
  DiscoResolveEvent event = { 0 };
  g_autoptr (GVariant) rdata = NULL;
  g_autoptr (GBytes) txt = NULL;
  DiscoEmbeddedObject *object;
  guint32 number;
  int code;

  g_variant_get (body, "(uii&sq@ayi)", &number, &event.ifindex, &event.protocol, &event.hostname,
                 &event.port, &rdata, &code);
  object = find (self, number);
  txt = g_variant_get_data_as_bytes (rdata);
  event.txt = txt;
  if (object != NULL && object->made_by != DISCO_WIRE_RESOLVE)
    disco_embedded_link_refuse (self, "an answer to what is no question");
  else if (!is_place (event.ifindex, event.protocol))
    disco_embedded_link_refuse (self, "an interface or protocol that there is not");
  else if (code == 0 && (!is_name (event.hostname) || g_bytes_get_size (txt) > MAX_RDATA_BYTES))
    disco_embedded_link_refuse (self, "an answer without a host, or too long");
  else if (object != NULL)
    tell_resolved (object, &event, code);
}

/* --- groups --- */

void
disco_embedded_on_group (DiscoEmbeddedLink *self, GVariant *body)
{
  g_autoptr (GError) error = NULL;
  DiscoEmbeddedObject *object;
  guint32 number;
  guint8 state;
  int code;

  g_variant_get (body, "(uyi)", &number, &state, &code);
  object = find (self, number);
  if (state > DISCO_WIRE_GROUP_FAILURE)
    disco_embedded_link_refuse (self, "a state of a group that there is not");
  else if (object != NULL && object->made_by != DISCO_WIRE_PUBLISH)
    disco_embedded_link_refuse (self, "the state of what is no group");
  else if (object != NULL)
    {
      if (state == DISCO_WIRE_GROUP_FAILURE)
        disco_set_avahi_error (&error, code, "publish");
      object->on_group ((DiscoGroupState)state, error, object->user_data);
    }
}
