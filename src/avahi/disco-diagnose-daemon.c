/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was learnt of the bus and the daemon, in words. */
#include "disco-diagnose-private.h"

#include <avahi-common/defs.h>

#define OK DISCO_DIAGNOSIS_STATUS_OK
#define WARNING DISCO_DIAGNOSIS_STATUS_WARNING
#define FAILED DISCO_DIAGNOSIS_STATUS_FAILED

DiscoDiagnosis *
disco_diagnose_bus (const DiscoDaemonFacts *facts, gboolean needed)
{
  if (facts->bus_error == NULL)
    return disco_diagnosis_new ("bus", OK, "The system bus answers.");
  if (!needed)
    return disco_diagnosis_new ("bus", OK,
                                "There is no system bus (%s); the embedded responder does without.",
                                facts->bus_error->message);
  return disco_diagnosis_new (
      "bus", FAILED,
      "The system bus cannot be used: %s. Start it (systemctl start dbus), let the container or "
      "sandbox see it, or use the embedded backend, which does without.",
      facts->bus_error->message);
}

static DiscoDiagnosis *
describe_server (const DiscoDaemonFacts *facts)
{
  const char *version = facts->version != NULL ? facts->version : "avahi-daemon";
  const char *name = facts->host_name != NULL ? facts->host_name : "its host name";

  switch ((AvahiServerState)facts->server_state)
    {
    case AVAHI_SERVER_RUNNING:
      return disco_diagnosis_new ("daemon", OK, "%s is running, as %s.", version, name);
    case AVAHI_SERVER_REGISTERING:
      return disco_diagnosis_new ("daemon", WARNING,
                                  "%s is still claiming %s on the network. Try again in a second.",
                                  version, name);
    case AVAHI_SERVER_COLLISION:
      return disco_diagnosis_new ("daemon", WARNING,
                                  "%s found that another host has the name %s, and is choosing "
                                  "another one. Give each host a name of its own.",
                                  version, name);
    case AVAHI_SERVER_FAILURE:
    case AVAHI_SERVER_INVALID:
    default:
      return disco_diagnosis_new (
          "daemon", FAILED,
          "%s has failed and announces nothing. Read its log (journalctl -u "
          "avahi-daemon) and restart it (systemctl restart avahi-daemon).",
          version);
    }
}

static DiscoDiagnosis *
describe_missing (const DiscoDaemonFacts *facts)
{
  if (facts->sandboxed)
    return disco_diagnosis_new (
        "daemon", FAILED,
        "No avahi-daemon is to be seen from this sandbox. Let the program talk to it (Flatpak: "
        "--system-talk-name=org.freedesktop.Avahi), and see that it runs on the host.");
  return disco_diagnosis_new ("daemon", FAILED,
                              "avahi-daemon is not running. Install the package avahi-daemon and "
                              "start it (systemctl enable --now avahi-daemon).");
}

DiscoDiagnosis *
disco_diagnose_daemon (const DiscoDaemonFacts *facts)
{
  switch (facts->presence)
    {
    case DISCO_DAEMON_ANSWERS:
      return describe_server (facts);
    case DISCO_DAEMON_MISSING:
      return describe_missing (facts);
    case DISCO_DAEMON_STARTABLE:
      return disco_diagnosis_new ("daemon", FAILED,
                                  "avahi-daemon is not running, though the bus could start it. "
                                  "Start it (systemctl start avahi-daemon) and read its log "
                                  "(journalctl -u avahi-daemon).");
    case DISCO_DAEMON_DENIED:
      return disco_diagnosis_new (
          "daemon", FAILED,
          "There is no permission to talk to avahi-daemon: %s. In a sandbox, allow it (Flatpak: "
          "--system-talk-name=org.freedesktop.Avahi; Snap: connect avahi-observe and "
          "avahi-control); else look at the policy of the system bus.",
          facts->error->message);
    case DISCO_DAEMON_SILENT:
      return disco_diagnosis_new ("daemon", FAILED,
                                  "avahi-daemon is there and does not answer: %s. Restart it "
                                  "(systemctl restart avahi-daemon).",
                                  facts->error->message);
    case DISCO_DAEMON_NOT_ASKED:
    default:
      return disco_diagnosis_new ("daemon", FAILED,
                                  "Without the system bus there is no way to avahi-daemon.");
    }
}

DiscoDiagnosis *
disco_diagnose_embedded (DiscoState state, const GError *error)
{
  switch (state)
    {
    case DISCO_STATE_RUNNING:
      return disco_diagnosis_new ("daemon", OK,
                                  "The embedded responder is running; no daemon is needed.");
    case DISCO_STATE_CONNECTING:
      return disco_diagnosis_new ("daemon", WARNING,
                                  "The embedded responder is still starting. Try again in a few "
                                  "seconds.");
    case DISCO_STATE_UNAVAILABLE:
    default:
      return disco_diagnosis_new ("daemon", FAILED,
                                  "The embedded responder does not work: %s. See that "
                                  "disco-responder is installed with the library, "
                                  "or use avahi-daemon.",
                                  error != NULL ? error->message : "it does not start");
    }
}
