/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "booking-request.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "text.h"

/*
 * A counsellor's bookings as iCalendar (RFC 5545), for the calendar of a phone. Who has the address reads times, rooms and services,
 * never a name: the hub has none. The address is secret, the hub keeps its digest, and a new one revokes the last.
 */

#define SECRET_BYTES 24
#define BACK_USEC (31 * ANX_USEC_PER_DAY)
#define AHEAD_USEC (92 * ANX_USEC_PER_DAY)
#define LINE_OCTETS 75

static char *
hash_secret (const char *secret)
{
  g_autoptr (GBytes) bytes = g_bytes_new (secret, strlen (secret));
  return anx_sha256_hex (bytes);
}

/* RFC 5545 section 3.1: lines end with CRLF and are folded at 75 octets, never inside a character. */
static void
add_line (GString *out,
          const char *line)
{
  gsize used = 0;
  for (const char *at = line; *at != '\0'; at = g_utf8_next_char (at))
    {
      gsize size = (gsize) (g_utf8_next_char (at) - at);
      if (used + size > LINE_OCTETS)
        {
          g_string_append (out, "\r\n ");
          used = 1;
        }
      g_string_append_len (out, at, (gssize) size);
      used += size;
    }
  g_string_append (out, "\r\n");
}

static void
add_text (GString *out,
          const char *name,
          const char *text)
{
  g_autoptr (GString) line = g_string_new (name);
  g_string_append_c (line, ':');
  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '\n')
        {
          g_string_append (line, "\\n");
          continue;
        }
      if (*at == ',' || *at == ';' || *at == '\\')
        g_string_append_c (line, '\\');
      if ((guchar) *at >= 0x20)
        g_string_append_c (line, *at);
    }
  add_line (out, line->str);
}

static void
add_time (GString *out,
          const char *name,
          gint64 usec)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (usec / G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (time, "%Y%m%dT%H%M%SZ");
  g_autofree char *line = g_strdup_printf ("%s:%s", name, text);
  add_line (out, line);
}

static const char *
name_of (JsonObject *json,
         const char *fallback)
{
  JsonObject *names = json != NULL ? anx_json_get_object (json, "name") : NULL;
  if (names != NULL)
    return anx_json_get_string (names, "zh", fallback);
  return json != NULL ? anx_json_get_string (json, "name", fallback) : fallback;
}

/* As people call it, not as the directory counts it. */
static const char *
name_of_room (JsonObject *centre,
              const char *id)
{
  JsonArray *rooms = centre != NULL ? anx_json_get_array (centre, "rooms") : NULL;
  for (guint i = 0; rooms != NULL && i < json_array_get_length (rooms); i++)
    {
      JsonObject *room = anx_json_array_need_object (rooms, i, NULL);
      if (room != NULL && g_str_equal (anx_json_get_string (room, "id", ""), id))
        return name_of (room, id);
    }
  return id;
}

static void
add_event (GString *out,
           AnxDirectory *directory,
           const AnxBooking *booking,
           gint64 sequence)
{
  g_autoptr (AnxService) service = anx_slots_find_service (directory, booking->service);
  JsonObject *centre = anx_directory_get_centre (directory, booking->centre);
  g_autofree char *uid = g_strconcat (booking->id, "@anxin", NULL);
  g_autofree char *place = g_strconcat (name_of (centre, booking->centre), " ", name_of_room (centre, booking->room), NULL);
  g_autofree char *order = g_strdup_printf ("SEQUENCE:%" G_GINT64_FORMAT, sequence);
  gboolean standing = anx_appointment_status_occupies (booking->status);
  add_line (out, "BEGIN:VEVENT");
  add_text (out, "UID", uid);
  add_time (out, "DTSTAMP", booking->changed_usec);
  add_time (out, "DTSTART", booking->start_usec);
  add_time (out, "DTEND", booking->end_usec);
  add_line (out, order);
  add_line (out, standing ? "STATUS:CONFIRMED" : g_str_equal (booking->status, "proposed") ? "STATUS:TENTATIVE" : "STATUS:CANCELLED");
  add_line (out, standing ? "TRANSP:OPAQUE" : "TRANSP:TRANSPARENT");
  add_line (out, "CLASS:PRIVATE");
  add_text (out, "SUMMARY", service != NULL ? service->name : booking->service);
  add_text (out, "LOCATION", place);
  add_line (out, "END:VEVENT");
}

static char *
make_calendar (AnxRequest *request,
               const char *counsellor,
               GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  add_line (out, "BEGIN:VCALENDAR");
  add_line (out, "VERSION:2.0");
  add_line (out, "PRODID:-//anxin//hub//ZH");
  add_line (out, "CALSCALE:GREGORIAN");
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &inner,
      "SELECT " ANX_BOOKING_COLUMNS ", (SELECT count(*) FROM booking_change WHERE booking = booking.id) FROM booking"
      " WHERE (counsellor = ?1 OR mediator = ?1) AND status <> 'entered-in-error' AND start BETWEEN ?2 AND ?3 ORDER BY start, id", "sii", counsellor,
      request->now_usec - BACK_USEC, request->now_usec + AHEAD_USEC);
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      g_autoptr (AnxBooking) booking = anx_booking_from_row (rows);
      add_event (out, request->directory, booking, MAX (0, anx_rows_get_int (rows, 16) - 1));
    }
  add_line (out, "END:VCALENDAR");
  if (inner == NULL)
    return g_string_free (g_steal_pointer (&out), FALSE);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/**
 * anx_handle_calendar_get:
 * @request: a request
 *
 * GET /calendars/{secret}: whoever has the address.
 */
void
anx_handle_calendar_get (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *secret = g_strdup (request->parameter);
  if (g_str_has_suffix (secret, ".ics"))
    secret[strlen (secret) - strlen (".ics")] = '\0';
  g_autofree char *hash = hash_secret (secret);
  g_autofree char *counsellor = NULL;
  {
    g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error, "SELECT counsellor FROM feed WHERE secret_hash = ?", "s", hash);
    if (rows != NULL && anx_rows_next (rows, &error))
      counsellor = g_strdup (anx_rows_get_string (rows, 0));
  }
  AnxDirectory *directory = request->hub->directory;
  const AnxPrincipal *person = counsellor != NULL && directory != NULL ? anx_directory_get_principal (directory, counsellor) : NULL;
  if (error == NULL && (person == NULL || !person->active))
    {
      anx_request_refuse (request, "not-found");
      return;
    }
  if (request->directory == NULL && directory != NULL)
    request->directory = anx_directory_ref (directory);
  char *text = error == NULL ? make_calendar (request, counsellor, &error) : NULL;
  if (text == NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_bytes (request, 200, "text/calendar; charset=utf-8", g_bytes_new_take (text, strlen (text)));
}

static gboolean
run_feed (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  const char *hash = request->data;
  if (!anx_database_run (database, error, "DELETE FROM feed WHERE counsellor = ?", "s", request->caller->id))
    return FALSE;
  return hash == NULL || anx_database_run (database, error, "INSERT INTO feed VALUES (?, ?, ?)", "ssi", hash, request->caller->id, request->now_usec);
}

/**
 * anx_handle_calendar_create:
 * @request: a request
 *
 * POST /calendars: a counsellor's new address, or none (`{"revoke":true}`); the last one does not answer any more.
 */
void
anx_handle_calendar_create (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  if (!anx_request_caller_is (request, "counsellor", NULL) || request->caller->kind != ANX_PRINCIPAL_PERSON)
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  if (!anx_json_get_boolean (body, "revoke", FALSE))
    {
      guint8 random[SECRET_BYTES];
      anx_random_bytes (random, sizeof random);
      g_autoptr (GString) secret = g_string_new (NULL);
      for (gsize i = 0; i < sizeof random; i++)
        g_string_append_printf (secret, "%02x", random[i]);
      g_autofree char *path = g_strconcat ("/v1/calendars/", secret->str, ".ics", NULL);
      json_object_set_string_member (answer, "path", path);
      request->data = hash_secret (secret->str);
      request->free_data = g_free;
    }
  /* Prepared now, sent after COMMIT: the writer keeps an answer that is there. */
  anx_request_answer_json (request, 200, answer);
  anx_request_write (request, run_feed, NULL);
}
