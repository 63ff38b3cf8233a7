/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screen-shape.h"

/* A page with five answers of 88 px, bars of 124 px and its heading needs about this much. */
#define LOW_PX 1000

/* The monitor's size and not the window's: a kiosk's window is the whole screen, and pages are made before it has been drawn. */
static void
measure (GtkWidget *window,
         int *out_width,
         int *out_height)
{
  GdkDisplay *display = gtk_widget_get_display (window);
  g_autoptr (GdkMonitor) monitor = g_list_model_get_item (gdk_display_get_monitors (display), 0);
  GdkRectangle place = { 0 };
  if (monitor != NULL)
    gdk_monitor_get_geometry (monitor, &place);
  *out_width = place.width;
  *out_height = place.height;
}

/**
 * anx_screen_is_wide:
 * @window: a widget on the screen
 *
 * Returns: whether the screen is wider than high
 */
gboolean
anx_screen_is_wide (GtkWidget *window)
{
  int width = 0, height = 0;
  measure (window, &width, &height);
  return width > height;
}

/**
 * anx_screen_is_low:
 * @window: a widget on the screen
 *
 * Returns: whether the screen has fewer than 1000 px from top to bottom
 */
gboolean
anx_screen_is_low (GtkWidget *window)
{
  int width = 0, height = 0;
  measure (window, &width, &height);
  return height > 0 && height < LOW_PX;
}
