/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnxStoreError:
 * @ANX_STORE_ERROR_FULL: the disk is full; the transaction was rolled back, nothing acknowledged is lost
 * @ANX_STORE_ERROR_BUSY: another process holds the database
 * @ANX_STORE_ERROR_CONSTRAINT: a unique or check constraint refused the row
 * @ANX_STORE_ERROR_CORRUPT: the file is not a database, or is damaged
 * @ANX_STORE_ERROR_VERSION: the database was written by a newer version of the program
 * @ANX_STORE_ERROR_IO: any other failure of the disk
 * @ANX_STORE_ERROR_SCHEMA: a statement does not fit the schema (a defect)
 */
typedef enum
{
  ANX_STORE_ERROR_FULL,
  ANX_STORE_ERROR_BUSY,
  ANX_STORE_ERROR_CONSTRAINT,
  ANX_STORE_ERROR_CORRUPT,
  ANX_STORE_ERROR_VERSION,
  ANX_STORE_ERROR_IO,
  ANX_STORE_ERROR_SCHEMA,
} AnxStoreError;

#define ANX_STORE_ERROR (anx_store_error_quark ())
GQuark anx_store_error_quark (void);

G_END_DECLS
