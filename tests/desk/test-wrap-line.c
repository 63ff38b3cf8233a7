/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>

#include "test-display.h"
#include "wrap-line.h"

#define SPACING 6

typedef struct
{
  GtkWidget *line;
  GtkWidget *words;    /* wraps and expands */
  GtkWidget *empty;    /* says nothing yet */
  GtkWidget *buttons[3];
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->line = g_object_ref_sink (anx_wrap_line_new (SPACING));
  f->words = gtk_label_new ("Today, Sunday the twenty-second of November");
  gtk_label_set_wrap (GTK_LABEL (f->words), TRUE);
  gtk_widget_set_hexpand (f->words, TRUE);
  f->empty = gtk_label_new ("");
  anx_wrap_line_append (ANX_WRAP_LINE (f->line), f->words);
  for (guint i = 0; i < G_N_ELEMENTS (f->buttons); i++)
    {
      f->buttons[i] = gtk_drawing_area_new ();
      gtk_widget_set_size_request (f->buttons[i], 100, 30 + 10 * (int) i);
      anx_wrap_line_append (ANX_WRAP_LINE (f->line), f->buttons[i]);
    }
  anx_wrap_line_append (ANX_WRAP_LINE (f->line), f->empty);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_object_unref (f->line);
}

static GdkRectangle
get_place (Fixture *f,
           GtkWidget *child)
{
  graphene_rect_t place;
  g_assert_true (gtk_widget_compute_bounds (child, f->line, &place));
  return (GdkRectangle) { (int) place.origin.x, (int) place.origin.y, (int) place.size.width, (int) place.size.height };
}

static int
get_width (GtkWidget *child)
{
  int natural;
  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  return natural;
}

/* As high as the line says it is for that width. */
static void
allocate (Fixture *f,
          int width)
{
  int minimum, natural;
  gtk_widget_measure (f->line, GTK_ORIENTATION_VERTICAL, width, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, ==, natural);
  gtk_widget_size_allocate (f->line, &(GtkAllocation) { 0, 0, width, natural }, -1);
}

static void
test_one_line (Fixture *f,
               gconstpointer data)
{
  int width = get_width (f->line) + 50;
  allocate (f, width);
  GdkRectangle words = get_place (f, f->words), last = get_place (f, f->buttons[2]);
  g_assert_cmpint (words.width, ==, get_width (f->words) + 50);
  g_assert_cmpint (last.x, ==, words.width + 2 * 100 + 3 * SPACING);
  g_assert_cmpint (last.y, ==, 0);
  /* All as high as the highest. */
  g_assert_cmpint (words.height, ==, gtk_widget_get_height (f->line));
  g_assert_cmpint (get_place (f, f->buttons[0]).height, ==, 50);
}

/* A pixel less than all need: the last ones go to the next line, below the highest of the first. */
static void
test_two_lines (Fixture *f,
                gconstpointer data)
{
  int width = get_width (f->words) + 2 * (SPACING + 100);
  allocate (f, width);
  g_assert_cmpint (get_place (f, f->buttons[1]).y, ==, 0);
  g_assert_cmpint (get_place (f, f->buttons[1]).x + 100, ==, width);
  GdkRectangle last = get_place (f, f->buttons[2]);
  g_assert_cmpint (last.x, ==, 0);
  g_assert_cmpint (last.y, ==, 40 + SPACING);
  g_assert_cmpint (last.width, ==, 100);
  g_assert_cmpint (gtk_widget_get_height (f->line), ==, 40 + SPACING + 50);
}

/* In the least width each has its line, words break between words, and what is empty has its place too. */
static void
test_narrow (Fixture *f,
             gconstpointer data)
{
  int minimum;
  gtk_widget_measure (f->line, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <, 220);
  g_assert_cmpint (minimum, >=, 100);
  allocate (f, minimum);
  int below = get_place (f, f->words).height + SPACING;
  for (guint i = 0; i < G_N_ELEMENTS (f->buttons); i++)
    {
      GdkRectangle place = get_place (f, f->buttons[i]);
      g_assert_cmpint (place.y, ==, below);
      g_assert_cmpint (place.x, ==, 0);
      below += 30 + 10 * (int) i + SPACING;
    }
  g_assert_cmpint (get_place (f, f->empty).y, >, 0);
  g_assert_cmpint (get_place (f, f->words).height, >, 30);
}

/* What is hidden takes no room. */
static void
test_hidden (Fixture *f,
             gconstpointer data)
{
  int before = get_width (f->line);
  gtk_widget_set_visible (f->buttons[0], FALSE);
  g_assert_cmpint (get_width (f->line), ==, before - 100 - SPACING);
  allocate (f, before);
  g_assert_cmpint (get_place (f, f->buttons[1]).x, ==, get_place (f, f->words).width + SPACING);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!anx_test_display_open (640, 480))
    {
      g_print ("1..0 # SKIP no Xvfb\n");
      return 0;
    }
  g_test_add ("/desk/wrap-line/one-line", Fixture, NULL, set_up, test_one_line, tear_down);
  g_test_add ("/desk/wrap-line/two-lines", Fixture, NULL, set_up, test_two_lines, tear_down);
  g_test_add ("/desk/wrap-line/narrow", Fixture, NULL, set_up, test_narrow, tear_down);
  g_test_add ("/desk/wrap-line/hidden", Fixture, NULL, set_up, test_hidden, tear_down);
  return g_test_run ();
}
