/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "records-page.h"

#include <glib/gi18n.h>

#include "crisis-records.h"
#include "desk-conflicts.h"
#include "desk-glass.h"
#include "desk-widgets.h"
#include "glass-dialog.h"
#include "intake.h"
#include "json.h"
#include "record-troubles.h"
#include "referral-card.h"
#include "sealed-dialog.h"
#include "ui-text.h"

/* Rows shown; more words find less. */
#define MOST_SHOWN 60
#define MOST_TROUBLES 20
/* Opened with one reason: about one person's. */
#define MOST_UNSEALED 60

struct _AnxRecordsPage
{
  AdwBin parent_instance;
  AnxDeskService *service;
  GtkSearchEntry *search;
  GtkLabel *state;
  AdwBin *troubles;
  GtkWidget *glass; /* seen by who may open a colleague's record */
  AdwBin *list;
  GPtrArray *sealed; /* (element-type utf8) ids of what is found and not shown */
};

G_DEFINE_FINAL_TYPE (AnxRecordsPage, anx_records_page, ADW_TYPE_BIN)

static void
anx_records_page_dispose (GObject *object)
{
  g_clear_object (&ANX_RECORDS_PAGE (object)->service);
  g_clear_pointer (&ANX_RECORDS_PAGE (object)->sealed, g_ptr_array_unref);
  G_OBJECT_CLASS (anx_records_page_parent_class)->dispose (object);
}

static void
anx_records_page_class_init (AnxRecordsPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_records_page_dispose;
}

static void
anx_records_page_init (AnxRecordsPage *self)
{
  self->sealed = g_ptr_array_new_with_free_func (g_free);
}

static const char *
kind_text (const char *kind)
{
  static const struct
  {
    const char *kind;
    const char *text;
  } table[] = {
    { ANX_KIND_CONTACT, N_ ("Name and number") },
    { ANX_KIND_SCREENING, N_ ("Shared answers") },
    { ANX_KIND_ALERT, N_ ("Alert") },
    { ANX_KIND_ALERT_ACKNOWLEDGEMENT, N_ ("Answer to an alert") },
    { ANX_KIND_NOTE, N_ ("Note") },
    { ANX_KIND_REFERRAL, N_ ("Referral") },
    { ANX_KIND_REFERRAL_EVENT, N_ ("Step of a referral") },
    { ANX_KIND_RATING, N_ ("Rating") },
    { ANX_KIND_LEVEL_CHANGE, N_ ("Change of level") },
    { ANX_KIND_SAFETY_PLAN, N_ ("Safety plan") },
    { ANX_KIND_FOLLOW_UP, N_ ("Follow-up visit") },
    { ANX_KIND_ACCESS, N_ ("Somebody looked at it") },
    { ANX_KIND_BREAK_GLASS, N_ ("Opened in an emergency") },
    { ANX_KIND_INTAKE, N_ ("Case from outside") },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].kind, kind))
      return _ (table[i].text);
  return kind;
}

/* Whom a story is about: the index knows contacts, the model what a referral tells. */
static const char *
name_story (AnxRecordsPage *self,
            const char *story)
{
  const char *name = anx_record_index_name_story (anx_desk_service_get_index (self->service), story);
  const AnxDeskReferral *referral = name == NULL ? anx_desk_model_get_referral (anx_desk_service_get_model (self->service), story) : NULL;
  return referral != NULL && referral->content != NULL ? referral->content->name : name;
}

static GtkWidget *
build_row (AnxRecordsPage *self,
           const AnxIndexEntry *entry)
{
  const char *name = name_story (self, entry->story);
  g_autofree char *when = anx_ui_format_day_time (entry->created_usec, anx_desk_service_get_zone (self->service));
  g_autofree char *title = name != NULL ? g_strdup_printf ("%s · %s", name, kind_text (entry->kind)) : g_strdup (kind_text (entry->kind));
  g_autofree char *details = g_strdup_printf ("%s · %s%s%s", when, anx_desk_service_name_principal (self->service, entry->author),
                                              entry->state != ANX_INDEX_OPENED ? " · " : "",
                                              entry->state == ANX_INDEX_SEALED     ? _ ("not for this desk to read")
                                              : entry->state == ANX_INDEX_POISONED ? _ ("cannot be opened, see above")
                                                                                   : "");
  GtkWidget *row = anx_desk_row_new (title, details);
  if ((anx_desk_service_get_pages (self->service) & ANX_DESK_PAGE_DAY) != 0
      && anx_desk_model_get_booking (anx_desk_service_get_model (self->service), entry->story) != NULL)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                               anx_desk_button_new (_ ("Open session"), "flat", "win.open-booking", entry->story));
  return row;
}

static void
on_unseal (AnxRecordsPage *self)
{
  anx_sealed_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service, self->sealed);
}

static void
refresh_state (AnxRecordsPage *self,
               guint shown,
               guint total)
{
  AnxRecordIndex *index = anx_desk_service_get_index (self->service);
  g_autofree char *text = NULL;
  guint done = 0, all = 0;

  anx_record_index_get_progress (index, &done, &all);
  if (!anx_record_index_is_ready (index) && all > 0)
    text = g_strdup_printf (_ ("%u of %u records are listed so far, the newest first."), done, all);
  else if (total > shown)
    text = g_strdup_printf (_ ("%u records, the newest %u of them are shown."), total, shown);
  else
    text = g_strdup_printf (ngettext ("%u record", "%u records", total), total);
  gtk_label_set_text (self->state, text);
}

/* How many there are is no secret; whose they are is asked for with a name, and then with a reason. */
static GtkWidget *
build_sealed_row (AnxRecordsPage *self)
{
  gboolean named = *gtk_editable_get_text (GTK_EDITABLE (self->search)) != '\0';
  g_autofree char *title = g_strdup_printf (ngettext ("%u old record is put away", "%u old records are put away", self->sealed->len), self->sealed->len);
  GtkWidget *row = anx_desk_row_new (title, !named                              ? _ ("They are no longer shown. To open some, search for the name first.")
                                            : self->sealed->len > MOST_UNSEALED ? _ ("Please write more of the name or number: too many are meant.")
                                                                                : _ ("They can be opened with a reason. The reason is recorded."));
  if (named && self->sealed->len <= MOST_UNSEALED)
    {
      GtkWidget *button = anx_desk_button_new (_ ("Open with a reason…"), NULL, NULL, NULL);
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_unseal), self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  return row;
}

static void
refresh_list (AnxRecordsPage *self)
{
  AnxRecordIndex *index = anx_desk_service_get_index (self->service);
  guint total = 0;
  g_autoptr (GPtrArray) found
      = anx_record_index_search (index, gtk_editable_get_text (GTK_EDITABLE (self->search)), NULL, G_MAXUINT, &total);
  GtkWidget *list = anx_desk_list_new ();
  guint shown = 0;

  g_ptr_array_set_size (self->sealed, 0);
  for (guint i = 0; i < found->len; i++)
    {
      const AnxIndexEntry *entry = g_ptr_array_index (found, i);
      if (anx_desk_service_is_sealed (self->service, entry))
        g_ptr_array_add (self->sealed, g_strdup (entry->id));
      else if (shown < MOST_SHOWN && ++shown > 0)
        gtk_list_box_append (GTK_LIST_BOX (list), build_row (self, entry));
    }
  if (self->sealed->len > 0)
    gtk_list_box_append (GTK_LIST_BOX (list), build_sealed_row (self));
  gtk_widget_set_visible (list, shown > 0 || self->sealed->len > 0);
  anx_desk_place_update (self->list, list);
  refresh_state (self, shown, total - self->sealed->len);
}

/* What a record says, as far as one line can hold it. */
static char *
dup_content (AnxDeskRecord *record)
{
  g_autofree char *text = NULL;
  gint64 written = 0;

  if (record->resource == NULL)
    return g_strdup (_ ("Its content is not for this desk to read."));
  if (g_str_equal (record->kind, ANX_KIND_NOTE) && anx_note_read (record->resource, &text, &written, NULL))
    return g_steal_pointer (&text);
  if (g_str_equal (record->kind, ANX_KIND_REFERRAL_EVENT))
    {
      g_autoptr (AnxReferralEvent) event = anx_referral_event_read (record->resource, NULL);
      if (event != NULL)
        return g_strdup_printf ("%s %s", anx_referral_card_state_text (event->status, event->business_status),
                                event->text != NULL ? event->text : "");
    }
  if (g_str_equal (record->kind, ANX_KIND_FOLLOW_UP))
    {
      g_autoptr (AnxFollowUp) follow_up = anx_follow_up_read (record->resource, NULL);
      if (follow_up != NULL)
        return g_strdup (follow_up->words != NULL ? follow_up->words : follow_up->reason);
    }
  return g_strdup (_ ("Please look at it where it was written, and write down there which one holds."));
}

static void
add_conflict (AnxRecordsPage *self,
              GtkListBox *list,
              AnxDeskChain *chain)
{
  AnxRecordIndex *index = anx_desk_service_get_index (self->service);
  const AnxIndexEntry *first = anx_record_index_get (index, chain->tip->id);
  const char *name = first != NULL ? name_story (self, first->story) : NULL;
  g_autofree char *title = g_strdup_printf (_ ("%s%s%s: two continuations contradict one another"), name != NULL ? name : "",
                                            name != NULL ? " · " : "", kind_text (chain->tip->kind));

  gtk_list_box_append (list, anx_desk_row_new (title, _ ("Nothing was lost: both are kept. Please say which one holds.")));
  for (guint i = 0; i < chain->conflict->len; i++)
    {
      AnxDeskRecord *record = g_ptr_array_index (chain->conflict, i);
      g_autofree char *when = anx_ui_format_day_time (record->created_usec, anx_desk_service_get_zone (self->service));
      g_autofree char *head = g_strdup_printf ("%s · %s", when, anx_desk_service_name_principal (self->service, record->author));
      g_autofree char *content = dup_content (record);
      GtkWidget *row = anx_desk_row_new (head, content);
      gboolean may_choose = record->resource != NULL
                            && (g_str_equal (record->kind, ANX_KIND_NOTE) || g_str_equal (record->kind, ANX_KIND_REFERRAL_EVENT)
                                || g_str_equal (record->kind, ANX_KIND_FOLLOW_UP));
      if (may_choose)
        adw_action_row_add_suffix (ADW_ACTION_ROW (row), anx_desk_button_new (_ ("This one holds"), NULL, "win.choose", record->id));
      gtk_list_box_append (list, row);
    }
}

/* What happened, what is safe, what to do. */
static GtkWidget *
build_trouble (AnxRecordsPage *self,
               const AnxRecordTrouble *trouble)
{
  static const struct
  {
    const char *title;
    const char *words;
  } table[] = {
    [ANX_TROUBLE_SET_ASIDE] = { N_ ("Refused by the hub: %s"),
                                N_ ("It is kept on this computer and nothing else waits for it. Please give the administrator these words:") },
    [ANX_TROUBLE_REFUSED] = { N_ ("Not genuine, not taken: %s"),
                              N_ ("Somebody offered a record that is not what it says, or that does not fit its author’s others. No other record is touched. "
                                  "Please give the administrator these words:") },
    [ANX_TROUBLE_POISONED] = { N_ ("Cannot be opened: %s"),
                               N_ ("The sealed bytes are kept as they are; all others open. Please ask who wrote it to send it again.") },
  };
  const AnxIndexEntry *entry = anx_record_index_get (anx_desk_service_get_index (self->service), trouble->id);
  g_autofree char *when = entry != NULL ? anx_ui_format_day_time (entry->created_usec, anx_desk_service_get_zone (self->service)) : NULL;
  g_autofree char *what = entry != NULL ? g_strdup_printf ("%s, %s, %s", kind_text (entry->kind),
                                                           anx_desk_service_name_principal (self->service, entry->author), when)
                                        : g_strndup (trouble->id, 12);
  g_autoptr (GString) title = g_string_new (_ (table[trouble->kind].title));
  g_string_replace (title, "%s", what, 1);
  g_autofree char *details = g_strdup_printf ("%s %s", _ (table[trouble->kind].words), trouble->problem != NULL ? trouble->problem : "");
  return anx_desk_row_new (title->str, details);
}

static void
refresh_troubles (AnxRecordsPage *self)
{
  AnxRecordIndex *index = anx_desk_service_get_index (self->service);
  g_autoptr (GPtrArray) conflicts = anx_desk_conflicts_list (anx_desk_service_get_model (self->service), index);
  g_autoptr (GPtrArray) troubles = anx_record_troubles_list (anx_desk_service_get_client (self->service), index, MOST_TROUBLES);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *list = anx_desk_list_new ();

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("For you to look at")));
  gtk_box_append (GTK_BOX (box), list);
  for (guint i = 0; i < conflicts->len; i++)
    add_conflict (self, GTK_LIST_BOX (list), g_ptr_array_index (conflicts, i));
  for (guint i = 0; i < troubles->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list), build_trouble (self, g_ptr_array_index (troubles, i)));
  gtk_widget_set_visible (box, conflicts->len + troubles->len > 0);
  anx_desk_place_update (self->troubles, box);
}

static void
refresh (AnxRecordsPage *self)
{
  /* Pages that nobody sees are not drawn anew with each record that is opened. */
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  refresh_troubles (self);
  refresh_list (self);
  gtk_widget_set_visible (self->glass, anx_desk_glass_get_centre (self->service) != NULL);
}

/**
 * anx_records_page_new:
 * @service: the service
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_records_page_new (AnxDeskService *service)
{
  AnxRecordsPage *self = g_object_new (ANX_TYPE_RECORDS_PAGE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  self->service = g_object_ref (service);
  self->search = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  self->state = GTK_LABEL (anx_desk_label_new ("", "dim-label"));
  self->troubles = ADW_BIN (adw_bin_new ());
  self->list = ADW_BIN (adw_bin_new ());
  g_object_set (self->search, "placeholder-text", _ ("Name or telephone number"), NULL);
  gtk_search_entry_set_search_delay (self->search, 0);
  anx_ui_set_accessible_name (GTK_WIDGET (self->search), _ ("Search by name or telephone number"));
  self->glass = anx_desk_button_new (_ ("A colleague’s record in an _emergency…"), NULL, "win.break-glass", NULL);
  gtk_widget_set_halign (self->glass, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->troubles));
  gtk_box_append (GTK_BOX (box), anx_glass_notices_new (service));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Records on this computer")));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->search));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->state));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), self->glass);
  adw_bin_set_child (ADW_BIN (self), anx_desk_page_new (box, 900));
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (refresh_list), self);
  g_signal_connect (self, "map", G_CALLBACK (refresh), NULL);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
