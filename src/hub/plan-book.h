/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "appointment.h"
#include "directory.h"

G_BEGIN_DECLS

/*
 * Working plans and opening hours that were parsed and expanded once, because a search over many counsellors would else spend its
 * time on that. An entry is used only for exactly the text it was made of, so nothing has to be told when a plan changes. Any thread.
 */
typedef struct _AnxPlanBook AnxPlanBook;

AnxPlanBook *anx_plan_book_new (AnxCalendar *calendar) G_GNUC_WARN_UNUSED_RESULT;
void         anx_plan_book_free (AnxPlanBook *self);
AnxPlan     *anx_plan_book_get (AnxPlanBook *self, const char *counsellor, const char *body) G_GNUC_WARN_UNUSED_RESULT;
AnxPlan     *anx_plan_book_get_opening (AnxPlanBook *self, AnxDirectory *directory, const char *centre) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
