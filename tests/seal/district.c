/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "district.h"

#include <string.h>

#include "id.h"
#include "json.h"
#include "seal-error.h"

static void
person_free (gpointer data)
{
  Person *person = data;
  g_free (person->id);
  anx_key_unref (person->sign_key);
  anx_key_unref (person->seal_key);
  anx_certificate_unref (person->sign_certificate);
  anx_certificate_unref (person->seal_certificate);
  g_free (person);
}

static AnxCertificate *
issue (District *self,
       AnxKey *key,
       const char *id,
       AnxKeyUse use)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *request = anx_key_make_request (key, id, &error);
  g_assert_no_error (error);
  AnxCertificate *certificate = anx_authority_issue (self->authority, request, id, use, DISTRICT_NOW, &error);
  g_assert_no_error (error);
  return certificate;
}

Person *
district_enrol (District *self,
                const char *id)
{
  g_autoptr (GError) error = NULL;
  Person *person = g_new0 (Person, 1);
  person->id = g_strdup (id);
  person->sign_key = anx_key_generate (&error);
  g_assert_no_error (error);
  person->seal_key = anx_key_generate (&error);
  g_assert_no_error (error);
  person->sign_certificate = issue (self, person->sign_key, id, ANX_KEY_USE_SIGN);
  person->seal_certificate = issue (self, person->seal_key, id, ANX_KEY_USE_SEAL);
  g_ptr_array_add (self->people, person);
  return person;
}

void
district_renew (District *self,
                Person *person)
{
  anx_certificate_unref (person->sign_certificate);
  anx_certificate_unref (person->seal_certificate);
  person->sign_certificate = issue (self, person->sign_key, person->id, ANX_KEY_USE_SIGN);
  person->seal_certificate = issue (self, person->seal_key, person->id, ANX_KEY_USE_SEAL);
}

Person *
district_person (District *self,
                 const char *id)
{
  for (guint i = 0; i < self->people->len; i++)
    {
      Person *person = g_ptr_array_index (self->people, i);
      if (strcmp (person->id, id) == 0)
        return person;
    }
  g_assert_not_reached ();
}

static JsonObject *
describe (Person *person,
          const char *kind,
          const char *centre,
          const char *const *roles,
          const char *const *members)
{
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "id", person->id);
  json_object_set_string_member (object, "kind", kind);
  json_object_set_string_member (object, "name", person->id);
  if (centre != NULL)
    json_object_set_string_member (object, "centre", centre);
  anx_json_set_strings (object, "roles", roles);
  anx_json_set_strings (object, "members", members);
  json_object_set_boolean_member (object, "active", TRUE);
  g_autofree char *sign = anx_certificate_to_pem (person->sign_certificate);
  g_autofree char *seal = anx_certificate_to_pem (person->seal_certificate);
  json_object_set_string_member (object, "signCertificate", sign);
  json_object_set_string_member (object, "sealCertificate", seal);
  return object;
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NONE ((const char *const[]){ NULL })

static JsonObject *
describe_group (District *self,
                Person *group)
{
  JsonObject *object = describe (group, "group", "centre-one", LIST ("duty"), LIST ("li-wei", "wang-fang"));
  JsonObject *wrapped = json_object_new ();
  for (guint i = 0; i < 2; i++)
    {
      Person *member = district_person (self, LIST ("li-wei", "wang-fang")[i]);
      g_autoptr (GError) error = NULL;
      g_autofree char *key = anx_directory_wrap_group_key (group->seal_key, member->seal_certificate, &error);
      g_assert_no_error (error);
      json_object_set_string_member (wrapped, member->id, key);
    }
  json_object_set_object_member (object, "wrapped", wrapped);
  return object;
}

JsonObject *
district_describe (District *self,
                   gint64 version,
                   const char *previous)
{
  g_autofree char *text = g_strdup_printf (
      "{\"version\":%" G_GINT64_FORMAT ",\"previous\":%s%s%s,\"district\":\"test-district\",\"name\":\"测试区\","
      "\"created\":%" G_GINT64_FORMAT
      ",\"centres\":[{\"id\":\"centre-one\",\"name\":{\"zh\":\"一号中心\",\"en\":\"Centre One\"},"
      "\"timezone\":\"Asia/Shanghai\",\"rooms\":[{\"id\":\"room-a\",\"name\":\"甲\"}]}],"
      "\"services\":[{\"id\":\"talk\",\"name\":\"谈话\",\"minutes\":50,\"before\":5,\"after\":5,\"mode\":\"video\"}]}",
      version, previous != NULL ? "\"" : "", previous != NULL ? previous : "null", previous != NULL ? "\"" : "",
      DISTRICT_NOW);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);
  g_assert_no_error (error);
  JsonObject *json = json_node_dup_object (node);
  JsonArray *principals = json_array_new ();
  json_array_add_object_element (
      principals, describe (district_person (self, "li-wei"), "person", "centre-one", LIST ("counsellor"), NONE));
  json_array_add_object_element (principals, describe (district_person (self, "wang-fang"), "person", NULL,
                                                       LIST ("counsellor", "supervisor"), NONE));
  json_array_add_object_element (principals,
                                 describe (district_person (self, "kiosk-one"), "kiosk", "centre-one", NONE, NONE));
  json_array_add_object_element (principals, describe_group (self, district_person (self, "duty-one")));
  json_array_add_object_element (principals,
                                 describe (district_person (self, "recovery"), "recovery", NULL, NONE, NONE));
  json_object_set_array_member (json, "principals", principals);
  return json;
}

GBytes *
district_sign (District *self,
               JsonObject *json)
{
  g_autoptr (GError) error = NULL;
  char *text = anx_json_object_to_text (json);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  GBytes *der = anx_authority_sign_directory (self->authority, bytes, &error);
  g_assert_no_error (error);
  return der;
}

District *
district_new (void)
{
  g_autoptr (GError) error = NULL;
  District *self = g_new0 (District, 1);
  self->people = g_ptr_array_new_with_free_func (person_free);
  self->authority = anx_authority_create ("test-district", "测试区", DISTRICT_NOW, &error);
  g_assert_no_error (error);
  self->ca = anx_authority_get_certificate (self->authority);
  static const char *const ids[] = { "li-wei", "wang-fang", "kiosk-one", "duty-one", "recovery" };
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    district_enrol (self, ids[i]);
  g_autoptr (JsonObject) json = district_describe (self, 1, NULL);
  g_autoptr (GBytes) der = district_sign (self, json);
  self->directory = anx_directory_open (der, self->ca, NULL, &error);
  g_assert_no_error (error);
  return self;
}

void
district_free (District *self)
{
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_ptr_array_unref (self->people);
  g_assert_finalize_object (self->authority);
  g_free (self);
}

AnxRecordHeader *
district_header (const char *author,
                 const char *const *recipients)
{
  g_autofree char *id = anx_uuid_new (DISTRICT_NOW);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "centre", "centre-one");
  g_autoptr (AnxRecordHeader)
      header = anx_record_header_new (id, "screening", author, recipients, NULL, DISTRICT_NOW, routing);
  return anx_record_header_with_place (header, 1, NULL);
}

JsonNode *
district_resource (void)
{
  return json_from_string (
      "{\"resourceType\":\"QuestionnaireResponse\",\"status\":\"completed\",\"text\":\"没有人知道\"}", NULL);
}

GBytes *
district_envelope (District *self,
                   const char *author,
                   const char *const *recipients)
{
  g_autoptr (GError) error = NULL;
  Person *person = district_person (self, author);
  g_autoptr (AnxRecordHeader) header = district_header (author, recipients);
  g_autoptr (JsonNode) resource = district_resource ();
  g_autoptr (GBytes) sealed = anx_envelope_seal (header, resource, self->directory, &error);
  g_assert_no_error (error);
  GBytes *envelope = anx_envelope_sign (header, sealed, person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  return envelope;
}

void
district_check_every_byte (GBytes *good,
                           DistrictOpens opens,
                           gpointer data)
{
  gsize length = 0;
  const guint8 *bytes = g_bytes_get_data (good, &length);
  g_autofree guint8 *copy = g_memdup2 (bytes, length);
  g_assert_true (opens (good, data, NULL));
  for (gsize at = 0; at < length; at++)
    for (guint bit = 0; bit < 8; bit++)
      {
        if (!g_test_slow () && bit != at % 8)
          continue;
        copy[at] = bytes[at] ^ (guint8) (1u << bit);
        g_autoptr (GBytes) changed = g_bytes_new_static (copy, length);
        g_autoptr (GError) error = NULL;
        if (opens (changed, data, &error))
          g_error ("Bit %u of byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " can be changed", bit, at, length);
        g_assert_true (error->domain == ANX_SEAL_ERROR);
        g_assert_cmpint (error->code, !=, ANX_SEAL_ERROR_INTERNAL);
        copy[at] = bytes[at];
      }
  for (gsize cut = 0; cut < length; cut += 5)
    {
      g_autoptr (GBytes) shorter = g_bytes_new_from_bytes (good, 0, cut);
      g_assert_false (opens (shorter, data, NULL));
    }
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  g_byte_array_append (longer, bytes, (guint) length);
  g_byte_array_append (longer, (const guint8 *) "", 1);
  g_autoptr (GBytes) trailing = g_bytes_new (longer->data, longer->len);
  g_assert_false (opens (trailing, data, NULL));
}

/* One empty page, as cairo orders a file. */
GBytes *
district_make_pdf (void)
{
  static const char *const objects[] = { "<< /Type /Pages /Kids [ 2 0 R ] /Count 1 >>",
                                         "<< /Type /Page /Parent 1 0 R /MediaBox [ 0 0 595 842 ] >>",
                                         "<< /Producer (test) >>", "<< /Type /Catalog\n   /Pages 1 0 R\n>>" };
  gsize offsets[G_N_ELEMENTS (objects)];
  GString *pdf = g_string_new ("%PDF-1.5\n%\xb5\xed\xae\xfb\n");
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      offsets[i] = pdf->len;
      g_string_append_printf (pdf, "%u 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
  gsize xref = pdf->len;
  g_string_append (pdf, "xref\n0 5\n0000000000 65535 f \n");
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    g_string_append_printf (pdf, "%010" G_GSIZE_FORMAT " 00000 n \n", offsets[i]);
  g_string_append_printf (pdf, "trailer\n<< /Size 5\n   /Root 4 0 R\n   /Info 3 0 R\n>>\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", xref);
  gsize length = pdf->len;
  return g_bytes_new_take (g_string_free (pdf, FALSE), length);
}
