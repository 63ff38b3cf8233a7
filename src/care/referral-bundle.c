/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referral-bundle.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "clock.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"

#define URN_UUID "urn:uuid:"
/* Patient, Consent, ServiceRequest and Task of the referral; for it and for each step a Provenance. */
#define MOST_ENTRIES (5 + 2 * ANX_REFERRAL_BUNDLE_STEPS)

/*
 * What a file may hold, as types of R4 with the members that are understood here. Everything else is refused with its place: a member that is
 * passed over in silence may be the one that says "not".
 */
typedef struct
{
  const char *type;
  const char *members; /* NAME or NAME:TYPE; without a type it is a plain value. [] = a list */
} Shape;

static const Shape shapes[] = {
  { "Bundle", "resourceType type timestamp identifier:Identifier entry[]:Entry" },
  { "Entry", "fullUrl resource:*" },
  { "Patient", "resourceType id identifier[]:Identifier name[]:HumanName telecom[]:ContactPoint gender birthDate address[]:Address contact[]:Contact" },
  { "Consent", "resourceType id status scope:Concept category[]:Concept dateTime policyRule:Concept provision:Provision" },
  { "ServiceRequest", "resourceType id identifier[]:Identifier status intent priority category[]:Concept subject:Reference authoredOn requester:Reference"
                      " performer[]:Reference reasonCode[]:Concept supportingInfo[]:Reference note[]:Annotation extension[]:Extension" },
  { "Task", "resourceType id identifier[]:Identifier status statusReason:Concept businessStatus:Concept intent code:Concept lastModified priority"
            " focus:Reference authoredOn requester:Reference owner:Reference partOf[]:Reference reasonCode:Concept output[]:Output" },
  { "Provenance", "resourceType id target[]:Reference recorded agent[]:Agent" },
  { "Identifier", "system value" },
  { "Coding", "system code display" },
  { "Concept", "coding[]:Coding text" },
  { "Reference", "reference type display identifier:Identifier" },
  { "HumanName", "use text" },
  { "ContactPoint", "system value" },
  { "Address", "text" },
  { "Contact", "name:HumanName telecom[]:ContactPoint" },
  { "Annotation", "text" },
  { "Provision", "type actor[]:Actor" },
  { "Actor", "role:Concept reference:Reference" },
  { "Output", "type:Concept valueString valueDateTime valueReference:Reference" },
  { "Agent", "type:Concept who:Reference" },
  { "Extension", "url valueString valueCode valueBoolean" },
};

static const char *const resources[] = { "Patient", "Consent", "ServiceRequest", "Task", "Provenance", NULL };
static const char *const extensions[] = { ANX_FHIR_LEVEL, "urn:anxin:fhir:grounds", "urn:anxin:fhir:measures", "urn:anxin:fhir:legal-basis",
                                          "urn:anxin:fhir:tell-at-kiosk", NULL };

static gboolean check_object (JsonObject *object, const char *type, const char *place, GError **error);

/* Names of members come from outside and may be anything; only those that look like FHIR are repeated. */
static gboolean
refuse_member (const char *place,
               const char *member,
               GError **error)
{
  gsize length = strlen (member);
  gboolean plain = length > 0 && length <= 64 && strspn (member, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
  anx_care_fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: “%s” is not understood here. Nothing was taken over."), place, plain ? member : "…");
  return FALSE;
}

static gboolean
check_value (JsonNode *node,
             const char *type,
             const char *place,
             GError **error)
{
  if (type == NULL)
    return JSON_NODE_HOLDS_VALUE (node) || refuse_member (place, "", error);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse_member (place, "", error);
  JsonObject *object = json_node_get_object (node);
  if (strcmp (type, "*") != 0)
    return check_object (object, type, place, error);
  const char *resource = anx_json_get_string (object, "resourceType", "");
  g_autofree char *inner = g_strdup_printf ("%s.%s", place, g_strv_contains (resources, resource) ? resource : "resource");
  return g_strv_contains (resources, resource) ? check_object (object, resource, inner, error) : refuse_member (place, resource, error);
}

/* The rule of @member in "NAME NAME:TYPE NAME[]:TYPE"; FALSE when there is none. */
static gboolean
find_rule (const char *members,
           const char *member,
           gboolean *out_list,
           char **out_type)
{
  g_auto (GStrv) rules = g_strsplit (members, " ", -1);
  gsize length = strlen (member);
  for (gsize i = 0; rules[i] != NULL; i++)
    {
      if (strncmp (rules[i], member, length) != 0 || strchr (":[", rules[i][length]) == NULL)
        continue;
      const char *type = strchr (rules[i], ':');
      *out_list = rules[i][length] == '[';
      *out_type = type != NULL ? g_strdup (type + 1) : NULL;
      return TRUE;
    }
  return FALSE;
}

static gboolean
check_member (const char *members,
              const char *member,
              JsonNode *node,
              const char *place,
              GError **error)
{
  gboolean list;
  g_autofree char *type = NULL;
  if (!find_rule (members, member, &list, &type))
    return refuse_member (place, member, error);
  g_autofree char *inner = g_strdup_printf ("%s.%s", place, member);
  if (!list)
    return check_value (node, type, inner, error);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse_member (inner, "", error);
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *at = g_strdup_printf ("%s[%u]", inner, i);
      if (!check_value (json_array_get_element (array, i), type, at, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_object (JsonObject *object,
              const char *type,
              const char *place,
              GError **error)
{
  const Shape *shape = NULL;
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;
  for (gsize i = 0; i < G_N_ELEMENTS (shapes) && shape == NULL; i++)
    if (strcmp (shapes[i].type, type) == 0)
      shape = &shapes[i];
  g_assert (shape != NULL);
  if (strcmp (type, "Extension") == 0 && !g_strv_contains (extensions, anx_json_get_string (object, "url", "")))
    return refuse_member (place, "url", error);
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &member, &node))
    if (!check_member (shape->members, member, node, place, error))
      return FALSE;
  return TRUE;
}

/* --- written --- */

static void
add_provenance (JsonObject *bundle,
                const char *target,
                const char *author,
                gint64 recorded_usec)
{
  JsonObject *provenance = anx_fhir_resource ("Provenance");
  JsonObject *agent = json_object_new ();
  json_object_set_object_member (agent, "who", anx_fhir_identified (ANX_FHIR_PRINCIPAL, author));
  anx_fhir_set_array_of (provenance, "target", anx_fhir_reference (target));
  anx_fhir_set_time (provenance, "recorded", recorded_usec);
  anx_fhir_set_array_of (provenance, "agent", agent);
  g_free (anx_fhir_bundle_add (bundle, provenance, recorded_usec));
}

/**
 * anx_referral_bundle_begin:
 * @referral: the FHIR R4 Bundle of a referral's record
 * @author: who wrote it
 * @now_usec: the time, microseconds of UTC
 * @error: return location, of anx_referral_read()
 *
 * Returns: (transfer full) (nullable): a FHIR R4 Bundle(collection) with the record's resources as they are and a Provenance
 */
JsonObject *
anx_referral_bundle_begin (JsonObject *referral,
                           const char *author,
                           gint64 now_usec,
                           GError **error)
{
  g_return_val_if_fail (anx_principal_id_is_valid (author), NULL);
  g_autoptr (AnxReferral) content = anx_referral_read (referral, error);
  if (content == NULL)
    return NULL;
  JsonObject *bundle = anx_fhir_bundle (now_usec);
  JsonObject *identifier = json_object_new ();
  json_object_set_string_member (identifier, "system", ANX_FHIR_TASK);
  json_object_set_string_member (identifier, "value", content->task);
  json_object_set_object_member (bundle, "identifier", identifier);
  JsonArray *from = anx_json_get_array (referral, "entry");
  JsonArray *to = anx_json_get_array (bundle, "entry");
  if (to == NULL)
    json_object_set_array_member (bundle, "entry", to = json_array_new ());
  for (guint i = 0; i < json_array_get_length (from); i++)
    json_array_add_element (to, json_node_copy (json_array_get_element (from, i)));
  guint at = 0;
  const char *url = NULL;
  anx_fhir_bundle_find (referral, "ServiceRequest", &at, &url);
  add_provenance (bundle, url, author, content->created_usec);
  return bundle;
}

/**
 * anx_referral_bundle_add:
 * @bundle: of anx_referral_bundle_begin()
 * @id: the step's record, a UUIDv7
 * @author: who wrote it
 * @step: the FHIR R4 Task of its record
 * @error: return location, of anx_referral_event_read()
 *
 * Returns: whether the step is in @bundle now
 */
gboolean
anx_referral_bundle_add (JsonObject *bundle,
                         const char *id,
                         const char *author,
                         JsonObject *step,
                         GError **error)
{
  g_return_val_if_fail (anx_uuid_is_valid (id) && anx_principal_id_is_valid (author), FALSE);
  g_autoptr (AnxReferralEvent) event = anx_referral_event_read (step, error);
  if (event == NULL)
    return FALSE;
  JsonObject *entry = json_object_new ();
  g_autofree char *url = g_strconcat (URN_UUID, id, NULL);
  json_object_set_string_member (entry, "fullUrl", url);
  json_object_set_object_member (entry, "resource", json_object_ref (step));
  json_array_add_object_element (anx_json_get_array (bundle, "entry"), entry);
  add_provenance (bundle, url, author, event->created_usec);
  return TRUE;
}

/* --- read --- */

static void
step_free (gpointer data)
{
  AnxReferralBundleStep *step = data;
  g_free (step->id);
  g_free (step->author);
  anx_referral_event_free (step->event);
  g_free (step);
}

/**
 * anx_referral_bundle_free:
 * @self: (nullable) (transfer full): a file's content
 *
 * Frees it.
 */
void
anx_referral_bundle_free (AnxReferralBundle *self)
{
  if (self == NULL)
    return;
  anx_referral_free (self->referral);
  g_clear_pointer (&self->steps, g_ptr_array_unref);
  g_free (self);
}

static JsonObject *
get_resource (JsonArray *entries,
              guint index,
              const char **out_url)
{
  JsonObject *entry = json_array_get_object_element (entries, index);
  *out_url = anx_json_get_string (entry, "fullUrl", "");
  return anx_json_get_object (entry, "resource");
}

/* A step's task has nothing to point at but its identifier; the referral's own points at the order. */
static gboolean
is_step (JsonObject *resource)
{
  return g_strcmp0 (anx_json_get_string (resource, "resourceType", NULL), "Task") == 0 && !json_object_has_member (resource, "focus");
}

static const char *
find_author (JsonArray *entries,
             const char *target)
{
  const char *url;
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *resource = get_resource (entries, i, &url);
      if (g_strcmp0 (anx_json_get_string (resource, "resourceType", NULL), "Provenance") == 0
          && g_strcmp0 (anx_json_get_string (anx_fhir_first (resource, "target"), "reference", NULL), target) == 0)
        return anx_fhir_referenced (anx_json_get_object (anx_fhir_first (resource, "agent"), "who"), ANX_FHIR_PRINCIPAL);
    }
  return NULL;
}

static AnxReferral *
read_referral (JsonArray *entries,
               GError **error)
{
  g_autoptr (JsonObject) bundle = anx_fhir_bundle (0);
  JsonArray *own = json_array_new ();
  const char *url;
  json_object_set_array_member (bundle, "entry", own);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *resource = get_resource (entries, i, &url);
      if (!is_step (resource) && g_strcmp0 (anx_json_get_string (resource, "resourceType", NULL), "Provenance") != 0)
        json_array_add_element (own, json_node_copy (json_array_get_element (entries, i)));
    }
  return anx_referral_read (bundle, error);
}

static gboolean
take_step (AnxReferralBundle *self,
           JsonArray *entries,
           guint index,
           GError **error)
{
  const AnxReferralBundleStep *before = self->steps->len > 0 ? self->steps->pdata[self->steps->len - 1] : NULL;
  const char *url;
  JsonObject *resource = get_resource (entries, index, &url);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxReferralEvent) event = anx_referral_event_read (resource, &inner);
  const char *author = find_author (entries, url);
  const char *from = before != NULL ? before->event->status : "requested";
  const char *from_business = before != NULL ? before->event->business_status : "2.0";
  if (event == NULL)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("Bundle.entry[%u].Task: %s"), index, inner->message);
  if (strcmp (event->task, self->referral->task) != 0)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("Bundle.entry[%u].Task is a step of another referral"), index);
  if (!g_str_has_prefix (url, URN_UUID) || !anx_uuid_is_valid (url + strlen (URN_UUID)))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("Bundle.entry[%u].fullUrl must be urn:uuid: with a UUID of version 7"), index);
  if (!anx_principal_id_is_valid (author))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("Bundle.entry[%u].Task has no Provenance that says who wrote it"), index);
  if (!anx_referral_may_follow (from, from_business, event->status, event->business_status, ANX_REFERRAL_BY_DEPARTMENT)
      && !anx_referral_may_follow (from, from_business, event->status, event->business_status, ANX_REFERRAL_BY_AUTHOR))
    return anx_care_fail (error, ANX_CARE_ERROR_NOT_ALLOWED, N_ ("Bundle.entry[%u].Task: this step cannot follow the one before it"), index);
  for (guint i = 0; i < self->steps->len; i++)
    if (strcmp (((AnxReferralBundleStep *) self->steps->pdata[i])->id, url + strlen (URN_UUID)) == 0)
      return anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("Bundle.entry[%u].fullUrl is there twice"), index);
  AnxReferralBundleStep *step = g_new0 (AnxReferralBundleStep, 1);
  step->id = g_strdup (url + strlen (URN_UUID));
  step->author = g_strdup (author);
  step->event = g_steal_pointer (&event);
  g_ptr_array_add (self->steps, step);
  return TRUE;
}

/**
 * anx_referral_bundle_parse:
 * @text: JSON
 * @length: its bytes, -1 = up to the NUL
 * @error: return location, %ANX_CARE_ERROR_UNSUPPORTED with the place of what is not understood, %ANX_CARE_ERROR_INVALID,
 *   %ANX_CARE_ERROR_TOO_LARGE, %ANX_CARE_ERROR_NOT_ALLOWED when the steps are no way through the loop, errors of %ANX_BASE_ERROR
 *
 * A consent must name the receiver, as in every referral; a file does not lower that.
 *
 * Returns: (transfer full) (nullable): the referral and its steps
 */
AnxReferralBundle *
anx_referral_bundle_parse (const char *text,
                           gssize length,
                           GError **error)
{
  g_autoptr (JsonObject) fhir = anx_json_parse_object (text, length, ANX_REFERRAL_BUNDLE_BYTES, error);
  if (fhir == NULL || !anx_fhir_check_bundle (fhir, MOST_ENTRIES, error) || !check_object (fhir, "Bundle", "Bundle", error))
    return NULL;
  JsonArray *entries = anx_json_get_array (fhir, "entry");
  g_autoptr (AnxReferralBundle) self = g_new0 (AnxReferralBundle, 1);
  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->referral = read_referral (entries, error);
  if (self->referral == NULL)
    return NULL;
  const char *url;
  for (guint i = 0; i < json_array_get_length (entries); i++)
    if (is_step (get_resource (entries, i, &url)) && !take_step (self, entries, i, error))
      return NULL;
  return g_steal_pointer (&self);
}
