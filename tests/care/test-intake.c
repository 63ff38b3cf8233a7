/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "id.h"
#include "intake.h"
#include "json.h"

#define NOW (G_GINT64_CONSTANT (1795140000) * G_USEC_PER_SEC)
#define ID "01930000-0000-7000-8000-000000000001"
#define NEEDED "'centre':'yunhe','source':'hotline','urgency':'urgent','reported':'no answer at the door','phone':'13900001234'"

static AnxIntake *
parse (const char *text,
       GError **error)
{
  g_autofree char *quoted = g_strdelimit (g_strdup (text), "'", '"');
  return anx_intake_parse (quoted, -1, NOW, error);
}

static void
test_parse (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxIntake) whole = parse ("{'id':'" ID "'," NEEDED ",'number':'A-7','name':'Zhang','address':'Building 3','reporter':'Li',"
                                       "'reporterPhone':'110','agreed':true}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (whole->id, ==, ID);
  g_assert_cmpstr (whole->centre, ==, "yunhe");
  g_assert_cmpint (whole->source, ==, ANX_INTAKE_HOTLINE);
  g_assert_cmpint (whole->urgency, ==, ANX_URGENCY_URGENT);
  g_assert_cmpstr (whole->number, ==, "A-7");
  g_assert_cmpstr (whole->reporter_phone, ==, "110");
  g_assert_true (whole->agreed);
  g_assert_cmpint (whole->reported_usec, ==, NOW);
  /* Without an id each is a case of its own; an empty text is none. */
  g_autoptr (AnxIntake) one = parse ("{" NEEDED ",'name':''}", &error);
  g_autoptr (AnxIntake) two = parse ("{" NEEDED "}", &error);
  g_assert_no_error (error);
  g_assert_true (anx_uuid_is_valid (one->id));
  g_assert_cmpstr (one->id, !=, two->id);
  g_assert_null (one->name);
  g_assert_false (one->agreed);
}

/* Refused with a word about the member, and without a word of what was written about the person. */
static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *named; /* what the message must say */
  } cases[] = {
    { "[]", "" },
    { "{}", "centre" },
    { "{'source':'hotline','urgency':'urgent','reported':'x','phone':'110'}", "centre" },
    { "{'centre':'yunhe','urgency':'urgent','reported':'x','phone':'110'}", "source" },
    { "{'centre':'yunhe','source':'hotline','reported':'x','phone':'110'}", "urgency" },
    { "{'centre':'yunhe','source':'hotline','urgency':'urgent','phone':'110'}", "reported" },
    { "{'centre':'yunhe','source':'hotline','urgency':'urgent','reported':'x'}", "phone" },
    { "{'centre':'yunhe','source':'hotline','urgency':'urgent','reported':'','phone':'110'}", "empty" },
    { "{'centre':'Yun He','source':'hotline','urgency':'urgent','reported':'x','phone':'110'}", "centre" },
    { "{'centre':'yunhe','source':'radio','urgency':'urgent','reported':'x','phone':'110'}", "source" },
    { "{'centre':'yunhe','source':'hotline','urgency':'now','reported':'x','phone':'110'}", "urgency" },
    { "{" NEEDED ",'id':'7'}", "id" },
    { "{" NEEDED ",'id':'01930000-0000-4000-8000-000000000001'}", "id" },
    { "{" NEEDED ",'agreed':'yes'}", "agreed" },
    { "{" NEEDED ",'name':7}", "name" },
    { "{" NEEDED ",'reporterPhone':'Zhang'}", "phone" },
    { "{" NEEDED ",'Zhang':'x'}", "member" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", cases[i].text);
      g_assert_null (parse (cases[i].text, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, cases[i].named));
      g_assert_null (strstr (error->message, "Zhang"));
    }
}

static void
test_too_large (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *long_text = g_strnfill (20001, 'x');
  g_autofree char *one = g_strdup_printf ("{\"centre\":\"yunhe\",\"source\":\"grid\",\"urgency\":\"routine\",\"address\":\"x\",\"reported\":\"%s\"}", long_text);
  g_assert_null (anx_intake_parse (one, -1, NOW, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_autofree char *padding = g_strnfill (ANX_INTAKE_BYTES, ' ');
  g_autofree char *two = g_strconcat (padding, one, NULL);
  g_assert_null (anx_intake_parse (two, -1, NOW, &error));
  g_assert_nonnull (error);
}

static void
test_record (void)
{
  static const char *const needed[] = { "resourceType", "type", "entry" };
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxIntake) intake = parse ("{'id':'" ID "'," NEEDED ",'number':'A-7','name':'Zhang','address':'Building 3','reporter':'Li',"
                                        "'reporterPhone':'110','agreed':true}", &error);
  g_assert_no_error (error);
  for (guint source = 0; source < ANX_INTAKE_N_SOURCES; source++)
    for (guint urgency = ANX_URGENCY_ROUTINE; urgency <= ANX_URGENCY_IMMEDIATE; urgency++)
      {
        intake->source = (AnxIntakeSource) source;
        intake->urgency = (AnxUrgency) urgency;
        g_autoptr (JsonObject) fhir = anx_intake_build (intake, "hotline", &error);
        g_assert_no_error (error);
        testing_keep_payload (ANX_KIND_INTAKE, fhir);
        g_autoptr (JsonObject) copy = testing_copy (fhir);
        g_autoptr (AnxIntake) read = anx_intake_read (copy, &error);
        g_assert_no_error (error);
        g_assert_cmpint (read->source, ==, source);
        g_assert_cmpint (read->urgency, ==, urgency);
        g_assert_cmpstr (read->id, ==, ID);
        g_assert_cmpstr (read->number, ==, "A-7");
        g_assert_cmpstr (read->name, ==, "Zhang");
        g_assert_cmpstr (read->phone, ==, "13900001234");
        g_assert_cmpstr (read->address, ==, "Building 3");
        g_assert_cmpstr (read->reported, ==, intake->reported);
        g_assert_cmpstr (read->reporter, ==, "Li");
        g_assert_cmpstr (read->reporter_phone, ==, "110");
        g_assert_true (read->agreed);
        g_assert_cmpint (read->reported_usec, ==, NOW);
      }
  g_autoptr (JsonObject) built = anx_intake_build (intake, "hotline", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autoptr (JsonObject) without = testing_copy (built);
      json_object_remove_member (without, needed[i]);
      g_clear_error (&error);
      g_assert_null (anx_intake_read (without, &error));
      g_assert_nonnull (error);
    }
  /* Of each resource, what tells which case it is. */
  static const char *const members[] = { "identifier", "category", "priority", "authoredOn", "performer", "reasonCode" };
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (JsonObject) without = testing_copy (built);
      JsonArray *entries = anx_json_get_array (without, "entry");
      JsonObject *last = json_array_get_object_element (entries, json_array_get_length (entries) - 1);
      json_object_remove_member (anx_json_get_object (last, "resource"), members[i]);
      g_test_message ("without %s", members[i]);
      g_clear_error (&error);
      g_assert_null (anx_intake_read (without, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/intake/parse", test_parse);
  g_test_add_func ("/care/intake/refused", test_refused);
  g_test_add_func ("/care/intake/too-large", test_too_large);
  g_test_add_func ("/care/intake/record", test_record);
  return g_test_run ();
}
