/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "referral-bundle.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Any bytes as a file: what is accepted can be sealed as records. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxReferralBundle) bundle = anx_referral_bundle_parse ((const char *) data, (gssize) size, &error);
  g_assert_true ((bundle == NULL) == (error != NULL));
  if (bundle == NULL)
    return 0;
  g_autoptr (JsonObject) referral = anx_referral_build (bundle->referral, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < bundle->steps->len; i++)
    {
      g_autoptr (JsonObject) step = anx_referral_event_build (((AnxReferralBundleStep *) bundle->steps->pdata[i])->event, &error);
      g_assert_no_error (error);
    }
  return 0;
}
