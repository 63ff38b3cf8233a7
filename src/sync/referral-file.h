/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"
#include "referral-bundle.h"

G_BEGIN_DECLS

/* A referral with its answers out to a file, which is not sealed, and in from one. Main thread. README.md has the rules. */

/* What stands in the file; that it left the sealed records, and why, is on this machine's disk when it returns. */
GBytes    *anx_referral_file_export (AnxClient *client, const char *task, const char *reason, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ids of the records that were written; none when all of it was here already. Nothing is written when it cannot be taken over whole. */
GPtrArray *anx_referral_file_import (AnxClient *client, const AnxReferralBundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type utf8) */

G_END_DECLS
