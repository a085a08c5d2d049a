/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-daemon-link-private.h"
#include "test-bus.h"

#define PLAYED_NAME "org.freedesktop.Avahi"

/* A method of the server or of an object of it, in the daemon's thread. GetAPIVersion, GetState and
 * Free, but that of an entry group, are answered already. */
typedef void (*PlayedCall) (GDBusMethodInvocation *invocation, const char *method,
                            gpointer user_data);

/* An avahi-daemon that is played, in a thread of its own, since avahi-client blocks; and a link to
 * it, which runs. */
typedef struct
{
  GMainContext *context;   /* (owned): the link's, thread-default meanwhile */
  DiscoWatchdog *watchdog; /* (owned) */
  DiscoLink *link;         /* (owned) */

  GMainLoop *loop;             /* (owned) */
  GThread *thread;             /* (owned) */
  GDBusConnection *connection; /* (owned) (nullable): NULL once it has left the bus */
  GDBusNodeInfo *node;         /* (owned) */
  PlayedCall call;
  gpointer user_data;
} PlayedDaemon;

/* @bus: has been started. */
PlayedDaemon *played_daemon_new (TestBus *bus, PlayedCall call, gpointer user_data);
void played_daemon_free (PlayedDaemon *self);
/* It leaves the bus. */
void played_daemon_leave (PlayedDaemon *self);
/* Closes the link, and makes a new one that runs. */
void played_daemon_renew_link (PlayedDaemon *self);
/* Answers with an object: @interface is the last part of its name. In the daemon's thread. */
void played_daemon_return_object (PlayedDaemon *self, GDBusMethodInvocation *invocation,
                                  const char *path, const char *interface);

/* TestConditions, of a DiscoLink */
gboolean played_link_is_running (gpointer link);
gboolean played_link_has_failed (gpointer link);

/* (group) set-up and tear-down: the state is a TestBus. One for all tests of a program: libdbus
 * reads its address once. */
int played_daemon_set_up_bus (void **state);
int played_daemon_tear_down_bus (void **state);
