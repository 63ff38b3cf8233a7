/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "booking-pages.h"

G_BEGIN_DECLS

/* The slip on paper: a button that is there only when this machine has a printer, and the page behind it. Main thread. */
GtkWidget *anx_slip_print_button_new (AnxBookingStep *step);
GtkWidget *anx_slip_print_page_make (AnxResidentWindow *window, gpointer data); /* @data: the AnxBookingDraft, confirmed */

G_END_DECLS
