/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnxCtlError:
 * @ANX_CTL_ERROR_EXISTS: something of that name is there already; nothing was changed
 * @ANX_CTL_ERROR_INVALID: a file of the administrator is not what it must be
 * @ANX_CTL_ERROR_UNKNOWN: there is nothing of that name
 * @ANX_CTL_ERROR_TIMEOUT: what was waited for did not happen
 *
 * What can go wrong in `anxinctl` itself.
 */
typedef enum
{
  ANX_CTL_ERROR_EXISTS,
  ANX_CTL_ERROR_INVALID,
  ANX_CTL_ERROR_UNKNOWN,
  ANX_CTL_ERROR_TIMEOUT,
} AnxCtlError;

#define ANX_CTL_ERROR (anx_ctl_error_quark ())
GQuark anx_ctl_error_quark (void);

G_END_DECLS
