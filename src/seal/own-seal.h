/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/*
 * What somebody keeps on their own disk for themselves alone: drafts, and what was read out of opened records. Sealed to the own seal
 * key, and signed with the own sign key, because anybody could seal something to a certificate. Any thread.
 */
#define ANX_OWN_SEAL_MAX_BYTES (32 * 1024 * 1024)

GBytes *anx_own_seal (const char *purpose, GBytes *plain, AnxKey *sign_key, AnxCertificate *sign_certificate,
                      AnxCertificate *seal_certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *anx_own_open (const char *purpose, GBytes *sealed, AnxCertificate *authority, AnxCertificate *sign_certificate, AnxKey *seal_key,
                      AnxCertificate *seal_certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
