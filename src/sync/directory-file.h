/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "database.h"
#include "directory.h"

G_BEGIN_DECLS

/*
 * The newest directory that this client has seen, on the disk and in memory. Never goes back (D1, D2 in README.md). Belongs to one
 * AnxClient; main thread.
 */
typedef struct _AnxDirectoryFile AnxDirectoryFile;

AnxDirectoryFile *anx_directory_file_new (const char *path, AnxDatabase *database, AnxCertificate *authority) G_GNUC_WARN_UNUSED_RESULT;
void              anx_directory_file_free (AnxDirectoryFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxDirectoryFile, anx_directory_file_free)

AnxDirectory *anx_directory_file_get (AnxDirectoryFile *self);
gboolean      anx_directory_file_replace (AnxDirectoryFile *self, GBytes *der, GError **error);

/* What is wrong with a directory that was refused: the name of a notice. */
const char *anx_directory_file_name_fault (AnxDirectoryFile *self, GBytes *der, gint64 *out_version) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
