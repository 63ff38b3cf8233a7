/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "problem.h"

#include <glib/gi18n.h>

static const AnxProblem PROBLEMS[] = {
  { "malformed", 400, "Malformed request", N_("The request is not in the form that the service expects. Nothing was changed.") },
  { "certificate-needed", 401, "Certificate needed", N_("This device has not shown a certificate. Enrol it first.") },
  { "certificate-unknown", 403, "Certificate unknown", N_("This certificate is not of this district. Enrol this device again.") },
  { "certificate-expired", 403, "Certificate expired", N_("The certificate's time is over, or has not begun. Check the clock, or enrol this device again.") },
  { "certificate-revoked", 403, "Certificate revoked", N_("This certificate was revoked. Ask the administrator.") },
  { "principal-unknown", 403, "Not in the directory", N_("This device or person is not in the district's directory. Ask the administrator.") },
  { "not-allowed", 403, "Not allowed", N_("This is not among your tasks in the directory. Ask the administrator if it should be.") },
  { "not-found", 404, "Not found", N_("There is nothing under this address.") },
  { "glass-closed", 403, "Not open for you", N_("These records are not open for you now. Give a reason to open them for a time, or ask their author.") },
  { "directory-absent", 404, "No directory yet", N_("The administrator has not published a directory yet.") },
  { "crl-absent", 404, "No revocation list yet", N_("The administrator has not published a revocation list yet.") },
  { "code-unknown", 404, "Code unknown", N_("This code is not known here. Check it and enter it again.") },
  { "booking-unknown", 404, "Booking unknown", N_("There is no such booking.") },
  { "ticket-unknown", 404, "Ticket unknown", N_("There is no such ticket today.") },
  { "work-unknown", 404, "Work unknown", N_("There is no such item on your centre's list.") },
  { "queue-empty", 404, "Queue empty", N_("Nobody is waiting now.") },
  { "record-unknown", 404, "Record unknown", N_("There is no such record for you.") },
  { "intake-unknown", 404, "Case unknown", N_("There is no such case for your centre.") },
  { "intake-not-allowed", 409, "Case taken on", N_("A colleague has taken this case on, or it is closed.") },
  { "enrolment-unknown", 404, "Enrolment unknown", N_("There is no such enrolment.") },
  { "method-not-allowed", 405, "Method not allowed", N_("This address does not offer that.") },
  { "cursor-unknown", 409, "Cursor unknown", N_("The list of records is no longer the one that this place in it was of. Begin again from its start.") },
  { "code-used", 409, "Code already used", N_("This code was already used by another device. Ask the administrator for a new one.") },
  { "enrolment-differs", 409, "Enrolment differs", N_("This code already belongs to another enrolment.") },
  { "enrolment-not-claimed", 409, "Enrolment not claimed", N_("Nobody has used this code yet.") },
  { "directory-not-next", 409, "Not the next directory", N_("This is not the version after the present directory. Fetch the present one and start from it.") },
  { "crl-not-next", 409, "Not the next revocation list", N_("This list is not newer than the present one.") },
  { "slot-taken", 409, "Slot taken", N_("This time was just booked by someone else. Please choose another.") },
  { "booking-differs", 409, "Booking differs", N_("There is already another booking under this number.") },
  { "status-not-allowed", 409, "Status not allowed", N_("The booking cannot change in this way any more.") },
  { "not-yet", 409, "Not yet", N_("The session begins more than twelve hours from now. Come back nearer to its time.") },
  { "over", 409, "Over", N_("The session ended more than twelve hours ago. Book another, or ask the staff.") },
  { "code-expired", 410, "Code expired", N_("This code's time is over. Ask the administrator for a new one.") },
  { "length-required", 411, "Length required", N_("The request must say how long it is.") },
  { "too-large", 413, "Too large", N_("The request is larger than the service accepts. Nothing was changed.") },
  { "slot-not-offered", 409, "Slot not offered", N_("This time is not offered. Please choose one from the list.") },
  { "directory-untrusted", 422, "Directory not signed", N_("The directory is not signed by the district's authority, or is not in its form.") },
  { "crl-untrusted", 422, "Revocation list not signed", N_("The revocation list is not signed by the district's authority, or is not in its form.") },
  { "certificate-wrong", 422, "Wrong certificate", N_("The certificate is not of this district, or not for this name and use.") },
  { "plan-invalid", 422, "Plan invalid", N_("The working plan has a mistake. Nothing was changed.") },
  { "upgrade-needed", 426, "Upgrade needed", N_("This address speaks WebSocket with the protocol anxin.link.v1.") },
  { "too-many-requests", 429, "Too many requests", N_("Too many requests in a short time. Wait a minute, then go on.") },
  { "failed", 500, "Failed", N_("The service could not do this. Nothing was changed. The administrator finds the reason in the journal.") },
  { "busy", 503, "Busy", N_("The service is very busy. Nothing was changed. Try again in a moment.") },
  { "storage-failed", 503, "Storage failed", N_("The service could not store this. Nothing was changed. Try again in a moment.") },
  { "storage-full", 507, "Storage full", N_("The service's disk is full. Nothing was changed. Tell the administrator; it is tried again later.") },
  /* Of single records in the answer of POST /records. */
  { "record-invalid", 422, "Record invalid", N_("The record is not in its form, or its signature does not match.") },
  { "record-not-own", 403, "Not the author", N_("The record's author is not the one who sent it.") },
  { "record-not-allowed", 403, "Record not allowed", N_("The author may not write a record of this kind, or not here.") },
  { "record-differs", 409, "Record differs", N_("There is already another record under this number.") },
  { "record-erased", 410, "Record erased", N_("This record was erased. What it said is not kept anywhere on this service.") },
  { "erasure-held", 409, "Not to be erased now", N_("One of these records must be kept for now. Ask which one, and until when. Nothing was erased.") },
  { "erasure-untold", 409, "Readers missing", N_("Somebody who has one of these records is not named in the order. Nothing was erased.") },
  { "chain-fork", 409, "Chain forked", N_("There is already another record at this place in the author's chain.") },
  { "glass-unseen", 409, "Nobody told", N_("The author and the supervision have to be told when a record is opened. Fetch the newest directory and try again; with nobody to supervise, ask the administrator.") },
  { "referral-not-allowed", 409, "Referral step not allowed", N_("The referral cannot take this step from where it is.") },
};

/**
 * anx_problem_list:
 * @out_length: (out): how many
 *
 * Returns: (transfer none): all problems, for the test that holds the description of the API against them
 */
const AnxProblem *
anx_problem_list (gsize *out_length)
{
  *out_length = G_N_ELEMENTS (PROBLEMS);
  return PROBLEMS;
}

/**
 * anx_problem_find:
 * @slug: one of the table's
 *
 * Returns: (transfer none): the problem
 */
const AnxProblem *
anx_problem_find (const char *slug)
{
  for (gsize i = 0; i < G_N_ELEMENTS (PROBLEMS); i++)
    if (g_str_equal (PROBLEMS[i].slug, slug))
      return &PROBLEMS[i];
  g_assert_not_reached ();
}

/**
 * anx_problem_build:
 * @self: a problem
 * @detail: (nullable): more than the table's detail, for people; must not quote what was sent
 *
 * Returns: (transfer full): the problem as RFC 9457 writes it
 */
JsonObject *
anx_problem_build (const AnxProblem *self,
                   const char *detail)
{
  JsonObject *object = json_object_new ();
  g_autofree char *type = g_strconcat ("urn:anxin:problem:", self->slug, NULL);
  json_object_set_string_member (object, "type", type);
  json_object_set_string_member (object, "title", self->title);
  json_object_set_int_member (object, "status", self->status);
  json_object_set_string_member (object, "detail", detail != NULL ? detail : _(self->detail));
  return object;
}
