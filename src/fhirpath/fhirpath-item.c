/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhir-types.h"
#include "fhirpath-private.h"

static AnxFhirpathItem *
item_new (AnxFhirpathType type)
{
  AnxFhirpathItem *self = g_new0 (AnxFhirpathItem, 1);
  g_atomic_ref_count_init (&self->refs);
  self->type = type;
  return self;
}

AnxFhirpathItem *
anx_fhirpath_item_new_boolean (gboolean value)
{
  AnxFhirpathItem *self = item_new (ANX_FHIRPATH_BOOLEAN);
  self->of.boolean = value;
  return self;
}

AnxFhirpathItem *
anx_fhirpath_item_new_integer (gint64 value)
{
  AnxFhirpathItem *self = item_new (ANX_FHIRPATH_INTEGER);
  self->of.integer = value;
  return self;
}

AnxFhirpathItem *
anx_fhirpath_item_new_decimal (AnxDecimal value)
{
  AnxFhirpathItem *self = item_new (ANX_FHIRPATH_DECIMAL);
  self->of.decimal = value;
  return self;
}

AnxFhirpathItem *
anx_fhirpath_item_new_string_take (char *value)
{
  AnxFhirpathItem *self = item_new (ANX_FHIRPATH_STRING);
  self->of.string = value;
  return self;
}

AnxFhirpathItem *
anx_fhirpath_item_new_string (const char *value)
{
  return anx_fhirpath_item_new_string_take (g_strdup (value));
}

AnxFhirpathItem *
anx_fhirpath_item_new_temporal (const AnxTemporal *value)
{
  static const AnxFhirpathType types[] = { ANX_FHIRPATH_DATE, ANX_FHIRPATH_DATE_TIME, ANX_FHIRPATH_TIME };
  AnxFhirpathItem *self = item_new (types[value->kind]);
  self->of.temporal = *value;
  return self;
}

AnxFhirpathItem *
anx_fhirpath_item_new_quantity (AnxDecimal value,
                                const char *unit,
                                gboolean calendar)
{
  AnxFhirpathItem *self = item_new (ANX_FHIRPATH_QUANTITY);
  self->of.quantity.value = value;
  self->of.quantity.unit = g_strdup (unit);
  self->of.quantity.calendar = calendar;
  return self;
}

/* @name is a type of the table or NULL; what a resource says of itself comes first. */
AnxFhirpathItem *
anx_fhirpath_item_new_node (JsonNode *json,
                            JsonNode *extra,
                            const char *name,
                            AnxFhirpathItem *parent)
{
  AnxFhirpathItem *self = item_new (ANX_FHIRPATH_NODE);
  self->of.node.json = json != NULL ? json_node_ref (json) : NULL;
  self->of.node.extra = extra != NULL ? json_node_ref (extra) : NULL;
  self->of.node.parent = parent != NULL ? anx_fhirpath_item_ref (parent) : NULL;
  self->of.node.name = name;
  if (json != NULL && JSON_NODE_HOLDS_OBJECT (json) && (name == NULL || anx_fhir_type_is_resource (name)))
    {
      JsonNode *type = json_object_get_member (json_node_get_object (json), "resourceType");
      if (type != NULL && JSON_NODE_HOLDS_VALUE (type) && json_node_get_value_type (type) == G_TYPE_STRING)
        self->of.node.name = anx_fhir_type_find (json_node_get_string (type));
    }
  return self;
}

/**
 * anx_fhirpath_item_ref:
 * @self: an item
 *
 * Returns: (transfer full): @self
 */
AnxFhirpathItem *
anx_fhirpath_item_ref (AnxFhirpathItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * anx_fhirpath_item_unref:
 * @self: (transfer full): an item
 */
void
anx_fhirpath_item_unref (AnxFhirpathItem *self)
{
  /* Parents hang on children in chains as deep as the data: they are let go in a loop, not by recursion. */
  while (self != NULL && g_atomic_ref_count_dec (&self->refs))
    {
      AnxFhirpathItem *parent = NULL;
      if (self->type == ANX_FHIRPATH_STRING)
        g_free (self->of.string);
      else if (self->type == ANX_FHIRPATH_QUANTITY)
        g_free (self->of.quantity.unit);
      else if (self->type == ANX_FHIRPATH_NODE)
        {
          g_clear_pointer (&self->of.node.json, json_node_unref);
          g_clear_pointer (&self->of.node.extra, json_node_unref);
          parent = self->of.node.parent;
        }
      g_free (self);
      self = parent;
    }
}

/**
 * anx_fhirpath_item_get_type:
 * @self: an item
 *
 * Returns: its type; %ANX_FHIRPATH_NODE for every element of the data
 */
AnxFhirpathType
anx_fhirpath_item_get_type (AnxFhirpathItem *self)
{
  g_return_val_if_fail (self != NULL, ANX_FHIRPATH_NODE);
  return self->type;
}

/**
 * anx_fhirpath_item_get_value_type:
 * @self: an item
 *
 * Returns: the type that operators see: of a primitive or Quantity element that of its value
 */
AnxFhirpathType
anx_fhirpath_item_get_value_type (AnxFhirpathItem *self)
{
  g_autoptr (AnxFhirpathItem) value = anx_fhirpath_item_dup_value (self);
  return value != NULL ? value->type : self->type;
}

/**
 * anx_fhirpath_item_get_type_name:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): "Integer" of the plain types; "code", "Coding", "Questionnaire.item" of FHIR; of
 * a primitive about which nothing is known, what its JSON tells: "boolean", "integer", "decimal", "string"; %NULL when
 * unknown
 */
const char *
anx_fhirpath_item_get_type_name (AnxFhirpathItem *self)
{
  static const char *const names[] = {
    "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity"
  };
  g_return_val_if_fail (self != NULL, NULL);
  if (self->type != ANX_FHIRPATH_NODE)
    return names[self->type];
  JsonNode *json = self->of.node.json;
  if (self->of.node.name != NULL || json == NULL || !JSON_NODE_HOLDS_VALUE (json))
    return self->of.node.name;
  GType type = json_node_get_value_type (json);
  return type == G_TYPE_BOOLEAN  ? "boolean"
         : type == G_TYPE_INT64  ? "integer"
         : type == G_TYPE_DOUBLE ? "decimal"
                                 : "string";
}

/**
 * anx_fhirpath_item_get_node:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): the JSON of an element
 */
JsonNode *
anx_fhirpath_item_get_node (AnxFhirpathItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->type == ANX_FHIRPATH_NODE ? self->of.node.json : NULL;
}

/**
 * anx_fhirpath_item_get_parent:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): the element whose child it is, when the expression came through that element
 */
AnxFhirpathItem *
anx_fhirpath_item_get_parent (AnxFhirpathItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->type == ANX_FHIRPATH_NODE ? self->of.node.parent : NULL;
}

static AnxFhirpathItem *
value_of_text (const char *text,
               const char *name)
{
  static const struct
  {
    const char *name;
    AnxTemporalKind kind;
  } times[] = { { "date", ANX_TEMPORAL_DATE },
                { "dateTime", ANX_TEMPORAL_DATE_TIME },
                { "instant", ANX_TEMPORAL_DATE_TIME },
                { "time", ANX_TEMPORAL_TIME } };
  AnxTemporal temporal;
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (times); i++)
    if (strcmp (name, times[i].name) == 0 && anx_temporal_parse (text, times[i].kind, &temporal))
      return anx_fhirpath_item_new_temporal (&temporal);
  return anx_fhirpath_item_new_string (text);
}

static AnxFhirpathItem *
value_of_number (JsonNode *json,
                 const char *name)
{
  AnxDecimal decimal;
  if (json_node_get_value_type (json) == G_TYPE_INT64)
    {
      gint64 number = json_node_get_int (json);
      if (g_strcmp0 (name, "decimal") == 0 || number > G_MAXINT32 || number < G_MININT32)
        return anx_fhirpath_item_new_decimal (anx_decimal_from_int (number));
      return anx_fhirpath_item_new_integer (number);
    }
  return anx_decimal_from_double (json_node_get_double (json), &decimal) ? anx_fhirpath_item_new_decimal (decimal)
                                                                         : NULL;
}

static AnxFhirpathItem *
value_of_quantity (JsonObject *object)
{
  JsonNode *value = json_object_get_member (object, "value");
  JsonNode *unit = json_object_get_member (object, "code");
  AnxDecimal decimal;
  if (unit == NULL)
    unit = json_object_get_member (object, "unit");
  if (value == NULL || !JSON_NODE_HOLDS_VALUE (value) || json_object_has_member (object, "comparator") ||
      (unit != NULL && (!JSON_NODE_HOLDS_VALUE (unit) || json_node_get_value_type (unit) != G_TYPE_STRING)))
    return NULL;
  g_autoptr (AnxFhirpathItem) number =
      json_node_get_value_type (value) == G_TYPE_INT64 || json_node_get_value_type (value) == G_TYPE_DOUBLE
          ? value_of_number (value, "decimal")
          : NULL;
  if (number == NULL || !anx_fhirpath_item_get_decimal (number, &decimal))
    return NULL;
  return anx_fhirpath_item_new_quantity (decimal, unit != NULL ? json_node_get_string (unit) : "1", FALSE);
}

/* What operators see: itself for a plain item, the value of a primitive or Quantity element, NULL for other elements.
 */
AnxFhirpathItem *
anx_fhirpath_item_dup_value (AnxFhirpathItem *self)
{
  if (self->type != ANX_FHIRPATH_NODE)
    return anx_fhirpath_item_ref (self);
  JsonNode *json = self->of.node.json;
  if (json != NULL && JSON_NODE_HOLDS_OBJECT (json))
    return anx_fhir_type_is_a (self->of.node.name, "Quantity") ? value_of_quantity (json_node_get_object (json)) : NULL;
  if (json == NULL || !JSON_NODE_HOLDS_VALUE (json))
    return NULL;
  GType type = json_node_get_value_type (json);
  if (type == G_TYPE_BOOLEAN)
    return anx_fhirpath_item_new_boolean (json_node_get_boolean (json));
  if (type == G_TYPE_STRING)
    return value_of_text (json_node_get_string (json), self->of.node.name);
  return value_of_number (json, self->of.node.name);
}

/**
 * anx_fhirpath_item_get_boolean:
 * @self: an item
 * @out_value: (out): its value
 *
 * Returns: whether it is a boolean
 */
gboolean
anx_fhirpath_item_get_boolean (AnxFhirpathItem *self,
                               gboolean *out_value)
{
  g_return_val_if_fail (self != NULL && out_value != NULL, FALSE);
  g_autoptr (AnxFhirpathItem) value = anx_fhirpath_item_dup_value (self);
  if (value == NULL || value->type != ANX_FHIRPATH_BOOLEAN)
    return FALSE;
  *out_value = value->of.boolean;
  return TRUE;
}

/* An integer, a decimal or a quantity's value, exactly. */
gboolean
anx_fhirpath_item_get_decimal (AnxFhirpathItem *self,
                               AnxDecimal *out_value)
{
  g_autoptr (AnxFhirpathItem) value = anx_fhirpath_item_dup_value (self);
  if (value == NULL)
    return FALSE;
  if (value->type == ANX_FHIRPATH_INTEGER)
    *out_value = anx_decimal_from_int (value->of.integer);
  else if (value->type == ANX_FHIRPATH_DECIMAL)
    *out_value = value->of.decimal;
  else if (value->type == ANX_FHIRPATH_QUANTITY)
    *out_value = value->of.quantity.value;
  else
    return FALSE;
  return TRUE;
}

/**
 * anx_fhirpath_item_get_integer:
 * @self: an item
 * @out_value: (out): its value
 *
 * Returns: whether it is an integer, or a decimal that is whole
 */
gboolean
anx_fhirpath_item_get_integer (AnxFhirpathItem *self,
                               gint64 *out_value)
{
  g_return_val_if_fail (self != NULL && out_value != NULL, FALSE);
  AnxDecimal decimal;
  return anx_fhirpath_item_get_value_type (self) != ANX_FHIRPATH_QUANTITY &&
         anx_fhirpath_item_get_decimal (self, &decimal) && anx_decimal_to_int (decimal, out_value);
}

/**
 * anx_fhirpath_item_get_double:
 * @self: an item
 * @out_value: (out): its value, the double nearest to the exact decimal
 *
 * Returns: whether it is an integer, a decimal or a quantity, whose unit is left out
 */
gboolean
anx_fhirpath_item_get_double (AnxFhirpathItem *self,
                              double *out_value)
{
  g_return_val_if_fail (self != NULL && out_value != NULL, FALSE);
  AnxDecimal decimal;
  if (!anx_fhirpath_item_get_decimal (self, &decimal))
    return FALSE;
  *out_value = anx_decimal_to_double (decimal);
  return TRUE;
}

static const char *const calendar_names[] = {
  "year", "month", "week", "day", "hour", "minute", "second", "millisecond"
};

const char *
anx_fhirpath_calendar_name (AnxCalendarUnit unit)
{
  return calendar_names[unit];
}

/* The words, singular and plural. */
gboolean
anx_fhirpath_calendar_unit (const char *unit,
                            AnxCalendarUnit *out_unit)
{
  for (guint i = 0; i < G_N_ELEMENTS (calendar_names); i++)
    {
      gsize length = strlen (calendar_names[i]);
      if (strncmp (unit, calendar_names[i], length) == 0 && (unit[length] == '\0' || strcmp (unit + length, "s") == 0))
        {
          *out_unit = (AnxCalendarUnit) i;
          return TRUE;
        }
    }
  return FALSE;
}

/* A quantity as toQuantity() reads it: a number, alone, with a quoted unit, or with a calendar word. */
gboolean
anx_fhirpath_quantity_parse (const char *text,
                             AnxFhirpathItem **out_item)
{
  AnxDecimal value;
  AnxCalendarUnit unit;
  gsize length = strspn (text, "+-0123456789.");
  if (length == 0 || length > 60)
    return FALSE;
  g_autofree char *number = g_strndup (text, length);
  if (!anx_decimal_parse (number, &value))
    return FALSE;
  const char *rest = text + length + strspn (text + length, " \t\r\n");
  gsize size = strlen (rest);
  if (size == 0)
    *out_item = anx_fhirpath_item_new_quantity (value, "1", FALSE);
  else if (size > 2 && size < 256 && rest[0] == '\'' && strchr (rest + 1, '\'') == rest + size - 1)
    {
      g_autofree char *code = g_strndup (rest + 1, size - 2);
      *out_item = anx_fhirpath_item_new_quantity (value, code, FALSE);
    }
  else if (rest != text + length && anx_fhirpath_calendar_unit (rest, &unit))
    *out_item = anx_fhirpath_item_new_quantity (value, calendar_names[unit], TRUE);
  else
    return FALSE;
  return TRUE;
}

/**
 * anx_fhirpath_item_dup_string:
 * @self: an item
 *
 * Returns: (transfer full) (nullable): what toString() gives; %NULL for an element without a value
 */
char *
anx_fhirpath_item_dup_string (AnxFhirpathItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_autoptr (AnxFhirpathItem) value = anx_fhirpath_item_dup_value (self);
  if (value == NULL)
    return NULL;
  switch (value->type)
    {
    case ANX_FHIRPATH_BOOLEAN:
      return g_strdup (value->of.boolean ? "true" : "false");
    case ANX_FHIRPATH_STRING:
      return g_strdup (value->of.string);
    case ANX_FHIRPATH_INTEGER:
      return g_strdup_printf ("%" G_GINT64_FORMAT, value->of.integer);
    case ANX_FHIRPATH_DECIMAL:
      return anx_decimal_to_string (value->of.decimal);
    case ANX_FHIRPATH_DATE:
    case ANX_FHIRPATH_DATE_TIME:
    case ANX_FHIRPATH_TIME:
      return anx_temporal_to_string (&value->of.temporal);
    case ANX_FHIRPATH_QUANTITY:
      {
        g_autofree char *number = anx_decimal_to_string (value->of.quantity.value);
        gboolean one = anx_decimal_compare (value->of.quantity.value, anx_decimal_from_int (1)) == 0;
        return value->of.quantity.calendar
                   ? g_strdup_printf ("%s %s%s", number, value->of.quantity.unit, one ? "" : "s")
                   : g_strdup_printf ("%s '%s'", number, value->of.quantity.unit);
      }
    case ANX_FHIRPATH_NODE:
    default:
      return NULL;
    }
}

/**
 * anx_fhirpath_item_to_json:
 * @self: an item
 *
 * Returns: (transfer full): it as FHIR JSON: numbers, booleans, texts (dates too), a Quantity, a copy of an element
 */
JsonNode *
anx_fhirpath_item_to_json (AnxFhirpathItem *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  JsonNode *json = json_node_alloc ();
  switch (self->type)
    {
    case ANX_FHIRPATH_NODE:
      json_node_free (json);
      return self->of.node.json != NULL ? json_node_copy (self->of.node.json)
                                        : json_node_init_null (json_node_alloc ());
    case ANX_FHIRPATH_BOOLEAN:
      return json_node_init_boolean (json, self->of.boolean);
    case ANX_FHIRPATH_INTEGER:
      return json_node_init_int (json, self->of.integer);
    case ANX_FHIRPATH_DECIMAL:
      return json_node_init_double (json, anx_decimal_to_double (self->of.decimal));
    case ANX_FHIRPATH_QUANTITY:
      {
        JsonObject *object = json_object_new ();
        json_object_set_double_member (object, "value", anx_decimal_to_double (self->of.quantity.value));
        json_object_set_string_member (object, "unit", self->of.quantity.unit);
        if (!self->of.quantity.calendar)
          {
            json_object_set_string_member (object, "system", "http://unitsofmeasure.org");
            json_object_set_string_member (object, "code", self->of.quantity.unit);
          }
        json_node_init (json, JSON_NODE_OBJECT);
        json_node_take_object (json, object);
        return json;
      }
    case ANX_FHIRPATH_STRING:
    case ANX_FHIRPATH_DATE:
    case ANX_FHIRPATH_DATE_TIME:
    case ANX_FHIRPATH_TIME:
    default:
      {
        g_autofree char *text = anx_fhirpath_item_dup_string (self);
        return json_node_init_string (json, text);
      }
    }
}

static const char *const system_names[] = { "Boolean", "String",   "Integer", "Decimal",
                                            "Date",    "DateTime", "Time",    "Quantity" };

/* Whether is(), as() and ofType() can be asked for it. */
gboolean
anx_fhirpath_type_exists (const char *space,
                          const char *name)
{
  if (space == NULL || strcmp (space, "System") == 0)
    {
      if (strcmp (name, "Any") == 0)
        return TRUE;
      for (guint i = 0; i < G_N_ELEMENTS (system_names); i++)
        if (strcmp (name, system_names[i]) == 0)
          return TRUE;
    }
  /* System.Patient may be asked for; nothing is one. */
  return (space == NULL || strcmp (space, "FHIR") == 0 || strcmp (space, "System") == 0) &&
         anx_fhir_type_find (name) != NULL;
}

/* @exact: as() and ofType() do not take a code for a string; resources and Quantities still count as what they derive
 * from. */
gboolean
anx_fhirpath_item_is (AnxFhirpathItem *self,
                      const char *space,
                      const char *name,
                      gboolean exact)
{
  if (self->type != ANX_FHIRPATH_NODE)
    return (space == NULL || strcmp (space, "System") == 0) &&
           (strcmp (name, "Any") == 0 || strcmp (name, system_names[self->type]) == 0);
  if (space != NULL && strcmp (space, "FHIR") != 0)
    return FALSE;
  const char *own = anx_fhirpath_item_get_type_name (self);
  if (own == NULL)
    return FALSE;
  return exact && anx_fhir_type_is_primitive (own) ? strcmp (own, name) == 0 : anx_fhir_type_is_a (own, name);
}
