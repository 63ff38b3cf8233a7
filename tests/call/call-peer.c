/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One side of a call as a process, for measurements and for meeting other programs: messages are JSON lines on standard input
 * and output ({"send":BODY}), and four times a second a line {"numbers":…}. The line "mark" begins the counting anew, the end of input ends
 * the call. Its test picture carries the time it was taken at, in blocks at the upper edge, so that the other side knows its age.
 * Not installed.
 */
#include <gio/gunixinputstream.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "json.h"
#include "pair.h"

typedef struct
{
  AnxCall *call;
  GMainLoop *loop;
  GDataInputStream *input;
  gint64 started_usec;
  guint frames;
  gint64 last_frame_usec;
  gint64 first_frame_usec;
  gint64 longest_gap_usec;
  guint gaps; /* of more than 0.2 s */
  AnxCallAttempt *stamped; /* whose source draws the time; not owned, only compared */
  guint aged;              /* pictures whose age could be read, and its sum and greatest */
  gint64 age_ms;
  gint64 oldest_ms;
  guint8 picture[3][3];    /* red, green, blue at a sixth, the half and five sixths of the middle row */
} Peer;

/*
 * The time is 24 bits of milliseconds, one block a bit, from the left, highest first; a last block, inverse parity, refuses other pictures. 26
 * blocks are the width.
 */
#define STAMP_BITS 24
#define STAMP_BLOCKS 26

static guint32
stamp_now (void)
{
  return (guint32) (g_get_real_time () / 1000) & 0xffffff;
}

static gboolean
stamp_parity (guint32 stamp)
{
  gboolean odd = FALSE;
  for (; stamp != 0; stamp &= stamp - 1)
    odd = !odd;
  return odd;
}

static GstPadProbeReturn
draw_stamp (GstPad *pad,
            GstPadProbeInfo *info,
            gpointer user_data)
{
  GstBuffer *buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo video;
  GstVideoFrame frame;
  if (caps == NULL || !gst_video_info_from_caps (&video, caps) || !gst_video_frame_map (&frame, &video, buffer, GST_MAP_WRITE))
    return GST_PAD_PROBE_OK;
  guint32 stamp = stamp_now ();
  guint block = (guint) GST_VIDEO_FRAME_WIDTH (&frame) / STAMP_BLOCKS;
  for (guint bit = 0; bit <= STAMP_BITS; bit++)
    {
      gboolean on = bit < STAMP_BITS ? stamp >> (STAMP_BITS - 1 - bit) & 1 : !stamp_parity (stamp);
      for (guint y = 0; y < block; y++)
        memset ((guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0) + y * (guint) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0) + bit * block,
                on ? 235 : 16, block);
    }
  gst_video_frame_unmap (&frame);
  return GST_PAD_PROBE_OK;
}

static void
stamp_pictures (Peer *peer)
{
  AnxCallAttempt *attempt = anx_call_get_attempt (peer->call);
  GstElement *pipeline = attempt != NULL ? anx_call_attempt_get_pipeline (attempt) : NULL;
  if (attempt == peer->stamped || pipeline == NULL)
    return;
  peer->stamped = attempt;
  GstIterator *elements = gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline), "videotestsrc");
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK)
    {
      g_autoptr (GstPad) pad = gst_element_get_static_pad (g_value_get_object (&item), "src");
      gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, draw_stamp, NULL, NULL);
      g_value_reset (&item);
    }
  g_value_unset (&item);
  gst_iterator_free (elements);
}

static void
read_stamp (Peer *peer,
            AnxFrame *frame)
{
  /* A smaller picture has smaller blocks. */
  double block = anx_frame_get_width (frame) / (double) STAMP_BLOCKS;
  const guint8 *row = (const guint8 *) g_bytes_get_data (anx_frame_get_bytes (frame), NULL) +
                      (gsize) (block / 2) * anx_frame_get_stride (frame);
  guint32 stamp = 0;
  gboolean parity = FALSE;
  for (guint bit = 0; bit <= STAMP_BITS; bit++)
    {
      gboolean on = row[4 * (gsize) ((bit + 0.5) * block) + 1] > 128;
      if (bit < STAMP_BITS)
        stamp = stamp << 1 | (guint32) on;
      else
        parity = on;
    }
  guint32 age = (stamp_now () - stamp) & 0xffffff;
  if (parity == stamp_parity (stamp) || age > 60 * 1000)
    return;
  peer->aged++;
  peer->age_ms += age;
  peer->oldest_ms = MAX (peer->oldest_ms, (gint64) age);
}

static void
print_line (JsonObject *object)
{
  g_autofree char *text = anx_json_object_to_text (object);
  puts (text);
  fflush (stdout);
}

static void
on_send (AnxCall *call,
         JsonObject *body,
         Peer *peer)
{
  g_autoptr (JsonObject) line = json_object_new ();
  json_object_set_object_member (line, "send", json_object_ref (body));
  print_line (line);
}

/* The first of these comes when the source of pictures has taken its place. */
static void
on_local_frame (AnxCall *call,
                AnxFrame *frame,
                Peer *peer)
{
  stamp_pictures (peer);
}

static void
on_frame (AnxCall *call,
          AnxFrame *frame,
          Peer *peer)
{
  gint64 now = g_get_monotonic_time ();
  read_stamp (peer, frame);
  const guint8 *row = (const guint8 *) g_bytes_get_data (anx_frame_get_bytes (frame), NULL) +
                      (gsize) anx_frame_get_height (frame) / 2 * anx_frame_get_stride (frame);
  gboolean dark = TRUE;
  for (guint i = 0; i < 3; i++)
    for (guint c = 0; c < 3; c++)
      {
        peer->picture[i][c] = row[4 * (gsize) ((2 * i + 1) * (guint) anx_frame_get_width (frame) / 6) + 2 - c];
        dark &= peer->picture[i][c] < 60;
      }
  /* Before its camera is open, the other side sends darkness; that is no picture yet. */
  if (peer->first_frame_usec == 0 && (!dark || peer->aged > 0))
    peer->first_frame_usec = now;
  if (peer->frames++ > 0)
    {
      gint64 gap = now - peer->last_frame_usec;
      peer->longest_gap_usec = MAX (peer->longest_gap_usec, gap);
      if (gap > 200 * 1000)
        peer->gaps++;
    }
  peer->last_frame_usec = now;
}

/* What the jitter buffers and retransmitters counted, to standard error, when ANX_CALL_PEER_DETAIL is set. */
static void
print_detail (AnxCall *call,
              const char *factory,
              const char *const *properties)
{
  AnxCallAttempt *attempt = anx_call_get_attempt (call);
  GstElement *pipeline = attempt != NULL ? anx_call_attempt_get_pipeline (attempt) : NULL;
  if (pipeline == NULL)
    return;
  GstIterator *elements = gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline), factory);
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK)
    {
      for (guint i = 0; properties[i] != NULL; i++)
        {
          GValue value = G_VALUE_INIT;
          g_object_get_property (g_value_get_object (&item), properties[i], &value);
          g_autofree char *text = gst_value_serialize (&value);
          fprintf (stderr, "%s %s %s\n", factory, properties[i], text);
          g_value_unset (&value);
        }
      g_value_reset (&item);
    }
  g_value_unset (&item);
  gst_iterator_free (elements);
}

static gboolean
on_time (gpointer user_data)
{
  Peer *peer = user_data;
  double fps, loss, level;
  g_object_get (peer->call, "remote-fps", &fps, "loss", &loss, "remote-level", &level, NULL);
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  g_autoptr (JsonObject) numbers = json_object_new ();
  json_object_set_boolean_member (numbers, "live", anx_call_get_state (peer->call) == ANX_CALL_LIVE);
  json_object_set_double_member (numbers, "seconds", (double) (g_get_monotonic_time () - peer->started_usec) / G_USEC_PER_SEC);
  json_object_set_double_member (numbers, "cpu", (double) usage.ru_utime.tv_sec + (double) usage.ru_utime.tv_usec / 1e6 +
                                                   (double) usage.ru_stime.tv_sec + (double) usage.ru_stime.tv_usec / 1e6);
  json_object_set_double_member (numbers, "fps", fps);
  json_object_set_double_member (numbers, "loss", loss);
  json_object_set_double_member (numbers, "level", level);
  json_object_set_double_member (numbers, "pitch", anx_call_get_remote_pitch (peer->call));
  json_object_set_int_member (numbers, "frames", peer->frames);
  json_object_set_int_member (numbers, "gaps", peer->gaps);
  json_object_set_double_member (numbers, "longestGap", (double) peer->longest_gap_usec / G_USEC_PER_SEC);
  json_object_set_double_member (numbers, "firstFrame", peer->first_frame_usec > 0 ? (double) (peer->first_frame_usec - peer->started_usec) / G_USEC_PER_SEC : -1);
  AnxCallAttempt *attempt = anx_call_get_attempt (peer->call);
  json_object_set_int_member (numbers, "roundTrip", attempt != NULL ? anx_call_attempt_get_round_trip_ms (attempt) : 0);
  json_object_set_int_member (numbers, "aged", peer->aged);
  json_object_set_double_member (numbers, "age", peer->aged > 0 ? (double) peer->age_ms / peer->aged / 1000 : -1);
  json_object_set_double_member (numbers, "oldest", (double) peer->oldest_ms / 1000);
  json_object_set_int_member (numbers, "attempt", anx_call_get_attempt_number (peer->call));
  json_object_set_int_member (numbers, "bitrate", attempt != NULL ? anx_call_attempt_get_video_bitrate (attempt) : 0);
  if (g_getenv ("ANX_CALL_PEER_DETAIL") != NULL)
    {
      print_detail (peer->call, "rtpjitterbuffer", (const char *const[]){ "stats", NULL });
      print_detail (peer->call, "rtprtxsend", (const char *const[]){ "num-rtx-requests", "num-rtx-packets", NULL });
      print_detail (peer->call, "rtprtxreceive", (const char *const[]){ "num-rtx-requests", "num-rtx-packets", "num-rtx-assoc-packets", NULL });
      print_detail (peer->call, "rtpsession", (const char *const[]){ "stats", "twcc-stats", "rtcp-min-interval", "rtcp-fraction", NULL });
    }
  g_autoptr (JsonArray) picture = json_array_new ();
  for (guint i = 0; peer->frames > 0 && i < 3; i++)
    {
      JsonArray *colour = json_array_new ();
      for (guint c = 0; c < 3; c++)
        json_array_add_int_element (colour, peer->picture[i][c]);
      json_array_add_array_element (picture, colour);
    }
  json_object_set_array_member (numbers, "picture", g_steal_pointer (&picture));
  const char *problem = anx_call_get_problem (peer->call);
  if (problem != NULL)
    json_object_set_string_member (numbers, "problem", problem);
  g_autoptr (JsonObject) line = json_object_new ();
  json_object_set_object_member (line, "numbers", g_steal_pointer (&numbers));
  print_line (line);
  return G_SOURCE_CONTINUE;
}

static void
on_line (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  Peer *peer = user_data;
  g_autofree char *text = g_data_input_stream_read_line_finish (peer->input, result, NULL, NULL);
  if (text == NULL)
    {
      anx_call_end (peer->call);
      g_main_loop_quit (peer->loop);
      return;
    }
  if (g_str_equal (text, "mark"))
    {
      peer->frames = peer->gaps = peer->aged = 0;
      peer->longest_gap_usec = peer->age_ms = peer->oldest_ms = 0;
    }
  g_autoptr (JsonObject) body = anx_json_parse_object (text, -1, 1024 * 1024, NULL);
  if (body != NULL)
    anx_call_receive (peer->call, body);
  g_data_input_stream_read_line_async (peer->input, G_PRIORITY_DEFAULT, NULL, on_line, peer);
}

static void
on_state (AnxCall *call,
          GParamSpec *pspec,
          Peer *peer)
{
  on_time (peer);
}

/*
 * Arguments: a, b or devices; then "offer" for the side that calls. In the environment: ANX_CALL_PEER_ICE, the "servers" of GET /v1/ice;
 * with ANX_CALL_PEER_RELAY no other way than through a relay is taken.
 */
int
main (int argc,
      char *argv[])
{
  g_autoptr (GError) error = NULL;
  if (argc < 2 || !anx_call_library_init (&error))
    {
      fprintf (stderr, "%s\n", error != NULL ? error->message : "usage: call-peer a|b|devices [offer]");
      return 1;
    }
  AnxCallMedia media = g_str_equal (argv[1], "a") ? ANX_CALL_MEDIA_TEST_A : g_str_equal (argv[1], "b") ? ANX_CALL_MEDIA_TEST_B : ANX_CALL_MEDIA_DEVICES;
  /* As in the programs, which start the library long before a call: what is measured is the call. */
  g_usleep (2 * G_USEC_PER_SEC);
  g_autoptr (TestTrust) trust = test_trust_new ("measurement");
  g_autoptr (GInputStream) standard_input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (standard_input);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  const char *ice = g_getenv ("ANX_CALL_PEER_ICE");
  g_autoptr (JsonNode) servers_node = ice != NULL ? anx_json_parse (ice, -1, 64 * 1024, NULL) : NULL;
  JsonArray *servers = servers_node != NULL && JSON_NODE_HOLDS_ARRAY (servers_node) ? json_node_get_array (servers_node) : NULL;
  g_autoptr (AnxCall) call = anx_call_new ("measurement", media, ANX_CALL_TRUST (trust), servers);
  anx_call_set_relay_only (call, g_getenv ("ANX_CALL_PEER_RELAY") != NULL);
  Peer peer = { .call = call, .loop = loop, .input = input, .started_usec = g_get_monotonic_time () };
  g_signal_connect (call, "send", G_CALLBACK (on_send), &peer);
  g_signal_connect (call, "local-frame", G_CALLBACK (on_local_frame), &peer);
  g_signal_connect (call, "remote-frame", G_CALLBACK (on_frame), &peer);
  g_signal_connect (call, "notify::state", G_CALLBACK (on_state), &peer);
  g_timeout_add (250, on_time, &peer);
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line, &peer);
  if (argc > 2)
    anx_call_start (call);
  g_main_loop_run (loop);
  return 0;
}
