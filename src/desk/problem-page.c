/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "problem-page.h"

#include <glib/gi18n.h>

#include "desk-widgets.h"

static void
append_part (GtkWidget *list,
             const char *heading,
             const char *text,
             const char *icon)
{
  GtkWidget *row = anx_desk_row_new (heading, text);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name (icon));
  gtk_list_box_append (GTK_LIST_BOX (list), row);
}

/**
 * anx_problem_page_new:
 * @problem: what stands in the way
 * @detail: (nullable): the library's own words, for the administrator
 *
 * Returns: (transfer floating): the page; its button is the action `win.try-again`
 */
GtkWidget *
anx_problem_page_new (AnxDeskProblem problem,
                      const char *detail)
{
  AnxDeskProblemText text = anx_desk_problem_describe (problem);
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *list = anx_desk_list_new ();
  GtkWidget *button = anx_desk_button_new (_ ("_Try again"), "suggested-action", "win.try-again", NULL);

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), text.icon);
  adw_status_page_set_title (ADW_STATUS_PAGE (page), text.title);
  append_part (list, _ ("What is safe"), text.safe, "security-high-symbolic");
  append_part (list, _ ("What to do"), text.to_do, "go-next-symbolic");
  if (detail != NULL)
    append_part (list, _ ("For the administrator"), detail, "dialog-information-symbolic");
  gtk_widget_add_css_class (button, "pill");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), button);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 560);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  adw_status_page_set_child (ADW_STATUS_PAGE (page), clamp);
  return page;
}
