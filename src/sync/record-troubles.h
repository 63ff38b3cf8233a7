/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "record-index.h"

G_BEGIN_DECLS

/* Records that a person must look at, each by itself: none of them stops another. */
typedef enum
{
  ANX_TROUBLE_SET_ASIDE, /* written here, refused by the hub; kept here */
  ANX_TROUBLE_REFUSED,   /* offered by the hub, not genuine or against its author's chain */
  ANX_TROUBLE_POISONED,  /* kept here, ours to read, does not open */
} AnxTroubleKind;

typedef struct
{
  AnxTroubleKind kind;
  char *id;      /* of the record; of a refused one the SHA-256 of its bytes */
  char *problem; /* (nullable) in the words of the hub or of the check */
} AnxRecordTrouble;

GPtrArray *anx_record_troubles_list (AnxClient *client, AnxRecordIndex *index, guint most) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxRecordTrouble) */

G_END_DECLS
