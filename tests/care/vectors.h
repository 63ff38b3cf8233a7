/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "questionnaire.h"

G_BEGIN_DECLS

/* Tables of vectors/: answers in printed order, scores, safety findings, source; scoring.py tells what the tokens are. */
GPtrArray  *vector_read_lines (const char *path);
JsonObject *vector_build_response (JsonObject *json, const char *canonical, const char *line);
char       *vector_differs (AnxQuestionnaire *questionnaire, JsonObject *response, const char *line);

G_END_DECLS
