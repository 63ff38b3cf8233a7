/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-model-private.h"

#include "care-records.h"
#include "id.h"
#include "json.h"

/**
 * anx_desk_booking_free:
 * @self: (transfer full): a booking
 *
 * Frees it.
 */
void
anx_desk_booking_free (AnxDeskBooking *self)
{
  g_free (self->id);
  g_free (self->service);
  g_free (self->counsellor);
  g_free (self->centre);
  g_free (self->room);
  g_free (self->kiosk);
  g_free (self->mediator);
  g_free (self->origin);
  g_free (self->status);
  g_free (self);
}

/**
 * anx_desk_contact_free:
 * @self: (transfer full): a contact
 *
 * Frees it.
 */
void
anx_desk_contact_free (AnxDeskContact *self)
{
  g_free (self->name);
  g_free (self->phone);
  g_free (self);
}

static gboolean
put_booking (AnxDeskModel *self, JsonObject *json)
{
  const char *id = anx_desk_get_field (json, "id");
  const char *counsellor = anx_desk_get_field (json, "counsellor");
  const char *status = anx_desk_get_field (json, "status");
  gint64 start = anx_json_get_int (json, "start", 0);
  gint64 end = anx_json_get_int (json, "end", 0);

  if (id == NULL || !anx_uuid_is_valid (id) || counsellor == NULL || status == NULL || start <= 0 || end <= start)
    return FALSE;
  AnxDeskBooking *booking = g_new0 (AnxDeskBooking, 1);
  booking->id = g_strdup (id);
  booking->service = g_strdup (anx_desk_get_field (json, "service"));
  booking->counsellor = g_strdup (counsellor);
  booking->centre = g_strdup (anx_desk_get_field (json, "centre"));
  booking->room = g_strdup (anx_desk_get_field (json, "room"));
  booking->kiosk = g_strdup (anx_desk_get_field (json, "kiosk"));
  booking->mediator = g_strdup (anx_desk_get_field (json, "mediator"));
  booking->origin = g_strdup (anx_desk_get_field (json, "origin"));
  booking->late = anx_json_get_boolean (json, "late", FALSE);
  booking->status = g_strdup (status);
  booking->start_usec = start;
  booking->end_usec = end;
  booking->changed_usec = anx_json_get_int (json, "changed", 0);
  g_hash_table_replace (self->bookings, g_strdup (id), booking);
  return TRUE;
}

/**
 * anx_desk_model_take_bookings:
 * @self: a model
 * @bookings: the hub's answer
 * @all: whether the answer is the whole truth, so that bookings it does not name are dropped
 *
 * Returns: how many elements were unusable and left out
 */
guint
anx_desk_model_take_bookings (AnxDeskModel *self, JsonArray *bookings, gboolean all)
{
  if (all)
    g_hash_table_remove_all (self->bookings);
  guint unusable = anx_desk_model_put_all (self, bookings, put_booking);
  anx_desk_model_emit_changed (self);
  return unusable;
}

/**
 * anx_desk_model_take_booking:
 * @self: a model
 * @booking: one booking as the hub answers it
 *
 * Returns: whether it was usable
 */
gboolean
anx_desk_model_take_booking (AnxDeskModel *self, JsonObject *booking)
{
  gboolean usable = put_booking (self, booking);
  anx_desk_model_emit_changed (self);
  return usable;
}

/**
 * anx_desk_model_take_contact:
 * @self: a model
 * @record: a record of that kind, opened or not
 *
 * Keeps name and phone, the newest of a booking.
 */
void
anx_desk_model_take_contact (AnxDeskModel *self, AnxDeskRecord *record)
{
  const char *booking = anx_json_get_string (record->routing, "booking", NULL);
  AnxDeskContact *known = booking != NULL ? g_hash_table_lookup (self->contacts, booking) : NULL;
  AnxDeskContact contact = { .created_usec = record->created_usec };

  if (booking == NULL || record->resource == NULL || (known != NULL && known->created_usec > record->created_usec))
    return;
  if (anx_contact_read (record->resource, &contact.name, &contact.alias, &contact.phone, NULL))
    g_hash_table_replace (self->contacts, g_strdup (booking), g_memdup2 (&contact, sizeof contact));
}

static int
compare_bookings (gconstpointer a, gconstpointer b)
{
  const AnxDeskBooking *one = *(const AnxDeskBooking *const *) a;
  const AnxDeskBooking *other = *(const AnxDeskBooking *const *) b;
  if (one->start_usec != other->start_usec)
    return one->start_usec < other->start_usec ? -1 : 1;
  return g_strcmp0 (one->id, other->id);
}

/**
 * anx_desk_booking_is_held_by:
 * @self: a booking
 * @person: a principal
 *
 * Returns: whether they are its counsellor or sit in
 */
gboolean
anx_desk_booking_is_held_by (const AnxDeskBooking *self, const char *person)
{
  return g_strcmp0 (person, self->counsellor) == 0 || (self->mediator != NULL && g_strcmp0 (person, self->mediator) == 0);
}

/**
 * anx_desk_model_list_bookings:
 * @self: a model
 * @counsellor: (nullable): whose bookings, also those in which this one sits in; %NULL = everybody's
 * @from_usec: starts at or after, microseconds of UTC
 * @to_usec: starts before
 *
 * Returns: (transfer container) (element-type AnxDeskBooking): by start
 */
GPtrArray *
anx_desk_model_list_bookings (AnxDeskModel *self, const char *counsellor, gint64 from_usec, gint64 to_usec)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->bookings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskBooking *booking = value;
      if (booking->start_usec >= from_usec && booking->start_usec < to_usec
          && (counsellor == NULL || anx_desk_booking_is_held_by (booking, counsellor)))
        g_ptr_array_add (list, booking);
    }
  g_ptr_array_sort (list, compare_bookings);
  return list;
}

/**
 * anx_desk_model_get_booking:
 * @self: a model
 * @id: a booking's id
 *
 * Returns: (transfer none) (nullable): the booking
 */
const AnxDeskBooking *
anx_desk_model_get_booking (AnxDeskModel *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->bookings, id) : NULL;
}

static gboolean
is_waiting (const AnxDeskBooking *booking)
{
  return g_str_equal (booking->status, "checked-in");
}

static gboolean
is_coming (const AnxDeskBooking *booking)
{
  return g_str_equal (booking->status, "booked") || g_str_equal (booking->status, "pending");
}

/**
 * anx_desk_model_get_next:
 * @self: a model
 * @counsellor: whose next person
 *
 * Who waits longest comes before who is only booked; somebody in a session comes before both; a booking whose time is
 * over is nobody's next.
 *
 * Returns: (transfer none) (nullable): the next person's booking
 */
const AnxDeskBooking *
anx_desk_model_get_next (AnxDeskModel *self, const char *counsellor)
{
  gint64 now = anx_clock_now_usec (self->clock);
  /* Whoever checked in yesterday evening is not waiting any more. */
  g_autoptr (GPtrArray) list
      = anx_desk_model_list_bookings (self, counsellor, now - ANX_USEC_PER_DAY / 2, now + ANX_USEC_PER_DAY / 2);
  const AnxDeskBooking *waiting = NULL;
  const AnxDeskBooking *coming = NULL;

  for (guint i = 0; i < list->len; i++)
    {
      const AnxDeskBooking *booking = g_ptr_array_index (list, i);
      if (g_str_equal (booking->status, "arrived"))
        return booking;
      if (is_waiting (booking) && (waiting == NULL || booking->changed_usec < waiting->changed_usec))
        waiting = booking;
      if (is_coming (booking) && coming == NULL && booking->end_usec > now)
        coming = booking;
    }
  return waiting != NULL ? waiting : coming;
}

/**
 * anx_desk_model_get_minutes_waiting:
 * @self: a model
 * @booking: a booking
 *
 * Returns: whole minutes since check-in, -1 when nobody waits
 */
gint64
anx_desk_model_get_minutes_waiting (AnxDeskModel *self, const AnxDeskBooking *booking)
{
  if (!is_waiting (booking))
    return -1;
  gint64 since = booking->changed_usec > 0 ? booking->changed_usec : booking->start_usec;
  return MAX (0, anx_clock_now_usec (self->clock) - since) / ANX_USEC_PER_MINUTE;
}

/**
 * anx_desk_model_get_contact:
 * @self: a model
 * @booking: (nullable): a booking's id
 *
 * Returns: (transfer none) (nullable): name and phone, when a contact record for us names this booking
 */
const AnxDeskContact *
anx_desk_model_get_contact (AnxDeskModel *self, const char *booking)
{
  return booking != NULL ? g_hash_table_lookup (self->contacts, booking) : NULL;
}
