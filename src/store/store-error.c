/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-error.h"

/**
 * anx_store_error_quark:
 *
 * Returns: the error domain of `store`
 */
GQuark
anx_store_error_quark (void)
{
  return g_quark_from_static_string ("anx-store-error-quark");
}
