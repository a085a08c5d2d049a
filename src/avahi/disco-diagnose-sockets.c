/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who listens on a UDP port of this host, as Linux tells it in /proc. */
#include "disco-diagnose-private.h"

#include <string.h>

/* The columns of /proc/net/udp, after whose last one there may be more */
enum
{
  COLUMN_LOCAL = 1, /* ADDRESS:PORT in hexadecimal */
  COLUMN_UID = 7,
  COLUMN_INODE = 9,
  N_COLUMNS,
};

/* The words of an address are in the machine's own order of bytes. */
#define WORD_DIGITS 8

/* What is bound to a group takes nothing that is sent to this host alone: who only listens along.
 */
static gboolean
is_group (const char *address, gsize n_digits)
{
  char digits[WORD_DIGITS + 1] = "";
  guint64 value;
  guint32 word;
  guint8 first;

  memcpy (digits, address, MIN (n_digits, WORD_DIGITS));
  if (!g_ascii_string_to_unsigned (digits, 16, 0, G_MAXUINT32, &value, NULL))
    return FALSE;
  word = (guint32)value;
  memcpy (&first, &word, sizeof first);
  return n_digits > WORD_DIGITS ? first == 0xff : first >= 224 && first < 240;
}

static gboolean
parse_socket (const char *line, guint16 port, DiscoUdpSocket *found)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);
  const char *columns[N_COLUMNS];
  guint n = 0;
  guint64 value;
  const char *colon;

  for (guint i = 0; words[i] != NULL && n < N_COLUMNS; i++)
    {
      if (words[i][0] != '\0')
        columns[n++] = words[i];
    }
  if (n < N_COLUMNS)
    return FALSE;
  colon = strrchr (columns[COLUMN_LOCAL], ':');
  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 16, 0, G_MAXUINT16, &value, NULL)
      || value != port || is_group (columns[COLUMN_LOCAL], (gsize)(colon - columns[COLUMN_LOCAL])))
    return FALSE;
  if (!g_ascii_string_to_unsigned (columns[COLUMN_UID], 10, 0, G_MAXUINT32, &value, NULL))
    return FALSE;
  found->uid = (guint)value;
  return g_ascii_string_to_unsigned (columns[COLUMN_INODE], 10, 0, G_MAXUINT64, &found->inode,
                                     NULL);
}

void
disco_udp_sockets_parse (const char *text, guint16 port, GArray *sockets)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      DiscoUdpSocket found;
      if (parse_socket (lines[i], port, &found))
        g_array_append_val (sockets, found);
    }
}

/* --- whose they are --- */

static DiscoUdpOwner *
ensure_owner (GArray *owners, int pid, guint uid)
{
  DiscoUdpOwner owner = { .pid = pid, .uid = uid };
  g_autofree char *path = g_strdup_printf ("/proc/%d/comm", pid);

  for (guint i = 0; i < owners->len; i++)
    {
      DiscoUdpOwner *known = &g_array_index (owners, DiscoUdpOwner, i);
      if (known->pid == pid && (pid != 0 || known->uid == uid))
        return known;
    }
  if (pid != 0 && g_file_get_contents (path, &owner.name, NULL, NULL))
    g_strchomp (owner.name);
  g_array_append_val (owners, owner);
  return &g_array_index (owners, DiscoUdpOwner, owners->len - 1);
}

/* The inode of a descriptor that is a socket, or 0 */
static guint64
socket_inode (const char *folder, const char *name)
{
  static const char prefix[] = "socket:[";
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *target = g_file_read_link (path, NULL);

  if (target == NULL || !g_str_has_prefix (target, prefix))
    return 0;
  return g_ascii_strtoull (target + strlen (prefix), NULL, 10);
}

/* A socket that several processes share belongs to the first of them. */
static void
claim_sockets (GHashTable *unclaimed, GArray *owners, int pid)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      guint64 inode = socket_inode (folder, name);
      gpointer uid;
      if (inode == 0 || !g_hash_table_lookup_extended (unclaimed, &inode, NULL, &uid))
        continue;
      ensure_owner (owners, pid, GPOINTER_TO_UINT (uid))->n_sockets++;
      g_hash_table_remove (unclaimed, &inode);
    }
}

static void
claim_by_programs (GHashTable *unclaimed, GArray *owners)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint64 pid;

  while (proc != NULL && g_hash_table_size (unclaimed) > 0
         && (name = g_dir_read_name (proc)) != NULL)
    {
      if (g_ascii_string_to_unsigned (name, 10, 1, G_MAXINT, &pid, NULL))
        claim_sockets (unclaimed, owners, (int)pid);
    }
}

static void
clear_owner (gpointer data)
{
  g_free (((DiscoUdpOwner *)data)->name);
}

GArray *
disco_udp_owners_new (GArray *sockets)
{
  g_autoptr (GHashTable) unclaimed = g_hash_table_new (g_int64_hash, g_int64_equal);
  GArray *owners = g_array_new (FALSE, FALSE, sizeof (DiscoUdpOwner));
  GHashTableIter iter;
  gpointer uid;

  g_array_set_clear_func (owners, clear_owner);
  for (guint i = 0; i < sockets->len; i++)
    {
      DiscoUdpSocket *found = &g_array_index (sockets, DiscoUdpSocket, i);
      g_hash_table_insert (unclaimed, &found->inode, GUINT_TO_POINTER (found->uid));
    }
  claim_by_programs (unclaimed, owners);
  /* what we may not see into: a user counts as one program */
  g_hash_table_iter_init (&iter, unclaimed);
  while (g_hash_table_iter_next (&iter, NULL, &uid))
    ensure_owner (owners, 0, GPOINTER_TO_UINT (uid))->n_sockets++;
  return owners;
}
