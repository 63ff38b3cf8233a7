/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "hub-district.h"
#include "id.h"
#include "json.h"

/*
 * Who may do what at the hub: every route and every kind of record against everybody. A route or a kind without a row fails, so that whoever
 * adds one says who may have it. The words stand for people of hub-district.c; two of each live elsewhere to show what belongs to one centre.
 */

#define KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER_KEY "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char *const EVERYBODY[] = { "nobody",    "stranger",  "admin",     "kiosk-one", "kiosk-two", "kiosk-far", "li-wei",   "ma-lin",
                                         "wang-fang", "zhao-min",  "qian-hua",  "chen-fang", "wu-jing",   "zhou-yun",  "he-ping",   "hotline" };
#define PRINCIPALS "admin kiosk-one kiosk-two kiosk-far li-wei ma-lin wang-fang zhao-min qian-hua chen-fang wu-jing zhou-yun he-ping"
/* The one who hands in cases from outside may do that, and nothing else. */
#define SENDER "hotline"
#define ANYBODY "nobody stranger " SENDER " " PRINCIPALS
#define ADMIN "admin"
#define KIOSKS "kiosk-one kiosk-two kiosk-far"
#define KIOSKS_HERE "kiosk-one kiosk-two"
#define STAFF_HERE "chen-fang"

typedef struct
{
  const char *route;   /* as the hub lists it */
  const char *path;    /* under /v1; BOOKING, RECORD, TICKET, WORK, WAITING, CLOSURE, FEED, JOIN, INTAKE and NEW stand for ids */
  const char *body;    /* (nullable); START stands for a time */
  const char *allowed;
  const char *refusal; /* problems that tell the others no */
} Row;

static const Row ROWS[] = {
  { "GET /v1/health", "/health", NULL, ANYBODY, "" },
  { "GET /v1/authority", "/authority", NULL, ANYBODY, "" },
  { "GET /v1/openapi.yaml", "/openapi.yaml", NULL, ANYBODY, "" },
  { "GET /v1/directory", "/directory", NULL, ANYBODY, "" },
  { "GET /v1/crl", "/crl", NULL, ANYBODY, "" },
  { "GET /v1/calendars/{secret}", "/calendars/FEED", NULL, ANYBODY, "" },
  { "POST /v1/enrolments/claims", "/enrolments/claims", "{\"secret\":\"NOBODYS-SECRET\"}", ANYBODY, "" },
  { "PUT /v1/directory", "/directory", "noise", "stranger " SENDER " " PRINCIPALS, "" },
  { "PUT /v1/crl", "/crl", "noise", ADMIN, "not-allowed" },
  { "POST /v1/enrolments", "/enrolments",
    "{\"principal\":\"new-one\",\"secretHash\":\"" KEY "\",\"expires\":START}", ADMIN, "not-allowed" },
  { "GET /v1/enrolments", "/enrolments", NULL, ADMIN, "not-allowed" },
  { "PUT /v1/enrolments/{id}/certificates", "/enrolments/NEW/certificates", "{\"signCertificate\":\"x\",\"sealCertificate\":\"y\"}", ADMIN,
    "not-allowed" },
  { "GET /v1/status", "/status", NULL, ADMIN, "not-allowed" },
  { "POST /v1/records", "/records", "{\"records\":[]}", SENDER " " PRINCIPALS, "" },
  { "GET /v1/records/{id}", "/records/RECORD", NULL, "kiosk-one li-wei", "record-unknown" },
  { "GET /v1/inbox", "/inbox", NULL, SENDER " " PRINCIPALS, "" },
  { "GET /v1/chain", "/chain", NULL, SENDER " " PRINCIPALS, "" },
  { "GET /v1/glass", "/glass?centre=centre-one", NULL, "wang-fang", "not-allowed" },
  { "GET /v1/glass/{id}", "/glass/BOOKING", NULL, "wang-fang", "record-unknown not-allowed" },
  /* Nobody has given a reason. */
  { "GET /v1/glass/{id}/records", "/glass/BOOKING/records", NULL, "", "record-unknown glass-closed not-allowed" },
  { "POST /v1/erasures/check", "/erasures/check", "{\"reason\":\"asked\",\"records\":[\"RECORD\"]}", ADMIN " he-ping", "not-allowed" },
  { "GET /v1/plans", "/plans", NULL, PRINCIPALS, "" },
  { "PUT /v1/plans/{counsellor}", "/plans/li-wei", "{\"counsellor\":\"li-wei\",\"centres\":[\"centre-one\"]}", ADMIN " li-wei " STAFF_HERE,
    "not-allowed" },
  { "GET /v1/slots", "/slots?centre=centre-one&service=talk", NULL, PRINCIPALS, "" },
  { "PUT /v1/bookings/{id}", "/bookings/NEW",
    "{\"service\":\"talk\",\"counsellor\":\"li-wei\",\"centre\":\"centre-one\",\"room\":\"room-a\",\"start\":START,\"codeKey\":\"" OTHER_KEY "\"}",
    "kiosk-one " STAFF_HERE, "not-allowed" },
  { "GET /v1/bookings", "/bookings", NULL, PRINCIPALS, "" },
  /* A resident's code counts at every kiosk. */
  { "POST /v1/bookings/{id}/status", "/bookings/BOOKING/status", "{\"status\":\"booked\",\"codeKey\":\"" KEY "\"}", KIOSKS " li-wei " STAFF_HERE,
    "booking-unknown" },
  { "POST /v1/bookings/{id}/status", "/bookings/BOOKING/status", "{\"status\":\"booked\"}", "li-wei " STAFF_HERE, "booking-unknown" },
  { "POST /v1/bookings/{id}/status", "/bookings/BOOKING/status", "{\"status\":\"booked\",\"codeKey\":\"" OTHER_KEY "\"}", "li-wei " STAFF_HERE,
    "booking-unknown" },
  { "POST /v1/bookings/{id}/move", "/bookings/BOOKING/move", "{\"start\":1,\"codeKey\":\"" KEY "\"}", KIOSKS " li-wei " STAFF_HERE,
    "booking-unknown" },
  { "POST /v1/bookings/{id}/move", "/bookings/BOOKING/move", "{\"start\":1}", "li-wei " STAFF_HERE, "booking-unknown" },
  { "GET /v1/bookings/{id}/history", "/bookings/BOOKING/history", NULL, "li-wei " STAFF_HERE, "booking-unknown" },
  { "GET /v1/bookings/{id}/assignment", "/bookings/BOOKING/assignment", NULL, "li-wei " KIOSKS_HERE, "booking-unknown" },
  { "PUT /v1/bookings/{id}/assignment", "/bookings/BOOKING/assignment", "{\"questionnaire\":\"some-form\"}", "li-wei",
    "booking-unknown not-allowed" },
  { "PUT /v1/bookings/{id}/assignment", "/bookings/BOOKING/assignment", "{\"questionnaire\":\"\"}", "li-wei " KIOSKS_HERE, "booking-unknown" },
  { "PUT /v1/holds/{id}", "/holds/NEW", "{\"service\":\"talk\",\"counsellor\":\"li-wei\",\"centre\":\"centre-one\",\"room\":\"room-a\",\"start\":START}",
    "kiosk-one " STAFF_HERE, "not-allowed" },
  { "PUT /v1/series/{id}", "/series/NEW",
    "{\"service\":\"talk\",\"centre\":\"centre-one\",\"room\":\"room-a\",\"codeKey\":\"" OTHER_KEY "\",\"sessions\":["
    "{\"id\":\"0198c000-0000-7000-8000-000000000001\",\"start\":START},{\"id\":\"0198c000-0000-7000-8000-000000000002\",\"start\":START}]}",
    "kiosk-one " STAFF_HERE, "not-allowed" },
  /* It ends only the caller's own. */
  { "POST /v1/holds/{id}/release", "/holds/NEW/release", "{}", PRINCIPALS, "" },
  { "POST /v1/leases", "/leases", "{\"installation\":\"one\",\"held\":[],\"returned\":[]}", KIOSKS " wu-jing " STAFF_HERE, "not-allowed" },
  { "GET /v1/leases", "/leases?centre=centre-one", NULL, STAFF_HERE, "not-allowed" },
  { "POST /v1/kiosks/{id}/reclaim", "/kiosks/kiosk-one/reclaim", "{}", ADMIN " " STAFF_HERE, "not-allowed" },
  { "PUT /v1/waiting/{id}", "/waiting/NEW",
    "{\"centre\":\"centre-one\",\"service\":\"talk\",\"from\":START,\"to\":START,\"notify\":{\"channel\":\"sms\",\"address\":\"c2VhbGVk\"}}",
    KIOSKS_HERE " " STAFF_HERE, "not-allowed" },
  { "GET /v1/waiting", "/waiting?centre=centre-one", NULL, STAFF_HERE, "not-allowed" },
  { "POST /v1/waiting/{id}/action", "/waiting/WAITING/action", "{\"action\":\"tell\"}", STAFF_HERE, "not-found" },
  { "PUT /v1/closures/{id}", "/closures/CLOSURE", "{\"centre\":\"centre-one\",\"room\":\"room-b\",\"from\":1,\"to\":2}", STAFF_HERE, "not-allowed" },
  { "POST /v1/closures/{id}/end", "/closures/CLOSURE/end", "{}", STAFF_HERE, "not-found" },
  { "GET /v1/closures", "/closures?centre=centre-one", NULL, "li-wei " STAFF_HERE, "not-allowed" },
  { "PUT /v1/tickets/{id}", "/tickets/TICKET", "{\"centre\":\"centre-one\",\"service\":\"talk\"}", KIOSKS_HERE " " STAFF_HERE, "not-allowed" },
  { "POST /v1/tickets/{id}/action", "/tickets/TICKET/action", "{\"action\":\"call\"}", "li-wei " STAFF_HERE, "ticket-unknown" },
  { "GET /v1/queue", "/queue?centre=centre-one", NULL, KIOSKS_HERE " li-wei " STAFF_HERE, "not-allowed" },
  { "POST /v1/queue/next", "/queue/next", "{\"centre\":\"centre-one\"}", "li-wei " STAFF_HERE, "not-allowed" },
  { "GET /v1/work-items", "/work-items?centre=centre-one", NULL, "li-wei " STAFF_HERE, "not-allowed" },
  { "POST /v1/work-items/{id}/done", "/work-items/WORK/done", "{}", "li-wei " STAFF_HERE, "work-unknown" },
  { "POST /v1/calendars", "/calendars", "{}", "li-wei ma-lin", "not-allowed" },
  { "POST /v1/check-ins", "/check-ins", "{\"codeKey\":\"" KEY "\"}", KIOSKS_HERE " " STAFF_HERE, "code-unknown not-allowed" },
  { "POST /v1/lookups", "/lookups", "{\"codeKey\":\"" KEY "\"}", KIOSKS " chen-fang wu-jing", "not-allowed" },
  { "POST /v1/counts", "/counts", "{\"kind\":\"kept-by-resident\",\"number\":1}", KIOSKS, "not-allowed" },
  { "GET /v1/counts", "/counts?centre=centre-one", NULL, ADMIN " li-wei " STAFF_HERE, "not-allowed" },
  { "GET /v1/alerts", "/alerts", NULL, "li-wei ma-lin wang-fang zhao-min qian-hua chen-fang wu-jing he-ping", "not-allowed" },
  { "GET /v1/referrals", "/referrals", NULL, ADMIN " li-wei ma-lin wang-fang zhao-min qian-hua chen-fang wu-jing zhou-yun he-ping",
    "not-allowed" },
  { "GET /v1/intakes", "/intakes", NULL, SENDER, "not-allowed" },
  { "GET /v1/intakes", "/intakes?centre=centre-one", NULL, STAFF_HERE, "not-allowed" },
  { "POST /v1/intakes/{id}/action", "/intakes/INTAKE/action", "{\"action\":\"take\"}", STAFF_HERE, "intake-unknown" },
  { "GET /v1/join/{file}", "/join/page.html", NULL, ANYBODY, "" },
  /* The id is the secret; who has it is asked by the desk before anything is said. Before the next row, whose id takes the place of this one. */
  { "GET /v1/joins/{id}/link", "/joins/JOIN/link", NULL, ANYBODY, "" },
  { "POST /v1/joins", "/joins", "{\"booking\":\"BOOKING\"}", "li-wei", "not-allowed" },
  { "GET /v1/supervision", "/supervision", NULL, "he-ping", "not-allowed" },
  { "GET /v1/ice", "/ice", NULL, PRINCIPALS, "" },
  { "GET /v1/link", "/link", NULL, SENDER " " PRINCIPALS, "" },
};

/* What a list that many may ask for shows to whom. */
static const struct
{
  const char *path;
  const char *shows;
  const char *to;
} LISTS[] = {
  { "/bookings", "BOOKING", "kiosk-one li-wei chen-fang" },
  { "/alerts", "ALERT", "li-wei wang-fang zhao-min chen-fang" },
  { "/referrals", "TASK", "li-wei chen-fang zhou-yun he-ping" },
  { "/inbox", "ENVELOPE", "kiosk-one li-wei" },
  { "/inbox", "NOTE", "li-wei" },
  { "/glass?centre=centre-one", "BOOKING", "wang-fang" },
  { "/intakes", "INTAKE", SENDER },
  { "/intakes?centre=centre-one", "INTAKE", STAFF_HERE },
};

/* Kinds: who may write them, sealed to @recipient, and who may be given one that @author wrote. NULL: the author itself. */
static const struct
{
  const char *kind;
  const char *routing; /* (nullable) */
  const char *recipient; /* (nullable) several: all of them are always needed */
  const char *authors;
  const char *author;
  const char *readers;
} KINDS[] = {
  { "contact", NULL, "li-wei", KIOSKS " chen-fang wu-jing", "kiosk-one", "li-wei ma-lin chen-fang staff-one" },
  { "screening", NULL, "li-wei", KIOSKS, "kiosk-one", "li-wei ma-lin wang-fang sun-li duty-one" },
  { "alert", "{\"level\":\"red\",\"centre\":\"centre-one\",\"room\":\"room-a\"}", "duty-one", KIOSKS_HERE, "kiosk-one",
    "wang-fang sun-li duty-one chen-fang staff-one" },
  { "alert-acknowledgement", "{\"alert\":\"ALERT\"}", "duty-one", "li-wei wang-fang zhao-min qian-hua chen-fang he-ping", "wang-fang",
    "wang-fang sun-li duty-one " KIOSKS },
  { "level-change", "{\"alert\":\"ALERT\",\"level\":\"red\"}", "duty-one", "li-wei wang-fang zhao-min qian-hua chen-fang he-ping", "li-wei",
    "li-wei wang-fang sun-li duty-one" },
  { "note", NULL, NULL, "li-wei ma-lin", "li-wei", "li-wei ma-lin glass-one" },
  { "safety-plan", NULL, NULL, "li-wei ma-lin", "li-wei", "li-wei ma-lin wang-fang sun-li duty-one chen-fang wu-jing staff-one staff-two glass-one" },
  { "follow-up", NULL, NULL, "li-wei ma-lin", "li-wei", "li-wei ma-lin" },
  { "referral",
    "{\"task\":\"NEW\",\"centre\":\"centre-one\",\"to\":\"mental-health\",\"urgency\":\"routine\",\"status\":\"requested\",\"businessStatus\":\"2.0\"}",
    "mental-health", "li-wei ma-lin zhou-yun", "li-wei", "li-wei zhou-yun mental-health" },
  { "mandatory-report",
    "{\"task\":\"NEW\",\"centre\":\"centre-one\",\"to\":\"mental-health\",\"urgency\":\"immediate\",\"status\":\"requested\",\"businessStatus\":\"2.0\",\"legal\":true}",
    "mental-health", "li-wei ma-lin", "li-wei", "li-wei zhou-yun mental-health" },
  { "referral-event", "{\"task\":\"TASK\",\"status\":\"received\",\"businessStatus\":\"2.0\"}", "li-wei", "li-wei zhou-yun", "zhou-yun",
    "li-wei ma-lin zhou-yun mental-health" },
  { "rating", NULL, "chen-fang", KIOSKS_HERE, "kiosk-one", "chen-fang staff-one" },
  { "access", NULL, NULL, "li-wei ma-lin wang-fang sun-li zhou-yun chen-fang wu-jing", "li-wei", "li-wei ma-lin zhou-yun mental-health" },
  /* What it names is not here; whoever has something of it is to be told. */
  { "erasure",
    "{\"reason\":\"asked\",\"records\":[{\"id\":\"NEW\",\"kind\":\"note\",\"author\":\"li-wei\",\"place\":1,\"digest\":\"" KEY "\"}]}", NULL, "admin", "admin",
    "admin kiosk-one kiosk-two kiosk-far li-wei ma-lin wang-fang sun-li zhao-min qian-hua chen-fang wu-jing zhou-yun he-ping duty-one mental-health hotline staff-one staff-two glass-one" },
  { "break-glass", "{\"booking\":\"BOOKING\",\"until\":START}", "li-wei zhao-min he-ping", "wang-fang", "wang-fang", "wang-fang li-wei zhao-min he-ping" },
  { "intake", "{\"centre\":\"centre-one\",\"source\":\"hotline\",\"urgency\":\"urgent\"}", "staff-one", SENDER, "hotline", "chen-fang staff-one" },
};

static const char *const RECIPIENTS[] = { "admin",     "kiosk-one", "kiosk-two", "kiosk-far", "li-wei",   "ma-lin",  "wang-fang", "sun-li",       "zhao-min",
                                          "qian-hua",  "chen-fang", "wu-jing",   "zhou-yun",  "he-ping",  "duty-one", "mental-health", "hotline", "staff-one", "staff-two", "glass-one" };

typedef struct
{
  Fixture *f;
  GHashTable *words; /* word → what it stands for */
} World;

static gboolean
names (const char *list,
       const char *word)
{
  g_auto (GStrv) words = g_strsplit (list, " ", -1);
  return g_strv_contains ((const char *const *) words, word);
}

static char *
fill (World *w,
      const char *text)
{
  GHashTableIter iter;
  gpointer word, value;
  g_autoptr (GString) filled = g_string_new (text);
  g_autofree char *fresh = anx_uuid_new (g_get_real_time ());
  g_hash_table_iter_init (&iter, w->words);
  while (g_hash_table_iter_next (&iter, &word, &value))
    g_string_replace (filled, word, value, 0);
  g_string_replace (filled, "NEW", fresh, 0);
  return g_string_free (g_steal_pointer (&filled), FALSE);
}

static void
remember (World *w,
          const char *word,
          const char *value)
{
  g_hash_table_insert (w->words, g_strdup (word), g_strdup (value));
}

static void
post_one (World *w,
          const char *who,
          const char *kind,
          const char *recipient,
          const char *routing,
          char **out_id,
          const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *filled = routing != NULL ? fill (w, routing) : NULL;
  g_autoptr (JsonObject) json = filled != NULL ? anx_json_parse_object (filled, -1, 4096, &error) : NULL;
  g_assert_no_error (error);
  g_auto (GStrv) recipients = g_strsplit (recipient != NULL ? recipient : who, " ", -1);
  g_autofree char *record = make_record (w->f, who, kind, (const char *const *) recipients, json, out_id);
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (w->f, who, LIST (record), &answer), ==, 200);
  const char *status = result_status (answer, 0);
  const char *got = g_str_equal (status, "refused") ? result_problem (answer, 0) : status;
  if (!names (expected, got))
    g_error ("%s by %s to %s: %s, not %s", kind, who, recipient != NULL ? recipient : "itself", got, expected);
  if (g_str_equal (kind, "screening") && out_id != NULL)
    remember (w, "ENVELOPE", record);
  if (g_str_equal (kind, "note") && recipient != NULL && g_str_equal (recipient, "li-wei glass-one"))
    remember (w, "NOTE", record);
}

/* A booking, an alert, a referral, a record, a ticket, a calendar, a request of an offline kiosk that staff must answer. */
static void
set_up_world (World *w)
{
  Fixture *f = w->f;
  g_autoptr (GError) error = NULL;
  fixture_publish (f);
  fixture_add_person (f, "stranger");
  fixture_put_plan (f);
  g_autoptr (GBytes) crl = anx_authority_make_crl (f->authority, NULL, 1, g_get_real_time (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/crl", crl, NULL), ==, 204);

  g_autoptr (JsonObject) slots = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/slots?centre=centre-one&service=talk&room=room-a", NULL, &slots), ==, 200);
  JsonArray *list = anx_json_get_array (slots, "slots");
  gint64 first = anx_json_get_int (json_array_get_object_element (list, 0), "start", 0);
  gint64 later = anx_json_get_int (json_array_get_object_element (list, 20), "start", 0);
  g_autofree char *start = g_strdup_printf ("%" G_GINT64_FORMAT, later);
  g_autofree char *booking = anx_uuid_new (g_get_real_time ());
  g_autofree char *asked = anx_uuid_new (g_get_real_time ());
  g_autofree char *ticket = anx_uuid_new (g_get_real_time ());
  remember (w, "START", start);
  remember (w, "BOOKING", booking);
  g_autofree char *waiting = anx_uuid_new (g_get_real_time ());
  g_autofree char *closure = anx_uuid_new (g_get_real_time ());
  remember (w, "TICKET", ticket);
  remember (w, "WAITING", waiting);
  remember (w, "CLOSURE", closure);
  g_autofree char *path = g_strconcat ("/bookings/", booking, NULL);
  g_autofree char *asked_path = g_strconcat ("/bookings/", asked, NULL);
  g_autofree char *claim = g_strdup_printf ("{\"service\":\"talk\",\"counsellor\":\"li-wei\",\"centre\":\"centre-one\",\"room\":\"room-a\",\"start\":%"
                                            G_GINT64_FORMAT ",\"codeKey\":\"" KEY "\"}", first);
  g_autofree char *again = g_strdup_printf ("{\"service\":\"talk\",\"counsellor\":\"li-wei\",\"centre\":\"centre-one\",\"room\":\"room-a\",\"start\":%"
                                            G_GINT64_FORMAT ",\"codeKey\":\"cc" KEY "\",\"asked\":true}", first);
  memmove (strstr (again, "cc" KEY) + 64, strstr (again, "cc" KEY) + 66, strlen (strstr (again, "cc" KEY) + 66) + 1);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, claim, NULL), ==, 201);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", asked_path, again, NULL), ==, 201);
  g_autofree char *wish = fill (w, "{\"centre\":\"centre-one\",\"service\":\"talk\",\"from\":START,\"to\":START,"
                                   "\"notify\":{\"channel\":\"sms\",\"address\":\"c2VhbGVk\"}}");
  g_autofree char *waiting_path = g_strconcat ("/waiting/", waiting, NULL);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", waiting_path, wish, NULL), ==, 204);
  g_autoptr (JsonObject) work = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "GET", "/work-items?centre=centre-one", NULL, &work), ==, 200);
  g_autoptr (GList) members = json_object_get_members (work);
  JsonArray *items = anx_json_get_array (work, members->data);
  g_assert_cmpuint (json_array_get_length (items), ==, 1);
  remember (w, "WORK", anx_json_get_string (json_array_get_object_element (items, 0), "id", NULL));

  g_autoptr (JsonObject) feed = NULL;
  g_assert_cmpuint (call (f, "li-wei", "POST", "/calendars", "{}", &feed), ==, 200);
  remember (w, "FEED", strrchr (anx_json_get_string (feed, "path", NULL), '/') + 1);

  g_autoptr (JsonObject) join = NULL;
  g_autofree char *session = fill (w, "{\"booking\":\"BOOKING\"}");
  g_assert_cmpuint (call (f, "li-wei", "POST", "/joins", session, &join), ==, 200);
  remember (w, "JOIN", anx_json_get_string (join, "id", NULL));

  g_autofree char *task = anx_uuid_new (g_get_real_time ());
  remember (w, "TASK", task);
  g_autofree char *alert = NULL, *record = NULL;
  post_one (w, "kiosk-one", "alert", "duty-one", "{\"level\":\"red\",\"centre\":\"centre-one\",\"room\":\"room-a\"}", &alert, "stored");
  remember (w, "ALERT", alert);
  post_one (w, "li-wei", "referral", "mental-health",
            "{\"task\":\"TASK\",\"centre\":\"centre-one\",\"to\":\"mental-health\",\"urgency\":\"routine\",\"status\":\"requested\",\"businessStatus\":\"2.0\"}",
            NULL, "stored");
  g_autofree char *intake = NULL;
  post_one (w, "hotline", "intake", "staff-one", "{\"centre\":\"centre-one\",\"source\":\"grid\",\"urgency\":\"routine\"}", &intake, "stored");
  remember (w, "INTAKE", intake);
  post_one (w, "kiosk-one", "screening", "li-wei", NULL, &record, "stored");
  post_one (w, "li-wei", "note", "li-wei glass-one", "{\"booking\":\"BOOKING\"}", NULL, "stored");
  remember (w, "RECORD", record);
}

static World
world_new (Fixture *f)
{
  World w = { f, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free) };
  set_up_world (&w);
  return w;
}

static const char *
slug_of (JsonObject *answer)
{
  const char *type = answer != NULL ? anx_json_get_string (answer, "type", "") : "";
  return g_str_has_prefix (type, "urn:anxin:problem:") ? type + strlen ("urn:anxin:problem:") : "";
}

static void
check_row (World *w,
           const Row *row,
           const char *who)
{
  /* A row that is refused to everybody for its form would prove nothing. */
  static const char NEVER[] = "malformed not-found method-not-allowed certificate-needed certificate-unknown principal-unknown not-allowed too-large failed";
  g_autofree char *path = fill (w, row->path);
  g_autofree char *body = row->body != NULL ? fill (w, row->body) : NULL;
  g_auto (GStrv) method = g_strsplit (row->route, " ", 2);
  g_autoptr (JsonObject) answer = NULL;
  guint status = call (w->f, g_str_equal (who, "nobody") ? NULL : who, method[0], path, body, &answer);
  const char *slug = slug_of (answer);
  gboolean let_in = status >= 200 && status < 600 && !names (NEVER, slug) && (*slug == '\0' || !names (row->refusal, slug));
  if (names (row->allowed, who))
    {
      if (!let_in)
        g_error ("%s %s: %u %s, but it is allowed", who, row->route, status, slug);
      return;
    }
  const char *refusal = g_str_equal (who, "nobody") ? "certificate-needed" : row->refusal;
  gboolean sender = g_str_equal (who, SENDER) && g_str_equal (slug, "not-allowed");
  if (let_in || !(names (refusal, slug) || sender || (g_str_equal (who, "stranger") && g_str_equal (slug, "principal-unknown"))))
    g_error ("%s %s: %u %s, but it is not allowed (%s)", who, row->route, status, slug, refusal);
}

static char **
list_hub (const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = hub_program ();
  g_autofree char *output = NULL;
  g_autoptr (GSubprocess) hub = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--list-routes", NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (hub, NULL, NULL, &output, NULL, &error));
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], what))
      g_strv_builder_add (found, lines[i] + strlen (what));
  return g_strv_builder_end (found);
}

static void
test_every_route_has_a_row (void)
{
  g_auto (GStrv) routes = list_hub ("route ");
  g_assert_cmpuint (g_strv_length (routes), >, 40);
  for (gsize i = 0; routes[i] != NULL; i++)
    {
      gboolean found = FALSE;
      for (guint k = 0; k < G_N_ELEMENTS (ROWS); k++)
        found |= g_str_equal (ROWS[k].route, routes[i]);
      if (!found)
        g_error ("%s: nobody has said here who may ask for it", routes[i]);
    }
  for (guint k = 0; k < G_N_ELEMENTS (ROWS); k++)
    if (!g_strv_contains ((const char *const *) routes, ROWS[k].route))
      g_error ("%s: the hub has no such route", ROWS[k].route);
}

static void
test_routes (Fixture *f,
             gconstpointer data)
{
  World w = world_new (f);
  for (guint i = 0; i < G_N_ELEMENTS (ROWS); i++)
    for (guint k = 0; k < G_N_ELEMENTS (EVERYBODY); k++)
      check_row (&w, &ROWS[i], EVERYBODY[k]);
  g_hash_table_unref (w.words);
}

static void
test_lists (Fixture *f,
            gconstpointer data)
{
  World w = world_new (f);
  for (guint i = 0; i < G_N_ELEMENTS (LISTS); i++)
    for (guint k = 2; k < G_N_ELEMENTS (EVERYBODY); k++)
      {
        g_autoptr (GBytes) answer = NULL;
        const char *shows = g_hash_table_lookup (w.words, LISTS[i].shows); /* not filled in: a Base64 text can hold any of the words */
        guint status = call_bytes (f, EVERYBODY[k], "GET", LISTS[i].path, NULL, &answer);
        gsize size = 0;
        const char *text = g_bytes_get_data (answer, &size);
        gboolean shown = status == 200 && g_strstr_len (text, (gssize) size, shows) != NULL;
        if (shown != names (LISTS[i].to, EVERYBODY[k]))
          g_error ("GET %s %s %s to %s", LISTS[i].path, shown ? "shows" : "does not show", LISTS[i].shows, EVERYBODY[k]);
      }
  g_hash_table_unref (w.words);
}

static void
test_authors (Fixture *f,
              gconstpointer data)
{
  World w = world_new (f);
  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    for (guint k = 2; k < G_N_ELEMENTS (EVERYBODY); k++)
      {
        const char *who = EVERYBODY[k];
        /* A step of a referral can be over by the time the next one asks; who may take one is what counts here. */
        post_one (&w, who, KINDS[i].kind, KINDS[i].recipient, KINDS[i].routing, NULL,
                  names (KINDS[i].authors, who) ? "stored referral-not-allowed" : "record-not-allowed");
      }
  g_hash_table_unref (w.words);
}

static void
test_readers (Fixture *f,
              gconstpointer data)
{
  World w = world_new (f);
  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    for (guint k = 0; k < G_N_ELEMENTS (RECIPIENTS); k++)
      {
        gboolean several = KINDS[i].recipient != NULL && strchr (KINDS[i].recipient, ' ') != NULL;
        g_autofree char *recipients = several ? g_strconcat (KINDS[i].recipient, " ", RECIPIENTS[k], NULL) : g_strdup (RECIPIENTS[k]);
        post_one (&w, KINDS[i].author, KINDS[i].kind, recipients, KINDS[i].routing, NULL,
                  names (KINDS[i].readers, RECIPIENTS[k]) ? "stored referral-not-allowed" : "record-not-allowed");
      }
  g_hash_table_unref (w.words);
}

static void
test_every_kind_has_a_row (void)
{
  g_auto (GStrv) kinds = list_hub ("record ");
  g_assert_cmpuint (g_strv_length (kinds), ==, G_N_ELEMENTS (KINDS));
  for (guint k = 0; k < G_N_ELEMENTS (KINDS); k++)
    if (!g_strv_contains ((const char *const *) kinds, KINDS[k].kind))
      g_error ("%s: the hub knows no such kind", KINDS[k].kind);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hub/roles/every-route-has-a-row", test_every_route_has_a_row);
  g_test_add_func ("/hub/roles/every-kind-has-a-row", test_every_kind_has_a_row);
  g_test_add ("/hub/roles/routes", Fixture, NULL, fixture_set_up, test_routes, fixture_tear_down);
  g_test_add ("/hub/roles/lists", Fixture, NULL, fixture_set_up, test_lists, fixture_tear_down);
  g_test_add ("/hub/roles/authors", Fixture, NULL, fixture_set_up, test_authors, fixture_tear_down);
  g_test_add ("/hub/roles/readers", Fixture, NULL, fixture_set_up, test_readers, fixture_tear_down);
  return g_test_run ();
}
