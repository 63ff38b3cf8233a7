/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base-error.h"

static void
set_storage_error (GError **error,
                   const char *what,
                   const char *path,
                   int code)
{
  if (code == ENOSPC || code == EDQUOT)
    g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_STORAGE,
                 "The disk is full. Nothing was lost. Free some space for %s, then try again.", path);
  else
    g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_STORAGE, "%s %s: %s", what, path, g_strerror (code));
}

/**
 * anx_directory_make_private:
 * @path: a folder
 * @error: return location, %ANX_BASE_ERROR_STORAGE
 *
 * Makes the folder and its parents if they are missing, and lets nobody but the owner in.
 *
 * Returns: whether it is there and private
 */
gboolean
anx_directory_make_private (const char *path,
                            GError **error)
{
  if (g_mkdir_with_parents (path, 0700) != 0 || g_chmod (path, 0700) != 0)
    {
      set_storage_error (error, "Cannot make the folder", path, errno);
      return FALSE;
    }
  return TRUE;
}

/**
 * anx_file_write:
 * @path: a file
 * @data: (array length=length): what it shall hold
 * @length: bytes, or -1 when @data ends with a zero byte
 * @error: return location, %ANX_BASE_ERROR_STORAGE
 *
 * Replaces the file as a whole, mode 0600. On return the new content is on the disk; after an error or a crash the old
 * content stands.
 *
 * Returns: whether it was written
 */
gboolean
anx_file_write (const char *path,
                const char *data,
                gssize length,
                GError **error)
{
  g_autoptr (GError) inner = NULL;
  if (g_file_set_contents_full (path, data, length, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &inner))
    return TRUE;
  set_storage_error (error, "Cannot write", path, g_error_matches (inner, G_FILE_ERROR, G_FILE_ERROR_NOSPC) ? ENOSPC : EIO);
  return FALSE;
}

/**
 * anx_file_read:
 * @path: a file
 * @max_bytes: the most it may hold
 * @error: return location, %ANX_BASE_ERROR_STORAGE or %ANX_BASE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): its content, followed by a zero byte that the size does not count
 */
GBytes *
anx_file_read (const char *path,
               gsize max_bytes,
               GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (fd < 0 || fstat (fd, &info) != 0)
    {
      set_storage_error (error, "Cannot read", path, errno);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  if (info.st_size < 0 || (gsize) info.st_size > max_bytes)
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE, "%s is larger than %" G_GSIZE_FORMAT " bytes", path, max_bytes);
      close (fd);
      return NULL;
    }

  gsize size = (gsize) info.st_size, done = 0;
  char *data = g_malloc0 (size + 1);
  while (done < size)
    {
      ssize_t n = read (fd, data + done, size - done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      done += (gsize) n;
    }
  close (fd);
  if (done < size)
    {
      g_free (data);
      set_storage_error (error, "Cannot read", path, EIO);
      return NULL;
    }
  return g_bytes_new_take (data, size);
}
