/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell-double.h"
#include "visit-host.h"

G_BEGIN_DECLS

/* A visit's host for tests: directory and context are those of the shell double; what is submitted is written down, one id a line, into a file. */
#define ANX_TYPE_VISIT_HOST_DOUBLE (anx_visit_host_double_get_type ())
G_DECLARE_FINAL_TYPE (AnxVisitHostDouble, anx_visit_host_double, ANX, VISIT_HOST_DOUBLE, GObject)

AnxVisitHostDouble *anx_visit_host_double_new (AnxShellDouble *shell, const char *outbox_path);
/* @request: method, blank, path. */
guint               anx_visit_host_double_count_requests (AnxVisitHostDouble *self, const char *request);
/* While it fails, nothing can be written, now or from what is kept for later. */
void                anx_visit_host_double_fail_submit (AnxVisitHostDouble *self, gboolean fail);
guint               anx_visit_host_double_count_refused (AnxVisitHostDouble *self);

G_END_DECLS
