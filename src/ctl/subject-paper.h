/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A plain paper to read: a title, headed paragraphs, numbered A4 pages, as PDF. Main thread. */
typedef struct _AnxSubjectPaper AnxSubjectPaper;

AnxSubjectPaper *anx_subject_paper_new (const char *title) G_GNUC_WARN_UNUSED_RESULT;
void             anx_subject_paper_free (AnxSubjectPaper *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxSubjectPaper, anx_subject_paper_free)

void    anx_subject_paper_add_heading (AnxSubjectPaper *self, const char *text);
void    anx_subject_paper_add (AnxSubjectPaper *self, const char *text);
GBytes *anx_subject_paper_finish (AnxSubjectPaper *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
