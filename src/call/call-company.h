/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call-studio.h"

G_BEGIN_DECLS

/*
 * The others in a session of three or four: one call with each of them, and who is present. The program adds those whom the hub lets in; its
 * call between counsellor and kiosk, where it has one, stands beside and uses the same studio. README.md has the messages. Main thread.
 *
 * Signals:
 *   send (const char *peer, JsonObject *body)  give it to that one, in order
 *   joined (const char *peer)                  is seen or heard for the first time in this call
 *   left (const char *peer, gboolean lost)     was there and is gone: left, or @lost by error
 *   changed ()                                 somebody's call or waiting is another
 */
#define ANX_TYPE_CALL_COMPANY (anx_call_company_get_type ())
G_DECLARE_FINAL_TYPE (AnxCallCompany, anx_call_company, ANX, CALL_COMPANY, GObject)

typedef AnxCallTrust *(*AnxCallTrustFunc) (const char *peer, gpointer user_data); /* (transfer full): knows that one's key */

AnxCallCompany *anx_call_company_new (const char *session,
                                      const char *own_id,
                                      AnxCallStudio *studio,
                                      AnxCallTrustFunc make_trust,
                                      gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void     anx_call_company_add (AnxCallCompany *self, const char *peer, gboolean we_offer);
void     anx_call_company_enter (AnxCallCompany *self, JsonArray *ice_servers); /* (nullable) */
void     anx_call_company_leave (AnxCallCompany *self);
gboolean anx_call_company_is_entered (AnxCallCompany *self);
gboolean anx_call_company_receive (AnxCallCompany *self, const char *from, JsonObject *body); /* FALSE: not of these */
AnxCall *anx_call_company_get_call (AnxCallCompany *self, const char *peer);                  /* (nullable) */
gboolean anx_call_company_is_waiting (AnxCallCompany *self, const char *peer);                /* has entered, and we have not */
const char *const *anx_call_company_get_peers (AnxCallCompany *self);                         /* NULL-terminated, in the order added */
void     anx_call_company_set_camera_on (AnxCallCompany *self, gboolean on);
void     anx_call_company_set_microphone_on (AnxCallCompany *self, gboolean on);

G_END_DECLS
