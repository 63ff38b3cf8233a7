/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdint.h>
#include <string.h>

#include "fhirpath.h"
#include "json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Elements of all sorts, sound and unsound. */
static const char *const focus =
    "{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"r\",\"status\":\"completed\",\"authored\":\"2024-02-29T10:30:"
    "00+08:00\","
    "\"_status\":{\"extension\":[{\"url\":\"u\",\"valueDate\":\"2024-02\"}]},\"contained\":[{\"resourceType\":"
    "\"Patient\",\"id\":\"p\","
    "\"birthDate\":\"1974-12-25\",\"name\":[{\"given\":[\"Li\",null,\"Na\"],\"_given\":[null,{\"id\":\"g\"}]},{"
    "\"family\":\"\\u738b\"}]}],"
    "\"item\":[{\"linkId\":\"1\",\"answer\":[{\"valueCoding\":{\"system\":\"s\",\"code\":\"c\",\"extension\":[{\"url\":"
    "\"http://hl7.org/fhir/StructureDefinition/"
    "itemWeight\",\"valueDecimal\":2}]}}]},{\"linkId\":\"2\",\"answer\":[{\"valueDecimal\":1.5},"
    "{\"valueQuantity\":{\"value\":4,\"code\":\"mg\"}},{\"valueInteger\":9007199254740993},{\"valueBoolean\":true}],"
    "\"item\":[{\"linkId\":\"2.1\",\"answer\":[{\"valueDateTime\":\"2024\"},{\"valueTime\":\"10:30\"},{\"valueString\":"
    "\"\"},[],3]}]}]}";

/* Any bytes as an expression: it is compiled or refused, evaluated or refused, and gives the same when asked again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  static JsonNode *node = NULL;
  if (node == NULL)
    node = anx_json_parse (focus, -1, 1 << 20, NULL);
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxFhirpath) expression = anx_fhirpath_compile (text, &error);
  g_assert_true ((expression == NULL) == (error != NULL));
  if (expression == NULL)
    return 0;

  g_autoptr (AnxFhirpathEnv) env = anx_fhirpath_env_new ();
  anx_fhirpath_env_set_now (env, G_GINT64_CONSTANT (1700000000000000), 480);
  anx_fhirpath_env_set_node (env, "v", node, NULL);
  char *results[2] = { NULL, NULL };
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) problem = NULL;
      g_autoptr (AnxFhirpathCollection) result = anx_fhirpath_evaluate_node (expression, node, NULL, env, &problem);
      g_assert_true ((result == NULL) == (problem != NULL));
      if (result == NULL)
        {
          results[i] = g_strdup (problem->message);
          continue;
        }
      AnxFhirpathTruth truth;
      double number;
      JsonNode *json = json_node_init (json_node_alloc (), JSON_NODE_ARRAY);
      json_node_take_array (json, anx_fhirpath_collection_to_json (result));
      results[i] = anx_json_node_to_text (json);
      json_node_unref (json);
      g_assert_true (g_utf8_validate (results[i], -1, NULL));
      g_autofree char *string = anx_fhirpath_collection_to_string (result);
      anx_fhirpath_collection_to_double (result, &number);
      anx_fhirpath_collection_to_truth (result, &truth, NULL);
    }
  g_assert_cmpstr (results[0], ==, results[1]);
  g_free (results[0]);
  g_free (results[1]);
  return 0;
}
