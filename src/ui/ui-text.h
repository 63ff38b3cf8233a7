/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Language, dates and times in people's words, and small helpers both apps use. Main thread. */

/* Binds the catalogue (ANX_LOCALE_DIR env first, then the installed one) and picks "zh_CN" or "en"; NULL = from the environment. */
void        anx_ui_set_language (const char *language);
const char *anx_ui_get_language (void);                         /* "zh" or "en": as the questionnaires' texts are asked for */
char       *anx_ui_format_day (gint64 usec, const char *zone) G_GNUC_WARN_UNUSED_RESULT;   /* 11月23日 星期一 · Monday 23 November */
char       *anx_ui_format_date (gint64 usec, const char *zone) G_GNUC_WARN_UNUSED_RESULT;  /* 2026-11-23 */
char       *anx_ui_format_time (gint64 usec, const char *zone) G_GNUC_WARN_UNUSED_RESULT;  /* 09:30 */
char       *anx_ui_format_day_time (gint64 usec, const char *zone) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_ui_format_ages (int least, int most) G_GNUC_WARN_UNUSED_RESULT; /* (nullable) from 14 to 18 years old; NULL: any age */
/* Names a widget for screen readers. */
void        anx_ui_set_accessible_name (GtkWidget *widget, const char *name);
/* Screen readers hear only of the page that a stack shows. */
void        anx_ui_hide_covered_pages (GtkStack *stack);
/* A QR code of @text (libqrencode), crisp at any size. */
GdkPaintable *anx_ui_qr_paintable_new (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
