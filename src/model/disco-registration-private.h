/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-attributes-private.h"

#include <disco/disco-registration.h>

G_BEGIN_DECLS

/* From now on a setter is a programmer's mistake, so that the registration can cross threads. */
void disco_registration_freeze (DiscoRegistration *self);
DiscoAttributes *disco_registration_peek_attributes (DiscoRegistration *self);

G_END_DECLS
