/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "intake.h"
#include "json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define NOW (G_GINT64_CONSTANT (1795140000) * G_USEC_PER_SEC)

/* Any bytes as a case: what is accepted can be made a record, and is read from it as it was. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxIntake) intake = anx_intake_parse ((const char *) data, (gssize) size, NOW, &error);
  g_assert_true ((intake == NULL) == (error != NULL));
  if (intake == NULL)
    return 0;
  g_autoptr (JsonObject) fhir = anx_intake_build (intake, "hotline", &error);
  g_assert_no_error (error);
  g_autofree char *text = anx_json_object_to_text (fhir);
  g_autoptr (JsonObject) again = anx_json_parse_object (text, -1, 1 << 20, &error);
  g_assert_no_error (error);
  g_autoptr (AnxIntake) read = anx_intake_read (again, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->id, ==, intake->id);
  g_assert_cmpstr (read->centre, ==, intake->centre);
  g_assert_cmpstr (read->reported, ==, intake->reported);
  g_assert_cmpstr (read->name, ==, intake->name);
  g_assert_cmpstr (read->phone, ==, intake->phone);
  g_assert_cmpstr (read->address, ==, intake->address);
  g_assert_cmpint (read->urgency, ==, intake->urgency);
  g_assert_cmpint (read->source, ==, intake->source);
  return 0;
}
