/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "test-support.h"
#include "tool-json.h"
#include "tool-text.h"

#include <json-glib/json-glib.h>

static void
assert_line (char *line, const char *expected)
{
  g_autofree char *owned = line;

  assert_string_equal (owned, expected);
}

static void
set_bytes (DiscoAttributes *attributes, const char *key, const char *data, gsize size)
{
  g_autoptr (GBytes) value = g_bytes_new (data, size);

  disco_attributes_set (attributes, key, value);
}

static DiscoInstance *
make_full_instance (void)
{
  static const char *const tags[] = { "eu", "a\"b", NULL };
  static const char *const addresses[] = { "192.0.2.1", "fe80::1%eth0", NULL };
  static const char *const interfaces[] = { "eth0", NULL };
  g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();
  const DiscoInstanceFields fields = { .id = "one",
                                       .name = "http",
                                       .label = "Büro",
                                       .type = "_http._tcp",
                                       .domain = "local",
                                       .hostname = "host.local",
                                       .port = 8080,
                                       .tags = tags,
                                       .addresses = addresses,
                                       .interfaces = interfaces,
                                       .attributes = attributes,
                                       .local = TRUE };

  set_bytes (attributes, "path", "/", 1);
  disco_attributes_set (attributes, "alone", NULL);
  set_bytes (attributes, "empty", "", 0);
  set_bytes (attributes, "raw", "\xff\xfe", 2);
  set_bytes (attributes, "nul", "a\0b", 3);
  return disco_instance_new (&fields);
}

static void
an_instance_is_written_member_by_member (void **state)
{
  g_autoptr (DiscoInstance) instance = make_full_instance ();

  assert_line (tool_json_event ("add", instance),
               "{\"event\":\"add\",\"instance\":{\"id\":\"one\",\"name\":\"http\","
               "\"label\":\"Büro\",\"type\":\"_http._tcp\",\"domain\":\"local\","
               "\"hostname\":\"host.local\",\"host\":\"192.0.2.1\",\"port\":8080,"
               "\"addresses\":[\"192.0.2.1\",\"fe80::1%eth0\"],\"interfaces\":[\"eth0\"],"
               "\"tags\":[\"eu\",\"a\\\"b\"],"
               "\"attributes\":{\"path\":\"/\",\"alone\":null,\"empty\":\"\","
               "\"raw\":{\"base64\":\"//4=\"},\"nul\":{\"base64\":\"YQBi\"}},"
               "\"local\":true}}");
}

static void
lists_that_are_empty_are_written (void **state)
{
  const DiscoInstanceFields fields = { .id = "one", .hostname = "h" };
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);

  assert_line (tool_json_lookup (instance),
               "{\"instance\":{\"id\":\"one\",\"name\":\"\",\"label\":\"\",\"type\":\"\","
               "\"domain\":\"\",\"hostname\":\"h\",\"host\":\"h\",\"port\":0,"
               "\"addresses\":[],\"interfaces\":[],\"tags\":[],\"attributes\":{},"
               "\"local\":false}}");
}

static void
other_lines_are_as_documented (void **state)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  assert_line (tool_json_registration ("registered", "i", "http", "L"),
               "{\"event\":\"registered\",\"id\":\"i\",\"name\":\"http\",\"label\":\"L\"}");
  assert_line (tool_json_registration ("renamed", "i", NULL, "L #2"),
               "{\"event\":\"renamed\",\"id\":\"i\",\"label\":\"L #2\"}");
  assert_line (tool_json_registration ("left", "i", NULL, NULL),
               "{\"event\":\"left\",\"id\":\"i\"}");
  assert_line (tool_json_synced (3), "{\"event\":\"synced\",\"count\":3}");
  assert_line (tool_json_service ("http", none), "{\"name\":\"http\",\"instances\":[]}");
  assert_line (tool_json_error ("too-large", "no \"room\""),
               "{\"event\":\"error\",\"code\":\"too-large\",\"message\":\"no \\\"room\\\"\"}");
}

static void
a_service_holds_all_its_instances (void **state)
{
  g_autoptr (DiscoInstance) instance = make_full_instance ();
  g_autoptr (DiscoInstance) other = disco_instance_new_with_id (instance, "two");
  g_autoptr (GPtrArray) instances = g_ptr_array_new ();
  g_autofree char *line = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *array;

  g_ptr_array_add (instances, instance);
  g_ptr_array_add (instances, other);
  line = tool_json_service ("a name", instances);
  node = json_from_string (line, &error);
  assert_null (error);
  array = json_object_get_array_member (json_node_get_object (node), "instances");
  assert_int_equal (json_array_get_length (array), 2);
  assert_string_equal (
      json_object_get_string_member (json_array_get_object_element (array, 0), "id"), "one");
  assert_string_equal (
      json_object_get_string_member (json_array_get_object_element (array, 1), "id"), "two");
}

/* Every byte that a network can send, as a label and as an attribute's value. */
static void
any_byte_gives_one_line_of_valid_json (void **state)
{
  for (guint byte = 0; byte < 256; byte++)
    {
      const char label[] = { 'a', (char)byte, 'b', '\0' };
      g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();
      const DiscoInstanceFields fields = { .label = label, .attributes = attributes };
      g_autoptr (DiscoInstance) instance = NULL;
      g_autofree char *line = NULL;
      g_autoptr (JsonNode) node = NULL;
      g_autoptr (GError) error = NULL;

      set_bytes (attributes, "k", label, 3);
      instance = disco_instance_new (&fields);
      line = tool_json_lookup (instance);
      assert_true (g_utf8_validate (line, -1, NULL));
      for (const char *p = line; *p != '\0'; p++)
        if (g_ascii_iscntrl (*p) && *p != 0x7f)
          fail_msg ("byte %02x comes out raw", byte);
      node = json_from_string (line, &error);
      if (node == NULL)
        fail_msg ("byte %02x: %s", byte, error->message);
    }
}

static void
on_a_terminal_json_means_the_same_and_does_nothing (void **state)
{
  static const ToolLook looks[] = { { .terminal = TRUE }, { .terminal = TRUE, .ascii = TRUE } };
  static const char line[] = "[\"\x7f \xc2\x9b"
                             "31m \xe2\x80\x8e ü 東 🖨 \\u001b\"]";
  g_autoptr (JsonNode) meant = json_from_string (line, NULL);
  g_autofree char *same = tool_json_for ((ToolLook){ 0 }, line);

  assert_string_equal (same, line);
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_autofree char *shown = tool_json_for (looks[i], line);
      g_autoptr (JsonNode) node = json_from_string (shown, NULL);

      assert_true (json_node_equal (node, meant));
      for (const char *p = shown; *p != '\0'; p = g_utf8_next_char (p))
        if (tool_escapes (g_utf8_get_char (p)) || (looks[i].ascii && (guchar)*p >= 0x80))
          fail_msg ("U+%04x comes out raw: %s", g_utf8_get_char (p), shown);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (an_instance_is_written_member_by_member),
    cmocka_unit_test (lists_that_are_empty_are_written),
    cmocka_unit_test (other_lines_are_as_documented),
    cmocka_unit_test (a_service_holds_all_its_instances),
    cmocka_unit_test (on_a_terminal_json_means_the_same_and_does_nothing),
    cmocka_unit_test (any_byte_gives_one_line_of_valid_json),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
