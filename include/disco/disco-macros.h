/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * DISCO_AVAILABLE_IN_1_0:
 *
 * Marks a symbol of the public API, there since version 1.0.
 *
 * Since: 1.0
 */
#define DISCO_AVAILABLE_IN_1_0 __attribute__ ((visibility ("default"))) extern
