/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alerts-page.h"

#include <glib/gi18n.h>

#include "desk-widgets.h"
#include "ui-text.h"

/* Acknowledged alerts are kept in sight this long. */
#define SHOWN_USEC (7 * ANX_USEC_PER_DAY)

struct _AnxAlertsPage
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AdwBin *place;
};

G_DEFINE_FINAL_TYPE (AnxAlertsPage, anx_alerts_page, ADW_TYPE_BIN)

static void
anx_alerts_page_dispose (GObject *object)
{
  g_clear_object (&ANX_ALERTS_PAGE (object)->service);
  G_OBJECT_CLASS (anx_alerts_page_parent_class)->dispose (object);
}

static void
anx_alerts_page_class_init (AnxAlertsPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_alerts_page_dispose;
}

static void
anx_alerts_page_init (AnxAlertsPage *self)
{
}

static char *
describe_place (AnxAlertsPage *self,
                const AnxDeskAlert *alert)
{
  return g_strdup_printf ("%s, %s", anx_desk_service_name_centre (self->service, alert->centre),
                          anx_desk_service_name_room (self->service, alert->centre, alert->room));
}

static void
append_screenings (AnxAlertsPage *self,
                   GtkWidget *card,
                   const AnxDeskAlert *alert)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  g_autoptr (GPtrArray) screenings = anx_desk_model_list_screenings_of (model, alert);

  for (guint i = 0; i < screenings->len; i++)
    {
      const AnxDeskScreening *screening = g_ptr_array_index (screenings, i);
      g_autofree char *when
          = anx_ui_format_time (screening->record->created_usec, anx_desk_service_get_zone (self->service));
      g_autofree char *text = g_strdup_printf (_ ("Answers given at this kiosk at %s"), when);
      GtkWidget *expander = gtk_expander_new (text);
      gtk_expander_set_child (GTK_EXPANDER (expander), anx_desk_screening_view_new (self->service, screening));
      gtk_box_append (GTK_BOX (card), expander);
    }
}

static GtkWidget *
build_open (AnxAlertsPage *self,
            const AnxDeskAlert *alert)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  gint64 minutes = MAX (0, anx_desk_model_now_usec (model) - alert->created_usec) / ANX_USEC_PER_MINUTE;
  g_autofree char *place = describe_place (self, alert);
  g_autofree char *when = anx_ui_format_day_time (alert->created_usec, anx_desk_service_get_zone (self->service));
  g_autofree char *passed = anx_desk_minutes_text (minutes);
  /* Translators: the time of the alert, then "for 7 minutes" or "just now". */
  g_autofree char *since = g_strdup_printf (_ ("Since %s (%s). Nobody has answered yet."), when, passed);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "padded");
  GtkWidget *chip = anx_desk_chip_new ("dialog-warning-symbolic", anx_desk_level_text (alert->level),
                                       alert->level == ANX_LEVEL_RED ? "bad" : "warn");
  gtk_widget_set_halign (chip, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (words), chip);
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (place, "title-3"));
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (since, NULL));
  if (g_strcmp0 (alert->reason, "help-button") == 0)
    gtk_box_append (GTK_BOX (words), anx_desk_label_new (_ ("The resident pressed “I need help now”."), NULL));
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (head), words);
  if (anx_desk_service_has_role (self->service, "duty"))
    {
      GtkWidget *button = anx_desk_button_new (_ ("I am _going"), "destructive-action", "win.acknowledge", alert->id);
      gtk_widget_add_css_class (button, "pill");
      gtk_box_append (GTK_BOX (head), button);
    }
  gtk_box_append (GTK_BOX (card), head);
  append_screenings (self, card, alert);
  return card;
}

static GtkWidget *
build_done (AnxAlertsPage *self,
            const AnxDeskAlert *alert)
{
  const char *zone = anx_desk_service_get_zone (self->service);
  g_autofree char *place = describe_place (self, alert);
  g_autofree char *raised = anx_ui_format_day_time (alert->created_usec, zone);
  g_autofree char *answered = anx_ui_format_time (alert->acknowledged_usec, zone);
  g_autofree char *title = g_strdup_printf ("%s · %s", place, raised);
  g_autofree char *subtitle
      = g_strdup_printf (_ ("%s is going, answered at %s"),
                         anx_desk_service_name_principal (self->service, alert->acknowledged_by), answered);
  GtkWidget *row = anx_desk_row_new (title, subtitle);

  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             anx_desk_chip_new ("object-select-symbolic", anx_desk_level_text (alert->level), "quiet"));
  return row;
}

static void
refresh (AnxAlertsPage *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  gint64 oldest = anx_desk_model_now_usec (model) - SHOWN_USEC;
  g_autoptr (GPtrArray) alerts = anx_desk_model_list_alerts (model);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *list = anx_desk_list_new ();
  guint open = 0;
  guint done = 0;

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Open alerts")));
  for (guint i = 0; i < alerts->len; i++)
    {
      const AnxDeskAlert *alert = g_ptr_array_index (alerts, i);
      if (!alert->acknowledged)
        {
          gtk_box_append (GTK_BOX (box), build_open (self, alert));
          open++;
        }
      else if (alert->created_usec >= oldest)
        {
          gtk_list_box_append (GTK_LIST_BOX (list), build_done (self, alert));
          done++;
        }
    }
  if (open == 0)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("No open alerts."), "dim-label"));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Answered in the last seven days")));
  if (done == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("None"), NULL));
  gtk_box_append (GTK_BOX (box), list);
  anx_desk_place_update (self->place, box);
}

/**
 * anx_alerts_page_new:
 * @service: the service
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_alerts_page_new (AnxDeskService *service)
{
  AnxAlertsPage *self = g_object_new (ANX_TYPE_ALERTS_PAGE, NULL);

  self->service = g_object_ref (service);
  self->place = ADW_BIN (adw_bin_new ());
  adw_bin_set_child (ADW_BIN (self), anx_desk_page_new (GTK_WIDGET (self->place), 900));
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}
