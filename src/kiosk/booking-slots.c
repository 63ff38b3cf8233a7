/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include "clock.h"
#include "json.h"
#include "service.h"

/* One answer has at most 500 slots; a month of a large centre has some thousand. */
#define FULL_ANSWER 500
#define MOST_ANSWERS 8
#define DEFAULT_HORIZON_DAYS 28

typedef struct
{
  AnxPage *page;
  GPtrArray *found;
  gint64 from_usec;
  gint64 to_usec;
  gboolean only_first;
  guint n_answers;
  AnxSlotsDone done;
} Search;

static void
search_free (Search *search)
{
  g_object_unref (search->page);
  g_clear_pointer (&search->found, g_ptr_array_unref);
  g_free (search);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Search, search_free)

static void search_on (Search *search);

/* A booking that exists cannot move into what is lent to the kiosk, nor to a time that nobody can confirm. Nothing can be sealed to who
 * has no certificate yet: the resident would type a name that cannot be saved. */
static gboolean
is_for (AnxBookingStep *step,
        const AnxSlot *slot)
{
  const AnxPrincipal *person = anx_directory_get_principal (anx_resident_get_directory (step->resident), slot->counsellor);
  return person != NULL && person->active && person->seal_certificate != NULL &&
         (step->draft->moving == NULL || (slot->lease == NULL && !slot->ask));
}

static void
on_slots (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (Search) search = user_data;
  AnxBookingStep *step = g_object_get_data (G_OBJECT (search->page), "anx-step");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  g_autoptr (GPtrArray) slots = error == NULL ? anx_slots_parse (answer, &error) : NULL;
  if (slots == NULL)
    {
      search->done (step, NULL, error);
      return;
    }
  gint64 last = search->from_usec;
  for (guint i = 0; i < slots->len; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (slots, i);
      last = MAX (last, slot->start_usec);
      if (is_for (step, slot))
        g_ptr_array_add (search->found, anx_slot_copy (slot));
    }
  gboolean more = slots->len >= FULL_ANSWER && ++search->n_answers < MOST_ANSWERS && last + 1 < search->to_usec;
  if (more && !(search->only_first && search->found->len > 0))
    {
      search->from_usec = last + 1;
      search_on (g_steal_pointer (&search));
      return;
    }
  search->done (step, g_steal_pointer (&search->found), NULL);
}

static void
search_on (Search *search)
{
  AnxBookingStep *step = g_object_get_data (G_OBJECT (search->page), "anx-step");
  g_autofree char *path = anx_booking_draft_dup_slots_path (step->draft, step->resident, search->from_usec, search->to_usec);
  anx_resident_request_async (step->resident, "GET", path, NULL, NULL, on_slots, search);
}

/**
 * anx_booking_step_find_slots:
 * @self: the present page's step
 * @from_usec: first start
 * @to_usec: behind the last start
 * @only_first: whether the soonest ones are enough
 * @done: called once, while the page still exists
 *
 * Free times for the draft's service and counsellor, soonest first, from the hub or, without it, from what this kiosk knows.
 */
void
anx_booking_step_find_slots (AnxBookingStep *self,
                             gint64 from_usec,
                             gint64 to_usec,
                             gboolean only_first,
                             AnxSlotsDone done)
{
  Search *search = g_new0 (Search, 1);
  search->page = g_object_ref (self->page);
  search->found = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_slot_free);
  search->from_usec = from_usec;
  search->to_usec = to_usec;
  search->only_first = only_first;
  search->done = done;
  search_on (search);
}

/**
 * anx_booking_step_get_horizon:
 * @self: the present page's step
 *
 * Returns: how many days ahead residents may book the draft's service; 28 when the directory does not describe it
 */
int
anx_booking_step_get_horizon (AnxBookingStep *self)
{
  JsonArray *services = anx_directory_get_services (anx_resident_get_directory (self->resident));
  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *json = anx_json_array_need_object (services, i, NULL);
      g_autoptr (AnxService) service = json != NULL ? anx_service_parse (json, NULL) : NULL;
      if (service != NULL && g_strcmp0 (service->id, self->draft->service) == 0)
        return service->horizon_days;
    }
  return DEFAULT_HORIZON_DAYS;
}

/**
 * anx_booking_step_after_time:
 * @self: the present page's step
 *
 * Returns: the page that follows the choice of a time
 */
AnxPageMaker
anx_booking_step_after_time (AnxBookingStep *self)
{
  return self->draft->moving != NULL ? anx_booking_move_page_make : anx_booking_name_page_make;
}
