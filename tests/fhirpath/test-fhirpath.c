/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhirpath-bounds.h"
#include "fhirpath.h"
#include "json.h"

/* 2026-11-22 09:30:00.250 in China. */
#define NOW_USEC G_GINT64_CONSTANT (1795311000250000)

static JsonNode *
json (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = g_strdelimit (g_strdup (text), "'", '"');
  JsonNode *node = anx_json_parse (quoted, -1, 1 << 20, &error);
  g_assert_no_error (error);
  return node;
}

static AnxFhirpath *
compile (const char *text)
{
  g_autoptr (GError) error = NULL;
  AnxFhirpath *expression = anx_fhirpath_compile (text, &error);
  g_assert_no_error (error);
  return expression;
}

/* All items as texts with “ | ” between them; "-" for nothing; "!" and the error's code for an error. */
static char *
run (const char *text,
     JsonNode *focus,
     const char *type,
     AnxFhirpathEnv *env)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxFhirpath) expression = anx_fhirpath_compile (text, &error);
  g_autoptr (AnxFhirpathCollection) result =
      expression != NULL ? anx_fhirpath_evaluate_node (expression, focus, type, env, &error) : NULL;
  if (result == NULL)
    {
      g_test_message ("%s: %s", text, error->message);
      return g_strdup_printf ("!%d", error->code);
    }
  if (anx_fhirpath_collection_get_length (result) == 0)
    return g_strdup ("-");
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; i < anx_fhirpath_collection_get_length (result); i++)
    {
      g_autofree char *one = anx_fhirpath_item_dup_string (anx_fhirpath_collection_get (result, i));
      g_string_append_printf (out, "%s%s", i > 0 ? " | " : "", one != NULL ? one : "{}");
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

typedef struct
{
  const char *text;
  const char *result;
} Case;

static void
check (const Case *cases,
       gsize n_cases,
       JsonNode *focus,
       AnxFhirpathEnv *env)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autofree char *result = run (cases[i].text, focus, NULL, env);
      g_test_message ("%s gives %s", cases[i].text, result);
      g_assert_cmpstr (result, ==, cases[i].result);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    AnxFhirpathError code;
    const char *message;
  } cases[] = {
    { "", ANX_FHIRPATH_ERROR_SYNTAX, "Character 1:" },
    { "a.", ANX_FHIRPATH_ERROR_SYNTAX, "Character 3:" },
    { "a..b", ANX_FHIRPATH_ERROR_SYNTAX, "Character 3:" },
    { "(1", ANX_FHIRPATH_ERROR_SYNTAX, "“)” is missing" },
    { "1)", ANX_FHIRPATH_ERROR_SYNTAX, "Character 2:" },
    { "'abc", ANX_FHIRPATH_ERROR_SYNTAX, "does not end" },
    { "'\\q'", ANX_FHIRPATH_ERROR_SYNTAX, "no such escape" },
    { "'\\u0000'", ANX_FHIRPATH_ERROR_SYNTAX, "no character" },
    { "'\\ud800'", ANX_FHIRPATH_ERROR_SYNTAX, "no character" },
    { "/* a", ANX_FHIRPATH_ERROR_SYNTAX, "comment" },
    { "@2015-13", ANX_FHIRPATH_ERROR_SYNTAX, "no date" },
    { "@2023-02-29", ANX_FHIRPATH_ERROR_SYNTAX, "no date" },
    { "@T24:00", ANX_FHIRPATH_ERROR_SYNTAX, "no date" },
    { "$that", ANX_FHIRPATH_ERROR_SYNTAX, "Character 1:" },
    { "a ; b", ANX_FHIRPATH_ERROR_SYNTAX, "Character 3:" },
    { "where()", ANX_FHIRPATH_ERROR_SYNTAX, "argument is missing" },
    { "count(1)", ANX_FHIRPATH_ERROR_SYNTAX, "too many" },
    { "item.memberOf('x')", ANX_FHIRPATH_ERROR_UNSUPPORTED, "Character 6: the function “memberOf” is not supported" },
    { "resolve()", ANX_FHIRPATH_ERROR_UNSUPPORTED, "“resolve”" },
    { "iif(true, nonsense(), 1)", ANX_FHIRPATH_ERROR_UNSUPPORTED, "Character 11: the function “nonsense”" },
    { "a like b", ANX_FHIRPATH_ERROR_UNSUPPORTED, "Character 3: “like” is no operator" },
    { "a is Codeing", ANX_FHIRPATH_ERROR_UNSUPPORTED, "“Codeing”" },
    { "a.ofType(FHIR.Nothing)", ANX_FHIRPATH_ERROR_UNSUPPORTED, "“Nothing”" },
    { "2147483648", ANX_FHIRPATH_ERROR_TOO_LARGE, "2147483647" },
    { "1234567890123456789012345678901234567890.0", ANX_FHIRPATH_ERROR_TOO_LARGE, "digits" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxFhirpath) expression = anx_fhirpath_compile (cases[i].text, &error);
      g_test_message ("%s: %s", cases[i].text, error != NULL ? error->message : "compiled");
      g_assert_null (expression);
      g_assert_error (error, ANX_FHIRPATH_ERROR, (int) cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

static char *
repeated (const char *begin,
          const char *middle,
          guint count,
          const char *end)
{
  GString *text = g_string_new (begin);
  for (guint i = 0; i < count; i++)
    g_string_append (text, middle);
  g_string_append (text, end);
  return g_string_free (text, FALSE);
}

/* Each bound is reached, from both sides where that is cheap. */
static void
test_bounds (void)
{
  const struct
  {
    char *text;
    const char *result;
  } cases[] = {
    { repeated ("1", " ", ANX_FHIRPATH_MAX_TEXT_BYTES - 1, ""), "1" },
    { repeated ("1", " ", ANX_FHIRPATH_MAX_TEXT_BYTES, ""), "!2" },
    { repeated ("", "(", 150, "1"), "!0" },
    { repeated ("", "(", 5000, "1"), "!2" },
    { repeated ("", "-", 5000, "1"), "!2" },
    { repeated ("1", "+1", 150, ""), "151" },
    { repeated ("1", "+1", 5000, ""), "!2" },
    { repeated ("a", ".a", 5000, ""), "!2" },
    { repeated ("a", "[0]", 5000, ""), "!2" },
    { repeated ("", "iif(true,", 5000, ""), "!2" },
    /* 2^40 steps, 2^40 items, 2^40 bytes */
    { repeated ("(1|2)", ".select((1|2|3|4|5|6|7|8).combine(1|2|3|4|5|6|7|8))", 12, ".count()"), "!2" },
    { repeated ("'xxxxxxxxxxxxxxxx'", ".select($this+$this)", 30, ".length()"), "!2" },
    { repeated ("'xxxxxxxxxxxxxxxx'", ".select($this+$this)", 10, ".length()"), "16384" },
    { repeated ("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", 0, "'.matches('^(a+)+$|(a*)*b')"), "true" },
    { repeated ("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", 0, "'.matches('^(a+)+b$|^((a*)*)*c$')"), "!2" },
    { repeated ("(1|2).repeat($this + 1)", "", 0, ".count()"), "!2" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autofree char *result = run (cases[i].text, NULL, NULL, NULL);
      g_test_message ("%.60s… gives %s after %d ms", cases[i].text, result,
                      (int) ((g_get_monotonic_time () - start) / 1000));
      g_assert_cmpstr (result, ==, cases[i].result);
      g_free (cases[i].text);
    }
}

static void
test_numbers (void)
{
  static const Case cases[] = {
    { "0.1 + 0.2 = 0.3", "true" },
    { "0.1 + 0.2", "0.3" },
    { "1.10 + 1.10", "2.20" },
    { "10 / 4", "2.5" },
    { "1 / 3", "0.333333333333333333" },
    { "2 / 3", "0.666666666666666667" },
    { "1 / 3 * 3 = 1", "false" },
    { "9999999999999999999999999999.99999998 + 0.00000001", "9999999999999999999999999999.99999999" },
    { "9999999999999999999999999999.99999999 + 0.00000001", "-" },
    { "0.000000000000000001 * 0.5", "0.000000000000000001" },
    { "1000000000000000000.0 * 1000000000000000000.0 * 1000.0", "-" },
    { "2147483647 + 1", "-" },
    { "2147483647 * 2147483647", "-" },
    { "-7 div 2", "-3" },
    { "-7 mod 2", "-1" },
    { "0.9 div 0.3", "3" },
    { "5.5 mod 0.7", "0.6" },
    { "2.5.round()", "3" },
    { "(-2.5).round()", "-3" },
    { "2.345.round(2)", "2.35" },
    { "1.5.truncate() + 1.5.ceiling() + (-1.5).floor()", "1" },
    { "2.power(10)", "1024" },
    { "2.power(40)", "-" },
    { "2.power(0.5)", "1.4142135623731" },
    { "2.power(-1)", "0.5" },
    { "1.exp()", "2.71828182845905" },
    { "0.ln()", "-" },
    { "'x'.abs()", "!3" },
    { "(1 | 2).abs()", "!3" },
    { "1 + 'a'", "!3" },
    { "1 + true", "!3" },
    { "{} + 1", "-" },
    { "(1 | 2 | 3.5).sum()", "6.5" },
    { "{}.sum()", "-" },
    { "(1 | 2 | 4).avg()", "2.333333333333333333" },
    { "(3 | 1 | 2).min() & ''", "!3" },
    { "(3 | 1 | 2).max()", "3" },
    { "('b' | 'a').min()", "a" },
    { "(1 | 'a').sum()", "!3" },
    { "(1 'mg' | 2 'g').sum()", "2001 'mg'" },
    { "(@2020 | @2021).sum()", "!3" },
  };
  check (cases, G_N_ELEMENTS (cases), NULL, NULL);
}

static void
test_times (void)
{
  static const Case cases[] = {
    { "now()", "2026-11-22T09:30:00.250+08:00" },
    { "today()", "2026-11-22" },
    { "timeOfDay()", "09:30:00.250" },
    { "today() - 18 years", "2008-11-22" },
    { "@2024-02-29 + 1 year", "2025-02-28" },
    { "@2024-01-31 + 1 month", "2024-02-29" },
    { "@2024-03-31 - 1 month", "2024-02-29" },
    { "@2024 + 25 months", "2026" },
    { "@2024-05 + 65 days", "2024-07" },
    { "@2024-05-01 + 23 hours", "2024-05-01" },
    { "@2024-05-01 + 25 hours", "2024-05-02" },
    { "@2024-12-31T23:59:59.9+08:00 + 200 milliseconds", "2025-01-01T00:00:00.1+08:00" },
    { "@T23:30 + 1 hour", "00:30" },
    { "@T00:30 - 1 hour", "23:30" },
    { "@T10:00 + 1 day", "!1" },
    { "@9999-12-31 + 1 day", "-" },
    { "@0001-01-01 - 1 day", "-" },
    { "@2024-01-01 + 1 'mg'", "!1" },
    { "@2024-01-01 + 1 'a'", "!1" },
    { "@2024-01-01 < @2024-01-02T00:00", "true" },
    { "@2024-01 = @2024-01-01", "-" },
    { "@2024-01 = @2024-02-01", "false" },
    { "@2024 > @2024-05", "-" },
    { "@2024-01-01T10:00:00Z = @2024-01-01T18:00:00+08:00", "true" },
    { "@2024-01-01T10:00:00Z < @2024-01-01T12:00:00", "-" },
    { "@2024-01-01T10:00:00Z < @2024-01-03T12:00:00", "true" },
    { "@2024-01-05T10:00:00 > @2024-01-03T12:00:00Z", "true" },
    { "@T10:30 < @T10:31", "true" },
    { "@T10:30 < @2024", "!3" },
    { "'2024-02-30'.toDate()", "-" },
    { "'2024-02-29T10:00:00Z'.toDate()", "2024-02-29" },
    { "@2024.toDateTime().is(DateTime)", "true" },
    { "1 year = 12 months", "true" },
    { "1 year = 365 days", "-" },
    { "1 year ~ 1 'a'", "true" },
    { "1 week > 6.5 days", "true" },
    { "1 'mg' = 1 's'", "false" },
    { "1 'mg' < 1 's'", "-" },
    { "1 'mmol/L' = 1 'mmol/L'", "true" },
    { "1 'mmol/L' = 1 'mg/dL'", "!1" },
    { "3 'mg' * 2 = 6 'mg'", "true" },
    { "6 'mg' / 2 'mg' = 3", "true" },
    { "1 'mg' + 1", "-" },
    { "1 'g'.toQuantity('mg')", "1000 'mg'" },
  };
  g_autoptr (AnxFhirpathEnv) env = anx_fhirpath_env_new ();
  anx_fhirpath_env_set_now (env, NOW_USEC, 480);
  check (cases, G_N_ELEMENTS (cases), NULL, env);

  static const Case without[] = { { "now()", "!4" },    { "1 + today()", "!4" },  { "timeOfDay()", "!4" },
                                  { "%unknown", "!4" }, { "'a'.weight()", "!4" }, { "{}.weight()", "-" } };
  check (without, G_N_ELEMENTS (without), NULL, NULL);
}

static void
test_texts (void)
{
  static const Case cases[] = {
    { "'心理健康'.length()", "4" },
    { "'心理健康'.substring(1, 2)", "理健" },
    { "'心理健康'.indexOf('健')", "2" },
    { "'心理健康'.toChars().count()", "4" },
    { "'\\ud83d\\ude00'.length()", "1" },
    { "' 您 好\\t'.trim()", "您 好" },
    { "'a-b'.replaceMatches('(?<x>a)-(b)', '$2+${x}\\\\$')", "b+a$" },
    { "'ab'.replaceMatches('x*', '-')", "-a-b-" },
    { "'您好'.replaceMatches('', 'x')", "您好" },
    { "'a'.matches('[')", "!3" },
    { "'您'.matches('\\\\C')", "!3" },
    { "'A b' ~ 'a\\tB'", "true" },
    { "'a,b,,c'.split(',')", "a | b |  | c" },
    { "('a' | 'b').join()", "ab" },
    { "('a' | 1).join('-')", "!3" },
    { "'zz'.decode('hex')", "-" },
    { "'ff'.decode('hex')", "-" },
    { "'x'.encode('rot13')", "!1" },
    { "'yes'.toBoolean() and 'N'.toBoolean().not()", "true" },
    { "'1.50'.toDecimal()", "1.50" },
    { "'1e5'.toDecimal()", "-" },
    { "'.5'.toDecimal()", "-" },
    { "'4 \\'mg\\''.toQuantity()", "4 'mg'" },
    { "'4 days'.toQuantity()", "4 days" },
    { "'4days'.toQuantity()", "-" },
  };
  check (cases, G_N_ELEMENTS (cases), NULL, NULL);
}

static const char *const response =
    "{'resourceType':'QuestionnaireResponse','status':'completed','authored':'2026-11-22T09:00:00+08:00','item':["
    "{'linkId':'g','item':[{'linkId':'q1','answer':[{'valueCoding':{'system':'s','code':'c1'}}]},"
    "{'linkId':'q2','answer':[{'valueCoding':{'system':'s','code':'c3'}}]},"
    "{'linkId':'q3','extension':[{'url':'http://hl7.org/fhir/StructureDefinition/"
    "data-absent-reason','valueCode':'asked-declined'}]},"
    "{'linkId':'q4','answer':[{'valueInteger':7},{'valueDecimal':0.1},{'valueBoolean':true},{'valueDate':'2020-05'},"
    "{'valueString':'x'},{'_valueString':{'extension':[{'url':'u','valueCode':'k'}]}}]}]}]}";

static void
test_paths (void)
{
  static const Case cases[] = {
    { "QuestionnaireResponse.item.item.linkId", "q1 | q2 | q3 | q4" },
    { "item.item.where(linkId = 'q1').answer.value.code", "c1" },
    { "item.item[3].answer.value.ofType(integer)", "7" },
    { "item.item[3].answer.value.ofType(date) < @2020-06", "true" },
    { "item.item[3].answer.value.where($this is boolean)", "true" },
    { "item.item[3].answer[5].value.hasValue()", "false" },
    { "item.item[3].answer[5].value.extension('u').value", "k" },
    { "item.item.answer.value.ofType(Coding).count()", "2" },
    { "item.item.where(answer.empty()).extension('http://hl7.org/fhir/StructureDefinition/data-absent-reason').value",
      "asked-declined" },
    { "descendants().where(linkId.exists()).count()", "5" },
    { "repeat(item).linkId", "g | q1 | q2 | q3 | q4" },
    { "repeat(item | answer.item).linkId", "g | q1 | q2 | q3 | q4" },
    { "descendants().where(code = 'c3').system", "s" },
    { "item.item[3].answer[0].value.code", "-" },
    { "(item | item.item.answer).where(linkId = 'g').count()", "1" },
    { "repeat(item).lnikId", "!3" },
    { "item.where(answer.value.exists()).where(lnikId = 'g')", "-" },
    { "item.item.select($index.toString() & linkId)", "0q1 | 1q2 | 2q3 | 3q4" },
    { "authored.toDate() = @2026-11-22", "true" },
    { "item.item[3].answer[0].value + item.item[3].answer[1].value", "7.1" },
    { "item.item.answer.value.ofType(Coding)[0] = item.item[0].answer.value", "true" },
    { "item.item.answer.value.ofType(Coding)[0] = item.item[1].answer.value", "false" },
    { "item.item.answer.value.ofType(Coding)[0] ~ item.item[1].answer.value", "false" },
    { "itme.linkId", "!3" },
    { "item.answers", "!3" },
    { "item.item.answer.valueCoding", "!3" },
    { "item.where(linkid = 'g')", "!3" },
    { "Questionnaire.item", "!3" },
    { "item.answer.value.code", "-" },
    { "item.item.linkId.foo", "!3" },
    { "status = 'completed' and item.item.count() > 4", "false" },
    { "(item.item.linkId = 'q1') = {}", "-" },
    { "item.item.linkId and true", "!3" },
    { "%resource.item.linkId & %context.status", "gcompleted" },
  };
  g_autoptr (JsonNode) node = json (response);
  check (cases, G_N_ELEMENTS (cases), node, NULL);

  /* An element without a type: paths work all the same, dates are compared, but a slip of the pen is not noticed. */
  g_autoptr (JsonNode) loose = json ("{'linkId':'x','answer':[{'valueDate':'2020-05-01'}],'born':'2020'}");
  static const Case untyped[] = { { "answer.value > @2020", "-" },
                                  { "answer.value > @2019", "true" },
                                  { "born < @2021", "true" },
                                  { "@2021 > born", "true" },
                                  { "lnikId", "-" } };
  check (untyped, G_N_ELEMENTS (untyped), loose, NULL);
  g_autofree char *typed = run ("lnikId", loose, "QuestionnaireResponse.item", NULL);
  g_assert_cmpstr (typed, ==, "!3");
  g_autoptr (JsonNode) array = json ("[{'code':'a'},null,{'code':'b'}]");
  g_autofree char *codes = run ("code", array, "Coding", NULL);
  g_assert_cmpstr (codes, ==, "a | b");
}

/* c1 weighs 1, c3 weighs 3; the linkId is found through the parents. */
static gboolean
weigh (AnxFhirpathItem *item,
       double *out_weight,
       gpointer user_data)
{
  JsonNode *node = anx_fhirpath_item_get_node (item);
  GString *seen = user_data;
  if (g_strcmp0 (anx_fhirpath_item_get_type_name (item), "Coding") != 0)
    return FALSE;
  const char *code = json_object_get_string_member (json_node_get_object (node), "code");
  AnxFhirpathItem *answer = anx_fhirpath_item_get_parent (item);
  AnxFhirpathItem *question = anx_fhirpath_item_get_parent (answer);
  g_assert_cmpstr (anx_fhirpath_item_get_type_name (answer), ==, "QuestionnaireResponse.item.answer");
  g_string_append_printf (seen, "%s ",
                          json_object_get_string_member (json_node_get_object (anx_fhirpath_item_get_node (question)),
                                                         "linkId"));
  *out_weight = code[1] - '0' + 0.1;
  return TRUE;
}

static void
test_weights (void)
{
  static const Case cases[] = {
    { "item.item.answer.value.weight()", "1.1 | 3.1" },
    { "item.item.answer.value.ordinal().sum()", "4.2" },
    { "%resource.item.item.where(linkId = 'q2').answer.value.weight() * 2", "6.2" },
    { "item.item.where(linkId = 'q3').answer.value.weight().sum()", "-" },
  };
  g_autoptr (JsonNode) node = json (response);
  g_autoptr (AnxFhirpathEnv) env = anx_fhirpath_env_new ();
  g_autoptr (AnxFhirpathEnv) child = anx_fhirpath_env_new_child (env);
  g_autoptr (GString) seen = g_string_new (NULL);
  anx_fhirpath_env_set_weight (env, weigh, seen, NULL);
  check (cases, G_N_ELEMENTS (cases), node, child);
  g_assert_cmpstr (seen->str, ==, "q1 q2 q1 q2 q2 ");

  g_autoptr (JsonNode) coding = json (
      "{'code':'x','extension':[{'url':'http://hl7.org/fhir/StructureDefinition/itemWeight','valueDecimal':2.5}]}");
  g_autofree char *own = run ("weight()", coding, "Coding", NULL);
  g_assert_cmpstr (own, ==, "2.5");
}

static void
test_environment (void)
{
  g_autoptr (AnxFhirpathEnv) env = anx_fhirpath_env_new ();
  g_autoptr (AnxFhirpathEnv) child = anx_fhirpath_env_new_child (env);
  g_autoptr (AnxFhirpathCollection) one = anx_fhirpath_collection_new_integer (1);
  g_autoptr (AnxFhirpathCollection) two = anx_fhirpath_collection_new_double (2.5);
  g_autoptr (AnxFhirpathCollection) text = anx_fhirpath_collection_new_string ("t");
  AnxFhirpathCollection *const parts[] = { one, two, text };
  g_autoptr (AnxFhirpathCollection) all = anx_fhirpath_collection_new_joined (parts, 3);
  anx_fhirpath_env_set_variable (env, "a", one);
  anx_fhirpath_env_set_variable (env, "b", two);
  anx_fhirpath_env_set_variable (child, "a", text);
  anx_fhirpath_env_set_variable (child, "all", all);
  static const Case inner[] = { { "%a", "t" },
                                { "%b + 1", "3.5" },
                                { "%all", "1 | 2.5 | t" },
                                { "%`a`", "t" },
                                { "%'a'", "t" },
                                { "(1 | 2).select(%b * $this)", "2.5 | 5.0" },
                                { "%ucum", "http://unitsofmeasure.org" } };
  static const Case outer[] = { { "%a", "1" }, { "%all", "!4" } };
  check (inner, G_N_ELEMENTS (inner), NULL, child);
  check (outer, G_N_ELEMENTS (outer), NULL, env);
  anx_fhirpath_env_set_variable (child, "a", NULL);
  static const Case after[] = { { "%a", "1" } };
  check (after, G_N_ELEMENTS (after), NULL, child);

  g_autoptr (AnxFhirpath) expression = compile ("%a + %b.where($this > %a) and now() > %`vs-x`");
  const char *const *names = anx_fhirpath_get_variables (expression);
  g_assert_cmpuint (g_strv_length ((char **) names), ==, 3);
  g_assert_true (g_strv_contains (names, "a") && g_strv_contains (names, "b") && g_strv_contains (names, "vs-x"));
  g_assert_true (anx_fhirpath_calls (expression, "now"));
  g_assert_false (anx_fhirpath_calls (expression, "today"));
  g_assert_cmpstr (anx_fhirpath_get_text (expression), ==, "%a + %b.where($this > %a) and now() > %`vs-x`");
}

static void
on_trace (const char *name,
          AnxFhirpathCollection *value,
          gpointer user_data)
{
  g_string_append_printf (user_data, "%s%u ", name, anx_fhirpath_collection_get_length (value));
}

static void
test_results (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxFhirpathEnv) env = anx_fhirpath_env_new ();
  g_autoptr (GString) traced = g_string_new (NULL);
  anx_fhirpath_env_set_trace (env, on_trace, traced, NULL);
  g_autoptr (AnxFhirpath) expression = compile (
      "(1 | 2.5 | 'a' | true | @2020-01 | @T10:30 | 4 'mg' | 2 days).trace('n').trace('m', $this | $this.toString())");
  g_autoptr (AnxFhirpathCollection) all = anx_fhirpath_evaluate_node (expression, NULL, NULL, env, &error);
  g_assert_no_error (error);
  g_autoptr (JsonArray) array = anx_fhirpath_collection_to_json (all);
  g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), array);
  g_autofree char *text = anx_json_node_to_text (node);
  g_assert_cmpstr (
      text, ==,
      "[1,2.5,\"a\",true,\"2020-01\",\"10:30\",{\"value\":4.0,\"unit\":\"mg\",\"system\":\"http://unitsofmeasure.org\","
      "\"code\":\"mg\"},{\"value\":2.0,\"unit\":\"day\"}]");
  g_assert_cmpstr (traced->str, ==, "n8 m2 m2 m1 m2 m2 m2 m2 m2 ");
  static const AnxFhirpathType types[] = { ANX_FHIRPATH_INTEGER,  ANX_FHIRPATH_DECIMAL, ANX_FHIRPATH_STRING,
                                           ANX_FHIRPATH_BOOLEAN,  ANX_FHIRPATH_DATE,    ANX_FHIRPATH_TIME,
                                           ANX_FHIRPATH_QUANTITY, ANX_FHIRPATH_QUANTITY };
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    g_assert_cmpint (anx_fhirpath_item_get_type (anx_fhirpath_collection_get (all, i)), ==, types[i]);

  AnxFhirpathTruth truth = ANX_FHIRPATH_UNKNOWN;
  double number = 7;
  gint64 whole = 7;
  g_assert_false (anx_fhirpath_collection_to_truth (all, &truth, &error));
  g_assert_error (error, ANX_FHIRPATH_ERROR, ANX_FHIRPATH_ERROR_VALUE);
  g_assert_false (anx_fhirpath_collection_to_double (all, &number));
  g_assert_null (anx_fhirpath_collection_to_string (all));
  g_assert_false (anx_fhirpath_item_get_integer (anx_fhirpath_collection_get (all, 1), &whole));
  g_assert_true (number == 7 && whole == 7 && truth == ANX_FHIRPATH_UNKNOWN);
  g_autoptr (AnxFhirpathCollection) none = anx_fhirpath_collection_new_empty ();
  g_autoptr (AnxFhirpathCollection) no = anx_fhirpath_collection_new_boolean (FALSE);
  g_assert_true (anx_fhirpath_collection_to_truth (none, &truth, NULL) && truth == ANX_FHIRPATH_UNKNOWN);
  g_assert_true (anx_fhirpath_collection_to_truth (no, &truth, NULL) && truth == ANX_FHIRPATH_FALSE);
  g_assert_false (anx_fhirpath_collection_to_double (none, &number));
}

/* No error repeats what was read. */
static void
test_privacy (void)
{
  g_autoptr (JsonNode) node =
      json ("{'resourceType':'Patient','name':[{'family':'Geheim','given':['Geheim','Geheim2']}],'birthDate':'1974'}");
  static const char *const texts[] = { "name.given + 1",          "name.family + 1",         "name.family.abs()",
                                       "name.given.single()",     "name.family < 1",         "name.family.Geheimnis1",
                                       "iif(name.family, 1)",     "birthDate + name.family", "name.given.toDate()",
                                       "name.family.matches('[')" };
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxFhirpath) expression = compile (texts[i]);
      g_autoptr (AnxFhirpathCollection) result = anx_fhirpath_evaluate_node (expression, node, NULL, NULL, &error);
      g_test_message ("%s: %s", texts[i], error != NULL ? error->message : "no error");
      g_assert_null (result);
      g_assert_true (strstr (error->message, "1974") == NULL && (strstr (error->message, "Geheim") == NULL || i == 5));
    }
}

/* Which items an expression may read: listed, or not to be found out. */
static void
test_list_items (void)
{
  static const struct
  {
    const char *expression, *whole, *through; /* joined; NULL: any */
  } cases[] = {
    { "1 + 1", "", "" },
    { "answer.value > 3 and %context.answer.exists()", "", "" },
    { "%resource.item.where(linkId = 'a').answer.value", "a", "" },
    { "%resource.item.where(linkId='a').item.where(linkId='b').answer.value", "b", "a" },
    { "%resource.item.where(linkId='a').answer.item.where(linkId='b').answer.value", "b a", "" },
    { "iif(%resource.item.where(linkId='a').answer.exists(), %rootResource.item.where(linkId='b').answer.weight().sum(), 0)", "a b", "" },
    { "item.where(linkId='a').answer.value = %questionnaire.item.where(linkId='c').exists()", "c a", "" },
    { "%resource.status = 'completed'", "", "" },
    { "%resource.item.answer.value", NULL, NULL },
    { "%resource.item[0].answer.value", NULL, NULL },
    { "%resource.item.where(linkId = 'a' or true).answer", NULL, NULL },
    { "%resource.item.where(linkId != 'a').answer", NULL, NULL },
    { "%resource.item.where(linkId.startsWith('a')).answer", NULL, NULL },
    { "%resource.item.where(text = 'a').answer", NULL, NULL },
    { "%resource.descendants().where(linkId = 'a').answer", NULL, NULL },
    { "%resource.children()", NULL, NULL },
    { "%resource.repeat(item).where(linkId = 'a').answer.value", NULL, NULL },
    { "%resource.item.where(linkId = 'a').repeat(item).answer.value", NULL, NULL },
    { "%resource.select(item).where(linkId = 'a')", NULL, NULL },
    { "%resource = %rootResource", NULL, NULL },
    { "%total > 1", NULL, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", cases[i].expression);
      g_autoptr (AnxFhirpath) expression = anx_fhirpath_compile (cases[i].expression, &error);
      g_assert_no_error (error);
      g_autoptr (GPtrArray) whole = g_ptr_array_new (), through = g_ptr_array_new ();
      gboolean known = anx_fhirpath_list_items (expression, whole, through);
      g_assert_true (known == (cases[i].whole != NULL));
      if (!known)
        continue;
      g_ptr_array_add (whole, NULL);
      g_ptr_array_add (through, NULL);
      g_autofree char *one = g_strjoinv (" ", (char **) whole->pdata), *other = g_strjoinv (" ", (char **) through->pdata);
      g_assert_cmpstr (one, ==, cases[i].whole);
      g_assert_cmpstr (other, ==, cases[i].through);
    }
}

/* Names that no type has are told before there are data. */
static void
test_unknown (void)
{
  static const struct
  {
    const char *expression, *unknown;
  } cases[] = {
    { "QuestionnaireResponse.item.where(linkId = 'a').answer.value.code", NULL },
    { "%questionnaire.item.answerOption.extension.where(url = 'u').value", NULL },
    { "$this.item.exists() and 1 = 1", NULL },
    { "item.lnikId", "lnikId" },
    { "item.where(lnikId = 'a').exists()", "lnikId" },
    { "item.answer.valueCoding.code", "valueCoding" },
    { "(1 | 2).select(item.answerr.value)", "answerr" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxFhirpath) expression = anx_fhirpath_compile (cases[i].expression, &error);
      g_assert_no_error (error);
      g_test_message ("%s", cases[i].expression);
      g_assert_cmpstr (anx_fhirpath_find_unknown (expression), ==, cases[i].unknown);
    }
}

/* NAME.where(ELEMENT = 'text') is looked up, not gone through: with an environment as without one, and in data that are not as they should be. */
static void
test_picks (void)
{
  static const char sound[] =
      "{'resourceType':'QuestionnaireResponse','status':'completed','item':[{'linkId':'a','answer':[{'valueInteger':1}]},"
      "{'answer':[{'valueInteger':2}]},{'linkId':'a','answer':[{'valueInteger':3}],'item':[{'linkId':'b','answer':[{'valueString':'x'}]}]},"
      "{'linkId':'c','item':[{'linkId':'b','answer':[{'valueCoding':{'system':'s','code':'y'}}]}]}]}";
  static const char odd[] =
      "{'resourceType':'QuestionnaireResponse','status':'completed','item':[{'linkId':'a','answer':[{'valueInteger':1}]},"
      "{'linkId':['a'],'answer':[{'valueInteger':2}]},{'linkId':7,'answer':[{'valueInteger':3}]},{'linkId':null,'answer':[{'valueInteger':4}]},"
      "{'linkId':'a','_linkId':{'id':'i'},'answer':[{'valueInteger':5}]},null,{'_linkId':{'id':'i'}}]}";
  static const char single[] = "{'resourceType':'QuestionnaireResponse','item':{'linkId':'a','answer':[{'valueInteger':1}]}}";
  static const char beside[] = "{'resourceType':'QuestionnaireResponse','_item':[{'id':'i'}],'item':[{'linkId':'a','answer':[{'valueInteger':1}]}]}";
  static const char untyped[] = "{'item':[{'linkId':'a','answer':[{'valueInteger':1}]}]}";
  static const struct
  {
    const char *data, *text, *result;
  } cases[] = {
    { sound, "item.where(linkId = 'a').answer.value", "1 | 3" },
    { sound, "%resource.item.where(linkId = 'a').item.where(linkId = 'b').answer.value", "x" },
    { sound, "item.where(linkId = 'c').item.where(linkId = 'b').answer.value.code", "y" },
    { sound, "item.item.where(linkId = 'b').answer.count()", "2" },
    { sound, "item.where(linkId = '').answer.value", "-" },
    { sound, "item.where(linkId = 'a')[1].answer.value", "3" },
    { sound, "item.select(item.where(linkId = 'b').count())", "0 | 0 | 1 | 1" },
    { sound, "item.where(linkId = 'a').answer.where(value = 3).value", "3" },
    { sound, "item.item.answer.value.ofType(Coding).where(code = 'y').system", "s" },
    { sound, "contained.where(id = 'x')", "-" },
    { sound, "item.where(lnikId = 'a')", "!3" },
    { sound, "imet.where(linkId = 'a')", "!3" },
    { sound, "repeat(item).item.where(linkId = 'b').answer.count()", "2" },
    { sound, "(item | item.item).where(linkId = 'b').answer.count()", "2" },
    { odd, "item.where(linkId = 'a').answer.value", "1 | 2 | 5" },
    { odd, "item.where(linkId = '7').answer.value", "-" },
    { single, "item.where(linkId = 'a').answer.value", "1" },
    { beside, "item.where(linkId = 'a').answer.value", "1" },
    { untyped, "item.where(linkId = 'a').answer.value", "1" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) focus = json (cases[i].data);
      g_autoptr (AnxFhirpathEnv) env = anx_fhirpath_env_new ();
      g_autoptr (AnxFhirpathEnv) child = anx_fhirpath_env_new_child (env);
      g_autofree char *slow = run (cases[i].text, focus, NULL, NULL);
      g_autofree char *first = run (cases[i].text, focus, NULL, env);
      g_autofree char *second = run (cases[i].text, focus, NULL, child);
      g_test_message ("%s", cases[i].text);
      g_assert_cmpstr (slow, ==, cases[i].result);
      g_assert_cmpstr (first, ==, cases[i].result);
      g_assert_cmpstr (second, ==, cases[i].result);
    }
}

/* Elements that are not wanted cost an expression nothing: what it may take is the same on a short and on a long response. */
static void
test_picks_bounded (void)
{
  g_autoptr (GString) text = g_string_new ("{'resourceType':'QuestionnaireResponse','item':[");
  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (text, "%s{'linkId':'q%u','answer':[{'valueInteger':%u}]}", i > 0 ? "," : "", i, i);
  g_string_append (text, "]}");
  g_autoptr (JsonNode) focus = json (text->str);
  g_autoptr (AnxFhirpathEnv) env = anx_fhirpath_env_new ();
  g_autofree char *many = run ("item.select(%resource.item.where(linkId = 'q1999').answer.value).count()", focus, NULL, env);
  g_assert_cmpstr (many, ==, "2000");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fhirpath/fhirpath/refused", test_refused);
  g_test_add_func ("/fhirpath/fhirpath/bounds", test_bounds);
  g_test_add_func ("/fhirpath/fhirpath/numbers", test_numbers);
  g_test_add_func ("/fhirpath/fhirpath/times", test_times);
  g_test_add_func ("/fhirpath/fhirpath/texts", test_texts);
  g_test_add_func ("/fhirpath/fhirpath/paths", test_paths);
  g_test_add_func ("/fhirpath/fhirpath/weights", test_weights);
  g_test_add_func ("/fhirpath/fhirpath/environment", test_environment);
  g_test_add_func ("/fhirpath/fhirpath/results", test_results);
  g_test_add_func ("/fhirpath/fhirpath/privacy", test_privacy);
  g_test_add_func ("/fhirpath/fhirpath/list-items", test_list_items);
  g_test_add_func ("/fhirpath/fhirpath/unknown", test_unknown);
  g_test_add_func ("/fhirpath/fhirpath/picks", test_picks);
  g_test_add_func ("/fhirpath/fhirpath/picks-bounded", test_picks_bounded);
  return g_test_run ();
}
