/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnxCareError:
 * @ANX_CARE_ERROR_INVALID: data is not what its format or a rule demands; the message says which and why
 * @ANX_CARE_ERROR_TOO_LARGE: over its bound
 * @ANX_CARE_ERROR_UNSUPPORTED: a questionnaire uses a feature the engine does not have; the message names item and feature
 * @ANX_CARE_ERROR_NOT_ALLOWED: the state machine has no such step from here
 */
typedef enum
{
  ANX_CARE_ERROR_INVALID,
  ANX_CARE_ERROR_TOO_LARGE,
  ANX_CARE_ERROR_UNSUPPORTED,
  ANX_CARE_ERROR_NOT_ALLOWED,
} AnxCareError;

#define ANX_CARE_ERROR (anx_care_error_quark ())
GQuark anx_care_error_quark (void);

gboolean anx_care_fail (GError **error, AnxCareError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
