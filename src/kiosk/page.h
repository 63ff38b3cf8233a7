/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "resident.h"

G_BEGIN_DECLS

/*
 * A page of the kiosk: a large heading, at most one line below it, the content in the middle, one primary action at the bottom. Pages
 * build their text when they are made; a change of language makes them anew through their maker. Main thread.
 */
#define ANX_TYPE_PAGE (anx_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (AnxPage, anx_page, ANX, PAGE, GtkWidget)
struct _AnxPageClass
{
  GtkWidgetClass parent_class;
};

typedef struct _AnxResidentWindow AnxResidentWindow;

/* Makes a page for @resident; @data is what it needs beside, owned by who pushed it and alive while the page is on the stack. */
typedef GtkWidget *(*AnxPageMaker) (AnxResidentWindow *window, gpointer data);

GtkWidget *anx_page_new (const char *heading, const char *line);  /* @line (nullable) */
GtkBox    *anx_page_get_content (AnxPage *self);                   /* vertical; scrolls when it must */
/* How long the page may stay untouched before the warning; a new page has ANX_IDLE_LIMIT_SECONDS. */
void       anx_page_set_idle_limit (AnxPage *self, guint seconds);
guint      anx_page_get_idle_limit (AnxPage *self);
void       anx_page_set_line (AnxPage *self, const char *line);
/* The one primary action, at the bottom right; NULL label hides it. */
void       anx_page_set_primary (AnxPage *self, const char *label, const char *icon_name, GCallback clicked, gpointer user_data);
void       anx_page_set_primary_sensitive (AnxPage *self, gboolean sensitive);
void       anx_page_set_secondary (AnxPage *self, const char *label, GCallback clicked, gpointer user_data);
GtkWidget *anx_page_make_text (const char *text, const char *css_class);
char      *anx_page_dup_texts (GtkWidget *widget) G_GNUC_WARN_UNUSED_RESULT; /* for reading aloud */
/* A wide choice with icon, label and optional second line, ≥ 88 px high; returns the GtkButton. */
GtkWidget *anx_page_make_choice (const char *icon_name, const char *label, const char *detail);
/* An answer that can be chosen: a GtkToggleButton with role radio, named for screen readers. */
GtkWidget *anx_page_make_radio (const char *label, GtkWidget *group);
/* Something is being asked of the hub: spinner and text instead of the content until cleared with NULL. */
void       anx_page_set_busy (AnxPage *self, const char *text);
/* Something went wrong: what happened, what is safe, what to do, and a button for the next step. */
void       anx_page_show_problem (AnxPage *self, const char *text, const char *action, GCallback clicked, gpointer user_data);

G_END_DECLS
