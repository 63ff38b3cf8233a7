/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answers-private.h"

#include <glib/gi18n.h>

#include "care-error.h"

/*
 * Instances of repeating groups, and in which order what is in them is asked.
 *
 * A7  Slots keep their index as long as they live, and no index is given twice.
 */
#define fail anx_care_fail

/**
 * anx_frame_free:
 * @data: (transfer full): an #AnxFrame
 *
 * Frees it with all that is in it; the slots stay.
 */
void
anx_frame_free (gpointer data)
{
  AnxFrame *frame = data;
  g_clear_pointer (&frame->children, g_ptr_array_unref);
  g_free (frame->places);
  g_free (frame->open);
  g_free (frame);
}

static gboolean
is_repeating_group (const AnxNode *node)
{
  return node->type == ANX_ITEM_GROUP && node->repeats;
}

static void
get_range (AnxAnswers *self,
           guint group,
           guint *out_from,
           guint *out_to)
{
  *out_from = group == G_MAXUINT ? 0 : group + 1;
  *out_to = group == G_MAXUINT ? self->questionnaire->nodes->len : anx_questionnaire_get_node (self->questionnaire, group)->end;
}

static AnxFrame *
frame_new (AnxAnswers *self,
           AnxFrame *parent,
           guint group,
           gboolean first)
{
  AnxQuestionnaire *questionnaire = self->questionnaire;
  AnxFrame *frame = g_new0 (AnxFrame, 1);
  frame->parent = parent;
  frame->id = self->n_frames++;
  frame->group = group;
  if (questionnaire->n_enable_slots > 0)
    frame->open = g_new0 (guint8, questionnaire->n_enable_slots);
  guint from, to;
  get_range (self, group, &from, &to);
  for (guint i = from; i < to; i++)
    {
      AnxNode *node = anx_questionnaire_get_node (questionnaire, i);
      frame->n_places += node->question != G_MAXUINT && node->frame == group ? 1 : 0;
    }
  self->unseen = TRUE;
  frame->places = g_new (guint, frame->n_places + 1);
  for (guint i = from; i < to;)
    {
      AnxNode *node = anx_questionnaire_get_node (questionnaire, i);
      if (node->question != G_MAXUINT)
        {
          AnxSlot slot = { .question = node->question, .frame = frame };
          guint place = first ? node->question : self->slots->len;
          if (first)
            g_array_index (self->slots, AnxSlot, place) = slot;
          else
            g_array_append_val (self->slots, slot);
          frame->places[node->local] = place;
        }
      if (!is_repeating_group (node))
        {
          i++;
          continue;
        }
      if (frame->children == NULL)
        frame->children = g_ptr_array_new_with_free_func (anx_frame_free);
      g_ptr_array_add (frame->children, frame_new (self, frame, i, first));
      i = node->end;
    }
  return frame;
}

static void
walk (AnxAnswers *self,
      AnxFrame *frame,
      guint from,
      guint to)
{
  for (guint i = from; i < to;)
    {
      AnxNode *node = anx_questionnaire_get_node (self->questionnaire, i);
      if (is_repeating_group (node))
        {
          for (guint k = 0; k < frame->children->len; k++)
            {
              AnxFrame *child = frame->children->pdata[k];
              if (child->group == i)
                walk (self, child, i + 1, node->end);
            }
          i = node->end;
          continue;
        }
      if (node->question < self->questionnaire->n_pages)
        g_array_append_val (self->order, frame->places[node->local]);
      i++;
    }
}

static void
find_order (AnxAnswers *self)
{
  g_array_set_size (self->order, 0);
  walk (self, self->root, 0, self->questionnaire->nodes->len);
}

/**
 * anx_answers_add_frame:
 * @self: a filling in
 * @parent: the frame around it
 * @group: the place of a repeating group whose nearest frame @parent is
 * @error: return location, %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer none) (nullable): a further instance, behind those that are there
 */
AnxFrame *
anx_answers_add_frame (AnxAnswers *self,
                       AnxFrame *parent,
                       guint group,
                       GError **error)
{
  AnxNode *node = anx_questionnaire_get_node (self->questionnaire, group);
  guint place = 0, count = 0;
  for (guint i = 0; i < parent->children->len; i++)
    {
      AnxFrame *child = parent->children->pdata[i];
      if (child->group > group)
        break;
      place = i + 1;
      count += child->group == group ? 1 : 0;
    }
  if (self->n_frames >= ANX_MAX_FRAMES || self->slots->len >= ANX_MAX_SLOTS || (node->max_occurs > 0 && count >= node->max_occurs))
    {
      fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("%s: no more of this group can be added"), node->link_id);
      return NULL;
    }
  AnxFrame *frame = frame_new (self, parent, group, FALSE);
  g_ptr_array_insert (parent->children, (int) place, frame);
  find_order (self);
  anx_answers_changed (self);
  return frame;
}

/**
 * anx_answers_open_root:
 * @self: a filling in without frames, with an empty slot for each question
 *
 * Makes the questionnaire itself and the first instance of each repeating group.
 */
void
anx_answers_open_root (AnxAnswers *self)
{
  self->root = frame_new (self, NULL, G_MAXUINT, TRUE);
  find_order (self);
}

static void
forget_slots (AnxAnswers *self,
              AnxFrame *frame)
{
  for (guint i = 0; i < frame->n_places; i++)
    {
      AnxSlot *slot = &g_array_index (self->slots, AnxSlot, frame->places[i]);
      anx_slot_clear (slot);
      slot->frame = NULL;
    }
  self->unseen = TRUE;
  for (guint i = 0; frame->children != NULL && i < frame->children->len; i++)
    forget_slots (self, frame->children->pdata[i]);
}

/**
 * anx_answers_add_group:
 * @self: a filling in
 * @index: an item in a repeating group
 * @error: return location, %ANX_CARE_ERROR_NOT_ALLOWED when it is in none, %ANX_CARE_ERROR_TOO_LARGE
 *
 * Adds one more of the innermost repeating group around the item, behind those that are there.
 *
 * Returns: the index of its first question, %G_MAXUINT on error or when the group has no question
 */
guint
anx_answers_add_group (AnxAnswers *self,
                       guint index,
                       GError **error)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), G_MAXUINT);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  if (slot == NULL || slot->frame->parent == NULL)
    {
      fail (error, ANX_CARE_ERROR_NOT_ALLOWED, N_ ("This item is in no repeating group"));
      return G_MAXUINT;
    }
  AnxFrame *frame = anx_answers_add_frame (self, slot->frame->parent, slot->frame->group, error);
  return frame != NULL && frame->n_places > 0 ? frame->places[0] : G_MAXUINT;
}

/**
 * anx_answers_remove_group:
 * @self: a filling in
 * @index: an item in a repeating group
 * @error: return location, %ANX_CARE_ERROR_NOT_ALLOWED when it is in none or in the first of its kind
 *
 * Takes the innermost instance around the item away, with its answers.
 *
 * Returns: whether it is gone
 */
gboolean
anx_answers_remove_group (AnxAnswers *self,
                          guint index,
                          GError **error)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), FALSE);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  AnxFrame *frame = slot != NULL ? slot->frame : NULL;
  if (frame == NULL || frame->parent == NULL || anx_answers_get_group_number (self, index) == 1)
    return fail (error, ANX_CARE_ERROR_NOT_ALLOWED, N_ ("The first of a group stays"));
  forget_slots (self, frame);
  g_ptr_array_remove (frame->parent->children, frame);
  find_order (self);
  anx_answers_changed (self);
  return TRUE;
}

/**
 * anx_answers_get_group_number:
 * @self: a filling in
 * @index: an index
 *
 * Returns: which instance of its innermost repeating group it stands in, from 1; 1 when it stands in none
 */
guint
anx_answers_get_group_number (AnxAnswers *self,
                              guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), 0);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  if (slot == NULL || slot->frame->parent == NULL)
    return 1;
  guint number = 0;
  for (guint i = 0; i < slot->frame->parent->children->len; i++)
    {
      AnxFrame *sibling = slot->frame->parent->children->pdata[i];
      number += sibling->group == slot->frame->group ? 1 : 0;
      if (sibling == slot->frame)
        break;
    }
  return number;
}
