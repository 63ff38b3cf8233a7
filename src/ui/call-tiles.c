/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-tiles.h"

#include <glib/gi18n.h>

#include "ui-text.h"
#include "video-view.h"

/* As long as somebody who looks at a face needs to look down and read it. */
#define NEWS_SECONDS 10

typedef struct
{
  char *id;
  char *name;
  GtkWidget *box; /* owned by the tiles */
  GtkWidget *view;
  GtkWidget *caption;
} Tile;

struct _AnxCallTiles
{
  GtkWidget parent_instance;

  AnxCall *call;           /* (nullable): the first one's */
  AnxCallCompany *company; /* (nullable) */
  char *first;             /* (nullable): whom the first picture is of */
  char *first_name;        /* (nullable) */
  AnxCallNameFunc name;
  gpointer user_data;
  GtkWidget *whole;
  GtkWidget *row;
  GtkWidget *view;
  GtkWidget *caption;
  GtkWidget *here;         /* who is here */
  GtkWidget *news;         /* who came or went just now, for a while in the place of "here": a low screen has room for one line */
  guint news_source;
  GPtrArray *tiles;        /* Tile*, of the company's others */
};

G_DEFINE_FINAL_TYPE (AnxCallTiles, anx_call_tiles, GTK_TYPE_WIDGET)

static void
tile_free (gpointer data)
{
  Tile *tile = data;
  g_free (tile->id);
  g_free (tile->name);
  g_free (tile);
}

static GtkWidget *
make_words (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  gtk_widget_set_visible (label, FALSE);
  return label;
}

static GtkWidget *
make_tile (GtkWidget **out_view,
           GtkWidget **out_caption)
{
  GtkWidget *tile = gtk_overlay_new ();
  *out_view = anx_video_view_new ();
  *out_caption = make_words ("call-name");
  gtk_widget_set_hexpand (*out_view, TRUE);
  gtk_widget_set_vexpand (*out_view, TRUE);
  gtk_widget_set_halign (*out_caption, GTK_ALIGN_START);
  gtk_widget_set_valign (*out_caption, GTK_ALIGN_END);
  gtk_overlay_set_child (GTK_OVERLAY (tile), *out_view);
  gtk_overlay_add_overlay (GTK_OVERLAY (tile), *out_caption);
  return tile;
}

static void
show_words (GtkWidget *label,
            const char *text)
{
  gtk_label_set_label (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
}

/* A call in a word, where it is not simply there. */
static char *
describe (AnxCall *call,
          const char *name)
{
  switch (call != NULL ? anx_call_get_state (call) : ANX_CALL_ENDED)
    {
    case ANX_CALL_LIVE:
      return g_strdup (name);
    case ANX_CALL_RECONNECTING:
      /* Translators: a person's name. */
      return g_strdup_printf (_ ("%s: the line broke, it connects again"), name);
    case ANX_CALL_CONNECTING:
      /* Translators: a person's name. */
      return g_strdup_printf (_ ("%s: is just joining"), name);
    default:
      /* Translators: a person's name. */
      return g_strdup_printf (_ ("%s: not here"), name);
    }
}

static gboolean
is_here (AnxCall *call)
{
  return call != NULL && (anx_call_get_state (call) == ANX_CALL_LIVE || anx_call_get_state (call) == ANX_CALL_RECONNECTING);
}

static void
refresh (AnxCallTiles *self)
{
  /* Translators: between names of people. */
  const char *comma = _ (", ");
  GString *here = g_string_new (NULL), *absent = g_string_new (NULL);

  if (self->company == NULL)
    {
      show_words (self->caption, NULL);
      show_words (self->here, NULL);
      g_string_free (here, TRUE);
      g_string_free (absent, TRUE);
      return;
    }
  g_string_append (is_here (self->call) ? here : absent, self->first_name);
  for (guint i = 0; i < self->tiles->len; i++)
    {
      Tile *tile = g_ptr_array_index (self->tiles, i);
      AnxCall *call = anx_call_company_get_call (self->company, tile->id);
      g_autofree char *words = describe (call, tile->name);
      GString *list = is_here (call) ? here : absent;
      anx_video_view_set_call (ANX_VIDEO_VIEW (tile->view), call);
      show_words (tile->caption, words);
      gtk_widget_set_visible (tile->box, call != NULL);
      g_string_append_printf (list, "%s%s", list->len > 0 ? comma : "", tile->name);
    }
  g_autofree char *first = describe (self->call, self->first_name);
  show_words (self->caption, first);
  g_autofree char *line = NULL;
  if (here->len > 0 && absent->len > 0)
    /* Translators: names of people, twice. */
    line = g_strdup_printf (_ ("Here with you: %1$s. Not here: %2$s."), here->str, absent->str);
  else if (here->len > 0)
    /* Translators: names of people. */
    line = g_strdup_printf (_ ("Here with you: %s."), here->str);
  else
    /* Translators: names of people. */
    line = g_strdup_printf (_ ("Nobody is here yet. Taking part: %s."), absent->str);
  show_words (self->here, self->news_source == 0 ? line : NULL);
  g_string_free (here, TRUE);
  g_string_free (absent, TRUE);
}

static const char *
find_name (AnxCallTiles *self,
           const char *peer)
{
  for (guint i = 0; i < self->tiles->len; i++)
    if (g_str_equal (((Tile *) g_ptr_array_index (self->tiles, i))->id, peer))
      return ((Tile *) g_ptr_array_index (self->tiles, i))->name;
  return self->first_name;
}

static gboolean
on_news_old (gpointer data)
{
  AnxCallTiles *self = data;
  self->news_source = 0;
  show_words (self->news, NULL);
  refresh (self);
  return G_SOURCE_REMOVE;
}

static void
show_news (AnxCallTiles *self,
           const char *text)
{
  g_clear_handle_id (&self->news_source, g_source_remove);
  show_words (self->news, text);
  if (text != NULL)
    self->news_source = g_timeout_add_seconds (NEWS_SECONDS, on_news_old, self);
  refresh (self);
}

static void
on_joined (AnxCallTiles *self,
           const char *peer)
{
  /* Translators: a person's name. */
  g_autofree char *text = g_strdup_printf (_ ("%s has joined the talk."), find_name (self, peer));
  show_news (self, text);
}

static void
on_left (AnxCallTiles *self,
         const char *peer,
         gboolean lost)
{
  const char *name = find_name (self, peer);
  /* Translators: a person's name. */
  g_autofree char *text = lost ? g_strdup_printf (_ ("The line to %s was lost. It is tried again."), name)
                               /* Translators: a person's name. */
                               : g_strdup_printf (_ ("%s has left the talk."), name);
  show_news (self, text);
}

static void
drop_tiles (AnxCallTiles *self)
{
  for (guint i = 0; i < self->tiles->len; i++)
    {
      Tile *tile = g_ptr_array_index (self->tiles, i);
      anx_video_view_set_call (ANX_VIDEO_VIEW (tile->view), NULL);
      gtk_box_remove (GTK_BOX (self->row), tile->box);
    }
  g_ptr_array_set_size (self->tiles, 0);
}

static void
drop_company (AnxCallTiles *self)
{
  if (self->company == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->company, self);
  g_clear_object (&self->company);
  drop_tiles (self);
  g_clear_pointer (&self->first, g_free);
  g_clear_pointer (&self->first_name, g_free);
  g_clear_handle_id (&self->news_source, g_source_remove);
  show_words (self->news, NULL);
}

/**
 * anx_call_tiles_set_company:
 * @self: the tiles
 * @company: (nullable): the others; %NULL: there are none
 * @first: whom the first picture is of, for its name
 * @name: what a principal is called
 * @user_data: for @name
 *
 * Whoever of @company has a call gets a picture; of @first none, because that one has the first.
 */
void
anx_call_tiles_set_company (AnxCallTiles *self,
                            AnxCallCompany *company,
                            const char *first,
                            AnxCallNameFunc name,
                            gpointer user_data)
{
  g_return_if_fail (ANX_IS_CALL_TILES (self));
  drop_company (self);
  if (company != NULL)
    {
      self->company = g_object_ref (company);
      self->first = g_strdup (first);
      self->first_name = name (first, user_data);
      const char *const *peers = anx_call_company_get_peers (company);
      for (guint i = 0; peers[i] != NULL; i++)
        {
          if (g_strcmp0 (peers[i], first) == 0)
            continue;
          Tile *tile = g_new0 (Tile, 1);
          tile->id = g_strdup (peers[i]);
          tile->name = name (peers[i], user_data);
          tile->box = make_tile (&tile->view, &tile->caption);
          anx_video_view_set_own_shown (ANX_VIDEO_VIEW (tile->view), FALSE);
          /* Translators: a person's name. */
          g_autofree char *words = g_strdup_printf (_ ("Video of %s"), tile->name);
          anx_ui_set_accessible_name (tile->view, words);
          gtk_box_append (GTK_BOX (self->row), tile->box);
          g_ptr_array_add (self->tiles, tile);
        }
      g_signal_connect_swapped (company, "changed", G_CALLBACK (refresh), self);
      g_signal_connect_swapped (company, "joined", G_CALLBACK (on_joined), self);
      g_signal_connect_swapped (company, "left", G_CALLBACK (on_left), self);
    }
  refresh (self);
}

/**
 * anx_call_tiles_set_call:
 * @self: the tiles
 * @call: (nullable): the call of the first picture
 */
void
anx_call_tiles_set_call (AnxCallTiles *self,
                         AnxCall *call)
{
  g_return_if_fail (ANX_IS_CALL_TILES (self));
  if (self->call == call)
    return;
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_set_object (&self->call, call);
  anx_video_view_set_call (ANX_VIDEO_VIEW (self->view), call);
  if (call != NULL)
    g_signal_connect_swapped (call, "notify::state", G_CALLBACK (refresh), self);
  refresh (self);
}

static void
anx_call_tiles_dispose (GObject *object)
{
  AnxCallTiles *self = ANX_CALL_TILES (object);

  if (self->whole != NULL)
    {
      drop_company (self);
      if (self->call != NULL)
        g_signal_handlers_disconnect_by_data (self->call, self);
      g_clear_object (&self->call);
      anx_video_view_set_call (ANX_VIDEO_VIEW (self->view), NULL);
    }
  g_clear_pointer (&self->whole, gtk_widget_unparent);
  G_OBJECT_CLASS (anx_call_tiles_parent_class)->dispose (object);
}

static void
anx_call_tiles_finalize (GObject *object)
{
  g_ptr_array_unref (ANX_CALL_TILES (object)->tiles);
  G_OBJECT_CLASS (anx_call_tiles_parent_class)->finalize (object);
}

static void
anx_call_tiles_class_init (AnxCallTilesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_call_tiles_dispose;
  G_OBJECT_CLASS (klass)->finalize = anx_call_tiles_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "calltiles");
}

static void
anx_call_tiles_init (AnxCallTiles *self)
{
  self->tiles = g_ptr_array_new_with_free_func (tile_free);
  self->whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_box_set_homogeneous (GTK_BOX (self->row), TRUE);
  gtk_widget_set_vexpand (self->row, TRUE);
  gtk_box_append (GTK_BOX (self->row), make_tile (&self->view, &self->caption));
  self->here = make_words ("call-here");
  /* A screen reader says at once what appears in an alert. */
  self->news = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT, "wrap", TRUE, "xalign", 0.0f, "visible", FALSE, NULL);
  gtk_widget_add_css_class (self->news, "call-news");
  gtk_box_append (GTK_BOX (self->whole), self->row);
  gtk_box_append (GTK_BOX (self->whole), self->here);
  gtk_box_append (GTK_BOX (self->whole), self->news);
  gtk_widget_set_parent (self->whole, GTK_WIDGET (self));
}

/**
 * anx_call_tiles_new:
 * @orientation: whether several pictures stand beside or below each other
 *
 * Returns: (transfer floating): the tiles, of one call
 */
GtkWidget *
anx_call_tiles_new (GtkOrientation orientation)
{
  AnxCallTiles *self = g_object_new (ANX_TYPE_CALL_TILES, NULL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->row), orientation);
  return GTK_WIDGET (self);
}
