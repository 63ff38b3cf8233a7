/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "request.h"

G_BEGIN_DECLS

/* One function a route; README.md says what each does. Called on the loop with a request that passed the route's checks. */

void anx_handle_health (AnxRequest *request);
void anx_handle_authority (AnxRequest *request);
void anx_handle_openapi (AnxRequest *request);
void anx_handle_ice (AnxRequest *request);
void anx_handle_status (AnxRequest *request);
void anx_handle_link (AnxRequest *request);
void anx_handle_join_create (AnxRequest *request);
void anx_handle_join_link (AnxRequest *request);
void anx_handle_join_page (AnxRequest *request);

void anx_handle_claim (AnxRequest *request);
void anx_handle_enrolment_create (AnxRequest *request);
void anx_handle_enrolment_list (AnxRequest *request);
void anx_handle_enrolment_certify (AnxRequest *request);

void anx_handle_directory_get (AnxRequest *request);
void anx_handle_directory_put (AnxRequest *request);
void anx_handle_crl_get (AnxRequest *request);
void anx_handle_crl_put (AnxRequest *request);

void anx_handle_records_post (AnxRequest *request);
void anx_handle_record_get (AnxRequest *request);
void anx_handle_inbox (AnxRequest *request);
void anx_handle_glass_list (AnxRequest *request);
void anx_handle_glass_get (AnxRequest *request);
void anx_handle_glass_records (AnxRequest *request);
void anx_handle_chain (AnxRequest *request);
void anx_handle_erasure_check (AnxRequest *request);

void anx_handle_plan_list (AnxRequest *request);
void anx_handle_plan_put (AnxRequest *request);
void anx_handle_slots (AnxRequest *request);
void anx_handle_booking_put (AnxRequest *request);
void anx_handle_booking_list (AnxRequest *request);
void anx_handle_booking_status (AnxRequest *request);
void anx_handle_booking_move (AnxRequest *request);
void anx_handle_booking_history (AnxRequest *request);
void anx_handle_assignment_get (AnxRequest *request);
void anx_handle_assignment_put (AnxRequest *request);
void anx_handle_count_post (AnxRequest *request);
void anx_handle_count_list (AnxRequest *request);
void anx_handle_hold_put (AnxRequest *request);
void anx_handle_hold_release (AnxRequest *request);
void anx_handle_leases_post (AnxRequest *request);
void anx_handle_leases_get (AnxRequest *request);
void anx_handle_lease_reclaim (AnxRequest *request);
void anx_handle_waiting_put (AnxRequest *request);
void anx_handle_waiting_list (AnxRequest *request);
void anx_handle_waiting_action (AnxRequest *request);
void anx_handle_series_put (AnxRequest *request);
void anx_handle_closure_put (AnxRequest *request);
void anx_handle_closure_end (AnxRequest *request);
void anx_handle_closure_list (AnxRequest *request);
void anx_handle_ticket_put (AnxRequest *request);
void anx_handle_ticket_action (AnxRequest *request);
void anx_handle_queue_get (AnxRequest *request);
void anx_handle_queue_next (AnxRequest *request);
void anx_handle_work_list (AnxRequest *request);
void anx_handle_work_done (AnxRequest *request);
void anx_handle_calendar_create (AnxRequest *request);
void anx_handle_calendar_get (AnxRequest *request);
void anx_handle_check_in (AnxRequest *request);
void anx_handle_lookup (AnxRequest *request);

void anx_handle_alerts (AnxRequest *request);
void anx_handle_referrals (AnxRequest *request);
void anx_handle_intake_list (AnxRequest *request);
void anx_handle_intake_action (AnxRequest *request);
void anx_handle_supervision (AnxRequest *request);

G_END_DECLS
