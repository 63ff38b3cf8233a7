/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "directory-words.h"
#include "json.h"
#include "portrait.h"
#include "service.h"
#include "tiles.h"
#include "ui-text.h"

/* Wide enough for a name, a profession and two languages. */
#define PERSON_WIDTH_PX 480
#define DAYS_AHEAD 28

static void
choose_counsellor (AnxBookingStep *step,
                   const char *counsellor)
{
  AnxBookingDraft *draft = step->draft;
  char *copy = g_strdup (counsellor);
  if (g_strcmp0 (draft->counsellor, counsellor) != 0)
    {
      draft->day = 0;
      draft->month = 0;
    }
  g_free (draft->counsellor);
  draft->counsellor = copy;
  g_clear_pointer (&draft->slots, g_ptr_array_unref);
}

static void
on_counsellor_clicked (GtkButton *button,
                       gpointer user_data)
{
  AnxBookingStep *step = user_data;
  choose_counsellor (step, g_object_get_data (G_OBJECT (button), "anx-id"));
  anx_booking_step_push (step, anx_booking_day_page_make);
}

/* ---- the first free time ---- */

static void
on_first_clicked (GtkButton *button,
                  gpointer user_data)
{
  AnxBookingStep *step = user_data;
  g_autoptr (AnxSlot) slot = anx_slot_copy (g_object_get_data (G_OBJECT (button), "anx-slot"));
  choose_counsellor (step, NULL);
  anx_booking_step_choose (step, slot, anx_booking_step_after_time (step));
}

static char *
describe_slot (AnxBookingStep *step,
               const AnxSlot *slot)
{
  const char *zone = anx_resident_get_zone (step->resident);
  AnxSlot now = { .start_usec = g_get_real_time () };
  int ahead = anx_slot_get_day (slot, zone) - anx_slot_get_day (&now, zone);
  g_autofree char *when = anx_ui_format_day_time (slot->start_usec, zone);
  return ahead == 0 ? g_strdup_printf ("%s · %s", _("Today"), when) : ahead == 1 ? g_strdup_printf ("%s · %s", _("Tomorrow"), when) : g_strdup (when);
}

static void
on_first (AnxBookingStep *step,
          GPtrArray *slots,
          const GError *error)
{
  g_autoptr (GPtrArray) owned = slots;
  GtkWidget *place = g_object_get_data (G_OBJECT (step->page), "anx-first");
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (place)) != NULL)
    gtk_box_remove (GTK_BOX (place), child);
  /* Without an answer the two other ways are still there, and say what is wrong. */
  if (slots == NULL || slots->len == 0)
    return;
  const AnxSlot *slot = g_ptr_array_index (slots, 0);
  for (guint i = 1; i < slots->len && slot->ask; i++)
    if (!((AnxSlot *) g_ptr_array_index (slots, i))->ask)
      slot = g_ptr_array_index (slots, i);
  g_autofree char *when = describe_slot (step, slot);
  const char *who = anx_words_of_principal (step->resident, slot->counsellor);
  g_autofree char *detail = slot->ask ? g_strdup_printf (_("The first time, with %s. It can only be asked for now."), who)
                                      : g_strdup_printf (_("The first free time, with %s"), who);
  GtkWidget *first = anx_page_make_choice ("anx-clock-symbolic", when, detail);
  gtk_widget_add_css_class (first, "anx-choice-first");
  g_object_set_data_full (G_OBJECT (first), "anx-slot", anx_slot_copy (slot), (GDestroyNotify) anx_slot_free);
  g_signal_connect (first, "clicked", G_CALLBACK (on_first_clicked), step);
  gtk_box_append (GTK_BOX (place), first);
}

/* Free times grow old: coming back to the page asks anew. The search is for anybody, whoever was chosen before. */
static void
on_map (GtkWidget *widget,
        gpointer user_data)
{
  AnxBookingStep *step = user_data;
  gint64 now = g_get_real_time ();
  choose_counsellor (step, NULL);
  anx_booking_step_find_slots (step, now, now + MIN (DAYS_AHEAD, anx_booking_step_get_horizon (step)) * ANX_USEC_PER_DAY, TRUE, on_first);
}

/* ---- persons ---- */

static gboolean
offers (AnxBookingStep *step,
        const AnxPrincipal *person)
{
  JsonArray *services = anx_directory_get_services (anx_resident_get_directory (step->resident));
  g_auto (GStrv) professions = person->json != NULL && json_object_has_member (person->json, "professions")
                                   ? anx_json_need_strings (person->json, "professions", 16, NULL)
                                   : NULL;
  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *json = anx_json_array_need_object (services, i, NULL);
      g_autoptr (AnxService) service = json != NULL ? anx_service_parse (json, NULL) : NULL;
      if (service != NULL && g_strcmp0 (service->id, step->draft->service) == 0)
        return anx_service_may_be_offered_by (service, (const char *const *) professions);
    }
  return TRUE;
}

static GtkWidget *
make_person (AnxBookingStep *step,
             const AnxPrincipal *person)
{
  const char *name = anx_words_of_principal (step->resident, person->id);
  g_autofree char *about = anx_words_about_counsellor (step->resident, person->id);
  GtkWidget *choice = anx_page_make_choice (NULL, name, *about != '\0' ? about : NULL);
  GtkWidget *portrait = anx_portrait_new (name, person->json != NULL ? anx_json_get_string (person->json, "photo", NULL) : NULL);
  gtk_box_prepend (GTK_BOX (gtk_button_get_child (GTK_BUTTON (choice))), portrait);
  g_object_set_data_full (G_OBJECT (choice), "anx-id", g_strdup (person->id), g_free);
  g_signal_connect (choice, "clicked", G_CALLBACK (on_counsellor_clicked), step);
  return choice;
}

/**
 * anx_booking_counsellor_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with its service
 *
 * When and with whom: the first free time at once, any other time, or one of this centre's counsellors.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_counsellor_page_make (AnxResidentWindow *window,
                                  gpointer data)
{
  GtkWidget *page = anx_page_new (_("When, and with whom?"), NULL);
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  GtkBox *content = anx_page_get_content (step->page);
  GtkWidget *first = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *tiles = anx_tiles_new (2, PERSON_WIDTH_PX);
  g_object_set_data (G_OBJECT (page), "anx-first", first);
  gtk_box_append (content, first);

  GtkWidget *anyone = anx_page_make_choice ("anx-book-symbolic", _("Choose a day and a time"), _("With whoever is free then."));
  g_signal_connect (anyone, "clicked", G_CALLBACK (on_counsellor_clicked), step);
  gtk_box_append (content, anyone);

  GtkWidget *heading = anx_page_make_text (_("Or choose a person"), "anx-part-of-day");
  gtk_box_append (content, heading);
  guint shown = 0;
  g_autoptr (GPtrArray) persons = anx_directory_list_principals (anx_resident_get_directory (step->resident), ANX_PRINCIPAL_PERSON, "counsellor",
                                                                 anx_resident_get_centre (step->resident));
  for (guint i = 0; persons != NULL && i < persons->len; i++)
    {
      const AnxPrincipal *person = g_ptr_array_index (persons, i);
      /* Nothing can be sealed to a person without a seal certificate, so nobody could read who comes. */
      if (!person->active || person->seal_certificate == NULL || !offers (step, person))
        continue;
      anx_tiles_append (ANX_TILES (tiles), make_person (step, person));
      shown++;
    }
  gtk_widget_set_visible (heading, shown > 0);
  gtk_box_append (content, tiles);
  g_signal_connect (page, "map", G_CALLBACK (on_map), step);
  return page;
}
