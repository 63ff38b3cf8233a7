/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "line-control.h"

/* Below the least a face is no longer a face; above the most nothing more is seen at 640x480. */
#define BITRATE_MIN 60000
#define BITRATE_MAX 900000
/* What is lost without any queue is lost by the line itself, and sending less saves nothing below this; a line that loses more is too narrow. */
#define BITRATE_MIN_LOSSY 360000
#define LOSS_OF_NARROW 0.35
/*
 * A line about which nothing is known is tried out in large steps, from a rate that with sound and reports stays below 300 kbit/s: the shortest
 * round trip must be seen without a queue, or no queue will be seen later. The steps are large until the first sign that it is full;
 * from then on in small ones, and in middling ones after some seconds without any sign and well below where it last was full.
 */
#define STEP_UNKNOWN 1.25
#define STEP_KNOWN 1.05
#define STEP_FREE 1.10
#define STEP_LOWER 0.85
#define STEP_LOWER_FAST 0.6
#define FREE_SECONDS 3
#define NEAR_FULL 0.7
/* So far an unknown line is not known to be wide. */
#define WIDE_ENOUGH 450000
/* A picture of half the width and height below the one, the full one again above the other; far apart, because each change is a key frame. */
#define SMALL_BELOW 140000
#define LARGE_ABOVE 220000
#define NARROW_BELOW 120000
#define WIDE_ABOVE 170000
/*
 * What waits in a queue on the way is seen as a round trip longer than the shortest. From the first the rate is not raised, from the second it
 * falls, from the third it falls fast: half a second is the most that a talk bears.
 */
#define QUEUE_HOLD_MS 60
#define QUEUE_LOWER_MS 120
#define QUEUE_LOWER_FAST_MS 300
/* Packets lost from here on are answered with waiting and redundancy, until none was lost for so long. */
#define LOSSY_FROM 0.005
#define CALM_SECONDS 20
/*
 * Without redundancy each loss costs a round trip; with half as much again, 5 % loss in runs of three at 20 ms lost 1 % of the pictures instead
 * of 7–24 % (build-aux/bench call).
 */
#define FEC_LITTLE_FROM 0.01
#define FEC_MUCH_FROM 0.03
#define FEC_LITTLE 25
#define FEC_MUCH 50
/* A retransmission must be asked for and come: one report interval, a round trip, and half as much for its unevenness. */
#define JITTER_LOSSY_MIN_MS 150
#define JITTER_LOSSY_MAX_MS 450
#define JITTER_ASKING_MS 100

/*
 * Two requests within this time ask for the same key frame, which is still on its way. On a narrow line a key frame fills the queue for most of
 * a second, and one more for each loss it causes would never let it empty.
 */
#define KEYFRAME_MIN_MS 300
#define KEYFRAME_MAX_MS 3000
#define KEYFRAME_NARROW_MS 1500
/* On a narrow line the voice keeps what it needs, and reports, each some 250 bytes, become seldom. */
#define AUDIO_BITRATE_NARROW 20000
#define REPORT_NARROW_MS 200

/**
 * anx_line_control_init:
 * @self: the control of a new line, about which nothing is known
 */
void
anx_line_control_init (AnxLineControl *self)
{
  *self = (AnxLineControl){
    .budget = ANX_LINE_BITRATE_START,
    .decision = { .video_bitrate = ANX_LINE_BITRATE_START, .audio_percent = 10, .audio_bitrate = ANX_LINE_AUDIO_BITRATE,
                  .report_ms = ANX_LINE_REPORT_MS, .keyframe_ms = KEYFRAME_MIN_MS,
                  .strict = TRUE, .retransmit = TRUE, .jitter_ms = ANX_LINE_JITTER_MS },
  };
}

static guint
get_least_round_trip_ms (AnxLineControl *self)
{
  guint least = G_MAXUINT;
  for (guint i = 0; i < ANX_LINE_ROUND_TRIPS; i++)
    if (self->round_trips_ms[i] > 0)
      least = MIN (least, self->round_trips_ms[i]);
  return least;
}

static guint
get_queued_ms (AnxLineControl *self,
               const AnxLineReport *report)
{
  guint least_ms = get_least_round_trip_ms (self);
  /* One long round trip is a hiccup of a machine; a queue is in the one before, too. */
  guint before_ms = self->n_round_trips > 1 ? self->round_trips_ms[(self->n_round_trips - 2) % ANX_LINE_ROUND_TRIPS] : report->round_trip_ms;
  guint now_ms = MIN (report->round_trip_ms, before_ms);
  return now_ms > least_ms ? now_ms - least_ms : 0;
}

/* How much of what the second before was sent may be sent now, as far as no queue is known. */
static double
get_step (AnxLineControl *self,
          const AnxLineReport *report,
          guint queued_ms)
{
  /* The other side has said nothing new, or nothing yet: that is no sign of anything. */
  if (report->round_trip_ms == 0 || (report->their_loss < 0 && queued_ms < QUEUE_HOLD_MS))
    return 1;
  if (queued_ms >= QUEUE_HOLD_MS || report->their_loss >= 0.02)
    {
      self->full_budget = self->budget;
      self->free_seconds = 0;
      return queued_ms < QUEUE_HOLD_MS && report->their_loss < LOSS_OF_NARROW && self->budget < BITRATE_MIN_LOSSY ? STEP_FREE : 1;
    }
  self->free_seconds++;
  if (self->full_budget == 0)
    {
      /* One long round trip may be a hiccup; while the line is unknown it is reason enough to try no more, or a little less, before the next. */
      guint longer_ms = report->round_trip_ms - get_least_round_trip_ms (self);
      return longer_ms >= QUEUE_LOWER_MS ? STEP_LOWER : longer_ms >= QUEUE_HOLD_MS ? 1 : STEP_UNKNOWN;
    }
  return self->free_seconds > FREE_SECONDS && self->budget < self->full_budget * NEAR_FULL ? STEP_FREE : STEP_KNOWN;
}

/*
 * Loss after the rule of Google congestion control (draft-ietf-rmcat-gcc-02 section 6): more than 10 % lost lowers the rate by half of the
 * loss. Delay comes first: a queue that fills is a rate too high even before anything is lost.
 */
static void
fit_budget (AnxLineControl *self,
            const AnxLineReport *report)
{
  guint queued_ms = get_queued_ms (self, report);
  gboolean lossy = queued_ms < QUEUE_HOLD_MS && report->their_loss < LOSS_OF_NARROW;
  double factor = get_step (self, report, queued_ms);
  guint least = BITRATE_MIN, most = report->their_loss >= 0.02 ? MAX (self->budget, BITRATE_MIN_LOSSY) : BITRATE_MAX;
  if (queued_ms >= QUEUE_LOWER_FAST_MS)
    factor = STEP_LOWER_FAST;
  else if (queued_ms >= QUEUE_LOWER_MS)
    factor = STEP_LOWER;
  if (report->their_loss > 0.10 && !(lossy && self->budget < BITRATE_MIN_LOSSY))
    {
      factor = MIN (factor, 1 - 0.5 * report->their_loss);
      least = lossy ? BITRATE_MIN_LOSSY : BITRATE_MIN;
    }
  self->budget = CLAMP ((guint) (self->budget * factor), least, most);
}

static void
fit_sending (AnxLineControl *self,
             const AnxLineReport *report)
{
  AnxLineDecision *decision = &self->decision;
  guint wanted = report->their_loss >= FEC_MUCH_FROM ? FEC_MUCH : report->their_loss >= FEC_LITTLE_FROM ? FEC_LITTLE : 0;
  self->calm_out_seconds = wanted > 0 ? 0 : self->calm_out_seconds + 1;
  /* Up at once, down only after a calm: losses come in crowds. What is lost because a queue is full is lost more often by sending more. */
  if (get_queued_ms (self, report) >= QUEUE_LOWER_MS)
    decision->fec_percent = 0;
  else if (wanted > decision->fec_percent || self->calm_out_seconds >= CALM_SECONDS)
    decision->fec_percent = wanted;
  if (get_queued_ms (self, report) >= QUEUE_HOLD_MS)
    self->narrow_seconds = CALM_SECONDS;
  else if (self->narrow_seconds > 0)
    self->narrow_seconds--;
  decision->strict = self->narrow_seconds > 0 || (self->full_budget == 0 && self->budget < WIDE_ENOUGH);
  decision->video_bitrate = MAX (self->budget * 100 / (100 + decision->fec_percent), BITRATE_MIN);
  if (report->their_loss >= 0)
    decision->audio_percent = (guint) CLAMP ((int) (report->their_loss * 100 + 0.5), 10, 40);
  if (decision->video_bitrate < SMALL_BELOW)
    decision->small = TRUE;
  else if (decision->video_bitrate > LARGE_ABOVE)
    decision->small = FALSE;
  if (decision->video_bitrate < NARROW_BELOW)
    decision->narrow = TRUE;
  else if (decision->video_bitrate > WIDE_ABOVE)
    decision->narrow = FALSE;
}

/* What is asked for again comes last in a full queue, too late, and makes it fuller. */
static void
fit_asking (AnxLineControl *self,
            const AnxLineReport *report)
{
  AnxLineDecision *decision = &self->decision;
  decision->retransmit = get_queued_ms (self, report) < QUEUE_LOWER_FAST_MS;
  decision->audio_bitrate = decision->narrow ? AUDIO_BITRATE_NARROW : ANX_LINE_AUDIO_BITRATE;
  decision->report_ms = decision->narrow ? REPORT_NARROW_MS : ANX_LINE_REPORT_MS;
  guint least_ms = decision->narrow ? KEYFRAME_NARROW_MS : KEYFRAME_MIN_MS;
  decision->keyframe_ms = CLAMP (2 * report->round_trip_ms, least_ms, KEYFRAME_MAX_MS);
}

static void
fit_waiting (AnxLineControl *self,
             const AnxLineReport *report)
{
  AnxLineDecision *decision = &self->decision;
  if (report->loss >= LOSSY_FROM)
    {
      guint wanted = CLAMP (JITTER_ASKING_MS + report->round_trip_ms * 3 / 2, JITTER_LOSSY_MIN_MS, JITTER_LOSSY_MAX_MS);
      self->calm_seconds = 0;
      /* Each change is a small jump in the sound: up when there is need, down only after a calm. */
      decision->jitter_ms = MAX (decision->jitter_ms, wanted);
    }
  else if (++self->calm_seconds >= CALM_SECONDS)
    decision->jitter_ms = ANX_LINE_JITTER_MS;
  decision->paced = decision->jitter_ms > ANX_LINE_JITTER_MS;
}

/* Down at once, up one step after some seconds: bars that dance tell nothing. */
#define BETTER_SECONDS 3

static void
judge (AnxLineControl *self,
       const AnxLineReport *report)
{
  /*
   * Two people begin to talk over each other from 0.15 s one way, and give up the natural way of talking at 0.4 s (ITU-T G.114). Of what is
   * lost, redundancy and asking again bring back nearly all up to a twentieth.
   */
  double loss = MAX (report->loss, report->their_loss);
  guint seen = loss < 0.02 && report->round_trip_ms < 250    ? 4
               : loss < 0.06 && report->round_trip_ms < 400  ? 3
               : loss < 0.16 && report->round_trip_ms < 800  ? 2
                                                             : 1;
  if (self->quality == 0 || seen <= self->quality)
    {
      self->quality = seen;
      self->better_seconds = 0;
    }
  else if (++self->better_seconds >= BETTER_SECONDS)
    {
      self->quality++;
      self->better_seconds = 0;
    }
}

/**
 * anx_line_control_update:
 * @self: the control of a line
 * @report: what the second since the last call has shown
 *
 * Renews @self->decision.
 */
void
anx_line_control_update (AnxLineControl *self,
                         const AnxLineReport *report)
{
  if (report->round_trip_ms > 0)
    self->round_trips_ms[self->n_round_trips++ % ANX_LINE_ROUND_TRIPS] = report->round_trip_ms;
  judge (self, report);
  fit_budget (self, report);
  fit_sending (self, report);
  fit_asking (self, report);
  fit_waiting (self, report);
}
