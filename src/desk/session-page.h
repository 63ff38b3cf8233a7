/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/*
 * One session: the call and the note on the left; checklist, shared answers and referrals on the right. A note not yet saved is kept
 * for each booking while the program runs. Main thread.
 */
#define ANX_TYPE_SESSION_PAGE (anx_session_page_get_type ())
G_DECLARE_FINAL_TYPE (AnxSessionPage, anx_session_page, ANX, SESSION_PAGE, AdwBin)

GtkWidget  *anx_session_page_new (AnxDeskService *service, gboolean test_media);
void        anx_session_page_open (AnxSessionPage *self, const char *booking);
const char *anx_session_page_get_booking (AnxSessionPage *self); /* (nullable) */
gboolean    anx_session_page_has_unsaved (AnxSessionPage *self);
gboolean    anx_session_page_is_calling (AnxSessionPage *self);

G_END_DECLS
