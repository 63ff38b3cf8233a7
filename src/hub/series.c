/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-request.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "notices.h"

/*
 * Several sessions of one resident, booked in one step: all of them, or none and the names of those that cannot be had. They have one code
 * and one counsellor: whoever begins to tell their story does not begin anew each week.
 */

#define LEAST_SESSIONS 2
#define MOST_SESSIONS 16
/* Another time for one session should lie close to it. */
#define ALTERNATIVE_DAYS 2

static void
session_clear (gpointer data)
{
  AnxSession *session = data;
  g_free (session->id);
}

/* --- the ledger's part --- */

/* Of those free at the first time who can hold the most sessions, the least loaded. %NULL without an error: nobody is free then. */
static char *
choose_counsellor (AnxLedger *self,
                   const AnxBookingClaim *claim,
                   GArray *sessions,
                   GError **error)
{
  g_autoptr (GHashTable) tally = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) first = NULL;
  for (guint i = 0; i < sessions->len; i++)
    {
      const AnxSession *session = &g_array_index (sessions, AnxSession, i);
      AnxSlotQuery query = { .centre = claim->centre, .service = claim->service, .mediator = claim->mediator, .room = claim->room,
                             .from_usec = session->start_usec, .to_usec = session->start_usec + 1, .most = G_MAXUINT, .staff = claim->staff,
                             .holder = session->id };
      g_autoptr (GPtrArray) slots = anx_slots_list (&self->view, &query, error);
      if (slots == NULL)
        return NULL;
      const char *seen = NULL;
      for (guint k = 0; k < slots->len; k++)
        {
          /* One counsellor's slots, which differ in the room only, follow one another. */
          const AnxSlot *slot = g_ptr_array_index (slots, k);
          if (g_strcmp0 (seen, slot->counsellor) == 0)
            continue;
          seen = slot->counsellor;
          g_hash_table_replace (tally, g_strdup (seen), GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (tally, seen)) + 1));
        }
      if (i == 0)
        first = g_steal_pointer (&slots);
    }
  const char *best = NULL;
  guint most = 0;
  for (guint k = 0; k < first->len; k++)
    {
      const AnxSlot *slot = g_ptr_array_index (first, k);
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (tally, slot->counsellor));
      if (n > most)
        {
          most = n;
          best = slot->counsellor;
        }
    }
  return g_strdup (best);
}

/* How many of the sessions are booked already; -1 with @error set. */
static int
count_known (AnxLedger *self,
             GArray *sessions,
             GError **error)
{
  int n = 0;
  for (guint i = 0; i < sessions->len; i++)
    {
      g_autoptr (GError) inner = NULL;
      g_autoptr (AnxBooking) known = anx_ledger_find (self->view.database, g_array_index (sessions, AnxSession, i).id, &inner);
      if (inner != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&inner));
          return -1;
        }
      n += known != NULL;
    }
  return n;
}

/**
 * anx_ledger_book_series:
 * @self: the ledger
 * @claim: what they have in common; its id and start are not looked at
 * @sessions: (element-type AnxSession): id and start of each; `problem` is set for those that cannot be had
 * @bookings: (element-type AnxBooking): the bookings are appended
 * @out_counsellor: (out) (nullable) (transfer full): who was chosen; %NULL when the claim names one, or nobody is free at the first time
 * @out_new: (out): whether this call made them
 * @error: return location, of the database only
 *
 * Without a counsellor one is chosen for all. The same call again is answered with the same bookings (B2). What is held under a session's
 * id counts as free for it.
 *
 * Returns: (nullable): %NULL when all are booked; "slot-taken" when some cannot be had, "booking-differs", also when only some of them are
 *   booked already; then the caller takes all back
 */
const char *
anx_ledger_book_series (AnxLedger *self,
                        const AnxBookingClaim *claim,
                        GArray *sessions,
                        GPtrArray *bookings,
                        char **out_counsellor,
                        gboolean *out_new,
                        GError **error)
{
  g_autoptr (GError) inner = NULL;
  guint conflicts = 0;
  *out_counsellor = NULL;
  *out_new = FALSE;
  int known = count_known (self, sessions, error);
  if (known < 0)
    return "failed";
  if (known > 0 && known < (int) sessions->len)
    return "booking-differs";
  if (claim->counsellor == NULL && known == 0)
    *out_counsellor = choose_counsellor (self, claim, sessions, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return "failed";
    }
  for (guint i = 0; i < sessions->len; i++)
    {
      AnxSession *session = &g_array_index (sessions, AnxSession, i);
      g_autoptr (AnxBooking) booking = NULL;
      AnxBookingClaim one = *claim;
      gboolean made = FALSE;
      one.id = session->id;
      one.start_usec = session->start_usec;
      if (*out_counsellor != NULL)
        one.counsellor = *out_counsellor;
      session->problem = anx_ledger_book (self, &one, &booking, &made, error);
      if (g_strcmp0 (session->problem, "failed") == 0 || g_strcmp0 (session->problem, "booking-differs") == 0)
        return session->problem;
      conflicts += session->problem != NULL;
      *out_new |= made;
      if (booking != NULL)
        g_ptr_array_add (bookings, g_steal_pointer (&booking));
    }
  return conflicts == 0 ? NULL : "slot-taken";
}

/* --- the request --- */

/* FALSE unless there are 2 to 16 with an id and a start each, no id twice. */
static gboolean
read_sessions (JsonObject *body,
               AnxBookingWish *wish)
{
  JsonArray *list = anx_json_get_array (body, "sessions");
  guint n = list != NULL ? json_array_get_length (list) : 0;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  if (n < LEAST_SESSIONS || n > MOST_SESSIONS)
    return FALSE;
  wish->sessions = g_array_new (FALSE, TRUE, sizeof (AnxSession));
  g_array_set_clear_func (wish->sessions, session_clear);
  for (guint i = 0; i < n; i++)
    {
      JsonObject *json = anx_json_array_need_object (list, i, NULL);
      AnxSession session = { 0 };
      if (json == NULL || !anx_json_need_int (json, "start", 1, G_MAXINT64 / 4, &session.start_usec, NULL))
        return FALSE;
      session.id = g_strdup (anx_json_get_string (json, "id", NULL));
      g_array_append_val (wish->sessions, session);
      if (!anx_uuid_is_valid (session.id) || !g_hash_table_add (ids, session.id))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_series (AnxRequest *request,
            AnxDatabase *database,
            GError **error)
{
  AnxBookingWish *wish = request->data;
  AnxLedger ledger = anx_booking_request_open (request, database);
  AnxBookingClaim claim = anx_booking_request_claim (request);
  g_autofree char *chosen = NULL;
  g_autoptr (GPtrArray) bookings = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_booking_free);
  gboolean made = FALSE;
  const char *slug = anx_ledger_book_series (&ledger, &claim, wish->sessions, bookings, &chosen, &made, error);
  /* For the alternatives of a refusal: it was tried with this one. */
  if (wish->counsellor == NULL)
    wish->counsellor = g_steal_pointer (&chosen);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);

  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_string_member (answer, "series", request->parameter);
  json_object_set_array_member (answer, "bookings", list);
  for (guint i = 0; i < bookings->len; i++)
    {
      const AnxBooking *booking = g_ptr_array_index (bookings, i);
      if (made && wish->address != NULL && !anx_notices_keep_address (&ledger, booking->id, wish->channel, wish->address, error))
        return FALSE;
      json_array_add_object_element (list, anx_booking_to_json (booking));
      if (made)
        anx_booking_request_look (request, booking);
    }
  anx_request_answer_json (request, made ? 201 : 200, answer);
  return made;
}

/* Which sessions cannot be had, and what is free near each: after the commit of whoever was faster. */
static void
finish_series (AnxRequest *request)
{
  const AnxBookingWish *wish = request->data;
  if (g_strcmp0 (request->slug, "slot-taken") != 0)
    return;
  JsonArray *conflicts = json_array_new ();
  for (guint i = 0; i < wish->sessions->len; i++)
    {
      const AnxSession *session = &g_array_index (wish->sessions, AnxSession, i);
      if (session->problem == NULL)
        continue;
      JsonObject *conflict = json_object_new ();
      JsonArray *alternatives = anx_booking_request_find_alternatives (request, wish->counsellor, session->start_usec, ALTERNATIVE_DAYS);
      json_object_set_int_member (conflict, "start", session->start_usec);
      json_object_set_string_member (conflict, "problem", session->problem);
      json_object_set_array_member (conflict, "alternatives", alternatives != NULL ? alternatives : json_array_new ());
      json_array_add_object_element (conflicts, conflict);
    }
  anx_booking_request_add_to_problem (request, "conflicts", conflicts);
}

/**
 * anx_handle_series_put:
 * @request: a request
 *
 * PUT /series/{id}: all sessions, or none and which of them cannot be had.
 */
void
anx_handle_series_put (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *slug = anx_booking_request_take_wish (request, body);
  AnxBookingWish *wish = request->data;
  /* A lease is of one time; and what was only asked for is answered one by one. */
  if (slug == NULL && (wish->code_hash == NULL || wish->lease != NULL || wish->asked || wish->start_usec != 0 || !read_sessions (body, wish)))
    slug = "malformed";
  if (slug != NULL)
    {
      anx_request_refuse (request, slug);
      return;
    }
  g_free (wish->series);
  wish->series = g_strdup (request->parameter);
  anx_request_write (request, run_series, finish_series);
}
