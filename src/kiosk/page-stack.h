/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "page.h"

G_BEGIN_DECLS

/*
 * The pages of a visit, one upon the other: the last is present, the first stays as long as the visit. A page belongs to its data: a session, a draft.
 * Two sessions may have pages of the same maker, so what is over takes away what belongs to it, and nothing else. Main thread.
 *   K1  the present page, and no other, is on the screen
 *   K2  a page is taken off the screen before it is freed: it may be in the middle of its own button's handler
 *   K3  a page's data is freed once, after its widget, and when the page is not in the stack any more
 */
typedef struct _AnxPageStack AnxPageStack;

/* Puts @page on the screen, alone; %NULL: nothing. */
typedef void (*AnxPageShow) (AnxResidentWindow *window, GtkWidget *page);

AnxPageStack *anx_page_stack_new (AnxResidentWindow *window, AnxPageShow show) G_GNUC_WARN_UNUSED_RESULT;
void          anx_page_stack_free (AnxPageStack *self);
void          anx_page_stack_push (AnxPageStack *self, AnxPageMaker maker, gpointer data, GDestroyNotify destroy);
void          anx_page_stack_back (AnxPageStack *self);
void          anx_page_stack_home (AnxPageStack *self);
gboolean      anx_page_stack_back_from (AnxPageStack *self, gconstpointer data);
void          anx_page_stack_forget (AnxPageStack *self, gconstpointer data);
void          anx_page_stack_replace (AnxPageStack *self, AnxPageMaker maker, gpointer data, GDestroyNotify destroy);
void          anx_page_stack_exchange (AnxPageStack *self, gconstpointer belongs_to, AnxPageMaker maker, gpointer data, GDestroyNotify destroy);
void          anx_page_stack_exchange_page (AnxPageStack *self, GtkWidget *page, AnxPageMaker maker, gpointer data, GDestroyNotify destroy);
void          anx_page_stack_put_upon (AnxPageStack *self, gconstpointer below, AnxPageMaker maker, gpointer data, GDestroyNotify destroy);
void          anx_page_stack_conclude_upon (AnxPageStack *self, AnxPageMaker floor, gconstpointer done, AnxPageMaker maker, gpointer data, GDestroyNotify destroy);
void          anx_page_stack_conclude (AnxPageStack *self, gconstpointer done, AnxPageMaker maker, gpointer data, GDestroyNotify destroy);
void          anx_page_stack_take_down (AnxPageStack *self);
void          anx_page_stack_show (AnxPageStack *self);
gboolean      anx_page_stack_holds (AnxPageStack *self, gconstpointer data);
gboolean      anx_page_stack_is_at (AnxPageStack *self, AnxPageMaker maker);
guint         anx_page_stack_get_length (AnxPageStack *self);

G_END_DECLS
