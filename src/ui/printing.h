/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <gtk/gtkunixprint.h>

#include "printout.h"

G_BEGIN_DECLS

/* Printouts on their way to paper. Main thread. */

/* On a desk: the system's dialog. */
void        anx_print_ask_async (AnxPrintout *printout, GtkWindow *parent, GAsyncReadyCallback callback, gpointer user_data);
gboolean    anx_print_ask_finish (GtkWindow *parent, GAsyncResult *result, GError **error);

/* On a kiosk: the machine's own printer and no dialog, or nothing. */
void        anx_print_find_printer_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GtkPrinter *anx_print_find_printer_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void        anx_print_send_async (AnxPrintout *printout, GtkPrinter *printer, GAsyncReadyCallback callback, gpointer user_data);
gboolean    anx_print_send_finish (GAsyncResult *result, GError **error);

G_END_DECLS
