/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "request-list.h"

#define ID "0190a5b2-7c3d-7e4f-8a6b-1c2d3e4f5a6b"

static void
test_paths (void)
{
  const struct
  {
    const char *method;
    const char *path;
    gboolean allowed;
  } cases[] = {
    { "GET", "/v1/slots?centre=yunhe&service=short&from=1&to=2", TRUE },
    { "GET", "/v1/slots", TRUE },
    { "GET", "/v1/ice", TRUE },
    { "GET", "/v1/plans", TRUE },
    { "PUT", "/v1/bookings/" ID, TRUE },
    { "POST", "/v1/bookings/" ID "/status", TRUE },
    { "POST", "/v1/bookings/" ID "/move", TRUE },
    { "PUT", "/v1/holds/" ID, TRUE },
    { "POST", "/v1/holds/" ID "/release", TRUE },
    { "PUT", "/v1/waiting/" ID, TRUE },
    { "GET", "/v1/waiting?centre=yunhe", FALSE },
    { "PUT", "/v1/tickets/" ID, TRUE },
    { "POST", "/v1/tickets/" ID "/action", FALSE },
    { "GET", "/v1/queue?centre=yunhe", TRUE },
    { "POST", "/v1/queue/next", FALSE },
    { "POST", "/v1/leases", FALSE },
    { "GET", "/v1/bookings/" ID "/history", FALSE },
    { "POST", "/v1/check-ins", TRUE },
    { "POST", "/v1/lookups", TRUE },
    /* what others may ask, or what only looks alike */
    { "GET", "/v1/bookings?from=0&to=9", FALSE },
    { "GET", "/v1/bookings/" ID, FALSE },
    { "DELETE", "/v1/bookings/" ID, FALSE },
    { "PUT", "/v1/bookings/", FALSE },
    { "PUT", "/v1/bookings/x", FALSE },
    { "PUT", "/v1/bookings/" ID "?x=1", FALSE },
    { "PUT", "/v1/bookings/" ID "/", FALSE },
    { "POST", "/v1/bookings/" ID "/status/", FALSE },
    { "POST", "/v1/bookings/../records/status", FALSE },
    { "POST", "/v1/records", FALSE },
    { "GET", "/v1/inbox", FALSE },
    { "GET", "/v1/records/" ID, FALSE },
    { "GET", "/v1/alerts", FALSE },
    { "GET", "/v1/referrals", FALSE },
    { "PUT", "/v1/plans/li-wenjing", FALSE },
    { "PUT", "/v1/directory", FALSE },
    { "GET", "/v1/bookings/0193a5f0-0000-7000-8000-000000000001/assignment", TRUE },
    { "PUT", "/v1/bookings/0193a5f0-0000-7000-8000-000000000001/assignment", TRUE },
    { "GET", "/v1/bookings/all/assignment", FALSE },
    { "POST", "/v1/counts", TRUE },
    { "GET", "/v1/counts", FALSE },
    { "GET", "/v1/slots/../records", FALSE },
    { "GET", "/v1/slots?a=1?b=2", FALSE },
    { "GET", "/v1/slots?x=/../records", FALSE },
    { "GET", "/v1/slots HTTP/1.1\r\nX: y", FALSE },
    { "GET", "/v1/slots#x", FALSE },
    { "GET", "//v1/slots", FALSE },
    { "GET", "https://elsewhere/v1/slots", FALSE },
    { "get", "/v1/slots", FALSE },
    { "", "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].method, cases[i].path);
      g_assert_cmpint (anx_request_list_allows (cases[i].method, cases[i].path), ==, cases[i].allowed);
    }
}

static void
test_long_path (void)
{
  g_autofree char *many = g_strnfill (600, 'a');
  g_autofree char *path = g_strconcat ("/v1/slots?centre=", many, NULL);

  g_assert_false (anx_request_list_allows ("GET", path));
}

static void
test_kinds (void)
{
  g_assert_true (anx_request_list_allows_kind ("alert"));
  g_assert_true (anx_request_list_allows_kind ("screening"));
  g_assert_true (anx_request_list_allows_kind ("contact"));
  g_assert_true (anx_request_list_allows_kind ("rating"));
  g_assert_false (anx_request_list_allows_kind ("note"));
  g_assert_false (anx_request_list_allows_kind ("referral"));
  g_assert_false (anx_request_list_allows_kind ("alert-acknowledgement"));
  g_assert_false (anx_request_list_allows_kind (""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kiosk/request-list/paths", test_paths);
  g_test_add_func ("/kiosk/request-list/long-path", test_long_path);
  g_test_add_func ("/kiosk/request-list/kinds", test_kinds);
  return g_test_run ();
}
