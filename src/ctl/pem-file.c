/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pem-file.h"

#include "bounds.h"
#include "files.h"
#include "process.h"

/**
 * anx_pem_file_read_certificate:
 * @path: a file with one certificate, at most %ANX_BOUND_PEM_BYTES
 * @error: return location, errors of %ANX_BASE_ERROR and %ANX_SEAL_ERROR
 *
 * Returns: (transfer full) (nullable): the certificate, not yet judged by anybody
 */
AnxCertificate *
anx_pem_file_read_certificate (const char *path,
                               GError **error)
{
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_PEM_BYTES, error);
  return bytes != NULL ? anx_certificate_new_from_pem (g_bytes_get_data (bytes, NULL), error) : NULL;
}

/**
 * anx_pem_file_read_key:
 * @path: a file with one private key, at most %ANX_BOUND_PEM_BYTES
 * @error: return location, errors of %ANX_BASE_ERROR and %ANX_SEAL_ERROR
 *
 * The text that was read is wiped from memory before this returns.
 *
 * Returns: (transfer full) (nullable): the key
 */
AnxKey *
anx_pem_file_read_key (const char *path,
                       GError **error)
{
  GBytes *bytes = anx_file_read (path, ANX_BOUND_PEM_BYTES, error);
  if (bytes == NULL)
    return NULL;
  gsize length;
  char *pem = g_bytes_unref_to_data (bytes, &length);
  AnxKey *key = anx_key_new_from_pem (pem, error);
  anx_wipe (pem, length);
  g_free (pem);
  return key;
}

/**
 * anx_pem_file_read_directory:
 * @path: a file with the signed directory in DER, at most %ANX_BOUND_DIRECTORY_BYTES
 * @authority: the district authority's certificate
 * @error: return location, errors of %ANX_BASE_ERROR and %ANX_SEAL_ERROR
 *
 * Returns: (transfer full) (nullable): what the authority signed
 */
AnxDirectory *
anx_pem_file_read_directory (const char *path,
                             AnxCertificate *authority,
                             GError **error)
{
  g_autoptr (GBytes) der = anx_file_read (path, ANX_BOUND_DIRECTORY_BYTES, error);
  return der != NULL ? anx_directory_open (der, authority, NULL, error) : NULL;
}
