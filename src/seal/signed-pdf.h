/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/*
 * A PDF that carries its own signature: an invisible signature field with a detached CMS SignedData over every other byte of the file
 * (ISO 32000-1 section 12.8, adbe.pkcs7.detached). With it a short text is signed, what the document is. Any thread.
 */
#define ANX_SIGNED_PDF_BYTES (16 * 1024 * 1024)

GBytes  *anx_signed_pdf_sign (GBytes *pdf, const char *text, gint64 now_usec, AnxKey *sign_key, AnxCertificate *sign_certificate,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_signed_pdf_verify (GBytes *pdf, AnxCertificate *authority, AnxCertificate **out_signer, char **out_text, GError **error);

/* A text on paper, as a QR code can carry it: the text, a stop, an ECDSA signature in Base64 for URLs. */
char    *anx_paper_mark_sign (const char *text, AnxKey *sign_key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char    *anx_paper_mark_verify (const char *mark, AnxCertificate *signer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
