/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-embedded-state-private.h"

#include <disco/disco-error.h>
#include <string.h>

/* --- objects --- */

/* None that is in use, and not soon again one that was: what the responder still has to say of an
 * object that is freed must not meet another one. */
static guint32
next_number (DiscoEmbeddedLink *self)
{
  do
    self->last_number++;
  while (g_hash_table_contains (self->objects, GUINT_TO_POINTER (self->last_number)));
  return self->last_number;
}

static DiscoEmbeddedObject *
object_new (DiscoLink *link, DiscoWireKind made_by, gpointer user_data)
{
  DiscoEmbeddedLink *self = DISCO_EMBEDDED_LINK (link);
  DiscoEmbeddedObject *object = g_new0 (DiscoEmbeddedObject, 1);

  disco_link_object_init (&object->base, link);
  object->number = next_number (self);
  object->made_by = made_by;
  object->user_data = user_data;
  g_hash_table_insert (self->objects, GUINT_TO_POINTER (object->number), object);
  return object;
}

static void
set_too_large (GError **error)
{
  g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE,
                       "this is more than the responder takes");
}

static gboolean
on_failure (gpointer user_data)
{
  DiscoEmbeddedObject *object = user_data;
  g_autoptr (GError) error = NULL;

  g_source_destroy (object->failure);
  g_clear_pointer (&object->failure, g_source_unref);
  set_too_large (&error);
  /* the callee may free the object */
  if (object->on_browse != NULL)
    object->on_browse (&(DiscoBrowseEvent){ .kind = DISCO_BROWSE_FAILURE, .error = error },
                       object->user_data);
  else if (object->on_resolve != NULL)
    object->on_resolve (&(DiscoResolveEvent){ .error = error }, object->user_data);
  else
    object->on_group (DISCO_GROUP_FAILURE, error, object->user_data);
  return G_SOURCE_REMOVE;
}

/* Asks the responder for the object. One of a link that has ended is never told of. */
static DiscoLinkObject *
make (DiscoEmbeddedObject *object, GVariant *request)
{
  DiscoEmbeddedLink *self = DISCO_EMBEDDED_LINK (object->base.link);
  g_autoptr (GVariant) held = g_variant_ref_sink (request);

  if (self->port == NULL || disco_wire_port_send (self->port, object->made_by, request))
    return &object->base;
  object->failure = g_idle_source_new ();
  g_source_set_priority (object->failure, G_PRIORITY_DEFAULT);
  g_source_set_callback (object->failure, on_failure, object, NULL);
  g_source_attach (object->failure, self->context);
  return &object->base;
}

static void
free_object (DiscoLinkObject *base)
{
  DiscoEmbeddedObject *object = (DiscoEmbeddedObject *)base;
  DiscoEmbeddedLink *self = DISCO_EMBEDDED_LINK (base->link);

  if (object->failure != NULL)
    {
      g_source_destroy (object->failure);
      g_source_unref (object->failure);
    }
  g_hash_table_remove (self->objects, GUINT_TO_POINTER (object->number));
  if (self->port != NULL)
    disco_wire_port_send (self->port, DISCO_WIRE_FREE, g_variant_new ("(u)", object->number));
  g_free (object);
}

/* --- looking --- */

static DiscoLinkObject *
browse_services (DiscoLink *link, const char *type, DiscoBrowseFunc func, gpointer user_data)
{
  DiscoEmbeddedObject *object = object_new (link, DISCO_WIRE_BROWSE_SERVICES, user_data);

  object->on_browse = func;
  return make (object, g_variant_new ("(us)", object->number, type));
}

static DiscoLinkObject *
browse_types (DiscoLink *link, DiscoBrowseFunc func, gpointer user_data)
{
  DiscoEmbeddedObject *object = object_new (link, DISCO_WIRE_BROWSE_TYPES, user_data);

  object->on_browse = func;
  return make (object, g_variant_new ("(u)", object->number));
}

static DiscoLinkObject *
browse_records (DiscoLink *link, const char *name, guint16 type, DiscoBrowseFunc func,
                gpointer user_data)
{
  DiscoEmbeddedObject *object = object_new (link, DISCO_WIRE_BROWSE_RECORDS, user_data);

  object->on_browse = func;
  return make (object, g_variant_new ("(usq)", object->number, name, type));
}

static DiscoLinkObject *
resolve (DiscoLink *link, int ifindex, int protocol, const char *label, const char *type,
         const char *domain, DiscoResolveFunc func, gpointer user_data)
{
  DiscoEmbeddedObject *object = object_new (link, DISCO_WIRE_RESOLVE, user_data);

  object->on_resolve = func;
  return make (object,
               g_variant_new ("(uiisss)", object->number, ifindex, protocol, label, type, domain));
}

/* --- publishing --- */

static GVariant *
bytes_to_variant (const void *data, gsize size)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1);
}

static GVariant *
service_to_variant (const DiscoLinkEntry *entry)
{
  gsize size;
  const guint8 *txt = g_bytes_get_data (entry->txt, &size);

  return g_variant_new ("(yissssq@ays@ay)", DISCO_WIRE_ENTRY_SERVICE, entry->ifindex, entry->label,
                        entry->type, entry->domain, entry->host != NULL ? entry->host : "",
                        entry->port, bytes_to_variant (txt, size), "", bytes_to_variant (NULL, 0));
}

static GVariant *
subtype_to_variant (const DiscoLinkEntry *entry)
{
  return g_variant_new ("(yissssq@ays@ay)", DISCO_WIRE_ENTRY_SUBTYPE, entry->ifindex, entry->label,
                        entry->type, entry->domain, "", 0, bytes_to_variant (NULL, 0),
                        entry->subtype, bytes_to_variant (NULL, 0));
}

static GVariant *
address_to_variant (const DiscoLinkEntry *entry)
{
  const DiscoAddress *address = entry->address;
  gsize size = address->family == G_SOCKET_FAMILY_IPV4 ? 4 : 16;

  return g_variant_new ("(yissssq@ays@ay)", DISCO_WIRE_ENTRY_ADDRESS, entry->ifindex, "", "", "",
                        entry->host, 0, bytes_to_variant (NULL, 0), "",
                        bytes_to_variant (address->bytes, size));
}

static GVariant *
entry_to_variant (const DiscoLinkEntry *entry)
{
  switch (entry->kind)
    {
    case DISCO_ENTRY_SERVICE:
      return service_to_variant (entry);
    case DISCO_ENTRY_SUBTYPE:
      return subtype_to_variant (entry);
    case DISCO_ENTRY_ADDRESS:
      return address_to_variant (entry);
    default:
      g_assert_not_reached ();
    }
}

static DiscoLinkObject *
publish (DiscoLink *link, const DiscoLinkEntry *entries, guint n_entries, DiscoGroupFunc func,
         gpointer user_data)
{
  DiscoEmbeddedObject *object = object_new (link, DISCO_WIRE_PUBLISH, user_data);
  GVariantBuilder builder;

  g_assert (n_entries <= DISCO_WIRE_MAX_ENTRIES);
  object->on_group = func;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" DISCO_WIRE_ENTRY_TYPE));
  for (guint i = 0; i < n_entries; i++)
    g_variant_builder_add_value (&builder, entry_to_variant (&entries[i]));
  return make (object, g_variant_new ("(ua" DISCO_WIRE_ENTRY_TYPE ")", object->number, &builder));
}

/* What the responder refuses comes as a failure of the group. */
static gboolean
update (DiscoLinkObject *base, DiscoWireKind kind, const DiscoLinkEntry *entry, GError **error)
{
  DiscoEmbeddedObject *object = (DiscoEmbeddedObject *)base;
  DiscoEmbeddedLink *self = DISCO_EMBEDDED_LINK (base->link);

  if (self->port == NULL)
    {
      g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                           "the session with the responder has ended");
      return FALSE;
    }
  if (disco_wire_port_send (self->port, kind,
                            g_variant_new ("(u@" DISCO_WIRE_ENTRY_TYPE ")", object->number,
                                           entry_to_variant (entry))))
    return TRUE;
  set_too_large (error);
  return FALSE;
}

static gboolean
update_txt (DiscoLinkObject *group, const DiscoLinkEntry *entry, GError **error)
{
  return update (group, DISCO_WIRE_UPDATE_TXT, entry, error);
}

static gboolean
update_srv (DiscoLinkObject *group, const DiscoLinkEntry *entry, GError **error)
{
  return update (group, DISCO_WIRE_UPDATE_SRV, entry, error);
}

void
disco_embedded_object_class_init (DiscoLinkClass *klass)
{
  klass->browse_services = browse_services;
  klass->browse_types = browse_types;
  klass->browse_records = browse_records;
  klass->resolve = resolve;
  klass->publish = publish;
  klass->update_txt = update_txt;
  klass->update_srv = update_srv;
  klass->free_object = free_object;
}
