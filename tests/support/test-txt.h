/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* TXT rdata as text: its strings in the wire's order, each followed by "|"; bytes that are not
 * printable ASCII, "|" and "\" are \ooo (octal). The empty TXT record, one empty string, is "|". */

/* (transfer full) */
GBytes *test_txt_new (const char *text);
/* (transfer full): fails the test if the rdata is not whole strings */
char *test_txt_to_string (GBytes *rdata);
