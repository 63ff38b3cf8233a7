/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "printing.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- on a desk --- */

static void
on_begin_print (GtkPrintOperation *operation,
                GtkPrintContext *context,
                AnxPrintout *printout)
{
  g_auto (GStrv) pages = anx_printout_list_pages (printout, gtk_print_context_get_width (context), gtk_print_context_get_height (context));
  gtk_print_operation_set_n_pages (operation, (int) g_strv_length (pages));
}

static void
on_draw_page (GtkPrintOperation *operation,
              GtkPrintContext *context,
              int page,
              AnxPrintout *printout)
{
  anx_printout_draw_page (printout, gtk_print_context_get_cairo_context (context), gtk_print_context_get_width (context),
                          gtk_print_context_get_height (context), (guint) page);
}

static void
on_operation_done (GtkPrintOperation *operation,
                   GtkPrintOperationResult result,
                   GTask *task)
{
  g_autoptr (GError) error = NULL;

  if (result == GTK_PRINT_OPERATION_RESULT_CANCEL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "not printed");
  else if (result == GTK_PRINT_OPERATION_RESULT_ERROR)
    gtk_print_operation_get_error (operation, &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/**
 * anx_print_ask_async:
 * @printout: what to print
 * @parent: the window it belongs to; kept until @callback
 * @callback: called when the pages are with the printer, the dialog was closed, or something went wrong
 * @user_data: for @callback
 *
 * Shows the system's print dialog, which also offers a PDF file where there is no printer.
 */
void
anx_print_ask_async (AnxPrintout *printout,
                     GtkWindow *parent,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GtkPrintOperation) operation = gtk_print_operation_new ();
  GTask *task = g_task_new (parent, NULL, callback, user_data);

  g_task_set_source_tag (task, anx_print_ask_async);
  gtk_print_operation_set_unit (operation, GTK_UNIT_POINTS);
  gtk_print_operation_set_use_full_page (operation, TRUE);
  gtk_print_operation_set_job_name (operation, anx_printout_get_title (printout));
  gtk_print_operation_set_allow_async (operation, TRUE);
  g_object_set_data_full (G_OBJECT (operation), "anx-printout", anx_printout_ref (printout), (GDestroyNotify) anx_printout_unref);
  g_signal_connect (operation, "begin-print", G_CALLBACK (on_begin_print), printout);
  g_signal_connect (operation, "draw-page", G_CALLBACK (on_draw_page), printout);
  g_signal_connect (operation, "done", G_CALLBACK (on_operation_done), task);
  gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, parent, NULL);
}

/**
 * anx_print_ask_finish:
 * @parent: the window
 * @result: of anx_print_ask_async()
 * @error: return location: %G_IO_ERROR_CANCELLED when the dialog was closed without printing; else what GTK says
 *
 * Returns: whether the pages are with the printer, or in the file that was chosen
 */
gboolean
anx_print_ask_finish (GtkWindow *parent,
                      GAsyncResult *result,
                      GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- on a kiosk --- */

/* A printer on the desk answers at once; one that is switched off, or a print system that hangs, never does. */
#define SEARCH_LIMIT_SECONDS 10

/* The task's data. Ends at the first that happens: an answer, or the limit; what GTK says afterwards is not listened to. */
typedef struct
{
  GtkPrinter *printer; /* (nullable) */
  guint limit;         /* the source; 0 = the search is over */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_clear_object (&search->printer);
  g_free (search);
}

static void
end_search (GTask *task,
            GtkPrinter *printer,
            const char *problem)
{
  Search *search = g_task_get_task_data (task);
  /* The limit may hold the last reference. */
  g_autoptr (GTask) alive = g_object_ref (task);

  g_clear_handle_id (&search->limit, g_source_remove);
  if (search->printer != NULL)
    g_signal_handlers_disconnect_by_data (search->printer, task);
  if (printer != NULL)
    g_task_return_pointer (task, g_object_ref (printer), g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s", problem);
}

static gboolean
on_search_limit (gpointer user_data)
{
  end_search (user_data, NULL, "no printer of this machine answers");
  return G_SOURCE_REMOVE;
}

static gboolean
on_printer (GtkPrinter *printer,
            gpointer user_data)
{
  Search *search = g_task_get_task_data (user_data);
  if (search->limit == 0)
    return TRUE;
  /* A virtual printer is a file. */
  if (gtk_printer_is_virtual (printer) || !gtk_printer_is_default (printer) || !gtk_printer_accepts_pdf (printer))
    return FALSE;
  if (search->printer == NULL)
    search->printer = g_object_ref (printer);
  return TRUE;
}

static void
on_details (GtkPrinter *printer,
            gboolean known,
            gpointer user_data)
{
  end_search (user_data, known ? printer : NULL, "this machine's printer does not answer");
}

static void
on_printers_known (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  if (search->limit == 0)
    return;
  if (search->printer == NULL || gtk_printer_has_details (search->printer))
    {
      end_search (task, search->printer, "this machine has no printer of its own");
      return;
    }
  /* Before them the size of its paper is not known, and a slip would be laid out for A4. */
  g_signal_connect (search->printer, "details-acquired", G_CALLBACK (on_details), task);
  gtk_printer_request_details (search->printer);
}

/**
 * anx_print_find_printer_async:
 * @cancellable: (nullable): ends the wish to know
 * @callback: called when every printer that the system knows has been looked at, and the one that was found has told of its paper; after 10 seconds
 *   at the latest
 * @user_data: for @callback
 *
 * Looks for the machine's default printer. A machine without one never calls a "printer" what only writes a file.
 */
void
anx_print_find_printer_async (GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Search *search = g_new0 (Search, 1);
  g_task_set_source_tag (task, anx_print_find_printer_async);
  g_task_set_task_data (task, search, search_free);
  search->limit = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, SEARCH_LIMIT_SECONDS, on_search_limit, g_object_ref (task), g_object_unref);
  g_source_set_name_by_id (search->limit, "search for a printer");
  gtk_enumerate_printers (on_printer, task, on_printers_known, FALSE);
}

/**
 * anx_print_find_printer_finish:
 * @result: of anx_print_find_printer_async()
 * @error: return location: %G_IO_ERROR_NOT_FOUND when there is none or it does not answer in time, %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): the printer
 */
GtkPrinter *
anx_print_find_printer_finish (GAsyncResult *result,
                               GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_job_sent (GtkPrintJob *job,
             gpointer user_data,
             const GError *error)
{
  GTask *task = user_data;
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
close_fd (gpointer fd)
{
  close (GPOINTER_TO_INT (fd));
}

/* A file that has no name and no place on a disk. */
static int
open_in_memory (GBytes *bytes,
                GError **error)
{
  int fd = memfd_create ("printout", MFD_CLOEXEC);
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  gboolean whole = FALSE;

  for (gsize done = 0; fd >= 0 && done < length;)
    {
      gssize n = write (fd, data + done, length - done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        break;
      done += (gsize) n;
      if (done == length)
        whole = TRUE;
    }
  if (!whole || lseek (fd, 0, SEEK_SET) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "the page could not be made: %s", g_strerror (errno));
      if (fd >= 0)
        close (fd);
      fd = -1;
    }
  return fd;
}

/**
 * anx_print_send_async:
 * @printout: what to print
 * @printer: of anx_print_find_printer_finish()
 * @callback: called when the print system has the pages, or has refused them
 * @user_data: for @callback
 *
 * Prints without asking. The pages go to the print system from memory; what that keeps is set there (`PreserveJobFiles No`,
 * `PreserveJobHistory No`, a spool folder in memory).
 */
void
anx_print_send_async (AnxPrintout *printout,
                      GtkPrinter *printer,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (printer, NULL, callback, user_data);
  g_autoptr (GtkPageSetup) setup = gtk_printer_get_default_page_size (printer);
  g_autoptr (GtkPrintSettings) settings = gtk_print_settings_new ();
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, anx_print_send_async);
  if (setup == NULL)
    setup = gtk_page_setup_new ();
  g_autoptr (GBytes) pdf = anx_printout_to_pdf (printout, gtk_page_setup_get_paper_width (setup, GTK_UNIT_POINTS),
                                                gtk_page_setup_get_paper_height (setup, GTK_UNIT_POINTS));
  g_autoptr (GtkPrintJob) job = gtk_print_job_new (anx_printout_get_title (printout), printer, settings, setup);
  int fd = open_in_memory (pdf, &error);
  /* The job has no descriptor of its own: it reads this one from the main loop, until the task is over. */
  if (fd >= 0)
    g_task_set_task_data (task, GINT_TO_POINTER (fd), close_fd);
  if (fd < 0 || !gtk_print_job_set_source_fd (job, fd, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    gtk_print_job_send (job, on_job_sent, g_object_ref (task), g_object_unref);
}

/**
 * anx_print_send_finish:
 * @result: of anx_print_send_async()
 * @error: return location: what the print system says
 *
 * Returns: whether the print system has the pages
 */
gboolean
anx_print_send_finish (GAsyncResult *result,
                       GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
