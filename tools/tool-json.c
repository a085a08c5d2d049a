/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-json.h"

#include "tool-text.h"

#include <json-glib/json-glib.h>

/* Adds a member with a text, valid UTF-8 or made so. */
static void
add_text (JsonBuilder *builder, const char *member, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  json_builder_set_member_name (builder, member);
  json_builder_add_string_value (builder, valid);
}

static void
add_list (JsonBuilder *builder, const char *member, const char *const *texts)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (; *texts != NULL; texts++)
    {
      g_autofree char *valid = g_utf8_make_valid (*texts, -1);

      json_builder_add_string_value (builder, valid);
    }
  json_builder_end_array (builder);
}

/* A value of a TXT record is any bytes: text where it is text without a NUL, which json-glib's
 * strings cannot hold; else base64. */
static void
add_value (JsonBuilder *builder, GBytes *value)
{
  gsize size;
  const char *data = g_bytes_get_data (value, &size); /* NULL where there is nothing */
  g_autofree char *text = NULL;

  if (size == 0 || g_utf8_validate_len (data, size, NULL))
    {
      text = size > 0 ? g_strndup (data, size) : g_strdup ("");
      json_builder_add_string_value (builder, text);
      return;
    }
  text = g_base64_encode ((const guchar *)data, size);
  json_builder_begin_object (builder);
  add_text (builder, "base64", text);
  json_builder_end_object (builder);
}

static void
add_attributes (JsonBuilder *builder, DiscoInstance *instance)
{
  g_auto (GStrv) keys = disco_instance_get_attribute_keys (instance);

  json_builder_set_member_name (builder, "attributes");
  json_builder_begin_object (builder);
  for (guint i = 0; keys[i] != NULL; i++)
    {
      GBytes *value = disco_instance_get_attribute (instance, keys[i], NULL);
      g_autofree char *key = g_utf8_make_valid (keys[i], -1);

      json_builder_set_member_name (builder, key);
      if (value != NULL)
        add_value (builder, value);
      else
        json_builder_add_null_value (builder);
    }
  json_builder_end_object (builder);
}

static void
add_instance (JsonBuilder *builder, DiscoInstance *instance)
{
  json_builder_begin_object (builder);
  add_text (builder, "id", disco_instance_get_id (instance));
  add_text (builder, "name", disco_instance_get_name (instance));
  add_text (builder, "label", disco_instance_get_label (instance));
  add_text (builder, "type", disco_instance_get_service_type (instance));
  add_text (builder, "domain", disco_instance_get_domain (instance));
  add_text (builder, "hostname", disco_instance_get_hostname (instance));
  add_text (builder, "host", disco_instance_get_host (instance));
  json_builder_set_member_name (builder, "port");
  json_builder_add_int_value (builder, disco_instance_get_port (instance));
  add_list (builder, "addresses", disco_instance_get_addresses (instance));
  add_list (builder, "interfaces", disco_instance_get_interfaces (instance));
  add_list (builder, "tags", disco_instance_get_tags (instance));
  add_attributes (builder, instance);
  json_builder_set_member_name (builder, "local");
  json_builder_add_boolean_value (builder, disco_instance_get_local (instance));
  json_builder_end_object (builder);
}

static JsonBuilder *
begin_line (void)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  return builder;
}

/* json-glib 1.6 leaves U+001F in strings as it is, the only control character that it does not
 * escape (RFC 8259 §7). */
static char *
end_line (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;
  g_auto (GStrv) parts = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = json_to_string (root, FALSE);
  parts = g_strsplit (line, "\x1f", -1);
  return g_strjoinv ("\\u001f", parts);
}

char *
tool_json_registration (const char *event, const char *id, const char *name, const char *label)
{
  g_autoptr (JsonBuilder) builder = begin_line ();

  add_text (builder, "event", event);
  add_text (builder, "id", id);
  if (name != NULL)
    add_text (builder, "name", name);
  if (label != NULL)
    add_text (builder, "label", label);
  return end_line (builder);
}

char *
tool_json_event (const char *event, DiscoInstance *instance)
{
  g_autoptr (JsonBuilder) builder = begin_line ();

  add_text (builder, "event", event);
  json_builder_set_member_name (builder, "instance");
  add_instance (builder, instance);
  return end_line (builder);
}

char *
tool_json_synced (guint count)
{
  g_autoptr (JsonBuilder) builder = begin_line ();

  add_text (builder, "event", "synced");
  json_builder_set_member_name (builder, "count");
  json_builder_add_int_value (builder, count);
  return end_line (builder);
}

char *
tool_json_service (const char *name, GPtrArray *instances)
{
  g_autoptr (JsonBuilder) builder = begin_line ();

  add_text (builder, "name", name);
  json_builder_set_member_name (builder, "instances");
  json_builder_begin_array (builder);
  for (guint i = 0; i < instances->len; i++)
    add_instance (builder, g_ptr_array_index (instances, i));
  json_builder_end_array (builder);
  return end_line (builder);
}

char *
tool_json_lookup (DiscoInstance *instance)
{
  g_autoptr (JsonBuilder) builder = begin_line ();

  json_builder_set_member_name (builder, "instance");
  add_instance (builder, instance);
  return end_line (builder);
}

char *
tool_json_diagnosis (DiscoDiagnosis *diagnosis)
{
  g_autoptr (JsonBuilder) builder = begin_line ();

  add_text (builder, "check", disco_diagnosis_get_check (diagnosis));
  add_text (builder, "status", tool_diagnosis_status (diagnosis));
  add_text (builder, "detail", disco_diagnosis_get_detail (diagnosis));
  return end_line (builder);
}

char *
tool_json_error (const char *code, const char *message)
{
  g_autoptr (JsonBuilder) builder = begin_line ();

  add_text (builder, "event", "error");
  add_text (builder, "code", code);
  add_text (builder, "message", message);
  return end_line (builder);
}

char *
tool_json_for (ToolLook look, const char *line)
{
  GString *escaped;

  if (!look.terminal)
    return g_strdup (line);
  escaped = g_string_sized_new (strlen (line));
  for (const char *p = line; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (!tool_escapes (c) && (c < 0x80 || !look.ascii))
        g_string_append_unichar (escaped, c);
      else if (c <= 0xffff)
        g_string_append_printf (escaped, "\\u%04x", c);
      else /* a surrogate pair (RFC 8259 §7) */
        g_string_append_printf (escaped, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
                                0xdc00 + (c & 0x3ff));
    }
  return g_string_free (escaped, FALSE);
}
