/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnxSealError:
 * @ANX_SEAL_ERROR_INVALID: bytes from outside are not of the expected format
 * @ANX_SEAL_ERROR_TOO_LARGE: over its bound
 * @ANX_SEAL_ERROR_TAMPERED: a signature or an authentication tag does not match; nothing of the content may be used
 * @ANX_SEAL_ERROR_UNTRUSTED: a certificate is not of our authority, not for this use, or not of the stated principal
 * @ANX_SEAL_ERROR_EXPIRED: a certificate's time is over or has not begun
 * @ANX_SEAL_ERROR_REVOKED: the certificate was revoked
 * @ANX_SEAL_ERROR_NOT_RECIPIENT: the key given is of none of the record's recipients
 * @ANX_SEAL_ERROR_STALE: a directory older than, or contradicting, the one seen before
 * @ANX_SEAL_ERROR_STORE_MISSING: there is no Secret Service to keep keys in
 * @ANX_SEAL_ERROR_STORE_LOCKED: the Secret Service's collection is locked
 * @ANX_SEAL_ERROR_KEY_MISSING: the Secret Service is open but has no such key
 * @ANX_SEAL_ERROR_INTERNAL: libcrypto failed for no reason of the input's
 *
 * What can go wrong in `seal`.
 */
typedef enum
{
  ANX_SEAL_ERROR_INVALID,
  ANX_SEAL_ERROR_TOO_LARGE,
  ANX_SEAL_ERROR_TAMPERED,
  ANX_SEAL_ERROR_UNTRUSTED,
  ANX_SEAL_ERROR_EXPIRED,
  ANX_SEAL_ERROR_REVOKED,
  ANX_SEAL_ERROR_NOT_RECIPIENT,
  ANX_SEAL_ERROR_STALE,
  ANX_SEAL_ERROR_STORE_MISSING,
  ANX_SEAL_ERROR_STORE_LOCKED,
  ANX_SEAL_ERROR_KEY_MISSING,
  ANX_SEAL_ERROR_INTERNAL,
} AnxSealError;

#define ANX_SEAL_ERROR (anx_seal_error_quark ())
GQuark anx_seal_error_quark (void);

G_END_DECLS
