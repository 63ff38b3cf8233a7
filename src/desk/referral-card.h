/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* One referral with its history, as author, department, staff and supervisor see it. Main thread. */
GtkWidget  *anx_referral_card_new (AnxDeskService *service, const AnxDeskReferral *referral, gboolean answers);
void        anx_referral_card_append_content (GtkWidget *card, AnxDeskService *service, const AnxReferral *content);
const char *anx_referral_card_state_text (const char *status, const char *business_status);
char       *anx_referral_card_describe_person (const AnxReferral *content) G_GNUC_WARN_UNUSED_RESULT;
/* A word of data/care/referral.json: the text of @member of the entry of @list with @code; the code when it is not there. */
const char *anx_referral_card_find_word (AnxDeskService *service, const char *list, const char *code, const char *member);

G_END_DECLS
