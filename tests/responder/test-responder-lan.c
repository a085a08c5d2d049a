/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between two hosts of a bed (tests/lan/bed.sh), on host a of which this runs. */
#include "responder-fixture.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE "_disco-test._tcp"
#define A_RECORD_TYPE 1
#define CNAME_RECORD_TYPE 5
#define TXT_RECORD_TYPE 16
#define SRV_RECORD_TYPE 33
/* A lifetime that outlasts the test */
#define NOT_SOON_S 120

/* Runs a command on host b; what it prints (transfer full) */
static char *
run_on_b (const char *const *command)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  g_ptr_array_add (argv, (gpointer)g_getenv ("BED"));
  g_ptr_array_add (argv, (gpointer) "exec");
  g_ptr_array_add (argv, (gpointer) "b");
  for (guint i = 0; command[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)command[i]);
  g_ptr_array_add (argv, NULL);
  if (!g_spawn_sync (NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                     NULL, &error))
    fail_msg ("%s", error->message);
  return output;
}

static Responder *
start_on_eth0 (void)
{
  const char *const options[] = { "--interface=eth0", NULL };

  return responder_start_full (options);
}

static void
publish (Session *session, const char *label)
{
  session_send (session, DISCO_WIRE_PUBLISH,
                publish_body (1, service_entry (label, TYPE, 4711, "a=1")));
  session_expect_group (session, 1, DISCO_WIRE_GROUP_ESTABLISHED);
}

/* --- packets --- */

static void
add_name (GByteArray *packet, const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);

  for (guint i = 0; labels[i] != NULL; i++)
    {
      guint8 size = (guint8)strlen (labels[i]);
      g_byte_array_append (packet, &size, 1);
      g_byte_array_append (packet, (const guint8 *)labels[i], size);
    }
  g_byte_array_append (packet, (const guint8 *)"", 1);
}

static void
add_rdata (GByteArray *packet, const char *owner, guint8 type, guint8 ttl_s, gconstpointer rdata,
           guint size)
{
  const guint8 tail[] = { 0, type, 0, 1, 0, 0, 0, ttl_s, 0, (guint8)size };

  add_name (packet, owner);
  g_byte_array_append (packet, tail, sizeof tail);
  g_byte_array_append (packet, rdata, size);
  packet->data[7]++;
}

/* A socket that sends by multicast on eth0 from the port of a responder; or -1 */
static int
open_as_responder (void)
{
  struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons (5353) };
  struct ip_mreqn interface = { .imr_ifindex = (int)if_nametoindex ("eth0") };
  const int yes = 1;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0
      && setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) == 0
      && bind (fd, (struct sockaddr *)&from, sizeof from) == 0
      && setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) == 0)
    return fd;
  close (fd);
  return -1;
}

static void
browse_address (Session *session, guint32 object, const char *name)
{
  session_send (session, DISCO_WIRE_BROWSE_RECORDS,
                g_variant_new ("(usq)", object, name, A_RECORD_TYPE));
}

/* --- beside an avahi-daemon --- */

/* The bed's daemon calls the host "host-a", which is not what the system calls it. */
static void
beside_a_daemon_with_another_host_name_it_is_found (void **state)
{
  const char *const browse[] = { "avahi-browse", "-rtp", TYPE, NULL };
  Responder *responder = start_on_eth0 ();
  Session *session = session_open (responder);
  g_autofree char *found = NULL;
  g_autofree char *expected
      = g_strdup_printf (";local;host-a.local;%s;4711;\"a=1\"", g_getenv ("BED_IP"));

  publish (session, "beside");
  found = run_on_b (browse);
  if (strstr (found, expected) == NULL)
    fail_msg ("host b sees: %s", found);
  session_close (session);
  responder_end (responder);
}

/* --- among responders that share this host's address --- */

/* A question for the address of host b that says that it is known (RFC 6762 §7.1), as often as
 * Avahi asks: after 1, 2, 4 … s */
typedef struct
{
  int fd;
  GByteArray *packet; /* (owned) */
  GSource *timer;     /* (owned) */
  guint interval_ms;  /* from now to the next one */
} Knowing;

static gboolean
on_knowing (gpointer data)
{
  Knowing *self = data;
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (5353) };

  inet_pton (AF_INET, "224.0.0.251", &to.sin_addr);
  assert_int_equal (sendto (self->fd, self->packet->data, self->packet->len, 0,
                            (struct sockaddr *)&to, sizeof to),
                    self->packet->len);
  g_clear_pointer (&self->timer, g_source_unref);
  self->timer = g_timeout_source_new (self->interval_ms);
  g_source_set_callback (self->timer, on_knowing, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
  self->interval_ms *= 2;
  return G_SOURCE_REMOVE;
}

static void
knowing_start (Knowing *self)
{
  const char *const print_address[] = { "printenv", "BED_IP", NULL };
  const guint8 header[] = { 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
  const guint8 question[] = { 0, A_RECORD_TYPE, 0, 1 };
  g_autofree char *printed = run_on_b (print_address);
  struct in_addr address;

  assert_int_equal (inet_pton (AF_INET, g_strstrip (printed), &address), 1);
  self->packet = g_byte_array_new ();
  g_byte_array_append (self->packet, header, sizeof header);
  add_name (self->packet, "host-b.local");
  g_byte_array_append (self->packet, question, sizeof question);
  add_rdata (self->packet, "host-b.local", A_RECORD_TYPE, NOT_SOON_S, &address, sizeof address);
  self->fd = open_as_responder ();
  assert_int_not_equal (self->fd, -1);
  self->timer = NULL;
  self->interval_ms = 1000;
  on_knowing (self);
}

static void
knowing_stop (Knowing *self)
{
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_byte_array_unref (self->packet);
  close (self->fd);
}

/* Avahi's questions after 0.1, 1.1, 3.1 … s all come when host b takes the answer for known. */
static void
what_another_one_here_knows_is_asked_for_out_of_step (void **state)
{
  Responder *responder = start_on_eth0 ();
  Session *session = session_open (responder);
  Knowing knowing;

  knowing_start (&knowing);
  browse_address (session, 1, "host-b.local");
  g_variant_unref (session_expect_browsed (session, 1, DISCO_WIRE_BROWSE_NEW));
  knowing_stop (&knowing);
  session_close (session);
  responder_end (responder);
}

/* --- interfaces that come --- */

static void
add_interface (const char *name)
{
  g_autofree char *command
      = g_strdup_printf ("ip link add %s type veth peer name peer-%s", name, name);
  int wait_status;

  assert_true (g_spawn_command_line_sync (command, NULL, NULL, &wait_status, NULL));
  assert_int_equal (wait_status, 0);
}

static void
a_new_interface_that_a_glob_names_ends_it_in_good_order (void **state)
{
  const char *const options[] = { "--interface=eth*", "--exclude=eth7", NULL };
  Responder *responder = responder_start_full (options);
  Session *session = session_open (responder);

  publish (session, "before");
  add_interface ("dummy7");
  add_interface ("eth7");
  session_send (session, DISCO_WIRE_FREE, g_variant_new ("(u)", 1));
  publish (session, "still there");
  add_interface ("eth8");
  assert_int_equal (responder_wait (responder), 0);
  session_expect_closed (session);
  session_close (session);
  responder_leave (responder);
  responder_free (responder);
}

/* --- packets that end an avahi-core without the shield --- */

typedef struct
{
  const char *owner;
  const char *target; /* of a CNAME record; NULL: an A record; "": TXT and SRV of no service */
} Record;

/* Each packet as its records, which live for a second: some of the harm is done when they expire.
 * Nothing but the last two get through. */
static const Record packets[][5] = {
  /* a browsed type that is an alias of itself */
  { { TYPE ".local", TYPE ".local" } },
  { { "_services._dns-sd._udp.local", "_services._dns-sd._udp.local" } },
  /* watched names with aliases that lead in a circle, and to one another */
  { { "x.local", "x.local" } },
  { { "x.local", "z.local" },
    { "x.local", "a.local" },
    { "z.local", "a.local" },
    { "a.local", "z.local" } },
  { { "i.local", "i1.local" },
    { "i.local", "i2.local" },
    { "i1.local", "i3.local" },
    { "i2.local", "i3.local" },
    { "i3.local", NULL } },
  { { "none." TYPE ".local", "" } },
  { { "sentinel.local", NULL } },
};

static void
add_record (GByteArray *packet, const Record *record, guint8 ttl_s)
{
  const guint8 address[] = { 192, 0, 2, 9 };
  g_autoptr (GByteArray) name = g_byte_array_new ();

  if (record->target == NULL)
    add_rdata (packet, record->owner, A_RECORD_TYPE, ttl_s, address, sizeof address);
  else if (*record->target == '\0')
    {
      add_rdata (packet, record->owner, TXT_RECORD_TYPE, NOT_SOON_S, "", 1);
      /* priority, weight, port, and the root as the target (RFC 2782) */
      add_rdata (packet, record->owner, SRV_RECORD_TYPE, NOT_SOON_S, "\0\0\0\0\0\0", 7);
    }
  else
    {
      add_name (name, record->target);
      add_rdata (packet, record->owner, CNAME_RECORD_TYPE, ttl_s, name->data, name->len);
    }
}

/* On host b: as a responder there would send them. */
static int
send_packets (void)
{
  const guint8 header[] = { 0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (5353) };
  int fd = open_as_responder ();

  inet_pton (AF_INET, "224.0.0.251", &to.sin_addr);
  if (fd == -1)
    return 1;
  for (gsize i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      g_autoptr (GByteArray) packet = g_byte_array_new ();

      g_byte_array_append (packet, header, sizeof header);
      for (gsize j = 0; j < G_N_ELEMENTS (packets[i]) && packets[i][j].owner != NULL; j++)
        add_record (packet, &packets[i][j], i + 1 < G_N_ELEMENTS (packets) ? 1 : 2);
      if (sendto (fd, packet->data, packet->len, 0, (struct sockaddr *)&to, sizeof to) < 0)
        return 1;
    }
  puts ("sent");
  close (fd);
  return 0;
}

/* An empty name would be none: the root is told as a dot. */
static void
expect_no_host (Session *session)
{
  g_autoptr (GVariant) body = session_expect (session, DISCO_WIRE_RESOLVED);
  const char *host;
  int code;

  g_variant_get_child (body, 3, "&s", &host);
  g_variant_get_child (body, 6, "i", &code);
  assert_int_equal (code, 0);
  assert_string_equal (host, ".");
}

static void
packets_with_cname_records_do_no_harm (void **state)
{
  Responder *responder = start_on_eth0 ();
  Session *session = session_open (responder);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *const command[] = { self, "send", NULL };
  g_autofree char *output = NULL;

  session_send (session, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 10, TYPE));
  session_send (session, DISCO_WIRE_BROWSE_TYPES, g_variant_new ("(u)", 11));
  browse_address (session, 12, "x.local");
  browse_address (session, 13, "i.local");
  browse_address (session, 14, "sentinel.local");
  /* once the questions are asked */
  g_variant_unref (session_expect_browsed (session, 12, DISCO_WIRE_BROWSE_ALL_FOR_NOW));
  output = run_on_b (command);
  assert_string_equal (output, "sent\n");
  g_variant_unref (session_expect_browsed (session, 14, DISCO_WIRE_BROWSE_NEW));
  /* names that are asked for while they might be cached */
  browse_address (session, 15, "x.local");
  browse_address (session, 16, "i.local");
  g_variant_unref (session_expect_browsed (session, 14, DISCO_WIRE_BROWSE_REMOVE));
  session_send (session, DISCO_WIRE_RESOLVE,
                g_variant_new ("(uiisss)", 17, -1, -1, "none", TYPE, "local"));
  expect_no_host (session);
  publish (session, "unharmed");
  assert_false (responder->exited);
  session_close (session);
  responder_end (responder);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest beside[] = {
    test_in_own_context (beside_a_daemon_with_another_host_name_it_is_found),
    test_in_own_context (what_another_one_here_knows_is_asked_for_out_of_step),
  };
  const struct CMUnitTest alone[] = {
    test_in_own_context (packets_with_cname_records_do_no_harm),
    test_in_own_context (a_new_interface_that_a_glob_names_ends_it_in_good_order),
  };

  if (argc == 2 && strcmp (argv[1], "send") == 0)
    return send_packets ();
  if (argc == 2 && strcmp (argv[1], "beside") == 0)
    return cmocka_run_group_tests (beside, NULL, NULL);
  return cmocka_run_group_tests (alone, NULL, NULL);
}
