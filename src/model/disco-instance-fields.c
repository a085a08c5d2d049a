/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"

#include <string.h>

static const char *const empty_list[] = { NULL };

static void
add_text_size (gsize *n_bytes, const char *text)
{
  if (text != NULL)
    *n_bytes += strlen (text) + 1;
}

static void
add_list_size (gsize *n_pointers, gsize *n_bytes, const char *const *list)
{
  if (list == NULL || list[0] == NULL)
    return;
  for (guint i = 0; list[i] != NULL; i++, *n_pointers += 1)
    add_text_size (n_bytes, list[i]);
  *n_pointers += 1;
}

/* Where the next list and the next text go. Lists come first in the block, for their alignment. */
typedef struct
{
  const char **list;
  char *text;
} Packer;

static const char *
pack_text (Packer *packer, const char *text)
{
  char *packed = packer->text;

  if (text == NULL)
    return "";
  packer->text = stpcpy (packed, text) + 1;
  return packed;
}

static const char *const *
pack_list (Packer *packer, const char *const *list)
{
  const char **packed = packer->list;

  if (list == NULL || list[0] == NULL)
    return empty_list;
  for (; *list != NULL; list++)
    *packer->list++ = pack_text (packer, *list);
  *packer->list++ = NULL;
  return packed;
}

static gpointer
make_block (const DiscoInstanceFields *fields, Packer *packer)
{
  gsize n_pointers = 0, n_bytes = 0;
  gpointer block;

  add_text_size (&n_bytes, fields->id);
  add_text_size (&n_bytes, fields->name);
  add_text_size (&n_bytes, fields->label);
  add_text_size (&n_bytes, fields->type);
  add_text_size (&n_bytes, fields->domain);
  add_text_size (&n_bytes, fields->hostname);
  add_list_size (&n_pointers, &n_bytes, fields->tags);
  add_list_size (&n_pointers, &n_bytes, fields->addresses);
  add_list_size (&n_pointers, &n_bytes, fields->interfaces);

  /* one byte more, for without any text there would be no block to point into */
  block = g_malloc (n_pointers * sizeof (char *) + n_bytes + 1);
  packer->list = block;
  packer->text = (char *)block + n_pointers * sizeof (char *);
  return block;
}

gpointer
disco_instance_fields_pack (const DiscoInstanceFields *fields, DiscoInstanceFields *packed)
{
  Packer packer;
  gpointer block = make_block (fields, &packer);

  *packed = (DiscoInstanceFields){
    .id = pack_text (&packer, fields->id),
    .name = pack_text (&packer, fields->name),
    .label = pack_text (&packer, fields->label),
    .type = pack_text (&packer, fields->type),
    .domain = pack_text (&packer, fields->domain),
    .hostname = pack_text (&packer, fields->hostname),
    .port = fields->port,
    .tags = pack_list (&packer, fields->tags),
    .addresses = pack_list (&packer, fields->addresses),
    .interfaces = pack_list (&packer, fields->interfaces),
    .attributes = fields->attributes,
    .local = fields->local != FALSE,
  };
  return block;
}
