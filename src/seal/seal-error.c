/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal-error.h"

#include <openssl/err.h>
#include <stdarg.h>

#include "seal-private.h"

G_DEFINE_QUARK (anx-seal-error-quark, anx_seal_error)

/**
 * anx_seal_fail:
 * @error: return location
 * @code: an #AnxSealError
 * @format: printf format of the message; nothing of a record's content may go into it
 *
 * Sets the error and empties libcrypto's queue of this thread: what stays there would be taken for its own by the next
 * user of libssl in the same thread.
 *
 * Returns: %FALSE, so that a failing function can return it
 */
gboolean
anx_seal_fail (GError **error,
               AnxSealError code,
               const char *format,
               ...)
{
  va_list arguments;

  ERR_clear_error ();
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, ANX_SEAL_ERROR, (gint) code, message);
  return FALSE;
}

/**
 * anx_seal_fail_internal:
 * @error: return location, %ANX_SEAL_ERROR_INTERNAL
 * @what: what was being done
 *
 * As anx_seal_fail(), with the reason libcrypto gives.
 *
 * Returns: %FALSE
 */
gboolean
anx_seal_fail_internal (GError **error,
                        const char *what)
{
  const char *reason = ERR_reason_error_string (ERR_peek_last_error ());
  return anx_seal_fail (error, ANX_SEAL_ERROR_INTERNAL, "%s failed: %s", what,
                        reason != NULL ? reason : "no reason given");
}

/**
 * anx_seal_take_base_error:
 * @error: return location, %ANX_SEAL_ERROR_INVALID or %ANX_SEAL_ERROR_TOO_LARGE
 * @inner: (transfer full): an error of #AnxBaseError
 * @what: what was being read
 *
 * Turns a reader's error into one of this folder's domain.
 *
 * Returns: %FALSE
 */
gboolean
anx_seal_take_base_error (GError **error,
                          GError *inner,
                          const char *what)
{
  gboolean large = g_error_matches (inner, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE);
  anx_seal_fail (error, large ? ANX_SEAL_ERROR_TOO_LARGE : ANX_SEAL_ERROR_INVALID, "%s: %s", what, inner->message);
  g_error_free (inner);
  return FALSE;
}
