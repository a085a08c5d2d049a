/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-published.h"

#include "disco-label-private.h"
#include "sim-net-private.h"
#include "test-txt.h"

#include <string.h>

static const char *const types[2] = { "_http._tcp", "_disco._tcp" };

typedef struct
{
  World *world;
  DiscoLink *link; /* the agent's */
  GPtrArray *seen; /* (owned) of (owned) text */
  GPtrArray *due;  /* (owned) of (owned) text */
} Comparison;

static char *
describe_rdata (const char *key, const SimFact *fact)
{
  gsize size;
  const guint8 *rdata = g_bytes_get_data (fact->rdata, &size);
  g_autofree char *host = NULL;

  if (g_str_has_prefix (key, "16 "))
    return test_txt_to_string (fact->rdata);
  if (!g_str_has_prefix (key, "33 "))
    return g_strdup_printf ("%u.%u.%u.%u", rdata[0], rdata[1], rdata[2], rdata[3]);
  host = disco_domain_name_from_wire (rdata + 6, size - 6, NULL);
  return g_strdup_printf ("%s:%u", host, (guint)(rdata[4] << 8 | rdata[5]));
}

static void
on_fact (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  Comparison *self = user_data;
  g_autofree char *what = NULL;

  if (fact->owner == NULL || fact->owner->base.link != self->link)
    return;
  what = fact->label != NULL ? g_strdup (fact->label) : describe_rdata (key, fact);
  g_ptr_array_add (self->seen,
                   g_strdup_printf ("%d/%d %s %s", fact->ifindex, fact->protocol, key, what));
}

/* The label by which @id is published. (nullable) */
static const char *
find_label (Comparison *self, const char *id, const char **host)
{
  g_autofree char *start = g_strdup_printf ("disco.id=%s|", id);

  for (GList *i = self->world->net->live[SIM_GROUP].head; i != NULL; i = i->next)
    {
      SimObject *group = i->data;

      for (guint k = 0; group->base.link == self->link && k < group->entries->len; k++)
        {
          const DiscoLinkEntry *entry = &g_array_index (group->entries, DiscoLinkEntry, k);
          g_autofree char *txt
              = entry->kind == DISCO_ENTRY_SERVICE ? test_txt_to_string (entry->txt) : NULL;

          if (txt == NULL || !g_str_has_prefix (txt, start))
            continue;
          *host = entry->host;
          return entry->label;
        }
    }
  return NULL;
}

/* What was asked for, or that with a number; and if it is not what was asked for, it was told. */
static void
check_label (World *self, const char *id, const Spec *spec, const char *label)
{
  const char *wanted = sim_label (spec->label, id);
  const char *told = g_hash_table_lookup (self->renamed, id);
  gsize size = strlen (wanted);

  sim_check (strncmp (label, wanted, size) == 0
                 && (label[size] == '\0' || g_str_has_prefix (label + size, " #")),
             "%s is announced as \"%s\"", id, label);
  sim_check (label[size] == '\0' || g_strcmp0 (told, label) == 0,
             "nobody was told that %s is \"%s\" now", id, label);
}

static void
add_due (Comparison *self, int ifindex, const char *key, const char *what)
{
  g_autofree char *lower = g_ascii_strdown (key, -1);

  for (int protocol = 0; protocol <= 1; protocol++)
    g_ptr_array_add (self->due, g_strdup_printf ("%d/%d %s %s", ifindex, protocol, lower, what));
}

static void
add_due_ptrs (Comparison *self, int ifindex, const Spec *spec, const char *label)
{
  const char *type = types[spec->name];
  g_autofree char *key = sim_key_ptr (type);

  add_due (self, ifindex, key, label);
  if (spec->name == 1)
    add_due (self, ifindex, "ptr _billing-of-invoices._sub._disco._tcp", label);
  for (const char *const *tag = sim_tags (spec->tags); *tag != NULL; tag++)
    {
      g_autofree char *subtype = g_strdup_printf ("ptr _%s._sub.%s", *tag, type);
      add_due (self, ifindex, subtype, label);
    }
}

static char *
make_txt (const char *id, const Spec *spec)
{
  g_autofree char *tags = g_strjoinv (",", (char **)sim_tags (spec->tags));

  return g_strdup_printf (
      "disco.id=%s|%s%s%s%sv=%u|", id, spec->name == 1 ? "disco.name=billing-of-invoices|" : "",
      *tags != '\0' ? "disco.tags=" : "", tags, *tags != '\0' ? "|" : "", spec->version);
}

static void
add_due_records (Comparison *self, int ifindex, const char *id, const Spec *spec, const char *label,
                 const char *own_host)
{
  g_autofree char *name = disco_full_name_join (label, types[spec->name], "local");
  g_autofree char *srv_key = sim_key_record (DISCO_RECORD_SRV, name);
  g_autofree char *txt_key = sim_key_record (DISCO_RECORD_TXT, name);
  const char *hosts[] = { self->world->host, own_host, "h1.local" };
  const char *host = hosts[spec->addr];
  g_autofree char *srv = g_strdup_printf ("%s:%u", host, spec->port);
  g_autofree char *txt = make_txt (id, spec);

  add_due (self, ifindex, srv_key, srv);
  add_due (self, ifindex, txt_key, txt);
  if (spec->addr == 1)
    {
      g_autofree char *key = sim_key_record (DISCO_RECORD_A, host);
      add_due (self, ifindex, key, "10.0.0.9");
    }
}

static void
add_registration (Comparison *self, const char *id, const Spec *spec)
{
  const char *own_host = NULL;
  const char *label = find_label (self, id, &own_host);

  for (int ifindex = 1; ifindex <= N_INTERFACES; ifindex++)
    {
      if (!sim_net_is_up (self->world->net, ifindex) || !sim_world_is_used (self->world, ifindex))
        continue;
      sim_check (label != NULL, "%s is registered, and not announced", id);
      check_label (self->world, id, spec, label);
      add_due_ptrs (self, ifindex, spec, label);
      add_due_records (self, ifindex, id, spec, label, own_host);
    }
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
compare (Comparison *self)
{
  g_ptr_array_sort (self->seen, compare_texts);
  g_ptr_array_sort (self->due, compare_texts);
  for (guint i = 0; i < MAX (self->seen->len, self->due->len); i++)
    {
      const char *seen = i < self->seen->len ? self->seen->pdata[i] : NULL;
      const char *due = i < self->due->len ? self->due->pdata[i] : NULL;

      if (g_strcmp0 (seen, due) == 0)
        continue;
      if (seen != NULL && (due == NULL || strcmp (seen, due) < 0))
        sim_fail ("what is announced is what is registered: this is not: %s", seen);
      sim_fail ("what is registered is announced: this is not: %s", due);
    }
}

void
sim_check_published (World *self)
{
  Comparison comparison = {
    .world = self,
    .link = sim_world_get_link (self),
    .seen = g_ptr_array_new_with_free_func (g_free),
    .due = g_ptr_array_new_with_free_func (g_free),
  };
  GHashTableIter iter;
  gpointer id;
  gpointer spec;

  sim_net_for_each_fact (self->net, NULL, on_fact, &comparison);
  g_hash_table_iter_init (&iter, self->desired);
  while (g_hash_table_iter_next (&iter, &id, &spec))
    add_registration (&comparison, id, spec);
  compare (&comparison);
  g_ptr_array_unref (comparison.seen);
  g_ptr_array_unref (comparison.due);
}
