/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>

#include "handlers.h"
#include "hub.h"
#include "json.h"
#include "server.h"

/**
 * anx_handle_health:
 * @request: a request
 *
 * GET /health.
 */
void
anx_handle_health (AnxRequest *request)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_string_member (answer, "status", "ok");
  json_object_set_string_member (answer, "version", ANX_VERSION);
  json_object_set_int_member (answer, "now", request->now_usec);
  anx_request_answer_json (request, 200, answer);
}

/* The name for people stands in the directory; before there is one, the id has to do. */
static const char *
district_name (AnxRequest *request)
{
  const char *id = anx_certificate_get_district (request->hub->config->authority);
  return request->directory != NULL ? anx_json_get_string (anx_directory_get_json (request->directory), "name", id) : id;
}

/**
 * anx_handle_authority:
 * @request: a request
 *
 * GET /authority.
 */
void
anx_handle_authority (AnxRequest *request)
{
  AnxCertificate *authority = request->hub->config->authority;
  g_autoptr (JsonObject) answer = json_object_new ();
  g_autofree char *pem = anx_certificate_to_pem (authority);
  json_object_set_string_member (answer, "district", anx_certificate_get_district (authority));
  json_object_set_string_member (answer, "name", district_name (request));
  json_object_set_string_member (answer, "certificate", pem);
  anx_request_answer_json (request, 200, answer);
}

/**
 * anx_handle_openapi:
 * @request: a request
 *
 * GET /openapi.yaml, from the program itself, so that description and code are of one version.
 */
void
anx_handle_openapi (AnxRequest *request)
{
  GBytes *text = g_resources_lookup_data ("/org/anxin/hub/openapi.yaml", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  if (text != NULL)
    anx_request_answer_bytes (request, 200, "application/yaml", text);
  else
    anx_request_refuse (request, "not-found");
}

/**
 * anx_handle_status:
 * @request: a request
 *
 * GET /status.
 */
void
anx_handle_status (AnxRequest *request)
{
  AnxHub *hub = request->hub;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_string_member (answer, "version", ANX_VERSION);
  json_object_set_int_member (answer, "now", request->now_usec);
  json_object_set_int_member (answer, "started", hub->started_usec);
  json_object_set_int_member (answer, "schema", anx_database_get_version (hub->reader));
  json_object_set_int_member (answer, "directory", hub->directory != NULL ? anx_directory_get_version (hub->directory) : 0);
  json_object_set_int_member (answer, "crl", hub->crl != NULL ? anx_crl_get_number (hub->crl) : 0);
  json_object_set_int_member (answer, "records", anx_database_query_int (hub->reader, 0, &error, "SELECT count(*) FROM record", ""));
  json_object_set_int_member (answer, "bookings", anx_database_query_int (hub->reader, 0, &error, "SELECT count(*) FROM booking", ""));
  json_object_set_int_member (answer, "referrals", anx_database_query_int (hub->reader, 0, &error, "SELECT count(*) FROM referral", ""));
  json_object_set_int_member (answer, "openAlerts",
                              anx_database_query_int (hub->reader, 0, &error, "SELECT count(*) FROM alert WHERE acknowledged IS NULL", ""));
  json_object_set_int_member (answer, "openEnrolments",
                              anx_database_query_int (hub->reader, 0, &error, "SELECT count(*) FROM enrolment WHERE sign_certificate IS NULL", ""));
  json_object_set_int_member (answer, "links", anx_server_count_links (hub->server));
  json_object_set_int_member (answer, "connections", anx_server_count_connections (hub->server));
  json_object_set_int_member (answer, "waiting", anx_writer_count_waiting (hub->writer));
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

/**
 * anx_handle_link:
 * @request: a request
 *
 * GET /link without an upgrade; with one it never comes here.
 */
void
anx_handle_link (AnxRequest *request)
{
  anx_request_refuse (request, "upgrade-needed");
}
