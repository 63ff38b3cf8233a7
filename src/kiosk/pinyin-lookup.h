/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What Chinese characters typed letters may stand for, with a person's name in mind. libpinyin in this process and nowhere else:
 * nothing is learnt, nothing is written, no user directory exists. Main thread.
 */
typedef struct _AnxPinyin AnxPinyin;

typedef struct
{
  char *text;
  guint n_letters; /* how many of the typed letters it stands for, from the first */
} AnxPinyinCandidate;

AnxPinyin *anx_pinyin_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
void       anx_pinyin_free (AnxPinyin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxPinyin, anx_pinyin_free)

/* @letters: a to z and apostrophe, at most ANX_PINYIN_MAX_LETTERS. @at_start: a surname is expected first. */
#define ANX_PINYIN_MAX_LETTERS 40
GPtrArray *anx_pinyin_look_up (AnxPinyin *self, const char *letters, gboolean at_start) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxPinyinCandidate) */

G_END_DECLS
