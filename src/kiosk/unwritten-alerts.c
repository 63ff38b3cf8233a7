/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unwritten-alerts.h"

/* As often as a resident process tries. */
#define AGAIN_SECONDS 2

typedef struct
{
  AnxRecordHeader *header;
  GBytes *sealed;
} Unwritten;

struct _AnxUnwrittenAlerts
{
  AnxWriteAlert write;
  gpointer user_data;
  GPtrArray *alerts; /* of Unwritten, oldest first */
  guint source;
};

static void
unwritten_free (gpointer data)
{
  Unwritten *unwritten = data;

  anx_record_header_unref (unwritten->header);
  g_bytes_unref (unwritten->sealed);
  g_free (unwritten);
}

/**
 * anx_unwritten_alerts_new:
 * @write: writes one; called in the main loop
 * @user_data: for @write
 *
 * Returns: (transfer full): an empty list
 */
AnxUnwrittenAlerts *
anx_unwritten_alerts_new (AnxWriteAlert write, gpointer user_data)
{
  AnxUnwrittenAlerts *self = g_new0 (AnxUnwrittenAlerts, 1);

  self->write = write;
  self->user_data = user_data;
  self->alerts = g_ptr_array_new_with_free_func (unwritten_free);
  return self;
}

/**
 * anx_unwritten_alerts_free:
 * @self: (transfer full): the list
 *
 * What is still in it is lost.
 */
void
anx_unwritten_alerts_free (AnxUnwrittenAlerts *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_ptr_array_unref (self->alerts);
  g_free (self);
}

static gboolean
on_again (gpointer data)
{
  AnxUnwrittenAlerts *self = data;

  for (guint i = 0; i < self->alerts->len;)
    {
      const Unwritten *unwritten = g_ptr_array_index (self->alerts, i);
      if (self->write (unwritten->header, unwritten->sealed, self->user_data))
        g_ptr_array_remove_index (self->alerts, i);
      else
        i++;
    }
  if (self->alerts->len > 0)
    return G_SOURCE_CONTINUE;
  self->source = 0;
  return G_SOURCE_REMOVE;
}

/**
 * anx_unwritten_alerts_add:
 * @self: the list
 * @header: an alert's header, without a place
 * @sealed: its sealed content
 *
 * Keeps what could not be written just now, and tries it every two seconds until it is. One that is there already is there once.
 */
void
anx_unwritten_alerts_add (AnxUnwrittenAlerts *self, AnxRecordHeader *header, GBytes *sealed)
{
  Unwritten *unwritten;

  for (guint i = 0; i < self->alerts->len; i++)
    if (g_str_equal (anx_record_header_get_id (((const Unwritten *) g_ptr_array_index (self->alerts, i))->header),
                     anx_record_header_get_id (header)))
      return;
  if (self->alerts->len >= ANX_UNWRITTEN_ALERTS)
    g_ptr_array_remove_index (self->alerts, 0);
  unwritten = g_new0 (Unwritten, 1);
  unwritten->header = anx_record_header_ref (header);
  unwritten->sealed = g_bytes_ref (sealed);
  g_ptr_array_add (self->alerts, unwritten);
  if (self->source == 0)
    self->source = g_timeout_add_seconds (AGAIN_SECONDS, on_again, self);
}

/**
 * anx_unwritten_alerts_count:
 * @self: the list
 *
 * Returns: how many wait
 */
guint
anx_unwritten_alerts_count (AnxUnwrittenAlerts *self)
{
  return self->alerts->len;
}
