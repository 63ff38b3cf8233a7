/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "questionnaire.h"

G_BEGIN_DECLS

/* What the bands of a score are, for those who draw them. */
gboolean anx_questionnaire_get_band (AnxQuestionnaire *self, const char *score, guint index, double *out_from, double *out_to, AnxLevel *out_level);

G_END_DECLS
