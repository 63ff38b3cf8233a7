/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "escalation.h"

#include <string.h>

#include "care-error.h"
#include "json.h"

#define MAX_STEPS 16
#define MAX_ROLES 8
#define NAME_BYTES 32
/* A timer of seconds lets nobody answer; one of more than an hour is no timer for somebody in danger. */
#define MIN_SECONDS 1
#define MAX_SECONDS 3600

typedef struct
{
  gint64 red_usec;
  gint64 yellow_usec;
} Wait;

typedef struct
{
  AnxEscalationStep shown;
  char *name;
  char **roles;
  Wait wait;
} Step;

struct _AnxEscalation
{
  GPtrArray *steps; /* Step */
  Wait again;
};

static void
step_free (gpointer data)
{
  Step *step = data;
  g_free (step->name);
  g_strfreev (step->roles);
  g_free (step);
}

static gboolean
read_wait (JsonObject *object,
           const char *member,
           Wait *out_wait,
           GError **error)
{
  gint64 red = 0, yellow = 0;
  JsonObject *wait = anx_json_need_object (object, member, error);
  if (wait == NULL || !anx_json_need_int (wait, "red", MIN_SECONDS, MAX_SECONDS, &red, error) ||
      !anx_json_need_int (wait, "yellow", MIN_SECONDS, MAX_SECONDS, &yellow, error))
    return FALSE;
  out_wait->red_usec = red * G_USEC_PER_SEC;
  out_wait->yellow_usec = yellow * G_USEC_PER_SEC;
  return TRUE;
}

static Step *
read_step (JsonObject *object,
           GError **error)
{
  const char *name = anx_json_need_string (object, "name", NAME_BYTES, error);
  const char *scope = name != NULL ? anx_json_need_string (object, "scope", NAME_BYTES, error) : NULL;
  if (scope == NULL)
    return NULL;
  if (*name == '\0' || (strcmp (scope, "centre") != 0 && strcmp (scope, "district") != 0))
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "a step needs a name and the scope centre or district");
      return NULL;
    }
  Step *step = g_new0 (Step, 1);
  step->name = g_strdup (name);
  step->shown.name = step->name;
  step->shown.in_centre = strcmp (scope, "centre") == 0;
  step->roles = anx_json_need_strings (object, "roles", MAX_ROLES, error);
  step->shown.roles = (const char *const *) step->roles;
  if (step->roles == NULL || !read_wait (object, "wait", &step->wait, error))
    {
      step_free (step);
      return NULL;
    }
  if (step->roles[0] != NULL)
    return step;
  g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "the step %s names no role", name);
  step_free (step);
  return NULL;
}

static gboolean
read_all (AnxEscalation *self,
          JsonObject *json,
          GError **error)
{
  JsonArray *steps = anx_json_need_array (json, "steps", MAX_STEPS, error);
  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *object = anx_json_array_need_object (steps, i, error);
      Step *step = object != NULL ? read_step (object, error) : NULL;
      if (step == NULL)
        return FALSE;
      g_ptr_array_add (self->steps, step);
    }
  return steps != NULL && read_wait (json, "again", &self->again, error);
}

/**
 * anx_escalation_parse:
 * @json: the form of data/care/escalation.json
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the rule; one without any step is refused, because then an alert would ring nowhere
 */
AnxEscalation *
anx_escalation_parse (JsonObject *json,
                      GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxEscalation) self = g_new0 (AnxEscalation, 1);
  self->steps = g_ptr_array_new_with_free_func (step_free);
  if (read_all (self, json, &inner) && self->steps->len > 0)
    return g_steal_pointer (&self);
  g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "The rule for calling people is not usable: %s",
               inner != NULL ? inner->message : "there is no step");
  return NULL;
}

/**
 * anx_escalation_free:
 * @self: (transfer full) (nullable): a rule
 */
void
anx_escalation_free (AnxEscalation *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->steps);
  g_free (self);
}

/**
 * anx_escalation_count:
 * @self: a rule
 *
 * Returns: how many steps it has, at least 1
 */
guint
anx_escalation_count (AnxEscalation *self)
{
  return self->steps->len;
}

/**
 * anx_escalation_get:
 * @self: a rule
 * @step: from 0, below anx_escalation_count()
 *
 * Returns: (transfer none): the step
 */
const AnxEscalationStep *
anx_escalation_get (AnxEscalation *self,
                    guint step)
{
  g_return_val_if_fail (step < self->steps->len, NULL);
  return &((Step *) g_ptr_array_index (self->steps, step))->shown;
}

static gint64
choose (const Wait *wait,
        AnxLevel level)
{
  return level == ANX_LEVEL_RED ? wait->red_usec : wait->yellow_usec;
}

/**
 * anx_escalation_get_wait_usec:
 * @self: a rule
 * @step: from 0, below anx_escalation_count()
 * @level: of the alert
 *
 * Returns: how long a person of that step has before the next is called, microseconds
 */
gint64
anx_escalation_get_wait_usec (AnxEscalation *self,
                              guint step,
                              AnxLevel level)
{
  g_return_val_if_fail (step < self->steps->len, 0);
  return choose (&((Step *) g_ptr_array_index (self->steps, step))->wait, level);
}

/**
 * anx_escalation_get_again_usec:
 * @self: a rule
 * @level: of the alert
 *
 * Returns: after everybody was called, how long until it is looked who else has come, microseconds
 */
gint64
anx_escalation_get_again_usec (AnxEscalation *self,
                               AnxLevel level)
{
  return choose (&self->again, level);
}
