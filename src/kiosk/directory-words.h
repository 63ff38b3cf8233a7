/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "resident.h"

G_BEGIN_DECLS

/* Names of the directory in the language of the screen. A name is a text, or an object with one text a language. Main thread. */

const char *anx_words_of (JsonObject *object, const char *member);                       /* (nullable) owned by @object */
const char *anx_words_of_principal (AnxResident *resident, const char *id);              /* never NULL */
const char *anx_words_of_service (AnxResident *resident, const char *id);                /* never NULL */
const char *anx_words_of_centre (AnxResident *resident);                                 /* never NULL */
const char *anx_words_of_room (AnxResident *resident, const char *room);                 /* never NULL */
char       *anx_words_where (AnxResident *resident, const char *room) G_GNUC_WARN_UNUSED_RESULT; /* centre · room */
const char *anx_words_telephone_of_room (AnxResident *resident);                         /* (nullable) */
const char *anx_words_telephone_of_centre (AnxResident *resident);                       /* (nullable) */
char       *anx_words_about_counsellor (AnxResident *resident, const char *id) G_GNUC_WARN_UNUSED_RESULT; /* profession · languages */

G_END_DECLS
