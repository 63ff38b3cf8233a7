/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "json.h"
#include "questionnaire-private.h"

/* A filling in of the questionnaire that has an item of every kind. */

#define EVERYTHING "tests/care/corpus/everything.json"
#define FULL "tests/care/corpus-response/full.json"

static guint
find (AnxQuestionnaire *questionnaire,
      AnxAnswers *answers,
      const char *link_id)
{
  for (guint i = 0; i < anx_answers_get_n_indexes (answers); i++)
    if (strcmp (anx_questionnaire_get_item (questionnaire, i)->link_id, link_id) == 0)
      return i;
  g_error ("no %s", link_id);
}

typedef struct
{
  AnxQuestionnaire *questionnaire;
  AnxAnswers *answers;
} Fixture;

static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  fixture->questionnaire = testing_questionnaire (EVERYTHING);
  fixture->answers = anx_answers_new (fixture->questionnaire);
}

static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  g_object_unref (fixture->answers);
  anx_questionnaire_unref (fixture->questionnaire);
}

#define AT(link_id) find (fixture->questionnaire, fixture->answers, link_id)

static gboolean
put (Fixture *fixture,
     guint index,
     AnxAnswerValue value)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = anx_answers_set_value (fixture->answers, index, &value, &error);
  g_assert_true (ok == (error == NULL));
  return ok;
}

#define TEXT(type_, text_) ((AnxAnswerValue){ .type = ANX_VALUE_##type_, .text = (char *) text_ })
#define NUMBER(type_, number_) ((AnxAnswerValue){ .type = ANX_VALUE_##type_, .number = number_ })

static void
test_values (Fixture *fixture,
             gconstpointer data)
{
  const struct
  {
    const char *link_id;
    AnxAnswerValue value;
    gboolean good;
  } cases[] = {
    { "name", TEXT (STRING, "lan"), TRUE },          { "name", TEXT (STRING, "Lan"), FALSE },
    { "name", TEXT (STRING, "l"), FALSE },           { "name", TEXT (STRING, "abcdefghijk"), FALSE },
    { "name", TEXT (STRING, "lan\n"), FALSE },      { "name", NUMBER (INTEGER, 1), FALSE },
    { "years", NUMBER (INTEGER, 0), TRUE },          { "years", NUMBER (INTEGER, 150), TRUE },
    { "years", NUMBER (INTEGER, -1), FALSE },        { "years", NUMBER (INTEGER, 151), FALSE },
    { "years", NUMBER (INTEGER, 1.5), FALSE },       { "years", NUMBER (DECIMAL, 3), FALSE },
    { "metres", NUMBER (DECIMAL, 1.65), TRUE },      { "metres", NUMBER (DECIMAL, 1.655), FALSE },
    { "metres", NUMBER (INTEGER, 2), TRUE },         { "metres", NUMBER (DECIMAL, G_MAXDOUBLE * 2), FALSE },
    { "weight", NUMBER (QUANTITY, 60), TRUE },       { "weight", NUMBER (DECIMAL, 60), FALSE },
    { "born", TEXT (DATE, "2024-02-29"), TRUE },     { "born", TEXT (DATE, "2023-02-29"), FALSE },
    { "born", TEXT (DATE, "2024"), TRUE },           { "born", TEXT (DATE, "2031-01-01"), FALSE },
    { "born", TEXT (DATE, "yesterday"), FALSE },     { "when", TEXT (DATE_TIME, "2026-11-22T13:00:00+08:00"), TRUE },
    { "when", TEXT (DATE_TIME, "2026-11-22T25:00:00Z"), FALSE },
    { "clock", TEXT (TIME, "07:30:00"), TRUE },      { "clock", TEXT (TIME, "7"), FALSE },
    { "page", TEXT (URI, "urn:x"), TRUE },           { "likes", TEXT (STRING, "noodles"), TRUE },
    { "colour", TEXT (STRING, "red"), FALSE },       { "who", TEXT (REFERENCE, "Patient/1"), TRUE },
    { "tallest", NUMBER (INTEGER, 1), FALSE },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s %g", cases[i].link_id, cases[i].value.text, cases[i].value.number);
      g_assert_true (put (fixture, AT (cases[i].link_id), cases[i].value) == cases[i].good);
    }
}

static void
test_looks (Fixture *fixture,
            gconstpointer data)
{
  AnxQuestionnaire *questionnaire = fixture->questionnaire;
  g_autofree char *prefix = anx_questionnaire_dup_item_prefix (questionnaire, AT ("name"), "en");
  g_assert_cmpstr (prefix, ==, "1.");
  g_autofree char *notes = anx_questionnaire_dup_item_notes (questionnaire, AT ("name"), "en");
  g_assert_cmpstr (notes, ==, "Small letters");
  g_autofree char *unit = anx_questionnaire_dup_item_unit (questionnaire, AT ("weight"));
  g_assert_cmpstr (unit, ==, "kg");
  g_autofree char *red = anx_questionnaire_dup_option_text (questionnaire, AT ("colour"), 0, "zh");
  g_assert_cmpstr (red, ==, "红");
  g_autofree char *letter = anx_questionnaire_dup_option_prefix (questionnaire, AT ("likes"), 2, "en");
  g_assert_cmpstr (letter, ==, "c)");
  g_assert_true (anx_questionnaire_option_is_exclusive (questionnaire, AT ("likes"), 2));
  g_assert_cmpstr (anx_questionnaire_get_item (questionnaire, AT ("colour"))->control, ==, "drop-down");
  g_assert_true (anx_questionnaire_is_offered (questionnaire, "en"));
  g_assert_false (anx_questionnaire_is_offered (questionnaire, "zh"));
  g_assert_cmpuint (AT ("today"), >=, anx_questionnaire_get_n_items (questionnaire));
}

static void
test_initial (Fixture *fixture,
              gconstpointer data)
{
  g_assert_cmpfloat (anx_answers_get_value (fixture->answers, AT ("years"), 0)->number, ==, 7);
  g_assert_true (anx_answers_has_option (fixture->answers, AT ("likes"), 0));
  g_assert_cmpuint (anx_answers_get_n_values (fixture->answers, AT ("today")), ==, 0);
  anx_answers_set_now (fixture->answers, 1795400000000000, 480);
  g_autofree char *today = anx_answers_dup_text (fixture->answers, AT ("today"), "en");
  g_assert_cmpstr (today, ==, "2026-11-23");
}

/* Inside a question only after its answer. */
static void
test_nested (Fixture *fixture,
             gconstpointer data)
{
  guint nick = AT ("nick");
  g_assert_false (anx_answers_is_enabled (fixture->answers, nick));
  g_assert_true (put (fixture, AT ("name"), TEXT (STRING, "lan")));
  g_assert_true (anx_answers_is_enabled (fixture->answers, nick));
  g_assert_cmpuint (anx_answers_next (fixture->answers, AT ("name")), ==, nick);
  anx_answers_set (fixture->answers, AT ("name"), ANX_ANSWER_DECLINED);
  g_assert_false (anx_answers_is_enabled (fixture->answers, nick));
}

static void
test_several (Fixture *fixture,
              gconstpointer data)
{
  guint likes = AT ("likes");
  AnxAnswerValue other = TEXT (STRING, "noodles");
  anx_answers_toggle (fixture->answers, likes, 1, TRUE);
  g_assert_true (anx_answers_add_value (fixture->answers, likes, &other, NULL));
  g_autofree char *text = anx_answers_dup_text (fixture->answers, likes, "zh");
  g_assert_cmpstr (text, ==, "Tea、Rice、noodles");
  anx_answers_toggle (fixture->answers, likes, 2, TRUE);
  g_assert_cmpuint (anx_answers_get_n_values (fixture->answers, likes), ==, 1);
  anx_answers_toggle (fixture->answers, likes, 0, TRUE);
  g_assert_false (anx_answers_has_option (fixture->answers, likes, 2));
  anx_answers_toggle (fixture->answers, likes, 0, FALSE);
  g_assert_cmpint (anx_answers_get (fixture->answers, likes), ==, ANX_ANSWER_NONE);
}

/* Two children: conditions and calculations look at their own, the outside at all. */
static void
test_groups (Fixture *fixture,
             gconstpointer data)
{
  AnxAnswers *answers = fixture->answers;
  guint height = AT ("height"), school = AT ("school"), half = AT ("half"), tallest = AT ("tallest");
  g_autoptr (GError) error = NULL;
  guint second = anx_answers_add_group (answers, height, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (second, >=, AT ("today"));
  g_assert_cmpuint (anx_answers_get_item_index (answers, second), ==, height);
  g_assert_cmpuint (anx_answers_get_group_number (answers, second), ==, 2);
  g_assert_true (put (fixture, height, NUMBER (INTEGER, 90)));
  g_assert_true (put (fixture, second, NUMBER (INTEGER, 190)));
  g_assert_false (anx_answers_is_enabled (answers, school));
  g_assert_true (anx_answers_is_enabled (answers, second + 1));
  g_assert_cmpuint (anx_answers_next (answers, height), ==, second);
  g_assert_cmpuint (anx_answers_next (answers, second), ==, second + 1);
  g_assert_cmpfloat (anx_answers_get_value (answers, half, 0)->number, ==, 45);
  g_assert_cmpfloat (anx_answers_get_value (answers, second + 2, 0)->number, ==, 95);
  g_assert_cmpfloat (anx_answers_get_value (answers, tallest, 0)->number, ==, 190);
  g_assert_true (anx_answers_is_enabled (answers, AT ("tall")));
  g_assert_false (anx_answers_is_enabled (answers, AT ("any-school")));
  anx_answers_set (answers, second + 1, 0);
  g_assert_true (anx_answers_is_enabled (answers, AT ("any-school")));

  g_assert_false (anx_answers_remove_group (answers, height, NULL));
  g_assert_true (anx_answers_remove_group (answers, second, &error));
  g_assert_cmpuint (anx_answers_get_item_index (answers, second), ==, G_MAXUINT);
  g_assert_cmpfloat (anx_answers_get_value (answers, tallest, 0)->number, ==, 90);
  g_assert_false (anx_answers_is_enabled (answers, AT ("tall")));
  g_assert_false (anx_answers_is_enabled (answers, AT ("any-school")));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (anx_answers_add_group (answers, height, NULL), !=, G_MAXUINT);
  g_assert_cmpuint (anx_answers_add_group (answers, height, &error), ==, G_MAXUINT);
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE);
  g_assert_cmpuint (anx_answers_add_group (answers, AT ("name"), NULL), ==, G_MAXUINT);
}

static void
test_check (Fixture *fixture,
            gconstpointer data)
{
  static const struct
  {
    double last;
    double height;
    const char *name;
    guint problems;
  } cases[] = { { 2, 100, "lan", 0 }, { 3, 100, "lan", 1 }, { 3, 100, NULL, 2 }, { 3, 251, NULL, 3 } };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", (guint) i);
      put (fixture, AT ("last"), NUMBER (INTEGER, cases[i].last));
      put (fixture, AT ("height"), NUMBER (INTEGER, cases[i].height));
      if (cases[i].name != NULL)
        put (fixture, AT ("name"), TEXT (STRING, cases[i].name));
      else
        anx_answers_set (fixture->answers, AT ("name"), ANX_ANSWER_NONE);
      g_autoptr (GPtrArray) problems = anx_answers_check (fixture->answers);
      g_assert_cmpuint (problems->len, ==, cases[i].problems);
      for (guint k = 0; k < problems->len; k++)
        {
          AnxAnswersProblem *problem = problems->pdata[k];
          g_assert_true (problem->warning == (g_strcmp0 (problem->text, "Too tall") == 0));
          if (problem->text == NULL)
            g_assert_cmpstr (problem->link_id, ==, "name");
        }
    }
}

static void
test_scores (Fixture *fixture,
             gconstpointer data)
{
  static const struct
  {
    double years;
    int colour;
    double plain;
    gboolean present;
    double doubled;
    const char *band;
    guint findings;
  } cases[] = {
    { 1, 0, 3, TRUE, 0, "low", 0 },   { 2, 1, 5, TRUE, 1, "high", 0 },
    { 3, -1, 0, FALSE, 0, NULL, 0 },  { 40, 1, 43, TRUE, 1, "high", 1 },
    { 40, -2, 0, FALSE, 0, NULL, 0 },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", (guint) i);
      put (fixture, AT ("years"), NUMBER (INTEGER, cases[i].years));
      anx_answers_set (fixture->answers, AT ("colour"), cases[i].colour);
      g_autoptr (GPtrArray) scores = anx_answers_compute_scores (fixture->answers);
      AnxScore *plain = scores->pdata[0], *doubled = scores->pdata[1];
      g_assert_true (plain->present == cases[i].present && doubled->present == cases[i].present);
      g_assert_cmpfloat (plain->value, ==, cases[i].plain);
      g_assert_cmpfloat (doubled->value, ==, cases[i].doubled);
      g_assert_cmpstr (doubled->band, ==, cases[i].band);
      g_autoptr (GPtrArray) findings = anx_answers_find_safety (fixture->answers);
      g_assert_cmpuint (findings->len, ==, cases[i].findings);
    }
  put (fixture, AT ("name"), TEXT (STRING, "help"));
  g_autoptr (AnxSafetyFinding) finding = anx_answers_find_safety_of (fixture->answers, AT ("name"));
  g_assert_cmpstr (finding->rule, ==, "said");
  g_assert_cmpint (finding->level, ==, ANX_LEVEL_RED);
  g_assert_null (finding->item);
}

static void
test_round_trip (Fixture *fixture,
                 gconstpointer data)
{
  g_autoptr (JsonObject) json = testing_load (FULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) answers = anx_answers_parse (fixture->questionnaire, json, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) first = anx_answers_to_fhir (answers, "completed", 1795323600000000);
  g_autoptr (AnxAnswers) back = anx_answers_parse (fixture->questionnaire, first, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) second = anx_answers_to_fhir (back, "completed", 1795323600000000);
  g_autofree char *one = anx_json_object_to_text (first), *other = anx_json_object_to_text (second);
  g_assert_cmpstr (one, ==, other);
  g_assert_nonnull (strstr (one, "\"valueString\":\"L\""));
  g_assert_nonnull (strstr (one, "\"valueDecimal\":95"));
  g_assert_nonnull (strstr (one, "asked-declined"));
}

static void
on_damaged (JsonObject *object,
            const char *path,
            gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) answers = anx_answers_parse (data, object, &error);
  g_assert_true ((answers == NULL) == (error != NULL));
}

static void
test_damaged (Fixture *fixture,
              gconstpointer data)
{
  g_autoptr (JsonObject) json = testing_load (FULL);
  testing_damage (json, on_damaged, fixture->questionnaire);
}

/* What the response declares must be what follows from its answers. */
static void
test_declared (Fixture *fixture,
               gconstpointer data)
{
  static const struct
  {
    const char *old;
    const char *new;
    const char *names;
  } cases[] = {
    { "{\"valueDecimal\":60}", "{\"valueDecimal\":61}", "half: " },
    { "{\"linkId\":\"tallest\",\"answer\":[{\"valueInteger\":190}]}", "{\"linkId\":\"tallest\",\"answer\":[{\"valueInteger\":191}]}", "tallest: " },
    { "{\"valueDecimal\":43}", "{\"valueDecimal\":42}", "total: " },
    { "\"answer\":[{\"valueString\":\"lan\"", "\"answer\":[{\"valueString\":\"LAN\"", "name: " },
    { "{\"valueString\":\"noodles\"}", "{\"valueCoding\":{\"code\":\"none\"}}", "likes: " },
    { "{\"valueString\":\"noodles\"}", "{\"valueCoding\":{\"code\":\"tea\"}}", "likes: " },
    { "\"linkId\":\"last\"", "\"linkId\":\"height\"", "height" },
  };
  g_autoptr (JsonObject) json = testing_load (FULL);
  g_autofree char *text = anx_json_object_to_text (json);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].names);
      g_autoptr (GString) changed = g_string_new (text);
      g_assert_cmpuint (g_string_replace (changed, cases[i].old, cases[i].new, 1), ==, 1);
      g_autoptr (JsonObject) wrong = anx_json_parse_object (changed->str, -1, 1 << 20, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxAnswers) answers = anx_answers_parse (fixture->questionnaire, wrong, &error);
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, cases[i].names));
    }
}

#define OVERLAY(canonical, reason, bands) \
  "{'type':'urn:anxin:cut-offs','questionnaire':'" canonical "','reason':'" reason "','who':'a.person','when':'2026-11-22T05:00:00Z'," \
  "'scores':[{'score':'doubled','extension':[" bands "]}]}"
#define SITE_BAND \
  "{'url':'band','extension':[{'url':'from','valueDecimal':0},{'url':'to','valueDecimal':1},{'url':'code','valueCode':'all'}," \
  "{'url':'level','valueCode':'red'}]}"
#define SHORT_BAND \
  "{'url':'band','extension':[{'url':'from','valueDecimal':0},{'url':'to','valueDecimal':0},{'url':'code','valueCode':'all'}," \
  "{'url':'level','valueCode':'red'}]}"

static void
test_cut_offs (Fixture *fixture,
               gconstpointer data)
{
  static const char *const bad[] = {
    "{}",
    OVERLAY ("urn:anxin:questionnaire:everything|2", "why", SITE_BAND),
    OVERLAY ("urn:anxin:questionnaire:everything|1", " ", SITE_BAND),
    OVERLAY ("urn:anxin:questionnaire:everything|1", "", SITE_BAND),
    OVERLAY ("urn:anxin:questionnaire:everything|1", "why", SHORT_BAND),
    OVERLAY ("urn:anxin:questionnaire:everything|1", "why", ""),
  };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_autoptr (JsonObject) json = testing_json (bad[i]);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_questionnaire_apply_cut_offs (fixture->questionnaire, json, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
  g_autoptr (JsonObject) json = testing_json (OVERLAY ("urn:anxin:questionnaire:everything|1", "our own study", SITE_BAND));
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxQuestionnaire) site = anx_questionnaire_apply_cut_offs (fixture->questionnaire, json, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (anx_questionnaire_get_rule_set (site), !=, anx_questionnaire_get_rule_set (fixture->questionnaire));
  g_autoptr (AnxAnswers) answers = anx_answers_new (site);
  anx_answers_set (answers, find (site, answers, "colour"), 0);
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  AnxScore *score = scores->pdata[1];
  g_assert_cmpstr (score->band, ==, "all");
  g_assert_cmpstr (score->cut_off_reason, ==, "our own study");
  g_autoptr (GPtrArray) before = anx_answers_compute_scores (fixture->answers);
  g_assert_null (((AnxScore *) before->pdata[1])->cut_off_reason);
}

/* A bundle is believed only as far as its answers go. */
static void
test_results (Fixture *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *old;
    const char *new;
  } cases[] = {
    { "\"valueQuantity\":{\"value\":43", "\"valueQuantity\":{\"value\":42" },
    { "\"code\":\"yellow\"", "\"code\":\"green\"" },
    { "\"valueInteger\":40", "\"valueInteger\":41" },
    { "\"code\":\"much\"", "\"code\":\"little\"" },
    { "everything|1\"", "everything|0\"" },
    { "sha256:", "sha255:" },
    { "\"resourceType\":\"RiskAssessment\"", "\"resourceType\":\"Basic\"" },
    { "\"resourceType\":\"Observation\"", "\"resourceType\":\"Basic\"" },
  };
  g_autoptr (JsonObject) json = testing_load (FULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) answers = anx_answers_parse (fixture->questionnaire, json, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) bundle = anx_answers_to_bundle (answers, "completed", 1795323600000000);
  g_autoptr (AnxAnswers) back = anx_answers_parse_bundle (fixture->questionnaire, bundle, &error);
  g_assert_no_error (error);
  g_autofree char *text = anx_json_object_to_text (bundle);
  g_assert_nonnull (strstr (text, "\"a book\""));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].old);
      g_autoptr (GString) changed = g_string_new (text);
      g_assert_cmpuint (g_string_replace (changed, cases[i].old, cases[i].new, 1), ==, 1);
      g_autoptr (JsonObject) wrong = anx_json_parse_object (changed->str, -1, 1 << 20, NULL);
      g_autoptr (GError) why = NULL;
      g_assert_null (anx_answers_parse_bundle (fixture->questionnaire, wrong, &why));
      g_assert_error (why, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

/* Values that depend on one item, on a group, on other values, on everything; what is asked depends on values. */
static const char affected[] =
  "{'resourceType':'Questionnaire','url':'urn:x:affected','status':'active','item':[{'linkId':'q0','type':'intege"
  "r','text':'Q'},{'linkId':'q1','type':'integer','text':'Q','extension':[{'url':'http://hl7.org/fhir/uv/sdc/Stru"
  "ctureDefinition/sdc-questionnaire-enableWhenExpression','valueExpression':{'language':'text/fhirpath','express"
  "ion':'%resource.item.where(linkId = \\u0027q0\\u0027).answer.value > 1'}}]},{'linkId':'c1','type':'integer','t"
  "ext':'C','extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpre"
  "ssion','valueExpression':{'language':'text/fhirpath','expression':'%resource.item.where(linkId = \\u0027q0\\u0027)."
  "answer.value * 2'}}]},{'linkId':'g','type':'group','extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDe"
  "finition/sdc-questionnaire-enableWhenExpression','valueExpression':{'language':'text/fhirpath','expression':'%"
  "resource.item.where(linkId = \\u0027c1\\u0027).answer.value > 5'}}],'item':[{'linkId':'q2','type':'integer','t"
  "ext':'Q'},{'linkId':'q3','type':'integer','text':'Q','item':[{'linkId':'q4','type':'integer','text':'Q'}]}]},{"
  "'linkId':'c2','type':'integer','text':'C','extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/"
  "sdc-questionnaire-calculatedExpression','valueExpression':{'language':'text/fhirpath','expression':'%resource."
  "descendants().where(linkId.startsWith(\\u0027q\\u0027)).answer.value.count()'}}]},{'linkId':'c3','type':'integ"
  "er','text':'C','extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculate"
  "dExpression','valueExpression':{'language':'text/fhirpath','expression':'%resource.item.where(linkId = \\u0027g\\u0027)."
  "item.where(linkId = \\u0027q3\\u0027).answer.item.where(linkId = \\u0027q4\\u0027).answer.value'}}]},{'linkId'"
  ":'c4','type':'integer','text':'C','extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-ques"
  "tionnaire-calculatedExpression','valueExpression':{'language':'text/fhirpath','expression':'%resource.item.whe"
  "re(linkId = \\u0027g\\u0027).item.where(linkId = \\u0027q2\\u0027).answer.value + %resource.item.where(linkId "
  "= \\u0027c1\\u0027).answer.value'}}]},{'linkId':'rg','type':'group','repeats':true,'item':[{'linkId':'q5','typ"
  "e':'integer','text':'Q'},{'linkId':'c6','type':'integer','text':'C','extension':[{'url':'http://hl7.org/fhir/u"
  "v/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression','valueExpression':{'language':'text/fhirpath"
  "','expression':'%resource.item.where(linkId = \\u0027q0\\u0027).answer.value'}}]}]},{'linkId':'c5','type':'int"
  "eger','text':'C','extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calcula"
  "tedExpression','valueExpression':{'language':'text/fhirpath','expression':'%resource.item.where(linkId = \\u0027rg"
  "\\u0027).item.where(linkId = \\u0027q5\\u0027).answer.value.sum() + %resource.item.where(linkId = \\u0027c4\\u0027)."
  "answer.value.count()'}}]},{'linkId':'q6','type':'integer','text':'Q','item':[{'linkId':'q7','type':'integer','text':'Q','enableWhen':"
  "[{'question':'q0','operator':'=','answerInteger':5}]}]},{'linkId':'c7','type':'boolean','text':'C','extension':[{'url':'http://hl7.org/"
  "fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression','valueExpression':{'language':'text/fhirpath','expression':'%res"
  "ource.item.where(linkId = \\u0027q6\\u0027).item.where(linkId = \\u0027q7\\u0027).exists()'}}]}]}";
/* In place of the one expression that reads everything: then the others are evaluated on what they read alone. */
#define WIDE "%resource.descendants().where(linkId.startsWith(\\u0027q\\u0027)).answer.value.count()"
#define NARROW "%resource.item.where(linkId = \\u0027q0\\u0027).answer.value.count()"

/* Only what a change concerns is computed again: after every step a filling in that is read anew, and so computed from nothing, says the same. */
static void
walk_affected (const char *form,
               guint32 seed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) fhir = testing_json (form);
  g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (fhir, &error);
  g_assert_no_error (error);
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  for (guint step = 0; step < 500; step++)
    {
      guint index = (guint) g_rand_int_range (rand, 0, (gint32) anx_answers_get_n_indexes (answers));
      guint item = anx_answers_get_item_index (answers, index);
      if (item == G_MAXUINT || anx_questionnaire_get_item (questionnaire, item)->read_only)
        continue;
      int what = g_rand_int_range (rand, 0, 10);
      AnxAnswerValue value = NUMBER (INTEGER, g_rand_int_range (rand, 0, 6));
      if (what == 0)
        anx_answers_set (answers, index, ANX_ANSWER_NONE);
      else if (what == 1)
        anx_answers_set (answers, index, ANX_ANSWER_DECLINED);
      else if (what == 2 && anx_questionnaire_get_item (questionnaire, item)->in_repeating_group)
        {
          guint made = anx_answers_get_n_indexes (answers) < 40 ? anx_answers_add_group (answers, index, NULL) : G_MAXUINT;
          if (made == G_MAXUINT)
            anx_answers_remove_group (answers, index, NULL);
        }
      else
        g_assert_true (anx_answers_set_value (answers, index, &value, NULL));
      /* Some steps together, so that several changes wait. */
      if (g_rand_boolean (rand))
        continue;
      anx_answers_next (answers, G_MAXUINT);
      g_autoptr (JsonObject) response = anx_answers_to_fhir (answers, "completed", 0);
      g_autoptr (JsonObject) travelled = testing_copy (response);
      g_autoptr (AnxAnswers) again = anx_answers_parse (questionnaire, travelled, &error);
      g_assert_no_error (error);
      g_autoptr (JsonObject) response_again = anx_answers_to_fhir (again, "completed", 0);
      g_autofree char *one = anx_json_object_to_text (response), *other = anx_json_object_to_text (response_again);
      g_assert_cmpstr (one, ==, other);
    }
}

static gboolean
reads (const GArray *spans,
       const AnxNode *node)
{
  for (guint i = 0; i < spans->len; i++)
    if (g_array_index (spans, AnxSpan, i).from <= node->index && node->index < g_array_index (spans, AnxSpan, i).to)
      return TRUE;
  return FALSE;
}

/* An expression that goes through a group to one of its questions has nothing to do with those beside it. */
static void
test_reads (void)
{
  static const struct
  {
    const char *computed;
    const char *item;
    gboolean read;
  } cases[] = {
    { "c4", "q2", TRUE },  { "c4", "c1", TRUE },  { "c4", "q3", FALSE }, { "c4", "q0", FALSE }, { "c3", "q3", TRUE },
    { "c3", "q4", TRUE },  { "c3", "q2", FALSE }, { "c5", "q5", TRUE },  { "c5", "c6", FALSE }, { "c7", "q6", TRUE },
    { "c7", "q7", TRUE },  { "c7", "q5", FALSE },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) fhir = testing_json (affected);
  g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (fhir, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const AnxNode *computed = anx_questionnaire_find_node (questionnaire, cases[i].computed);
      const GArray *spans = anx_questionnaire_get_question (questionnaire, computed->question)->calculated_reads;
      g_test_message ("%s reads %s", cases[i].computed, cases[i].item);
      g_assert_nonnull (spans);
      g_assert_true (reads (spans, anx_questionnaire_find_node (questionnaire, cases[i].item)) == cases[i].read);
    }
}

static void
test_affected (void)
{
  walk_affected (affected, 20);
  g_autoptr (GString) narrow = g_string_new (affected);
  g_assert_cmpuint (g_string_replace (narrow, WIDE, NARROW, 0), ==, 1);
  walk_affected (narrow->str, 21);
}

int
main (int argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/care/answers/values", test_values },       { "/care/answers/looks", test_looks },
    { "/care/answers/initial", test_initial },     { "/care/answers/nested", test_nested },
    { "/care/answers/several", test_several },     { "/care/answers/groups", test_groups },
    { "/care/answers/check", test_check },         { "/care/answers/scores", test_scores },
    { "/care/answers/round-trip", test_round_trip }, { "/care/answers/damaged", test_damaged },
    { "/care/answers/declared", test_declared },   { "/care/answers/cut-offs", test_cut_offs },
    { "/care/answers/results", test_results },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  g_test_add_func ("/care/answers/reads", test_reads);
  g_test_add_func ("/care/answers/affected", test_affected);
  return g_test_run ();
}
