/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock.h"
#include "ui-text.h"

/* Monday 2026-11-23 01:30 UTC. */
#define SOME_USEC (G_GINT64_CONSTANT (1795397400) * G_USEC_PER_SEC)

static void
test_times (void)
{
  const struct
  {
    const char *zone;
    const char *time;
    const char *day;
    const char *date;
  } cases[] = {
    { "Asia/Shanghai", "09:30", "Monday 23 November", "2026-11-23" },
    { "UTC", "01:30", "Monday 23 November", "2026-11-23" },
    { "America/New_York", "20:30", "Sunday 22 November", "2026-11-22" },
  };

  anx_ui_set_language ("en");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *time = anx_ui_format_time (SOME_USEC, cases[i].zone);
      g_autofree char *day = anx_ui_format_day (SOME_USEC, cases[i].zone);
      g_autofree char *date = anx_ui_format_date (SOME_USEC, cases[i].zone);
      g_autofree char *both = anx_ui_format_day_time (SOME_USEC, cases[i].zone);
      g_autofree char *wanted = g_strdup_printf ("%s %s", cases[i].day, cases[i].time);

      g_test_message ("%s", cases[i].zone);
      g_assert_cmpstr (time, ==, cases[i].time);
      g_assert_cmpstr (day, ==, cases[i].day);
      g_assert_cmpstr (date, ==, cases[i].date);
      g_assert_cmpstr (both, ==, wanted);
    }
}

static void
test_language (void)
{
  anx_ui_set_language ("zh_CN");
  g_assert_cmpstr (anx_ui_get_language (), ==, "zh");
  g_assert_cmpstr (g_getenv ("LANGUAGE"), ==, "zh_CN");
  anx_ui_set_language ("zh");
  g_assert_cmpstr (anx_ui_get_language (), ==, "zh");
  anx_ui_set_language ("en");
  g_assert_cmpstr (anx_ui_get_language (), ==, "en");
  g_setenv ("LANGUAGE", "zh_CN", TRUE);
  anx_ui_set_language (NULL);
  g_assert_cmpstr (anx_ui_get_language (), ==, "zh");
  g_setenv ("LANGUAGE", "en_GB", TRUE);
  anx_ui_set_language (NULL);
  g_assert_cmpstr (anx_ui_get_language (), ==, "en");
}

static guint
count_dark (GdkPaintable *paintable, int size)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, size, size);
  cairo_t *cr = cairo_create (surface);
  guint dark = 0;

  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), size, size);
  node = gtk_snapshot_to_node (snapshot);
  gsk_render_node_draw (node, cr);
  cairo_surface_flush (surface);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      {
        guint32 pixel = *(guint32 *) (cairo_image_surface_get_data (surface)
                                      + y * cairo_image_surface_get_stride (surface) + x * 4);
        /* Crisp: nothing between black and white. */
        g_assert_true ((pixel & 0xffffff) == 0 || (pixel & 0xffffff) == 0xffffff);
        dark += (pixel & 0xffffff) == 0;
        /* The quiet zone is light all around. */
        if (x < size / 20 || y < size / 20 || x >= size - size / 20 || y >= size - size / 20)
          g_assert_cmpuint (pixel & 0xffffff, ==, 0xffffff);
      }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return dark;
}

static void
test_qr (void)
{
  g_autoptr (GdkPaintable) short_code = anx_ui_qr_paintable_new ("ACDE-FGHK");
  g_autoptr (GdkPaintable) other_code = anx_ui_qr_paintable_new ("ACDE-FGHM");
  g_autofree char *text = g_strnfill (1001, 'x');
  g_autoptr (GdkPaintable) too_long = anx_ui_qr_paintable_new (text);
  /* Version 1 has 21 modules and 4 quiet ones at each side (ISO/IEC 18004). */
  const int sizes[] = { 29 * 8, 300, 333 };

  g_assert_cmpint (gdk_paintable_get_intrinsic_width (short_code), ==, 29 * 8);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint dark = count_dark (short_code, sizes[i]);
      guint area = (guint) (sizes[i] / 29) * 29;
      /* A QR code is masked so that about half of it is dark. */
      g_assert_cmpuint (dark, >, area * area / 5);
      g_assert_cmpuint (dark, <, area * area * 3 / 5);
    }
  g_assert_cmpuint (count_dark (short_code, 29), !=, 0);
  g_assert_true (count_dark (short_code, 29 * 8) != count_dark (other_code, 29 * 8));
  g_assert_cmpuint (count_dark (too_long, 64), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Render nodes need no display, but their classes are made by this call, which may fail for want of one. */
  gtk_init_check ();
  g_test_add_func ("/ui/text/times", test_times);
  g_test_add_func ("/ui/text/language", test_language);
  g_test_add_func ("/ui/text/qr", test_qr);
  return g_test_run ();
}
