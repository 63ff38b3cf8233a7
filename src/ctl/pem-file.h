/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "directory.h"

G_BEGIN_DECLS

/* Keys, certificates and the signed directory, from files that a person names on the command line. */
AnxCertificate *anx_pem_file_read_certificate (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxKey         *anx_pem_file_read_key (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxDirectory   *anx_pem_file_read_directory (const char *path, AnxCertificate *authority, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
