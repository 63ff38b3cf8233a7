/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referrals-page.h"

#include <glib/gi18n.h>

#include "desk-widgets.h"
#include "referral-card.h"
#include "supervision-box.h"

struct _AnxReferralsPage
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AdwBin *place;
};

G_DEFINE_FINAL_TYPE (AnxReferralsPage, anx_referrals_page, ADW_TYPE_BIN)

static void
anx_referrals_page_dispose (GObject *object)
{
  g_clear_object (&ANX_REFERRALS_PAGE (object)->service);
  G_OBJECT_CLASS (anx_referrals_page_parent_class)->dispose (object);
}

static void
anx_referrals_page_class_init (AnxReferralsPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_referrals_page_dispose;
}

static void
anx_referrals_page_init (AnxReferralsPage *self)
{
}

static void
refresh (AnxReferralsPage *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  g_autoptr (GPtrArray) referrals = anx_desk_model_list_referrals (model);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Referrals, the most pressing first")));
  if (!anx_desk_service_has_role (self->service, "counsellor"))
    gtk_box_append (GTK_BOX (box),
                    anx_desk_label_new (
                        _ ("You see where each referral stands. Its content is for the counsellor and the department."),
                        "dim-label"));
  for (guint i = 0; i < referrals->len; i++)
    gtk_box_append (GTK_BOX (box), anx_referral_card_new (self->service, g_ptr_array_index (referrals, i), FALSE));
  if (referrals->len == 0)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("No referrals yet."), "dim-label"));
  anx_desk_place_update (self->place, box);
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
  AnxReferralsPage *self = g_object_new (ANX_TYPE_REFERRALS_PAGE, NULL);

  self->service = g_object_ref (service);
  self->place = ADW_BIN (adw_bin_new ());
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  if (anx_desk_service_has_role (service, "supervisor"))
    gtk_box_append (GTK_BOX (box), anx_supervision_box_new (service));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->place));
  adw_bin_set_child (ADW_BIN (self), anx_desk_page_new (box, 900));
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}
