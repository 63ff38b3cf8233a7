/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-error.h"

#include <glib/gi18n.h>

G_DEFINE_QUARK (anx-care-error-quark, anx_care_error)

/**
 * anx_care_fail:
 * @error: return location
 * @code: an #AnxCareError
 * @format: the message: where it is and what is wrong there; one marked for translation is said in the language of the program
 * @...: what @format asks for
 *
 * Returns: %FALSE
 */
gboolean
anx_care_fail (GError **error,
               AnxCareError code,
               const char *format,
               ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (_ (format), args);
  va_end (args);
  g_set_error_literal (error, ANX_CARE_ERROR, code, message);
  return FALSE;
}
