/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Something short to take home on paper: a title, headed paragraphs, room to write, QR codes. Main thread. */
typedef struct _AnxPrintout AnxPrintout;

AnxPrintout *anx_printout_new (const char *title) G_GNUC_WARN_UNUSED_RESULT;
AnxPrintout *anx_printout_ref (AnxPrintout *self);
void         anx_printout_unref (AnxPrintout *self);
const char  *anx_printout_get_title (AnxPrintout *self);
void         anx_printout_add (AnxPrintout *self, const char *heading, const char *text);
void         anx_printout_add_room (AnxPrintout *self, const char *heading, guint lines);
void         anx_printout_add_qr (AnxPrintout *self, const char *text);
void         anx_printout_add_picture (AnxPrintout *self, GdkPaintable *picture, double size_points);

char       **anx_printout_list_pages (AnxPrintout *self, double width_points, double height_points) G_GNUC_WARN_UNUSED_RESULT;
void         anx_printout_draw_page (AnxPrintout *self, cairo_t *cr, double width_points, double height_points, guint page);
GBytes      *anx_printout_to_pdf (AnxPrintout *self, double width_points, double height_points) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxPrintout, anx_printout_unref)

G_END_DECLS
