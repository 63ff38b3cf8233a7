/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "assign-box.h"
#include "appointment.h"
#include "desk-call.h"
#include "desk-glass.h"
#include "desk-problem.h"
#include "desk-trend.h"
#include "desk-widgets.h"
#include "draft-box.h"
#include "follow-up-dialog.h"
#include "journal.h"
#include "process.h"
#include "referral-card.h"
#include "plan-dialog.h"
#include "desk-window.h"
#include "refer-dialog.h"
#include "report-dialog.h"
#include "ui-text.h"

/* What is clarified at the start of a session at a distance: who it is, where they are, who is near, what stays secret
 * and what does not. */
static const char *const checklist[] = {
  N_ ("I have said who I am, and asked how they want to be addressed"),
  N_ ("I know where they are, and a phone number in case the call breaks off"),
  N_ ("Nobody else can see or hear us, on both sides"),
  N_ ("I have said what stays between us, and when I must call for help"),
};

/* At most so much of what was typed is lost with the machine. */
#define DRAFT_PAUSE_MS 1000

struct _AnxSessionPage
{
  AdwBin parent_instance;
  AnxDeskService *service;
  char *booking;      /* (nullable) */
  char *corrects;     /* (nullable) the note that the text in the editor corrects */
  GHashTable *drafts; /* booking → text not yet saved */
  guint draft_source; /* what is written goes to the disk, sealed */
  AdwBin *head;
  AnxDeskCall *call;
  GtkTextView *note;
  GSimpleAction *save; /* owned by the action group */
  GtkLabel *note_state;
  AdwBin *notes;
  AdwBin *trend;
  AdwBin *screening;
  AnxAssignBox *assign;
  AdwBin *referrals;
  GtkSwitch *checks[G_N_ELEMENTS (checklist)];
  GtkLabel *checks_state;
};

G_DEFINE_FINAL_TYPE (AnxSessionPage, anx_session_page, ADW_TYPE_BIN)

static void
anx_session_page_dispose (GObject *object)
{
  AnxSessionPage *self = ANX_SESSION_PAGE (object);
  g_clear_object (&self->service);
  g_clear_pointer (&self->booking, g_free);
  g_clear_pointer (&self->corrects, g_free);
  g_clear_handle_id (&self->draft_source, g_source_remove);
  g_clear_pointer (&self->drafts, g_hash_table_unref);
  G_OBJECT_CLASS (anx_session_page_parent_class)->dispose (object);
}

static void
anx_session_page_class_init (AnxSessionPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_session_page_dispose;
}

static void
anx_session_page_init (AnxSessionPage *self)
{
  self->drafts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static char *
dup_note_text (AnxSessionPage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->note);
  GtkTextIter start;
  GtkTextIter end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
set_note_text (AnxSessionPage *self,
               const char *text)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->note), text != NULL ? text : "", -1);
}

/* On the disk a draft is the id of the note that it corrects, perhaps none, a line end, the text. */
static void
store_draft (AnxSessionPage *self,
             const char *text)
{
  AnxClient *client = anx_desk_service_get_client (self->service);
  g_autofree char *name = g_strconcat ("note-", self->booking, NULL);
  anx_autosecret char *whole = g_strconcat (self->corrects != NULL ? self->corrects : "", "\n", text, NULL);
  g_autoptr (GError) error = NULL;
  gboolean done = *text == '\0' ? anx_draft_drop (client, name, &error) : anx_draft_keep (client, name, whole, &error);

  if (!done)
    anx_journal ("anxin-desk", "draft-not-kept", "reason", error->message, NULL);
}

/* What the last run of the desk left, when it ended without saving. */
static char *
load_draft (AnxSessionPage *self)
{
  g_autofree char *name = g_strconcat ("note-", self->booking, NULL);
  g_autoptr (GError) error = NULL;
  anx_autosecret char *whole = anx_draft_dup (anx_desk_service_get_client (self->service), name, &error);
  char *text = whole != NULL ? strchr (whole, '\n') : NULL;

  if (error != NULL)
    anx_journal ("anxin-desk", "draft-not-opened", "reason", error->message, NULL);
  if (text == NULL)
    return NULL;
  *text++ = '\0';
  if (*whole != '\0')
    self->corrects = g_strdup (whole);
  return g_strdup (text);
}

static gboolean
on_draft_due (gpointer user_data)
{
  AnxSessionPage *self = ANX_SESSION_PAGE (user_data);
  g_autofree char *text = dup_note_text (self);

  self->draft_source = 0;
  if (self->booking != NULL)
    store_draft (self, text);
  return G_SOURCE_REMOVE;
}

static void
on_save (AnxSessionPage *self)
{
  g_autofree char *text = dup_note_text (self);
  g_autoptr (GError) error = NULL;

  if (self->booking == NULL || *g_strchug (text) == '\0')
    return;
  if (!anx_desk_service_save_note (self->service, self->booking, text, self->corrects, &error))
    {
      /* The text stays in the editor: that is the one place where it still is. */
      g_autofree char *reason = anx_desk_problem_explain (error);
      g_autofree char *message = g_strdup_printf (_ ("Not saved. Your text is still here. %s"), reason);
      gtk_label_set_text (self->note_state, message);
      gtk_widget_add_css_class (GTK_WIDGET (self->note_state), "error");
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->note_state), "error");
  g_clear_pointer (&self->corrects, g_free);
  set_note_text (self, NULL);
  g_hash_table_remove (self->drafts, self->booking);
  g_clear_handle_id (&self->draft_source, g_source_remove);
  store_draft (self, "");
  gtk_label_set_text (self->note_state,
                      anx_desk_glass_find_group (self->service, self->booking) != NULL
                          ? _ ("Saved and sealed to you. A colleague can open it only in an emergency, and you are told.")
                          : _ ("Saved and sealed to you alone. It is sent to the hub by itself."));
}

static void
on_note_changed (GtkTextBuffer *buffer,
                 AnxSessionPage *self)
{
  gboolean empty = gtk_text_buffer_get_char_count (buffer) == 0;

  g_simple_action_set_enabled (self->save, !empty);
  if (self->draft_source == 0)
    self->draft_source = g_timeout_add (DRAFT_PAUSE_MS, on_draft_due, self);
  if (empty)
    return;
  gtk_widget_remove_css_class (GTK_WIDGET (self->note_state), "error");
  gtk_label_set_text (self->note_state, self->corrects != NULL ? _ ("Correction, not yet saved") : _ ("Not yet saved"));
}

/* Proposed, not saved: the counsellor may take it out again. */
static void
on_gap (AnxDeskCall *call,
        const char *text,
        AnxSessionPage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->note);
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  if (!gtk_text_iter_starts_line (&end))
    gtk_text_buffer_insert (buffer, &end, "\n", 1);
  gtk_text_buffer_insert (buffer, &end, text, -1);
  gtk_text_buffer_insert (buffer, &end, "\n", 1);
}

static void
correct_note (GSimpleAction *action,
              GVariant *parameter,
              gpointer user_data)
{
  AnxSessionPage *self = ANX_SESSION_PAGE (user_data);
  AnxDeskRecord *record
      = anx_desk_model_get_record (anx_desk_service_get_model (self->service), g_variant_get_string (parameter, NULL));
  g_autofree char *text = NULL;
  g_autofree char *present = dup_note_text (self);
  gint64 written = 0;

  if (record == NULL || record->resource == NULL || !anx_note_read (record->resource, &text, &written, NULL))
    return;
  if (*present != '\0')
    {
      gtk_label_set_text (self->note_state, _ ("Please save what you are writing first."));
      return;
    }
  g_free (self->corrects);
  self->corrects = g_strdup (record->id);
  set_note_text (self, text);
  gtk_widget_grab_focus (GTK_WIDGET (self->note));
}

static GtkWidget *
build_note_row (AnxSessionPage *self,
                AnxDeskRecord *record,
                guint corrections,
                gboolean conflict)
{
  g_autofree char *when = anx_ui_format_day_time (record->created_usec, anx_desk_service_get_zone (self->service));
  g_autofree char *text = NULL;
  g_autofree char *title
      = corrections > 0 ? g_strdup_printf (ngettext ("%s · corrected once", "%s · corrected %u times", corrections),
                                           when, corrections)
                        : g_strdup (when);
  gint64 written = 0;

  if (record->resource == NULL || !anx_note_read (record->resource, &text, &written, NULL))
    text = g_strdup (_ ("This note cannot be opened with the keys on this computer."));
  GtkWidget *row = anx_desk_row_new (title, text);
  if (conflict)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                               anx_desk_button_new (_ ("This one holds"), NULL, "win.choose", record->id));
  else if (record->resource != NULL)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                               anx_desk_button_new (_ ("Correct"), "flat", "session.correct", record->id));
  return row;
}

static void
refresh_notes (AnxSessionPage *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  g_autoptr (GPtrArray) chains = anx_desk_model_list_note_chains (model, self->booking);
  GtkWidget *list = anx_desk_list_new ();

  for (guint i = 0; i < chains->len; i++)
    {
      AnxDeskChain *chain = g_ptr_array_index (chains, i);
      if (chain->conflict == NULL)
        {
          gtk_list_box_append (GTK_LIST_BOX (list), build_note_row (self, chain->tip, chain->path->len - 1, FALSE));
          continue;
        }
      gtk_list_box_append (GTK_LIST_BOX (list),
                           anx_desk_row_new (_ ("Two corrections of one note contradict one another"),
                                             _ ("Please say which one holds. The other stays in the history.")));
      for (guint k = 0; k < chain->conflict->len; k++)
        gtk_list_box_append (GTK_LIST_BOX (list),
                             build_note_row (self, g_ptr_array_index (chain->conflict, k), 0, TRUE));
    }
  gtk_widget_set_visible (list, chains->len > 0);
  anx_desk_place_update (self->notes, list);
}

static void
refresh_referrals (AnxSessionPage *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  g_autoptr (GPtrArray) referrals = anx_desk_model_list_referrals (model);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  guint count = 0;

  for (guint i = 0; i < referrals->len; i++)
    {
      const AnxDeskReferral *referral = g_ptr_array_index (referrals, i);
      if (g_strcmp0 (referral->booking, self->booking) != 0)
        continue;
      gtk_box_append (GTK_BOX (box), anx_referral_card_new (self->service, referral, FALSE));
      count++;
    }
  if (count == 0)
    gtk_box_append (GTK_BOX (box),
                    anx_desk_label_new (_ ("Nothing was referred onward from this session."), "dim-label"));
  anx_desk_place_update (self->referrals, box);
}

static GtkWidget *
build_head (AnxSessionPage *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const AnxDeskBooking *booking = anx_desk_model_get_booking (model, self->booking);
  const AnxDeskContact *contact = anx_desk_model_get_contact (model, self->booking);
  const char *zone = anx_desk_service_get_zone (self->service);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  if (booking == NULL)
    return anx_desk_label_new (_ ("This booking is not known here any more."), "title-3");
  g_autofree char *person = anx_desk_describe_person (self->service, self->booking);
  g_autofree char *when = anx_ui_format_day_time (booking->start_usec, zone);
  g_autofree char *details
      = g_strdup_printf ("%s · %s · %s, %s%s%s", when, anx_desk_service_name_service (self->service, booking->service),
                         anx_desk_service_name_centre (self->service, booking->centre),
                         anx_desk_service_name_room (self->service, booking->centre, booking->room),
                         contact != NULL && *contact->phone != '\0' ? " · " : "",
                         contact != NULL ? contact->phone : "");
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (person, "title-2"));
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (details, "dim-label"));
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), anx_desk_chip_new ("x-office-calendar-symbolic",
                                                    anx_desk_booking_status_text (booking->status), "quiet"));
  if (anx_appointment_status_may_follow (booking->status, "fulfilled"))
    {
      g_autofree char *target = g_strdup_printf ("%s fulfilled", booking->id);
      gtk_box_append (GTK_BOX (box), anx_desk_button_new (_ ("_Finish session"), NULL, "win.booking-status", target));
    }
  return box;
}

static void
refresh (AnxSessionPage *self)
{
  if (self->booking == NULL)
    return;
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  anx_desk_place_update (self->head, build_head (self));
  anx_desk_place_update (self->screening,
                         anx_desk_screening_view_new (self->service,
                                                      anx_desk_model_get_screening (model, self->booking)));
  anx_desk_place_update (self->trend, anx_desk_trend_view_new (self->service, self->booking));
  refresh_notes (self);
  refresh_referrals (self);
}

static void
refresh_checks (AnxSessionPage *self)
{
  guint done = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (checklist); i++)
    done += gtk_switch_get_active (self->checks[i]) ? 1 : 0;
  g_autofree char *text = g_strdup_printf (_ ("%u of %u done"), done, (guint) G_N_ELEMENTS (checklist));
  gtk_label_set_text (self->checks_state, text);
}

static GtkWidget *
build_checks (AnxSessionPage *self)
{
  GtkWidget *list = anx_desk_list_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (checklist); i++)
    {
      GtkWidget *row = anx_desk_switch_row_new (_ (checklist[i]), NULL, &self->checks[i]);
      gtk_widget_add_css_class (row, "dense");
      g_signal_connect_swapped (self->checks[i], "notify::active", G_CALLBACK (refresh_checks), self);
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  return list;
}

static void
on_refer (AnxSessionPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->booking != NULL && GTK_IS_WINDOW (root))
    anx_refer_dialog_present (GTK_WINDOW (root), self->service, self->booking);
}

static GtkWidget *
build_note_editor (AnxSessionPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *label = gtk_label_new_with_mnemonic (_ ("_Note, sealed to you"));

  self->note = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_text_view_set_wrap_mode (self->note, GTK_WRAP_WORD_CHAR);
  /* Tab leaves the editor: everything must be reachable by keyboard. */
  gtk_text_view_set_accepts_tab (self->note, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "note");
  anx_desk_set_mnemonic (label, GTK_WIDGET (self->note), _ ("Note, sealed to you"));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->note));
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), 90);
  gtk_widget_set_vexpand (scrolled, TRUE);
  GtkWidget *save = anx_desk_button_new (_ ("_Save note"), "suggested-action", "session.save", NULL);
  self->note_state = GTK_LABEL (anx_desk_label_new ("", "dim-label"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->note_state), TRUE);
  g_signal_connect (gtk_text_view_get_buffer (self->note), "changed", G_CALLBACK (on_note_changed), self);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->note_state));
  gtk_box_append (GTK_BOX (line), save);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_box_append (GTK_BOX (box), line);
  self->notes = ADW_BIN (adw_bin_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->notes));
  return box;
}

static void
save_note (GSimpleAction *action,
           GVariant *parameter,
           gpointer user_data)
{
  on_save (ANX_SESSION_PAGE (user_data));
}

static void
refer (GSimpleAction *action,
       GVariant *parameter,
       gpointer user_data)
{
  on_refer (ANX_SESSION_PAGE (user_data));
}

static void
plan (GSimpleAction *action,
      GVariant *parameter,
      gpointer user_data)
{
  AnxSessionPage *self = ANX_SESSION_PAGE (user_data);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->booking != NULL && GTK_IS_WINDOW (root))
    anx_plan_dialog_present (GTK_WINDOW (root), self->service, self->booking);
}

static void
report (GSimpleAction *action,
        GVariant *parameter,
        gpointer user_data)
{
  AnxSessionPage *self = ANX_SESSION_PAGE (user_data);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->booking != NULL && GTK_IS_WINDOW (root))
    anx_report_dialog_present (GTK_WINDOW (root), self->service, self->booking);
}

static void
follow_up (GSimpleAction *action,
           GVariant *parameter,
           gpointer user_data)
{
  AnxSessionPage *self = ANX_SESSION_PAGE (user_data);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->booking != NULL && GTK_IS_WINDOW (root))
    anx_follow_up_dialog_present (GTK_WINDOW (root), self->service, self->booking);
}

static void
add_actions (AnxSessionPage *self)
{
  static const GActionEntry entries[] = {
    { .name = "correct", .activate = correct_note, .parameter_type = "s" },
    { .name = "save", .activate = save_note },
    { .name = "refer", .activate = refer },
    { .name = "plan", .activate = plan },
    { .name = "report", .activate = report },
    { .name = "follow-up", .activate = follow_up },
  };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  self->save = G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (group), "save"));
  g_simple_action_set_enabled (self->save, FALSE);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "session", G_ACTION_GROUP (group));
}

static GtkWidget *
build_right (AnxSessionPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *heading = anx_desk_heading_new (_ ("At the start of the session"));
  static const struct
  {
    const char *label;
    const char *action;
  } steps[] = {
    { N_ ("_Refer onward…"), "session.refer" },
    { N_ ("Follow _up…"), "session.follow-up" },
    { N_ ("Safety _plan…"), "session.plan" },
    { N_ ("Report by la_w…"), "session.report" },
  };
  GtkWidget *flow = gtk_flow_box_new ();

  gtk_widget_set_hexpand (heading, TRUE);
  self->checks_state = GTK_LABEL (anx_desk_label_new ("", "dim-label"));
  gtk_widget_set_valign (GTK_WIDGET (self->checks_state), GTK_ALIGN_END);
  self->screening = ADW_BIN (adw_bin_new ());
  self->referrals = ADW_BIN (adw_bin_new ());
  gtk_box_append (GTK_BOX (line), heading);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->checks_state));
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), build_checks (self));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Shared answers")));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->screening));
  self->assign = ANX_ASSIGN_BOX (anx_assign_box_new (self->service));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->assign));
  self->trend = ADW_BIN (adw_bin_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->trend));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Referrals")));
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (flow), G_N_ELEMENTS (steps));
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      GtkWidget *button = anx_desk_button_new (_ (steps[i].label), NULL, steps[i].action, NULL);
      gtk_flow_box_append (GTK_FLOW_BOX (flow), button);
      gtk_widget_set_focusable (gtk_widget_get_parent (button), FALSE);
    }
  gtk_box_append (GTK_BOX (box), flow);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->referrals));
  return box;
}

/**
 * anx_session_page_new:
 * @service: the service
 * @test_media: whether test pictures and tones take the place of camera and microphone
 *
 * Returns: (transfer floating): the page, without a session
 */
GtkWidget *
anx_session_page_new (AnxDeskService *service,
                      gboolean test_media)
{
  AnxSessionPage *self = g_object_new (ANX_TYPE_SESSION_PAGE, NULL);
  GtkWidget *columns = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  self->service = g_object_ref (service);
  self->head = ADW_BIN (adw_bin_new ());
  add_actions (self);
  self->call = ANX_DESK_CALL (anx_desk_call_new (service, test_media));
  g_signal_connect (self->call, "gap", G_CALLBACK (on_gap), self);
  gtk_box_append (GTK_BOX (left), GTK_WIDGET (self->head));
  gtk_box_append (GTK_BOX (left), GTK_WIDGET (self->call));
  gtk_box_append (GTK_BOX (left), build_note_editor (self));
  gtk_paned_set_start_child (GTK_PANED (columns), anx_desk_page_new (left, 800));
  gtk_paned_set_end_child (GTK_PANED (columns), anx_desk_page_new (build_right (self), 800));
  /* What is read has as much room as the picture. */
  gtk_paned_set_position (GTK_PANED (columns), 540);
  gtk_paned_set_shrink_start_child (GTK_PANED (columns), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (columns), FALSE);
  adw_bin_set_child (ADW_BIN (self), columns);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh_checks (self);
  return GTK_WIDGET (self);
}

static void
keep_draft (AnxSessionPage *self)
{
  g_autofree char *text = dup_note_text (self);

  if (self->booking == NULL)
    return;
  if (*text == '\0')
    g_hash_table_remove (self->drafts, self->booking);
  else
    g_hash_table_replace (self->drafts, g_strdup (self->booking), g_strdup (text));
  if (self->draft_source == 0)
    return;
  g_clear_handle_id (&self->draft_source, g_source_remove);
  store_draft (self, text);
}

/**
 * anx_session_page_open:
 * @self: the page
 * @booking: a booking's id
 *
 * Shows another session; a call of the one before ends, its unsaved note is kept.
 */
void
anx_session_page_open (AnxSessionPage *self,
                       const char *booking)
{
  if (g_strcmp0 (booking, self->booking) == 0)
    return;
  keep_draft (self);
  g_free (self->booking);
  self->booking = g_strdup (booking);
  g_clear_pointer (&self->corrects, g_free);
  gtk_label_set_text (self->note_state, "");
  g_autofree char *draft = load_draft (self);
  set_note_text (self, draft != NULL ? draft : g_hash_table_lookup (self->drafts, booking));
  /* Setting it is no typing. */
  g_clear_handle_id (&self->draft_source, g_source_remove);
  anx_desk_service_need_person (self->service, booking);
  anx_desk_service_note_reading (self->service, booking, ANX_ACCESS_SESSION);
  for (gsize i = 0; i < G_N_ELEMENTS (checklist); i++)
    gtk_switch_set_active (self->checks[i], FALSE);
  anx_desk_call_set_booking (self->call, booking);
  anx_assign_box_set_booking (self->assign, booking);
  refresh (self);
}

/**
 * anx_session_page_get_booking:
 * @self: the page
 *
 * Returns: (nullable): the booking whose session is shown
 */
const char *
anx_session_page_get_booking (AnxSessionPage *self)
{
  return self->booking;
}

/**
 * anx_session_page_has_unsaved:
 * @self: the page
 *
 * Returns: whether a note of any session was written and not saved
 */
gboolean
anx_session_page_has_unsaved (AnxSessionPage *self)
{
  keep_draft (self);
  return g_hash_table_size (self->drafts) > 0;
}

/**
 * anx_session_page_is_calling:
 * @self: the page
 *
 * Returns: whether a call is open
 */
gboolean
anx_session_page_is_calling (AnxSessionPage *self)
{
  return anx_desk_call_is_open (self->call);
}
