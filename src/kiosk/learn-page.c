/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "files.h"
#include "json.h"
#include "resident-window.h"
#include "ui-text.h"

/* A few short texts. */
#define MAX_FILE_BYTES (256 * 1024)
#define MAX_TOPICS 24
#define MAX_POINTS 24

static const char *
words_of (JsonObject *object)
{
  const char *own = anx_json_get_string (object, anx_ui_get_language (), NULL);
  return own != NULL ? own : anx_json_get_string (object, "zh", "");
}

static JsonObject *
read_topics (GError **error)
{
  const char *data = g_getenv ("ANX_DATA_DIR");
  g_autofree char *path = g_build_filename (data != NULL ? data : ANX_DATA_DIR, "kiosk", "learn.json", NULL);
  g_autoptr (GBytes) bytes = anx_file_read (path, MAX_FILE_BYTES, error);
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  return text != NULL ? anx_json_parse_object (text, (gssize) length, MAX_FILE_BYTES, error) : NULL;
}

static void
unref_object (gpointer data)
{
  json_object_unref (data);
}

static GtkWidget *
topic_page_make (AnxResidentWindow *window,
                 gpointer data)
{
  JsonObject *topic = data;
  JsonObject *title = anx_json_get_object (topic, "title");
  JsonArray *points = anx_json_get_array (topic, "points");
  GtkWidget *page = anx_page_new (title != NULL ? words_of (title) : "", NULL);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  gtk_widget_add_css_class (card, "card");
  for (guint i = 0; points != NULL && i < MIN (json_array_get_length (points), MAX_POINTS); i++)
    {
      JsonObject *point = anx_json_array_need_object (points, i, NULL);
      if (point != NULL)
        gtk_box_append (GTK_BOX (card), anx_page_make_text (words_of (point), "anx-learn-point"));
    }
  gtk_box_append (anx_page_get_content (ANX_PAGE (page)), card);
  return page;
}

static void
on_topic (GtkButton *button,
          gpointer user_data)
{
  JsonObject *topic = g_object_get_data (G_OBJECT (button), "anx-topic");
  anx_resident_window_push (user_data, topic_page_make, json_object_ref (topic), unref_object);
}

/**
 * anx_learn_page_make:
 * @window: the window
 * @data: not used
 *
 * What helps, in short texts: the topics of `kiosk/learn.json` of the data folder, each leading to a page of its own.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_learn_page_make (AnxResidentWindow *window,
                     gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) file = read_topics (&error);
  JsonArray *topics = file != NULL ? anx_json_get_array (file, "topics") : NULL;
  GtkWidget *page = anx_page_new (_("What may help"), _("Small steps that many people found good. They do not take the place of a talk."));
  if (topics == NULL)
    {
      g_warning ("learn.json cannot be read: %s", error != NULL ? error->message : "no topics");
      anx_page_show_problem (ANX_PAGE (page), _("The texts are missing on this machine. The staff can tell you more."), NULL, NULL, NULL);
      return page;
    }
  for (guint i = 0; i < MIN (json_array_get_length (topics), MAX_TOPICS); i++)
    {
      JsonObject *topic = anx_json_array_need_object (topics, i, NULL);
      JsonObject *title = topic != NULL ? anx_json_get_object (topic, "title") : NULL;
      JsonObject *line = topic != NULL ? anx_json_get_object (topic, "line") : NULL;
      if (title == NULL)
        continue;
      GtkWidget *choice = anx_page_make_choice ("anx-learn-symbolic", words_of (title), line != NULL ? words_of (line) : NULL);
      g_object_set_data_full (G_OBJECT (choice), "anx-topic", json_object_ref (topic), unref_object);
      g_signal_connect (choice, "clicked", G_CALLBACK (on_topic), window);
      gtk_box_append (anx_page_get_content (ANX_PAGE (page)), choice);
    }
  return page;
}
