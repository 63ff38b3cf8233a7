/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "resident.h"
#include "shell-error.h"

G_BEGIN_DECLS

/*
 * The shell's side of the private socket, and behind it a hub that is only a table: for tests and for looking at pages. It has the
 * demonstration's directory with certificates made on the spot, keeps what is submitted and can open it, and sells times of tomorrow and
 * the days after. Runs in a thread of its own, as the shell is another process.
 */
typedef struct _AnxShellDouble AnxShellDouble;

AnxShellDouble  *anx_shell_double_new (void);
void             anx_shell_double_free (AnxShellDouble *self);
GDBusConnection *anx_shell_double_get_client (AnxShellDouble *self); /* for anx_resident_new() */

void  anx_shell_double_set_online (AnxShellDouble *self, gboolean online);
gboolean anx_shell_double_is_online (AnxShellDouble *self);
/* The next request of this method whose path begins so fails with @error (one of AnxShellError) or is answered with @json. */
void  anx_shell_double_fail_next (AnxShellDouble *self, const char *method, const char *prefix, AnxShellError error, const char *message);
void  anx_shell_double_answer_next (AnxShellDouble *self, const char *method, const char *prefix, const char *json);
void  anx_shell_double_fail_submit (AnxShellDouble *self, gboolean fail);
/* While held, what is submitted is neither kept nor answered: a shell that is busy with its disk. */
void  anx_shell_double_hold_submit (AnxShellDouble *self, gboolean hold);
void  anx_shell_double_leave_out (const char *roles); /* (nullable) with commas: districts made from now on have no group of these roles */

/* What the resident process says to the other side of a call is given to @heard, on the main context; what the other side says is sent. */
typedef void (*AnxShellDoubleHeard) (const char *to, const char *call, const char *body, gpointer user_data);
void  anx_shell_double_listen (AnxShellDouble *self, AnxShellDoubleHeard heard, gpointer user_data); /* (nullable) */
void  anx_shell_double_send_signal (AnxShellDouble *self, const char *sender, const char *call, const char *body);
/* How far an alert has come: @state and @helper as AlertState of org.anxin.Shell1. */
void  anx_shell_double_tell_alert (AnxShellDouble *self, const char *alert, const char *state, const char *helper);
char *anx_shell_double_sign (AnxShellDouble *self, const char *principal, const char *context, const char *text);
AnxCertificate *anx_shell_double_get_authority (AnxShellDouble *self);

guint anx_shell_double_count_requests (AnxShellDouble *self, const char *method, const char *prefix);
char *anx_shell_double_dup_body (AnxShellDouble *self, const char *method, const char *prefix); /* of the last one; (nullable) */
char *anx_shell_double_dup_path (AnxShellDouble *self, const char *method, const char *prefix); /* of the last one; (nullable) */
const char *anx_shell_double_get_drafts_folder (AnxShellDouble *self); /* where kept answers are */
guint anx_shell_double_count_active (AnxShellDouble *self);

guint anx_shell_double_count_submitted (AnxShellDouble *self, const char *kind);
/* The last one of @kind: its header as it would be sent, and its content as @reader opens it; NULL when @reader cannot. */
JsonObject *anx_shell_double_get_header (AnxShellDouble *self, const char *kind);
JsonNode   *anx_shell_double_open (AnxShellDouble *self, const char *kind, const char *reader, GError **error);

G_END_DECLS
