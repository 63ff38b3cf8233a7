/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "desk-glass.h"
#include "desk-live.h"
#include "desk-widgets.h"
#include "glass-dialog.h"
#include "glass-group.h"
#include "ui-text.h"

/* Afterwards it is found among the records. */
#define SHOWN_USEC (14 * ANX_USEC_PER_DAY)

static const char *
name_reason (AnxGlassRules *rules,
             const char *code)
{
  const AnxGlassReason *reason = rules != NULL ? anx_glass_rules_find (rules, code) : NULL;
  return reason == NULL ? code : g_str_equal (anx_ui_get_language (), "zh") ? reason->zh : reason->en;
}

/* Whose records they are: who was told without being of the supervision. NULL when nobody is. */
static char *
name_authors (AnxDeskService *service,
              const char *record,
              const AnxBreakGlass *glass)
{
  AnxClient *client = anx_desk_service_get_client (service);
  AnxDirectory *directory = anx_client_get_directory (client);
  g_autoptr (AnxInboxRecord) kept = directory != NULL ? anx_client_get_record (client, record, NULL) : NULL;
  g_autoptr (GString) names = g_string_new (NULL);

  if (kept == NULL)
    return NULL;
  const char *const *recipients = anx_record_header_get_recipients (anx_inbox_record_get_header (kept));
  g_autoptr (GPtrArray) supervision = anx_glass_list_supervision (directory, NULL, glass->reader);
  for (gsize i = 0; recipients[i] != NULL; i++)
    {
      const AnxPrincipal *person = anx_directory_get_principal (directory, recipients[i]);
      if (person == NULL || g_str_equal (recipients[i], glass->reader) || g_ptr_array_find (supervision, person, NULL))
        continue;
      /* Translators: between the names of people */
      g_string_append_printf (names, "%s%s", names->len > 0 ? _ (", ") : "", anx_desk_service_name_principal (service, recipients[i]));
    }
  return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

static GtkWidget *
build_notice (AnxDeskService *service,
              AnxGlassRules *rules,
              const char *record,
              const AnxBreakGlass *glass)
{
  AnxDeskModel *model = anx_desk_service_get_model (service);
  const char *zone = anx_desk_service_get_zone (service);
  const char *own = anx_desk_model_get_principal (model);
  const AnxDeskBooking *booking = anx_desk_model_get_booking (model, glass->booking);
  g_autofree char *when = anx_ui_format_day_time (glass->opened_usec, zone);
  g_autofree char *until = anx_ui_format_time (glass->until_usec, zone);
  g_autofree char *session = booking != NULL ? anx_ui_format_day_time (booking->start_usec, zone) : NULL;
  const char *reader = anx_desk_service_name_principal (service, glass->reader);
  g_autofree char *authors = name_authors (service, record, glass);
  const char *whose = authors != NULL ? authors : _ ("a colleague");
  g_autofree char *who = NULL;
  if (g_str_equal (glass->reader, own))
    /* Translators: the name of a colleague */
    who = g_strdup_printf (_ ("You opened records of %s"), whose);
  else if (booking != NULL && g_str_equal (booking->counsellor, own))
    /* Translators: the name of a colleague */
    who = g_strdup_printf (_ ("%s opened your records"), reader);
  else
    /* Translators: the name of a colleague, that of another */
    who = g_strdup_printf (_ ("%s opened records of %s"), reader, whose);
  /* Translators: a day and time, a time */
  g_autofree char *times = g_strdup_printf (_ ("%s, open until %s at the latest"), when, until);
  /* Translators: a day and time */
  g_autofree char *which = session != NULL ? g_strdup_printf (_ ("Session of %s"), session) : g_strdup_printf (_ ("Session number %.8s"), glass->booking);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *chip = anx_desk_chip_new ("dialog-warning-symbolic", name_reason (rules, glass->reason), "warn");

  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "padded");
  gtk_widget_set_halign (chip, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (card), anx_desk_label_new (who, "title-4"));
  gtk_box_append (GTK_BOX (card), chip);
  gtk_box_append (GTK_BOX (card), anx_desk_label_new (glass->words, NULL));
  gtk_box_append (GTK_BOX (card), anx_desk_label_new (which, "dim-label"));
  gtk_box_append (GTK_BOX (card), anx_desk_label_new (times, "dim-label"));
  return card;
}

static GtkWidget *
build (AnxDeskService *service)
{
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (service));
  g_autoptr (GPtrArray) notices = anx_desk_glass_list_notices (service, now - SHOWN_USEC);
  g_autoptr (AnxGlassRules) rules = notices->len > 0 ? anx_desk_glass_load_rules (service, NULL) : NULL;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  guint shown = 0;

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Opened in an emergency")));
  for (guint i = 0; i < notices->len; i++)
    {
      AnxDeskRecord *record = g_ptr_array_index (notices, i);
      g_autoptr (AnxBreakGlass) glass = anx_break_glass_read (record->resource, NULL);
      /* Who opened it is who signed it; what the content says of another is not believed. */
      if (glass == NULL || !g_str_equal (glass->reader, record->author))
        continue;
      gtk_box_append (GTK_BOX (box), build_notice (service, rules, record->id, glass));
      shown++;
    }
  if (shown > 0)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Is something not right about it? Please speak with them, or with the centre’s lead."), "dim-label"));
  gtk_widget_set_visible (box, shown > 0);
  return box;
}

/**
 * anx_glass_notices_new:
 * @service: the service
 *
 * Returns: (transfer floating): the notices of the last two weeks, the newest first, kept up to date
 */
GtkWidget *
anx_glass_notices_new (AnxDeskService *service)
{
  return anx_desk_live_new (service, build);
}
