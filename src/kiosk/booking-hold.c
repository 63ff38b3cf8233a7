/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "json.h"

/* A hold lasts five minutes; with less than this left it is asked for anew. */
#define RENEW_USEC (3 * ANX_USEC_PER_MINUTE)

typedef struct
{
  AnxPage *page;
  AnxPageMaker next; /* (nullable) where to go when it is held */
  char *id;
  gint64 start_usec;
} Hold;

static void
hold_free (Hold *hold)
{
  g_object_unref (hold->page);
  g_free (hold->id);
  g_free (hold);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Hold, hold_free)

static void
go_on (AnxBookingStep *step,
       AnxPageMaker next)
{
  anx_page_set_busy (step->page, NULL);
  /* Who went back meanwhile stays where they are. */
  if (next != NULL && gtk_widget_get_mapped (GTK_WIDGET (step->page)))
    anx_booking_step_push (step, next);
}

/* Only that the time is gone stops a resident here. Everything else is decided when they book: a hold is a kindness, not a condition. */
static void
on_held (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  g_autoptr (Hold) hold = user_data;
  AnxBookingStep *step = g_object_get_data (G_OBJECT (hold->page), "anx-step");
  AnxBookingDraft *draft = step->draft;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  if (g_strcmp0 (hold->id, draft->id) != 0 || draft->slot == NULL || draft->slot->start_usec != hold->start_usec)
    return;
  JsonObject *problem = anx_resident_get_problem (result);
  draft->slot->ask = draft->slot->ask || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  draft->held_until_usec = 0;
  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    draft->held_until_usec = anx_json_get_int (json_node_get_object (answer), "until", 0);
  if (!anx_booking_draft_lose_slot (draft, problem))
    {
      if (hold->next != NULL)
        go_on (step, hold->next);
      return;
    }
  if (hold->next != NULL)
    go_on (step, anx_booking_taken_page_make);
  else if (gtk_widget_get_mapped (GTK_WIDGET (step->page)))
    anx_booking_step_replace (step, anx_booking_taken_page_make);
}

/* What is lent to this kiosk nobody else can take; what may be booked already must not be held under the same id. */
static gboolean
may_hold (AnxBookingDraft *draft)
{
  return draft->slot->lease == NULL && !draft->slot->ask && !draft->uncertain && draft->moving == NULL;
}

static void
ask_hold (AnxBookingStep *step,
          AnxPageMaker next)
{
  g_autofree char *path = g_strdup_printf ("/v1/holds/%s", step->draft->id);
  g_autoptr (JsonObject) body = anx_booking_draft_build_claim (step->draft, step->resident);
  json_object_remove_member (body, "codeKey");
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  Hold *hold = g_new0 (Hold, 1);
  hold->page = g_object_ref (step->page);
  hold->next = next;
  hold->id = g_strdup (step->draft->id);
  hold->start_usec = step->draft->slot->start_usec;
  anx_resident_request_async (step->resident, "PUT", path, node, NULL, on_held, hold);
}

/**
 * anx_booking_step_choose:
 * @self: the present page's step
 * @slot: the time that was touched
 * @next: the page after it
 *
 * Takes the time into the draft, has it held at the hub where that is possible, and goes on to @next; to the alternatives when somebody
 * was earlier, before anything had to be typed.
 */
void
anx_booking_step_choose (AnxBookingStep *self,
                         const AnxSlot *slot,
                         AnxPageMaker next)
{
  anx_booking_draft_choose_slot (self->draft, slot);
  if (self->draft->moving == NULL)
    anx_booking_draft_prepare_claim (self->draft);
  if (!may_hold (self->draft))
    {
      go_on (self, next);
      return;
    }
  anx_page_set_busy (self->page, _("Keeping this time for you…"));
  ask_hold (self, next);
}

/**
 * anx_booking_step_renew_hold:
 * @self: the present page's step
 *
 * Asks for the hold anew when it would end soon: who types slowly does not lose their time.
 */
void
anx_booking_step_renew_hold (AnxBookingStep *self)
{
  AnxBookingDraft *draft = self->draft;
  if (draft->slot != NULL && draft->id != NULL && may_hold (draft) && draft->held_until_usec > 0 &&
      draft->held_until_usec < g_get_real_time () + RENEW_USEC)
    ask_hold (self, NULL);
}
