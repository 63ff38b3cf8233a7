/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "access.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "referral-file.h"
#include "sync-error.h"

/* A referral to a file and back through a real hub: to a department that has a desk, and to one that has none. */

#define DEPARTMENT "duty-east"  /* wang answers for it */
#define OUTSIDE "city-hospital" /* zhang does, who has no desk */
#define REASON "已与对方电话说好，用文件转过去。"
#define OUTCOME "已面诊，建议每周复诊一次。"

typedef struct
{
  AnxHubFixture *district;
  AnxClient *li;
  AnxClient *wang;
} Fixture;

static JsonObject *
find_entry (AnxHubFixture *district,
            const char *id)
{
  for (guint i = 0; i < json_array_get_length (district->principals); i++)
    {
      JsonObject *entry = json_array_get_object_element (district->principals, i);
      if (g_str_equal (json_object_get_string_member (entry, "id"), id))
        return entry;
    }
  g_assert_not_reached ();
}

/* Two departments: the fixture's group, and one more with a key, whose only member has never enrolled. */
static void
add_departments (AnxHubFixture *district)
{
  static const char *const role[] = { "department", NULL };
  static const char *const member[] = { "zhang", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_autofree char *request = anx_key_make_request (key, OUTSIDE, &error);
  g_autoptr (AnxCertificate) seal = anx_authority_issue (district->authority, request, OUTSIDE, ANX_KEY_USE_SEAL, g_get_real_time (), &error);
  g_assert_no_error (error);
  g_autofree char *pem = anx_certificate_to_pem (seal);
  anx_hub_fixture_add_unenrolled (district, "zhang", "person");
  anx_hub_fixture_add_unenrolled (district, OUTSIDE, "group");
  JsonObject *outside = find_entry (district, OUTSIDE);
  json_object_set_string_member (outside, "sealCertificate", pem);
  json_object_set_object_member (outside, "wrapped", json_object_new ());
  anx_json_set_strings (outside, "members", member);
  anx_json_set_strings (outside, "roles", role);
  anx_json_set_strings (find_entry (district, DEPARTMENT), "roles", role);
}

static void
set_up (Fixture *f,
        gconstpointer data)
{
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  f->district = anx_hub_fixture_new ();
  g_autoptr (AnxProfile) li = anx_hub_fixture_add (f->district, "li", "person", "counsellor");
  g_autoptr (AnxProfile) wang = anx_hub_fixture_add (f->district, "wang", "person", "duty");
  add_departments (f->district);
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  f->li = anx_hub_fixture_open_client (f->district, li, clock);
  f->wang = anx_hub_fixture_open_client (f->district, wang, clock);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  anx_client_stop (f->li);
  anx_client_stop (f->wang);
  g_clear_object (&f->li);
  g_clear_object (&f->wang);
  anx_hub_fixture_free (f->district);
}

static char *
refer (Fixture *f,
       const char *to)
{
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time ();
  char *task = anx_uuid_new (now);
  g_autofree char *id = anx_uuid_new (now);
  const AnxReferral referral = { .task = task, .from = (char *) "li", .to = (char *) to, .urgency = ANX_URGENCY_ROUTINE, .name = (char *) "王芳",
                                 .reason = (char *) "睡眠", .consented = TRUE, .created_usec = now };
  g_autoptr (JsonObject) resource = anx_referral_build (&referral, &error);
  g_assert_no_error (error);
  g_autofree char *text = g_strdup_printf ("{\"task\":\"%s\",\"centre\":\"east\",\"to\":\"%s\",\"urgency\":\"routine\",\"status\":\"requested\",\"businessStatus\":\"2.0\"}",
                                           task, to);
  g_autoptr (JsonObject) routing = anx_json_parse_object (text, -1, 4096, &error);
  const char *recipients[] = { "li", to, NULL };
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, ANX_KIND_REFERRAL, "li", recipients, NULL, now, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  g_assert_true (anx_client_write (f->li, header, node, &error));
  anx_settle (f->li);
  anx_settle (f->wang);
  return task;
}

static char *
export_as (AnxClient *client,
           const char *task)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = anx_referral_file_export (client, task, REASON, &error);
  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* What @who over there writes into the file: accepted, begun, done. */
static char *
answer_in (const char *file,
           const char *task,
           const char *who)
{
  static const char *const steps[][4] = { { "accept", "accepted", "3.0", "" }, { "start", "in-progress", "3.0", "" }, { "complete", "completed", "7.0", OUTCOME } };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) bundle = anx_json_parse_object (file, -1, ANX_REFERRAL_BUNDLE_BYTES, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      gint64 now = g_get_real_time ();
      g_autofree char *id = anx_uuid_new (now);
      const AnxReferralEvent event = { .task = (char *) task, .action = (char *) steps[i][0], .status = (char *) steps[i][1],
                                       .business_status = (char *) steps[i][2], .text = (char *) steps[i][3], .created_usec = now };
      g_autoptr (JsonObject) step = anx_referral_event_build (&event, &error);
      g_assert_no_error (error);
      g_assert_true (anx_referral_bundle_add (bundle, id, who, step, &error));
    }
  return anx_json_object_to_text (bundle);
}

static guint
import_as (AnxClient *client,
           const char *file,
           GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxReferralBundle) bundle = anx_referral_bundle_parse (file, -1, &inner);
  g_assert_no_error (inner);
  g_autoptr (GPtrArray) written = anx_referral_file_import (client, bundle, error);
  if (written == NULL)
    return G_MAXUINT;
  anx_settle (client);
  for (guint i = 0; i < written->len; i++)
    {
      g_autofree char *problem = anx_client_dup_record_problem (client, written->pdata[i]);
      g_assert_cmpstr (problem, ==, NULL);
      g_assert_false (anx_client_is_queued (client, written->pdata[i]));
    }
  return written->len;
}

/* Out to a department without a desk, its answers back: the loop is closed at the hub, and the history says who said it. */
static void
test_answers (Fixture *f,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *task = refer (f, OUTSIDE);
  g_autofree char *out = export_as (f->li, task);
  g_autofree char *back = answer_in (out, task, "zhang");
  g_assert_cmpuint (import_as (f->li, back, &error), ==, 3);
  g_assert_no_error (error);
  g_assert_cmpuint (import_as (f->li, back, &error), ==, 0);
  g_assert_cmpuint (import_as (f->li, out, &error), ==, 0);
  g_autofree char *again = export_as (f->li, task);
  g_autoptr (AnxReferralBundle) whole = anx_referral_bundle_parse (again, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (whole->steps->len, ==, 3);
  const AnxReferralBundleStep *last = whole->steps->pdata[2];
  g_assert_cmpstr (last->author, ==, "li");
  g_assert_cmpstr (last->event->told_by, ==, "zhang");
  g_assert_cmpstr (last->event->text, ==, OUTCOME);
  /* Each giving out has its record, with the words. */
  g_autoptr (GPtrArray) records = anx_client_list_records (f->li, ANX_KIND_ACCESS, &error);
  g_assert_cmpuint (records->len, ==, 2);
  g_autoptr (JsonNode) access = anx_client_open_record (f->li, records->pdata[0], &error);
  g_assert_no_error (error);
  g_autofree char *words = anx_access_dup_words (json_node_get_object (access));
  g_assert_cmpstr (words, ==, REASON);
  /* Another file, written over there without knowing of those answers. */
  g_autofree char *other = answer_in (out, task, "zhang");
  g_assert_cmpuint (import_as (f->li, other, &error), ==, G_MAXUINT);
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT);
}

/* While somebody of the department has a desk nobody speaks for it. */
static void
test_has_desk (Fixture *f,
               gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *task = refer (f, DEPARTMENT);
  g_autofree char *out = export_as (f->wang, task);
  g_autofree char *back = answer_in (out, task, "wang");
  g_autoptr (AnxReferralBundle) bundle = anx_referral_bundle_parse (back, -1, &error);
  g_autoptr (GPtrArray) written = anx_referral_file_import (f->li, bundle, &error);
  g_assert_no_error (error);
  anx_settle (f->li);
  g_autofree char *problem = anx_client_dup_record_problem (f->li, written->pdata[0]);
  g_assert_nonnull (problem);
  /* Who gave it out was the department; its author is told. */
  anx_settle (f->wang);
  anx_settle (f->li);
  g_autoptr (GPtrArray) records = anx_client_list_records (f->li, ANX_KIND_ACCESS, &error);
  g_assert_cmpuint (records->len, ==, 1);
}

/* One that was never here: by who answers for its receiver, and by nobody else. */
static void
test_taken_in (Fixture *f,
               gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *task = refer (f, DEPARTMENT);
  g_autofree char *out = export_as (f->li, task);
  g_autofree char *elsewhere = anx_uuid_new (g_get_real_time ());
  g_autoptr (GString) text = g_string_new (out);
  g_string_replace (text, task, elsewhere, 0);
  g_autofree char *file = answer_in (text->str, elsewhere, "zhang");
  g_assert_cmpuint (import_as (f->li, file, &error), ==, G_MAXUINT);
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpuint (import_as (f->wang, file, &error), ==, 4);
  g_assert_no_error (error);
  g_assert_cmpuint (import_as (f->wang, file, &error), ==, 0);
  g_autofree char *again = export_as (f->wang, elsewhere);
  g_autoptr (AnxReferralBundle) whole = anx_referral_bundle_parse (again, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (whole->steps->len, ==, 3);
  g_assert_cmpstr (whole->referral->from, ==, "li");
}

static void
test_refused (Fixture *f,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *task = refer (f, DEPARTMENT);
  g_autofree char *unknown = anx_uuid_new (g_get_real_time ());
  g_assert_null (anx_referral_file_export (f->li, unknown, REASON, &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN);
  g_clear_error (&error);
  g_assert_null (anx_referral_file_export (f->li, task, "", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_autoptr (GPtrArray) records = anx_client_list_records (f->li, ANX_KIND_ACCESS, &error);
  g_assert_cmpuint (records->len, ==, 0);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/sync/referral-file/answers", Fixture, NULL, set_up, test_answers, tear_down);
  g_test_add ("/sync/referral-file/has-desk", Fixture, NULL, set_up, test_has_desk, tear_down);
  g_test_add ("/sync/referral-file/taken-in", Fixture, NULL, set_up, test_taken_in, tear_down);
  g_test_add ("/sync/referral-file/refused", Fixture, NULL, set_up, test_refused, tear_down);
  return g_test_run ();
}
