/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three in one session: a kiosk, a counsellor and a mediator, each with a studio and a call to each of the other two, in one process. */
#include "call-company.h"

#include <math.h>
#include <string.h>

#include "call-error.h"
#include "call-studio-private.h"
#include "json.h"
#include "pair.h"
#include "picture.h"

#define SESSION "0192f0c1-2d5e-7abc-8def-0123456789ab"
#define LONG_MS 30000
#define RATE 48000

enum
{
  KIOSK,
  COUNSELLOR,
  MEDIATOR,
  N_SIDES
};
static const char *const ids[N_SIDES] = { "kiosk-one", "li-wei", "zhao-min" };
static const double tones[N_SIDES] = { 440, 880, 660 };
static gboolean (*const shows[N_SIDES]) (AnxFrame *frame) = { picture_shows_smpte, picture_shows_ball, picture_shows_green };

typedef struct _Room Room;

typedef struct
{
  Room *room;
  guint number;
  AnxCallStudio *studio;
  AnxCallCompany *company;
  AnxCall *watched[N_SIDES]; /* unowned: whose pictures are taken */
  AnxFrame *seen[N_SIDES];
  gboolean right[N_SIDES]; /* picture and tone of that one were found since forget() */
  guint joined[N_SIDES], left[N_SIDES], lost[N_SIDES];
  guint reconnects;
} Party;

/* Returns whether the message is passed on; may change it. */
typedef gboolean (*Filter) (Room *room, guint from, guint to, JsonObject *body);

struct _Room
{
  Party sides[N_SIDES];
  Filter filter;
  GPtrArray *statements; /* JSON texts of the descriptions that the counsellor sent to the mediator */
  guint offers[N_SIDES][N_SIDES];
};

typedef struct
{
  AnxCallCompany *to;
  const char *from;
  JsonObject *body;
} Delivery;

static gboolean
deliver (gpointer data)
{
  Delivery *delivery = data;
  g_assert_true (anx_call_company_receive (delivery->to, delivery->from, delivery->body));
  return G_SOURCE_REMOVE;
}

static void
free_delivery (gpointer data)
{
  Delivery *delivery = data;
  g_object_unref (delivery->to);
  json_object_unref (delivery->body);
  g_free (delivery);
}

static guint
number_of (const char *id)
{
  for (guint i = 0; i < N_SIDES; i++)
    if (g_str_equal (ids[i], id))
      return i;
  g_assert_not_reached ();
}

static void
on_send (AnxCallCompany *company,
         const char *peer,
         JsonObject *body,
         Party *party)
{
  Room *room = party->room;
  guint to = number_of (peer);
  g_autofree char *text = anx_json_object_to_text (body);
  g_autoptr (JsonObject) copy = anx_json_parse_object (text, -1, 1024 * 1024, NULL);
  if (g_strcmp0 (anx_json_get_string (copy, "role", NULL), "offer") == 0)
    room->offers[party->number][to]++;
  if (room->filter != NULL && !room->filter (room, party->number, to, copy))
    return;
  Delivery *delivery = g_new0 (Delivery, 1);
  delivery->to = g_object_ref (room->sides[to].company);
  delivery->from = ids[party->number];
  delivery->body = g_steal_pointer (&copy);
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver, delivery, free_delivery);
}

static void
on_frame (AnxCall *call,
          AnxFrame *frame,
          Party *party)
{
  g_assert_cmpint (anx_call_get_state (call), ==, ANX_CALL_LIVE);
  for (guint i = 0; i < N_SIDES; i++)
    if (party->watched[i] == call)
      {
        g_clear_pointer (&party->seen[i], anx_frame_unref);
        party->seen[i] = anx_frame_ref (frame);
        if (!party->right[i])
          party->right[i] = shows[i] (frame) && fabs (anx_call_get_remote_pitch (call) - tones[i]) < 25;
      }
}

static void
on_state (AnxCall *call,
          GParamSpec *pspec,
          Party *party)
{
  party->reconnects += anx_call_get_state (call) == ANX_CALL_RECONNECTING;
}

static void
on_changed (AnxCallCompany *company,
            Party *party)
{
  for (guint i = 0; i < N_SIDES; i++)
    {
      AnxCall *call = anx_call_company_get_call (company, ids[i]);
      if (call == party->watched[i])
        continue;
      party->watched[i] = call;
      g_clear_pointer (&party->seen[i], anx_frame_unref);
      if (call == NULL)
        continue;
      g_signal_connect (call, "remote-frame", G_CALLBACK (on_frame), party);
      g_signal_connect (call, "notify::state", G_CALLBACK (on_state), party);
    }
}

static void
on_joined (AnxCallCompany *company,
           const char *peer,
           Party *party)
{
  party->joined[number_of (peer)]++;
}

static void
on_left (AnxCallCompany *company,
         const char *peer,
         gboolean lost,
         Party *party)
{
  party->left[number_of (peer)]++;
  party->lost[number_of (peer)] += lost;
}

static AnxCallTrust *
make_trust (const char *peer,
            gpointer user_data)
{
  return ANX_CALL_TRUST (test_trust_new ("shared"));
}

static Room *
room_new (void)
{
  test_allow_known_critical ();
  Room *room = g_new0 (Room, 1);
  room->statements = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < N_SIDES; i++)
    {
      Party *party = &room->sides[i];
      party->room = room;
      party->number = i;
      party->studio = anx_call_studio_new (ANX_CALL_MEDIA_TEST_A + i);
      party->company = anx_call_company_new (SESSION, ids[i], party->studio, make_trust, NULL);
      anx_call_company_set_timing (party->company, 200);
      for (guint k = 0; k < N_SIDES; k++)
        if (k != i)
          anx_call_company_add (party->company, ids[k], i != KIOSK && (k == KIOSK || i < k));
      g_signal_connect (party->company, "send", G_CALLBACK (on_send), party);
      g_signal_connect (party->company, "joined", G_CALLBACK (on_joined), party);
      g_signal_connect (party->company, "left", G_CALLBACK (on_left), party);
      g_signal_connect (party->company, "changed", G_CALLBACK (on_changed), party);
    }
  return room;
}

static void
room_free (Room *room)
{
  for (guint i = 0; i < N_SIDES; i++)
    anx_call_company_leave (room->sides[i].company);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  for (guint i = 0; i < N_SIDES; i++)
    {
      Party *party = &room->sides[i];
      g_assert_null (anx_call_studio_get_picture_pipeline (party->studio));
      g_assert_null (anx_call_studio_get_sound_pipeline (party->studio));
      g_signal_handlers_disconnect_by_data (party->company, party);
      g_assert_finalize_object (party->company);
      g_assert_finalize_object (party->studio);
      for (guint k = 0; k < N_SIDES; k++)
        g_clear_pointer (&party->seen[k], anx_frame_unref);
    }
  g_ptr_array_unref (room->statements);
  g_free (room);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Room, room_free)

static gboolean
on_wake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
room_wait (Room *room,
           gboolean (*done) (Room *room))
{
  gint64 until = g_get_monotonic_time () + (gint64) LONG_MS * 1000;
  guint wake = g_timeout_add (50, on_wake, NULL);
  gboolean good = FALSE;
  while (!(good = done (room)) && g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (wake);
  return good;
}

static void
enter_all (Room *room)
{
  for (guint i = 0; i < N_SIDES; i++)
    anx_call_company_enter (room->sides[i].company, NULL);
}

static gboolean
two_know (Room *room,
          guint i,
          guint k)
{
  return room->sides[i].right[k] && room->sides[k].right[i];
}

static gboolean
all_know_all (Room *room)
{
  return two_know (room, KIOSK, COUNSELLOR) && two_know (room, KIOSK, MEDIATOR) && two_know (room, COUNSELLOR, MEDIATOR);
}

static void
forget (Room *room)
{
  for (guint i = 0; i < N_SIDES; i++)
    memset (room->sides[i].right, 0, sizeof room->sides[i].right);
}

static guint
count_devices (GstElement *pipeline,
               const char *factory)
{
  guint count = 0;
  if (pipeline == NULL)
    return 0;
  GstIterator *sources = gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline), factory);
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next (sources, &item) == GST_ITERATOR_OK)
    {
      count++;
      g_value_reset (&item);
    }
  g_value_unset (&item);
  gst_iterator_free (sources);
  return count;
}

/* ---- what the loudspeaker is given ---- */

typedef struct
{
  GMutex lock;
  gint16 samples[RATE / 4];
  guint filled;
} Heard;
static Heard heard;

static GstPadProbeReturn
on_mixed (GstPad *pad,
          GstPadProbeInfo *info,
          gpointer data)
{
  GstMapInfo map;
  g_assert_true (gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ));
  g_mutex_lock (&heard.lock);
  guint n = MIN ((guint) (map.size / 2), (guint) G_N_ELEMENTS (heard.samples) - heard.filled);
  memcpy (heard.samples + heard.filled, map.data, n * 2);
  heard.filled += n;
  g_mutex_unlock (&heard.lock);
  gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
  return GST_PAD_PROBE_OK;
}

/* Goertzel's sum: the amplitude of one tone among the samples, 0 to 1. */
static double
amplitude (double hz)
{
  double re = 0, im = 0;
  for (guint i = 0; i < G_N_ELEMENTS (heard.samples); i++)
    {
      re += heard.samples[i] * cos (2 * G_PI * hz * i / RATE);
      im += heard.samples[i] * sin (2 * G_PI * hz * i / RATE);
    }
  return 2 * sqrt (re * re + im * im) / G_N_ELEMENTS (heard.samples) / 32768;
}

/* A quarter of a second in which both others are heard, and not we ourselves. */
static gboolean
hears_both (Room *room)
{
  g_mutex_lock (&heard.lock);
  gboolean good = FALSE;
  if (heard.filled == G_N_ELEMENTS (heard.samples))
    {
      good = amplitude (880) > 0.1 && amplitude (660) > 0.1 && amplitude (440) < 0.03;
      heard.filled = 0;
    }
  g_mutex_unlock (&heard.lock);
  return good;
}

static void
check_devices (Room *room)
{
  for (guint i = 0; i < N_SIDES; i++)
    {
      const Party *party = &room->sides[i];
      for (guint k = 0; k < N_SIDES; k++)
        g_assert_cmpuint (party->joined[k], ==, i != k);
      /* Two calls and one camera, one microphone. */
      g_assert_cmpuint (count_devices (anx_call_studio_get_picture_pipeline (party->studio), "videotestsrc"), ==, 1);
      g_assert_cmpuint (count_devices (anx_call_studio_get_sound_pipeline (party->studio), "audiotestsrc"), ==, 1);
    }
  /* The kiosk calls nobody, and of two desks one calls the other once. */
  g_assert_cmpuint (room->offers[KIOSK][COUNSELLOR] + room->offers[KIOSK][MEDIATOR] + room->offers[MEDIATOR][COUNSELLOR], ==, 0);
  g_assert_cmpuint (room->offers[COUNSELLOR][MEDIATOR], ==, 1);
}

static void
check_mix (Room *room)
{
  g_autoptr (GstElement) mixed = gst_bin_get_by_name (GST_BIN (anx_call_studio_get_sound_pipeline (room->sides[KIOSK].studio)), "mixed");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (mixed, "src");
  heard.filled = 0;
  gulong probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_mixed, NULL, NULL);
  g_assert_true (room_wait (room, hears_both));
  gst_pad_remove_probe (pad, probe);
}

/* ---- leaving ---- */

static guint leaver;

static gboolean
others_alone (Room *room)
{
  for (guint i = 0; i < N_SIDES; i++)
    if (i != leaver && room->sides[i].left[leaver] != 1)
      return FALSE;
  return TRUE;
}

static gboolean
others_go_on (Room *room)
{
  guint i = leaver == 0 ? 1 : 0, k = 3 - leaver - i;
  return two_know (room, i, k);
}

static gboolean
others_wait (Room *room)
{
  for (guint i = 0; i < N_SIDES; i++)
    if (i != leaver && !anx_call_company_is_waiting (room->sides[leaver].company, ids[i]))
      return FALSE;
  return TRUE;
}

static void
check_leaving (Room *room,
               gboolean come_back)
{
  Party *gone = &room->sides[leaver];
  for (guint i = 0; i < N_SIDES; i++)
    {
      memset (room->sides[i].left, 0, sizeof room->sides[i].left);
      memset (room->sides[i].joined, 0, sizeof room->sides[i].joined);
    }
  anx_call_company_leave (gone->company);
  g_assert_null (anx_call_studio_get_picture_pipeline (gone->studio));
  g_assert_null (anx_call_studio_get_sound_pipeline (gone->studio));
  g_assert_true (room_wait (room, others_alone));
  forget (room);
  g_assert_true (room_wait (room, others_go_on));
  /* They are still there, which the one who left is told, and may come back. */
  g_assert_true (room_wait (room, others_wait));
  if (!come_back)
    return;
  forget (room);
  anx_call_company_enter (gone->company, NULL);
  g_assert_true (room_wait (room, all_know_all));
  for (guint i = 0; i < N_SIDES; i++)
    for (guint k = 0; k < N_SIDES; k++)
      g_assert_cmpuint (room->sides[i].joined[k], ==, i != k && (i == leaver || k == leaver));
}

/* ---- one pair is attacked ---- */

static gboolean
change_fingerprint (Room *room,
                    guint from,
                    guint to,
                    JsonObject *body)
{
  if (from != COUNSELLOR || to != MEDIATOR || !json_object_has_member (body, "statement"))
    return TRUE;
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (json_object_get_string_member (body, "statement"), &length);
  char *fingerprint = g_strstr_len ((char *) bytes, (gssize) length, "fingerprint:sha-256 ");
  g_assert_nonnull (fingerprint);
  fingerprint += strlen ("fingerprint:sha-256 ");
  *fingerprint = *fingerprint == 'A' ? 'B' : 'A';
  g_autofree char *changed = g_base64_encode (bytes, length);
  json_object_set_string_member (body, "statement", changed);
  return TRUE;
}

static gboolean
kiosk_knows_both (Room *room)
{
  return two_know (room, KIOSK, COUNSELLOR) && two_know (room, KIOSK, MEDIATOR) && room->offers[COUNSELLOR][MEDIATOR] > 0 &&
         anx_call_company_get_call (room->sides[COUNSELLOR].company, ids[MEDIATOR]) == NULL;
}

static gboolean
kiosk_is_left (Room *room)
{
  return room->sides[KIOSK].left[MEDIATOR] == 1;
}

static gboolean
kiosk_knows_counsellor (Room *room)
{
  return two_know (room, KIOSK, COUNSELLOR) && anx_call_company_is_waiting (room->sides[MEDIATOR].company, ids[KIOSK]);
}

static guint told_over;

static void
on_told (Room *room)
{
  told_over += !anx_call_company_is_waiting (room->sides[MEDIATOR].company, ids[KIOSK]);
}

static gboolean
kiosk_waits_no_more (Room *room)
{
  return told_over > 0;
}

static void
test_tampered (void)
{
  g_autoptr (Room) room = room_new ();
  room->filter = change_fingerprint;
  enter_all (room);
  g_assert_true (room_wait (room, kiosk_knows_both));
  anx_call_company_leave (room->sides[MEDIATOR].company);
  g_assert_true (room_wait (room, kiosk_is_left));
  forget (room);
  g_assert_true (room_wait (room, kiosk_knows_counsellor));
  /* Who waits no more is not said to wait. */
  anx_call_company_leave (room->sides[KIOSK].company);
  told_over = 0;
  g_signal_connect_swapped (room->sides[MEDIATOR].company, "changed", G_CALLBACK (on_told), room);
  g_assert_true (room_wait (room, kiosk_waits_no_more));
  /* Neither has called the other again, nor seen anything of the other. */
  g_assert_cmpuint (room->offers[COUNSELLOR][MEDIATOR], ==, 1);
  g_assert_cmpuint (room->sides[COUNSELLOR].joined[MEDIATOR] + room->sides[MEDIATOR].joined[COUNSELLOR], ==, 0);
}

/* What the counsellor signed for the mediator is shown to the kiosk as if it were for it. */
static gboolean
divert_offer (Room *room,
              guint from,
              guint to,
              JsonObject *body)
{
  if (from != COUNSELLOR || !json_object_has_member (body, "statement"))
    return TRUE;
  if (to == MEDIATOR)
    {
      g_ptr_array_add (room->statements, g_strdup (json_object_get_string_member (body, "statement")));
      return TRUE;
    }
  if (room->statements->len == 0)
    return FALSE;
  json_object_set_string_member (body, "statement", g_ptr_array_index (room->statements, 0));
  return TRUE;
}

static gboolean
mediator_knows_both (Room *room)
{
  return two_know (room, KIOSK, MEDIATOR) && two_know (room, COUNSELLOR, MEDIATOR);
}

static gboolean
counsellor_calls_not (Room *room)
{
  return anx_call_company_get_call (room->sides[COUNSELLOR].company, ids[KIOSK]) == NULL;
}

static void
test_diverted (void)
{
  g_autoptr (Room) room = room_new ();
  room->filter = divert_offer;
  anx_call_company_enter (room->sides[COUNSELLOR].company, NULL);
  anx_call_company_enter (room->sides[MEDIATOR].company, NULL);
  while (room->statements->len == 0)
    g_main_context_iteration (NULL, TRUE);
  anx_call_company_enter (room->sides[KIOSK].company, NULL);
  g_assert_true (room_wait (room, mediator_knows_both));
  g_assert_true (room_wait (room, counsellor_calls_not));
  g_assert_cmpuint (room->offers[COUNSELLOR][KIOSK], ==, 1);
  g_assert_cmpuint (room->sides[KIOSK].joined[COUNSELLOR], ==, 0);
}

/* ---- devices ---- */

static gboolean
sees_black (Room *room,
            guint i)
{
  const Party *party = &room->sides[i];
  return party->seen[KIOSK] != NULL && picture_shows_black (party->seen[KIOSK]) &&
         fabs (anx_call_get_remote_pitch (party->watched[KIOSK]) - tones[KIOSK]) < 25;
}

static gboolean
both_see_black (Room *room)
{
  return sees_black (room, COUNSELLOR) && sees_black (room, MEDIATOR);
}

static void
check_camera_off (Room *room)
{
  Party *kiosk = &room->sides[KIOSK];
  anx_call_company_set_camera_on (kiosk->company, FALSE);
  g_assert_null (anx_call_studio_get_picture_pipeline (kiosk->studio));
  g_assert_true (room_wait (room, both_see_black));
  forget (room);
  anx_call_company_set_camera_on (kiosk->company, TRUE);
  g_assert_true (room_wait (room, all_know_all));
}

/* A cable is pulled out: for both, and the sound goes on. */
static void
check_camera_fails (Room *room)
{
  Party *kiosk = &room->sides[KIOSK];
  GstIterator *sources
    = gst_bin_iterate_all_by_element_factory_name (GST_BIN (anx_call_studio_get_picture_pipeline (kiosk->studio)), "videotestsrc");
  GValue item = G_VALUE_INIT;
  g_assert_cmpint (gst_iterator_next (sources, &item), ==, GST_ITERATOR_OK);
  GstElement *camera = g_value_get_object (&item);
  GST_ELEMENT_ERROR (camera, RESOURCE, READ, ("Could not read from the device."), ("No such device"));
  g_value_unset (&item);
  gst_iterator_free (sources);
  g_assert_true (room_wait (room, both_see_black));
  g_assert_null (anx_call_studio_get_picture_pipeline (kiosk->studio));
  g_assert_nonnull (strstr (anx_call_get_problem (kiosk->watched[COUNSELLOR]), "camera stopped"));
  g_assert_nonnull (strstr (anx_call_get_problem (kiosk->watched[MEDIATOR]), "camera stopped"));
}

/* One long session, because three real peers cost a machine much: what is seen and heard, the camera, and each leaves. */
static void
test_three (void)
{
  g_autoptr (Room) room = room_new ();
  enter_all (room);
  g_assert_true (room_wait (room, all_know_all));
  check_devices (room);
  check_mix (room);
  check_camera_off (room);
  /* With the next calls it is tried anew. */
  check_camera_fails (room);
  leaver = KIOSK;
  check_leaving (room, TRUE);
  leaver = COUNSELLOR;
  check_leaving (room, FALSE);
  for (guint i = 0; i < N_SIDES; i++)
    {
      /* On a machine that stands still for a while a line is counted as cut, and whoever comes back meanwhile as lost. */
      for (guint k = 0; k < N_SIDES && room->sides[i].reconnects == 0; k++)
        g_assert_cmpuint (room->sides[i].lost[k], ==, 0);
    }
}

int
main (int argc,
      char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/call/company/three", test_three);
  g_test_add_func ("/call/company/tampered", test_tampered);
  g_test_add_func ("/call/company/diverted", test_diverted);
  return g_test_run ();
}
