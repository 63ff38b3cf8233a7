/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass-dialog.h"

#include <glib/gi18n.h>

#include "bounds.h"
#include "crisis-records.h"
#include "desk-dialog.h"
#include "desk-glass.h"
#include "desk-widgets.h"
#include "dialog-data.h"
#include "dialog-fields.h"
#include "json.h"
#include "plan-dialog.h"
#include "ui-text.h"

/* The window that is open, on its parent. */
#define OPEN_KEY "anx-glass-window"

/* How far back sessions are offered: with today, as far as the hub answers at once. */
#define BACK_USEC (399 * ANX_USEC_PER_DAY)

/*
 * One window, one thing after the other in it: the sessions → the reason → what the records say → nothing any more. What was opened is in `view` and in the
 * labels made of it; both go when the time is over or the window closes.
 */
typedef struct
{
  GtkWindow *window;
  AnxDeskService *service;
  AnxGlassRules *rules;
  GCancellable *cancellable;
  AdwBin *place;
  char *booking;        /* (nullable) chosen */
  char *title;          /* (nullable) of the session */
  AnxGlassStory *story; /* (nullable) */
  AnxGlassView *view;   /* (nullable) while open */
  guint clock;
  GtkCheckButton **choices;
  GtkTextView *words;
  GtkLabel *hint;
  GtkWidget *open;
} Glass;

static void show_sessions (Glass *self);

static void
close_view (Glass *self)
{
  g_clear_handle_id (&self->clock, g_source_remove);
  g_clear_pointer (&self->view, anx_glass_view_free);
}

static void
glass_free (gpointer data)
{
  Glass *self = data;
  g_cancellable_cancel (self->cancellable);
  close_view (self);
  g_object_unref (self->cancellable);
  g_object_unref (self->service);
  g_clear_pointer (&self->rules, anx_glass_rules_free);
  g_clear_pointer (&self->story, anx_glass_story_free);
  g_free (self->booking);
  g_free (self->title);
  g_free (self->choices);
  g_free (self);
}

static GtkWidget *
new_page (Glass *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *page = anx_desk_page_new (box, 620);

  /* Of the page before. */
  g_clear_pointer (&self->choices, g_free);
  self->words = NULL;
  self->hint = NULL;
  self->open = NULL;
  gtk_widget_set_vexpand (page, TRUE);
  adw_bin_set_child (self->place, page);
  return box;
}

static void
show_words (Glass *self,
            const char *heading,
            const char *text,
            gboolean may_go_back)
{
  GtkWidget *box = new_page (self);

  gtk_box_append (GTK_BOX (box), anx_desk_label_new (heading, "title-3"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, NULL));
  if (!may_go_back)
    return;
  GtkWidget *back = anx_desk_button_new (_ ("_Back to the sessions"), NULL, NULL, NULL);
  gtk_widget_set_halign (back, GTK_ALIGN_START);
  g_signal_connect_swapped (back, "clicked", G_CALLBACK (show_sessions), self);
  gtk_box_append (GTK_BOX (box), back);
  gtk_widget_grab_focus (back);
}

/* ---- reading ---- */

static char *
dup_content (AnxDeskRecord *record)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) steps = NULL;
  gint64 written = 0;

  if (g_str_equal (record->kind, ANX_KIND_NOTE))
    return anx_note_read (record->resource, &text, &written, NULL) ? g_steal_pointer (&text) : NULL;
  if (!anx_safety_plan_read (record->resource, &steps, &written, NULL))
    return NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  for (gsize i = 0; steps[i] != NULL; i++)
    if (*steps[i] != '\0')
      g_string_append_printf (all, "%s%s\n%s", all->len > 0 ? "\n\n" : "", anx_plan_dialog_get_title ((guint) i), steps[i]);
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static gboolean
is_replaced (Glass *self,
             AnxDeskRecord *record)
{
  for (guint i = 0; i < self->view->records->len; i++)
    if (g_strcmp0 (((AnxDeskRecord *) g_ptr_array_index (self->view->records, i))->predecessor, record->id) == 0)
      return TRUE;
  return FALSE;
}

static GtkWidget *
build_record (Glass *self,
              AnxDeskRecord *record)
{
  g_autofree char *when = anx_ui_format_day_time (record->created_usec, anx_desk_service_get_zone (self->service));
  g_autofree char *head = g_strdup_printf ("%s · %s", anx_desk_service_name_principal (self->service, record->author), when);
  g_autofree char *content = dup_content (record);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *label = anx_desk_label_new (content != NULL ? content : _ ("This record is not in a form that can be shown. Please ask its author."), NULL);

  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "padded");
  gtk_box_append (GTK_BOX (card), anx_desk_label_new (g_str_equal (record->kind, ANX_KIND_NOTE) ? _ ("Note") : _ ("Safety plan"), "title-4"));
  gtk_box_append (GTK_BOX (card), anx_desk_label_new (head, "dim-label"));
  if (is_replaced (self, record))
    gtk_box_append (GTK_BOX (card), anx_desk_label_new (_ ("An earlier version: a later one took its place."), "dim-label"));
  gtk_box_append (GTK_BOX (card), label);
  return card;
}

static gboolean
on_clock (gpointer data)
{
  Glass *self = data;

  if (self->view != NULL && anx_desk_model_now_usec (anx_desk_service_get_model (self->service)) < self->view->until_usec)
    return G_SOURCE_CONTINUE;
  self->clock = 0;
  close_view (self);
  show_words (self, _ ("The time is over"),
              _ ("What was open was put away; nothing of it is kept on this computer. If you still need it, please ask the colleague or the centre’s lead. "
                 "You can also open it again, with a reason."),
              TRUE);
  return G_SOURCE_REMOVE;
}

static void
show_view (Glass *self)
{
  g_autofree char *until = anx_ui_format_time (self->view->until_usec, anx_desk_service_get_zone (self->service));
  /* Translators: a time */
  g_autofree char *open = g_strdup_printf (_ ("Open for you until %s"), until);
  GtkWidget *box = new_page (self);

  gtk_box_append (GTK_BOX (box), anx_desk_label_new (self->title, "title-3"));
  GtkWidget *chip = anx_desk_chip_new ("changes-allow-symbolic", open, "warn");
  gtk_widget_set_halign (chip, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), chip);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("It closes by itself. Nothing of it is kept on this computer. Only what is needed now; it stays between you."),
                                                     "dim-label"));
  /* The newest first. */
  for (guint i = self->view->records->len; i > 0; i--)
    gtk_box_append (GTK_BOX (box), build_record (self, g_ptr_array_index (self->view->records, i - 1)));
  if (self->view->unreadable > 0)
    {
      g_autofree char *left = g_strdup_printf (ngettext ("%u record was sealed before you belonged to the group. Only the officers with the recovery key can open it; please ask its author.",
                                                         "%u records were sealed before you belonged to the group. Only the officers with the recovery key can open them; please ask their author.",
                                                         self->view->unreadable),
                                               self->view->unreadable);
      gtk_box_append (GTK_BOX (box), anx_desk_label_new (left, NULL));
    }
  self->clock = g_timeout_add (500, on_clock, self);
}

static void
on_opened (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  Glass *self = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxGlassView) view = anx_desk_glass_open_finish (ANX_DESK_SERVICE (source), result, &error);

  if (self == NULL)
    return;
  if (view == NULL)
    {
      /* With a form the words stay where they were written. */
      if (self->open == NULL)
        {
          show_words (self, _ ("It could not be opened"), error->message, TRUE);
          return;
        }
      gtk_label_set_text (self->hint, error->message);
      gtk_widget_set_sensitive (self->open, TRUE);
      return;
    }
  close_view (self);
  self->view = g_steal_pointer (&view);
  show_view (self);
}

/* ---- why ---- */

static const AnxGlassReason *
get_reason (Glass *self)
{
  for (guint i = 0; i < self->rules->reasons->len; i++)
    if (gtk_check_button_get_active (self->choices[i]))
      return g_ptr_array_index (self->rules->reasons, i);
  return NULL;
}

static void
refresh_form (Glass *self)
{
  g_autofree char *words = anx_dialog_text_dup (self->words);
  const char *hint = "";

  if (get_reason (self) == NULL)
    hint = _ ("Please choose why.");
  else if (*words == '\0')
    hint = _ ("Please write in a few words what happened.");
  else if (g_utf8_strlen (words, -1) > ANX_BOUND_NOTE_CHARS)
    hint = _ ("That is too long. A few sentences are enough.");
  gtk_label_set_text (self->hint, hint);
  gtk_widget_set_sensitive (self->open, *hint == '\0');
}

static void
on_open (Glass *self)
{
  g_autofree char *words = anx_dialog_text_dup (self->words);

  gtk_widget_set_sensitive (self->open, FALSE);
  gtk_label_set_text (self->hint, _ ("Telling them, and asking the hub…"));
  anx_desk_glass_open_async (self->service, self->booking, self->story, get_reason (self)->code, words, self->cancellable, on_opened,
                             g_object_ref (self->window));
}

static char *
name_told (Glass *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (gsize i = 0; self->story->told[i] != NULL; i++)
    g_ptr_array_add (names, (gpointer) anx_desk_service_name_principal (self->service, self->story->told[i]));
  g_ptr_array_add (names, NULL);
  /* Translators: between the names of people */
  return g_strjoinv (_ (", "), (char **) names->pdata);
}

static void
show_form (Glass *self)
{
  gboolean chinese = g_str_equal (anx_ui_get_language (), "zh");
  g_autofree char *told = name_told (self);
  /* Translators: names of people */
  g_autofree char *warning = g_strdup_printf (_ ("These people are told at once, with your name and your reason: %s"), told);
  guint minutes = self->rules->minutes;
  g_autofree char *label = minutes % 60 == 0 ? g_strdup_printf (ngettext ("_Open for %u hour", "_Open for %u hours", minutes / 60), minutes / 60)
                                             : g_strdup_printf (ngettext ("_Open for %u minute", "_Open for %u minutes", minutes), minutes);
  GtkWidget *box = new_page (self);
  GtkWidget *heading = anx_desk_label_new (_ ("What happened"), "heading");

  self->choices = g_new0 (GtkCheckButton *, self->rules->reasons->len);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (self->title, "title-3"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Why do you need to read it now?"), "heading"));
  for (guint i = 0; i < self->rules->reasons->len; i++)
    {
      const AnxGlassReason *reason = g_ptr_array_index (self->rules->reasons, i);
      GtkWidget *words = anx_desk_label_new (chinese ? reason->zh : reason->en, NULL);
      self->choices[i] = GTK_CHECK_BUTTON (gtk_check_button_new ());
      gtk_check_button_set_child (self->choices[i], words);
      anx_ui_set_accessible_name (GTK_WIDGET (self->choices[i]), chinese ? reason->zh : reason->en);
      if (i > 0)
        gtk_check_button_set_group (self->choices[i], self->choices[0]);
      g_signal_connect_swapped (self->choices[i], "toggled", G_CALLBACK (refresh_form), self);
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->choices[i]));
    }
  GtkWidget *scrolled = anx_dialog_text_new (&self->words, _ ("What happened"), 90);
  anx_desk_set_mnemonic (heading, GTK_WIDGET (self->words), _ ("What happened"));
  self->hint = GTK_LABEL (anx_desk_label_new ("", "answer"));
  self->open = anx_desk_button_new (label, "destructive-action", NULL, NULL);
  gtk_widget_set_halign (self->open, GTK_ALIGN_START);
  g_signal_connect_swapped (self->open, "clicked", G_CALLBACK (on_open), self);
  g_signal_connect_swapped (gtk_text_view_get_buffer (self->words), "changed", G_CALLBACK (refresh_form), self);
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (warning, NULL));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->hint));
  gtk_box_append (GTK_BOX (box), self->open);
  refresh_form (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->choices[0]));
}

static void
on_asked (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  Glass *self = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxGlassStory) story = anx_desk_glass_ask_finish (ANX_DESK_SERVICE (source), result, &error);

  if (self == NULL)
    return;
  if (story == NULL)
    {
      show_words (self, _ ("It cannot be opened"), error->message, TRUE);
      return;
    }
  g_clear_pointer (&self->story, anx_glass_story_free);
  self->story = g_steal_pointer (&story);
  if (self->story->until_usec > anx_desk_model_now_usec (anx_desk_service_get_model (self->service)))
    anx_desk_glass_open_async (self->service, self->booking, self->story, NULL, NULL, self->cancellable, on_opened, g_object_ref (self->window));
  else
    show_form (self);
}

static void
choose (Glass *self,
        const char *booking,
        const char *title)
{
  g_free (self->booking);
  g_free (self->title);
  self->booking = g_strdup (booking);
  self->title = g_strdup (title);
  show_words (self, self->title, _ ("Asking the hub…"), FALSE);
  anx_desk_glass_ask_async (self->service, self->booking, self->cancellable, on_asked, g_object_ref (self->window));
}

/* ---- which session ---- */

static void
on_choose (GtkButton *button,
           Glass *self)
{
  g_autofree char *booking = g_strdup (g_object_get_data (G_OBJECT (button), "booking"));
  g_autofree char *title = g_strdup (g_object_get_data (G_OBJECT (button), "title"));

  choose (self, booking, title);
}

static GtkWidget *
build_session (Glass *self,
               const AnxGlassSession *session)
{
  const char *centre = anx_desk_glass_get_centre (self->service);
  g_autofree char *when = anx_ui_format_day_time (session->start_usec, anx_desk_service_get_zone (self->service));
  g_autofree char *title = g_strdup_printf ("%s · %s", when, anx_desk_service_name_principal (self->service, session->counsellor));
  g_autofree char *count = g_strdup_printf (ngettext ("%u record", "%u records", session->records), session->records);
  g_autofree char *details = g_strdup_printf ("%s · %s", anx_desk_service_name_room (self->service, centre, session->room), count);
  gboolean open = session->until_usec > anx_desk_model_now_usec (anx_desk_service_get_model (self->service));
  GtkWidget *row = anx_desk_row_new (title, details);
  GtkWidget *button = anx_desk_button_new (open ? _ ("Read again") : _ ("Open…"), NULL, NULL, NULL);
  g_autofree char *spoken = g_strdup_printf ("%s: %s", open ? _ ("Read again") : _ ("Open…"), title);

  anx_desk_button_set_label (GTK_BUTTON (button), open ? _ ("Read again") : _ ("Open…"), spoken);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "booking", g_strdup (session->booking), g_free);
  g_object_set_data_full (G_OBJECT (button), "title", g_strdup (title), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_choose), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
on_listed (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  Glass *self = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) sessions = anx_desk_glass_list_finish (ANX_DESK_SERVICE (source), result, &error);

  if (self == NULL)
    return;
  if (sessions == NULL)
    {
      show_words (self, _ ("It cannot be opened"), error->message, FALSE);
      return;
    }
  GtkWidget *box = new_page (self);
  GtkWidget *list = anx_desk_list_new ();
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Which session?"), "title-3"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Please ask the colleague first. If that cannot be, you may open here what they wrote. It is for an emergency: they and the "
                                                        "supervision are told at once."),
                                                     NULL));
  for (guint i = 0; i < sessions->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list), build_session (self, g_ptr_array_index (sessions, i)));
  if (sessions->len == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("No session of a colleague can be opened here"), NULL));
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("When it was, the resident or the staff can tell. The sessions of the last year are here. What is older, or was written before the "
                                                        "centre had this group or before you belonged to it, only its author or the officers with the recovery key can open."),
                                                     "dim-label"));
}

static void
show_sessions (Glass *self)
{
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));

  close_view (self);
  show_words (self, _ ("Which session?"), _ ("Asking the hub…"), FALSE);
  anx_desk_glass_list_async (self->service, now - BACK_USEC, now + ANX_USEC_PER_DAY, self->cancellable, on_listed, g_object_ref (self->window));
}

static void
forget_window (GtkWindow *parent)
{
  g_object_set_data (G_OBJECT (parent), OPEN_KEY, NULL);
}

/**
 * anx_glass_dialog_present:
 * @parent: the window of the desk
 * @service: the service
 */
void
anx_glass_dialog_present (GtkWindow *parent,
                          AnxDeskService *service)
{
  g_autoptr (GError) error = NULL;
  GtkWindow *open = g_object_get_data (G_OBJECT (parent), OPEN_KEY);
  if (open != NULL)
    {
      gtk_window_present (open);
      return;
    }
  AnxGlassRules *rules = anx_desk_glass_load_rules (service, &error);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  if (rules == NULL)
    {
      g_object_unref (g_object_ref_sink (whole));
      anx_desk_say_failure (parent, _ ("It cannot be opened"), error);
      return;
    }
  Glass *self = g_new0 (Glass, 1);
  self->window = GTK_WINDOW (adw_window_new ());
  self->service = g_object_ref (service);
  self->rules = rules;
  self->cancellable = g_cancellable_new ();
  self->place = ADW_BIN (adw_bin_new ());
  anx_dialog_data_set (self->window, self, glass_free);
  gtk_box_append (GTK_BOX (whole), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (whole), GTK_WIDGET (self->place));
  adw_window_set_content (ADW_WINDOW (self->window), whole);
  gtk_window_set_title (self->window, _ ("A colleague’s record in an emergency"));
  gtk_window_set_default_size (self->window, 680, 640);
  gtk_window_set_transient_for (self->window, parent);
  /* It may be open for hours, and a call for help is answered in the window below it: not modal, but one at a time. */
  g_object_set_data (G_OBJECT (parent), OPEN_KEY, self->window);
  g_signal_connect_object (self->window, "destroy", G_CALLBACK (forget_window), parent, G_CONNECT_SWAPPED);
  anx_desk_guard_text (self->window);
  gtk_window_present (self->window);
  show_sessions (self);
}
