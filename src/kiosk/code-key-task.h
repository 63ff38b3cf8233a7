/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "resident.h"

G_BEGIN_DECLS

/* The slow key of a resident's code, derived in a thread so that the screen goes on living (about 0.1 s and 32 MiB). Call from the main thread. */
void  anx_code_key_task_start (AnxResident *resident, const char *normalised_code, GAsyncReadyCallback callback, gpointer user_data);
char *anx_code_key_task_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
