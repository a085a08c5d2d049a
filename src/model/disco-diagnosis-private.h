/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-diagnosis.h>

G_BEGIN_DECLS

/* @check: a word that scripts may compare with, of static storage; @format: of the detail */
DiscoDiagnosis *disco_diagnosis_new (const char *check, DiscoDiagnosisStatus status,
                                     const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
