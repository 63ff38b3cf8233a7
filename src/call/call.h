/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "frame.h"

G_BEGIN_DECLS

/*
 * One side of a video session. The states, who may move between them, and the messages are in README.md. Main thread.
 *
 * Signals:
 *   send (JsonObject *body)             give it to the other side, in order
 *   remote-frame (AnxFrame*)            a decoded picture of the other side
 *   local-frame (AnxFrame*)             what our camera shows, small; in LIVE and CHECKING
 *   test-sound-over                     what anx_call_play_test_sound() began has been played
 *   text (const char *text)             the other side has written; nothing of it is kept here
 * Properties (notify): "state" (AnxCallState), "remote-level" (double, dB of the sound received, -100 = silence), "remote-fps" (double), "loss" (double 0–1),
 *   "quality" (uint, 0 unknown or not live, 1 bad … 4 good: bars; anx_call_quality_to_words()),
 *   "local-level" (double, dB of the own microphone while CHECKING, -100 = silence), "missing" (uint, AnxCallDevices, found while CHECKING),
 *   "problem" (string, nullable: anx_call_get_problem())
 */
#define ANX_TYPE_CALL (anx_call_get_type ())
G_DECLARE_FINAL_TYPE (AnxCall, anx_call, ANX, CALL, GObject)

/**
 * AnxCallState:
 * @ANX_CALL_IDLE: nothing open
 * @ANX_CALL_CHECKING: camera, microphone and loudspeaker are open and tried out on this machine; nothing of it leaves it
 * @ANX_CALL_WAITING: nothing open; an offer of the other side is awaited
 * @ANX_CALL_CONNECTING: nothing of the other side yet; camera and microphone are closed
 * @ANX_CALL_LIVE: picture or sound of the other side arrives; camera and microphone are open
 * @ANX_CALL_RECONNECTING: it did and stopped; a fresh pipeline is being made; camera and microphone are closed
 * @ANX_CALL_ENDED: devices are closed; see anx_call_get_end_reason()
 */
typedef enum
{
  ANX_CALL_IDLE,
  ANX_CALL_CHECKING,
  ANX_CALL_WAITING,
  ANX_CALL_CONNECTING,
  ANX_CALL_LIVE,
  ANX_CALL_RECONNECTING,
  ANX_CALL_ENDED,
} AnxCallState;
#define ANX_TYPE_CALL_STATE (anx_call_state_get_type ())
GType anx_call_state_get_type (void);

/* A time in which the call was not live after it had been: for the note of the session. */
typedef struct
{
  gint64 start_usec;  /* UTC */
  gint64 length_usec; /* 0 while it lasts */
} AnxCallGap;

/* Devices, as flags. */
typedef enum
{
  ANX_CALL_DEVICE_CAMERA = 1 << 0,
  ANX_CALL_DEVICE_MICROPHONE = 1 << 1,
  ANX_CALL_DEVICE_SPEAKER = 1 << 2,
} AnxCallDevices;

typedef enum
{
  ANX_CALL_ENDED_BY_US,
  ANX_CALL_ENDED_BY_PEER,
  ANX_CALL_ENDED_BY_ERROR,
} AnxCallEndReason;

typedef enum
{
  ANX_CALL_MEDIA_DEVICES, /* v4l2 or PipeWire camera, default microphone and loudspeaker */
  ANX_CALL_MEDIA_TEST_A,  /* visibly marked test picture (SMPTE) and a 440 Hz tone; sound is received but not played */
  ANX_CALL_MEDIA_TEST_B,  /* visibly marked ball picture and an 880 Hz tone */
  ANX_CALL_MEDIA_TEST_C,  /* visibly marked green picture and a 660 Hz tone */
} AnxCallMedia;

/*
 * How the call signs its own descriptions and checks the other's: the program knows the keys. Signing may take a turn of the main loop
 * (the kiosk's key is in another process); checking is immediate.
 */
#define ANX_TYPE_CALL_TRUST (anx_call_trust_get_type ())
G_DECLARE_INTERFACE (AnxCallTrust, anx_call_trust, ANX, CALL_TRUST, GObject)
struct _AnxCallTrustInterface
{
  GTypeInterface parent;
  /* context is "session-description:<call id>:<attempt>:offer" or ":answer" */
  void     (*sign_async) (AnxCallTrust *self, const char *context, const char *text, GAsyncReadyCallback callback, gpointer user_data);
  char    *(*sign_finish) (AnxCallTrust *self, GAsyncResult *result, GError **error);
  char    *(*verify) (AnxCallTrust *self, const char *context, const char *statement, GError **error); /* the text, or NULL */
};
void  anx_call_trust_sign_async (AnxCallTrust *self, const char *context, const char *text, GAsyncReadyCallback callback, gpointer user_data);
char *anx_call_trust_sign_finish (AnxCallTrust *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *anx_call_trust_verify (AnxCallTrust *self, const char *context, const char *statement, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct _AnxCallStudio AnxCallStudio; /* call-studio.h */

/* A text written beside the call, at one time. */
#define ANX_CALL_TEXT_BYTES 4000

/* Before the first call; takes about 30 ms, the first time. */
gboolean anx_call_library_init (GError **error);
/* @ice_servers (nullable): the "servers" array of GET /v1/ice. */
AnxCall *anx_call_new (const char *call_id, AnxCallMedia media, AnxCallTrust *trust, JsonArray *ice_servers) G_GNUC_WARN_UNUSED_RESULT;
void     anx_call_set_studio (AnxCall *self, AnxCallStudio *studio); /* before the first attempt; shares the devices with other calls */
void     anx_call_check_devices (AnxCall *self);                /* IDLE, WAITING → CHECKING */
gboolean anx_call_play_test_sound (AnxCall *self);              /* CHECKING: whether three tones sound now */
void     anx_call_wait (AnxCall *self);                         /* IDLE, CHECKING → WAITING */
void     anx_call_set_ice_servers (AnxCall *self, JsonArray *ice_servers); /* (nullable), before the first attempt */
void     anx_call_start (AnxCall *self);                        /* the offering side (the desk) */
void     anx_call_receive (AnxCall *self, JsonObject *body);    /* every message of the other side; the first offer makes us the answering side */
/* At most ANX_CALL_TEXT_BYTES of UTF-8; whether it is on its way: only when LIVE. */
gboolean anx_call_send_text (AnxCall *self, const char *text);
void     anx_call_end (AnxCall *self);
AnxCallState     anx_call_get_state (AnxCall *self);
AnxCallEndReason anx_call_get_end_reason (AnxCall *self);
const char      *anx_call_get_problem (AnxCall *self);          /* (nullable) for people: why it ended by error, or which device is missing while it goes on */
const GError    *anx_call_get_error (AnxCall *self);            /* (nullable) the same with its code, when it ended by error */
void     anx_call_set_camera_on (AnxCall *self, gboolean on);
gboolean anx_call_is_camera_on (AnxCall *self);                 /* as last set; TRUE at first */
void     anx_call_set_microphone_on (AnxCall *self, gboolean on);
gboolean anx_call_is_microphone_on (AnxCall *self);             /* as last set; TRUE at first */
const char      *anx_call_quality_to_words (guint quality);     /* (nullable) in the language of the person */
const AnxCallGap *anx_call_get_gaps (AnxCall *self, guint *out_n_gaps); /* (array length=out_n_gaps), the last ones, at most 100 */
/* Dominant frequency of the sound received in the last second, Hz, 0 when silent: for checks that sound really arrives. */
double   anx_call_get_remote_pitch (AnxCall *self);

G_END_DECLS
