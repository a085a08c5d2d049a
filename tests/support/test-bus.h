/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-support.h"

/* A message bus of the test's own, in a folder of its own, that DBUS_SYSTEM_BUS_ADDRESS names
 * meanwhile. It is there from test_bus_start() on. */
typedef struct
{
  char *folder;        /* (owned) */
  char *socket;        /* (owned) */
  GSubprocess *daemon; /* (owned) (nullable) */
} TestBus;

/* @service: (nullable): a name that the bus can start: by a program that leaves a trace and does
 * not take it. The bus waits for it then, but not if the program fails. */
TestBus *test_bus_new (const char *service);
void test_bus_free (TestBus *self);
/* Skips the test where there is no dbus-daemon. */
void test_bus_start (TestBus *self);
void test_bus_stop (TestBus *self);
/* Stops it without ending it: it answers nothing any more. */
void test_bus_hang (TestBus *self);
/* Its program fails; or it cannot be started at all. To be called before the bus is started. */
void test_bus_let_service_fail (TestBus *self, const char *service);
void test_bus_forget_service (TestBus *self);
/* Whether the bus was made to start the service: a TestCondition */
gboolean test_bus_has_started_service (gpointer bus);
/* (transfer full): a connection that has the name */
GDBusConnection *test_bus_own_name (TestBus *self, const char *name);
void test_bus_disown_name (GDBusConnection *connection);
/* (transfer full) (element GDBusConnection): connections to the system bus, as many as it takes */
GPtrArray *test_bus_take_all_connections (void);
