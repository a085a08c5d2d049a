/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mapping once more, from the network's records to instances, as simple and slow as can be: the
 * truth that what the library shows is compared with. */
#include "sim-world.h"

#include "disco-instance-private.h"
#include "disco-label-private.h"
#include "disco-name-private.h"
#include "sim-net-private.h"
#include "test-txt.h"

#include <string.h>

/* One DNS-SD name */
typedef struct
{
  World *world;
  char *label;      /* (owned) */
  char *full_name;  /* (owned) */
  char *claimed_id; /* (owned) (nullable) */
  gboolean sighted[N_INTERFACES];
  gboolean local;
  const SimFact *srv; /* (nullable) */
  const SimFact *txt; /* (nullable) */
  char *name;         /* (owned): the service's */
  char *host;         /* (owned) (nullable) */
  char *tags;         /* (owned): "aa,bb" */
  char *rest;         /* (owned): what is described behind the id */
} Name;

static void
name_free (gpointer data)
{
  Name *self = data;

  g_free (self->label);
  g_free (self->full_name);
  g_free (self->claimed_id);
  g_free (self->name);
  g_free (self->host);
  g_free (self->tags);
  g_free (self->rest);
  g_free (self);
}

/* --- records --- */

typedef struct
{
  const Name *name;
  const SimFact *found;
} Search;

/* An interface that shows the name before one that does not, then the lowest, and the newest there.
 */
static void
on_record (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  Search *search = user_data;
  const gboolean *sighted = search->name->sighted;
  const SimFact *found = search->found;

  if (!sim_world_is_used (search->name->world, fact->ifindex))
    return;
  if (found == NULL || (sighted[fact->ifindex - 1] && !sighted[found->ifindex - 1])
      || (sighted[fact->ifindex - 1] == sighted[found->ifindex - 1]
          && fact->ifindex <= found->ifindex))
    search->found = fact;
}

static const SimFact *
find_record (Name *self, guint16 type)
{
  g_autofree char *key = sim_key_record (type, self->full_name);
  Search search = { self, NULL };

  sim_net_for_each_fact (self->world->net, key, on_record, &search);
  return search.found;
}

/* The value of "@key…" among the strings of a TXT record. (transfer full) (nullable) */
static char *
txt_get (const SimFact *txt, const char *key)
{
  g_autofree char *text = txt != NULL ? test_txt_to_string (txt->rdata) : g_strdup ("");
  g_auto (GStrv) strings = g_strsplit (text, "|", -1);

  for (guint i = 0; strings[i] != NULL; i++)
    if (g_str_has_prefix (strings[i], key))
      return g_strdup (strings[i] + strlen (key));
  return NULL;
}

/* --- addresses --- */

typedef struct
{
  int rank;
  guint8 bytes[16];
  int ifindex;
  char text[64];
} Address;

typedef struct
{
  World *world;
  GArray *addresses; /* of Address */
} AddressSearch;

static void
on_address (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  AddressSearch *search = user_data;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (fact->rdata, &size);
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_bytes (
      bytes, size == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
  g_autofree char *text = g_inet_address_to_string (inet);
  gboolean link_local = g_inet_address_get_is_link_local (inet);
  Address address = { .ifindex = fact->ifindex };

  if (!sim_world_is_used (search->world, fact->ifindex))
    return;
  address.rank = (size == 4 ? 0 : 1) + (link_local ? 2 : 0);
  memcpy (address.bytes, bytes, size);
  g_snprintf (address.text, sizeof address.text, "%s%s%s", text,
              link_local && size == 16 ? "%" : "",
              link_local && size == 16 ? sim_interface_name (fact->ifindex) : "");
  g_array_append_val (search->addresses, address);
}

static int
compare_addresses (gconstpointer a, gconstpointer b)
{
  const Address *one = a;
  const Address *other = b;
  int order = one->rank - other->rank;

  if (order == 0)
    order = memcmp (one->bytes, other->bytes, sizeof one->bytes);
  return order != 0 ? order : strcmp (one->text, other->text);
}

/* (transfer full) (element Address), best first */
static GArray *
find_addresses (World *self, const char *host)
{
  g_autofree char *a = sim_key_record (DISCO_RECORD_A, host);
  g_autofree char *aaaa = sim_key_record (DISCO_RECORD_AAAA, host);
  AddressSearch search = { self, g_array_new (FALSE, FALSE, sizeof (Address)) };

  sim_net_for_each_fact (self->net, a, on_address, &search);
  sim_net_for_each_fact (self->net, aaaa, on_address, &search);
  g_array_sort (search.addresses, compare_addresses);
  return search.addresses;
}

static gboolean
has_address_on (GArray *addresses, guint i)
{
  for (guint k = 0; k < addresses->len; k++)
    if (g_array_index (addresses, Address, k).ifindex == (int)i + 1)
      return TRUE;
  return FALSE;
}

/* --- one name --- */

/* What is reached on interfaces that have both the name and an address; else on all of them */
static void
describe_places (Name *self, GArray *addresses, GString *text)
{
  gboolean common = FALSE;
  const char *last = "";

  for (guint i = 0; i < N_INTERFACES; i++)
    common |= self->sighted[i] && has_address_on (addresses, i);
  for (guint k = 0; k < addresses->len; k++)
    {
      const Address *address = &g_array_index (addresses, Address, k);
      guint i = (guint)address->ifindex - 1;
      if ((!common || self->sighted[i]) && !g_str_equal (address->text, last))
        g_string_append_printf (text, "%s ", address->text);
      if (!common || self->sighted[i])
        last = address->text;
    }
  g_string_append (text, "on ");
  for (guint i = 0; i < N_INTERFACES; i++)
    if (self->sighted[i] && (!common || has_address_on (addresses, i)))
      g_string_append_printf (text, "%s ", sim_interface_name ((int)i + 1));
}

/* FALSE if it cannot be shown */
static gboolean
describe_name (Name *self, const DiscoServiceName *service)
{
  g_autoptr (GArray) addresses = NULL;
  g_autofree char *version = txt_get (self->txt, "v=");
  const guint8 *rdata;
  GString *text;
  gsize size;

  rdata = g_bytes_get_data (self->srv->rdata, &size);
  self->host = disco_domain_name_from_wire (rdata + 6, size - 6, NULL);
  addresses = find_addresses (self->world, self->host);
  if (addresses->len == 0 && g_str_has_suffix (self->host, ".local"))
    return FALSE;
  text = g_string_new (NULL);
  g_string_append_printf (text, "%s \"%s\" %s %s:%u tags=%s v=%s %s at ", self->name, self->label,
                          service->type, self->host, (guint)(rdata[4] << 8 | rdata[5]), self->tags,
                          version != NULL ? version : "-", self->local ? "local" : "remote");
  describe_places (self, addresses, text);
  self->rest = g_string_free (text, FALSE);
  return TRUE;
}

/* Nobody answers for it, as far as the agent knows: that is right, or it is about to be put right.
 */
static gboolean
is_hidden (Name *self)
{
  if (!sim_is_silent (self->world, self->full_name))
    return FALSE;
  sim_check (!sim_is_answered (self->world, self->full_name), "%s answers, and is taken for silent",
             self->full_name);
  return TRUE;
}

static gboolean
read_records (Name *self, const DiscoServiceName *service)
{
  g_autofree char *generic = NULL;

  self->full_name = disco_full_name_join (self->label, service->type, DISCO_DOMAIN);
  self->srv = find_record (self, DISCO_RECORD_SRV);
  self->txt = find_record (self, DISCO_RECORD_TXT);
  if (self->srv == NULL || is_hidden (self))
    return FALSE;
  self->claimed_id = txt_get (self->txt, "disco.id=");
  self->tags = txt_get (self->txt, "disco.tags=");
  if (self->tags == NULL)
    self->tags = g_strdup ("");
  generic = txt_get (self->txt, "disco.name=");
  if (service->is_generic && !service->is_any_generic && g_strcmp0 (generic, service->name) != 0)
    return FALSE;
  self->name = g_strdup (service->is_any_generic && generic != NULL ? generic : service->name);
  return describe_name (self, service);
}

/* --- all names --- */

typedef struct
{
  World *world;
  GPtrArray *names; /* of Name */
} Sightings;

static void
on_ptr (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  Sightings *sightings = user_data;
  World *world = sightings->world;
  Name *name = NULL;

  if (!sim_world_is_used (world, fact->ifindex))
    return;
  for (guint i = 0; i < sightings->names->len; i++)
    if (g_str_equal (((Name *)sightings->names->pdata[i])->label, fact->label))
      name = sightings->names->pdata[i];
  if (name == NULL)
    {
      name = g_new0 (Name, 1);
      name->world = world;
      name->label = g_strdup (fact->label);
      g_ptr_array_add (sightings->names, name);
    }
  name->sighted[fact->ifindex - 1] = TRUE;
  name->local |= fact->owner != NULL && fact->owner->base.link == sim_world_get_link (world);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(Name *const *)a)->full_name, (*(Name *const *)b)->full_name);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static gboolean
has_tags (const Name *name, guint bits)
{
  g_auto (GStrv) tags = g_strsplit (name->tags, ",", -1);

  for (const char *const *tag = sim_tags (bits); *tag != NULL; tag++)
    if (!g_strv_contains ((const char *const *)tags, *tag))
      return FALSE;
  return TRUE;
}

/* The smallest of the names that claim an id has it. */
static GPtrArray *
give_ids (GPtrArray *names, guint tags)
{
  g_autoptr (GHashTable) given = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      Name *name = names->pdata[i];
      const char *id = name->full_name;

      if (name->claimed_id != NULL && g_hash_table_add (given, name->claimed_id))
        id = name->claimed_id;
      if (has_tags (name, tags))
        g_ptr_array_add (texts, g_strconcat (id, ": ", name->rest, NULL));
    }
  g_ptr_array_sort (texts, compare_texts);
  return texts;
}

GPtrArray *
sim_oracle (World *self, const char *name, guint tags)
{
  g_autoptr (DiscoServiceName) service = disco_service_name_parse (name, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (name_free);
  g_autofree char *key = sim_key_ptr (service->browse_type);
  Sightings sightings = { self, names };

  sim_net_for_each_fact (self->net, key, on_ptr, &sightings);
  for (guint i = names->len; i > 0; i--)
    if (!read_records (names->pdata[i - 1], service))
      g_ptr_array_remove_index_fast (names, i - 1);
  return give_ids (names, tags);
}

/* Appends without allocating: a trace must not change where memory lies. */
static void append (char *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
append (char *text, const char *format, ...)
{
  const gsize length = strlen (text);
  va_list args;

  va_start (args, format);
  g_vsnprintf (text + length, SIM_DESCRIPTION_SIZE - length, format, args);
  va_end (args);
}

static void
append_strv (char *text, const char *const *strv, const char *before, const char *after)
{
  for (guint i = 0; strv[i] != NULL; i++)
    append (text, "%s%s%s", i > 0 ? before : "", strv[i], after);
}

const char *
sim_describe (DiscoInstance *instance)
{
  static char text[SIM_DESCRIPTION_SIZE];
  GBytes *version = disco_instance_get_attribute (instance, "v", NULL);
  gsize size = 1;
  const char *value = version != NULL ? g_bytes_get_data (version, &size) : "-";

  *text = '\0';
  append (text, "%s: %s \"%s\" %s %s:%u tags=", disco_instance_get_id (instance),
          disco_instance_get_name (instance), disco_instance_get_label (instance),
          disco_instance_get_service_type (instance), disco_instance_get_hostname (instance),
          disco_instance_get_port (instance));
  append_strv (text, disco_instance_get_tags (instance), ",", "");
  append (text, " v=%.*s %s at ", (int)size, value,
          disco_instance_get_local (instance) ? "local" : "remote");
  append_strv (text, disco_instance_get_addresses (instance), "", " ");
  append (text, "on ");
  append_strv (text, disco_instance_get_interfaces (instance), "", " ");
  return text;
}
