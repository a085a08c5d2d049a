/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-shield-private.h"
#include "test-support.h"

#include <string.h>

#define TYPE_A 1
#define TYPE_CNAME 5
#define TYPE_TXT 16

/* A packet that is being written; its counts are those of the header. */
typedef struct
{
  GByteArray *data; /* (owned) */
} Packet;

static Packet
packet_new (void)
{
  Packet self = { g_byte_array_new () };

  g_byte_array_set_size (self.data, 12);
  memset (self.data->data, 0, 12);
  self.data->data[2] = 0x84;
  return self;
}

static void
add_bytes (Packet *self, const char *bytes, gsize size)
{
  g_byte_array_append (self->data, (const guint8 *)bytes, (guint)size);
}

static void
add_uint16 (Packet *self, guint16 value)
{
  const guint8 bytes[] = { value >> 8, value & 0xff };

  g_byte_array_append (self->data, bytes, sizeof bytes);
}

static void
count (Packet *self, guint section)
{
  self->data->data[4 + 2 * section + 1]++;
}

/* Of @n bytes of data, which are zero; the name must have been written. */
static void
add_record_tail (Packet *self, guint section, guint16 type, guint16 n)
{
  count (self, section);
  add_uint16 (self, type);
  add_uint16 (self, 0x8001);
  add_uint16 (self, 0);
  add_uint16 (self, 120);
  add_uint16 (self, n);
  g_byte_array_set_size (self->data, self->data->len + n);
  memset (self->data->data + self->data->len - n, 0, n);
}

/* Judges a copy of just this size, so that the sanitizer sees a byte read past it. */
static DiscoShieldVerdict
judge (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_malloc (MAX (size, 1));
  gsize offset = MAX (size, 1) - size;

  if (size > 0)
    memcpy (copy + offset, data, size);
  return disco_shield_judge (copy + offset, size);
}

static void
assert_verdict (Packet *self, DiscoShieldVerdict expected)
{
  assert_int_equal (judge (self->data->data, self->data->len), expected);
  g_byte_array_unref (self->data);
}

/* --- one record with a name as in the table --- */

static const struct
{
  const char *what;
  const char *name;
  gsize size;
  DiscoShieldVerdict verdict;
} names[] = {
#define NAME(what, bytes, verdict)                                                                 \
  {                                                                                                \
    what, bytes, sizeof bytes - 1, verdict                                                         \
  }
  NAME ("the root", "\0", DISCO_SHIELD_PASS),
  NAME ("two labels", "\1a\5local\0", DISCO_SHIELD_PASS),
  NAME ("a label that is not UTF-8", "\2\xff\xfe\0", DISCO_SHIELD_PASS),
  NAME ("a label with a zero byte", "\3a\0b\0", DISCO_SHIELD_PASS),
  NAME ("a pointer to the name itself", "\xc0\x0c", DISCO_SHIELD_MALFORMED),
  NAME ("a label, then a pointer back to it", "\1a\xc0\x0c", DISCO_SHIELD_MALFORMED),
  NAME ("a pointer forward", "\xc0\x20", DISCO_SHIELD_MALFORMED),
  NAME ("a pointer past the end", "\xff\xff", DISCO_SHIELD_MALFORMED),
  NAME ("a pointer into the header", "\xc0\x04", DISCO_SHIELD_MALFORMED),
  NAME ("half a pointer", "\1a\xc0", DISCO_SHIELD_MALFORMED),
  NAME ("a label type that there is not",
        "\x41"
        "a\0",
        DISCO_SHIELD_MALFORMED),
  NAME ("another label type that there is not",
        "\x80"
        "a\0",
        DISCO_SHIELD_MALFORMED),
#undef NAME
};

static void
names_are_judged_as_in_the_table (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Packet packet = packet_new ();

      print_message ("%s\n", names[i].what);
      add_bytes (&packet, names[i].name, names[i].size);
      add_record_tail (&packet, 1, TYPE_A, 4);
      assert_verdict (&packet, names[i].verdict);
    }
}

/* --- the rules --- */

static void
a_cname_record_is_seen_in_every_section (void **state)
{
  for (guint section = 1; section <= 3; section++)
    {
      Packet packet = packet_new ();

      add_bytes (&packet, "\1a\5local\0", 9);
      add_uint16 (&packet, TYPE_CNAME);
      add_uint16 (&packet, 1);
      count (&packet, 0);
      for (guint before = 1; before < section; before++)
        {
          add_bytes (&packet, "\xc0\x0c", 2);
          add_record_tail (&packet, before, TYPE_TXT, 9);
        }
      add_bytes (&packet, "\xc0\x0c", 2);
      add_record_tail (&packet, section, TYPE_CNAME, 2);
      assert_verdict (&packet, DISCO_SHIELD_CNAME);
    }
}

static void
a_question_for_a_cname_passes (void **state)
{
  Packet packet = packet_new ();

  add_bytes (&packet, "\1a\5local\0", 9);
  add_uint16 (&packet, TYPE_CNAME);
  add_uint16 (&packet, 1);
  count (&packet, 0);
  assert_verdict (&packet, DISCO_SHIELD_PASS);
}

static void
an_empty_packet_passes_and_a_shorter_one_does_not (void **state)
{
  guint8 header[12] = { 0 };

  assert_int_equal (judge (header, 12), DISCO_SHIELD_PASS);
  for (gsize size = 0; size < 12; size++)
    assert_int_equal (judge (header, size), DISCO_SHIELD_MALFORMED);
}

static void
bytes_behind_the_last_record_are_of_no_interest (void **state)
{
  Packet packet = packet_new ();

  add_bytes (&packet, "\0", 1);
  add_record_tail (&packet, 1, TYPE_A, 4);
  add_bytes (&packet, "\xc0\xff\x41", 3);
  assert_verdict (&packet, DISCO_SHIELD_PASS);
}

static void
a_name_may_have_255_bytes_and_no_more (void **state)
{
  static const struct
  {
    guint last;
    DiscoShieldVerdict verdict;
  } rows[] = { { 61, DISCO_SHIELD_PASS }, { 62, DISCO_SHIELD_MALFORMED } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Packet packet = packet_new ();
      char label[64];

      memset (label, 'x', sizeof label);
      for (guint j = 0; j < 4; j++)
        {
          label[0] = (char)(j < 3 ? 63 : rows[i].last);
          add_bytes (&packet, label, 1 + (gsize)label[0]);
        }
      add_bytes (&packet, "\0", 1);
      add_record_tail (&packet, 1, TYPE_A, 4);
      assert_verdict (&packet, rows[i].verdict);
    }
}

/* Each pointer goes to the one before; 6,000 of them fill a packet. */
static void
a_long_chain_of_pointers_is_cut_short (void **state)
{
  Packet packet = packet_new ();
  guint end;

  add_bytes (&packet, "\0", 1);
  add_record_tail (&packet, 1, TYPE_TXT, 12000);
  packet.data->data[23] = 0;
  for (guint at = 24; at < 12000; at += 2)
    {
      packet.data->data[at] = (guint8)(0xc0 | (at - (at == 24 ? 1 : 2)) >> 8);
      packet.data->data[at + 1] = (guint8)(at - (at == 24 ? 1 : 2));
    }
  end = packet.data->len;
  add_uint16 (&packet, 0xc000 | 24);
  add_record_tail (&packet, 1, TYPE_A, 4);
  assert_int_equal (judge (packet.data->data, packet.data->len), DISCO_SHIELD_PASS);
  packet.data->data[end] = (guint8)(0xc0 | 11998 >> 8);
  packet.data->data[end + 1] = (guint8)11998;
  assert_verdict (&packet, DISCO_SHIELD_MALFORMED);
}

/* --- packets at random --- */

/* A name that ends at the root or at a name before it, whose place is in @places. */
static void
add_random_name (Packet *packet, GRand *rand, GArray *places)
{
  guint start = packet->data->len;

  for (int n = g_rand_int_range (rand, 0, 4); n > 0; n--)
    {
      guint8 label[64];
      guint size = (guint)g_rand_int_range (rand, 1, 16);

      label[0] = (guint8)size;
      for (guint i = 1; i <= size; i++)
        label[i] = (guint8)g_rand_int (rand);
      g_byte_array_append (packet->data, label, size + 1);
    }
  if (places->len > 0 && g_rand_boolean (rand))
    add_uint16 (packet,
                (guint16)(0xc000
                          | g_array_index (places, guint,
                                           g_rand_int_range (rand, 0, (gint32)places->len))));
  else
    add_bytes (packet, "\0", 1);
  /* short names only, so that a chain of them stays within 255 bytes */
  if (places->len < 3)
    g_array_append_val (places, start);
}

/* Sound; TRUE if it has a CNAME record */
static gboolean
fill_at_random (Packet *packet, GRand *rand)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));
  gboolean has_cname = FALSE;

  for (int n = g_rand_int_range (rand, 0, 3); n > 0; n--)
    {
      add_random_name (packet, rand, places);
      add_uint16 (packet, (guint16)g_rand_int (rand));
      add_uint16 (packet, 1);
      count (packet, 0);
    }
  for (guint section = 1; section <= 3; section++)
    for (int n = g_rand_int_range (rand, 0, 4); n > 0; n--)
      {
        guint16 type = (guint16)g_rand_int_range (rand, 1, 30);

        add_random_name (packet, rand, places);
        add_record_tail (packet, section, type, (guint16)g_rand_int_range (rand, 0, 40));
        has_cname |= type == TYPE_CNAME;
      }
  return has_cname;
}

static void
sound_packets_pass_unless_they_have_a_cname (void **state)
{
  GRand *rand = test_rand_new ();

  for (guint i = 0; i < 5000; i++)
    {
      Packet packet = packet_new ();
      gboolean has_cname = fill_at_random (&packet, rand);

      assert_verdict (&packet, has_cname ? DISCO_SHIELD_CNAME : DISCO_SHIELD_PASS);
    }
  g_rand_free (rand);
}

static gboolean
has_records (const Packet *packet)
{
  return packet->data->len > 12;
}

static void
what_is_cut_off_never_passes (void **state)
{
  GRand *rand = test_rand_new ();

  for (guint i = 0; i < 5000; i++)
    {
      Packet packet = packet_new ();

      fill_at_random (&packet, rand);
      if (has_records (&packet))
        {
          guint left = (guint)g_rand_int_range (rand, 0, (gint32)packet.data->len);
          assert_int_not_equal (judge (packet.data->data, left), DISCO_SHIELD_PASS);
        }
      g_byte_array_unref (packet.data);
    }
  g_rand_free (rand);
}

/* Nothing is asserted of the verdict: the sanitizers watch, and the loops end. */
static void
damaged_packets_are_judged_without_harm (void **state)
{
  GRand *rand = test_rand_new ();

  for (guint i = 0; i < 20000; i++)
    {
      Packet packet = packet_new ();

      fill_at_random (&packet, rand);
      for (int n = g_rand_int_range (rand, 1, 8); n > 0; n--)
        packet.data->data[g_rand_int_range (rand, 0, (gint32)packet.data->len)]
            = (guint8)(g_rand_boolean (rand) ? 0xc0 : g_rand_int (rand));
      assert_in_range (judge (packet.data->data, packet.data->len), DISCO_SHIELD_PASS,
                       DISCO_SHIELD_MALFORMED);
      g_byte_array_unref (packet.data);
    }
  g_rand_free (rand);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (names_are_judged_as_in_the_table),
    cmocka_unit_test (a_cname_record_is_seen_in_every_section),
    cmocka_unit_test (a_question_for_a_cname_passes),
    cmocka_unit_test (an_empty_packet_passes_and_a_shorter_one_does_not),
    cmocka_unit_test (bytes_behind_the_last_record_are_of_no_interest),
    cmocka_unit_test (a_name_may_have_255_bytes_and_no_more),
    cmocka_unit_test (a_long_chain_of_pointers_is_cut_short),
    cmocka_unit_test (sound_packets_pass_unless_they_have_a_cname),
    cmocka_unit_test (what_is_cut_off_never_passes),
    cmocka_unit_test (damaged_packets_are_judged_without_harm),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
