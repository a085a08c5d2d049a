/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of one record: three times what fits into a packet without fragments. RFC 6763 §6.2 wants a
 * TXT record to have 1,300 at most. */
#define DISCO_PEER_RECORD_MAX_BYTES 4096

/* The records of one type (SRV or TXT) of one name, as each interface and protocol shows them.
 * Several may be live at once, the old and the new one while a change is under way: current is the
 * newest, and when that goes, the newest of those that are left. Where interfaces disagree the
 * lowest index rules, and one that shows the name before those that do not.
 *
 * A record that was learned by asking once, and not by a live view, stands until the live view
 * shows its first one, or has shown all that there is. What is heard past the responder is a live
 * view, too, which is never complete. */
typedef struct
{
  struct DiscoPeerRecord *records; /* (owned) (nullable): mostly one, and no GArray for that */
  guint n_records;
  gboolean complete; /* the live view has shown all */
  guint64 sequence;
} DiscoPeerRecords;

/* All zeros is one without records: it becomes so again. */
void disco_peer_records_clear (DiscoPeerRecords *self);
/* FALSE if a bound of what is kept is met */
gboolean disco_peer_records_add (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata);
void disco_peer_records_remove (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata);
/* The live view has failed, or nothing is heard any more: what was known stands until the next view
 * shows otherwise, or an answer does. */
void disco_peer_records_suspect (DiscoPeerRecords *self);
/* It was heard on that interface and protocol: takes the place of what was heard there before, and
 * of what asking gave on that interface. FALSE as above */
gboolean disco_peer_records_hear (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata);
/* The name is not shown there any more: what was heard there goes, but for the last, which stands
 * until something else is heard. */
void disco_peer_records_leave (DiscoPeerRecords *self, int ifindex, int protocol);
/* What asking once gave: replaces what asking gave before; ignored while there are live ones on
 * that interface, and once a live view has shown all */
void disco_peer_records_set_asked (DiscoPeerRecords *self, int ifindex, int protocol,
                                   GBytes *rdata);
/* The live view has shown all: what it did not show is gone. */
void disco_peer_records_end_asked (DiscoPeerRecords *self);
/* What is kept of the TXT record @data: as many of its strings as there is room for; *@cut tells
 * that this is not all of it. (transfer full) */
GBytes *disco_peer_records_take_txt (const guint8 *data, gsize size, gboolean *cut);
/* TRUE if the name itself is shown on that interface */
typedef gboolean (*DiscoPeerShownFunc) (int ifindex, gpointer user_data);
/* (nullable) (transfer none) */
GBytes *disco_peer_records_get_current (const DiscoPeerRecords *self, DiscoPeerShownFunc is_shown,
                                        gpointer user_data);

G_END_DECLS
