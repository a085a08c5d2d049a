/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TOOL_KEY_NONE,
  TOOL_KEY_UP,
  TOOL_KEY_DOWN,
  TOOL_KEY_PAGE_UP,
  TOOL_KEY_PAGE_DOWN,
  TOOL_KEY_HOME,
  TOOL_KEY_END,
  TOOL_KEY_QUIT,
  TOOL_KEY_REDRAW,
} ToolKey;

/* Which key it was that begins @bytes, of which there is at least one. Returns how many bytes it
 * has sent; a key that means nothing here is NONE. */
gsize tool_keys_parse (const char *bytes, gsize n_bytes, ToolKey *key);

G_END_DECLS
