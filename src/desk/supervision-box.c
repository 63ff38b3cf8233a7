/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "supervision-box.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "desk-widgets.h"
#include "json.h"
#include "referral-card.h"
#include "ui-text.h"

/* Figures change slowly, and each asking counts them anew. */
#define FIGURES_USEC (5 * ANX_USEC_PER_MINUTE)

struct _AnxSupervisionBox
{
  AdwBin parent_instance;
  AnxDeskService *service;
  GCancellable *cancellable;
  AdwBin *place;
  JsonObject *figures; /* (nullable) the hub's answer */
  gint64 asked_usec;
};

G_DEFINE_FINAL_TYPE (AnxSupervisionBox, anx_supervision_box, ADW_TYPE_BIN)

static void
anx_supervision_box_dispose (GObject *object)
{
  AnxSupervisionBox *self = ANX_SUPERVISION_BOX (object);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->service);
  g_clear_pointer (&self->figures, json_object_unref);
  G_OBJECT_CLASS (anx_supervision_box_parent_class)->dispose (object);
}

static void
anx_supervision_box_class_init (AnxSupervisionBoxClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_supervision_box_dispose;
}

static void
anx_supervision_box_init (AnxSupervisionBox *self)
{
  self->cancellable = g_cancellable_new ();
}

/* The people of the department, and how to reach it. */
static char *
describe_department (AnxSupervisionBox *self,
                     const char *id)
{
  AnxDirectory *directory = anx_client_get_directory (anx_desk_service_get_client (self->service));
  const AnxPrincipal *group = directory != NULL && id != NULL ? anx_directory_get_principal (directory, id) : NULL;
  GString *text = g_string_new (anx_desk_service_name_principal (self->service, id));

  for (guint i = 0; group != NULL && group->members != NULL && group->members[i] != NULL; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? ": " : ", ",
                            anx_desk_service_name_principal (self->service, group->members[i]));
  const char *phone = NULL;
  if (group != NULL)
    phone = anx_json_get_string (group->json, "dutyPhone", anx_json_get_string (group->json, "phone", NULL));
  if (phone != NULL)
    g_string_append_printf (text, " · %s", phone);
  return g_string_free (text, FALSE);
}

static GtkWidget *
build_overdue_row (AnxSupervisionBox *self,
                   const AnxDeskReferral *referral)
{
  const char *zone = anx_desk_service_get_zone (self->service);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));
  g_autofree char *title = describe_department (self, referral->to);
  g_autofree char *due = anx_ui_format_day_time (referral->due_usec, zone);
  g_autofree char *sent = anx_ui_format_day_time (referral->requested_usec, zone);
  g_autofree char *subtitle = g_strdup_printf (
      _ ("%s · sent %s by %s, %s · was due %s"),
      anx_referral_card_state_text (referral->status, referral->business_status), sent,
      anx_desk_service_name_principal (self->service, referral->from),
      anx_desk_service_name_centre (self->service, referral->centre), due);
  GtkWidget *row = anx_desk_row_new (title, subtitle);

  adw_action_row_add_suffix (ADW_ACTION_ROW (row), anx_desk_chip_new ("mail-send-symbolic",
                                                                      anx_desk_urgency_text (referral->urgency), "quiet"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), anx_desk_light_new (referral->light, referral->due_usec, now, zone));
  return row;
}

static void
append_overdue (AnxSupervisionBox *self,
                GtkWidget *box)
{
  g_autoptr (GPtrArray) referrals = anx_desk_model_list_referrals (anx_desk_service_get_model (self->service));
  GtkWidget *list = anx_desk_list_new ();
  guint n = 0;

  for (guint i = 0; i < referrals->len; i++)
    {
      const AnxDeskReferral *referral = g_ptr_array_index (referrals, i);
      if (referral->light != ANX_LEVEL_RED || anx_referral_is_final (referral->status))
        continue;
      gtk_list_box_append (GTK_LIST_BOX (list), build_overdue_row (self, referral));
      n++;
    }
  g_autofree char *heading = g_strdup_printf (ngettext ("%u referral is overdue", "%u referrals are overdue", n), n);
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (heading));
  if (n > 0)
    gtk_box_append (GTK_BOX (box), list);
  else
    g_object_unref (g_object_ref_sink (list));
}

static void
attach (GtkWidget *grid,
        const char *text,
        int column,
        int row)
{
  GtkWidget *label = anx_desk_label_new (text, row == 0 ? "caption-heading" : column > 0 ? "numeric" : NULL);
  gtk_label_set_xalign (GTK_LABEL (label), column > 0 ? 1 : 0);
  gtk_grid_attach (GTK_GRID (grid), label, column, row, 1, 1);
}

static void
attach_row (AnxSupervisionBox *self,
            GtkWidget *grid,
            JsonObject *figures,
            int row)
{
  static const char *const counts[] = { "all", "open", "completed", "declined", "forwarded", "failed", "withdrawn" };
  static const char *const shares[] = { "answeredInTime", "feedbackInTime" };
  const char *id = anx_json_get_string (figures, "id", NULL);
  int column = 1;

  attach (grid, id != NULL ? anx_desk_service_name_principal (self->service, id) : _ ("All departments"), 0, row);
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      gint64 n = anx_json_get_int (figures, counts[i], -1);
      g_autofree char *text = n < 0 ? g_strdup ("·") : g_strdup_printf ("%" G_GINT64_FORMAT, n);
      attach (grid, text, column++, row);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      gint64 n = anx_json_get_int (figures, shares[i], -1);
      g_autofree char *text = n < 0 ? g_strdup ("·") : g_strdup_printf ("%" G_GINT64_FORMAT " %%", n);
      attach (grid, text, column++, row);
    }
}

static void
append_figures (AnxSupervisionBox *self,
                GtkWidget *box)
{
  const char *const titles[] = { _ ("Department"), _ ("Sent"), _ ("Still open"), _ ("Completed"), _ ("Declined"),
                                 _ ("Belonged elsewhere"),
                                 _ ("Could not be done"), _ ("Withdrawn"), _ ("Answered in time"), _ ("Feedback in time") };
  JsonArray *departments = self->figures != NULL ? anx_json_get_array (self->figures, "departments") : NULL;
  JsonObject *total = self->figures != NULL ? anx_json_get_object (self->figures, "total") : NULL;
  GtkWidget *grid = gtk_grid_new ();
  guint n = departments != NULL ? json_array_get_length (departments) : 0;

  gtk_grid_set_column_spacing (GTK_GRID (grid), 14);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_widget_add_css_class (grid, "card");
  gtk_widget_add_css_class (grid, "padded");
  for (gsize i = 0; i < G_N_ELEMENTS (titles); i++)
    attach (grid, titles[i], (int) i, 0);
  for (guint i = 0; i < n; i++)
    attach_row (self, grid, anx_json_array_need_object (departments, i, NULL), (int) i + 1);
  if (total != NULL)
    attach_row (self, grid, total, (int) n + 1);
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("The last 90 days")));
  gtk_box_append (GTK_BOX (box), grid);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("A dot stands for fewer than five, or for a figure that would give such a one away. "
                                                        "Shares are given from twenty referrals up."), "dim-label"));
}

static void
show (AnxSupervisionBox *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  append_overdue (self, box);
  if (self->figures != NULL)
    append_figures (self, box);
  anx_desk_place_update (self->place, box);
}

static void
on_figures (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autoptr (AnxSupervisionBox) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);

  /* What is on the screen stays; the status bar tells that it is old. */
  if (answer == NULL || !JSON_NODE_HOLDS_OBJECT (answer) || self->service == NULL)
    return;
  g_clear_pointer (&self->figures, json_object_unref);
  self->figures = json_node_dup_object (answer);
  show (self);
}

static void
refresh (AnxSupervisionBox *self)
{
  AnxClient *client = anx_desk_service_get_client (self->service);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));

  show (self);
  if (anx_client_get_state (client) != ANX_CLIENT_ONLINE || now - self->asked_usec < FIGURES_USEC)
    return;
  self->asked_usec = now;
  anx_client_request_async (client, "GET", "/v1/supervision", NULL, self->cancellable, on_figures, g_object_ref (self));
}

/**
 * anx_supervision_box_new:
 * @service: the service of a supervisor
 *
 * Returns: (transfer floating): overdue referrals with who has them since when, and the figures of the district
 */
GtkWidget *
anx_supervision_box_new (AnxDeskService *service)
{
  AnxSupervisionBox *self = g_object_new (ANX_TYPE_SUPERVISION_BOX, NULL);

  self->service = g_object_ref (service);
  self->place = ADW_BIN (adw_bin_new ());
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->place));
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}
