/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnxSyncError:
 * @ANX_SYNC_ERROR_OFFLINE: the hub cannot be reached now; the work is kept
 * @ANX_SYNC_ERROR_UNTRUSTED: the hub's certificate is not of the pinned authority, or changed; nothing was sent
 * @ANX_SYNC_ERROR_DATE: the hub's certificate is not valid at this machine's date; nothing was sent
 * @ANX_SYNC_ERROR_REFUSED: the hub refused (4xx); the message is the problem's detail
 * @ANX_SYNC_ERROR_CONFLICT: the hub refused because of another's earlier claim (409)
 * @ANX_SYNC_ERROR_UNKNOWN: the hub knows nothing under that name (404, 410)
 * @ANX_SYNC_ERROR_BUSY: too many requests (429, 503); try again later
 * @ANX_SYNC_ERROR_INVALID: the hub's answer is not what the API says
 * @ANX_SYNC_ERROR_PROFILE: the client's data folder is missing, damaged, or of another district
 */
typedef enum
{
  ANX_SYNC_ERROR_OFFLINE,
  ANX_SYNC_ERROR_UNTRUSTED,
  ANX_SYNC_ERROR_DATE,
  ANX_SYNC_ERROR_REFUSED,
  ANX_SYNC_ERROR_CONFLICT,
  ANX_SYNC_ERROR_UNKNOWN,
  ANX_SYNC_ERROR_BUSY,
  ANX_SYNC_ERROR_INVALID,
  ANX_SYNC_ERROR_PROFILE,
} AnxSyncError;

#define ANX_SYNC_ERROR (anx_sync_error_quark ())
GQuark anx_sync_error_quark (void);

G_END_DECLS
