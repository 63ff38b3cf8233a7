/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referrals-page.h"

#include <glib/gi18n.h>

#include "desk-live.h"
#include "desk-widgets.h"
#include "glass-dialog.h"
#include "referral-card.h"
#include "supervision-box.h"

static GtkWidget *
build (AnxDeskService *service)
{
  AnxDeskModel *model = anx_desk_service_get_model (service);
  g_autoptr (GPtrArray) referrals = anx_desk_model_list_referrals (model);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Referrals, the most pressing first")));
  if (!anx_desk_service_has_role (service, "counsellor"))
    gtk_box_append (GTK_BOX (box),
                    anx_desk_label_new (
                        _ ("You see where each referral stands. Its content is for the counsellor and the department."),
                        "dim-label"));
  for (guint i = 0; i < referrals->len; i++)
    gtk_box_append (GTK_BOX (box), anx_referral_card_new (service, g_ptr_array_index (referrals, i), FALSE));
  if (referrals->len == 0)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("No referrals yet."), "dim-label"));
  return box;
}

/**
 * anx_referrals_page_new:
 * @service: the service
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_referrals_page_new (AnxDeskService *service)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  if (anx_desk_service_has_role (service, "supervisor") || anx_desk_service_has_role (service, "lead"))
    gtk_box_append (GTK_BOX (box), anx_glass_notices_new (service));
  if (anx_desk_service_has_role (service, "supervisor"))
    gtk_box_append (GTK_BOX (box), anx_supervision_box_new (service));
  /* Answers of a receiver that has no desk here. */
  if (anx_desk_service_has_role (service, "counsellor"))
    {
      GtkWidget *file = anx_desk_button_new (_ ("_Take over from a file…"), NULL, "win.referral-import", NULL);
      gtk_widget_set_halign (file, GTK_ALIGN_END);
      gtk_box_append (GTK_BOX (box), file);
    }
  gtk_box_append (GTK_BOX (box), anx_desk_live_new (service, build));
  return anx_desk_page_new (box, 900);
}
