/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "disco-label-private.h"
#include "disco-records-private.h"
#include "disco-txt-private.h"

#include <string.h>

/* The texts of one instance, made fit to be passed on. */
typedef struct
{
  char *label;
  char *type;
  char *domain;
  char *hostname;
  char **addresses;
  char **interfaces;
} Texts;

static char **
make_valid_strv (const char *const *strv)
{
  g_autoptr (GStrvBuilder) valid = g_strv_builder_new ();

  for (; strv != NULL && *strv != NULL; strv++)
    {
      g_autofree char *text = g_utf8_make_valid (*strv, -1);

      g_strv_builder_add (valid, text);
    }
  return g_strv_builder_end (valid);
}

static void
texts_init (Texts *self, const DiscoRecords *records)
{
  self->label = g_utf8_make_valid (records->label, -1);
  self->type = g_utf8_make_valid (records->type, -1);
  self->domain = g_utf8_make_valid (records->domain, -1);
  self->hostname = g_utf8_make_valid (records->hostname, -1);
  self->addresses = make_valid_strv (records->addresses);
  self->interfaces = make_valid_strv (records->interfaces);
}

static void
texts_clear (Texts *self)
{
  g_free (self->label);
  g_free (self->type);
  g_free (self->domain);
  g_free (self->hostname);
  g_strfreev (self->addresses);
  g_strfreev (self->interfaces);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Texts, texts_clear)

/* What the instance is called in @service; NULL if it belongs to another. */
static const char *
name_in_service (const DiscoServiceName *service, const DiscoTxt *txt)
{
  if (!service->is_generic)
    return service->name;
  if (service->is_any_generic)
    return txt->generic_name != NULL ? txt->generic_name : service->name;
  return g_strcmp0 (txt->generic_name, service->name) == 0 ? service->name : NULL;
}

static DiscoInstance *
make_instance (const DiscoRecords *records, const DiscoTxt *txt, const char *name)
{
  g_auto (Texts) texts = { 0 };
  g_autofree char *full_name = NULL;

  texts_init (&texts, records);
  if (txt->id == NULL)
    full_name = disco_full_name_join (records->label, records->type, records->domain);
  return disco_instance_new (&(DiscoInstanceFields){
      .id = txt->id != NULL ? txt->id : full_name,
      .name = name,
      .label = texts.label,
      .type = texts.type,
      .domain = texts.domain,
      .hostname = texts.hostname,
      .port = records->port,
      .tags = (const char *const *)txt->tags,
      .addresses = (const char *const *)texts.addresses,
      .interfaces = (const char *const *)texts.interfaces,
      .attributes = txt->attributes,
      .local = records->local,
  });
}

DiscoInstance *
disco_records_to_instance (const DiscoRecords *records, const DiscoServiceName *service,
                           guint *malformed)
{
  g_auto (DiscoTxt) txt = { 0 };
  const char *name;

  disco_txt_decode (&txt, records->txt);
  if (malformed != NULL)
    *malformed += txt.malformed;
  name = name_in_service (service, &txt);
  return name != NULL ? make_instance (records, &txt, name) : NULL;
}
