/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * First run: hub address and code, then waiting for the administrator. Main thread.
 *
 * Signal: enrolled ()   the profile is on the disk
 */
#define ANX_TYPE_ENROL_PAGE (anx_enrol_page_get_type ())
G_DECLARE_FINAL_TYPE (AnxEnrolPage, anx_enrol_page, ANX, ENROL_PAGE, AdwBin)

GtkWidget *anx_enrol_page_new (const char *folder, const char *hub_url);
/* Text for a failed enrolment: what happened, what to do. */
char      *anx_enrol_describe_error (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
