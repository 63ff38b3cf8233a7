/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-error.h"
#include "care-testing.h"
#include "erasure.h"
#include "json.h"
#include "retention.h"

#define DAY (24 * 3600 * (gint64) G_USEC_PER_SEC)
#define RECORD "01890a5d-ac96-774b-bcce-b302099a8057"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static gint64
on (int year,
    int month,
    int day)
{
  g_autoptr (GDateTime) then = g_date_time_new_utc (year, month, day, 12, 0, 0);
  return g_date_time_to_unix (then) * G_USEC_PER_SEC;
}

static AnxRetention *
make_table (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json = testing_load ("data/care/retention.json");
  AnxRetention *table = anx_retention_parse (json, &error);
  g_assert_no_error (error);
  return table;
}

/* One row a rule. Everything was received on 2026-03-01 at noon. */
static const struct
{
  const char *name;
  const char *kind;
  const char *reason;
  int year, month, day;  /* now */
  int closed;            /* year of the referral's end on the 1st of March; 0 = open, -1 = it is of none */
  int crisis;            /* year of the call for help; 0 = none; negative: nobody answered it */
  AnxRetentionVerdict verdict;
  int until;             /* year, on the 1st of March; 0 = none */
} ROWS[] = {
  { "a note a day before its end", "note", "period-over", 2036, 2, 29, -1, 0, ANX_RETENTION_NOT_YET, 2036 },
  { "a note at its end", "note", "period-over", 2036, 3, 1, -1, 0, ANX_RETENTION_ERASE, 0 },
  { "a note, asked for at once", "note", "asked", 2026, 3, 1, -1, 0, ANX_RETENTION_ERASE, 0 },
  { "a contact, asked for at once", "contact", "asked", 2026, 3, 2, -1, 0, ANX_RETENTION_ERASE, 0 },
  { "a rating after a year", "rating", "period-over", 2027, 3, 1, -1, 0, ANX_RETENTION_ERASE, 0 },
  { "a screening of an open crisis", "screening", "asked", 2026, 3, 2, -1, -2026, ANX_RETENTION_CRISIS_OPEN, 0 },
  { "an open crisis holds what was unlawful too", "screening", "unlawful", 2040, 3, 2, -1, -2026, ANX_RETENTION_CRISIS_OPEN, 0 },
  { "a screening of an answered crisis", "screening", "asked", 2028, 3, 1, -1, 2026, ANX_RETENTION_LAW, 2029 },
  { "three years after the crisis", "screening", "asked", 2029, 3, 1, -1, 2026, ANX_RETENTION_ERASE, 0 },
  { "a later crisis holds longer", "note", "period-over", 2037, 3, 1, -1, 2035, ANX_RETENTION_LAW, 2038 },
  { "an alert", "alert", "asked", 2028, 3, 1, -1, 2026, ANX_RETENTION_LAW, 2029 },
  { "an alert that was unlawful", "alert", "unlawful", 2026, 3, 2, -1, 2026, ANX_RETENTION_ERASE, 0 },
  { "a referral somebody works on", "referral", "asked", 2026, 4, 1, 0, 0, ANX_RETENTION_REFERRAL_OPEN, 0 },
  { "a referral open for twenty years", "referral", "period-over", 2046, 3, 2, 0, 0, ANX_RETENTION_REFERRAL_OPEN, 0 },
  { "a referral that ended last year", "referral-event", "asked", 2028, 3, 1, 2027, 0, ANX_RETENTION_LAW, 2030 },
  { "counted from its end", "referral", "period-over", 2036, 3, 2, 2027, 0, ANX_RETENTION_NOT_YET, 2037 },
  { "ten years after its end", "referral", "period-over", 2037, 3, 1, 2027, 0, ANX_RETENTION_ERASE, 0 },
  { "a report by law", "mandatory-report", "asked", 2035, 3, 1, 2026, 0, ANX_RETENTION_LAW, 2036 },
  { "who looked", "access", "asked", 2028, 3, 1, -1, 0, ANX_RETENTION_LAW, 2029 },
  { "who looked, after three years", "access", "period-over", 2029, 3, 1, -1, 0, ANX_RETENTION_ERASE, 0 },
  { "an order", "erasure", "period-over", 2099, 3, 1, -1, 0, ANX_RETENTION_ALWAYS, 0 },
  { "an order that was unlawful", "erasure", "unlawful", 2099, 3, 1, -1, 0, ANX_RETENTION_ALWAYS, 0 },
  { "a kind of no class", "something-new", "period-over", 2099, 3, 1, -1, 0, ANX_RETENTION_ALWAYS, 0 },
  { "a reason nobody knows", "note", "because", 2099, 3, 1, -1, 0, ANX_RETENTION_ALWAYS, 0 },
};

static void
test_judge (void)
{
  g_autoptr (AnxRetention) table = make_table ();
  for (gsize i = 0; i < G_N_ELEMENTS (ROWS); i++)
    {
      gint64 until = -1;
      AnxRetentionFacts facts = { .kind = ROWS[i].kind, .received_usec = on (2026, 3, 1), .of_referral = ROWS[i].closed >= 0,
                                  .closed_usec = ROWS[i].closed > 0 ? on (ROWS[i].closed, 3, 1) : 0, .of_crisis = ROWS[i].crisis != 0,
                                  .crisis_usec = ROWS[i].crisis != 0 ? on (ABS (ROWS[i].crisis), 3, 1) : 0, .crisis_open = ROWS[i].crisis < 0 };
      AnxRetentionVerdict verdict = anx_retention_judge (table, &facts, ROWS[i].reason, on (ROWS[i].year, ROWS[i].month, ROWS[i].day), &until);
      if (verdict != ROWS[i].verdict || until != (ROWS[i].until > 0 ? on (ROWS[i].until, 3, 1) : 0))
        g_error ("%s: %s", ROWS[i].name, anx_retention_verdict_to_string (verdict));
    }
}

static void
test_leap_day (void)
{
  g_autoptr (AnxRetention) table = make_table ();
  gint64 until = 0;
  AnxRetentionFacts facts = { .kind = "rating", .received_usec = on (2028, 2, 29) };
  g_assert_cmpint (anx_retention_judge (table, &facts, "period-over", on (2029, 2, 27), &until), ==, ANX_RETENTION_NOT_YET);
  g_assert_cmpint (until, ==, on (2029, 2, 28));
  g_assert_cmpint (anx_retention_judge (table, &facts, "period-over", until, &until), ==, ANX_RETENTION_ERASE);
}

/* What is looked for is never less than what is due. */
static void
test_oldest (void)
{
  g_autoptr (AnxRetention) table = make_table ();
  const char *const *kinds = anx_retention_list_kinds (table);
  for (gsize i = 0; kinds[i] != NULL; i++)
    for (gint64 received = on (2026, 1, 1); received < on (2030, 1, 1); received += 97 * DAY)
      {
        gint64 until = 0;
        AnxRetentionFacts facts = { .kind = kinds[i], .received_usec = received, .of_referral = TRUE, .closed_usec = received };
        if (anx_retention_judge (table, &facts, "period-over", received, &until) == ANX_RETENTION_NOT_YET)
          g_assert_cmpint (received, <=, anx_retention_get_oldest_usec (table, kinds[i], until));
        else
          g_assert_cmpint (anx_retention_get_oldest_usec (table, kinds[i], received), ==, 0);
      }
}

static void
test_sealed (void)
{
  g_autoptr (AnxRetention) table = make_table ();
  gint64 since = on (2026, 3, 1);
  g_assert_false (anx_retention_is_sealed (table, "note", since, on (2029, 2, 28)));
  g_assert_true (anx_retention_is_sealed (table, "note", since, on (2029, 3, 1)));
  g_assert_true (anx_retention_is_sealed (table, "referral", since, on (2027, 3, 1)));
  g_assert_false (anx_retention_is_sealed (table, "referral", 0, on (2099, 3, 1)));
  g_assert_false (anx_retention_is_sealed (table, "erasure", since, on (2099, 3, 1)));
  g_assert_false (anx_retention_is_sealed (table, "something-new", since, on (2099, 3, 1)));
}

static void
check_own (const char *text,
           gboolean good)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxRetention) table = make_table ();
  g_autoptr (JsonObject) own = anx_json_parse_object (text, -1, 4096, &error);
  g_assert_no_error (error);
  if (anx_retention_lengthen (table, own, &error) != good)
    g_error ("%s: %s", text, error != NULL ? error->message : "taken");
  g_assert_true (good || error->domain == ANX_CARE_ERROR);
}

static void
test_lengthen (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxRetention) table = make_table ();
  g_autoptr (JsonObject) own = anx_json_parse_object ("{\"classes\":[{\"id\":\"counselling\",\"keep\":{\"years\":15,\"reason\":\"regulation\"}}]}",
                                                      -1, 4096, &error);
  g_assert_true (anx_retention_lengthen (table, own, &error));
  gint64 until = 0;
  AnxRetentionFacts facts = { .kind = "note", .received_usec = on (2026, 3, 1) };
  g_assert_cmpint (anx_retention_judge (table, &facts, "period-over", on (2040, 3, 1), &until), ==, ANX_RETENTION_NOT_YET);
  g_assert_cmpint (until, ==, on (2041, 3, 1));

  check_own ("{\"classes\":[]}", TRUE);
  check_own ("{\"classes\":[{\"id\":\"counselling\",\"least\":{\"years\":10,\"reason\":\"regulation\"}}]}", TRUE);
  check_own ("{\"classes\":[{\"id\":\"counselling\",\"keep\":{\"years\":9,\"reason\":\"space\"}}]}", FALSE);
  check_own ("{\"classes\":[{\"id\":\"counselling\",\"keep\":{\"years\":15}}]}", FALSE);
  check_own ("{\"classes\":[{\"id\":\"counselling\",\"keep\":{\"years\":15,\"reason\":\"\"}}]}", FALSE);
  check_own ("{\"classes\":[{\"id\":\"counselling\",\"least\":{\"years\":11,\"reason\":\"regulation\"}}]}", FALSE);
  check_own ("{\"classes\":[{\"id\":\"erasure\",\"keep\":{\"years\":99,\"reason\":\"space\"}}]}", FALSE);
  check_own ("{\"classes\":[{\"id\":\"nothing\",\"keep\":{\"years\":99,\"reason\":\"x\"}}]}", FALSE);
  check_own ("{}", FALSE);
}

/* A member missing or of another form gives a table or an error, never less than that. */
static void
on_damaged (JsonObject *json,
            const char *path,
            gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxRetention) table = anx_retention_parse (json, &error);
  if (table == NULL && (error == NULL || error->domain != ANX_CARE_ERROR))
    g_error ("%s: no error of this domain", path);
  if (table == NULL)
    ++*(guint *) data;
}

static void
test_damaged (void)
{
  guint refused = 0;
  g_autoptr (JsonObject) json = testing_load ("data/care/retention.json");
  testing_damage (json, on_damaged, &refused);
  g_assert_cmpuint (refused, >, 100);
}

static GPtrArray *
make_records (guint n)
{
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_erased_record_free);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (records, anx_erased_record_new (RECORD, "note", "li-wei", (gint64) i + 1, DIGEST));
  return records;
}

static void
on_damaged_order (JsonObject *routing,
                  const char *path,
                  gpointer data)
{
  const char *reason = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = anx_erasure_read_routing (routing, &reason, &error);
  if ((records == NULL) != (error != NULL) || (records == NULL) != (reason == NULL))
    g_error ("%s: neither read nor refused", path);
  if (records == NULL)
    ++*(guint *) data;
}

static void
on_damaged_event (JsonObject *event,
                  const char *path,
                  gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *who = NULL;
  g_autofree char *law = NULL;
  guint count = 0;
  if (anx_erasure_read (event, &who, &law, &count, &error))
    g_assert_no_error (error);
  else if (error == NULL || error->domain != ANX_CARE_ERROR || who != NULL || law != NULL)
    g_error ("%s: neither read nor refused", path);
  else
    ++*(guint *) data;
}

static void
test_order (void)
{
  g_autoptr (GError) error = NULL;
  const char *reason = NULL;
  guint refused = 0;
  g_autoptr (GPtrArray) records = make_records (ANX_ERASURE_MOST_RECORDS);
  g_autoptr (JsonObject) routing = anx_erasure_build_routing ("asked", records);
  g_autofree char *text = anx_json_object_to_text (routing);
  g_autoptr (JsonObject) again = anx_json_parse_object (text, -1, 8192, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) read = anx_erasure_read_routing (again, &reason, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reason, ==, "asked");
  g_assert_cmpuint (read->len, ==, ANX_ERASURE_MOST_RECORDS);
  const AnxErasedRecord *last = read->pdata[ANX_ERASURE_MOST_RECORDS - 1];
  g_assert_cmpstr (last->id, ==, RECORD);
  g_assert_cmpstr (last->kind, ==, "note");
  g_assert_cmpstr (last->author, ==, "li-wei");
  g_assert_cmpint (last->place, ==, ANX_ERASURE_MOST_RECORDS);
  g_assert_cmpstr (last->digest, ==, DIGEST);
  testing_damage (again, on_damaged_order, &refused);
  g_assert_cmpuint (refused, >, ANX_ERASURE_MOST_RECORDS);

  g_autoptr (GPtrArray) one = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_erased_record_free);
  g_ptr_array_add (one, anx_erased_record_new (RECORD, ANX_KIND_ERASURE, "admin", 1, DIGEST));
  g_autoptr (JsonObject) of_order = anx_erasure_build_routing ("asked", one);
  g_assert_null (anx_erasure_read_routing (of_order, &reason, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);

  g_autoptr (JsonObject) event = anx_erasure_build ("admin", "asked", "个人信息保护法 第四十七条", records, on (2026, 3, 1));
  testing_keep_payload (ANX_KIND_ERASURE, event);
  g_assert_cmpstr (anx_json_get_string (event, "action", NULL), ==, "D");
  g_autofree char *who = NULL;
  g_autofree char *law = NULL;
  guint count = 0;
  g_assert_true (anx_erasure_read (event, &who, &law, &count, NULL));
  g_assert_cmpstr (who, ==, "admin");
  g_assert_cmpstr (law, ==, "个人信息保护法 第四十七条");
  g_assert_cmpuint (count, ==, ANX_ERASURE_MOST_RECORDS);
  guint unreadable = 0;
  testing_damage (event, on_damaged_event, &unreadable);
  g_assert_cmpuint (unreadable, >, 4);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/retention/judge", test_judge);
  g_test_add_func ("/care/retention/leap-day", test_leap_day);
  g_test_add_func ("/care/retention/oldest", test_oldest);
  g_test_add_func ("/care/retention/sealed", test_sealed);
  g_test_add_func ("/care/retention/lengthen", test_lengthen);
  g_test_add_func ("/care/retention/damaged", test_damaged);
  g_test_add_func ("/care/retention/order", test_order);
  return g_test_run ();
}
