/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the functions stand in DiscoAgentInterface, by which agents that others have written were
 * built. A new one takes the first of the reserved places, and the size stays. No function of the
 * library has this struct in its signature, so abidiff does not see it. */
#include <disco/disco.h>

#define ASSERT_PLACE(place, member)                                                                \
  G_STATIC_ASSERT (G_STRUCT_OFFSET (DiscoAgentInterface, member)                                   \
                   == sizeof (GTypeInterface) + (place) * sizeof (gpointer))

ASSERT_PLACE (0, register_async);
ASSERT_PLACE (1, register_finish);
ASSERT_PLACE (2, update_async);
ASSERT_PLACE (3, update_finish);
ASSERT_PLACE (4, deregister_async);
ASSERT_PLACE (5, deregister_finish);
ASSERT_PLACE (6, leave_async);
ASSERT_PLACE (7, leave_finish);
ASSERT_PLACE (8, services_async);
ASSERT_PLACE (9, services_finish);
ASSERT_PLACE (10, open_service);
ASSERT_PLACE (11, verify_async);
ASSERT_PLACE (12, verify_finish);
G_STATIC_ASSERT (sizeof (DiscoAgentInterface) == sizeof (GTypeInterface) + 19 * sizeof (gpointer));
