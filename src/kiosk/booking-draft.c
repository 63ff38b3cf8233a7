/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-draft.h"

#include "booking-code.h"
#include "clock.h"
#include "id.h"
#include "json.h"
#include "process.h"

/* The hub gives at most so many. */
#define MAX_SLOTS 500

/**
 * anx_booking_draft_new:
 *
 * Returns: (transfer full): an empty draft
 */
AnxBookingDraft *
anx_booking_draft_new (void)
{
  return g_rc_box_new0 (AnxBookingDraft);
}

/**
 * anx_booking_draft_ref:
 * @self: a draft
 *
 * Returns: (transfer full): the same
 */
AnxBookingDraft *
anx_booking_draft_ref (AnxBookingDraft *self)
{
  return g_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  AnxBookingDraft *self = data;
  g_free (self->service);
  g_free (self->counsellor);
  g_clear_pointer (&self->slots, g_ptr_array_unref);
  g_clear_pointer (&self->nearby, g_ptr_array_unref);
  g_free (self->moving);
  g_clear_pointer (&self->slot, anx_slot_free);
  anx_secret_free (self->name);
  anx_secret_free (self->phone);
  g_free (self->id);
  anx_secret_free (self->code);
  anx_secret_free (self->code_key);
  g_free (self->abandoned);
  anx_secret_free (self->abandoned_key);
  g_clear_pointer (&self->booking, json_object_unref);
}

/**
 * anx_booking_draft_unref:
 * @self: (transfer full): a draft
 *
 * Drops one reference; with the last one name, phone, code and key are overwritten.
 */
void
anx_booking_draft_unref (AnxBookingDraft *self)
{
  g_rc_box_release_full (self, clear);
}

#define DATA_KEY "anx-booking-draft"

static void
unref_draft (gpointer data)
{
  anx_booking_draft_unref (data);
}

/**
 * anx_booking_draft_of_window:
 * @window: the window of this visit
 *
 * Returns: (transfer none): the draft of this visit
 */
AnxBookingDraft *
anx_booking_draft_of_window (AnxResidentWindow *window)
{
  AnxBookingDraft *draft = g_object_get_data (G_OBJECT (window), DATA_KEY);
  if (draft == NULL)
    {
      draft = anx_booking_draft_new ();
      g_object_set_data_full (G_OBJECT (window), DATA_KEY, draft, unref_draft);
    }
  return draft;
}

/**
 * anx_booking_draft_forget:
 * @window: the window of this visit
 *
 * The next booking begins empty.
 */
void
anx_booking_draft_forget (AnxResidentWindow *window)
{
  g_object_set_data (G_OBJECT (window), DATA_KEY, NULL);
}

/**
 * anx_slot_free:
 * @self: (nullable) (transfer full): a slot
 *
 * Frees it.
 */
void
anx_slot_free (AnxSlot *self)
{
  if (self == NULL)
    return;
  g_free (self->counsellor);
  g_free (self->room);
  g_free (self->lease);
  g_free (self);
}

/**
 * anx_slot_copy:
 * @self: a slot
 *
 * Returns: (transfer full): a copy
 */
AnxSlot *
anx_slot_copy (const AnxSlot *self)
{
  AnxSlot *copy = g_new0 (AnxSlot, 1);
  *copy = *self;
  copy->counsellor = g_strdup (self->counsellor);
  copy->room = g_strdup (self->room);
  copy->lease = g_strdup (self->lease);
  return copy;
}

static AnxSlot *
parse_slot (JsonObject *object,
            GError **error)
{
  gint64 start = 0, end = 0;
  if (!anx_json_need_int (object, "start", 0, G_MAXINT64, &start, error) || !anx_json_need_int (object, "end", start, G_MAXINT64, &end, error))
    return NULL;
  const char *counsellor = anx_json_need_string (object, "counsellor", 256, error);
  const char *room = counsellor != NULL ? anx_json_need_string (object, "room", 256, error) : NULL;
  if (room == NULL)
    return NULL;
  AnxSlot *slot = g_new0 (AnxSlot, 1);
  slot->start_usec = start;
  slot->end_usec = end;
  slot->counsellor = g_strdup (counsellor);
  slot->room = g_strdup (room);
  slot->lease = g_strdup (anx_json_get_string (object, "lease", NULL));
  slot->ask = anx_json_get_boolean (object, "ask", FALSE);
  return slot;
}

static GPtrArray *
parse_array (JsonArray *array,
             GError **error)
{
  g_autoptr (GPtrArray) slots = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_slot_free);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = anx_json_array_need_object (array, i, error);
      AnxSlot *slot = object != NULL ? parse_slot (object, error) : NULL;
      if (slot == NULL)
        return NULL;
      g_ptr_array_add (slots, slot);
    }
  return g_steal_pointer (&slots);
}

/**
 * anx_slots_parse:
 * @answer: (nullable): the hub's answer to GET /v1/slots
 * @error: G_IO_ERROR_INVALID_DATA when it is not of the API's form or has more than 500 slots
 *
 * Returns: (transfer full) (element-type AnxSlot): the slots in the hub's order, or %NULL
 */
GPtrArray *
anx_slots_parse (JsonNode *answer,
                 GError **error)
{
  g_autoptr (GError) reason = NULL;
  JsonArray *array = NULL;
  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    array = anx_json_need_array (json_node_get_object (answer), "slots", MAX_SLOTS, &reason);
  GPtrArray *slots = array != NULL ? parse_array (array, &reason) : NULL;
  if (slots == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The list of free times cannot be read: %s", reason != NULL ? reason->message : "no list");
  return slots;
}

/**
 * anx_slots_parse_alternatives:
 * @problem: (nullable): what the hub refused a claim, hold or move with
 *
 * Returns: (transfer full) (element-type AnxSlot) (nullable): the times it offers instead; %NULL when it offers none
 */
GPtrArray *
anx_slots_parse_alternatives (JsonObject *problem)
{
  JsonArray *array = problem != NULL ? anx_json_need_array (problem, "alternatives", MAX_SLOTS, NULL) : NULL;
  g_autoptr (GPtrArray) slots = array != NULL ? parse_array (array, NULL) : NULL;
  return slots != NULL && slots->len > 0 ? g_steal_pointer (&slots) : NULL;
}

/**
 * anx_slot_get_day:
 * @self: a slot
 * @zone: (nullable): IANA name of the centre's zone
 *
 * Returns: the day of its start in that zone as a number that grows by one a day (Julian day as GDate counts)
 */
int
anx_slot_get_day (const AnxSlot *self,
                  const char *zone)
{
  g_autoptr (GDateTime) time = anx_time_in_zone (self->start_usec, zone);
  g_autoptr (GDate) date = g_date_new_dmy ((GDateDay) g_date_time_get_day_of_month (time), (GDateMonth) g_date_time_get_month (time),
                                           (GDateYear) g_date_time_get_year (time));
  return (int) g_date_get_julian (date);
}

/**
 * anx_booking_draft_choose_slot:
 * @self: the draft
 * @slot: the time that was chosen
 *
 * Makes it the draft's. Another slot than before is another claim (I2).
 */
void
anx_booking_draft_choose_slot (AnxBookingDraft *self,
                               const AnxSlot *slot)
{
  gboolean same = self->slot != NULL && self->slot->start_usec == slot->start_usec && g_str_equal (self->slot->counsellor, slot->counsellor)
                  && g_str_equal (self->slot->room, slot->room);
  if (same)
    {
      /* The network may have come or gone meanwhile. */
      self->slot->ask = slot->ask;
      return;
    }
  if (self->uncertain)
    {
      g_free (self->abandoned);
      anx_secret_free (self->abandoned_key);
      self->abandoned = g_steal_pointer (&self->id);
      self->abandoned_key = g_steal_pointer (&self->code_key);
      g_clear_pointer (&self->code, anx_secret_free);
      self->uncertain = FALSE;
    }
  self->held_until_usec = 0;
  AnxSlot *copy = anx_slot_copy (slot);
  g_clear_pointer (&self->slot, anx_slot_free);
  self->slot = copy;
}

/**
 * anx_booking_draft_lose_slot:
 * @self: the draft
 * @problem: (nullable): what the hub said
 *
 * Keeps the times that the hub offers instead, and why, for the page that shows them.
 *
 * Returns: whether the hub said that the time cannot be had: it is somebody else's, or offered no more
 */
gboolean
anx_booking_draft_lose_slot (AnxBookingDraft *self,
                             JsonObject *problem)
{
  const char *type = problem != NULL ? anx_json_get_string (problem, "type", "") : "";
  GPtrArray *nearby = anx_slots_parse_alternatives (problem);
  g_clear_pointer (&self->nearby, g_ptr_array_unref);
  self->nearby = nearby;
  self->lapsed = g_str_has_suffix (type, ":slot-not-offered");
  return self->lapsed || g_str_has_suffix (type, ":slot-taken");
}

/**
 * anx_booking_draft_is_asked:
 * @self: a draft whose claim was answered
 *
 * Without the hub only what is lent to this kiosk is booked; the rest is asked for, and every slip says so.
 *
 * Returns: whether the time is only asked for
 */
gboolean
anx_booking_draft_is_asked (AnxBookingDraft *self)
{
  return self->booking != NULL && g_str_equal (anx_json_get_string (self->booking, "status", "booked"), "proposed");
}

/**
 * anx_booking_draft_prepare_claim:
 * @self: the draft
 *
 * Gives the claim its id and the resident's code if it has none yet (I1).
 */
void
anx_booking_draft_prepare_claim (AnxBookingDraft *self)
{
  if (self->id == NULL)
    self->id = anx_uuid_new (g_get_real_time ());
  if (self->code == NULL)
    {
      self->code = anx_booking_code_new ();
      g_clear_pointer (&self->code_key, anx_secret_free);
    }
}

/**
 * anx_booking_draft_build_claim:
 * @self: the draft, with its slot
 * @resident: the visit
 *
 * Returns: (transfer full): the body of PUT /v1/bookings/{id}, or without a code key of PUT /v1/holds/{id}; nothing personal is in it
 */
JsonObject *
anx_booking_draft_build_claim (AnxBookingDraft *self,
                               AnxResident *resident)
{
  g_return_val_if_fail (self->slot != NULL, NULL);

  JsonObject *claim = json_object_new ();
  json_object_set_string_member (claim, "service", self->service);
  json_object_set_string_member (claim, "counsellor", self->slot->counsellor);
  json_object_set_string_member (claim, "centre", anx_resident_get_centre (resident));
  json_object_set_string_member (claim, "room", self->slot->room);
  json_object_set_int_member (claim, "start", self->slot->start_usec);
  if (self->code_key != NULL)
    json_object_set_string_member (claim, "codeKey", self->code_key);
  return claim;
}

/**
 * anx_booking_draft_dup_slots_path:
 * @self: the draft, with its service
 * @resident: the visit
 * @from_usec: first start
 * @to_usec: behind the last start
 *
 * Only slots of this kiosk's own room are asked for: a kiosk may book no other.
 *
 * Returns: (transfer full): path and query of GET /v1/slots
 */
char *
anx_booking_draft_dup_slots_path (AnxBookingDraft *self,
                                  AnxResident *resident,
                                  gint64 from_usec,
                                  gint64 to_usec)
{
  g_autofree char *service = g_uri_escape_string (self->service, NULL, FALSE);
  g_autofree char *centre = g_uri_escape_string (anx_resident_get_centre (resident), NULL, FALSE);
  g_autofree char *room = g_uri_escape_string (anx_resident_get_room (resident), NULL, FALSE);
  GString *path = g_string_new (NULL);
  g_string_printf (path, "/v1/slots?centre=%s&service=%s&room=%s&from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT, centre, service, room,
                   from_usec, to_usec);
  if (self->counsellor != NULL)
    {
      g_autofree char *counsellor = g_uri_escape_string (self->counsellor, NULL, FALSE);
      g_string_append_printf (path, "&counsellor=%s", counsellor);
    }
  return g_string_free (path, FALSE);
}
