/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The little of DER (ITU-T X.690) that is needed to hold a CMS structure against its one allowed form, where libcrypto has
 * no accessor. Tags of one byte, definite lengths in the shortest form only.
 */
typedef struct
{
  const guint8 *data;
  gsize length;
} AnxDer;

gboolean anx_der_take (AnxDer *reader, guint8 tag, AnxDer *out_content);
gboolean anx_der_take_exactly (AnxDer *reader, const guint8 *bytes, gsize length);
void     anx_der_add (GByteArray *out, guint8 tag, const guint8 *content, gsize length);

#define ANX_DER_INTEGER 0x02
#define ANX_DER_BIT_STRING 0x03
#define ANX_DER_OCTET_STRING 0x04
#define ANX_DER_SEQUENCE 0x30
#define ANX_DER_SET 0x31
#define ANX_DER_CONTEXT(n) (0xa0 + (n))
#define ANX_DER_CONTEXT_PRIMITIVE(n) (0x80 + (n))

G_END_DECLS
