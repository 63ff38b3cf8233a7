/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "json.h"

#define BRANCHING "tests/care/corpus/branching.json"

enum
{
  EVER,
  OFTEN,
  GLASSES,
  MOOD,
  NUMBER,
  PLAN,
  ALL,
  N_ITEMS
};

#define CHOICE                                                                                                         \
  "'linkId':'a','type':'choice','text':'A','answerOption':[{'valueCoding':{'code':'x'}},{'valueCoding':{'code':'y'}}]"
#define WEIGHED \
  "'linkId':'a','type':'integer','text':'A','extension':[{'url':'http://hl7.org/fhir/StructureDefinition/minValue','valueInteger':0}," \
  "{'url':'http://hl7.org/fhir/StructureDefinition/maxValue','valueInteger':3}]"
#define HEAD "'resourceType':'Questionnaire','url':'urn:x:q','status':'active'"
#define SCORE(parts) \
  "{" HEAD ",'item':[{" WEIGHED "}],'extension':[{'url':'urn:anxin:fhir:score','extension':[" parts "]}]}"
#define CODE "{'url':'code','valueCoding':{'code':'s'}}"
#define ITEM "{'url':'item','valueString':'a'}"
#define BAND(from, to) \
  "{'url':'band','extension':[{'url':'from','valueDecimal':" from "},{'url':'to','valueDecimal':" to "},{'url':'code','valueCode':'b'}," \
  "{'url':'level','valueCode':'green'}]}"
#define SAFETY(parts) \
  "{" HEAD ",'item':[{" WEIGHED "}],'extension':[{'url':'urn:anxin:fhir:safety-rule','extension':[" parts "]}]}"
#define EXPRESSION(kind, language, text) \
  "{" HEAD ",'item':[{'linkId':'a','type':'integer','text':'A','extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/" \
  "sdc-questionnaire-" kind "','valueExpression':{'language':'" language "','expression':'" text "'}}]}]}"
#define SECOND(rest) "{" HEAD ",'item':[{" CHOICE "},{'linkId':'b','type':'boolean','text':'B'," rest "}]}"

static void
test_good (void)
{
  static const char *const cases[] = {
    "{" HEAD ",'item':[{" CHOICE "}]}",
    "{" HEAD ",'item':[{" WEIGHED "}]}",
    "{" HEAD ",'item':[{'linkId':'g','type':'group','item':[{" CHOICE "}]}]}",
    "{" HEAD ",'item':[{" CHOICE ",'repeats':false,'readOnly':false}]}",
    SCORE (CODE "," ITEM),
    SCORE (CODE "," ITEM "," BAND ("0", "1") "," BAND ("2", "3")),
    SCORE (CODE "," ITEM ",{'url':'multiplier','valueDecimal':2}," BAND ("0", "6")),
    SAFETY ("{'url':'code','valueCode':'r'},{'url':'item','valueString':'a'},{'url':'minimumWeight','valueDecimal':3},"
            "{'url':'level','valueCode':'red'}"),
    SECOND ("'enableWhen':[{'question':'a','operator':'=','answerCoding':{'code':'x'}}]"),
    SECOND ("'enableWhen':[{'question':'a','operator':'exists','answerBoolean':true}]"),
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i]);
      g_autoptr (JsonObject) json = testing_json (cases[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (json, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (anx_questionnaire_get_canonical (questionnaire), ==, "urn:x:q");
      g_assert_cmpstr (anx_questionnaire_get_id (questionnaire), ==, "q");
    }
}

#define VARIABLE(text) \
  "{'url':'http://hl7.org/fhir/StructureDefinition/variable','valueExpression':{'name':'y','language':'text/fhirpath','expression':'" text "'}}"

static void
test_bad (void)
{
  static const struct
  {
    const char *json;
    int code;
    const char *names; /* what the message must name */
  } cases[] = {
    { "{}", ANX_CARE_ERROR_INVALID, "Questionnaire" },
    { "{'resourceType':'Patient'}", ANX_CARE_ERROR_INVALID, "Questionnaire" },
    { "{'resourceType':'Questionnaire','status':'active','item':[{" CHOICE "}]}", ANX_CARE_ERROR_INVALID, "url" },
    { "{'resourceType':'Questionnaire','url':'a|b','status':'active','item':[{" CHOICE "}]}", ANX_CARE_ERROR_INVALID,
      "url" },
    { "{'resourceType':'Questionnaire','url':'u','status':'new','item':[{" CHOICE "}]}", ANX_CARE_ERROR_INVALID,
      "status" },
    { "{" HEAD ",'id':'','item':[{" CHOICE "}]}", ANX_CARE_ERROR_INVALID, "id" },
    { "{" HEAD "}", ANX_CARE_ERROR_INVALID, "items" },
    { "{" HEAD ",'item':[]}", ANX_CARE_ERROR_INVALID, "no question" },
    { "{" HEAD ",'item':[7]}", ANX_CARE_ERROR_INVALID, "item" },
    { "{" HEAD ",'title':7,'item':[{" CHOICE "}]}", ANX_CARE_ERROR_INVALID, "title" },
    { "{" HEAD ",'modifierExtension':[],'item':[{" CHOICE "}]}", ANX_CARE_ERROR_UNSUPPORTED, "modifierExtension" },
    { "{" HEAD ",'item':[{" CHOICE "},{" CHOICE "}]}", ANX_CARE_ERROR_INVALID, "“a”" },
    { "{" HEAD ",'item':[{'type':'choice','text':'A'}]}", ANX_CARE_ERROR_INVALID, "linkId" },
    { "{" HEAD ",'item':[{'linkId':'a','text':'A'}]}", ANX_CARE_ERROR_INVALID, "a: it has no type" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A'}]}", ANX_CARE_ERROR_INVALID,
      "a: it has no answerOption" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','answerOption':[{'valueCoding':{'code':'x'}}]}]}",
      ANX_CARE_ERROR_INVALID, "a: the question has no text" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerValueSet':'u'}]}", ANX_CARE_ERROR_UNSUPPORTED,
      "a: answerValueSet" },
    { "{" HEAD ",'item':[{" CHOICE ",'initial':[]}]}", ANX_CARE_ERROR_INVALID, "a: initial" },
    { "{" HEAD ",'item':[{" CHOICE ",'initial':[{'valueCoding':{'code':'z'}}]}]}", ANX_CARE_ERROR_INVALID, "a: initial" },
    { "{" HEAD ",'item':[{" CHOICE ",'initialCoding':{'code':'x'}}]}", ANX_CARE_ERROR_UNSUPPORTED, "STU3" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'coding','text':'A'}]}", ANX_CARE_ERROR_UNSUPPORTED, "a: type “coding”" },
    { "{" HEAD ",'item':[{" CHOICE ",'repeats':true,'item':[{'linkId':'b','type':'boolean','text':'B'}]}]}", ANX_CARE_ERROR_UNSUPPORTED,
      "a: items in a question that repeats" },
    { "{" HEAD ",'item':[{" CHOICE "},{'linkId':'h','type':'display','text':'H','required':true}]}", ANX_CARE_ERROR_INVALID, "h: a display" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'string','text':'A','maxLength':-1}]}", ANX_CARE_ERROR_INVALID, "a: maxLength" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'integer','text':'A','extension':[{'url':'http://hl7.org/fhir/StructureDefinition/minValue','valueInteger':3},"
      "{'url':'http://hl7.org/fhir/StructureDefinition/maxValue','valueInteger':2}]}]}", ANX_CARE_ERROR_INVALID, "a: minValue" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'string','text':'A','extension':[{'url':'http://hl7.org/fhir/StructureDefinition/regex','valueString':'('}]}]}",
      ANX_CARE_ERROR_INVALID, "a: its regex" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerValueSet':'#s'}]}", ANX_CARE_ERROR_INVALID, "a: answerValueSet" },
    { "{" HEAD ",'contained':[{'resourceType':'ValueSet','id':'s','compose':{'include':[{'system':'u'}]}}],'item':[{'linkId':'a','type':'choice','text':'A',"
      "'answerValueSet':'#s'}]}", ANX_CARE_ERROR_UNSUPPORTED, "a: a value set without" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'boolean','text':'A','enableWhen':[{'question':'b','operator':'=','answerBoolean':true}]},"
      "{'linkId':'b','type':'boolean','text':'B','enableWhen':[{'question':'a','operator':'=','answerBoolean':true}]}]}",
      ANX_CARE_ERROR_INVALID, "circle" },
    { "{'resourceType':'Questionnaire','url':'urn:x','status':'active','implicitRules':'http://x','item':[{'linkId':'a','type':'boolean','text':'A'}]}",
      ANX_CARE_ERROR_UNSUPPORTED, "implicitRules" },
    { "{'resourceType':'Questionnaire','status':'active','item':[{'linkId':'a','type':'boolean','text':'A'}]}", ANX_CARE_ERROR_INVALID, "neither “url” nor “id”" },
    { "{'resourceType':'Questionnaire','url':'urn:x','status':'active','item':[{'linkId':'a','type':'boolean','text':'A','extension':[" VARIABLE ("1") "," VARIABLE ("2") "]}]}",
      ANX_CARE_ERROR_INVALID, "a: two variables have the name “y”" },
    { EXPRESSION ("calculatedExpression", "text/cql", "1"), ANX_CARE_ERROR_UNSUPPORTED, "a: calculatedExpression in the language “text/cql”" },
    { EXPRESSION ("calculatedExpression", "text/fhirpath", "1 +"), ANX_CARE_ERROR_INVALID, "a: calculatedExpression" },
    { EXPRESSION ("calculatedExpression", "text/fhirpath", "nothing()"), ANX_CARE_ERROR_UNSUPPORTED, "nothing" },
    { EXPRESSION ("calculatedExpression", "text/fhirpath", "%resource.item.lnikId"), ANX_CARE_ERROR_INVALID, "no element “lnikId”" },
    { EXPRESSION ("enableWhenExpression", "text/fhirpath", "%resource.item.answer.valueCoding.exists()"), ANX_CARE_ERROR_INVALID,
      "a: enableWhenExpression: “valueCoding” is the name in JSON" },
    { EXPRESSION ("calculatedExpression", "text/fhirpath", "%patient.age"), ANX_CARE_ERROR_UNSUPPORTED, "%patient" },
    { EXPRESSION ("enableWhenExpression", "text/fhirpath", "%nobody"), ANX_CARE_ERROR_UNSUPPORTED, "a: enableWhenExpression: %nobody" },
    { EXPRESSION ("answerExpression", "text/fhirpath", "1"), ANX_CARE_ERROR_UNSUPPORTED, "a: answerExpression" },
    { "{" HEAD ",'item':[{'linkId':'g','type':'group'}]}", ANX_CARE_ERROR_INVALID, "items" },
    { "{" HEAD ",'item':[{" CHOICE ",'extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/"
      "sdc-questionnaire-calculatedExpression'}]}]}",
      ANX_CARE_ERROR_INVALID, "a: calculatedExpression" },
    { "{" HEAD ",'item':[{" CHOICE ",'extension':[{'url':'http://hl7.org/fhir/uv/sdc/StructureDefinition/"
      "sdc-questionnaire-enableWhenExpression'}]}]}",
      ANX_CARE_ERROR_INVALID, "a: enableWhenExpression" },
    { "{" HEAD ",'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/variable'}],'item':[{" CHOICE "}]}",
      ANX_CARE_ERROR_INVALID, "variable" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerOption':[{'valueCoding':{'code':'x'}},{'"
               "valueCoding':{'code':'x'}}]}]}",
      ANX_CARE_ERROR_INVALID, "a: two answers" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerOption':[{'valueCoding':{'code':'x'}},{'"
               "valueString':'x'}]}]}",
      ANX_CARE_ERROR_INVALID, "a: its answers" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerOption':[{'valueCoding':{'display':'x'}}]}]}",
      ANX_CARE_ERROR_INVALID, "a: an answerOption" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerOption':[{'valueDecimal':1}]}]}",
      ANX_CARE_ERROR_INVALID, "a: an answer" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerOption':['x']}]}", ANX_CARE_ERROR_INVALID,
      "a: an answerOption" },
    { "{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerOption':[{'valueInteger':1.5}]}]}",
      ANX_CARE_ERROR_INVALID, "a: an answerOption" },
    { SECOND ("'enableWhen':[]"), ANX_CARE_ERROR_INVALID, "b: enableWhen" },
    { SECOND ("'enableWhen':[7]"), ANX_CARE_ERROR_INVALID, "b: an enableWhen" },
    { SECOND ("'enableWhen':[{'question':'b','operator':'exists','answerBoolean':true}]"), ANX_CARE_ERROR_INVALID,
      "b: enableWhen" },
    { SECOND ("'enableWhen':[{'question':'c','operator':'exists','answerBoolean':true}]"), ANX_CARE_ERROR_INVALID,
      "b: enableWhen" },
    { SECOND ("'enableWhen':[{'question':'a','operator':'~','answerBoolean':true}]"), ANX_CARE_ERROR_INVALID,
      "b: enableWhen" },
    { SECOND ("'enableWhen':[{'question':'a','operator':'exists'}]"), ANX_CARE_ERROR_INVALID, "answerBoolean" },
    { SECOND ("'enableWhen':[{'question':'a','operator':'=','answerCoding':{'code':'z'}}]"), ANX_CARE_ERROR_INVALID,
      "b: enableWhen" },
    { SECOND ("'enableWhen':[{'question':'a','operator':'=','answerBoolean':true}]"), ANX_CARE_ERROR_INVALID,
      "b: enableWhen" },
    { SECOND ("'enableWhen':[{'question':'a','operator':'>','answerCoding':{'code':'x'}}]"), ANX_CARE_ERROR_UNSUPPORTED,
      "weights" },
    { SECOND (
          "'enableWhen':[{'question':'a','operator':'exists','answerBoolean':true},{'question':'a','operator':'exists',"
          "'answerBoolean':true}]"),
      ANX_CARE_ERROR_INVALID, "enableBehavior" },
    { SECOND ("'enableBehavior':'some','enableWhen':[{'question':'a','operator':'exists','answerBoolean':true}]"),
      ANX_CARE_ERROR_INVALID, "enableBehavior" },
    { SCORE (ITEM), ANX_CARE_ERROR_INVALID, "code" },
    { SCORE (CODE), ANX_CARE_ERROR_INVALID, "s: the score has no items" },
    { SCORE (CODE "," ITEM "," ITEM), ANX_CARE_ERROR_INVALID, "s: an item counts twice" },
    { SCORE (CODE ",{'url':'item','valueString':'z'}"), ANX_CARE_ERROR_INVALID, "“z”" },
    { SCORE (CODE "," ITEM ",{'url':'maxMising','valueInteger':0}"), ANX_CARE_ERROR_UNSUPPORTED, "maxMising" },
    { SCORE (CODE "," ITEM ",{'url':'maxMissing','valueInteger':1}"), ANX_CARE_ERROR_INVALID, "maxMissing" },
    { SCORE (CODE "," ITEM ",{'url':'maxMissing','valueInteger':-1}"), ANX_CARE_ERROR_INVALID, "maxMissing" },
    { SCORE (CODE "," ITEM ",{'url':'multiplier','valueDecimal':0}"), ANX_CARE_ERROR_INVALID, "multiplier" },
    { SCORE (CODE "," ITEM ",{'url':'skipped','valueCode':'one'}"), ANX_CARE_ERROR_INVALID, "skipped" },
    { SCORE (CODE "," ITEM "," BAND ("0", "2")), ANX_CARE_ERROR_INVALID, "s: the bands do not hold" },
    { SCORE (CODE "," ITEM "," BAND ("1", "3")), ANX_CARE_ERROR_INVALID, "s: the bands do not hold" },
    { SCORE (CODE "," ITEM "," BAND ("0", "2") "," BAND ("2", "3")), ANX_CARE_ERROR_INVALID, "s: the bands overlap" },
    { SCORE (CODE "," ITEM "," BAND ("3", "0")), ANX_CARE_ERROR_INVALID, "s: a band" },
    { SCORE (CODE "," ITEM ",{'url':'band','extension':[{'url':'from','valueDecimal':0},{'url':'to','valueDecimal':3},"
                  "{'url':'code','valueCode':'b'},{'url':'level','valueCode':'blue'}]}"),
      ANX_CARE_ERROR_INVALID, "s: a band" },
    { "{" HEAD ",'item':[{" CHOICE "}],'extension':[{'url':'urn:anxin:fhir:score','extension':[" CODE "," ITEM "]}]}",
      ANX_CARE_ERROR_INVALID, "without a weight" },
    { SAFETY ("{'url':'item','valueString':'a'}"), ANX_CARE_ERROR_INVALID, "safety rule" },
    { SAFETY ("{'url':'code','valueCode':'Über'},{'url':'item','valueString':'a'}"), ANX_CARE_ERROR_INVALID,
      "safety rule" },
    { SAFETY ("{'url':'code','valueCode':'r'},{'url':'item','valueString':'z'}"), ANX_CARE_ERROR_INVALID, "r: “z”" },
    { SAFETY (
          "{'url':'code','valueCode':'r'},{'url':'item','valueString':'a'},{'url':'minimumWeight','valueDecimal':1}"),
      ANX_CARE_ERROR_INVALID, "level" },
    { SAFETY ("{'url':'code','valueCode':'r'},{'url':'item','valueString':'a'},{'url':'level','valueCode':'green'},"
              "{'url':'minimumWeight','valueDecimal':1}"),
      ANX_CARE_ERROR_INVALID, "level" },
    { SAFETY ("{'url':'code','valueCode':'r'},{'url':'item','valueString':'a'},{'url':'level','valueCode':'red'}"),
      ANX_CARE_ERROR_INVALID, "no answer would" },
    { SAFETY ("{'url':'code','valueCode':'r'},{'url':'item','valueString':'a'},{'url':'level','valueCode':'red'},"
              "{'url':'minimumWeight','valueDecimal':4}"),
      ANX_CARE_ERROR_INVALID, "no answer would" },
    { SAFETY ("{'url':'code','valueCode':'r'},{'url':'item','valueString':'a'},{'url':'level','valueCode':'red'},"
              "{'url':'option','valueCode':'9'}"),
      ANX_CARE_ERROR_INVALID, "“9”" },
    { SAFETY ("{'url':'code','valueCode':'r'},{'url':'item','valueString':'a'},{'url':'level','valueCode':'red'},"
              "{'url':'minimumWeigt','valueDecimal':1}"),
      ANX_CARE_ERROR_UNSUPPORTED, "minimumWeigt" },
    { "{" HEAD ",'item':[{" CHOICE "},{'linkId':'h','type':'display','text':'H','enableWhen':[]}]}",
      ANX_CARE_ERROR_INVALID, "h: enableWhen" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].json);
      g_autoptr (JsonObject) json = testing_json (cases[i].json);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_questionnaire_parse (json, &error));
      g_assert_error (error, ANX_CARE_ERROR, cases[i].code);
      if (strstr (error->message, cases[i].names) == NULL)
        g_error ("“%s” does not name “%s”", error->message, cases[i].names);
    }
}

static void
test_bounds (void)
{
  g_autoptr (GString) items = g_string_new ("{" HEAD ",'item':[");
  for (int i = 0; i <= 2000; i++)
    g_string_append_printf (items, "%s{'linkId':'%d','type':'boolean','text':'A'}", i > 0 ? "," : "", i);
  g_string_append (items, "]}");
  g_autoptr (GString) options
      = g_string_new ("{" HEAD ",'item':[{'linkId':'a','type':'choice','text':'A','answerOption':[");
  for (int i = 0; i <= 1000; i++)
    g_string_append_printf (options, "%s{'valueInteger':%d}", i > 0 ? "," : "", i);
  g_string_append (options, "]}]}");
  g_autofree char *words = g_strnfill (8001, 'x');
  g_autofree char *text = g_strdup_printf ("{" HEAD ",'title':'%s','item':[{" CHOICE "}]}", words);
  const char *const cases[] = { items->str, options->str, text };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", (guint) i);
      g_autoptr (JsonObject) json = testing_json (cases[i]);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_questionnaire_parse (json, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE);
    }
}

static void
test_languages (void)
{
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (BRANCHING);
  static const struct
  {
    const char *language;
    const char *title;
  } cases[] = { { "zh", "分支" }, { "zh-CN", "分支" }, { "en", "Branches" }, { "EN-us", "Branches" },
                { "fr", "分支" }, { NULL, "分支" },    { "english", "分支" } };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].language);
      g_autofree char *title = anx_questionnaire_dup_title (questionnaire, cases[i].language);
      g_assert_cmpstr (title, ==, cases[i].title);
    }
  g_autofree char *untranslated = anx_questionnaire_dup_item_text (questionnaire, MOOD, "en");
  g_assert_cmpstr (untranslated, ==, "心情？");
  g_autofree char *yes = anx_questionnaire_dup_option_text (questionnaire, EVER, 0, "en");
  g_assert_cmpstr (yes, ==, "Yes");
  g_autofree char *ja = anx_questionnaire_dup_option_text (questionnaire, EVER, 1, "zh");
  g_assert_cmpstr (ja, ==, "否");
  g_autofree char *intro = anx_questionnaire_dup_intro (questionnaire, "zh");
  g_assert_cmpstr (intro, ==, "您好");
  g_autofree char *stem = anx_questionnaire_dup_item_intro (questionnaire, GLASSES, "zh");
  g_assert_cmpstr (stem, ==, "再问几句");
  g_assert_null (anx_questionnaire_dup_item_intro (questionnaire, MOOD, "zh"));
  g_assert_null (anx_questionnaire_dup_credit (questionnaire, "zh"));
}

static void
test_branches (void)
{
  static const struct
  {
    int ever, often, glasses, mood, number;
    const char *enabled; /* one digit per item */
  } cases[] = {
    { -1, -1, -1, -1, -1, "1001010" }, /* != holds without an answer */
    { 0, -1, -1, -1, -1, "1101010" },  { 1, -1, -1, -1, -1, "1001010" },  { -2, -1, -1, -1, -1, "1001010" },
    { 0, 0, -1, -1, -1, "1101010" },   { 0, 1, -1, -1, -1, "1111010" },   { 0, 2, -1, -1, -1, "1111010" },
    { 0, -2, -1, -1, -1, "1101010" },  { -1, -1, -1, 0, -1, "1001000" },  { -1, -1, -1, 1, -1, "1001010" },
    { -1, -1, -1, -2, -1, "1001010" }, { -1, -1, -1, 0, 0, "1001110" },   { -1, -1, -1, 0, 1, "1001101" },
    { -1, -1, -1, 0, -2, "1001000" },  { 0, 1, 4, 0, 1, "1111100" },      { 0, 1, -2, 0, 1, "1111101" },
    { 1, 1, 4, 0, 1, "1001101" }, /* the glasses are no longer asked, so they have no answer */
  };
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (BRANCHING);
  g_assert_cmpuint (anx_questionnaire_get_n_items (questionnaire), ==, N_ITEMS);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", (guint) i);
      g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
      anx_answers_set (answers, EVER, cases[i].ever);
      anx_answers_set (answers, OFTEN, cases[i].often);
      anx_answers_set (answers, GLASSES, cases[i].glasses);
      anx_answers_set (answers, MOOD, cases[i].mood);
      anx_answers_set (answers, NUMBER, cases[i].number);
      guint n = 0, walked = 0;
      for (guint k = 0; k < N_ITEMS; k++)
        {
          /* The number is always asked; the table writes it only where it was answered. */
          gboolean expected = k == NUMBER || cases[i].enabled[k] == '1';
          g_assert_true (anx_answers_is_enabled (answers, k) == expected);
          n += expected ? 1 : 0;
        }
      g_assert_cmpuint (anx_answers_count_enabled (answers), ==, n);
      guint last = G_MAXUINT;
      for (guint k = anx_answers_next (answers, G_MAXUINT); k != G_MAXUINT; k = anx_answers_next (answers, k))
        {
          g_assert_cmpuint (anx_answers_previous (answers, k), ==, last);
          g_assert_cmpuint (anx_answers_position (answers, k), ==, ++walked);
          last = k;
        }
      g_assert_cmpuint (walked, ==, n);
      g_assert_cmpuint (anx_answers_previous (answers, G_MAXUINT), ==, last);
    }
}

static void
test_scores (void)
{
  static const struct
  {
    int ever, often, glasses;
    gboolean present;
    double value;
    const char *band;
    AnxLevel level;
  } cases[] = {
    { 1, -1, -1, TRUE, 0, "low", ANX_LEVEL_GREEN }, /* what is skipped counts nothing */
    { 0, 0, -1, TRUE, 2, "low", ANX_LEVEL_GREEN },
    { 0, 1, 1, TRUE, 8, "low", ANX_LEVEL_GREEN },
    { 0, 1, 2, TRUE, 10, "high", ANX_LEVEL_RED },
    { 0, 2, 12, TRUE, 34, "high", ANX_LEVEL_RED },
    { 0, 1, -1, FALSE, 0, NULL, ANX_LEVEL_GREEN },
    { 0, 1, -2, FALSE, 0, NULL, ANX_LEVEL_GREEN },
    { 0, -2, -1, FALSE, 0, NULL, ANX_LEVEL_GREEN },
    { -1, -1, -1, FALSE, 0, NULL, ANX_LEVEL_GREEN },
  };
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (BRANCHING);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", (guint) i);
      g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
      anx_answers_set (answers, EVER, cases[i].ever);
      anx_answers_set (answers, OFTEN, cases[i].often);
      anx_answers_set (answers, GLASSES, cases[i].glasses);
      g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
      AnxScore *score = scores->pdata[0];
      g_assert_true (score->present == cases[i].present);
      g_assert_cmpfloat (score->value, ==, cases[i].value);
      g_assert_cmpstr (score->band, ==, cases[i].band);
      g_assert_cmpint (score->level, ==, cases[i].level);
    }
}

/* What was said was said, even when the question is no longer asked. */
static void
test_safety_outlives_branch (void)
{
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (BRANCHING);
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  anx_answers_set (answers, MOOD, 1);
  anx_answers_set (answers, PLAN, 0);
  anx_answers_set (answers, MOOD, 0);
  g_assert_false (anx_answers_is_enabled (answers, PLAN));
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpint (((AnxSafetyFinding *) findings->pdata[0])->level, ==, ANX_LEVEL_RED);
}

static void
test_response (void)
{
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (BRANCHING);
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  static const int values[N_ITEMS] = { 0, 2, 7, 1, 1, ANX_ANSWER_DECLINED, ANX_ANSWER_NONE };
  for (guint i = 0; i < N_ITEMS; i++)
    anx_answers_set (answers, i, values[i]);
  g_autoptr (JsonObject) json = anx_answers_to_fhir (answers, "completed", 1795400000000000);
  g_autofree char *text = anx_json_object_to_text (json);
  g_assert_nonnull (strstr (text, "\"questionnaire\":\"urn:anxin:questionnaire:branching|2\""));
  g_assert_nonnull (strstr (text, "asked-declined"));
  g_assert_nonnull (strstr (text, "\"valueInteger\":7"));
  g_assert_nonnull (strstr (text, "{\"linkId\":\"more\",\"item\":[{\"linkId\":\"often\""));
  g_assert_null (strstr (text, "\"all\""));
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) back = anx_answers_parse (questionnaire, json, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_ITEMS; i++)
    g_assert_cmpint (anx_answers_get (back, i), ==, values[i]);
  g_assert_true (anx_answers_get_questionnaire (back) == questionnaire);
}

#define RESPONSE(items)                                                                                                \
  "{'resourceType':'QuestionnaireResponse','status':'completed','questionnaire':'urn:anxin:questionnaire:branching|2'" \
  ",'item':[" items "]}"
#define DECLINED                                                                                                       \
  "'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/data-absent-reason','valueCode':'asked-declined'}]"

static void
test_good_responses (void)
{
  static const struct
  {
    const char *json;
    guint index;
    int value;
  } cases[] = {
    { RESPONSE (""), EVER, ANX_ANSWER_NONE },
    { "{'resourceType':'QuestionnaireResponse','status':'stopped','questionnaire':'urn:anxin:questionnaire:branching'}",
      EVER, ANX_ANSWER_NONE },
    { RESPONSE ("{'linkId':'often','answer':[{'valueCoding':{'code':'daily'}}]}"), OFTEN, 2 },
    { RESPONSE (
          "{'linkId':'more','item':[{'linkId':'often','answer':[{'valueCoding':{'system':'urn:x','code':'daily'}}]}]}"),
      OFTEN, 2 },
    { RESPONSE ("{'linkId':'ever'," DECLINED "}"), EVER, ANX_ANSWER_DECLINED },
    { RESPONSE ("{'linkId':'ever','answer':[{" DECLINED "}]}"), EVER, ANX_ANSWER_DECLINED },
    { RESPONSE ("{'linkId':'ever','answer':[{'_valueBoolean':{" DECLINED "}}]}"), EVER, ANX_ANSWER_DECLINED },
    { RESPONSE ("{'linkId':'often','answer':[{'valueCoding':{" DECLINED "}}]}"), OFTEN, ANX_ANSWER_DECLINED },
    { RESPONSE ("{'linkId':'ever','extension':[{'url':'http://hl7.org/fhir/StructureDefinition/"
                "data-absent-reason','valueCode':'unknown'}]}"),
      EVER, ANX_ANSWER_NONE },
    { RESPONSE ("{'linkId':'ever','answer':[{'valueBoolean':false}]}"), EVER, 1 },
    { RESPONSE ("{'linkId':'number','answer':[{'valueInteger':5}]}"), NUMBER, 1 },
    { RESPONSE ("{'linkId':'mood','answer':[{'valueString':'不好'}]}"), MOOD, 1 },
    { RESPONSE ("{'linkId':'secret','answer':[{'valueString':'ignored'}]},{'linkId':'hello'}"), EVER, ANX_ANSWER_NONE },
  };
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (BRANCHING);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].json);
      g_autoptr (JsonObject) json = testing_json (cases[i].json);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxAnswers) answers = anx_answers_parse (questionnaire, json, &error);
      g_assert_no_error (error);
      g_assert_cmpint (anx_answers_get (answers, cases[i].index), ==, cases[i].value);
    }
}

static void
test_bad_responses (void)
{
  static const char *const cases[] = {
    "{}",
    "{'resourceType':'QuestionnaireResponse','status':'completed'}",
    "{'resourceType':'QuestionnaireResponse','questionnaire':'urn:anxin:questionnaire:branching|2'}",
    "{'resourceType':'QuestionnaireResponse','status':'entered-in-error','questionnaire':'urn:anxin:questionnaire:"
    "branching|2'}",
    "{'resourceType':'QuestionnaireResponse','status':'completed','questionnaire':'urn:anxin:questionnaire:branching|3'"
    "}",
    "{'resourceType':'QuestionnaireResponse','status':'completed','questionnaire':'urn:anxin:questionnaire:other|2'}",
    "{'resourceType':'QuestionnaireResponse','status':'completed','questionnaire':'urn:anxin:questionnaire:branching|2'"
    ",'item':7}",
    RESPONSE ("7"),
    RESPONSE ("{}"),
    RESPONSE ("{'linkId':'nothing'}"),
    RESPONSE ("{'linkId':'ever'},{'linkId':'ever'}"),
    RESPONSE ("{'linkId':'ever','answer':[]}"),
    RESPONSE ("{'linkId':'ever','answer':[7]}"),
    RESPONSE ("{'linkId':'ever','answer':7}"),
    RESPONSE ("{'linkId':'ever','answer':[{}]}"),
    RESPONSE ("{'linkId':'ever','answer':[{'valueBoolean':'true'}]}"),
    RESPONSE ("{'linkId':'ever','answer':[{'valueBoolean':true},{'valueBoolean':false}]}"),
    RESPONSE ("{'linkId':'ever'," DECLINED ",'answer':[{'valueBoolean':true}]}"),
    RESPONSE ("{'linkId':'ever','answer':[{'valueBoolean':true,'item':[]}]}"),
    RESPONSE ("{'linkId':'ever','item':[]}"),
    RESPONSE ("{'linkId':'often','answer':[{'valueCoding':{'code':'hourly'}}]}"),
    RESPONSE ("{'linkId':'often','answer':[{'valueCoding':{'system':'urn:y','code':'daily'}}]}"),
    RESPONSE ("{'linkId':'often','answer':[{'valueString':'daily'}]}"),
    RESPONSE ("{'linkId':'number','answer':[{'valueInteger':2}]}"),
    RESPONSE ("{'linkId':'number','answer':[{'valueInteger':1.5}]}"),
    RESPONSE ("{'linkId':'glasses','answer':[{'valueInteger':13}]}"),
    RESPONSE ("{'linkId':'more','item':7}"),
  };
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (BRANCHING);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i]);
      g_autoptr (JsonObject) json = testing_json (cases[i]);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_answers_parse (questionnaire, json, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static void
on_damaged (JsonObject *object,
            const char *path,
            gpointer data)
{
  guint *good = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (object, &error);
  if (questionnaire == NULL)
    {
      g_assert_true (error != NULL && error->domain == ANX_CARE_ERROR);
      return;
    }
  g_assert_no_error (error);
  (*good)++;
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
    anx_answers_set (answers, i, anx_questionnaire_get_item (questionnaire, i)->n_options > 0 ? 0 : ANX_ANSWER_DECLINED);
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  g_assert_nonnull (scores);
  g_assert_nonnull (findings);
}

static void
test_damaged (void)
{
  g_autoptr (JsonObject) json = testing_load (BRANCHING);
  guint good = 0;
  testing_damage (json, on_damaged, &good);
  g_assert_cmpuint (good, >, 0);
}

static void
test_levels (void)
{
  for (int i = ANX_LEVEL_GREEN; i <= ANX_LEVEL_RED; i++)
    g_assert_cmpint (anx_level_from_string (anx_level_to_string ((AnxLevel) i)), ==, i);
  g_assert_cmpint (anx_level_from_string (NULL), ==, ANX_LEVEL_RED);
  g_assert_cmpint (anx_level_from_string ("Green"), ==, ANX_LEVEL_RED);
  g_assert_cmpint (anx_level_from_string (""), ==, ANX_LEVEL_RED);
}

static void
test_references (void)
{
  AnxQuestionnaire *questionnaire = testing_questionnaire (BRANCHING);
  AnxAnswers *answers = anx_answers_new (questionnaire);
  anx_questionnaire_unref (questionnaire);
  g_assert_cmpstr (anx_questionnaire_get_id (anx_answers_get_questionnaire (answers)), ==, "branching");
  g_object_add_weak_pointer (G_OBJECT (answers), (gpointer *) &answers);
  g_object_unref (answers);
  g_assert_null (answers);
}

/* Those of the PHQ-9: Kroenke, Spitzer, Williams 2001 (5, 10, 15, 20). */
static void
test_bands (void)
{
  static const double ends[][2] = { { 0, 4 }, { 5, 9 }, { 10, 14 }, { 15, 19 }, { 20, 27 } };
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire ("data/questionnaires/phq-9.json");
  double from = -1, to = -1;
  AnxLevel level = ANX_LEVEL_RED;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_assert_true (anx_questionnaire_get_band (questionnaire, "44261-6", i, &from, &to, &level));
      g_assert_cmpfloat (from, ==, ends[i][0]);
      g_assert_cmpfloat (to, ==, ends[i][1]);
      g_assert_cmpint (level, ==, i < 3 ? ANX_LEVEL_GREEN : ANX_LEVEL_YELLOW);
    }
  g_assert_false (anx_questionnaire_get_band (questionnaire, "44261-6", G_N_ELEMENTS (ends), &from, &to, &level));
  g_assert_false (anx_questionnaire_get_band (questionnaire, "nothing", 0, &from, &to, &level));
  g_assert_cmpfloat (to, ==, 27);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/questionnaire/good", test_good);
  g_test_add_func ("/care/questionnaire/bad", test_bad);
  g_test_add_func ("/care/questionnaire/bounds", test_bounds);
  g_test_add_func ("/care/questionnaire/languages", test_languages);
  g_test_add_func ("/care/questionnaire/branches", test_branches);
  g_test_add_func ("/care/questionnaire/scores", test_scores);
  g_test_add_func ("/care/questionnaire/bands", test_bands);
  g_test_add_func ("/care/questionnaire/safety-outlives-branch", test_safety_outlives_branch);
  g_test_add_func ("/care/questionnaire/response", test_response);
  g_test_add_func ("/care/questionnaire/good-responses", test_good_responses);
  g_test_add_func ("/care/questionnaire/bad-responses", test_bad_responses);
  g_test_add_func ("/care/questionnaire/damaged", test_damaged);
  g_test_add_func ("/care/questionnaire/levels", test_levels);
  g_test_add_func ("/care/questionnaire/references", test_references);
  return g_test_run ();
}
