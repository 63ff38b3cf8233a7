/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <stdio.h>

#include "bounds.h"
#include "clock.h"
#include "command.h"
#include "ctl-error.h"
#include "directory-draft.h"
#include "enrolment.h"
#include "id.h"
#include "json.h"

/* A week: longer than any journey to a village, shorter than a paper stays safe in a drawer. */
#define VALID_MINUTES_MAX (7 * 24 * 60)
#define VALID_MINUTES_DEFAULT 60
/* How often the hub is asked while a claim is waited for. */
#define LOOK_MS 500
#define ENROLMENTS_MAX 10000

static gboolean
can_enrol (JsonObject *entry)
{
  const char *kind = anx_json_get_string (entry, "kind", "");
  return (g_str_equal (kind, "person") || g_str_equal (kind, "kiosk")) && anx_json_get_boolean (entry, "active", TRUE);
}

static gboolean
run_invite (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_autofree char *folder_path = NULL;
  int valid = VALID_MINUTES_DEFAULT;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    { "valid", 0, 0, G_OPTION_ARG_INT, &valid, N_("How many minutes the code can be used; 60 when left out"), "MINUTES" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error) ||
      !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  if (valid < 0 || valid > VALID_MINUTES_MAX)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("A code can be valid for at most %d minutes"), VALID_MINUTES_MAX);
      return FALSE;
    }
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  if (folder == NULL)
    return FALSE;
  if (!can_enrol (anx_district_folder_find_principal (folder, operands[0])))
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN, _("The draft has no active person or kiosk “%s”"), operands[0]);
      return FALSE;
    }

  guint8 random[10];
  anx_random_bytes (random, sizeof random);
  AnxCertificate *authority = anx_authority_get_certificate (anx_district_folder_get_authority (folder));
  g_autofree char *code = anx_enrolment_code_make (anx_certificate_get_fingerprint (authority), random);
  g_autofree char *pin = NULL;
  g_autofree char *secret = NULL;
  if (!anx_enrolment_code_parse (code, &pin, &secret, error))
    return FALSE;
  g_autofree char *hash = anx_enrolment_secret_hash (secret);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "principal", operands[0]);
  json_object_set_string_member (body, "secretHash", hash);
  json_object_set_int_member (body, "expires", g_get_real_time () + valid * ANX_USEC_PER_MINUTE);
  if (!anx_district_folder_request_json (folder, "POST", "/v1/enrolments", body, NULL, error))
    return FALSE;
  anx_command_print (code);
  anx_command_print ("\n");
  return TRUE;
}

/* (element-type JsonObject), owned by @out_answer */
static JsonArray *
fetch_enrolments (AnxDistrictFolder *folder,
                  JsonObject **out_answer,
                  GError **error)
{
  if (!anx_district_folder_request_json (folder, "GET", "/v1/enrolments", NULL, out_answer, error))
    return NULL;
  if (*out_answer == NULL)
    *out_answer = json_object_new ();
  return anx_json_need_array (*out_answer, "enrolments", ENROLMENTS_MAX, error);
}

static gboolean
run_list (const AnxCommand *command,
          int argc,
          char **argv,
          GError **error)
{
  g_autofree char *folder_path = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  g_autoptr (JsonObject) answer = NULL;
  JsonArray *enrolments = folder != NULL ? fetch_enrolments (folder, &answer, error) : NULL;
  if (enrolments == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (enrolments); i++)
    {
      JsonObject *enrolment = anx_json_array_need_object (enrolments, i, error);
      if (enrolment == NULL)
        return FALSE;
      g_autofree char *expires = anx_time_to_rfc3339 (anx_json_get_int (enrolment, "expires", 0));
      g_autofree char *line = g_strdup_printf ("%-24s %-9s %s\n", anx_json_get_string (enrolment, "principal", "?"),
                                               anx_json_get_string (enrolment, "status", "?"), expires);
      anx_command_print (line);
    }
  return TRUE;
}

/* A claimed enrolment with the certificates made for it. */
typedef struct
{
  char *id;
  char *principal;
  char *sign_pem;
  char *seal_pem;
} Approval;

static void
approval_free (Approval *approval)
{
  g_free (approval->id);
  g_free (approval->principal);
  g_free (approval->sign_pem);
  g_free (approval->seal_pem);
  g_free (approval);
}

/* Both requests are checked by the authority before it signs: their own signature, and the name they ask for. */
static Approval *
approve_one (AnxDistrictFolder *folder,
             JsonObject *enrolment,
             GError **error)
{
  const char *id = anx_json_need_string (enrolment, "id", 64, error);
  const char *principal = id != NULL ? anx_json_need_string (enrolment, "principal", ANX_BOUND_PRINCIPAL_CHARS, error) : NULL;
  const char *sign_request = principal != NULL ? anx_json_need_string (enrolment, "signRequest", ANX_BOUND_PEM_BYTES, error) : NULL;
  const char *seal_request = sign_request != NULL ? anx_json_need_string (enrolment, "sealRequest", ANX_BOUND_PEM_BYTES, error) : NULL;
  if (seal_request == NULL)
    return NULL;
  JsonObject *entry = anx_district_folder_find_principal (folder, principal);
  if (!can_enrol (entry))
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN, _("The draft has no active person or kiosk “%s”"), principal);
      return NULL;
    }
  AnxAuthority *authority = anx_district_folder_get_authority (folder);
  gint64 now_usec = g_get_real_time ();
  g_autoptr (AnxCertificate) sign = anx_authority_issue (authority, sign_request, principal, ANX_KEY_USE_SIGN, now_usec, error);
  g_autoptr (AnxCertificate) seal =
    sign != NULL ? anx_authority_issue (authority, seal_request, principal, ANX_KEY_USE_SEAL, now_usec, error) : NULL;
  if (seal == NULL)
    return NULL;
  Approval *approval = g_new0 (Approval, 1);
  approval->id = g_strdup (id);
  approval->principal = g_strdup (principal);
  approval->sign_pem = anx_certificate_to_pem (sign);
  approval->seal_pem = anx_certificate_to_pem (seal);
  json_object_set_string_member (entry, "signCertificate", approval->sign_pem);
  json_object_set_string_member (entry, "sealCertificate", approval->seal_pem);
  g_autofree char *line = g_strdup_printf ("%s\n  sign %s\n  seal %s\n", principal, anx_certificate_get_fingerprint (sign),
                                           anx_certificate_get_fingerprint (seal));
  anx_command_print (line);
  return approval;
}

/* @principal NULL takes every claim there is. */
static gboolean
collect_claims (AnxDistrictFolder *folder,
                const char *principal,
                GPtrArray *approvals,
                GError **error)
{
  g_autoptr (JsonObject) answer = NULL;
  JsonArray *enrolments = fetch_enrolments (folder, &answer, error);
  if (enrolments == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (enrolments); i++)
    {
      JsonObject *enrolment = anx_json_array_need_object (enrolments, i, error);
      if (enrolment == NULL)
        return FALSE;
      if (g_strcmp0 (anx_json_get_string (enrolment, "status", NULL), "claimed") != 0 ||
          (principal != NULL && g_strcmp0 (anx_json_get_string (enrolment, "principal", NULL), principal) != 0))
        continue;
      Approval *approval = approve_one (folder, enrolment, error);
      if (approval == NULL)
        return FALSE;
      g_ptr_array_add (approvals, approval);
    }
  return TRUE;
}

static gboolean
wait_for_claims (AnxDistrictFolder *folder,
                 const char *principal,
                 int wait_seconds,
                 GPtrArray *approvals,
                 GError **error)
{
  gint64 until = g_get_monotonic_time () + wait_seconds * G_TIME_SPAN_SECOND;
  for (;;)
    {
      if (!collect_claims (folder, principal, approvals, error))
        return FALSE;
      if (approvals->len > 0)
        return TRUE;
      if (g_get_monotonic_time () >= until)
        break;
      g_usleep (LOOK_MS * 1000);
    }
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_TIMEOUT, _("Nobody has used such a code yet"));
  return FALSE;
}

static gboolean
hand_over (AnxDistrictFolder *folder,
           const Approval *approval,
           GError **error)
{
  g_autofree char *path = g_strdup_printf ("/v1/enrolments/%s/certificates", approval->id);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "signCertificate", approval->sign_pem);
  json_object_set_string_member (body, "sealCertificate", approval->seal_pem);
  return anx_district_folder_request_json (folder, "PUT", path, body, NULL, error);
}

static gboolean
run_approve (const AnxCommand *command,
             int argc,
             char **argv,
             GError **error)
{
  g_autofree char *folder_path = NULL;
  gboolean all = FALSE;
  int wait_seconds = 0;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, N_("Everybody who has used a code"), NULL },
    { "wait", 0, 0, G_OPTION_ARG_INT, &wait_seconds, N_("Wait so long for the code to be used"), "SECONDS" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 1, &operands, error) ||
      !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  if (all == (operands[0] != NULL))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("Name one principal, or say --all"));
      return FALSE;
    }
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  if (folder == NULL)
    return FALSE;
  g_autoptr (GPtrArray) approvals = g_ptr_array_new_with_free_func ((GDestroyNotify) approval_free);
  if (!wait_for_claims (folder, all ? NULL : operands[0], wait_seconds, approvals, error))
    return FALSE;
  /* The directory first: a client that has its certificate must not find itself unknown. A crash in between leaves the claim
   * open, and the next approval makes new certificates. */
  gint64 version;
  if (!anx_district_folder_save_draft (folder, error) || !anx_directory_draft_publish (folder, &version, error))
    return FALSE;
  for (guint i = 0; i < approvals->len; i++)
    if (!hand_over (folder, approvals->pdata[i], error))
      return FALSE;
  return TRUE;
}

const AnxCommand anx_enrol_commands[] = {
  { "enrol", "invite", "PRINCIPAL", N_("Make a one-time code for a person or kiosk"), run_invite },
  { "enrol", "list", NULL, N_("Show codes and what became of them"), run_list },
  { "enrol", "approve", "[PRINCIPAL]", N_("Sign the certificates of who has used a code"), run_approve },
  { NULL },
};
