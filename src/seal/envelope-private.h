/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "envelope.h"

G_BEGIN_DECLS

/* For envelope.c, from record-header.c. */
gboolean    anx_record_header_check (AnxRecordHeader *self, GError **error);
JsonObject *anx_record_header_to_inner (AnxRecordHeader *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
