/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl-error.h"

/**
 * anx_ctl_error_quark:
 *
 * Returns: the error domain of `ctl`
 */
G_DEFINE_QUARK (anx-ctl-error-quark, anx_ctl_error)
