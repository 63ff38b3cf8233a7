/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "appointment.h"
#include "clock.h"
#include "json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Any bytes as a working plan; what is accepted must give its slots in bounded time, and accept each one it gives. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  g_autoptr (JsonObject) json
      = size > 0 ? anx_json_parse_object ((const char *) data, (gssize) size, 64 * 1024, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxPlan) plan = json != NULL ? anx_plan_parse (json, &error) : NULL;
  if (plan == NULL)
    {
      g_assert_true (json == NULL || error != NULL);
      return 0;
    }
  char id[] = "talk", name[] = "Talk";
  AnxService service = { id, name, 50, 0, 10, FALSE };
  gint64 from = G_GINT64_CONSTANT (1795395600) * G_USEC_PER_SEC;
  g_autoptr (GArray) slots = anx_plan_list_slots (plan, &service, from, from + 30 * ANX_USEC_PER_DAY, &error);
  g_assert_true ((slots == NULL) == (error != NULL));
  for (guint i = 0; slots != NULL && i < MIN (slots->len, 3); i++)
    g_assert_true (anx_plan_has_slot (plan, &service, g_array_index (slots, AnxSpan, i).start_usec));
  return 0;
}
