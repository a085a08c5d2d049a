/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is what a link says to disco-responder, in messages and in mere bytes. The session ends
 * just where a second reading of the protocol finds a rule broken; what it says is messages about
 * objects that were asked for. avahi-core is the real one, with no interface to use: nothing is
 * sent. */
#include "fuzz-frames.h"

#include "disco-session-private.h"

#include <unistd.h>

#define N_NUMBERS 6
/* avahi-core keeps what is dead for a while */
#define INPUTS_PER_SERVER 50

typedef enum
{
  NONE,
  LOOKUP,
  GROUP,
} Kind;

static struct
{
  GMainContext *context; /* (owned) */
  DiscoServer *server;   /* (owned) */
  DiscoSession *session; /* (owned) (nullable): NULL once it has ended */
  DiscoWirePort *port;   /* (owned): reads what the session says */
  FuzzFrames frames;
  GHashTable *objects; /* (owned): number → Kind; those that the second reading knows of */
  GHashTable *known;   /* (owned): number → Kind; those that there have ever been */
  gboolean greeted;
  gboolean failed; /* by the second reading */
} world;

/* --- what the session says --- */

static void
check_number (guint32 number, Kind kind)
{
  gpointer known = g_hash_table_lookup (world.known, GUINT_TO_POINTER (number));

  /* a number may have been used for both kinds in turn */
  g_assert_cmpint ((GPOINTER_TO_INT (known) & (1 << kind)), !=, 0);
}

static void
check_browsed (GVariant *body)
{
  g_autoptr (GVariant) events = g_variant_get_child_value (body, 0);

  for (gsize i = 0; i < g_variant_n_children (events); i++)
    {
      g_autoptr (GVariant) event = g_variant_get_child_value (events, i);
      guint32 number;

      g_variant_get_child (event, 0, "u", &number);
      check_number (number, LOOKUP);
    }
}

static void
on_said (DiscoWireKind kind, GVariant *body, gpointer user_data)
{
  guint32 number;

  if (kind == DISCO_WIRE_HELLO || kind == DISCO_WIRE_STATE)
    return;
  if (kind == DISCO_WIRE_BROWSED)
    {
      check_browsed (body);
      return;
    }
  g_assert_true (kind == DISCO_WIRE_RESOLVED || kind == DISCO_WIRE_GROUP);
  g_variant_get_child (body, 0, "u", &number);
  check_number (number, kind == DISCO_WIRE_GROUP ? GROUP : LOOKUP);
}

static void
on_closed (const GError *error, gpointer user_data)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
on_ended (DiscoSession *session, gpointer user_data)
{
  g_clear_pointer (&world.session, disco_session_free);
}

static void
on_state (gpointer user_data)
{
}

/* --- the second reading --- */

static Kind
find (guint32 number)
{
  return (Kind)GPOINTER_TO_INT (g_hash_table_lookup (world.objects, GUINT_TO_POINTER (number)));
}

static gboolean
expect_new (guint32 number, Kind kind)
{
  gpointer key = GUINT_TO_POINTER (number);
  int kinds = GPOINTER_TO_INT (g_hash_table_lookup (world.known, key));

  if (find (number) != NONE)
    return FALSE;
  g_hash_table_insert (world.objects, key, GINT_TO_POINTER (kind));
  g_hash_table_insert (world.known, key, GINT_TO_POINTER (kinds | 1 << kind));
  return TRUE;
}

/* Strings of a length byte and as many bytes */
static gboolean
is_txt (const guint8 *bytes, gsize size)
{
  if (size > 8192)
    return FALSE;
  while (size > 0 && *bytes < size)
    {
      size -= *bytes + 1u;
      bytes += *bytes + 1u;
    }
  return size == 0;
}

static gboolean
is_entry (GVariant *entry, gboolean of_update)
{
  g_autoptr (GVariant) txt = g_variant_get_child_value (entry, 7);
  g_autoptr (GVariant) address = g_variant_get_child_value (entry, 9);
  gsize n_address = g_variant_n_children (address);
  const char *host;
  guint8 kind;
  int ifindex;

  g_variant_get_child (entry, 0, "y", &kind);
  g_variant_get_child (entry, 1, "i", &ifindex);
  g_variant_get_child (entry, 5, "&s", &host);
  if (ifindex < -1 || ifindex == 0)
    return FALSE;
  if (kind == DISCO_WIRE_ENTRY_SERVICE)
    return is_txt (g_variant_get_data (txt), g_variant_n_children (txt));
  if (of_update)
    return FALSE;
  return kind == DISCO_WIRE_ENTRY_SUBTYPE
         || (kind == DISCO_WIRE_ENTRY_ADDRESS && *host != '\0'
             && (n_address == 4 || n_address == 16));
}

static gboolean
expect_publish (guint32 number, GVariant *body)
{
  g_autoptr (GVariant) entries = g_variant_get_child_value (body, 1);
  gsize n_entries = g_variant_n_children (entries);

  if (n_entries < 1 || n_entries > 64)
    return FALSE;
  for (gsize i = 0; i < n_entries; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (entries, i);
      if (!is_entry (entry, FALSE))
        return FALSE;
    }
  return expect_new (number, GROUP);
}

static gboolean
expect_lookup (guint kind, guint32 number, GVariant *body)
{
  guint16 type;
  int ifindex;
  int protocol;

  if (kind == DISCO_WIRE_BROWSE_RECORDS)
    {
      g_variant_get_child (body, 2, "q", &type);
      /* A, PTR, TXT, AAAA, SRV */
      if (type != 1 && type != 12 && type != 16 && type != 28 && type != 33)
        return FALSE;
    }
  if (kind == DISCO_WIRE_RESOLVE)
    {
      g_variant_get_child (body, 1, "i", &ifindex);
      g_variant_get_child (body, 2, "i", &protocol);
      if (ifindex < -1 || protocol < -1 || protocol > 1)
        return FALSE;
    }
  return expect_new (number, LOOKUP);
}

static gboolean
expect_update (guint32 number, GVariant *body)
{
  g_autoptr (GVariant) entry = g_variant_get_child_value (body, 1);

  return find (number) == GROUP && is_entry (entry, TRUE);
}

/* FALSE: the session ends by it. */
static gboolean
expect (guint kind, GVariant *body)
{
  guint32 number;

  if (body == NULL)
    return FALSE;
  if (kind == DISCO_WIRE_HELLO || !world.greeted)
    {
      if (kind != DISCO_WIRE_HELLO || world.greeted)
        return FALSE;
      g_variant_get (body, "(u)", &number);
      world.greeted = number == DISCO_WIRE_VERSION;
      return world.greeted;
    }
  if (kind >= DISCO_WIRE_STATE)
    return FALSE;
  g_variant_get_child (body, 0, "u", &number);
  if (kind == DISCO_WIRE_FREE)
    return g_hash_table_remove (world.objects, GUINT_TO_POINTER (number));
  if (kind == DISCO_WIRE_PUBLISH)
    return expect_publish (number, body);
  if (kind == DISCO_WIRE_UPDATE_TXT || kind == DISCO_WIRE_UPDATE_SRV)
    return expect_update (number, body);
  return expect_lookup (kind, number, body);
}

/* All that has been written arrives, and what it leads to is what was to be expected. */
static void
settle (void)
{
  while (!world.failed)
    {
      g_autoptr (GVariant) body = NULL;
      guint kind;

      if (!fuzz_frames_read (&world.frames, &kind, &body))
        break;
      world.failed = !expect (kind, body);
    }
  while (g_main_context_iteration (world.context, FALSE))
    continue;
  g_assert_true ((world.session == NULL) == world.failed);
}

/* --- the steps --- */

static guint32
take_number (FuzzInput *input)
{
  return fuzz_take_below (input, N_NUMBERS);
}

static GVariant *
take_txt (FuzzInput *input)
{
  gsize size;
  const guint8 *bytes = fuzz_take_bytes (input, &size);
  g_autoptr (GByteArray) txt = g_byte_array_new ();
  guint8 length = (guint8)size;

  /* as it is, or made one string, or many of them */
  if (fuzz_take_below (input, 3) == 0)
    return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, size, 1);
  for (guint n = 1 + fuzz_take_below (input, 40); n > 0; n--)
    {
      g_byte_array_append (txt, &length, 1);
      g_byte_array_append (txt, bytes, length);
    }
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, txt->data, txt->len, 1);
}

static GVariant *
take_address (FuzzInput *input)
{
  static const guint8 bytes[16] = { 192, 0, 2, 1 };
  static const gsize sizes[] = { 0, 4, 16, 5 };

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes,
                                    sizes[fuzz_take_below (input, G_N_ELEMENTS (sizes))], 1);
}

static GVariant *
take_entry (FuzzInput *input)
{
  guint8 kind = (guint8)fuzz_take_below (input, 4);
  int ifindex = (int)fuzz_take_below (input, 4) - 1;
  g_autofree char *label = fuzz_take_name (input);
  g_autofree char *type = fuzz_take_name (input);
  g_autofree char *domain = fuzz_take_name (input);
  g_autofree char *host = fuzz_take_name (input);
  guint16 port = fuzz_take_uint16 (input);
  GVariant *txt = take_txt (input);
  g_autofree char *subtype
      = fuzz_take_below (input, 2) == 0 ? g_strdup ("_a._sub._http._tcp") : fuzz_take_name (input);
  GVariant *address = take_address (input);

  return g_variant_new ("(yissssq@ays@ay)", kind, ifindex == 0 ? -2 : ifindex, label, type, domain,
                        host, port, txt, subtype, address);
}

static void
say_publish (FuzzInput *input)
{
  guint32 number = take_number (input);
  guint n = fuzz_take_below (input, 6);
  guint times = n == 5 ? 13 : 1; /* 65: more than there may be */
  GVariantBuilder entries;

  g_variant_builder_init (&entries, G_VARIANT_TYPE ("a" DISCO_WIRE_ENTRY_TYPE));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_ref_sink (take_entry (input));
      for (guint time = 0; time < times; time++)
        g_variant_builder_add_value (&entries, entry);
    }
  fuzz_frames_add (&world.frames, DISCO_WIRE_PUBLISH,
                   g_variant_new ("(ua" DISCO_WIRE_ENTRY_TYPE ")", number, &entries));
}

static void
say_update (FuzzInput *input)
{
  guint kind = DISCO_WIRE_UPDATE_TXT + fuzz_take_below (input, 2);
  guint32 number = take_number (input);

  fuzz_frames_add (&world.frames, kind,
                   g_variant_new ("(u@" DISCO_WIRE_ENTRY_TYPE ")", number, take_entry (input)));
}

static void
say_browse (FuzzInput *input)
{
  static const guint16 types[] = { 1, 12, 16, 28, 33, 5, 255 };
  guint kind = DISCO_WIRE_BROWSE_SERVICES + fuzz_take_below (input, 3);
  guint32 number = take_number (input);
  g_autofree char *name = fuzz_take_name (input);
  guint16 type = types[fuzz_take_below (input, G_N_ELEMENTS (types))];

  if (kind == DISCO_WIRE_BROWSE_SERVICES)
    fuzz_frames_add (&world.frames, kind, g_variant_new ("(us)", number, name));
  else if (kind == DISCO_WIRE_BROWSE_TYPES)
    fuzz_frames_add (&world.frames, kind, g_variant_new ("(u)", number));
  else
    fuzz_frames_add (&world.frames, kind, g_variant_new ("(usq)", number, name, type));
}

static void
say_resolve (FuzzInput *input)
{
  guint32 number = take_number (input);
  int ifindex = fuzz_take_place (input);
  int protocol = (int)fuzz_take_below (input, 5) - 2;
  g_autofree char *label = fuzz_take_name (input);
  g_autofree char *type = fuzz_take_name (input);
  g_autofree char *domain = fuzz_take_name (input);

  fuzz_frames_add (&world.frames, DISCO_WIRE_RESOLVE,
                   g_variant_new ("(uiisss)", number, ifindex, protocol, label, type, domain));
}

static void
say_free (FuzzInput *input)
{
  fuzz_frames_add (&world.frames, DISCO_WIRE_FREE, g_variant_new ("(u)", take_number (input)));
}

static void
say_hello (FuzzInput *input)
{
  fuzz_frames_add (&world.frames, DISCO_WIRE_HELLO,
                   g_variant_new ("(u)", fuzz_take_below (input, 3)));
}

static void
say_raw (FuzzInput *input)
{
  fuzz_frames_add_raw (&world.frames, input);
}

static void
step (FuzzInput *input)
{
  static void (*const says[]) (FuzzInput *)
      = { say_publish, say_publish, say_publish, say_update, say_update, say_browse,
          say_browse,  say_resolve, say_free,    say_free,   say_raw,    say_hello };

  says[fuzz_take_below (input, G_N_ELEMENTS (says))](input);
  fuzz_frames_write (&world.frames, input);
}

/* --- the world --- */

static void
begin_server (void)
{
  static const char *const interfaces[] = { "none-of-them", NULL };
  static guint n_inputs;

  if (n_inputs++ % INPUTS_PER_SERVER != 0)
    return;
  g_clear_pointer (&world.server, disco_server_free);
  if (world.context == NULL)
    world.context = g_main_context_new ();
  world.server = disco_server_new (interfaces, world.context, on_state, NULL);
  if (disco_server_get_avahi (world.server) == NULL)
    g_error ("avahi-core does not start here");
}

static void
begin (FuzzInput *input)
{
  int fd;

  begin_server ();
  fuzz_frames_init (&world.frames, &fd);
  world.objects = g_hash_table_new (NULL, NULL);
  world.known = g_hash_table_new (NULL, NULL);
  world.greeted = FALSE;
  world.failed = FALSE;
  world.port = disco_wire_port_new (dup (world.frames.fd), world.context, on_said, on_closed, NULL);
  world.session = disco_session_new (fd, world.context, world.server, on_ended, NULL);
  if (fuzz_take_below (input, 8) == 0)
    return; /* else what most of them need */
  fuzz_frames_add (&world.frames, DISCO_WIRE_HELLO, g_variant_new ("(u)", DISCO_WIRE_VERSION));
  fuzz_frames_write_all (&world.frames);
  settle ();
}

static void
end (void)
{
  g_clear_pointer (&world.session, disco_session_free);
  g_clear_pointer (&world.port, disco_wire_port_free);
  while (g_main_context_iteration (world.context, FALSE))
    continue;
  g_hash_table_unref (world.objects);
  g_hash_table_unref (world.known);
  fuzz_frames_clear (&world.frames);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };

  begin (&input);
  fuzz_frames_play (&world.frames, &input, step, settle);
  end ();
  return 0;
}
