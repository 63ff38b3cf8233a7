/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lockdown.h"

#include "kiosk-resources.h"

/**
 * anx_kiosk_load_style:
 * @display: where
 *
 * Loads the style sheet and the icons, and turns off what GTK offers to a person at a desk: long press, drag,
 * middle-click paste, the bell.
 */
void
anx_kiosk_load_style (GdkDisplay *display)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  GtkSettings *settings = gtk_settings_get_for_display (display);

  g_resources_register (anx_kiosk_get_resource ());
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display), "/org/anxin/kiosk/icons");
  gtk_css_provider_load_from_resource (provider, "/org/anxin/kiosk/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_object_set (settings, "gtk-long-press-time", 3600000, "gtk-dnd-drag-threshold", 100000, "gtk-enable-primary-paste",
                FALSE, "gtk-error-bell", FALSE, "gtk-application-prefer-dark-theme", FALSE, "gtk-font-name",
                "Noto Sans CJK SC 18", "gtk-theme-name", "Default", "gtk-cursor-blink", FALSE, NULL);
}

/* A keyboard may be plugged in by anybody: only plain typing and moving about pass. */
static gboolean
on_key_pressed (
    GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer user_data)
{
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_HYPER_MASK | GDK_META_MASK)) != 0)
    return TRUE;
  if (keyval >= GDK_KEY_F1 && keyval <= GDK_KEY_F35)
    return TRUE;
  return keyval == GDK_KEY_Menu || keyval == GDK_KEY_Print || keyval == GDK_KEY_Super_L || keyval == GDK_KEY_Super_R;
}

static gboolean
on_enable_debugging (GtkWindow *window, gboolean toggle, gpointer user_data)
{
  /* The inspector could read and change everything on the screen. */
  g_signal_stop_emission_by_name (window, "enable-debugging");
  return FALSE;
}

static gboolean
on_close_request (GtkWindow *window, gpointer user_data)
{
  return TRUE;
}

/**
 * anx_lockdown_window:
 * @window: a window of the kiosk
 *
 * Closes the ways out that GTK leaves open in a full-screen window: key combinations, the inspector, closing.
 */
void
anx_lockdown_window (GtkWindow *window)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), NULL);
  gtk_widget_add_controller (GTK_WIDGET (window), keys);
  g_signal_connect (window, "enable-debugging", G_CALLBACK (on_enable_debugging), NULL);
  g_signal_connect (window, "close-request", G_CALLBACK (on_close_request), NULL);
  gtk_window_set_decorated (window, FALSE);
  gtk_window_set_handle_menubar_accel (window, FALSE);
}

/**
 * anx_lockdown_text:
 * @text: a GtkText, or a widget that delegates to one
 *
 * Takes away context menu, emoji chooser, clipboard and selection. The widget can no longer be touched, because GTK's
 * touch bubble has no other switch: whoever made it gives it the focus.
 */
void
anx_lockdown_text (GtkWidget *text)
{
  const char *const actions[]
      = { "menu.popup",      "misc.insert-emoji", "misc.toggle-visibility", "clipboard.cut", "clipboard.copy",
          "clipboard.paste", "selection.delete",  "selection.select-all",   "text.undo",     "text.redo" };

  if (GTK_IS_EDITABLE (text) && gtk_editable_get_delegate (GTK_EDITABLE (text)) != NULL)
    {
      GtkWidget *delegate = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (text)));
      if (delegate != text)
        anx_lockdown_text (delegate);
    }
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (text, actions[i], FALSE);
  gtk_widget_set_can_target (text, FALSE);
}
