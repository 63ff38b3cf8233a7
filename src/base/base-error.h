/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnxBaseError:
 * @ANX_BASE_ERROR_INVALID: data from outside is not what its format says
 * @ANX_BASE_ERROR_TOO_LARGE: data from outside is over its bound (see bounds.h)
 * @ANX_BASE_ERROR_CONFIG: a configuration file is missing, unreadable or wrong; the message names file and key
 * @ANX_BASE_ERROR_STORAGE: a file could not be read or written; the message names what to do
 *
 * What can go wrong in `base`.
 */
typedef enum
{
  ANX_BASE_ERROR_INVALID,
  ANX_BASE_ERROR_TOO_LARGE,
  ANX_BASE_ERROR_CONFIG,
  ANX_BASE_ERROR_STORAGE,
} AnxBaseError;

#define ANX_BASE_ERROR (anx_base_error_quark ())
GQuark anx_base_error_quark (void);

G_END_DECLS
