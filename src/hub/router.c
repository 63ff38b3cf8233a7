/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "router.h"

#include <string.h>

#include "bounds.h"
#include "handlers.h"

#define SMALL (64 * 1024)

static const AnxRoute ROUTES[] = {
  { "GET", "/v1/health", ANX_WHO_ANYONE, 0, anx_handle_health },
  { "GET", "/v1/authority", ANX_WHO_ANYONE, 0, anx_handle_authority },
  { "GET", "/v1/openapi.yaml", ANX_WHO_ANYONE, 0, anx_handle_openapi },
  { "POST", "/v1/enrolments/claims", ANX_WHO_ANYONE, SMALL, anx_handle_claim },
  { "POST", "/v1/enrolments", ANX_WHO_ADMINISTRATOR, SMALL, anx_handle_enrolment_create },
  { "GET", "/v1/enrolments", ANX_WHO_ADMINISTRATOR, 0, anx_handle_enrolment_list },
  { "PUT", "/v1/enrolments/{id}/certificates", ANX_WHO_ADMINISTRATOR, SMALL, anx_handle_enrolment_certify },
  { "GET", "/v1/directory", ANX_WHO_ANYONE, 0, anx_handle_directory_get },
  { "PUT", "/v1/directory", ANX_WHO_CERTIFIED, ANX_BOUND_DIRECTORY_BYTES, anx_handle_directory_put },
  { "GET", "/v1/crl", ANX_WHO_ANYONE, 0, anx_handle_crl_get },
  { "PUT", "/v1/crl", ANX_WHO_CERTIFIED, ANX_BOUND_REQUEST_BYTES, anx_handle_crl_put },
  { "POST", "/v1/records", ANX_WHO_SENDER, ANX_BOUND_REQUEST_BYTES, anx_handle_records_post },
  { "GET", "/v1/records/{id}", ANX_WHO_SENDER, 0, anx_handle_record_get },
  { "GET", "/v1/inbox", ANX_WHO_SENDER, 0, anx_handle_inbox },
  { "GET", "/v1/chain", ANX_WHO_SENDER, 0, anx_handle_chain },
  { "GET", "/v1/glass", ANX_WHO_PRINCIPAL, 0, anx_handle_glass_list },
  { "GET", "/v1/glass/{id}", ANX_WHO_PRINCIPAL, 0, anx_handle_glass_get },
  { "GET", "/v1/glass/{id}/records", ANX_WHO_PRINCIPAL, 0, anx_handle_glass_records },
  { "POST", "/v1/erasures/check", ANX_WHO_PRINCIPAL, SMALL, anx_handle_erasure_check },
  { "GET", "/v1/plans", ANX_WHO_PRINCIPAL, 0, anx_handle_plan_list },
  { "PUT", "/v1/plans/{counsellor}", ANX_WHO_PRINCIPAL, SMALL, anx_handle_plan_put },
  { "GET", "/v1/slots", ANX_WHO_PRINCIPAL, 0, anx_handle_slots },
  { "PUT", "/v1/bookings/{id}", ANX_WHO_PRINCIPAL, SMALL, anx_handle_booking_put },
  { "GET", "/v1/bookings", ANX_WHO_PRINCIPAL, 0, anx_handle_booking_list },
  { "POST", "/v1/bookings/{id}/status", ANX_WHO_PRINCIPAL, SMALL, anx_handle_booking_status },
  { "POST", "/v1/bookings/{id}/move", ANX_WHO_PRINCIPAL, SMALL, anx_handle_booking_move },
  { "GET", "/v1/bookings/{id}/history", ANX_WHO_PRINCIPAL, 0, anx_handle_booking_history },
  { "GET", "/v1/bookings/{id}/assignment", ANX_WHO_PRINCIPAL, 0, anx_handle_assignment_get },
  { "PUT", "/v1/bookings/{id}/assignment", ANX_WHO_PRINCIPAL, SMALL, anx_handle_assignment_put },
  { "PUT", "/v1/series/{id}", ANX_WHO_PRINCIPAL, SMALL, anx_handle_series_put },
  { "PUT", "/v1/holds/{id}", ANX_WHO_PRINCIPAL, SMALL, anx_handle_hold_put },
  { "POST", "/v1/holds/{id}/release", ANX_WHO_PRINCIPAL, SMALL, anx_handle_hold_release },
  { "POST", "/v1/leases", ANX_WHO_PRINCIPAL, SMALL, anx_handle_leases_post },
  { "GET", "/v1/leases", ANX_WHO_PRINCIPAL, 0, anx_handle_leases_get },
  { "POST", "/v1/kiosks/{id}/reclaim", ANX_WHO_PRINCIPAL, SMALL, anx_handle_lease_reclaim },
  { "PUT", "/v1/waiting/{id}", ANX_WHO_PRINCIPAL, SMALL, anx_handle_waiting_put },
  { "GET", "/v1/waiting", ANX_WHO_PRINCIPAL, 0, anx_handle_waiting_list },
  { "POST", "/v1/waiting/{id}/action", ANX_WHO_PRINCIPAL, SMALL, anx_handle_waiting_action },
  { "PUT", "/v1/closures/{id}", ANX_WHO_PRINCIPAL, SMALL, anx_handle_closure_put },
  { "POST", "/v1/closures/{id}/end", ANX_WHO_PRINCIPAL, SMALL, anx_handle_closure_end },
  { "GET", "/v1/closures", ANX_WHO_PRINCIPAL, 0, anx_handle_closure_list },
  { "PUT", "/v1/tickets/{id}", ANX_WHO_PRINCIPAL, SMALL, anx_handle_ticket_put },
  { "POST", "/v1/tickets/{id}/action", ANX_WHO_PRINCIPAL, SMALL, anx_handle_ticket_action },
  { "GET", "/v1/queue", ANX_WHO_PRINCIPAL, 0, anx_handle_queue_get },
  { "POST", "/v1/queue/next", ANX_WHO_PRINCIPAL, SMALL, anx_handle_queue_next },
  { "GET", "/v1/work-items", ANX_WHO_PRINCIPAL, 0, anx_handle_work_list },
  { "POST", "/v1/work-items/{id}/done", ANX_WHO_PRINCIPAL, SMALL, anx_handle_work_done },
  { "POST", "/v1/calendars", ANX_WHO_PRINCIPAL, SMALL, anx_handle_calendar_create },
  { "GET", "/v1/calendars/{secret}", ANX_WHO_ANYONE, 0, anx_handle_calendar_get },
  { "POST", "/v1/check-ins", ANX_WHO_PRINCIPAL, SMALL, anx_handle_check_in },
  { "POST", "/v1/lookups", ANX_WHO_PRINCIPAL, SMALL, anx_handle_lookup },
  { "POST", "/v1/counts", ANX_WHO_PRINCIPAL, SMALL, anx_handle_count_post },
  { "GET", "/v1/counts", ANX_WHO_PRINCIPAL, 0, anx_handle_count_list },
  { "GET", "/v1/alerts", ANX_WHO_PRINCIPAL, 0, anx_handle_alerts },
  { "GET", "/v1/referrals", ANX_WHO_PRINCIPAL, 0, anx_handle_referrals },
  { "GET", "/v1/intakes", ANX_WHO_SENDER, 0, anx_handle_intake_list },
  { "POST", "/v1/intakes/{id}/action", ANX_WHO_PRINCIPAL, SMALL, anx_handle_intake_action },
  { "GET", "/v1/supervision", ANX_WHO_PRINCIPAL, 0, anx_handle_supervision },
  { "GET", "/v1/ice", ANX_WHO_PRINCIPAL, 0, anx_handle_ice },
  { "POST", "/v1/joins", ANX_WHO_PRINCIPAL, SMALL, anx_handle_join_create },
  { "GET", "/v1/joins/{id}/link", ANX_WHO_ANYONE, 0, anx_handle_join_link },
  { "GET", "/v1/join/{file}", ANX_WHO_ANYONE, 0, anx_handle_join_page },
  { "GET", "/v1/status", ANX_WHO_ADMINISTRATOR, 0, anx_handle_status },
  { "GET", "/v1/link", ANX_WHO_SENDER, 0, anx_handle_link },
};

/**
 * anx_router_list:
 * @out_length: (out): how many
 *
 * Returns: (transfer none): the route table, for the test that holds the description of the API against it
 */
const AnxRoute *
anx_router_list (gsize *out_length)
{
  *out_length = G_N_ELEMENTS (ROUTES);
  return ROUTES;
}

/* The part of @path that stands for the braces of @pattern; parts are never empty and never hold a slash. */
static gboolean
matches (const char *pattern,
         const char *path,
         char **out_parameter)
{
  const char *open = strchr (pattern, '{');
  if (open == NULL)
    return strcmp (pattern, path) == 0;

  gsize before = (gsize) (open - pattern);
  if (strncmp (pattern, path, before) != 0)
    return FALSE;
  const char *tail = strchr (open, '}') + 1;
  const char *part = path + before;
  gsize length = strcspn (part, "/");
  if (length == 0 || length > 128 || strcmp (part + length, tail) != 0)
    return FALSE;
  *out_parameter = g_strndup (part, length);
  return TRUE;
}

/**
 * anx_router_find:
 * @method: of HTTP, upper case
 * @path: without the query
 * @out_parameter: (out) (nullable): what stands for the pattern's braces
 * @out_path_known: (out): whether any route has this path
 *
 * Returns: (transfer none) (nullable): the route
 */
const AnxRoute *
anx_router_find (const char *method,
                 const char *path,
                 char **out_parameter,
                 gboolean *out_path_known)
{
  *out_parameter = NULL;
  *out_path_known = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (ROUTES); i++)
    {
      g_autofree char *parameter = NULL;
      if (!matches (ROUTES[i].pattern, path, &parameter))
        continue;
      *out_path_known = TRUE;
      if (strcmp (ROUTES[i].method, method) != 0)
        continue;
      *out_parameter = g_steal_pointer (&parameter);
      return &ROUTES[i];
    }
  return NULL;
}
