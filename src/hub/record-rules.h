/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "directory.h"
#include "envelope.h"

G_BEGIN_DECLS

typedef struct
{
  const char *kind;
  const char *authors; /* words, see record-rules.c */
  const char *readers;
} AnxRecordRule;

const AnxRecordRule *anx_record_rules_list (gsize *out_length);
gboolean anx_record_rules_allow (AnxDirectory *directory, const AnxPrincipal *author, AnxRecordHeader *header);

G_END_DECLS
