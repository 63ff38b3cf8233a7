/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "authority.h"
#include "care-testing.h"
#include "desk-model.h"
#include "desk-widgets.h"
#include "json.h"
#include "ui-text.h"

#define NOW ((gint64) 1795312800 * G_USEC_PER_SEC)
#define B1 "01a2010e-ae43-7e7e-9f0f-000000000001"
#define B2 "01a2010e-ae43-7e7e-9f0f-000000000002"
#define B3 "01a2010e-ae43-7e7e-9f0f-000000000003"
#define TASK "01a2010e-ae43-7e7e-9f0f-0000000000aa"
#define ALERT "01a2010e-ae43-7e7e-9f0f-0000000000bb"

typedef struct
{
  AnxClock *clock;
  AnxDeskModel *model;
  guint changed;
} Fixture;

static void
count (Fixture *fixture)
{
  fixture->changed++;
}

static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  fixture->clock = anx_clock_new_fixed (NOW);
  fixture->model = anx_desk_model_new ("li", fixture->clock);
  g_signal_connect_swapped (fixture->model, "changed", G_CALLBACK (count), fixture);
}

static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  g_assert_finalize_object (fixture->model);
  g_assert_finalize_object (fixture->clock);
}

static void
take_bookings (Fixture *fixture,
               guint unusable,
               const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_assert_nonnull (node);
  g_assert_cmpuint (anx_desk_model_take_bookings (fixture->model, json_node_get_array (node), TRUE), ==, unusable);
}

static char *
booking (const char *id,
         const char *counsellor,
         const char *status,
         gint64 start_minutes,
         gint64 changed_minutes)
{
  gint64 start = NOW + start_minutes * ANX_USEC_PER_MINUTE;
  return g_strdup_printf (
      "{\"id\":\"%s\",\"service\":\"s\",\"counsellor\":\"%s\",\"centre\":\"c\",\"room\":\"r\",\"kiosk\":\"k\","
      "\"start\":%" G_GINT64_FORMAT ",\"end\":%" G_GINT64_FORMAT ",\"status\":\"%s\",\"changed\":%" G_GINT64_FORMAT "}",
      id, counsellor, start, start + 50 * ANX_USEC_PER_MINUTE, status, NOW + changed_minutes * ANX_USEC_PER_MINUTE);
}

static void
take (Fixture *fixture,
      const char *id,
      const char *kind,
      const char *author,
      const char *predecessor,
      gint64 at_minutes,
      JsonObject *routing,
      JsonObject *resource)
{
  g_autoptr (AnxDeskRecord) record
      = anx_desk_record_new (id, kind, author, predecessor, NOW + at_minutes * ANX_USEC_PER_MINUTE, routing, resource);
  g_assert_true (anx_desk_model_take_record (fixture->model, record));
}

static JsonObject *
route (const char *first,
       ...)
{
  JsonObject *object = json_object_new ();
  va_list args;
  va_start (args, first);
  for (const char *name = first; name != NULL; name = va_arg (args, const char *))
    json_object_set_string_member (object, name, va_arg (args, const char *));
  va_end (args);
  return object;
}

static void
test_contact_joins (Fixture *fixture,
                    gconstpointer data)
{
  g_autofree char *one = booking (B1, "li", "booked", 30, -60);
  g_autofree char *list = g_strdup_printf ("[%s]", one);
  g_autoptr (JsonObject) routing = route ("booking", B1, NULL);
  g_autoptr (JsonObject) contact = anx_contact_build ("王晓明", FALSE, "13800001111", B1);

  /* Either may come first. */
  take (fixture, "r1", ANX_KIND_CONTACT, "k", NULL, 0, routing, contact);
  take_bookings (fixture, 0, list);
  g_assert_cmpstr (anx_desk_model_get_contact (fixture->model, B1)->name, ==, "王晓明");
  g_assert_cmpstr (anx_desk_model_get_contact (fixture->model, B1)->phone, ==, "13800001111");
  g_assert_null (anx_desk_model_get_contact (fixture->model, B2));
  g_assert_null (anx_desk_model_get_contact (fixture->model, NULL));
  /* An older record does not replace a newer one; one that cannot be opened changes nothing. */
  g_autoptr (JsonObject) old = anx_contact_build ("旧名", FALSE, "", B1);
  take (fixture, "r0", ANX_KIND_CONTACT, "k", NULL, -5, routing, old);
  take (fixture, "r2", ANX_KIND_CONTACT, "k", NULL, 5, routing, NULL);
  g_assert_cmpstr (anx_desk_model_get_contact (fixture->model, B1)->name, ==, "王晓明");
  g_assert_cmpuint (fixture->changed, >=, 4);
}

/* Who sits in has the session among their own, and has somebody next. */
static void
test_sitting_in (Fixture *fixture,
                 gconstpointer data)
{
  g_autofree char *one = booking (B1, "li", "booked", 10, -60);
  g_autofree char *other = booking (B2, "li", "booked", 90, -60);
  g_autofree char *joint = g_strndup (one, strlen (one) - 1);
  g_autofree char *list = g_strdup_printf ("[%s,\"mediator\":\"zhao\"},%s]", joint, other);

  take_bookings (fixture, 0, list);
  g_autoptr (GPtrArray) hers = anx_desk_model_list_bookings (fixture->model, "zhao", NOW, NOW + ANX_USEC_PER_DAY);
  g_autoptr (GPtrArray) his = anx_desk_model_list_bookings (fixture->model, "li", NOW, NOW + ANX_USEC_PER_DAY);
  g_assert_cmpuint (hers->len, ==, 1);
  g_assert_cmpstr (((const AnxDeskBooking *) hers->pdata[0])->id, ==, B1);
  g_assert_cmpuint (his->len, ==, 2);
  g_assert_cmpstr (anx_desk_model_get_next (fixture->model, "zhao")->id, ==, B1);
  g_assert_null (anx_desk_model_get_next (fixture->model, "wang"));
}

static void
test_next (Fixture *fixture,
           gconstpointer data)
{
  g_autofree char *coming = booking (B1, "li", "booked", 10, -60);
  g_autofree char *late = booking (B2, "li", "checked-in", 5, -3);
  g_autofree char *early = booking (B3, "li", "checked-in", 60, -7);
  g_autofree char *only_coming = g_strdup_printf ("[%s]", coming);
  g_autofree char *all = g_strdup_printf ("[%s,%s,%s,{\"id\":\"x\"},7]", coming, late, early);

  g_assert_null (anx_desk_model_get_next (fixture->model, "li"));
  take_bookings (fixture, 0, only_coming);
  g_assert_cmpstr (anx_desk_model_get_next (fixture->model, "li")->id, ==, B1);
  g_assert_cmpint (anx_desk_model_get_minutes_waiting (fixture->model, anx_desk_model_get_booking (fixture->model, B1)),
                   ==, -1);
  /* Two elements are unusable and do not block the others; who waits longest is next. */
  take_bookings (fixture, 2, all);
  g_assert_cmpstr (anx_desk_model_get_next (fixture->model, "li")->id, ==, B3);
  g_assert_cmpint (anx_desk_model_get_minutes_waiting (fixture->model, anx_desk_model_get_booking (fixture->model, B3)),
                   ==, 7);
  g_assert_null (anx_desk_model_get_next (fixture->model, "wang"));
  g_autoptr (GPtrArray) day = anx_desk_model_list_bookings (fixture->model, "li", NOW, NOW + ANX_USEC_PER_DAY);
  g_assert_cmpuint (day->len, ==, 3);
  g_assert_cmpstr (((AnxDeskBooking *) day->pdata[0])->id, ==, B2);
  /* Whoever sits in has it on the day, too. */
  g_autofree char *joint = g_strdup_printf ("[{\"mediator\":\"zhao\",%s]", early + 1);
  take_bookings (fixture, 0, joint);
  g_assert_cmpstr (anx_desk_model_get_next (fixture->model, "zhao")->id, ==, B3);
  g_assert_cmpstr (anx_desk_model_get_next (fixture->model, "li")->id, ==, B3);
  g_assert_null (anx_desk_model_get_next (fixture->model, "wang"));
}

static void
test_over_is_nobodys_next (Fixture *fixture,
                           gconstpointer data)
{
  g_autofree char *over = booking (B1, "li", "booked", -90, -100);
  g_autofree char *list = g_strdup_printf ("[%s]", over);
  take_bookings (fixture, 0, list);
  g_assert_null (anx_desk_model_get_next (fixture->model, "li"));
}

static void
test_alerts (Fixture *fixture,
             gconstpointer data)
{
  g_autoptr (JsonObject) routing = route ("level", "red", "centre", "c", "room", "r", NULL);
  g_autoptr (JsonObject) acknowledgement = route ("alert", ALERT, NULL);

  take (fixture, ALERT, ANX_KIND_ALERT, "k", NULL, -2, routing, NULL);
  const AnxDeskAlert *alert = anx_desk_model_get_alert (fixture->model, ALERT);
  g_assert_false (alert->acknowledged);
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_RED);
  g_assert_cmpstr (alert->kiosk, ==, "k");
  take (fixture, "ack", ANX_KIND_ALERT_ACKNOWLEDGEMENT, "wang", NULL, -1, acknowledgement, NULL);
  g_assert_true (alert->acknowledged);
  g_assert_cmpstr (alert->acknowledged_by, ==, "wang");
  /* The hub's older view does not take an acknowledgement back. */
  g_autofree char *text = g_strdup_printf ("[{\"id\":\"%s\",\"level\":\"yellow\",\"centre\":\"c\",\"room\":\"r\","
                                           "\"kiosk\":\"k\",\"created\":%" G_GINT64_FORMAT "}]",
                                           ALERT, NOW - 2 * ANX_USEC_PER_MINUTE);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_assert_cmpuint (anx_desk_model_take_alerts (fixture->model, json_node_get_array (node)), ==, 0);
  g_assert_true (anx_desk_model_get_alert (fixture->model, ALERT)->acknowledged);
}

static void
test_acknowledgement_first (Fixture *fixture,
                            gconstpointer data)
{
  g_autoptr (JsonObject) routing = route ("level", "yellow", NULL);
  g_autoptr (JsonObject) acknowledgement = route ("alert", ALERT, NULL);
  take (fixture, "ack", ANX_KIND_ALERT_ACKNOWLEDGEMENT, "wang", NULL, -1, acknowledgement, NULL);
  take (fixture, ALERT, ANX_KIND_ALERT, "k", NULL, -2, routing, NULL);
  g_assert_true (anx_desk_model_get_alert (fixture->model, ALERT)->acknowledged);
}

#define PERSON(id, centre, role) "{\"id\":\"" id "\",\"kind\":\"person\",\"name\":\"x\",\"centre\":\"" centre "\",\"roles\":[\"" role "\"],\"active\":true}"

static AnxDirectory *
make_directory (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAuthority) authority = anx_authority_create ("test", "Test", g_get_real_time (), &error);
  g_assert_no_error (error);
  static const char json[] = "{\"district\":\"test\",\"version\":1,\"services\":[],\"centres\":[{\"id\":\"c\",\"rooms\":[]},{\"id\":\"d\",\"rooms\":[]}],"
                             "\"principals\":[" PERSON ("li", "c", "counsellor") "," PERSON ("wang", "c", "duty") "," PERSON ("chen", "c", "staff") "," PERSON (
                               "far", "d", "counsellor") "," PERSON ("sun", "c", "department") "]}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, sizeof json - 1);
  g_autoptr (GBytes) der = anx_authority_sign_directory (authority, bytes, &error);
  g_assert_no_error (error);
  AnxDirectory *directory = anx_directory_open (der, anx_authority_get_certificate (authority), NULL, &error);
  g_assert_no_error (error);
  return directory;
}

static void
set_level (Fixture *fixture,
           const char *record,
           const char *author,
           gint64 at_minutes,
           const char *level)
{
  g_autoptr (JsonObject) routing = route ("alert", ALERT, "level", level, NULL);
  take (fixture, record, ANX_KIND_LEVEL_CHANGE, author, NULL, at_minutes, routing, NULL);
}

/* A hub in hostile hands passes on what it should refuse, and says of a level what it likes: only a counsellor of the centre lowers it here. */
static void
test_levels (Fixture *fixture,
             gconstpointer data)
{
  g_autoptr (AnxDirectory) directory = make_directory ();
  g_autoptr (JsonObject) routing = route ("level", "red", "centre", "c", "room", "r", NULL);
  anx_desk_model_set_directory (fixture->model, directory);
  take (fixture, ALERT, ANX_KIND_ALERT, "k", NULL, -9, routing, NULL);
  const AnxDeskAlert *alert = anx_desk_model_get_alert (fixture->model, ALERT);
  static const char *const others[] = { "wang", "chen", "far", "sun", "k", "nobody" };
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *id = g_strdup_printf ("low-%u", (guint) i);
      set_level (fixture, id, others[i], -8, "green");
      g_test_message ("%s lowers", others[i]);
      g_assert_cmpint (alert->level, ==, ANX_LEVEL_RED);
      g_assert_false (((AnxDeskLevelChange *) g_ptr_array_index (alert->levels, i))->counts);
    }
  /* A hub that lies about the level, or about where it is: whose counsellor "far" is. */
  g_autofree char *text = g_strdup_printf ("[{\"id\":\"%s\",\"level\":\"green\",\"centre\":\"d\",\"room\":\"s\",\"kiosk\":\"k\",\"created\":%" G_GINT64_FORMAT "}]",
                                           ALERT, NOW - 9 * ANX_USEC_PER_MINUTE);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_assert_cmpuint (anx_desk_model_take_alerts (fixture->model, json_node_get_array (node)), ==, 0);
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_RED);
  g_assert_cmpstr (alert->centre, ==, "c");
  g_assert_cmpstr (alert->room, ==, "r");

  set_level (fixture, "l1", "li", -7, "green");
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_GREEN);
  /* Whoever may answer raises it; who has no part in it does not. */
  set_level (fixture, "l2", "sun", -6, "red");
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_GREEN);
  set_level (fixture, "l3", "chen", -5, "yellow");
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_YELLOW);
  set_level (fixture, "l4", "wang", -4, "red");
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_RED);
  /* Without the directory nobody is known who could lower it. */
  anx_desk_model_set_directory (fixture->model, NULL);
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_RED);
  set_level (fixture, "l5", "li", -3, "green");
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_RED);
  anx_desk_model_set_directory (fixture->model, directory);
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_GREEN);
}

static JsonObject *
note (const char *text,
      gint64 at_minutes)
{
  return anx_note_build (text, B1, "li", NOW + at_minutes * ANX_USEC_PER_MINUTE);
}

static void
test_note_conflict (Fixture *fixture,
                    gconstpointer data)
{
  g_autoptr (JsonObject) routing = route ("booking", B1, NULL);
  g_autoptr (JsonObject) first = note ("one", 0);
  g_autoptr (JsonObject) second = note ("two", 1);
  g_autoptr (JsonObject) third = note ("three", 2);

  take (fixture, "n1", ANX_KIND_NOTE, "li", NULL, 0, routing, first);
  take (fixture, "n2", ANX_KIND_NOTE, "li", "n1", 1, routing, second);
  {
    g_autoptr (GPtrArray) chains = anx_desk_model_list_note_chains (fixture->model, B1);
    AnxDeskChain *chain = chains->pdata[0];
    g_assert_cmpuint (chains->len, ==, 1);
    g_assert_null (chain->conflict);
    g_assert_cmpstr (chain->tip->id, ==, "n2");
  }
  take (fixture, "n3", ANX_KIND_NOTE, "li", "n1", 2, routing, third);
  {
    g_autoptr (GPtrArray) chains = anx_desk_model_list_note_chains (fixture->model, B1);
    AnxDeskChain *chain = chains->pdata[0];
    g_assert_nonnull (chain->conflict);
    g_assert_cmpuint (chain->conflict->len, ==, 2);
    g_assert_cmpstr (chain->tip->id, ==, "n1");
  }
  /* A person chooses: a record that follows one of them. */
  take (fixture, "n4", ANX_KIND_NOTE, "li", "n3", 3, routing, third);
  {
    g_autoptr (GPtrArray) chains = anx_desk_model_list_note_chains (fixture->model, B1);
    AnxDeskChain *chain = chains->pdata[0];
    g_assert_null (chain->conflict);
    g_assert_cmpstr (chain->tip->id, ==, "n4");
  }
}

static void
take_event (Fixture *fixture,
            const char *id,
            const char *predecessor,
            const char *status,
            const char *business,
            gint64 at_minutes)
{
  g_autoptr (JsonObject) routing = route ("task", TASK, "status", status, "businessStatus", business, NULL);
  AnxReferralEvent event = { (char *) TASK, NULL, (char *) status, (char *) business, (char *) "words", 0, NULL, NOW };
  g_autoptr (JsonObject) resource = anx_referral_event_build (&event, NULL);
  take (fixture, id, ANX_KIND_REFERRAL_EVENT, "zhou", predecessor, at_minutes, routing, resource);
}

static void
take_referral (Fixture *fixture)
{
  g_autoptr (JsonObject) routing = route ("task", TASK, "centre", "c", "to", "mental-health", "urgency", "urgent",
                                          "status", "requested", "businessStatus", "2.0", "booking", B1, NULL);
  take (fixture, "f1", ANX_KIND_REFERRAL, "li", NULL, 0, routing, NULL);
}

static void
test_referral_flow (Fixture *fixture,
                    gconstpointer data)
{
  take_referral (fixture);
  const AnxDeskReferral *referral = anx_desk_model_get_referral (fixture->model, TASK);
  g_assert_cmpstr (referral->status, ==, "requested");
  g_assert_cmpint (referral->urgency, ==, ANX_URGENCY_URGENT);
  g_assert_true (anx_desk_referral_allows (referral, ANX_REFERRAL_ACCEPT));
  g_assert_true (anx_desk_referral_allows (referral, ANX_REFERRAL_DECLINE));
  take_event (fixture, "e1", "f1", "accepted", "3.0", 1);
  g_assert_cmpstr (referral->status, ==, "accepted");
  g_assert_cmpstr (referral->tip, ==, "e1");
  g_assert_false (anx_desk_referral_allows (referral, ANX_REFERRAL_ACCEPT));
  take_event (fixture, "e2", "e1", "in-progress", "3.0", 2);
  take_event (fixture, "e3", "e2", "completed", "7.0", 3);
  g_assert_cmpstr (referral->status, ==, "completed");
  g_assert_cmpuint (referral->events->len, ==, 3);
  g_assert_cmpstr (((AnxDeskEvent *) referral->events->pdata[2])->text, ==, "words");
  g_assert_false (anx_desk_referral_allows (referral, ANX_REFERRAL_COMPLETE));
  g_assert_cmpint (referral->due_usec, ==, 0);
}

static void
test_referral_conflict (Fixture *fixture,
                        gconstpointer data)
{
  take_referral (fixture);
  const AnxDeskReferral *referral = anx_desk_model_get_referral (fixture->model, TASK);
  /* The same answer twice is no conflict. */
  take_event (fixture, "e1", "f1", "accepted", "3.0", 1);
  take_event (fixture, "e2", "f1", "accepted", "3.0", 2);
  g_assert_null (referral->conflict);
  g_assert_cmpstr (referral->status, ==, "accepted");
  /* Another one is, and nothing but choosing may be done. */
  take_event (fixture, "e3", "f1", "rejected", "4.0", 3);
  g_assert_nonnull (referral->conflict);
  g_assert_cmpuint (referral->conflict->len, ==, 3);
  g_assert_cmpstr (referral->status, ==, "requested");
  g_assert_false (anx_desk_referral_allows (referral, ANX_REFERRAL_ACCEPT));
  take_event (fixture, "e4", "e1", "accepted", "3.0", 4);
  g_assert_null (referral->conflict);
  g_assert_cmpstr (referral->status, ==, "accepted");
}

static void
test_referral_hub_status (Fixture *fixture,
                          gconstpointer data)
{
  /* Staff get no record: the hub's header is all they see. */
  g_autofree char *text = g_strdup_printf ("[{\"task\":\"%s\",\"from\":\"li\",\"to\":\"d\",\"urgency\":\"routine\","
                                           "\"status\":\"accepted\",\"businessStatus\":\"3.0\",\"requested\":%" G_GINT64_FORMAT
                                           ",\"changed\":%" G_GINT64_FORMAT ",\"due\":%" G_GINT64_FORMAT "}]",
                                           TASK, NOW - ANX_USEC_PER_HOUR, NOW, NOW + 3 * ANX_USEC_PER_HOUR);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_assert_cmpuint (anx_desk_model_take_referrals (fixture->model, json_node_get_array (node)), ==, 0);
  const AnxDeskReferral *referral = anx_desk_model_get_referral (fixture->model, TASK);
  g_assert_cmpstr (referral->status, ==, "accepted");
  g_assert_null (referral->content);
  g_assert_cmpint (referral->light, ==, ANX_LEVEL_YELLOW);
  g_assert_false (anx_desk_referral_allows (referral, ANX_REFERRAL_COMPLETE));
  /* The light moves with the clock, without news. */
  anx_clock_advance (fixture->clock, 4 * ANX_USEC_PER_HOUR);
  g_assert_cmpint (anx_desk_model_get_referral (fixture->model, TASK)->light, ==, ANX_LEVEL_RED);
}

static void
test_ring_of_predecessors (Fixture *fixture,
                           gconstpointer data)
{
  take_referral (fixture);
  take_event (fixture, "e1", "f1", "accepted", "3.0", 1);
  take_event (fixture, "e1", "e1", "accepted", "3.0", 1);
  g_assert_nonnull (anx_desk_model_get_referral (fixture->model, TASK));
}

static void
test_roles (void)
{
  const struct
  {
    const char *roles[4];
    AnxDeskPages pages;
  } table[] = {
    { { NULL }, 0 },
    { { "administrator", NULL }, 0 },
    { { "counsellor", NULL }, ANX_DESK_PAGE_DAY | ANX_DESK_PAGE_FOLLOW_UPS | ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
    { { "duty", NULL }, ANX_DESK_PAGE_ALERTS },
    { { "staff", NULL }, ANX_DESK_PAGE_BOOKINGS | ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
    { { "department", NULL }, ANX_DESK_PAGE_DEPARTMENT },
    { { "supervisor", NULL }, ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
    { { "department", "duty", NULL }, ANX_DESK_PAGE_DEPARTMENT | ANX_DESK_PAGE_ALERTS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (anx_desk_pages_for_roles (table[i].roles), ==, table[i].pages);
    }
  g_assert_cmpint (anx_desk_pages_for_roles (NULL), ==, 0);
}

#define ADD(name, func) g_test_add ("/desk/model/" name, Fixture, NULL, set_up, func, tear_down)

static void
take_follow_up (Fixture *fixture,
                const char *id,
                const char *predecessor,
                gint64 at_minutes,
                const AnxFollowUp *follow_up)
{
  g_autoptr (JsonObject) routing = route ("booking", follow_up->booking, NULL);
  g_autoptr (JsonObject) resource = anx_follow_up_build (follow_up, "li", NULL);
  g_assert_nonnull (resource);
  take (fixture, id, ANX_KIND_FOLLOW_UP, "li", predecessor, at_minutes, routing, resource);
}

/* Each follow-up stands once, as its last step says, what presses first. */
static void
test_follow_ups (Fixture *fixture,
                 gconstpointer data)
{
  AnxFollowUp coming = { .booking = (char *) B1, .reason = (char *) "睡眠", .unit = ANX_FOLLOW_UP_WEEKS, .every = 1,
                         .due_usec = NOW + 3 * ANX_USEC_PER_DAY, .written_usec = NOW - 9 * ANX_USEC_PER_DAY };
  AnxFollowUp late = coming;
  late.booking = (char *) B2;
  late.due_usec = NOW - 2 * ANX_USEC_PER_DAY;
  take_follow_up (fixture, "f1", NULL, -60, &coming);
  take_follow_up (fixture, "g1", NULL, -50, &late);
  g_autoptr (GPtrArray) two = anx_desk_model_list_follow_ups (fixture->model, NULL);
  g_assert_cmpuint (two->len, ==, 2);
  const AnxDeskFollowUp *first = g_ptr_array_index (two, 0);
  g_assert_cmpint (first->state, ==, ANX_FOLLOW_UP_OVERDUE);
  g_assert_cmpstr (first->now->booking, ==, B2);
  /* Reached: it moves to those that come; the step before is history. */
  g_autoptr (AnxFollowUp) reached = anx_follow_up_step (&late, ANX_FOLLOW_UP_REACHED, "好些", NULL, NULL, NOW, NULL);
  take_follow_up (fixture, "g2", "g1", -40, reached);
  g_autoptr (GPtrArray) later = anx_desk_model_list_follow_ups (fixture->model, NULL);
  g_assert_cmpuint (later->len, ==, 2);
  for (guint i = 0; i < later->len; i++)
    g_assert_cmpint (((const AnxDeskFollowUp *) g_ptr_array_index (later, i))->state, ==, ANX_FOLLOW_UP_COMING);
  const AnxDeskFollowUp *moved = g_ptr_array_index (later, 1);
  g_assert_cmpstr (moved->chain->tip->id, ==, "g2");
  g_assert_cmpstr (moved->now->words, ==, "好些");
  g_assert_cmpuint (moved->chain->path->len, ==, 2);
  /* Two steps that follow the same one: a conflict, and a person ends it. */
  g_autoptr (AnxFollowUp) ended = anx_follow_up_step (&late, ANX_FOLLOW_UP_ENDED, "不需要了", NULL, NULL, NOW, NULL);
  take_follow_up (fixture, "g3", "g1", -30, ended);
  g_autoptr (GPtrArray) forked = anx_desk_model_list_follow_ups (fixture->model, NULL);
  g_assert_cmpuint (forked->len, ==, 2);
  guint conflicts = 0;
  for (guint i = 0; i < forked->len; i++)
    conflicts += ((const AnxDeskFollowUp *) g_ptr_array_index (forked, i))->chain->conflict != NULL;
  g_assert_cmpuint (conflicts, ==, 1);
}

/* Four scores of one questionnaire, of one value: what is chosen for a letter tells them apart, in the language of the screen. */
static void
test_score_names (void)
{
  static const struct
  {
    const char *language;
    const char *first;
  } cases[] = { { "zh_CN", "DASS-21 抑郁分: 0 (正常范围)" }, { "en", "DASS-21 depression: 0 (normal range)" } };
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire ("data/questionnaires/dass-21.json");
  g_autoptr (GPtrArray) filled = g_ptr_array_new_with_free_func (g_object_unref);
  AnxAnswers *answers = anx_answers_new (questionnaire);
  g_ptr_array_add (filled, answers);
  for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
    anx_answers_set (answers, i, 0);
  g_autoptr (JsonObject) record = anx_screening_build (filled, NULL, TRUE, NOW);
  AnxLevel level;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = anx_screening_read (record, &level, &error);
  g_assert_no_error (error);
  GPtrArray *scores = ((AnxScreeningPart *) g_ptr_array_index (parts, 0))->scores;
  g_assert_cmpuint (scores->len, ==, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GHashTable) lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      anx_ui_set_language (cases[i].language);
      for (guint k = 0; k < scores->len; k++)
        g_assert_true (g_hash_table_add (lines, anx_desk_describe_score (g_ptr_array_index (scores, k), "DASS-21")));
      g_assert_true (g_hash_table_contains (lines, cases[i].first));
    }
  AnxScore nameless = { .code = (char *) "x", .present = TRUE, .value = 3 };
  g_autofree char *line = anx_desk_describe_score (&nameless, "Scale");
  g_assert_cmpstr (line, ==, "Scale: 3");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("contact-joins-booking", test_contact_joins);
  ADD ("next-person", test_next);
  ADD ("sitting-in", test_sitting_in);
  ADD ("over-is-nobodys-next", test_over_is_nobodys_next);
  ADD ("alerts", test_alerts);
  ADD ("levels", test_levels);
  ADD ("acknowledgement-first", test_acknowledgement_first);
  ADD ("note-conflict", test_note_conflict);
  ADD ("referral-flow", test_referral_flow);
  ADD ("referral-conflict", test_referral_conflict);
  ADD ("referral-hub-status", test_referral_hub_status);
  ADD ("ring-of-predecessors", test_ring_of_predecessors);
  ADD ("follow-ups", test_follow_ups);
  g_test_add_func ("/desk/model/roles", test_roles);
  g_test_add_func ("/desk/model/score-names", test_score_names);
  return g_test_run ();
}
