/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "authority.h"
#include "crisis-records.h"
#include "desk-alert.h"
#include "json.h"

#define NOW (1800000000 * (gint64) G_USEC_PER_SEC)
#define SECONDS * (gint64) G_USEC_PER_SEC

static AnxDeskModel *
make_model (AnxClock **out_clock,
            const char *alerts)
{
  g_autoptr (GError) error = NULL;
  *out_clock = anx_clock_new_fixed (NOW);
  AnxDeskModel *model = anx_desk_model_new ("wang", *out_clock);
  g_autoptr (JsonObject) json = anx_json_parse_object (alerts, -1, 65536, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (anx_desk_model_take_alerts (model, anx_json_get_array (json, "alerts")), ==, 0);
  return model;
}

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define HEAD "{\"alerts\":[{\"id\":\"" ID "\",\"level\":\"red\",\"centre\":\"east\",\"room\":\"r\",\"kiosk\":\"k\",\"created\":1799999999000000"
#define CALLED(who) ",\"calls\":[{\"principal\":\"" who "\",\"step\":\"duty\",\"called\":1800000000000000,\"present\":true}]"
#define TAIL "}]}"

/* Each row: what the hub told, who listens, and whether it rings. */
static void
test_rings (void)
{
  static const struct
  {
    const char *alerts;
    gboolean duty, lead, staff, reachable, heard;
    int seconds;
    gboolean rings;
    const char *why;
  } TABLE[] = {
    { HEAD CALLED ("wang") TAIL, TRUE, FALSE, FALSE, TRUE, FALSE, 0, TRUE, "called" },
    { HEAD CALLED ("wang") TAIL, FALSE, FALSE, FALSE, TRUE, FALSE, 0, TRUE, "called from the district" },
    { HEAD CALLED ("sun") TAIL, TRUE, FALSE, FALSE, TRUE, FALSE, 600, FALSE, "another is called" },
    { HEAD CALLED ("sun") TAIL, TRUE, FALSE, FALSE, FALSE, FALSE, 0, TRUE, "another is called, but the hub is gone" },
    { HEAD TAIL, TRUE, FALSE, FALSE, TRUE, FALSE, 0, FALSE, "the hub will say in a moment" },
    { HEAD TAIL, TRUE, FALSE, FALSE, TRUE, FALSE, 4, TRUE, "the hub does not say" },
    { HEAD TAIL, TRUE, FALSE, FALSE, TRUE, TRUE, 0, TRUE, "heard on the local network" },
    { HEAD TAIL, TRUE, FALSE, FALSE, FALSE, FALSE, 0, TRUE, "no hub" },
    { HEAD TAIL, FALSE, TRUE, FALSE, FALSE, TRUE, 10, FALSE, "the lead, too early" },
    { HEAD TAIL, FALSE, TRUE, FALSE, FALSE, TRUE, 60, TRUE, "the lead, nobody answers" },
    { HEAD TAIL, FALSE, FALSE, TRUE, FALSE, TRUE, 0, TRUE, "staff, heard" },
    { HEAD TAIL, FALSE, FALSE, TRUE, TRUE, FALSE, 600, FALSE, "staff, only seen" },
    { HEAD TAIL, FALSE, FALSE, FALSE, FALSE, TRUE, 600, FALSE, "nobody of the kind" },
    { HEAD ",\"acknowledged\":1800000000000000,\"acknowledgedBy\":\"sun\"" CALLED ("wang") TAIL, TRUE, TRUE, TRUE, FALSE, TRUE, 600, FALSE, "answered" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (TABLE); i++)
    {
      g_autoptr (AnxClock) clock = NULL;
      g_autoptr (AnxDeskModel) model = make_model (&clock, TABLE[i].alerts);
      AnxDeskListener listener = { "wang", TABLE[i].duty, TABLE[i].lead, TABLE[i].staff, TABLE[i].reachable, TABLE[i].heard, NOW + TABLE[i].seconds SECONDS };
      g_test_message ("%s", TABLE[i].why);
      g_assert_cmpint (anx_desk_alert_rings (anx_desk_model_get_alert (model, ID), &listener), ==, TABLE[i].rings);
      if (TABLE[i].rings)
        g_assert_true (anx_desk_alert_may_answer (anx_desk_model_get_alert (model, ID), &listener));
    }
}

static void
test_calls (void)
{
  g_autoptr (AnxClock) clock = NULL;
  g_autoptr (AnxDeskModel) model = make_model (
      &clock, HEAD ",\"next\":1800000060000000,\"calls\":[{\"principal\":\"sun\",\"step\":\"duty\",\"called\":1800000000000000,\"present\":false},"
                   "{\"principal\":\"\",\"called\":0},7,{\"principal\":\"wang\",\"step\":\"duty\",\"called\":1800000000000000,\"present\":true}],"
                   "\"acknowledgements\":[{\"by\":\"sun\",\"at\":1800000001000000}]" TAIL);
  const AnxDeskAlert *alert = anx_desk_model_get_alert (model, ID);
  g_assert_cmpuint (alert->calls->len, ==, 2);
  g_assert_false (((AnxDeskCallOut *) alert->calls->pdata[0])->present);
  g_assert_cmpstr (((AnxDeskCallOut *) alert->calls->pdata[1])->principal, ==, "wang");
  g_assert_cmpuint (alert->answers->len, ==, 1);
  g_assert_cmpint (alert->next_usec, ==, NOW + 60 SECONDS);
  /* Whom the hub lets call the room. */
  g_assert_true (anx_desk_alert_hub_knows (alert, "sun"));
  g_assert_false (anx_desk_alert_hub_knows (alert, "wang"));
}

static void
take_level (AnxDeskModel *model,
            const char *id,
            const char *level,
            gint64 at_usec)
{
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "alert", ID);
  json_object_set_string_member (routing, "level", level);
  g_autoptr (JsonObject) resource = anx_level_change_build (ID, anx_level_from_string (level), "spoken with", "li", at_usec);
  g_autoptr (AnxDeskRecord) record = anx_desk_record_new (id, ANX_KIND_LEVEL_CHANGE, "li", NULL, at_usec, routing, resource);
  g_assert_true (anx_desk_model_take_record (model, record));
}

/* "li" is a counsellor of every centre. */
static void
set_directory (AnxDeskModel *model)
{
  static const char json[] = "{\"district\":\"test\",\"version\":1,\"centres\":[],\"services\":[],\"principals\":[{\"id\":\"li\",\"kind\":\"person\","
                             "\"name\":\"Li\",\"roles\":[\"counsellor\"],\"active\":true}]}";
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAuthority) authority = anx_authority_create ("test", "Test", g_get_real_time (), &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, sizeof json - 1);
  g_autoptr (GBytes) der = anx_authority_sign_directory (authority, bytes, &error);
  g_assert_no_error (error);
  g_autoptr (AnxDirectory) directory = anx_directory_open (der, anx_authority_get_certificate (authority), NULL, &error);
  g_assert_no_error (error);
  anx_desk_model_set_directory (model, directory);
}

/* The last decision stands, in whatever order they come, also against an older word of the hub. */
static void
test_levels (void)
{
  g_autoptr (AnxClock) clock = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDeskModel) model = make_model (&clock, HEAD TAIL);
  set_directory (model);
  take_level (model, "second", "green", NOW + 20 SECONDS);
  take_level (model, "first", "yellow", NOW + 10 SECONDS);
  take_level (model, "first", "yellow", NOW + 10 SECONDS);
  const AnxDeskAlert *alert = anx_desk_model_get_alert (model, ID);
  g_assert_cmpuint (alert->levels->len, ==, 2);
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_GREEN);
  g_assert_cmpstr (((AnxDeskLevelChange *) alert->levels->pdata[0])->reason, ==, "spoken with");
  g_autoptr (JsonObject) older = anx_json_parse_object (HEAD TAIL, -1, 65536, &error);
  anx_desk_model_take_alerts (model, anx_json_get_array (older, "alerts"));
  g_assert_cmpint (alert->level, ==, ANX_LEVEL_GREEN);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/desk/alert/rings", test_rings);
  g_test_add_func ("/desk/alert/calls", test_calls);
  g_test_add_func ("/desk/alert/levels", test_levels);
  return g_test_run ();
}
