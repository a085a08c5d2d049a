/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-avahi-agent.h>
#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_DIAGNOSIS (disco_diagnosis_get_type ())
#define DISCO_TYPE_DIAGNOSIS_STATUS (disco_diagnosis_status_get_type ())

/**
 * DiscoDiagnosisStatus:
 * @DISCO_DIAGNOSIS_STATUS_OK: as it should be
 * @DISCO_DIAGNOSIS_STATUS_WARNING: it works, or may work, but not as well as it could
 * @DISCO_DIAGNOSIS_STATUS_FAILED: a reason why nothing, or not everything, is seen
 *
 * What a check has come to.
 *
 * Since: 1.0
 */
typedef enum
{
  DISCO_DIAGNOSIS_STATUS_OK,
  DISCO_DIAGNOSIS_STATUS_WARNING,
  DISCO_DIAGNOSIS_STATUS_FAILED,
} DiscoDiagnosisStatus;

typedef struct _DiscoDiagnosis DiscoDiagnosis;

DISCO_AVAILABLE_IN_1_0
GType disco_diagnosis_status_get_type (void);
DISCO_AVAILABLE_IN_1_0
GType disco_diagnosis_get_type (void);

DISCO_AVAILABLE_IN_1_0
DiscoDiagnosis *disco_diagnosis_ref (DiscoDiagnosis *self);
DISCO_AVAILABLE_IN_1_0
void disco_diagnosis_unref (DiscoDiagnosis *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_diagnosis_get_check (DiscoDiagnosis *self);
DISCO_AVAILABLE_IN_1_0
DiscoDiagnosisStatus disco_diagnosis_get_status (DiscoDiagnosis *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_diagnosis_get_detail (DiscoDiagnosis *self);

DISCO_AVAILABLE_IN_1_0
GPtrArray *disco_diagnose (DiscoAvahiAgent *agent, GCancellable *cancellable, GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_diagnose_async (DiscoAvahiAgent *agent, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data);
DISCO_AVAILABLE_IN_1_0
GPtrArray *disco_diagnose_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoDiagnosis, disco_diagnosis_unref)

G_END_DECLS
