/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "client-database.h"
#include "json.h"
#include "lease-book.h"

/*
 * What a kiosk or a desk does with its leases, one step a process, so that it can be killed at any write: outage-seller DATABASE, the step on
 * the standard input as JSON, the answer on the standard output.
 */

static JsonObject *
run_step (AnxLeaseBook *book,
          JsonObject *step,
          GError **error)
{
  const char *what = anx_json_get_string (step, "step", "");
  const char *id = anx_json_get_string (step, "id", NULL);
  gint64 now = g_get_real_time ();
  g_autoptr (JsonObject) answer = json_object_new ();
  if (g_str_equal (what, "build"))
    return anx_lease_book_build_exchange (book, now, anx_json_get_int (step, "keepFrom", 0), error);
  if (g_str_equal (what, "take"))
    return anx_lease_book_take_exchange (book, anx_json_get_object (step, "asked"), anx_json_get_object (step, "answer"), error) ? g_steal_pointer (&answer) : NULL;
  if (g_str_equal (what, "list"))
    {
      json_object_set_array_member (answer, "slots", anx_lease_book_list (book, "talk", 0, G_MAXINT64));
      return g_steal_pointer (&answer);
    }
  if (g_str_equal (what, "settle"))
    return anx_lease_book_settle (book, id, anx_json_get_string (step, "status", NULL), NULL, error) ? g_steal_pointer (&answer) : NULL;
  if (g_str_equal (what, "next"))
    {
      g_autofree char *next = NULL;
      JsonObject *body = anx_lease_book_next_sale (book, &next, error);
      if (body != NULL)
        {
          json_object_set_string_member (answer, "id", next);
          json_object_set_object_member (answer, "body", body);
        }
      return g_steal_pointer (&answer);
    }
  JsonObject *claim = anx_json_get_object (step, "claim");
  JsonObject *booking = g_str_equal (what, "ask") ? anx_lease_book_ask (book, id, claim, now, error) : anx_lease_book_sell (book, id, claim, now, error);
  return booking != NULL ? booking : g_steal_pointer (&answer);
}

int
main (int argc,
      char **argv)
{
  static char text[64 * 1024];
  g_autoptr (GError) error = NULL;
  if (argc != 2)
    return 2;
  size_t size = fread (text, 1, sizeof text - 1, stdin);
  g_autoptr (JsonObject) step = anx_json_parse_object (text, (gssize) size, sizeof text, &error);
  g_autoptr (AnxDatabase) database = step != NULL ? anx_client_database_open (argv[1], &error) : NULL;
  g_autoptr (AnxLeaseBook) book = database != NULL ? anx_lease_book_new (database) : NULL;
  g_autoptr (JsonObject) answer = book != NULL ? run_step (book, step, &error) : NULL;
  if (error != NULL || answer == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "there is no answer");
      return 1;
    }
  g_autofree char *said = anx_json_object_to_text (answer);
  puts (said);
  return 0;
}
