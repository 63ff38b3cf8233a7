/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "bounds.h"
#include "command.h"
#include "crl.h"
#include "ctl-error.h"
#include "directory-draft.h"
#include "json.h"
#include "messages.h"

static void
add_serial (JsonArray *revoked,
            JsonObject *entry,
            const char *member)
{
  const char *pem = anx_json_get_string (entry, member, NULL);
  g_autoptr (AnxCertificate) certificate = pem != NULL ? anx_certificate_new_from_pem (pem, NULL) : NULL;
  if (certificate == NULL)
    return;
  const char *serial = anx_certificate_get_serial (certificate);
  for (guint i = 0; i < json_array_get_length (revoked); i++)
    if (g_strcmp0 (json_array_get_string_element (revoked, i), serial) == 0)
      return;
  json_array_add_string_element (revoked, serial);
}

/* The list's number only grows: it goes on from the last one made. */
static GBytes *
make_crl (AnxDistrictFolder *folder,
          GError **error)
{
  AnxAuthority *authority = anx_district_folder_get_authority (folder);
  g_autoptr (GBytes) last_der = anx_district_folder_read (folder, ANX_CRL_FILE, ANX_BOUND_REQUEST_BYTES, NULL);
  g_autoptr (AnxCrl) last = NULL;
  if (last_der != NULL)
    {
      last = anx_crl_open (last_der, anx_authority_get_certificate (authority), error);
      if (last == NULL)
        return NULL;
    }
  g_auto (GStrv) serials = anx_json_need_strings (anx_district_folder_get_draft (folder), "revoked", G_MAXUINT16, error);
  if (serials == NULL)
    return NULL;
  return anx_authority_make_crl (authority, (const char *const *) serials, last != NULL ? anx_crl_get_number (last) + 1 : 1,
                                 g_get_real_time (), error);
}

static gboolean
hand_over_crl (AnxDistrictFolder *folder,
               GBytes *crl,
               GError **error)
{
  g_autoptr (AnxHubAnswer) answer =
    anx_district_folder_request (folder, "PUT", "/v1/crl", "application/pkix-crl", crl, ANX_BOUND_REQUEST_BYTES, error);
  if (answer == NULL)
    return FALSE;
  if (answer->status >= 200 && answer->status <= 299)
    return TRUE;
  g_autoptr (JsonObject) problem = anx_message_parse_problem (answer->body);
  anx_message_set_status_error (answer->status, problem, error);
  return FALSE;
}

static gboolean
run_revoke (const AnxCommand *command,
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
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error) ||
      !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  if (folder == NULL)
    return FALSE;
  JsonObject *entry = anx_district_folder_find_principal (folder, operands[0]);
  const char *kind = anx_json_get_string (entry, "kind", "");
  if (!g_str_equal (kind, "person") && !g_str_equal (kind, "kiosk"))
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN, _("The draft has no person or kiosk “%s”"), operands[0]);
      return FALSE;
    }
  JsonObject *draft = anx_district_folder_get_draft (folder);
  if (anx_json_get_array (draft, "revoked") == NULL)
    json_object_set_array_member (draft, "revoked", json_array_new ());
  add_serial (anx_json_get_array (draft, "revoked"), entry, "signCertificate");
  add_serial (anx_json_get_array (draft, "revoked"), entry, "sealCertificate");
  json_object_set_boolean_member (entry, "active", FALSE);

  /* The draft first: whatever fails after it, saying it again finishes the work. */
  if (!anx_district_folder_save_draft (folder, error))
    return FALSE;
  g_autoptr (GBytes) crl = make_crl (folder, error);
  gint64 version;
  if (crl == NULL || !anx_district_folder_write (folder, ANX_CRL_FILE, crl, error) || !hand_over_crl (folder, crl, error) ||
      !anx_directory_draft_publish (folder, &version, error))
    return FALSE;
  g_printerr (_("“%s” is revoked: the hub refuses it, and nothing new is sealed to it.\n"), operands[0]);
  return TRUE;
}

const AnxCommand anx_revoke_commands[] = {
  { "revoke", NULL, "PRINCIPAL", N_("Revoke a person's or kiosk's certificates and make it inactive"), run_revoke },
  { NULL },
};
