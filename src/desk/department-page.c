/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "department-page.h"

#include <glib/gi18n.h>

#include "desk-live.h"
#include "desk-widgets.h"
#include "referral-card.h"

/* Addressed to us, and open; a referral whose record is not here yet is still shown, with what the hub tells. */
static gboolean
is_ours (AnxDeskService *service,
         const AnxDeskReferral *referral)
{
  AnxDirectory *directory = anx_client_get_directory (anx_desk_service_get_client (service));
  const char *principal = anx_desk_model_get_principal (anx_desk_service_get_model (service));

  if (directory == NULL || referral->to == NULL)
    return FALSE;
  g_auto (GStrv) groups = anx_directory_list_groups_of (directory, principal);
  return groups != NULL && g_strv_contains ((const char *const *) groups, referral->to);
}

static GtkWidget *
build (AnxDeskService *service)
{
  AnxDeskModel *model = anx_desk_service_get_model (service);
  g_autoptr (GPtrArray) referrals = anx_desk_model_list_referrals (model);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *done = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  guint n_open = 0;
  guint n_done = 0;

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("To be answered, the most pressing first")));
  for (guint i = 0; i < referrals->len; i++)
    {
      const AnxDeskReferral *referral = g_ptr_array_index (referrals, i);
      gboolean closed = anx_referral_is_final (referral->status) && referral->conflict == NULL;
      if (!is_ours (service, referral))
        continue;
      gtk_box_append (GTK_BOX (closed ? done : box), anx_referral_card_new (service, referral, TRUE));
      *(closed ? &n_done : &n_open) += 1;
    }
  if (n_open == 0)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Nothing is waiting for your department."), "dim-label"));
  if (n_done > 0)
    gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Closed")));
  gtk_box_append (GTK_BOX (box), done);
  return box;
}

/**
 * anx_department_page_new:
 * @service: the service
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_department_page_new (AnxDeskService *service)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *file = anx_desk_button_new (_ ("_Take over from a file…"), NULL, "win.referral-import", NULL);

  gtk_widget_set_halign (file, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (box), file);
  gtk_box_append (GTK_BOX (box), anx_desk_live_new (service, build));
  return anx_desk_page_new (box, 900);
}
