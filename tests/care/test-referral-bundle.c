/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "json.h"
#include "referral-bundle.h"

#define NOW (G_GINT64_CONSTANT (1795140000) * G_USEC_PER_SEC)
#define TASK "01940000-0000-7000-8000-000000000001"
#define OTHER "01940000-0000-7000-8000-000000000002"
#define STEP(n) "01940000-0000-7000-8000-0000000000a" n

static AnxReferral *
make_referral (void)
{
  AnxReferral *self = g_new0 (AnxReferral, 1);
  self->task = g_strdup (TASK);
  self->from = g_strdup ("li-wei");
  self->to = g_strdup ("city-hospital");
  self->urgency = ANX_URGENCY_URGENT;
  self->need = g_strdup ("medical");
  self->name = g_strdup ("王芳");
  self->phone = g_strdup ("13800138000");
  self->gender = g_strdup ("female");
  self->birth_year = 1956;
  self->address = g_strdup ("云河街道");
  self->guardian = g_strdup ("李强");
  self->guardian_phone = g_strdup ("13900139000");
  self->reason = g_strdup ("近一个月入睡困难。");
  self->level = g_strdup ("yellow");
  self->grounds = g_strdup ("量表和谈话");
  self->measures = g_strdup ("谈过两次");
  self->summary = g_strdup ("请评估睡眠。");
  self->consented = TRUE;
  self->tell_at_kiosk = TRUE;
  self->part_of = g_strdup (OTHER);
  self->created_usec = NOW;
  return self;
}

static JsonObject *
make_step (const char *action,
           const char *status,
           const char *business,
           const char *text,
           gint64 visit_usec,
           gint64 at_usec)
{
  g_autoptr (GError) error = NULL;
  const AnxReferralEvent event = { .task = (char *) TASK, .action = (char *) action, .status = (char *) status, .business_status = (char *) business,
                                   .text = (char *) text, .visit_usec = visit_usec, .created_usec = at_usec };
  JsonObject *step = anx_referral_event_build (&event, &error);
  g_assert_no_error (error);
  return step;
}

static void
add (JsonObject *bundle,
     const char *id,
     const char *author,
     JsonObject *step)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (anx_referral_bundle_add (bundle, id, author, step, &error));
  g_assert_no_error (error);
  json_object_unref (step);
}

/* Accepted, an appointment, attended, done. */
static JsonObject *
make_bundle (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxReferral) referral = make_referral ();
  g_autoptr (JsonObject) record = anx_referral_build (referral, &error);
  g_assert_no_error (error);
  JsonObject *bundle = anx_referral_bundle_begin (record, "li-wei", NOW + 9, &error);
  g_assert_no_error (error);
  add (bundle, STEP ("1"), "zhou-yun", make_step ("accept", "accepted", "3.0", "", 0, NOW + 1));
  add (bundle, STEP ("2"), "zhou-yun", make_step ("schedule", "in-progress", "5.1.1", "", NOW + 100 * G_USEC_PER_SEC, NOW + 2));
  add (bundle, STEP ("3"), "zhou-yun", make_step ("attended", "in-progress", "5.1.4", "", 0, NOW + 3));
  add (bundle, STEP ("4"), "zhou-yun", make_step ("complete", "completed", "7.0", "已面诊，建议复诊。", 0, NOW + 4));
  return bundle;
}

static AnxReferralBundle *
parse (JsonObject *bundle,
       GError **error)
{
  g_autofree char *text = anx_json_object_to_text (bundle);
  return anx_referral_bundle_parse (text, -1, error);
}

static void
test_there_and_back (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) bundle = make_bundle ();
  testing_keep_payload ("referral-bundle", bundle);
  g_autoptr (AnxReferralBundle) read = parse (bundle, &error);
  g_assert_no_error (error);
  g_autoptr (AnxReferral) expected = make_referral ();
  g_autoptr (JsonObject) one = anx_referral_build (expected, &error);
  g_autoptr (JsonObject) two = anx_referral_build (read->referral, &error);
  /* All that a referral says; the URLs of a bundle's entries are new each time. */
  g_assert_cmpstr (read->referral->name, ==, expected->name);
  g_assert_cmpstr (read->referral->guardian_phone, ==, expected->guardian_phone);
  g_assert_cmpstr (read->referral->summary, ==, expected->summary);
  g_assert_cmpstr (read->referral->grounds, ==, expected->grounds);
  g_assert_cmpstr (read->referral->part_of, ==, OTHER);
  g_assert_cmpint (read->referral->birth_year, ==, 1956);
  g_assert_true (read->referral->consented && read->referral->tell_at_kiosk);
  g_assert_cmpint (read->referral->created_usec, ==, NOW);
  g_assert_cmpuint (read->steps->len, ==, 4);
  const AnxReferralBundleStep *visit = read->steps->pdata[1];
  const AnxReferralBundleStep *last = read->steps->pdata[3];
  g_assert_cmpstr (visit->id, ==, STEP ("2"));
  g_assert_cmpstr (visit->author, ==, "zhou-yun");
  g_assert_cmpint (visit->event->visit_usec, ==, NOW + 100 * G_USEC_PER_SEC);
  g_assert_cmpstr (last->event->text, ==, "已面诊，建议复诊。");
  g_assert_cmpint (last->event->created_usec, ==, NOW + 4);
}

static JsonObject *
get_resource (JsonObject *bundle,
              const char *type,
              guint number)
{
  JsonArray *entries = anx_json_get_array (bundle, "entry");
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *resource = anx_json_get_object (json_array_get_object_element (entries, i), "resource");
      if (strcmp (anx_json_get_string (resource, "resourceType", ""), type) == 0 && number-- == 0)
        return resource;
    }
  g_assert_not_reached ();
}

/* What is not understood is refused with its place, wherever it stands; the message repeats nothing that was written. */
static void
test_unknown (void)
{
  static const struct
  {
    const char *type; /* (nullable) the bundle itself */
    guint number;
    const char *member;
    const char *value;
    const char *place;
  } cases[] = {
    { NULL, 0, "signature", "{\"who\":1}", "Bundle: “signature”" },
    { "ServiceRequest", 0, "doNotPerform", "true", "Bundle.entry[2].resource.ServiceRequest: “doNotPerform”" },
    { "ServiceRequest", 0, "modifierExtension", "[{\"url\":\"x\"}]", "ServiceRequest: “modifierExtension”" },
    { "ServiceRequest", 0, "extension", "[{\"url\":\"王芳\",\"valueString\":\"x\"}]", "ServiceRequest.extension[0]" },
    { "ServiceRequest", 0, "reasonCode", "[{\"text\":\"x\",\"extension\":[]}]", "ServiceRequest.reasonCode[0]: “extension”" },
    { "ServiceRequest", 0, "reasonCode", "{\"text\":\"x\"}", "ServiceRequest.reasonCode" },
    { "ServiceRequest", 0, "note", "[\"x\"]", "ServiceRequest.note[0]" },
    { "Patient", 0, "deceasedBoolean", "true", "Patient: “deceasedBoolean”" },
    { "Patient", 0, "王芳", "1", "Patient: “…”" },
    { "Task", 1, "restriction", "{}", "Task: “restriction”" },
    { "Consent", 0, "provision", "{\"type\":\"permit\",\"period\":{}}", "Consent.provision: “period”" },
    { "Provenance", 0, "signature", "[]", "Provenance: “signature”" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) bundle = make_bundle ();
      g_autoptr (JsonNode) value = anx_json_parse (cases[i].value, -1, 1024, NULL);
      g_assert_nonnull (value);
      g_test_message ("%s %s", cases[i].type != NULL ? cases[i].type : "Bundle", cases[i].member);
      json_object_set_member (cases[i].type != NULL ? get_resource (bundle, cases[i].type, cases[i].number) : bundle, cases[i].member,
                              json_node_copy (value));
      g_assert_null (parse (bundle, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, cases[i].place));
      g_assert_null (strstr (error->message, "王芳"));
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) bundle = make_bundle ();
  json_object_set_string_member (get_resource (bundle, "Patient", 0), "resourceType", "Group");
  g_assert_null (parse (bundle, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_UNSUPPORTED);
}

/* No way through the loop, no author, no id of its own, another referral's, another receiver's consent. */
static void
test_refused (void)
{
  for (guint i = 0; i < 7; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) bundle = make_bundle ();
      JsonArray *entries = anx_json_get_array (bundle, "entry");
      JsonObject *step = get_resource (bundle, "Task", 2);
      switch (i)
        {
        case 0: /* accepted twice */
          json_object_set_string_member (step, "status", "rejected");
          break;
        case 1:
          json_object_remove_member (get_resource (bundle, "Provenance", 2), "target");
          break;
        case 2:
          for (guint k = 0; k < json_array_get_length (entries); k++)
            if (anx_json_get_object (json_array_get_object_element (entries, k), "resource") == step)
              json_object_set_string_member (json_array_get_object_element (entries, k), "fullUrl", "urn:uuid:1");
          break;
        case 3:
          json_object_set_string_member (json_array_get_object_element (json_object_get_array_member (step, "identifier"), 0), "value", OTHER);
          break;
        case 4:
          json_object_remove_member (get_resource (bundle, "Consent", 0), "provision");
          break;
        case 5:
          json_object_set_string_member (get_resource (bundle, "Task", 3), "status", "requested");
          break;
        default:
          json_object_remove_member (get_resource (bundle, "Task", 0), "owner");
          break;
        }
      g_test_message ("case %u", i);
      g_assert_null (parse (bundle, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/referral-bundle/there-and-back", test_there_and_back);
  g_test_add_func ("/care/referral-bundle/unknown", test_unknown);
  g_test_add_func ("/care/referral-bundle/refused", test_refused);
  return g_test_run ();
}
