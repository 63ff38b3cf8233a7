/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhirpath-private.h"

struct _AnxFhirpathEnv
{
  gatomicrefcount refs;
  AnxFhirpathEnv *parent;
  GHashTable *variables;
  GHashTable *indexes; /* element → anx_fhirpath_indexes_new(); (nullable); only of the outermost */
  gboolean has_now;
  AnxTemporal now;
  AnxFhirpathWeightFunc weight;
  gpointer weight_data;
  GDestroyNotify weight_destroy;
  AnxFhirpathTraceFunc trace;
  gpointer trace_data;
  GDestroyNotify trace_destroy;
};

/**
 * anx_fhirpath_env_new:
 *
 * Returns: (transfer full): an environment with nothing but the fixed variables; now(), today(), timeOfDay(), weight()
 * and ordinal() fail until their setters are called
 */
AnxFhirpathEnv *
anx_fhirpath_env_new (void)
{
  AnxFhirpathEnv *self = g_new0 (AnxFhirpathEnv, 1);
  g_atomic_ref_count_init (&self->refs);
  self->variables =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) anx_fhirpath_collection_unref);
  return self;
}

/**
 * anx_fhirpath_env_new_child:
 * @parent: an environment
 *
 * Returns: (transfer full): one that asks @parent for what it does not have itself, also for what is set there later
 */
AnxFhirpathEnv *
anx_fhirpath_env_new_child (AnxFhirpathEnv *parent)
{
  g_return_val_if_fail (parent != NULL, NULL);
  AnxFhirpathEnv *self = anx_fhirpath_env_new ();
  self->parent = anx_fhirpath_env_ref (parent);
  return self;
}

/**
 * anx_fhirpath_env_ref:
 * @self: an environment
 *
 * Returns: (transfer full): @self
 */
AnxFhirpathEnv *
anx_fhirpath_env_ref (AnxFhirpathEnv *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * anx_fhirpath_env_unref:
 * @self: (transfer full): an environment
 */
void
anx_fhirpath_env_unref (AnxFhirpathEnv *self)
{
  while (self != NULL && g_atomic_ref_count_dec (&self->refs))
    {
      AnxFhirpathEnv *parent = self->parent;
      anx_fhirpath_env_set_weight (self, NULL, NULL, NULL);
      anx_fhirpath_env_set_trace (self, NULL, NULL, NULL);
      g_hash_table_unref (self->variables);
      g_clear_pointer (&self->indexes, g_hash_table_unref);
      g_free (self);
      self = parent;
    }
}

/**
 * anx_fhirpath_env_set_now:
 * @self: an environment
 * @now_usec: microseconds of UTC since 1970, years 1 to 9999; told to the millisecond
 * @offset_minutes: the zone of the place, minutes east of Greenwich, -840 to 840: China has 480
 *
 * Sets what now(), today() and timeOfDay() give. The folder has no clock.
 */
void
anx_fhirpath_env_set_now (AnxFhirpathEnv *self,
                          gint64 now_usec,
                          int offset_minutes)
{
  g_return_if_fail (self != NULL && offset_minutes >= -840 && offset_minutes <= 840);
  self->has_now = TRUE;
  self->now = anx_temporal_from_usec (now_usec, offset_minutes);
}

/**
 * anx_fhirpath_env_set_variable:
 * @self: an environment
 * @name: the variable's name, without "%"
 * @value: (nullable) (transfer none): its value; %NULL takes the variable away
 *
 * Variables must not be changed while an expression is evaluated.
 */
void
anx_fhirpath_env_set_variable (AnxFhirpathEnv *self,
                               const char *name,
                               AnxFhirpathCollection *value)
{
  g_return_if_fail (self != NULL && name != NULL);
  if (value == NULL)
    g_hash_table_remove (self->variables, name);
  else
    g_hash_table_insert (self->variables, g_strdup (name), anx_fhirpath_collection_ref (value));
}

/**
 * anx_fhirpath_env_set_node:
 * @self: an environment
 * @name: the variable's name, without "%"
 * @node: (transfer none): as in anx_fhirpath_collection_new_node()
 * @type_name: (nullable): as there
 */
void
anx_fhirpath_env_set_node (AnxFhirpathEnv *self,
                           const char *name,
                           JsonNode *node,
                           const char *type_name)
{
  g_autoptr (AnxFhirpathCollection) value = anx_fhirpath_collection_new_node (node, type_name);
  anx_fhirpath_env_set_variable (self, name, value);
}

/**
 * anx_fhirpath_env_set_weight:
 * @self: an environment
 * @func: (nullable): what weight() and ordinal() ask for each item
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data
 */
void
anx_fhirpath_env_set_weight (AnxFhirpathEnv *self,
                             AnxFhirpathWeightFunc func,
                             gpointer user_data,
                             GDestroyNotify destroy)
{
  g_return_if_fail (self != NULL);
  if (self->weight_destroy != NULL)
    self->weight_destroy (self->weight_data);
  self->weight = func;
  self->weight_data = user_data;
  self->weight_destroy = destroy;
}

/**
 * anx_fhirpath_env_set_trace:
 * @self: an environment
 * @func: (nullable): what trace() tells
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data
 */
void
anx_fhirpath_env_set_trace (AnxFhirpathEnv *self,
                            AnxFhirpathTraceFunc func,
                            gpointer user_data,
                            GDestroyNotify destroy)
{
  g_return_if_fail (self != NULL);
  if (self->trace_destroy != NULL)
    self->trace_destroy (self->trace_data);
  self->trace = func;
  self->trace_data = user_data;
  self->trace_destroy = destroy;
}

gboolean
anx_fhirpath_env_get_now (AnxFhirpathEnv *env,
                          AnxTemporal *out_now)
{
  for (; env != NULL; env = env->parent)
    if (env->has_now)
      {
        *out_now = env->now;
        return TRUE;
      }
  return FALSE;
}

gboolean
anx_fhirpath_env_get_weight (AnxFhirpathEnv *env,
                             AnxFhirpathItem *item,
                             double *out_weight,
                             gboolean *out_has_host)
{
  *out_has_host = FALSE;
  for (; env != NULL; env = env->parent)
    if (env->weight != NULL)
      {
        *out_has_host = TRUE;
        return env->weight (item, out_weight, env->weight_data);
      }
  return FALSE;
}

void
anx_fhirpath_env_trace (AnxFhirpathEnv *env,
                        const char *name,
                        AnxFhirpathCollection *value)
{
  for (; env != NULL; env = env->parent)
    if (env->trace != NULL)
      {
        env->trace (name, value, env->trace_data);
        return;
      }
}

/* (transfer none): what was found out about arrays so far, by one element of theirs. */
GHashTable *
anx_fhirpath_env_get_indexes (AnxFhirpathEnv *env,
                              const char *element)
{
  while (env->parent != NULL)
    env = env->parent;
  if (env->indexes == NULL)
    env->indexes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  GHashTable *indexes = g_hash_table_lookup (env->indexes, element);
  if (indexes == NULL)
    {
      indexes = anx_fhirpath_indexes_new ();
      g_hash_table_insert (env->indexes, g_strdup (element), indexes);
    }
  return indexes;
}

/* (transfer full) (nullable): the nearest one, or a fixed one of the FHIR specification. */
AnxFhirpathCollection *
anx_fhirpath_env_get_variable (AnxFhirpathEnv *env,
                               const char *name)
{
  static const struct
  {
    const char *name;
    const char *value;
  } fixed[] = { { "ucum", "http://unitsofmeasure.org" },
                { "sct", "http://snomed.info/sct" },
                { "loinc", "http://loinc.org" } };
  for (; env != NULL; env = env->parent)
    {
      AnxFhirpathCollection *found = g_hash_table_lookup (env->variables, name);
      if (found != NULL)
        return anx_fhirpath_collection_ref (found);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    if (strcmp (name, fixed[i].name) == 0)
      return anx_fhirpath_collection_new_string (fixed[i].value);
  gboolean set = g_str_has_prefix (name, "vs-");
  if (!set && !g_str_has_prefix (name, "ext-"))
    return NULL;
  g_autofree char *url =
      g_strconcat ("http://hl7.org/fhir/", set ? "ValueSet/" : "StructureDefinition/", name + (set ? 3 : 4), NULL);
  return anx_fhirpath_collection_new_string (url);
}
