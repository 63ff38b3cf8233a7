/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "handlers.h"
#include "hub.h"
#include "seal-error.h"
#include "server.h"

/* The directory and the revocation list: signed by the authority, only ever replaced by a newer one. */

typedef struct
{
  AnxCertificate *authority;
  AnxDirectory *directory;
  AnxCrl *crl;
} Document;

static void
document_free (gpointer data)
{
  Document *self = data;
  g_clear_pointer (&self->authority, anx_certificate_unref);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_clear_pointer (&self->crl, anx_crl_unref);
  g_free (self);
}

static void
attach_document (AnxRequest *request)
{
  Document *document = g_new0 (Document, 1);
  document->authority = anx_certificate_ref (request->hub->config->authority);
  request->data = document;
  request->free_data = document_free;
}

/* While there is no directory nobody can be an administrator yet: the first list comes from whoever the authority certified. */
static gboolean
may_publish (AnxRequest *request)
{
  if (request->hub->directory == NULL || anx_request_caller_is (request, "administrator", NULL))
    return TRUE;
  anx_request_refuse (request, "not-allowed");
  return FALSE;
}

/**
 * anx_handle_directory_get:
 * @request: a request
 *
 * GET /directory.
 */
void
anx_handle_directory_get (AnxRequest *request)
{
  AnxDirectory *directory = request->hub->directory;
  if (directory == NULL)
    {
      anx_request_refuse (request, "directory-absent");
      return;
    }
  g_autofree char *version = g_strdup_printf ("%" G_GINT64_FORMAT, anx_directory_get_version (directory));
  request->etag = g_strdup_printf ("\"%s\"", version);
  if (g_strcmp0 (request->if_none_match, request->etag) == 0 || g_strcmp0 (request->if_none_match, version) == 0)
    anx_request_answer_bytes (request, 304, NULL, NULL);
  else
    anx_request_answer_bytes (request, 200, "application/pkcs7-mime", g_bytes_ref (anx_directory_get_der (directory)));
}

static void
prepare_directory (AnxRequest *request)
{
  Document *document = request->data;
  g_autoptr (GError) error = NULL;
  document->directory = anx_directory_open (request->body, document->authority, request->directory, &error);
  if (document->directory != NULL &&
      g_strcmp0 (anx_directory_get_district (document->directory), anx_certificate_get_district (document->authority)) == 0)
    return;
  anx_request_refuse (request, g_error_matches (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STALE) ? "directory-not-next" : "directory-untrusted");
}

static gboolean
run_directory (AnxRequest *request,
               AnxDatabase *database,
               GError **error)
{
  Document *document = request->data;
  g_autoptr (GError) inner = NULL;
  gint64 version = anx_directory_get_version (document->directory);
  /* Compared again here: another next version may have been accepted since the request arrived. */
  gint64 held = anx_database_query_int (database, 0, &inner, "SELECT version FROM document WHERE kind = 'directory'", "");
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (held != 0 && version <= held)
    {
      anx_request_refuse (request, "directory-not-next");
      return FALSE;
    }
  if (!anx_database_run (database, error, "INSERT INTO document VALUES ('directory', ?, ?) ON CONFLICT (kind) DO UPDATE SET version = excluded.version, body = excluded.body",
                         "ib", version, request->body))
    return FALSE;

  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_int_member (answer, "version", version);
  anx_request_answer_json (request, 200, answer);
  anx_request_look (request, "directory", "*");
  return TRUE;
}

static void
finish_directory (AnxRequest *request)
{
  Document *document = request->data;
  if (!request->kept)
    return;
  anx_hub_set_directory (request->hub, document->directory);
  anx_server_check_links (request->hub->server);
}

/**
 * anx_handle_directory_put:
 * @request: a request
 *
 * PUT /directory. From anyone with a certificate: the authority's signature and the rising number decide, not who carries it. So a hub
 * that was restored from a backup gets the directory in force back from the first client that comes.
 */
void
anx_handle_directory_put (AnxRequest *request)
{
  attach_document (request);
  anx_request_work (request, prepare_directory, run_directory, finish_directory);
}

/**
 * anx_handle_crl_get:
 * @request: a request
 *
 * GET /crl.
 */
void
anx_handle_crl_get (AnxRequest *request)
{
  if (request->hub->crl_der != NULL)
    anx_request_answer_bytes (request, 200, "application/pkix-crl", g_bytes_ref (request->hub->crl_der));
  else
    anx_request_refuse (request, "crl-absent");
}

static void
prepare_crl (AnxRequest *request)
{
  Document *document = request->data;
  document->crl = anx_crl_open (request->body, document->authority, NULL);
  if (document->crl == NULL)
    anx_request_refuse (request, "crl-untrusted");
}

static gboolean
run_crl (AnxRequest *request,
         AnxDatabase *database,
         GError **error)
{
  Document *document = request->data;
  g_autoptr (GError) inner = NULL;
  gint64 number = anx_crl_get_number (document->crl);
  gint64 held = anx_database_query_int (database, -1, &inner, "SELECT version FROM document WHERE kind = 'crl'", "");
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (number <= held)
    {
      anx_request_refuse (request, "crl-not-next");
      return FALSE;
    }
  if (!anx_database_run (database, error, "INSERT INTO document VALUES ('crl', ?, ?) ON CONFLICT (kind) DO UPDATE SET version = excluded.version, body = excluded.body",
                         "ib", number, request->body))
    return FALSE;
  anx_request_answer_bytes (request, 204, NULL, NULL);
  return TRUE;
}

static void
finish_crl (AnxRequest *request)
{
  Document *document = request->data;
  if (!request->kept)
    return;
  anx_hub_set_crl (request->hub, document->crl, request->body);
  anx_server_check_links (request->hub->server);
}

/**
 * anx_handle_crl_put:
 * @request: a request
 *
 * PUT /crl.
 */
void
anx_handle_crl_put (AnxRequest *request)
{
  if (!may_publish (request))
    return;
  attach_document (request);
  anx_request_work (request, prepare_crl, run_crl, finish_crl);
}
