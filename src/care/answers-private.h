/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "questionnaire-private.h"

G_BEGIN_DECLS

/* What score.c asks a filling in. */

typedef enum
{
  ANX_WEIGHED,
  ANX_GAP,       /* asked, but without an answer, or declined */
  ANX_NOT_ASKED, /* enableWhen took it away */
} AnxWeighed;

AnxWeighed anx_answers_weigh (AnxAnswers *self, guint question, double *out_weight);

G_END_DECLS
