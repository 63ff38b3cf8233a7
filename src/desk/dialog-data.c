/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dialog-data.h"

#define DATA "anx-dialog-data"

/**
 * anx_dialog_data_set:
 * @window: a dialog
 * @data: (transfer full): what belongs to it
 * @destroy: frees @data together with the last reference to @window, when no widget of it can call back any more
 */
void
anx_dialog_data_set (GtkWindow *window,
                     gpointer data,
                     GDestroyNotify destroy)
{
  g_object_set_data_full (G_OBJECT (window), DATA, data, destroy);
}

/**
 * anx_dialog_data_get:
 * @window: a dialog that was presented; the caller holds a reference
 *
 * Returns: (nullable) (transfer none): its data; %NULL once it was closed, for then its widgets are gone
 */
gpointer
anx_dialog_data_get (GtkWindow *window)
{
  /* "destroy" comes only with the last reference, which the caller may hold; what is closed is not realized from then on. */
  return gtk_widget_get_realized (GTK_WIDGET (window)) ? g_object_get_data (G_OBJECT (window), DATA) : NULL;
}

/**
 * anx_dialog_close_on_escape:
 * @window: a dialog
 *
 * Escape closes it: the buttons of its header bar are not reached by keys.
 */
void
anx_dialog_close_on_escape (GtkWindow *window)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                                                          gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (GTK_WIDGET (window), keys);
}
