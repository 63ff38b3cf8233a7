/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/cms.h>
#include <string.h>

#include "bounds.h"
#include "cms-private.h"
#include "district.h"
#include "json.h"
#include "seal-error.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static gboolean
opens (District *district,
       GBytes *envelope,
       AnxKey *key,
       AnxCertificate *certificate,
       GError **error)
{
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (JsonNode) resource = NULL;
  if (!anx_envelope_open (envelope, district->ca, key, certificate, &header, &resource, error))
    {
      /* E8: nothing comes out of a record that is refused. */
      g_assert_null (header);
      g_assert_null (resource);
      return FALSE;
    }
  g_assert_cmpstr (anx_json_get_string (json_node_get_object (resource), "text", NULL), ==, "没有人知道");
  g_assert_cmpstr (anx_record_header_get_kind (header), ==, "screening");
  return TRUE;
}

static void
test_every_recipient_opens (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope = district_envelope (district, "kiosk-one", LIST ("li-wei", "duty-one"));
  for (guint i = 0; i < 3; i++)
    {
      Person *reader = district_person (district, LIST ("li-wei", "duty-one", "recovery")[i]);
      g_test_message ("%s", reader->id);
      g_assert_true (opens (district, envelope, reader->seal_key, reader->seal_certificate, &error));
      g_assert_no_error (error);
    }
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  g_assert_true (anx_envelope_verify (envelope, district->ca, &header, NULL, &signer, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (anx_record_header_get_author (header), ==, "kiosk-one");
  g_assert_cmpstr (anx_json_get_string (anx_record_header_get_routing (header), "centre", NULL), ==, "centre-one");
  g_assert_cmpstr (anx_certificate_get_principal (signer), ==, "kiosk-one");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/envelope/every-recipient-opens", test_every_recipient_opens);
  return g_test_run ();
}
