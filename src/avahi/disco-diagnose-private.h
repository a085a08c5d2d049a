/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-diagnosis-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* --- a diagnosis under way; everything happens on a thread of its own --- */

/* Waits for what is asynchronous, on the context of the diagnosis' thread. */
typedef struct
{
  GMainContext *context;     /* (owned): the thread's */
  GCancellable *cancellable; /* (owned): of all calls; cancelled at the end */
  gboolean cancelled;        /* the caller wants no result any more */
  guint n_calls;             /* under way */
} DiscoDiagnoseRun;

/* Makes the thread's context, and makes it the thread-default one. */
DiscoDiagnoseRun *disco_diagnose_run_new (void);
/* All calls must have ended. */
void disco_diagnose_run_free (DiscoDiagnoseRun *self);
typedef gboolean (*DiscoDiagnoseCondition) (gpointer data);
/* Iterates until @condition (nullable: never) holds, @for_us have passed, or it is cancelled.
 * Returns whether the condition holds. */
gboolean disco_diagnose_run_wait (DiscoDiagnoseRun *self, gint64 for_us,
                                  DiscoDiagnoseCondition condition, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoDiagnoseRun, disco_diagnose_run_free)

/* --- bus and daemon --- */

typedef enum
{
  DISCO_DAEMON_NOT_ASKED, /* there is no bus to ask */
  DISCO_DAEMON_MISSING,   /* nobody has the name, and nothing could be started */
  DISCO_DAEMON_STARTABLE, /* nobody has the name, and the bus could start it */
  DISCO_DAEMON_DENIED,    /* there, and we may not talk to it */
  DISCO_DAEMON_SILENT,    /* there, and it does not answer */
  DISCO_DAEMON_ANSWERS,
} DiscoDaemonPresence;

typedef struct
{
  GError *bus_error; /* (owned) (nullable): why there is no bus; NULL: there is one */
  DiscoDaemonPresence presence;
  GError *error;    /* (owned) (nullable): of DENIED and SILENT */
  char *version;    /* (owned) (nullable) */
  char *host_name;  /* (owned) (nullable) */
  int server_state; /* AvahiServerState */
  gboolean sandboxed;
} DiscoDaemonFacts;

void disco_daemon_facts_clear (DiscoDaemonFacts *self);
/* Asks the bus and the daemon, without starting it: 2 s at most. */
void disco_daemon_facts_learn (DiscoDaemonFacts *self, DiscoDiagnoseRun *run);
/* @needed: whether the agent works through the daemon */
DiscoDiagnosis *disco_diagnose_bus (const DiscoDaemonFacts *facts, gboolean needed);
DiscoDiagnosis *disco_diagnose_daemon (const DiscoDaemonFacts *facts);
/* What stands in the daemon's place; @error: (nullable): what its use ended with */
DiscoDiagnosis *disco_diagnose_embedded (DiscoState state, const GError *error);

/* --- who else answers on this host --- */

/* RFC 6762 §3 */
#define DISCO_MDNS_PORT 5353
#define DISCO_MDNS_GROUP_IPV4 "224.0.0.251"
#define DISCO_MDNS_GROUP_IPV6 "ff02::fb"

typedef struct
{
  guint uid;
  guint64 inode;
} DiscoUdpSocket;

/* The sockets of the kernel's table @text (/proc/net/udp, udp6) that are bound to @port, appended
 * to @sockets (element DiscoUdpSocket), without those that are bound to a multicast group. What is
 * malformed is skipped. */
void disco_udp_sockets_parse (const char *text, guint16 port, GArray *sockets);

/* A program, or, where it cannot be seen into, a user, with sockets */
typedef struct
{
  int pid; /* 0: unknown */
  guint uid;
  char *name; /* (owned) (nullable): of the program */
  guint n_sockets;
} DiscoUdpOwner;

/* (transfer full) (element DiscoUdpOwner): whose these sockets are */
GArray *disco_udp_owners_new (GArray *sockets);
DiscoDiagnosis *disco_diagnose_owners (GArray *owners);
/* (nullable): where there is no way to know */
DiscoDiagnosis *disco_diagnose_responders (void);

/* --- interfaces --- */

typedef struct
{
  char *name; /* (owned) */
  int ifindex;
  guint flags; /* IFF_… */
  gboolean has_ipv4;
  gboolean has_ipv6;
  const char *reason; /* static (nullable): why it is not usable */
} DiscoInterfaceFacts;

/* Why an interface with these flags is not usable, or NULL. @wanted: by the agent's settings;
 * @named: they name it, so that a loopback interface is meant */
const char *disco_interface_reason (guint flags, gboolean has_address, gboolean wanted,
                                    gboolean named);
/* (transfer full) (element DiscoInterfaceFacts): all of this host's, by index */
GArray *disco_interface_facts_list (char **allow, char **deny);
DiscoDiagnosis *disco_diagnose_interfaces (GArray *interfaces);
/* (nullable): where no interface is usable there is nothing to join on */
DiscoDiagnosis *disco_diagnose_multicast (GArray *interfaces);

/* --- the daemon's cache --- */

/* (nullable): where nothing is known of what is in it. @instances: (element DiscoInstance) */
DiscoDiagnosis *disco_diagnose_cache (GPtrArray *instances);

/* --- the loop --- */

/* (transfer full): a question for the SRV records of @label.@type.local, or NULL where they are no
 * DNS labels; @type: "_x._tcp" */
GByteArray *disco_loop_question_new (guint16 id, const char *label, const char *type);
/* Whether a packet answers that question */
gboolean disco_loop_is_answer (const guint8 *packet, gsize length, guint16 id, const char *label);

/* What came back from one interface */
typedef struct
{
  const char *name; /* (not owned) */
  gboolean asked[2];
  gboolean answered[2]; /* over IPv4, over IPv6 */
  int error;            /* errno of the last question that could not be sent, or 0 */
} DiscoLoopResult;

/* @results: (element DiscoLoopResult) */
DiscoDiagnosis *disco_diagnose_loop_results (GArray *results, gboolean daemon);
/* Asks on each usable interface for a service that is announced: 1.5 s at most. */
DiscoDiagnosis *disco_diagnose_loop (DiscoDiagnoseRun *run, GArray *interfaces, const char *label,
                                     const char *type, gboolean daemon);

G_END_DECLS
