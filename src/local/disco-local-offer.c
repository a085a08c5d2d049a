/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-local-offer-private.h"

#include "disco-label-private.h"
#include "disco-records-private.h"

#define LOCAL_HOSTNAME "localhost"
#define LOCAL_ADDRESS "127.0.0.1"

/* What the network would say of @records */
static DiscoInstance *
make_instance (const DiscoRecordSet *records, const DiscoServiceName *service)
{
  g_autofree char *literal
      = records->has_address ? disco_address_to_string (&records->address) : NULL;
  const char *addresses[] = { literal != NULL ? literal : LOCAL_ADDRESS, NULL };
  const gboolean is_elsewhere = records->host != NULL && !records->has_address;
  const DiscoRecords seen = {
    .label = records->label,
    .type = records->service->type,
    .domain = records->domain,
    .hostname = records->host != NULL ? records->host : LOCAL_HOSTNAME,
    .port = records->port,
    .txt = records->txt,
    .addresses = is_elsewhere ? addresses + 1 : addresses,
    .interfaces = addresses + 1,
    .local = TRUE,
  };

  return disco_records_to_instance (&seen, service, NULL);
}

static char **
make_browse_types (const DiscoRecordSet *records)
{
  g_autoptr (GPtrArray) types = g_ptr_array_new ();

  g_ptr_array_add (types, g_ascii_strdown (records->service->type, -1));
  for (char **subtype = records->subtypes; *subtype != NULL; subtype++)
    g_ptr_array_add (types, g_ascii_strdown (*subtype, -1));
  g_ptr_array_add (types, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&types), FALSE);
}

static char *
make_full_name (const DiscoRecordSet *records)
{
  return disco_full_name_join (records->label, records->service->type, records->domain);
}

char *
disco_local_make_name_key (const DiscoRecordSet *records)
{
  g_autofree char *full_name = make_full_name (records);
  return g_ascii_strdown (full_name, -1);
}

DiscoLocalOffer *
disco_local_offer_new (DiscoRecordSet *records)
{
  DiscoLocalOffer *self = g_new0 (DiscoLocalOffer, 1);

  self->records = records;
  self->full_name = make_full_name (records);
  self->name_key = disco_local_make_name_key (records);
  self->browse_types = make_browse_types (records);
  self->instance = make_instance (records, records->service);
  return self;
}

DiscoInstance *
disco_local_offer_show (const DiscoLocalOffer *self, const DiscoServiceName *service)
{
  if (g_str_equal (service->name, self->records->service->name))
    return g_object_ref (self->instance);
  return make_instance (self->records, service);
}

void
disco_local_offer_free (DiscoLocalOffer *self)
{
  g_clear_object (&self->instance);
  disco_record_set_free (self->records);
  g_strfreev (self->browse_types);
  g_free (self->name_key);
  g_free (self->full_name);
  g_free (self);
}
