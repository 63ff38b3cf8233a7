/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "speech.h"

#include <dlfcn.h>
#include <espeak-ng/speak_lib.h>
#include <pcaudiolib/audio.h>
#include <string.h>

#include "process.h"

/* The names Debian's libraries have at run time. They are opened late: together they take more memory than a waiting process may. */
#define VOICE_LIBRARY "libespeak-ng.so.1"
#define SOUND_LIBRARY "libpcaudio.so.0"

/* Debian's voice "cmn" reads many Chinese characters as if they were English; this one has their pinyin. */
#define VOICE_ZH "cmn-latn-pinyin"
#define VOICE_EN "en-gb"

/* Slower than people talk: who needs this hears or follows with effort. Words a minute. */
#define WORDS_A_MINUTE 125
#define MAX_TEXT_BYTES (16 * 1024)
#define BUFFER_MS 200

static struct
{
  gboolean tried;
  int rate; /* 0: there is no voice */

  typeof (&espeak_Initialize) initialize;
  typeof (&espeak_SetSynthCallback) set_callback;
  typeof (&espeak_SetVoiceByName) set_voice;
  typeof (&espeak_SetParameter) set_parameter;
  typeof (&espeak_Synth) synth;

  typeof (&create_audio_device_object) sound_new;
  typeof (&audio_object_open) sound_open;
  typeof (&audio_object_write) sound_write;
  typeof (&audio_object_drain) sound_drain;
  typeof (&audio_object_flush) sound_flush;
  typeof (&audio_object_close) sound_close;
  typeof (&audio_object_destroy) sound_destroy;
} voice;

/* One text. The thread holds it until it has spoken; the main thread only ever sets "stop". */
typedef struct
{
  char *text;
  const char *voice_name;
  int stop; /* atomic */
  AnxSpeechDone done;
  gpointer user_data;
  AnxSpeechEnd end;
  struct audio_object *sound; /* of the speaking thread alone */
} Utterance;

static Utterance *speaking; /* of the main thread; NULL = silent */
static GMutex voice_lock;   /* espeak-ng has one state a process: a text waits until the one before has let go */
static Utterance *in_thread;

static void
utterance_free (Utterance *self)
{
  anx_wipe (self->text, strlen (self->text));
  g_free (self->text);
  g_free (self);
}

static gboolean
find (void *library,
      const char *name,
      gpointer out)
{
  void *symbol = library != NULL ? dlsym (library, name) : NULL;
  memcpy (out, &symbol, sizeof symbol);
  return symbol != NULL;
}

static gboolean
load_libraries (void)
{
  void *speak = dlopen (VOICE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  void *sound = dlopen (SOUND_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  return find (speak, "espeak_Initialize", &voice.initialize) && find (speak, "espeak_SetSynthCallback", &voice.set_callback)
         && find (speak, "espeak_SetVoiceByName", &voice.set_voice) && find (speak, "espeak_SetParameter", &voice.set_parameter)
         && find (speak, "espeak_Synth", &voice.synth) && find (sound, "create_audio_device_object", &voice.sound_new)
         && find (sound, "audio_object_open", &voice.sound_open) && find (sound, "audio_object_write", &voice.sound_write)
         && find (sound, "audio_object_drain", &voice.sound_drain) && find (sound, "audio_object_flush", &voice.sound_flush)
         && find (sound, "audio_object_close", &voice.sound_close) && find (sound, "audio_object_destroy", &voice.sound_destroy);
}

/* With voice_lock held. */
static gboolean
prepare (void)
{
  if (!voice.tried)
    {
      voice.tried = TRUE;
      voice.rate = load_libraries () ? voice.initialize (AUDIO_OUTPUT_SYNCHRONOUS, BUFFER_MS, NULL, espeakINITIALIZE_DONT_EXIT) : 0;
    }
  return voice.rate > 0;
}

static int
on_samples (short *samples,
            int n,
            espeak_EVENT *events)
{
  Utterance *self = in_thread;
  if (g_atomic_int_get (&self->stop))
    return 1;
  if (samples != NULL && n > 0 && voice.sound_write (self->sound, samples, (size_t) n * sizeof *samples) != 0)
    {
      self->end = ANX_SPEECH_UNAVAILABLE;
      return 1;
    }
  return g_atomic_int_get (&self->stop);
}

static void
speak (Utterance *self)
{
  self->end = ANX_SPEECH_UNAVAILABLE;
  if (!prepare ())
    return;
  self->sound = voice.sound_new (NULL, "Anxin", "Anxin");
  if (self->sound == NULL)
    return;
  if (voice.sound_open (self->sound, AUDIO_OBJECT_FORMAT_S16LE, (guint32) voice.rate, 1) == 0)
    {
      self->end = ANX_SPEECH_DONE;
      in_thread = self;
      voice.set_callback (on_samples);
      voice.set_parameter (espeakRATE, WORDS_A_MINUTE, 0);
      if (voice.set_voice (self->voice_name) != EE_OK
          || voice.synth (self->text, strlen (self->text) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL, NULL) != EE_OK)
        self->end = ANX_SPEECH_UNAVAILABLE;
      if (g_atomic_int_get (&self->stop))
        voice.sound_flush (self->sound);
      else
        voice.sound_drain (self->sound);
      in_thread = NULL;
      voice.sound_close (self->sound);
    }
  voice.sound_destroy (self->sound);
}

static gboolean
on_end (gpointer data)
{
  Utterance *self = data;
  if (speaking == self)
    speaking = NULL;
  if (self->done != NULL)
    self->done (self->end, self->user_data);
  utterance_free (self);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  Utterance *self = data;
  g_mutex_lock (&voice_lock);
  if (g_atomic_int_get (&self->stop))
    self->end = ANX_SPEECH_DONE;
  else
    speak (self);
  g_mutex_unlock (&voice_lock);
  g_idle_add (on_end, self);
  return NULL;
}

/**
 * anx_speech_say:
 * @text: what is read; at most 16 KiB of it
 * @language: `zh` or `en`
 * @done: (nullable) (scope async): called once, in the main thread, when it was read, was stopped, or cannot be read here
 * @user_data: for @done
 *
 * Stops what is being read and begins with @text. The copy of the text is overwritten afterwards.
 */
void
anx_speech_say (const char *text,
                const char *language,
                AnxSpeechDone done,
                gpointer user_data)
{
  anx_speech_stop ();
  Utterance *self = g_new0 (Utterance, 1);
  const char *end = NULL;
  (void) g_utf8_validate_len (text, MIN (strlen (text), MAX_TEXT_BYTES), &end);
  self->text = g_strndup (text, (gsize) (end - text));
  self->voice_name = g_str_equal (language, "zh") ? VOICE_ZH : VOICE_EN;
  self->done = done;
  self->user_data = user_data;
  speaking = self;
  g_thread_unref (g_thread_new ("speech", run, self));
}

/**
 * anx_speech_stop:
 *
 * Falls silent within a buffer's length (0.2 s).
 */
void
anx_speech_stop (void)
{
  if (speaking != NULL)
    g_atomic_int_set (&speaking->stop, 1);
  speaking = NULL;
}

/**
 * anx_speech_is_speaking:
 *
 * Returns: whether a text is being read and was not stopped
 */
gboolean
anx_speech_is_speaking (void)
{
  return speaking != NULL;
}
