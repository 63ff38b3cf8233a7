/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <string.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

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

/* ---- printers ---- */

typedef struct
{
  gboolean done;
  GtkPrinter *printer; /* (nullable) (owned) */
} Search;

static void
on_found (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  Search *search = user_data;
  g_autoptr (GError) error = NULL;
  search->printer = anx_print_find_printer_finish (result, &error);
  if (search->printer == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  search->done = TRUE;
}

static gboolean
take_file_printer (GtkPrinter *printer,
                   gpointer user_data)
{
  Search *search = user_data;
  if (gtk_printer_is_virtual (printer) && gtk_printer_accepts_pdf (printer))
    search->printer = g_object_ref (printer);
  return search->printer != NULL;
}

static void
set_done (gpointer user_data)
{
  ((Search *) user_data)->done = TRUE;
}

static void
wait_for (gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

/* GTK's "Print to File", before another backend has its place. */
static GtkPrinter *
get_file_printer (void)
{
  static Search search;
  if (search.printer == NULL)
    gtk_enumerate_printers (take_file_printer, &search, set_done, FALSE);
  wait_for (&search.done);
  g_assert_nonnull (search.printer);
  return search.printer;
}

/* "Print to File" is there, and is no printer: on a kiosk it would leave the page on the disk. */
static void
test_no_file (void)
{
  Search search = { 0 };
  g_assert_true (gtk_printer_is_virtual (get_file_printer ()));
  anx_print_find_printer_async (NULL, on_found, &search);
  wait_for (&search.done);
  g_assert_true (search.printer == NULL || !gtk_printer_is_virtual (search.printer));
  g_clear_object (&search.printer);
}

typedef struct
{
  gboolean done;
  GAsyncResult *result; /* (nullable) weak */
} Sending;

static void
on_sent (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  Sending *sending = user_data;
  g_autoptr (GError) error = NULL;
  g_assert_true (anx_print_send_finish (result, &error));
  g_assert_no_error (error);
  g_set_weak_pointer (&sending->result, result);
  sending->done = TRUE;
}

/* The pages are read from the main loop, after the call that sends them has returned. Nothing that uses the main loop may follow: GTK then wants
 * to add the file to those recently used, and has no settings without a display. */
static void
test_sent (void)
{
  g_autoptr (AnxPrintout) printout = anx_printout_new ("Sent");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  Sending sending = { 0 };
  gsize length = 0;

  anx_printout_add_qr (printout, "ACDE-FGHK");
#ifdef __SANITIZE_ADDRESS__
  /* GTK 4.8 closes the file it prints into and never lets go of the stream. What is ours is looked at below. */
  __lsan_disable ();
#endif
  anx_print_send_async (printout, get_file_printer (), on_sent, &sending);
#ifdef __SANITIZE_ADDRESS__
  __lsan_enable ();
#endif
  wait_for (&sending.done);
  /* The task is gone, and with it the pages in memory. */
  g_assert_null (sending.result);
  /* In this folder, because the system knows of none for documents. */
  g_assert_true (g_file_get_contents ("output.pdf", &text, &length, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (length, >, 1000);
  g_assert_cmpmem (text, 5, "%PDF-", 5);
  g_assert_nonnull (g_strrstr_len (text + length - 10, 10, "%%EOF"));
  g_assert_cmpint (g_unlink ("output.pdf"), ==, 0);
}

/* What a print backend of GTK uses; the header is not installed. */
GType gtk_print_backend_get_type (void);
void gtk_print_backend_add_printer (gpointer backend, GtkPrinter *printer);
void gtk_print_backend_set_list_done (gpointer backend);
void gtk_printer_set_accepts_pdf (GtkPrinter *printer, gboolean accepts);
void gtk_printer_set_is_default (GtkPrinter *printer, gboolean is_default);
void gtk_printer_set_has_details (GtkPrinter *printer, gboolean has_details);

static GtkPrinter *slip_printer; /* (nullable) of the last backend */
static gboolean backend_hangs;   /* the next one does not even tell which printers there are */

/* One printer, which tells of its paper only when it is asked. */
static void
backend_init (GTypeInstance *backend,
              gpointer klass)
{
  if (backend_hangs)
    return;
  g_set_weak_pointer (&slip_printer, gtk_printer_new ("Slips", (gpointer) backend, FALSE));
  gtk_printer_set_accepts_pdf (slip_printer, TRUE);
  gtk_printer_set_is_default (slip_printer, TRUE);
  gtk_print_backend_add_printer (backend, slip_printer);
  g_object_unref (slip_printer);
  gtk_print_backend_set_list_done (backend);
}

static void
register_backend (void)
{
  GTypeQuery parent;
  g_type_query (gtk_print_backend_get_type (), &parent);
  GType type = g_type_register_static_simple (parent.type, "TestPrintBackend", parent.class_size, NULL, parent.instance_size, backend_init, 0);
  /* Before that of "Print to File". */
  g_assert_nonnull (g_io_extension_point_implement ("gtk-print-backend", type, "file", 1000));
}

static gboolean
is_asked (void)
{
  return slip_printer != NULL && g_signal_has_handler_pending (slip_printer, g_signal_lookup ("details-acquired", GTK_TYPE_PRINTER), 0, FALSE);
}

/* The machine's own printer is found, once it has said what paper it has; one that does not answer is none. */
static void
check_details (gboolean known)
{
  Search search = { 0 };
  anx_print_find_printer_async (NULL, on_found, &search);
  while (!is_asked () && !search.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (search.done);
  gtk_printer_set_has_details (slip_printer, known);
  g_signal_emit_by_name (slip_printer, "details-acquired", known);
  wait_for (&search.done);
  g_assert_true (search.printer == (known ? slip_printer : NULL));
  g_clear_object (&search.printer);
}

static void
test_details (void)
{
  register_backend ();
  check_details (TRUE);
  check_details (FALSE);
}

/* Brings the end of the search's ten seconds. */
static void
let_limit_pass (void)
{
  GSource *limit = NULL;
  for (guint id = 1; limit == NULL && id < 100000; id++)
    {
      limit = g_main_context_find_source_by_id (NULL, id);
      if (limit != NULL && g_strcmp0 (g_source_get_name (limit), "search for a printer") != 0)
        limit = NULL;
    }
  g_assert_nonnull (limit);
  g_assert_cmpint (g_source_get_ready_time (limit) - g_get_monotonic_time (), <=, 11 * G_USEC_PER_SEC);
  g_source_set_ready_time (limit, 0);
}

static void
test_silent (void)
{
  Search search = { 0 };
  anx_print_find_printer_async (NULL, on_found, &search);
  while (!is_asked ())
    g_main_context_iteration (NULL, TRUE);
  GtkPrinter *late = g_object_ref (slip_printer);
  let_limit_pass ();
  wait_for (&search.done);
  g_assert_null (search.printer);
  /* An answer that comes too late is nobody's. */
  g_assert_false (is_asked ());
  g_signal_emit_by_name (late, "details-acquired", TRUE);
  g_object_unref (late);

  backend_hangs = TRUE;
  search.done = FALSE;
  anx_print_find_printer_async (NULL, on_found, &search);
  g_assert_false (search.done);
  let_limit_pass ();
  wait_for (&search.done);
  g_assert_null (search.printer);
  backend_hangs = FALSE;
}

int
main (int argc,
      char **argv)
{
  /* Where "Print to File" writes: the present folder, because no other is known. */
  g_autofree char *folder = g_dir_make_tmp ("anx-print-XXXXXX", NULL);
  g_assert_cmpint (chdir (folder), ==, 0);
  g_setenv ("XDG_CONFIG_HOME", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  /* Printers are asked for by a module of GTK that wants its types, but no display. */
  gtk_init_check ();
  g_test_add_func ("/ui/printout/one-page", test_one_page);
  g_test_add_func ("/ui/printout/nothing-lost", test_nothing_lost);
  g_test_add_func ("/ui/printout/heading-stays", test_heading_stays);
  g_test_add_func ("/ui/printout/no-file", test_no_file);
  g_test_add_func ("/ui/printout/details", test_details);
  g_test_add_func ("/ui/printout/silent", test_silent);
  g_test_add_func ("/ui/printout/sent", test_sent);
  int failed = g_test_run ();
  g_rmdir (folder);
  return failed;
}
