/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is what a responder says to the library's link, in messages and in mere bytes, and what
 * the link is asked for meanwhile. Whoever asked is told just what a second reading of the protocol
 * finds in it, and the link fails where that finds a rule broken. */
#include "fuzz-frames.h"

#include "disco-embedded-link-private.h"
#include "disco-label-private.h"

#include <disco/disco-error.h>
#include <string.h>

#define N_OBJECTS 6

typedef struct
{
  GMainContext *context;
  FuzzFrames frames;
  DiscoLink *link; /* (owned) */
  struct
  {
    DiscoLinkObject *object; /* (owned) (nullable) */
    DiscoWireKind made_by;
    guint32 number;
  } objects[N_OBJECTS];
  guint32 n_made; /* the link counts its objects */
  guint n_told;
  guint n_expected;
  gboolean greeted;
  gboolean failed; /* by the second reading */
} World;

static World world;

/* --- what the link tells --- */

static gsize
get_index (gpointer user_data)
{
  gsize i = GPOINTER_TO_SIZE (user_data);

  g_assert_nonnull (world.objects[i].object);
  g_assert_cmpint (disco_link_get_state (world.link), !=, DISCO_LINK_FAILED);
  world.n_told++;
  return i;
}

static gboolean
is_text (const char *text, gsize max_bytes)
{
  return strlen (text) <= max_bytes && g_utf8_validate (text, -1, NULL);
}

static void
on_browse (const DiscoBrowseEvent *event, gpointer user_data)
{
  DiscoWireKind made_by = world.objects[get_index (user_data)].made_by;

  g_assert_true (is_text (event->label, 63) && is_text (event->type, 1014)
                 && is_text (event->domain, 1014));
  g_assert_cmpint (event->ifindex, >=, -1);
  g_assert_true (event->protocol >= -1 && event->protocol <= 1);
  if (event->kind == DISCO_BROWSE_FAILURE)
    fuzz_assert_error (event->error);
  else
    g_assert_null (event->error);
  if (event->kind > DISCO_BROWSE_REMOVE || made_by == DISCO_WIRE_BROWSE_RECORDS)
    return;
  g_assert_true (made_by == DISCO_WIRE_BROWSE_TYPES || *event->label != '\0');
  g_assert_true (*event->type != '\0' && *event->domain != '\0');
}

static void
on_resolve (const DiscoResolveEvent *event, gpointer user_data)
{
  g_assert_cmpint (world.objects[get_index (user_data)].made_by, ==, DISCO_WIRE_RESOLVE);
  if (event->error != NULL)
    fuzz_assert_error (event->error);
  else
    g_assert_true (*event->hostname != '\0' && is_text (event->hostname, 1014));
}

static void
on_group (DiscoGroupState state, const GError *error, gpointer user_data)
{
  g_assert_cmpint (world.objects[get_index (user_data)].made_by, ==, DISCO_WIRE_PUBLISH);
  g_assert_true ((error != NULL) == (state == DISCO_GROUP_FAILURE));
  if (error != NULL)
    fuzz_assert_error (error);
}

static void
on_state (DiscoLink *link, gpointer user_data)
{
}

/* --- the second reading --- */

/* 0: none of ours */
static DiscoWireKind
find (guint32 number)
{
  for (guint i = 0; i < N_OBJECTS; i++)
    if (world.objects[i].object != NULL && world.objects[i].number == number)
      return world.objects[i].made_by;
  return 0;
}

static gboolean
is_name (const char *name)
{
  return *name != '\0' && strlen (name) <= 1014;
}

static gboolean
expect_browsed (GVariant *event)
{
  const char *label;
  const char *type;
  const char *domain;
  guint32 number;
  guint8 kind;
  int ifindex;
  int protocol;
  DiscoWireKind made_by;
  g_autoptr (GVariant) rdata = g_variant_get_child_value (event, 8);

  g_variant_get (event, "(uyii&s&s&sb@ayi)", &number, &kind, &ifindex, &protocol, &label, &type,
                 &domain, NULL, NULL, NULL);
  if (kind > 3 || ifindex < -1 || protocol < -1 || protocol > 1 || strlen (label) > 63
      || strlen (type) > 1014 || strlen (domain) > 1014 || g_variant_n_children (rdata) > 65535)
    return FALSE;
  made_by = find (number);
  if (made_by == 0)
    return TRUE;
  if (made_by > DISCO_WIRE_BROWSE_RECORDS)
    return FALSE;
  if (kind < 2 && made_by != DISCO_WIRE_BROWSE_RECORDS && (!is_name (type) || !is_name (domain)))
    return FALSE;
  if (kind < 2 && made_by == DISCO_WIRE_BROWSE_SERVICES && *label == '\0')
    return FALSE;
  world.n_expected++;
  return TRUE;
}

static gboolean
expect_batch (GVariant *body)
{
  g_autoptr (GVariant) events = g_variant_get_child_value (body, 0);
  gsize n_events = g_variant_n_children (events);

  if (n_events > 256)
    return FALSE;
  for (gsize i = 0; i < n_events; i++)
    {
      g_autoptr (GVariant) event = g_variant_get_child_value (events, i);
      if (!expect_browsed (event))
        return FALSE;
    }
  return TRUE;
}

static gboolean
expect_answer (guint kind, GVariant *body)
{
  DiscoWireKind made_by;
  guint32 number;
  guint8 state;
  const char *host;
  int ifindex;
  int protocol;
  int code;

  g_variant_get_child (body, 0, "u", &number);
  made_by = find (number);
  if (kind == DISCO_WIRE_GROUP)
    {
      g_variant_get_child (body, 1, "y", &state);
      if (state > 2 || (made_by != 0 && made_by != DISCO_WIRE_PUBLISH))
        return FALSE;
    }
  else
    {
      g_variant_get (body, "(uii&sq@ayi)", NULL, &ifindex, &protocol, &host, NULL, NULL, &code);
      if (ifindex < -1 || protocol < -1 || protocol > 1 || (code == 0 && !is_name (host))
          || (made_by != 0 && made_by != DISCO_WIRE_RESOLVE))
        return FALSE;
    }
  world.n_expected += made_by != 0;
  return TRUE;
}

static gboolean
expect_state (GVariant *body)
{
  g_autoptr (GBytes) wire = NULL;
  const char *host;
  guint8 state;

  g_variant_get (body, "(y&si)", &state, &host, NULL);
  wire = disco_domain_name_to_wire (host);
  return state == DISCO_WIRE_STATE_RENAMING
         || (state == DISCO_WIRE_STATE_RUNNING && *host != '\0' && wire != NULL);
}

/* FALSE: the link fails by it. */
static gboolean
expect (guint kind, GVariant *body)
{
  guint32 version;

  if (body == NULL)
    return FALSE;
  if (!world.greeted)
    {
      if (kind != DISCO_WIRE_HELLO)
        return FALSE;
      g_variant_get (body, "(u)", &version);
      world.greeted = version == DISCO_WIRE_VERSION;
      return world.greeted;
    }
  switch (kind)
    {
    case DISCO_WIRE_STATE:
      return expect_state (body);
    case DISCO_WIRE_BROWSED:
      return expect_batch (body);
    case DISCO_WIRE_RESOLVED:
    case DISCO_WIRE_GROUP:
      return expect_answer (kind, body);
    default:
      return FALSE;
    }
}

/* All that has been written arrives, and what it leads to is what was to be expected. */
static void
settle (void)
{
  while (g_main_context_iteration (world.context, FALSE))
    fuzz_frames_drain (&world.frames);
  while (!world.failed)
    {
      g_autoptr (GVariant) body = NULL;
      guint kind;

      if (!fuzz_frames_read (&world.frames, &kind, &body))
        break;
      world.failed = !expect (kind, body);
    }
  g_assert_cmpuint (world.n_told, ==, world.n_expected);
  g_assert_true ((disco_link_get_state (world.link) == DISCO_LINK_FAILED) == world.failed);
}

/* --- the steps --- */

static DiscoLinkObject *
make_object (FuzzInput *input, DiscoWireKind kind, gpointer user_data)
{
  g_autofree char *label = g_strndup ("a label", fuzz_take_below (input, 8));
  DiscoLinkEntry entry = { .kind = DISCO_ENTRY_SUBTYPE,
                           .ifindex = -1,
                           .label = label,
                           .type = "_http._tcp",
                           .domain = "local",
                           .subtype = "_a._sub._http._tcp" };

  switch (kind)
    {
    case DISCO_WIRE_BROWSE_SERVICES:
      return disco_link_browse_services (world.link, "_http._tcp", on_browse, user_data);
    case DISCO_WIRE_BROWSE_TYPES:
      return disco_link_browse_types (world.link, on_browse, user_data);
    case DISCO_WIRE_BROWSE_RECORDS:
      return disco_link_browse_records (world.link, "box.local", 1, on_browse, user_data);
    case DISCO_WIRE_RESOLVE:
      return disco_link_resolve (world.link, 1, 0, label, "_http._tcp", "local", on_resolve,
                                 user_data);
    default:
      return disco_link_publish (world.link, &entry, 1, on_group, user_data);
    }
}

/* Makes it where there is none, else frees it. */
static void
step_object (FuzzInput *input)
{
  gsize i = fuzz_take_below (input, N_OBJECTS);

  if (world.objects[i].object != NULL)
    {
      g_clear_pointer (&world.objects[i].object, disco_link_object_free);
      return;
    }
  if (disco_link_get_state (world.link) != DISCO_LINK_RUNNING)
    return;
  world.objects[i].made_by = DISCO_WIRE_BROWSE_SERVICES + fuzz_take_below (input, 5);
  world.objects[i].number = ++world.n_made;
  world.objects[i].object = make_object (input, world.objects[i].made_by, GSIZE_TO_POINTER (i));
}

static GVariant *
take_browsed (FuzzInput *input)
{
  guint32 number = fuzz_take_below (input, N_OBJECTS + 2);
  guint8 kind = (guint8)fuzz_take_below (input, 5);
  int ifindex = fuzz_take_place (input);
  int protocol = (int)fuzz_take_below (input, 4) - 1;
  gboolean local = fuzz_take_below (input, 2) == 1;
  g_autofree char *label = fuzz_take_name (input);
  g_autofree char *type = fuzz_take_name (input);
  g_autofree char *domain = fuzz_take_name (input);
  GVariant *rdata = fuzz_take_ay (input);

  return g_variant_new ("(uyiisssb@ayi)", number, kind, ifindex, protocol, label, type, domain,
                        local, rdata, -(int)fuzz_take_below (input, 80));
}

static void
say_browsed (FuzzInput *input)
{
  GVariantBuilder events;
  guint n = fuzz_take_below (input, 6);
  guint times = n == 5 ? 257 : 1; /* just more than there may be */

  g_variant_builder_init (&events, G_VARIANT_TYPE ("a" DISCO_WIRE_BROWSED_TYPE));
  for (guint i = 0; i < (n == 5 ? 1 : n); i++)
    {
      g_autoptr (GVariant) event = g_variant_ref_sink (take_browsed (input));
      for (guint time = 0; time < times; time++)
        g_variant_builder_add_value (&events, event);
    }
  fuzz_frames_add (&world.frames, DISCO_WIRE_BROWSED,
                   g_variant_new ("(a" DISCO_WIRE_BROWSED_TYPE ")", &events));
}

static void
say_state (FuzzInput *input)
{
  guint8 state = (guint8)fuzz_take_below (input, 5);
  g_autofree char *host = fuzz_take_name (input);

  fuzz_frames_add (&world.frames, DISCO_WIRE_STATE,
                   g_variant_new ("(ysi)", state, host, -(int)fuzz_take_below (input, 80)));
}

static void
say_resolved (FuzzInput *input)
{
  guint32 number = fuzz_take_below (input, N_OBJECTS + 2);
  int ifindex = fuzz_take_place (input);
  int protocol = (int)fuzz_take_below (input, 4) - 1;
  g_autofree char *host = fuzz_take_name (input);
  guint16 port = fuzz_take_uint16 (input);
  GVariant *txt = fuzz_take_ay (input);

  fuzz_frames_add (&world.frames, DISCO_WIRE_RESOLVED,
                   g_variant_new ("(uiisq@ayi)", number, ifindex, protocol, host, port, txt,
                                  -(int)fuzz_take_below (input, 80)));
}

static void
say_group (FuzzInput *input)
{
  guint32 number = fuzz_take_below (input, N_OBJECTS + 2);
  guint8 state = (guint8)fuzz_take_below (input, 4);

  fuzz_frames_add (&world.frames, DISCO_WIRE_GROUP,
                   g_variant_new ("(uyi)", number, state, -(int)fuzz_take_below (input, 80)));
}

static void
say_hello (FuzzInput *input)
{
  guint32 version = fuzz_take_below (input, 3);

  fuzz_frames_add (&world.frames, DISCO_WIRE_HELLO, g_variant_new ("(u)", version));
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
      = { say_state,    say_browsed, say_browsed, say_browsed, say_resolved,
          say_resolved, say_group,   say_hello,   say_raw };
  guint i = fuzz_take_below (input, G_N_ELEMENTS (says) + 3);

  if (i < G_N_ELEMENTS (says))
    {
      says[i](input);
      fuzz_frames_write (&world.frames, input);
    }
  else
    step_object (input);
}

static void
begin (FuzzInput *input)
{
  int fd;

  memset (&world, 0, sizeof world);
  world.context = g_main_context_new ();
  fuzz_frames_init (&world.frames, &fd);
  world.link = disco_embedded_link_new_for_session (world.context, fd, G_TIME_SPAN_HOUR);
  disco_link_start (world.link, on_state, NULL);
  if (fuzz_take_below (input, 8) == 0)
    return; /* else what most of them need */
  fuzz_frames_add (&world.frames, DISCO_WIRE_HELLO, g_variant_new ("(u)", DISCO_WIRE_VERSION));
  fuzz_frames_add (&world.frames, DISCO_WIRE_STATE,
                   g_variant_new ("(ysi)", DISCO_WIRE_STATE_RUNNING, "box.local", 0));
  fuzz_frames_write_all (&world.frames);
  settle ();
}

static void
end (void)
{
  disco_link_close (world.link);
  for (guint i = 0; i < N_OBJECTS; i++)
    g_clear_pointer (&world.objects[i].object, disco_link_object_free);
  g_object_unref (world.link);
  fuzz_frames_clear (&world.frames);
  g_main_context_unref (world.context);
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
