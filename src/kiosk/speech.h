/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Reads a text aloud, in this process: what a page says may be personal, and a speech service would keep it. The voice is espeak-ng's; it and
 * the sound library are loaded with the first text, not with the process. One text at a time. Main thread; the speaking is in a
 * thread of its own.
 */
typedef enum
{
  ANX_SPEECH_DONE,        /* read to the end, or stopped */
  ANX_SPEECH_UNAVAILABLE, /* no voice or no sound on this machine */
} AnxSpeechEnd;

typedef void (*AnxSpeechDone) (AnxSpeechEnd end, gpointer user_data);

/* Stops what is being read, then reads @text; @language: "zh" or "en". @done is called once, in the main thread. */
void     anx_speech_say (const char *text, const char *language, AnxSpeechDone done, gpointer user_data);
void     anx_speech_stop (void);
gboolean anx_speech_is_speaking (void);

G_END_DECLS
