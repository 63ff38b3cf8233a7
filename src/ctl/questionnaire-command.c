/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <math.h>

#include "bounds.h"
#include "care-error.h"
#include "command.h"
#include "ctl-error.h"
#include "district-folder.h"
#include "files.h"
#include "json.h"
#include "pem-file.h"
#include "profile.h"
#include "questionnaire-shelf.h"

/* As many as every reader takes. */
#define MAX_PACKS 512

static JsonObject *
read_json (const char *path,
           GError **error)
{
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, error);
  if (bytes == NULL)
    return NULL;
  JsonObject *json = anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                                            ANX_BOUND_QUESTIONNAIRE_BYTES, error);
  if (json == NULL)
    g_prefix_error (error, "%s: ", path);
  return json;
}

/* What kind of thing is wrong in the user's language; then the place and the rule, as the engine names them. */
static void
name_reason (const char *path,
             GError *inner,
             GError **error)
{
  const char *reason = _("this is not a questionnaire as FHIR R4 wants it");
  if (g_error_matches (inner, ANX_CARE_ERROR, ANX_CARE_ERROR_UNSUPPORTED))
    reason = _("this questionnaire needs something that is not supported here, so it is not used at all");
  else if (g_error_matches (inner, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE))
    reason = _("this questionnaire is larger than is allowed here");
  else if (g_error_matches (inner, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    reason = _("this questionnaire cannot be approved");
  g_set_error (error, inner->domain, inner->code, "%s: %s: %s", path, reason, inner->message);
  g_error_free (inner);
}

static AnxQuestionnaire *
read_questionnaire (const char *path,
                    GError **error)
{
  g_autoptr (JsonObject) json = read_json (path, error);
  if (json == NULL)
    return NULL;
  GError *inner = NULL;
  AnxQuestionnaire *questionnaire = anx_questionnaire_parse (json, &inner);
  if (questionnaire == NULL)
    name_reason (path, inner, error);
  return questionnaire;
}

/* All files are looked at, so that one run tells all that is wrong. */
static gboolean
run_check (const AnxCommand *command,
           int argc,
           char **argv,
           GError **error)
{
  g_auto (GStrv) operands = NULL;
  if (!anx_command_parse (command, argc, argv, NULL, 1, G_MAXUINT, &operands, error))
    return FALSE;
  guint bad = 0;
  for (guint i = 0; operands[i] != NULL; i++)
    {
      g_autoptr (GError) inner = NULL;
      g_autoptr (AnxQuestionnaire) questionnaire = read_questionnaire (operands[i], &inner);
      if (questionnaire == NULL)
        {
          g_printerr ("%s\n", inner->message);
          bad++;
          continue;
        }
      g_autofree char *line = g_strdup_printf ("%s: %s\n", operands[i], anx_questionnaire_get_canonical (questionnaire));
      anx_command_print (line);
    }
  if (bad == 0)
    return TRUE;
  g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, _("Files that cannot be used: %u"), bad);
  return FALSE;
}

/* A score that cannot be computed is null, never 0. Whole numbers are written as such. */
static JsonNode *
score_value (const AnxScore *score)
{
  JsonNode *node = json_node_alloc ();
  if (!score->present)
    return json_node_init_null (node);
  if (score->value == floor (score->value) && fabs (score->value) < 1e15)
    return json_node_init_int (node, (gint64) score->value);
  return json_node_init_double (node, score->value);
}

static JsonArray *
build_scores (AnxAnswers *answers)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  for (guint i = 0; i < scores->len; i++)
    {
      const AnxScore *score = scores->pdata[i];
      JsonObject *object = json_object_new ();
      json_object_set_string_member (object, "code", score->code);
      json_object_set_member (object, "value", score_value (score));
      json_object_set_boolean_member (object, "prorated", score->prorated);
      if (score->present && score->band != NULL)
        json_object_set_string_member (object, "band", score->band);
      else
        json_object_set_null_member (object, "band");
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
build_safety (AnxAnswers *answers)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  for (guint i = 0; i < findings->len; i++)
    {
      const AnxSafetyFinding *finding = findings->pdata[i];
      JsonObject *object = json_object_new ();
      json_object_set_string_member (object, "rule", finding->rule);
      json_object_set_string_member (object, "level", anx_level_to_string (finding->level));
      if (finding->item != NULL)
        json_object_set_string_member (object, "item", finding->item);
      else
        json_object_set_null_member (object, "item");
      if (finding->score != NULL)
        json_object_set_string_member (object, "score", finding->score);
      json_array_add_object_element (array, object);
    }
  return array;
}

static gboolean
run_score (const AnxCommand *command,
           int argc,
           char **argv,
           GError **error)
{
  g_auto (GStrv) operands = NULL;
  if (!anx_command_parse (command, argc, argv, NULL, 2, 2, &operands, error))
    return FALSE;
  g_autoptr (AnxQuestionnaire) questionnaire = read_questionnaire (operands[0], error);
  g_autoptr (JsonObject) response = questionnaire != NULL ? read_json (operands[1], error) : NULL;
  g_autoptr (AnxAnswers) answers = response != NULL ? anx_answers_parse (questionnaire, response, error) : NULL;
  if (answers == NULL)
    return FALSE;
  g_autoptr (JsonObject) result = json_object_new ();
  json_object_set_array_member (result, "scores", build_scores (answers));
  json_object_set_array_member (result, "safety", build_safety (answers));
  g_autofree char *text = anx_json_object_to_text (result);
  anx_command_print (text);
  anx_command_print ("\n");
  return TRUE;
}

/* --- packs --- */

static JsonObject *
find_pack (JsonArray *packs,
           const char *canonical)
{
  for (guint i = 0; i < json_array_get_length (packs); i++)
    {
      JsonObject *pack = anx_json_array_need_object (packs, i, NULL);
      if (pack != NULL && g_strcmp0 (anx_json_get_string (pack, "canonical", NULL), canonical) == 0)
        return pack;
    }
  return NULL;
}

/* A version never changes: answers that were given name it. Taken in again, only its approval is new. */
static gboolean
merge_pack (JsonObject *draft,
            JsonObject *pack,
            GError **error)
{
  if (!json_object_has_member (draft, "questionnaires"))
    json_object_set_array_member (draft, "questionnaires", json_array_new ());
  JsonArray *packs = anx_json_need_array (draft, "questionnaires", MAX_PACKS, error);
  if (packs == NULL)
    return FALSE;
  const char *canonical = anx_json_get_string (pack, "canonical", NULL);
  JsonObject *present = find_pack (packs, canonical);
  if (present == NULL)
    {
      json_array_add_object_element (packs, json_object_ref (pack));
      return TRUE;
    }
  if (g_strcmp0 (anx_json_get_string (present, "text", NULL), anx_json_get_string (pack, "text", NULL)) != 0)
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS,
                   _("%s was taken in with other content. A changed questionnaire needs another version. Nothing was changed"), canonical);
      return FALSE;
    }
  json_object_set_boolean_member (present, "approved", anx_json_get_boolean (pack, "approved", FALSE));
  json_object_set_string_member (present, "by", anx_json_get_string (pack, "by", ""));
  json_object_set_int_member (present, "at", anx_json_get_int (pack, "at", 0));
  return TRUE;
}

static JsonObject *
build_pack (const char *path,
            const char *folder_path,
            gboolean approve,
            GError **error)
{
  g_autofree char *profile_path = g_build_filename (folder_path, "administrator", NULL);
  g_autoptr (AnxProfile) profile = anx_profile_open (profile_path, error);
  g_autoptr (GBytes) bytes = profile != NULL ? anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, error) : NULL;
  if (bytes == NULL)
    return NULL;
  gsize length = 0;
  const char *text = g_bytes_get_data (bytes, &length);
  GError *inner = NULL;
  JsonObject *pack = anx_questionnaire_pack_build (text != NULL ? text : "", (gssize) length, approve, anx_profile_get_principal (profile),
                                                   g_get_real_time (), &inner);
  if (pack == NULL)
    name_reason (path, inner, error);
  return pack;
}

static gboolean
run_import (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_autofree char *folder_path = NULL;
  gboolean approve = FALSE;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    { "approve", 0, 0, G_OPTION_ARG_NONE, &approve, N_("Its wording was reviewed: let residents be asked although it is a draft"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error) ||
      !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  g_autoptr (JsonObject) pack = folder != NULL ? build_pack (operands[0], folder_path, approve, error) : NULL;
  if (pack == NULL || !merge_pack (anx_district_folder_get_draft (folder), pack, error) || !anx_district_folder_save_draft (folder, error))
    return FALSE;
  g_printerr ("%s\n", _("Taken into the draft. “anxinctl directory publish” puts it in force."));
  return TRUE;
}

/* In whose name and when is not the file's to say. */
static gboolean
sign_cut_offs (JsonObject *cut_offs,
               const char *folder_path,
               GError **error)
{
  g_autofree char *profile_path = g_build_filename (folder_path, "administrator", NULL);
  g_autoptr (AnxProfile) profile = anx_profile_open (profile_path, error);
  if (profile == NULL)
    return FALSE;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  json_object_set_string_member (cut_offs, "who", anx_profile_get_principal (profile));
  json_object_set_string_member (cut_offs, "when", when);
  return TRUE;
}

static gboolean
add_cut_offs (JsonObject *draft,
              JsonObject *cut_offs,
              GError **error)
{
  if (!json_object_has_member (draft, "cutOffs"))
    json_object_set_array_member (draft, "cutOffs", json_array_new ());
  JsonArray *all = anx_json_need_array (draft, "cutOffs", MAX_PACKS - 1, error);
  if (all == NULL)
    return FALSE;
  json_array_add_object_element (all, json_object_ref (cut_offs));
  return TRUE;
}

static AnxQuestionnaireShelf *
open_shelf (AnxDirectory *directory)
{
  const char *data = g_getenv ("ANX_DATA_DIR");
  g_autofree char *files = g_build_filename (data != NULL ? data : ANX_DATA_DIR, "questionnaires", NULL);
  return anx_questionnaire_shelf_new (files, directory);
}

/* The signed directory of the folder; NULL without an error when none was published yet. */
static gboolean
open_directory (const char *folder,
                AnxDirectory **out_directory,
                GError **error)
{
  g_autofree char *authority_path = g_build_filename (folder, ANX_AUTHORITY_FILE, NULL);
  g_autofree char *path = g_build_filename (folder, ANX_DIRECTORY_FILE, NULL);
  g_autoptr (AnxCertificate) authority = anx_pem_file_read_certificate (authority_path, error);
  if (authority == NULL)
    return FALSE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  *out_directory = anx_pem_file_read_directory (path, authority, error);
  return *out_directory != NULL;
}

static const char *
name_offer (const AnxShelfEntry *entry)
{
  if (anx_shelf_entry_allows (entry, ANX_SHELF_OFFERED, NULL))
    return "resident";
  return anx_shelf_entry_allows (entry, ANX_SHELF_ASSIGNED, NULL) ? "counsellor" : "nobody";
}

static gboolean
run_list (const AnxCommand *command,
          int argc,
          char **argv,
          GError **error)
{
  g_autofree char *folder = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_("The administrator's folder"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (AnxDirectory) directory = NULL;
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || (folder != NULL && !open_directory (folder, &directory, error)))
    return FALSE;
  g_autoptr (AnxQuestionnaireShelf) shelf = open_shelf (directory);
  GPtrArray *list = anx_questionnaire_shelf_list (shelf);
  for (guint i = 0; i < list->len; i++)
    {
      const AnxShelfEntry *entry = g_ptr_array_index (list, i);
      const char *version = anx_questionnaire_get_version (entry->questionnaire), *licence = anx_questionnaire_get_licence (entry->questionnaire);
      g_autofree char *line
          = g_strdup_printf ("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", entry->id, version != NULL ? version : "-",
                             entry->approved ? "approved" : entry->translation != NULL ? entry->translation : entry->status,
                             licence != NULL ? licence : "-", name_offer (entry), entry->by != NULL ? entry->by : "-", entry->digest,
                             entry->cut_off_reason != NULL ? entry->cut_off_reason : "-");
      anx_command_print (line);
    }
  return TRUE;
}

static gboolean
run_cut_offs (const AnxCommand *command,
              int argc,
              char **argv,
              GError **error)
{
  g_autofree char *folder_path = NULL;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (AnxDirectory) directory = NULL;
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error) || !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  g_autoptr (JsonObject) cut_offs = folder != NULL ? read_json (operands[0], error) : NULL;
  if (cut_offs == NULL || !open_directory (folder_path, &directory, error) || !sign_cut_offs (cut_offs, folder_path, error))
    return FALSE;
  g_autoptr (AnxQuestionnaireShelf) shelf = open_shelf (directory);
  const char *canonical = anx_json_get_string (cut_offs, "questionnaire", "");
  const AnxShelfEntry *entry = anx_questionnaire_shelf_find (shelf, canonical);
  if (entry == NULL)
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN, _("%s: “%s” is no questionnaire in force. “anxinctl questionnaire list” names them"), operands[0], canonical);
      return FALSE;
    }
  GError *inner = NULL;
  g_autoptr (AnxQuestionnaire) changed = anx_questionnaire_apply_cut_offs (entry->questionnaire, cut_offs, &inner);
  if (changed == NULL)
    {
      g_propagate_prefixed_error (error, inner, "%s: ", operands[0]);
      return FALSE;
    }
  if (!add_cut_offs (anx_district_folder_get_draft (folder), cut_offs, error) || !anx_district_folder_save_draft (folder, error))
    return FALSE;
  g_printerr ("%s\n", _("Taken into the draft. “anxinctl directory publish” puts it in force."));
  return TRUE;
}

const AnxCommand anx_questionnaire_commands[] = {
  { "questionnaire", "check", "FILE…", N_("Check FHIR questionnaires"), run_check },
  { "questionnaire", "score", "QUESTIONNAIRE RESPONSE", N_("Score a FHIR questionnaire response; prints JSON"), run_score },
  { "questionnaire", "list", NULL, N_("List the questionnaires: id, version, status, licence, who may choose it, who signed it in, SHA-256, why its cut-offs were changed"), run_list },
  { "questionnaire", "import", "FILE", N_("Take a FHIR questionnaire into the draft of the directory"), run_import },
  { "questionnaire", "cut-offs", "FILE", N_("Take cut-offs of the district's own for a questionnaire into the draft of the directory"), run_cut_offs },
  { NULL },
};
