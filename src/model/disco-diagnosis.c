/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnosis-private.h"

/**
 * DiscoDiagnosis:
 *
 * What one check of [func@Disco.diagnose] found out: one reason why something might not be seen on
 * the network, or that it is none.
 *
 * ## Threads
 *
 * A diagnosis is immutable, and may be used and dropped in any thread.
 *
 * Since: 1.0
 */
struct _DiscoDiagnosis
{
  gatomicrefcount ref_count;
  const char *check; /* static */
  DiscoDiagnosisStatus status;
  char *detail; /* (owned) */
};

G_DEFINE_ENUM_TYPE (DiscoDiagnosisStatus, disco_diagnosis_status,
                    G_DEFINE_ENUM_VALUE (DISCO_DIAGNOSIS_STATUS_OK, "ok"),
                    G_DEFINE_ENUM_VALUE (DISCO_DIAGNOSIS_STATUS_WARNING, "warning"),
                    G_DEFINE_ENUM_VALUE (DISCO_DIAGNOSIS_STATUS_FAILED, "failed"))

G_DEFINE_BOXED_TYPE (DiscoDiagnosis, disco_diagnosis, disco_diagnosis_ref, disco_diagnosis_unref)

/* What the bus or the network says may be part of the detail: it is made valid UTF-8. */
DiscoDiagnosis *
disco_diagnosis_new (const char *check, DiscoDiagnosisStatus status, const char *format, ...)
{
  DiscoDiagnosis *self = g_new (DiscoDiagnosis, 1);
  g_autofree char *detail = NULL;
  va_list args;

  va_start (args, format);
  detail = g_strdup_vprintf (format, args);
  va_end (args);
  g_atomic_ref_count_init (&self->ref_count);
  self->check = check;
  self->status = status;
  self->detail = g_utf8_make_valid (detail, -1);
  return self;
}

/**
 * disco_diagnosis_ref:
 * @self: a diagnosis
 *
 * Takes a reference to a diagnosis.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
DiscoDiagnosis *
disco_diagnosis_ref (DiscoDiagnosis *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * disco_diagnosis_unref:
 * @self: (transfer full): a diagnosis
 *
 * Drops a reference to a diagnosis; the last one frees it.
 *
 * Since: 1.0
 */
void
disco_diagnosis_unref (DiscoDiagnosis *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->detail);
  g_free (self);
}

/**
 * disco_diagnosis_get_check:
 * @self: a diagnosis
 *
 * Gets what was looked at, as a word that stays the same and may be compared with: "bus", "daemon",
 * "responders", "interfaces", "multicast", "cache" or "loop". Later versions may have more.
 *
 * Returns: (transfer none): the word
 *
 * Since: 1.0
 */
const char *
disco_diagnosis_get_check (DiscoDiagnosis *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->check;
}

/**
 * disco_diagnosis_get_status:
 * @self: a diagnosis
 *
 * Gets what the check has come to.
 *
 * Returns: the status
 *
 * Since: 1.0
 */
DiscoDiagnosisStatus
disco_diagnosis_get_status (DiscoDiagnosis *self)
{
  g_return_val_if_fail (self != NULL, DISCO_DIAGNOSIS_STATUS_FAILED);

  return self->status;
}

/**
 * disco_diagnosis_get_detail:
 * @self: a diagnosis
 *
 * Gets what was found, for people to read: a sentence or two in English, with what to do about it
 * where the status is not %DISCO_DIAGNOSIS_STATUS_OK.
 *
 * Names of programs and interfaces may be part of it, so who shows it on a terminal escapes it.
 *
 * Returns: (transfer none): the detail, valid UTF-8
 *
 * Since: 1.0
 */
const char *
disco_diagnosis_get_detail (DiscoDiagnosis *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->detail;
}
