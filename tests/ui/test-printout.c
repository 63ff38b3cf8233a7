/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>
#include <string.h>

#include "printing.h"

#define A4_WIDTH 595
#define A4_HEIGHT 842

/* ANX_LOOK names a folder for those who want to see the pages. */
static void
check_pdf (AnxPrintout *printout,
           const char *name)
{
  g_autoptr (GBytes) pdf = anx_printout_to_pdf (printout, A4_WIDTH, A4_HEIGHT);
  gsize length = 0;
  const char *data = g_bytes_get_data (pdf, &length);

  g_assert_cmpuint (length, >, 1000);
  g_assert_cmpmem (data, 5, "%PDF-", 5);
  g_assert_nonnull (g_strrstr_len (data + length - 10, 10, "%%EOF"));
  if (g_getenv ("ANX_LOOK") != NULL)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.pdf", g_getenv ("ANX_LOOK"), name);
      g_assert_true (g_file_set_contents (path, data, (gssize) length, NULL));
    }
}

static void
test_one_page (void)
{
  g_autoptr (AnxPrintout) printout = anx_printout_new ("我的安全计划");
  anx_printout_add (printout, "1. 我怎么知道自己快撑不住了", "晚上一个人待着时，越想越难受\n三天没有出门");
  anx_printout_add_room (printout, "2. 我自己能做的事", 3);
  anx_printout_add_qr (printout, "ACDE-FGHK");
  g_auto (GStrv) pages = anx_printout_list_pages (printout, A4_WIDTH, A4_HEIGHT);
  g_assert_cmpuint (g_strv_length (pages), ==, 1);
  g_assert_cmpstr (pages[0], ==, "我的安全计划\n1. 我怎么知道自己快撑不住了\n晚上一个人待着时，越想越难受\n三天没有出门\n2. 我自己能做的事\n");
  check_pdf (printout, "one-page");
}

/* Whatever the paper, every line is on a page, once and in its order, down to a slip so low that a line fills it. */
static void
test_nothing_lost (void)
{
  static const double sizes[][2] = { { A4_WIDTH, A4_HEIGHT }, { 420, 595 }, { 227, 150 }, { 150, 150 } };
  g_autoptr (AnxPrintout) printout = anx_printout_new ("Plan");
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 60; i++)
    g_string_append_printf (text, "%s%03u", i > 0 ? "\n" : "", i);
  anx_printout_add (printout, "Long", text->str);
  anx_printout_add_room (printout, "Room", 20);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (GStrv) pages = anx_printout_list_pages (printout, sizes[i][0], sizes[i][1]);
      g_autofree char *whole = g_strjoinv ("", pages);
      g_autofree char *expected = g_strconcat ("Plan\nLong\n", text->str, "\nRoom\n", NULL);
      g_assert_cmpstr (whole, ==, expected);
      g_assert_cmpuint (g_strv_length (pages), >=, 2);
    }
  check_pdf (printout, "long");
}

/* A heading is never the last line of a page. */
static void
test_heading_stays (void)
{
  guint moved = 0;
  for (guint lines = 20; lines < 60; lines++)
    {
      g_autoptr (AnxPrintout) printout = anx_printout_new ("T");
      g_autofree char *text = g_strnfill (lines, '\n');
      anx_printout_add (printout, NULL, text);
      anx_printout_add (printout, "heading", "its text");
      g_auto (GStrv) pages = anx_printout_list_pages (printout, A4_WIDTH, A4_HEIGHT);
      for (guint i = 0; pages[i] != NULL; i++)
        g_assert_false (g_str_has_suffix (pages[i], "heading\n"));
      moved += g_str_has_prefix (pages[g_strv_length (pages) - 1], "heading\n");
    }
  g_assert_cmpuint (moved, >, 0);
}

static void
on_found (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtkPrinter) printer = anx_print_find_printer_finish (result, &error);
  if (printer == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  else
    g_assert_false (gtk_printer_is_virtual (printer));
  *(gboolean *) user_data = TRUE;
}

/* "Print to file" is no printer: on a kiosk it would leave the page on the disk. */
static void
test_no_file (void)
{
  gboolean done = FALSE;
  anx_print_find_printer_async (NULL, on_found, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Printers are asked for by a module of GTK that wants its types, but no display. */
  gtk_init_check ();
  g_test_add_func ("/ui/printout/one-page", test_one_page);
  g_test_add_func ("/ui/printout/nothing-lost", test_nothing_lost);
  g_test_add_func ("/ui/printout/heading-stays", test_heading_stays);
  g_test_add_func ("/ui/printout/no-file", test_no_file);
  return g_test_run ();
}
