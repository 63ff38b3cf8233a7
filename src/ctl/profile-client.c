/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "profile-client.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "key-store.h"

/* One at a time: two would write two records at the same place of one chain. */
static gboolean
lock_profile (AnxProfileClient *self,
              AnxProfile *profile,
              GError **error)
{
  g_autofree char *path = anx_profile_build_path (profile, "command.lock");
  self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->lock >= 0 && flock (self->lock, LOCK_EX) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
  return FALSE;
}

/**
 * anx_profile_client_open:
 * @self: ANX_PROFILE_CLIENT_INIT
 * @folder: a profile, made by `enrol join`
 * @error: return location, errors of anx_profile_open() and anx_client_new(), %G_FILE_ERROR
 *
 * Waits while another command has it. The client is not started.
 *
 * Returns: whether there is a client now
 */
gboolean
anx_profile_client_open (AnxProfileClient *self,
                         const char *folder,
                         GError **error)
{
  g_autoptr (AnxProfile) profile = anx_profile_open (folder, error);
  if (profile == NULL || !lock_profile (self, profile, error))
    return FALSE;
  g_autoptr (AnxKeyStore) store = anx_secret_key_store_new (anx_profile_get_district (profile));
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  self->loop = g_main_loop_new (NULL, FALSE);
  self->client = anx_client_new (profile, store, clock, error);
  return self->client != NULL;
}

static void
on_step (AnxProfileClient *self)
{
  g_autofree char *problem = self->id != NULL ? anx_client_dup_record_problem (self->client, self->id) : NULL;
  if (self->id != NULL ? problem != NULL || !anx_client_is_queued (self->client, self->id)
                       : anx_client_get_directory (self->client) != NULL && anx_client_get_state (self->client) == ANX_CLIENT_ONLINE)
    g_main_loop_quit (self->loop);
}

static gboolean
on_over (gpointer data)
{
  AnxProfileClient *self = data;
  self->over = TRUE;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/**
 * anx_profile_client_wait:
 * @self: with a client that was started
 * @id: (nullable): a record that was written here; %NULL for the directory and the hub
 * @seconds: for how long at most
 *
 * Returns: whether the record is at the hub or was set aside, or there is a directory and the hub answers; %FALSE when the time is over
 */
gboolean
anx_profile_client_wait (AnxProfileClient *self,
                         const char *id,
                         int seconds)
{
  self->id = id;
  self->over = FALSE;
  guint timeout = g_timeout_add_seconds ((guint) seconds, on_over, self);
  gulong handlers[] = {
    g_signal_connect_swapped (self->client, "state-changed", G_CALLBACK (on_step), self),
    g_signal_connect_swapped (self->client, "outbox-changed", G_CALLBACK (on_step), self),
    g_signal_connect_swapped (self->client, "directory-changed", G_CALLBACK (on_step), self),
  };
  guint idle = g_idle_add_once ((GSourceOnceFunc) on_step, self);
  g_main_loop_run (self->loop);
  GSource *pending = g_main_context_find_source_by_id (NULL, idle);
  if (pending != NULL)
    g_source_destroy (pending);
  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_handler_disconnect (self->client, handlers[i]);
  if (!self->over)
    g_source_remove (timeout);
  return !self->over;
}

/**
 * anx_profile_client_clear:
 * @self: opened or not
 *
 * Stops the client and lets others have the profile.
 */
void
anx_profile_client_clear (AnxProfileClient *self)
{
  if (self->client != NULL)
    anx_client_stop (self->client);
  g_clear_object (&self->client);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  if (self->lock >= 0)
    close (self->lock);
  self->lock = -1;
}
