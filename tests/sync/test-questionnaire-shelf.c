/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "authority.h"
#include "json.h"
#include "questionnaire-shelf.h"

#include <gio/gio.h>
#include <string.h>

#define FORM(version, status, extension, text)                                                                                              \
  "{\"resourceType\":\"Questionnaire\",\"id\":\"phq-9\",\"url\":\"urn:test:phq-9\",\"version\":\"" version "\",\"status\":\"" status                \
  "\",\"language\":\"en\",\"title\":\"T\"," extension "\"item\":[{\"linkId\":\"a\",\"type\":\"boolean\",\"text\":\"" text "\"}]}"
#define PENDING "\"extension\":[{\"url\":\"urn:anxin:fhir:translation-status\",\"valueCode\":\"pending-review\"}],"
#define FOR_COUNSELLORS "\"extension\":[{\"url\":\"urn:anxin:fhir:audience\",\"valueCode\":\"counsellor\"}],"

typedef struct
{
  char *folder;
  AnxAuthority *authority;
  JsonArray *packs;
  JsonArray *cut_offs;
  GBytes *der;
  AnxQuestionnaireShelf *shelf;
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  f->folder = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "data", "questionnaires", NULL);
  f->authority = anx_authority_create ("test-district", "Test", g_get_real_time (), &error);
  g_assert_no_error (error);
  f->packs = json_array_new ();
  f->cut_offs = json_array_new ();
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_free (f->folder);
  g_object_unref (f->authority);
  json_array_unref (f->packs);
  json_array_unref (f->cut_offs);
  g_clear_pointer (&f->der, g_bytes_unref);
  g_clear_pointer (&f->shelf, anx_questionnaire_shelf_free);
}

static void
take_in (Fixture *f,
         const char *form,
         gboolean approved)
{
  g_autoptr (GError) error = NULL;
  JsonObject *pack = anx_questionnaire_pack_build (form, -1, approved, "administrator", 1, &error);
  g_assert_no_error (error);
  json_array_add_object_element (f->packs, pack);
}

static AnxQuestionnaireShelf *
publish (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json
      = anx_json_parse_object ("{\"district\":\"test-district\",\"version\":1,\"centres\":[],\"services\":[],\"principals\":[]}", -1, 65536, &error);
  json_object_set_array_member (json, "questionnaires", json_array_ref (f->packs));
  json_object_set_array_member (json, "cutOffs", json_array_ref (f->cut_offs));
  char *text = anx_json_object_to_text (json);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  g_clear_pointer (&f->der, g_bytes_unref);
  f->der = anx_authority_sign_directory (f->authority, bytes, &error);
  g_assert_no_error (error);
  g_autoptr (AnxDirectory) directory = anx_directory_open (f->der, anx_authority_get_certificate (f->authority), NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&f->shelf, anx_questionnaire_shelf_free);
  f->shelf = anx_questionnaire_shelf_new (f->folder, directory);
  return f->shelf;
}

static char *
open_version (AnxQuestionnaireShelf *shelf,
              AnxShelfUse use)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxQuestionnaire) found = anx_questionnaire_shelf_open (shelf, "phq-9", use, &error);
  g_assert_true ((found == NULL) == (error != NULL));
  return found != NULL ? g_strdup (anx_questionnaire_get_version (found)) : NULL;
}

#define assert_opens(shelf, use, version)                                                                                                   \
  do                                                                                                                                        \
    {                                                                                                                                       \
      g_autofree char *opened = open_version (shelf, use);                                                                                  \
      g_assert_cmpstr (opened, ==, version);                                                                                                \
    }                                                                                                                                       \
  while (0)

/* All shipped files are on the shelf; who may be asked follows from what stands in each. */
static void
test_shipped (Fixture *f,
              gconstpointer data)
{
  AnxQuestionnaireShelf *shelf = publish (f);
  GPtrArray *list = anx_questionnaire_shelf_list (shelf);
  g_assert_cmpuint (list->len, >=, 23);
  guint offered = 0;
  for (guint i = 0; i < list->len; i++)
    {
      const AnxShelfEntry *entry = g_ptr_array_index (list, i);
      g_autoptr (GError) error = NULL;
      gboolean allowed = anx_shelf_entry_allows (entry, ANX_SHELF_OFFERED, &error);
      g_assert_true (allowed == (g_str_equal (entry->status, "active") && !anx_questionnaire_is_for_counsellors (entry->questionnaire)));
      g_assert_null (entry->by);
      offered += allowed;
    }
  g_assert_cmpuint (offered, ==, 5);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxQuestionnaire) none = anx_questionnaire_shelf_open (shelf, "../phq-9", ANX_SHELF_OFFERED, &error);
  g_assert_null (none);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* Each shipped file can be taken in, keeps its digest and its rules; only those with wording can be approved. */
static void
test_shipped_as_packs (Fixture *f,
                       gconstpointer data)
{
  g_autoptr (AnxQuestionnaireShelf) plain = anx_questionnaire_shelf_new (f->folder, NULL);
  GPtrArray *list = anx_questionnaire_shelf_list (plain);
  for (guint i = 0; i < list->len; i++)
    {
      const AnxShelfEntry *entry = g_ptr_array_index (list, i);
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_strdup_printf ("%s/%s.json", f->folder, entry->id), *text = NULL;
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      JsonObject *pack = anx_questionnaire_pack_build (text, -1, TRUE, "administrator", 1, &error);
      g_assert_true ((pack == NULL) == (g_strcmp0 (entry->translation, "wording-missing") == 0));
      if (pack == NULL)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      else
        json_array_add_object_element (f->packs, pack);
    }
  AnxQuestionnaireShelf *shelf = publish (f);
  for (guint i = 0; i < list->len; i++)
    {
      const AnxShelfEntry *entry = g_ptr_array_index (list, i);
      const AnxShelfEntry *pack = anx_questionnaire_shelf_find (shelf, anx_questionnaire_get_canonical (entry->questionnaire));
      g_assert_cmpstr (pack->digest, ==, entry->digest);
      g_assert_cmpstr (anx_questionnaire_get_rule_set (pack->questionnaire), ==, anx_questionnaire_get_rule_set (entry->questionnaire));
      gboolean signed_in = g_strcmp0 (entry->translation, "wording-missing") != 0;
      g_assert_cmpstr (pack->by, ==, signed_in ? "administrator" : NULL);
      g_assert_true (anx_shelf_entry_allows (pack, ANX_SHELF_ASSIGNED, NULL) == signed_in);
    }
}

static void
test_approval (Fixture *f,
               gconstpointer data)
{
  take_in (f, FORM ("7", "draft", "", "A?"), FALSE);
  assert_opens (publish (f), ANX_SHELF_ASSIGNED, NULL);
  json_object_set_boolean_member (json_array_get_object_element (f->packs, 0), "approved", TRUE);
  assert_opens (publish (f), ANX_SHELF_OFFERED, "7");

  json_array_remove_element (f->packs, 0);
  take_in (f, FORM ("7", "active", PENDING, "A?"), FALSE);
  assert_opens (publish (f), ANX_SHELF_ASSIGNED, NULL);
  take_in (f, FORM ("8", "active", PENDING, "A?"), TRUE);
  assert_opens (publish (f), ANX_SHELF_OFFERED, "8");
  /* A version that nobody approved does not inherit the approval of the one before. */
  take_in (f, FORM ("9", "active", PENDING, "A?"), FALSE);
  assert_opens (publish (f), ANX_SHELF_OFFERED, NULL);
  /* Answers to former versions can still be read. */
  g_assert_nonnull (anx_questionnaire_shelf_find (f->shelf, "urn:test:phq-9|8"));
  take_in (f, FORM ("10", "retired", "", "A?"), FALSE);
  assert_opens (publish (f), ANX_SHELF_ASSIGNED, NULL);
}

static void
test_audience (Fixture *f,
               gconstpointer data)
{
  take_in (f, FORM ("7", "active", FOR_COUNSELLORS, "A?"), TRUE);
  AnxQuestionnaireShelf *shelf = publish (f);
  assert_opens (shelf, ANX_SHELF_OFFERED, NULL);
  assert_opens (shelf, ANX_SHELF_ASSIGNED, "7");
}

/* The directory's copy replaces the shipped file, also when it cannot be used. */
static void
test_no_fall_back (Fixture *f,
                   gconstpointer data)
{
  take_in (f, FORM ("7", "active", "", "A?"), FALSE);
  assert_opens (publish (f), ANX_SHELF_OFFERED, "7");
  static const char *const bad[] = { "", "{", "{\"resourceType\":\"Questionnaire\"}", NULL };
  for (guint i = 0; bad[i] != NULL; i++)
    {
      json_object_set_string_member (json_array_get_object_element (f->packs, 0), "text", bad[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxQuestionnaire) found = anx_questionnaire_shelf_open (publish (f), "phq-9", ANX_SHELF_ASSIGNED, &error);
      g_assert_null (found);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
}

/* Any bit of any byte of what was signed: the directory is refused, and the pack with it. */
static void
test_changed (Fixture *f,
              gconstpointer data)
{
  take_in (f, FORM ("7", "active", "", "Some words of a question?"), FALSE);
  publish (f);
  gsize length;
  const guint8 *good = g_bytes_get_data (f->der, &length);
  const char *form = memmem (good, length, "Some words", 10);
  g_assert_nonnull (form);
  gsize from = (gsize) ((const guint8 *) form - good) - 300;
  for (gsize place = from; place < from + 500; place++)
    {
      g_autofree guint8 *bad = g_memdup2 (good, length);
      bad[place] ^= (guint8) (1 << (place % 8));
      g_autoptr (GBytes) bytes = g_bytes_new (bad, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxDirectory) directory = anx_directory_open (bytes, anx_authority_get_certificate (f->authority), NULL, &error);
      g_assert_null (directory);
      g_assert_nonnull (error);
    }
  /* Another authority's signature is none. */
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAuthority) other = anx_authority_create ("test-district", "Test", g_get_real_time (), NULL);
  g_autoptr (AnxDirectory) directory = anx_directory_open (f->der, anx_authority_get_certificate (other), NULL, &error);
  g_assert_null (directory);
}

static void
test_pack_refuses (Fixture *f,
                   gconstpointer data)
{
  static const char *const bad[]
      = { "", "[]", "{\"resourceType\":\"Patient\"}",
          "{\"resourceType\":\"Questionnaire\",\"id\":\"../x\",\"url\":\"urn:x\",\"status\":\"active\",\"item\":[{\"linkId\":\"a\",\"type\":\"boolean\",\"text\":\"A\"}]}",
          "{\"resourceType\":\"Questionnaire\",\"id\":\"x\",\"url\":\"urn:x\",\"status\":\"active\",\"modifierExtension\":[],\"item\":[{\"linkId\":\"a\",\"type\":\"boolean\",\"text\":\"A\"}]}" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", bad[i]);
      g_assert_null (anx_questionnaire_pack_build (bad[i], -1, FALSE, "administrator", 1, &error));
      g_assert_nonnull (error);
    }
}

#define WITH_ITEM(item)                                                                                                                     \
  "{\"resourceType\":\"Questionnaire\",\"id\":\"x\",\"url\":\"urn:x\",\"version\":\"1\",\"status\":\"active\",\"language\":\"en\",\"title\":\"X\","                \
  "\"item\":[{\"linkId\":\"first\",\"type\":\"boolean\",\"text\":\"A\"},{\"linkId\":\"odd\",\"text\":\"B\"," item "}]}"

/* Q5: whoever asks for it, and whoever approves it, hears which question is in the way. */
static void
test_not_to_be_drawn (Fixture *f,
                      gconstpointer data)
{
  static const char *const items[]
      = { "\"type\":\"text\"", "\"type\":\"string\"", "\"type\":\"integer\"", "\"type\":\"decimal\"", "\"type\":\"date\"", "\"type\":\"time\"",
          "\"type\":\"choice\",\"repeats\":true,\"answerOption\":[{\"valueString\":\"a\"},{\"valueString\":\"b\"}]" };
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autofree char *form = g_strdup_printf (WITH_ITEM ("%s"), items[i]);
      g_autoptr (GError) refused = NULL, not_opened = NULL;
      g_test_message ("%s", items[i]);
      g_assert_null (anx_questionnaire_pack_build (form, -1, TRUE, "administrator", 1, &refused));
      g_assert_error (refused, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      g_assert_nonnull (strstr (refused->message, "odd"));
      take_in (f, form, FALSE);
      g_autoptr (AnxQuestionnaire) opened = anx_questionnaire_shelf_open (publish (f), "x", ANX_SHELF_ASSIGNED, &not_opened);
      g_assert_null (opened);
      g_assert_error (not_opened, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
    }
  take_in (f, WITH_ITEM ("\"type\":\"choice\",\"answerOption\":[{\"valueString\":\"a\"},{\"valueString\":\"b\"}]"), FALSE);
  g_autoptr (AnxQuestionnaire) opened = anx_questionnaire_shelf_open (publish (f), "x", ANX_SHELF_ASSIGNED, NULL);
  g_assert_nonnull (opened);
}

/* The shipped PHQ-9's bands, the first of which ends one earlier. */
static JsonObject *
make_cut_offs (Fixture *f,
               const char *reason)
{
  g_autofree char *path = g_strdup_printf ("%s/phq-9.json", f->folder), *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_autoptr (JsonObject) fhir = anx_json_parse_object (text, -1, 1 << 20, NULL);
  g_autofree char *canonical = g_strconcat (anx_json_get_string (fhir, "url", ""), "|", anx_json_get_string (fhir, "version", ""), NULL);
  JsonArray *extensions = anx_json_get_array (fhir, "extension"), *parts = NULL, *bands = json_array_new ();
  JsonObject *cut_offs = json_object_new (), *score = json_object_new ();
  for (guint i = 0; parts == NULL; i++)
    if (g_str_equal (anx_json_get_string (json_array_get_object_element (extensions, i), "url", ""), "urn:anxin:fhir:score"))
      parts = anx_json_get_array (json_array_get_object_element (extensions, i), "extension");
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonObject *part = json_array_get_object_element (parts, i);
      if (g_str_equal (anx_json_get_string (part, "url", ""), "code"))
        json_object_set_string_member (score, "score", anx_json_get_string (anx_json_get_object (part, "valueCoding"), "code", ""));
      if (!g_str_equal (anx_json_get_string (part, "url", ""), "band"))
        continue;
      JsonArray *limits = anx_json_get_array (part, "extension");
      guint n = json_array_get_length (bands);
      if (n < 2)
        json_object_set_double_member (json_array_get_object_element (limits, n == 0 ? 1 : 0), "valueDecimal", n == 0 ? 3 : 4);
      json_array_add_object_element (bands, json_object_ref (part));
    }
  g_assert_cmpuint (json_array_get_length (bands), ==, 5);
  json_object_set_array_member (score, "extension", bands);
  JsonArray *scores = json_array_new ();
  json_array_add_object_element (scores, score);
  json_object_set_string_member (cut_offs, "type", "urn:anxin:cut-offs");
  json_object_set_string_member (cut_offs, "questionnaire", canonical);
  json_object_set_string_member (cut_offs, "reason", reason);
  json_object_set_string_member (cut_offs, "who", "administrator");
  json_object_set_string_member (cut_offs, "when", "2026-11-22T08:00:00Z");
  json_object_set_array_member (cut_offs, "scores", scores);
  return cut_offs;
}

/* The last of a version counts, all that ever counted are there, and a text that is signed in stands above them. */
static void
test_cut_offs (Fixture *f,
               gconstpointer data)
{
  g_autoptr (AnxQuestionnaire) plain = anx_questionnaire_shelf_open (publish (f), "phq-9", ANX_SHELF_OFFERED, NULL);
  guint before = anx_questionnaire_shelf_list (f->shelf)->len;
  json_array_add_object_element (f->cut_offs, make_cut_offs (f, "first reason"));
  JsonObject *empty = make_cut_offs (f, "no bands");
  json_object_set_array_member (empty, "scores", json_array_new ());
  json_array_add_object_element (f->cut_offs, empty);
  json_array_add_object_element (f->cut_offs, make_cut_offs (f, "last reason"));
  g_autoptr (AnxQuestionnaire) own = anx_questionnaire_shelf_open (publish (f), "phq-9", ANX_SHELF_OFFERED, NULL);
  g_assert_cmpstr (anx_questionnaire_get_canonical (own), ==, anx_questionnaire_get_canonical (plain));
  g_assert_cmpstr (anx_questionnaire_get_rule_set (own), !=, anx_questionnaire_get_rule_set (plain));
  GPtrArray *list = anx_questionnaire_shelf_list (f->shelf);
  g_assert_cmpuint (list->len, ==, before + 2);
  const AnxShelfEntry *entry = anx_questionnaire_shelf_find (f->shelf, anx_questionnaire_get_canonical (plain));
  g_assert_cmpstr (entry->cut_off_reason, ==, "last reason");
  g_assert_cmpstr (entry->by, ==, "administrator");
  g_assert_cmpint (entry->since_usec, ==, G_GINT64_CONSTANT (1795334400) * G_USEC_PER_SEC);
  g_assert_cmpstr (anx_questionnaire_get_rule_set (entry->questionnaire), ==, anx_questionnaire_get_rule_set (own));
  /* Somebody with 4 points belongs to the second band now. */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (AnxAnswers) answers = anx_answers_new (i == 0 ? plain : own);
      for (guint item = 0; item < 9; item++)
        anx_answers_set (answers, item, item < 4 ? 1 : 0);
      g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
      const AnxScore *score = g_ptr_array_index (scores, 0);
      g_assert_cmpfloat (score->value, ==, 4);
      g_assert_cmpstr (score->band, ==, i == 0 ? "minimal" : "mild");
      g_assert_cmpstr (score->cut_off_reason, ==, i == 0 ? NULL : "last reason");
    }
  take_in (f, FORM ("7", "active", "", "A?"), FALSE);
  assert_opens (publish (f), ANX_SHELF_OFFERED, "7");
}

#define add(path, func) g_test_add ("/sync/questionnaire-shelf/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("shipped", test_shipped);
  add ("shipped-as-packs", test_shipped_as_packs);
  add ("approval", test_approval);
  add ("audience", test_audience);
  add ("no-fall-back", test_no_fall_back);
  add ("cut-offs", test_cut_offs);
  add ("changed", test_changed);
  add ("pack-refuses", test_pack_refuses);
  add ("not-to-be-drawn", test_not_to_be_drawn);
  return g_test_run ();
}
