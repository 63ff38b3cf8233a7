/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "follow-ups-page.h"

#include <glib/gi18n.h>

#include "desk-live.h"
#include "desk-widgets.h"
#include "ui-text.h"

/* Ended ones are in the records; here the latest are enough. */
#define MOST_ENDED 10

static char *
describe_rhythm (const AnxFollowUp *follow_up)
{
  switch (follow_up->unit)
    {
    case ANX_FOLLOW_UP_WEEKS:
      return follow_up->every == 1 ? g_strdup (_ ("every week"))
                                   : g_strdup_printf (ngettext ("every %u week", "every %u weeks", follow_up->every), follow_up->every);
    case ANX_FOLLOW_UP_MONTHS:
      return follow_up->every == 1 ? g_strdup (_ ("every month"))
                                   : g_strdup_printf (ngettext ("every %u month", "every %u months", follow_up->every), follow_up->every);
    case ANX_FOLLOW_UP_DAYS:
    default:
      return g_strdup_printf (ngettext ("every %u day", "every %u days", follow_up->every), follow_up->every);
    }
}

/* When, how often, in vain how many times; then why, and what was written last. */
static char *
describe (AnxDeskService *service,
          const AnxDeskFollowUp *one)
{
  const AnxDeskContact *contact = anx_desk_model_get_contact (anx_desk_service_get_model (service), one->now->booking);
  g_autofree char *rhythm = describe_rhythm (one->now);
  GString *text = g_string_new (NULL);

  if (one->now->due_usec > 0)
    {
      g_autofree char *day = anx_ui_format_day (one->now->due_usec, anx_desk_service_get_zone (service));
      g_string_append_printf (text, "%s · %s", day, rhythm);
    }
  if (contact != NULL && *contact->phone != '\0')
    {
      g_string_append (text, text->len > 0 ? " · " : "");
      g_string_append_printf (text, _ ("phone %s"), contact->phone);
    }
  if (one->now->tries > 0)
    {
      g_string_append (text, text->len > 0 ? " · " : "");
      g_string_append_printf (text, ngettext ("tried %u time in vain", "tried %u times in vain", one->now->tries), one->now->tries);
    }
  g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", one->now->reason);
  if (one->now->words != NULL)
    g_string_append_printf (text, "\n%s", one->now->words);
  return g_string_free (text, FALSE);
}

static void
append_step (GtkWidget *row,
             const AnxDeskFollowUp *one,
             const char *label,
             const char *css_class,
             const char *step)
{
  g_autofree char *target = g_strdup_printf ("%s %s", one->chain->tip->id, step);
  GtkWidget *button = anx_desk_button_new (label, css_class, "win.follow-up", target);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static GtkWidget *
build_row (AnxDeskService *service,
           const AnxDeskFollowUp *one)
{
  g_autofree char *person = anx_desk_describe_person (service, one->now->booking);
  g_autofree char *details = describe (service, one);
  GtkWidget *row = anx_desk_row_new (person, details);

  if (one->chain->conflict != NULL)
    {
      adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                                 anx_desk_chip_new ("dialog-warning-symbolic", _ ("Two steps contradict: see Records"), "bad"));
      return row;
    }
  if (one->state == ANX_FOLLOW_UP_OVER)
    return row;
  if (one->state == ANX_FOLLOW_UP_OVERDUE || one->state == ANX_FOLLOW_UP_LOST)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                               one->state == ANX_FOLLOW_UP_LOST ? anx_desk_chip_new ("dialog-question-symbolic", _ ("Lost"), "warn")
                                                                : anx_desk_chip_new ("dialog-warning-symbolic", _ ("Overdue"), "bad"));
  append_step (row, one, _ ("_Reached…"), one->state == ANX_FOLLOW_UP_COMING ? NULL : "suggested-action", "reached");
  append_step (row, one, _ ("_Not reached"), NULL, "not-reached");
  append_step (row, one, _ ("_End…"), NULL, "ended");
  return row;
}

static void
append_list (AnxDeskService *service,
             GtkWidget *box,
             GPtrArray *all,
             AnxFollowUpState state,
             const char *heading,
             guint most)
{
  GtkWidget *list = NULL;
  guint n = 0;

  for (guint i = 0; i < all->len && n < most; i++)
    {
      const AnxDeskFollowUp *one = g_ptr_array_index (all, i);
      if (one->state != state)
        continue;
      if (list == NULL)
        {
          list = anx_desk_list_new ();
          gtk_box_append (GTK_BOX (box), anx_desk_heading_new (heading));
          gtk_box_append (GTK_BOX (box), list);
        }
      gtk_list_box_append (GTK_LIST_BOX (list), build_row (service, one));
      n++;
    }
}

static GtkWidget *
build (AnxDeskService *service)
{
  g_autoptr (GPtrArray) all = anx_desk_model_list_follow_ups (anx_desk_service_get_model (service), anx_desk_service_get_zone (service));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  append_list (service, box, all, ANX_FOLLOW_UP_OVERDUE, _ ("Overdue"), G_MAXUINT);
  append_list (service, box, all, ANX_FOLLOW_UP_DUE, _ ("Today"), G_MAXUINT);
  append_list (service, box, all, ANX_FOLLOW_UP_LOST, _ ("Lost: tried three times in vain. Is there another way?"), G_MAXUINT);
  append_list (service, box, all, ANX_FOLLOW_UP_COMING, _ ("Coming"), G_MAXUINT);
  append_list (service, box, all, ANX_FOLLOW_UP_OVER, _ ("Ended"), MOST_ENDED);
  if (all->len == 0)
    {
      gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Nobody is to be called on again")));
      gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("In a session, “Follow up” plans the next visit."), "dim-label"));
    }
  return box;
}

/**
 * anx_follow_ups_page_new:
 * @service: the service
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_follow_ups_page_new (AnxDeskService *service)
{
  return anx_desk_page_new (anx_desk_live_new (service, build), 900);
}
