/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "bounds.h"
#include "command.h"
#include "envelope.h"
#include "files.h"
#include "json.h"
#include "pem-file.h"

/* The payload as it was sealed: the inner header, which equals these members of the outer one, and the resource. */
static char *
build_payload (AnxRecordHeader *header,
               JsonNode *resource,
               GError **error)
{
  static const char *const outer_only[] = { "created", "sequence", "previous", "routing" };
  g_autofree char *text = anx_record_header_to_text (header);
  g_autoptr (JsonObject) inner = anx_json_parse_object (text, -1, ANX_BOUND_HEADER_BYTES, error);
  if (inner == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (outer_only); i++)
    json_object_remove_member (inner, outer_only[i]);
  g_autoptr (JsonObject) payload = json_object_new ();
  json_object_set_object_member (payload, "anxin", json_object_ref (inner));
  json_object_set_member (payload, "resource", json_node_copy (resource));
  return anx_json_object_to_text (payload);
}

static gboolean
run_open (const AnxCommand *command,
          int argc,
          char **argv,
          GError **error)
{
  g_autofree char *key_path = NULL;
  g_autofree char *certificate_path = NULL;
  g_autofree char *authority_path = NULL;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key_path, N_("The private seal key of a recipient"), "PRIVATE.pem" },
    { "certificate", 0, 0, G_OPTION_ARG_FILENAME, &certificate_path, N_("The recipient's certificate"), "CERT.pem" },
    { "authority", 0, 0, G_OPTION_ARG_FILENAME, &authority_path, N_("The district authority's certificate"), "CA.pem" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error) || !anx_command_need_option ("key", key_path, error) ||
      !anx_command_need_option ("certificate", certificate_path, error) ||
      !anx_command_need_option ("authority", authority_path, error))
    return FALSE;
  g_autoptr (AnxKey) key = anx_pem_file_read_key (key_path, error);
  g_autoptr (AnxCertificate) certificate = key != NULL ? anx_pem_file_read_certificate (certificate_path, error) : NULL;
  g_autoptr (AnxCertificate) authority = certificate != NULL ? anx_pem_file_read_certificate (authority_path, error) : NULL;
  g_autoptr (GBytes) envelope = authority != NULL ? anx_file_read (operands[0], ANX_BOUND_ENVELOPE_BYTES, error) : NULL;
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (JsonNode) resource = NULL;
  if (envelope == NULL || !anx_envelope_open (envelope, authority, key, certificate, &header, &resource, error))
    return FALSE;
  g_autofree char *payload = build_payload (header, resource, error);
  if (payload == NULL)
    return FALSE;
  anx_command_print (payload);
  anx_command_print ("\n");
  return TRUE;
}

const AnxCommand anx_record_commands[] = {
  { "record", "open", "ENVELOPE", N_("Verify and open a record; prints its content"), run_open },
  { NULL },
};
