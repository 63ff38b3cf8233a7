/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <gst/gst.h>
#include <malloc.h>

#include "call-error.h"
#include "call-media.h"
#include "call.h"

static gboolean started;

/*
 * The first DTLS element of a process makes its certificate, an RSA key that takes from 0.1 to more than a second; later ones use
 * the same. Made ahead, beside the main thread, it does not delay the first call.
 */
static gpointer
make_dtls_certificate (gpointer data)
{
  g_autoptr (GstElement) element = gst_element_factory_make ("dtlsdec", NULL);
  if (element != NULL)
    gst_object_ref_sink (element);
  return NULL;
}

/**
 * anx_call_library_init:
 * @error: return location, %ANX_CALL_ERROR_INSTALLATION, naming the missing Debian package
 *
 * Starts GStreamer, limits the allocator of this process to one arena, and looks whether all parts are there. Better called a second or
 * more before the first call, because a thread then makes the key of the lines in the meantime. Called again, after it has succeeded, it
 * does nothing. Main thread.
 *
 * Returns: whether calls can be made on this machine
 */
gboolean
anx_call_library_init (GError **error)
{
  if (started)
    return TRUE;
#ifdef M_ARENA_MAX
  /*
   * A call runs some twenty threads, each with an arena of glibc's allocator to itself; what they leave behind grew by 10 MiB a call.
   * With one arena, ten calls stayed within 1 MiB (tests/call/test-call.c, many-calls).
   */
  mallopt (M_ARENA_MAX, 1);
#endif
  g_autoptr (GError) inner = NULL;
  if (!gst_init_check (NULL, NULL, &inner))
    {
      g_set_error (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INSTALLATION,
                   _("Video calls can not work on this machine: GStreamer does not start (%s)."), inner->message);
      return FALSE;
    }
  if (!anx_call_media_check_installation (error))
    return FALSE;
  started = TRUE;
  g_thread_unref (g_thread_new ("anx-call-key", make_dtls_certificate, NULL));
  return TRUE;
}
