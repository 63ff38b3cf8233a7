/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync-error.h"

/**
 * anx_sync_error_quark:
 *
 * Returns: the error domain of `sync`
 */
G_DEFINE_QUARK (anx-sync-error-quark, anx_sync_error)
