/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "access.h"
#include "clock.h"
#include "desk-service.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"

/* That somebody looked is written down once, is sealed to whose session it is, and the real hub takes it. */

#define OWN "019aa000-0000-7000-8000-00000000000a"
#define ANOTHERS "019aa000-0000-7000-8000-00000000000b"
#define ALERT "019aa000-0000-7000-8000-00000000000c"

typedef struct
{
  AnxHubFixture *district;
  AnxProfile *reader_profile;
  AnxProfile *other_profile;
  AnxClock *clock;
  AnxClient *reader;
  AnxClient *other;
  AnxDeskService *service;
} Fixture;

static void
take_booking (Fixture *f,
              const char *id,
              const char *counsellor)
{
  g_autoptr (JsonObject) booking = json_object_new ();
  static const char *const words[][2] = { { "service", "talk" }, { "centre", "east" }, { "room", "r" }, { "status", "booked" } };
  json_object_set_string_member (booking, "id", id);
  json_object_set_string_member (booking, "counsellor", counsellor);
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    json_object_set_string_member (booking, words[i][0], words[i][1]);
  json_object_set_int_member (booking, "start", g_get_real_time ());
  json_object_set_int_member (booking, "end", g_get_real_time () + G_USEC_PER_SEC);
  g_assert_true (anx_desk_model_take_booking (anx_desk_service_get_model (f->service), booking));
}

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  f->reader_profile = anx_hub_fixture_add (f->district, "wang", "person", "counsellor");
  f->other_profile = anx_hub_fixture_add (f->district, "li", "person", "counsellor");
  f->clock = anx_clock_new_system ();
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  f->reader = anx_hub_fixture_open_client (f->district, f->reader_profile, f->clock);
  f->other = anx_hub_fixture_open_client (f->district, f->other_profile, f->clock);
  f->service = anx_desk_service_new (f->reader);
  take_booking (f, OWN, "wang");
  take_booking (f, ANOTHERS, "li");
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  anx_client_stop (f->reader);
  anx_client_stop (f->other);
  g_object_unref (f->service);
  g_object_unref (f->reader);
  g_object_unref (f->other);
  g_object_unref (f->clock);
  g_object_unref (f->reader_profile);
  g_object_unref (f->other_profile);
  anx_hub_fixture_free (f->district);
}

/* The one record of a reading at @client, as it says itself and as its header does. */
static char *
describe (AnxClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = anx_client_list_records (client, ANX_KIND_ACCESS, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 1);
  AnxRecordHeader *header = anx_inbox_record_get_header (records->pdata[0]);
  g_autoptr (JsonNode) resource = anx_client_open_record (client, records->pdata[0], &error);
  g_assert_no_error (error);
  g_autofree char *reader = NULL;
  g_autofree char *story = NULL;
  AnxAccessReason reason;
  gint64 read_usec;
  g_assert_true (anx_access_read (json_node_get_object (resource), &reader, &story, &reason, &read_usec, &error));
  g_autofree char *recipients = g_strjoinv (" ", (char **) anx_record_header_get_recipients (header));
  const char *member = reason == ANX_ACCESS_SESSION ? "booking" : "alert";
  g_assert_cmpstr (anx_json_get_string (anx_record_header_get_routing (header), member, NULL), ==, story);
  g_assert_cmpint (ABS (g_get_real_time () - read_usec), <, 120 * (gint64) G_USEC_PER_SEC);
  return g_strdup_printf ("%s %s %s to %s", reader, member, story, recipients);
}

static void
test_own (Fixture *f,
          gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    anx_desk_service_note_reading (f->service, OWN, ANX_ACCESS_SESSION);
  anx_desk_service_note_reading (f->service, "no-story", ANX_ACCESS_SESSION);
  g_autofree char *said = describe (f->reader);
  g_assert_cmpstr (said, ==, "wang booking " OWN " to wang");
  anx_settle (f->reader);
  g_assert_cmpuint (anx_client_count_set_aside (f->reader), ==, 0);
}

static void
test_anothers (Fixture *f,
               gconstpointer data)
{
  anx_desk_service_note_reading (f->service, ANOTHERS, ANX_ACCESS_SESSION);
  anx_settle (f->reader);
  g_assert_cmpuint (anx_client_count_set_aside (f->reader), ==, 0);
  anx_settle (f->other);
  g_autofree char *said = describe (f->other);
  g_assert_cmpstr (said, ==, "wang booking " ANOTHERS " to wang li");
}

static void
test_alert (Fixture *f,
            gconstpointer data)
{
  anx_desk_service_note_reading (f->service, ALERT, ANX_ACCESS_ALERT);
  anx_settle (f->reader);
  g_assert_cmpuint (anx_client_count_set_aside (f->reader), ==, 0);
  g_autofree char *said = describe (f->reader);
  g_assert_cmpstr (said, ==, "wang alert " ALERT " to wang");
}

static gboolean
is_ready (gpointer data)
{
  return anx_record_index_is_ready (data);
}

/* Put away by its age: on no page, until somebody has said why. */
static void
test_sealed (Fixture *f,
             gconstpointer data)
{
  static const char *const recipients[] = { "wang", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", OWN);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, "intake", "li", recipients, NULL, g_get_real_time (), routing);
  g_autoptr (JsonNode) node = json_from_string ("{\"resourceType\":\"Basic\"}", NULL);
  g_assert_true (anx_client_write (f->other, header, node, &error));
  g_autoptr (AnxInboxRecord) written = anx_client_get_record (f->other, id, &error);
  anx_client_stop (f->reader);
  g_assert_true (anx_client_take_record (f->reader, anx_inbox_record_get_envelope (written), &error));
  AnxRecordIndex *index = anx_desk_service_get_index (f->service);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_ptr_array_add (ids, id);

  /* 400 days later. */
  anx_clock_observe (f->clock, g_get_real_time () + 400 * ANX_USEC_PER_DAY);
  anx_record_index_start (index);
  anx_wait_until (is_ready, index, 20);
  const AnxIndexEntry *entry = anx_record_index_get (index, id);
  g_assert_true (entry != NULL && anx_desk_service_is_sealed (f->service, entry));
  g_assert_null (anx_desk_model_get_record (anx_desk_service_get_model (f->service), id));
  g_assert_false (anx_desk_service_unseal (f->service, ids, "", &error));
  g_clear_error (&error);
  g_assert_true (anx_desk_service_is_sealed (f->service, entry));

  g_assert_true (anx_desk_service_unseal (f->service, ids, "她又来了，要接着谈", &error));
  g_assert_no_error (error);
  g_assert_false (anx_desk_service_is_sealed (f->service, entry));
  g_assert_nonnull (anx_desk_model_get_record (anx_desk_service_get_model (f->service), id));
  g_autoptr (GPtrArray) records = anx_client_list_records (f->reader, ANX_KIND_ACCESS, &error);
  g_assert_cmpuint (records->len, ==, 1);
  AnxRecordHeader *access = anx_inbox_record_get_header (records->pdata[0]);
  g_autoptr (JsonNode) resource = anx_client_open_record (f->reader, records->pdata[0], &error);
  g_assert_no_error (error);
  g_autofree char *words = anx_access_dup_words (json_node_get_object (resource));
  g_autofree char *told = g_strjoinv (" ", (char **) anx_record_header_get_recipients (access));
  g_assert_cmpstr (words, ==, "她又来了，要接着谈");
  g_assert_cmpstr (told, ==, "wang li");
  g_assert_cmpstr (anx_json_get_string (anx_record_header_get_routing (access), "booking", NULL), ==, OWN);

  /* Erased, nothing of it is left on a page. */
  anx_desk_model_forget_record (anx_desk_service_get_model (f->service), id);
  g_assert_null (anx_desk_model_get_record (anx_desk_service_get_model (f->service), id));
  anx_record_index_stop (index);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autofree char *folder = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "data", NULL);
  g_setenv ("ANX_DATA_DIR", folder, TRUE);
  g_test_add ("/desk/reading/own", Fixture, NULL, set_up, test_own, tear_down);
  g_test_add ("/desk/reading/anothers", Fixture, NULL, set_up, test_anothers, tear_down);
  g_test_add ("/desk/reading/alert", Fixture, NULL, set_up, test_alert, tear_down);
  g_test_add ("/desk/reading/sealed", Fixture, NULL, set_up, test_sealed, tear_down);
  return g_test_run ();
}
