/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands in the way of the desk, in words: what happened, what is safe, what to do. Texts are static, translated. Main thread. */
typedef enum
{
  ANX_DESK_PROBLEM_KEY_STORE_MISSING,
  ANX_DESK_PROBLEM_KEY_STORE_LOCKED,
  ANX_DESK_PROBLEM_KEY_MISSING,
  ANX_DESK_PROBLEM_DATABASE_NEWER,
  ANX_DESK_PROBLEM_DATABASE_DAMAGED,
  ANX_DESK_PROBLEM_DATABASE_BUSY,
  ANX_DESK_PROBLEM_DISK_FULL,
  ANX_DESK_PROBLEM_DISK,
  ANX_DESK_PROBLEM_PROFILE,
  ANX_DESK_PROBLEM_HUB_UNTRUSTED,
  ANX_DESK_PROBLEM_CERTIFICATE_EXPIRED,
  ANX_DESK_PROBLEM_REVOKED,
  ANX_DESK_PROBLEM_CLOCK,
  ANX_DESK_PROBLEM_HUB,             /* the hub refuses; the page adds its own words */
  ANX_DESK_PROBLEM_NO_ROLE,
  ANX_DESK_PROBLEM_START,          /* anything else at start-up; the page adds the error's own message */
  ANX_DESK_N_PROBLEMS,
} AnxDeskProblem;

typedef struct
{
  const char *key;       /* a word for the journal */
  const char *icon;
  const char *title;     /* what happened */
  const char *safe;      /* what is safe */
  const char *to_do;     /* what to do */
} AnxDeskProblemText;

AnxDeskProblem     anx_desk_problem_from_error (const GError *error);
AnxDeskProblemText anx_desk_problem_describe (AnxDeskProblem problem);
/* For a message about one action that failed. */
char              *anx_desk_problem_explain (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
