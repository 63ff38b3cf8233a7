/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "directory-words.h"
#include "session.h"

/* The colleague's desk goes on calling for a minute or so; nobody is warned away from this page meanwhile. */
#define TALK_IDLE_SECONDS 600

static void
on_answer (GtkButton *button, AnxSession *session)
{
  anx_session_accept (session);
}

static void
on_not_now (GtkButton *button, AnxResidentWindow *window)
{
  anx_resident_window_back (window);
}

/**
 * anx_talk_page_make:
 * @window: the window
 * @data: (type AnxSession): a session for an alert
 *
 * Asks before any camera or microphone runs: somebody who answered the alert would like to talk.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_talk_page_make (AnxResidentWindow *window, gpointer data)
{
  AnxSession *session = data;
  GtkWidget *page = anx_page_new (_ ("A colleague would like to talk with you"),
                                  _ ("By video, here on this screen. Camera and microphone are off until you answer."));
  GtkBox *content = anx_page_get_content (ANX_PAGE (page));
  AnxResident *resident = anx_resident_window_get_resident (window);
  const char *name = anx_words_of_principal (resident, anx_session_get_counsellor (session));
  const char *talking_with = anx_session_get_talking_with (session);

  gtk_box_append (content, anx_page_make_text (name, "calm"));
  if (talking_with != NULL)
    {
      /* Translators: a counsellor's name. */
      g_autofree char *ends = g_strdup_printf (_ ("If you answer, your talk with %s ends."), anx_words_of_principal (resident, talking_with));
      gtk_box_append (content, anx_page_make_text (ends, "page-line"));
    }
  gtk_box_append (content, anx_page_make_text (_ ("You need not. Help is on the way all the same."), "page-line"));
  anx_page_set_secondary (ANX_PAGE (page), _ ("Not now"), G_CALLBACK (on_not_now), window);
  anx_page_set_primary (ANX_PAGE (page), _ ("Answer"), "anx-camera-symbolic", G_CALLBACK (on_answer), session);
  anx_page_set_idle_limit (ANX_PAGE (page), TALK_IDLE_SECONDS);
  return page;
}
