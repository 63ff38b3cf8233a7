/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>

#include "bounds.h"
#include "keyboard.h"
#include "keypad.h"
#include "pinyin-lookup.h"
#include "test-display.h"
#include "ui-text.h"

static AnxKeyboard *
make_keyboard (const char *language)
{
  anx_ui_set_language (language);
  return ANX_KEYBOARD (g_object_ref_sink (anx_keyboard_new ("?")));
}

static void
type (AnxKeyboard *keyboard,
      const char *letters)
{
  for (const char *p = letters; *p != '\0'; p++)
    {
      char key[2] = { *p, '\0' };
      anx_keyboard_press (keyboard, key);
    }
}

static gboolean
choose (AnxKeyboard *keyboard,
        const char *text)
{
  g_autoptr (GPtrArray) shown = anx_keyboard_list_shown (keyboard);
  for (guint i = 0; i < shown->len; i++)
    if (g_str_equal (g_ptr_array_index (shown, i), text))
      {
        anx_keyboard_choose (keyboard, i);
        return TRUE;
      }
  return FALSE;
}

/* Names of people stand among the candidates that are shown first. */
static void
test_names (void)
{
  static const struct { const char *letters, *name; } table[] = {
    { "zhangsan", "张三" }, { "wangxiaoming", "王晓明" }, { "lijianguo", "李建国" }, { "chenxiuying", "陈秀英" },
    { "ouyangxiu", "欧阳修" }, { "zhang", "张" }, { "li", "李" }, { "zhouenlai", "周恩来" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (AnxKeyboard) keyboard = make_keyboard ("zh_CN");
      g_test_message ("%s", table[i].letters);
      type (keyboard, table[i].letters);
      g_assert_true (anx_keyboard_is_composing (keyboard));
      g_assert_true (choose (keyboard, table[i].name));
      g_assert_cmpstr (anx_keyboard_get_text (keyboard), ==, table[i].name);
      g_assert_false (anx_keyboard_is_composing (keyboard));
    }
}

/* A surname alone, then the rest character by character: the letters behind the choice go on waiting. */
static void
test_character_by_character (void)
{
  g_autoptr (AnxPinyin) pinyin = anx_pinyin_new (NULL);
  g_autoptr (GPtrArray) found = anx_pinyin_look_up (pinyin, "zhangweiqiang", TRUE);
  gboolean seen = FALSE;
  for (guint i = 0; i < found->len; i++)
    {
      const AnxPinyinCandidate *candidate = g_ptr_array_index (found, i);
      if (g_str_equal (candidate->text, "张"))
        {
          g_assert_cmpuint (candidate->n_letters, ==, 5);
          seen = TRUE;
        }
    }
  g_assert_true (seen);

  g_autoptr (AnxKeyboard) keyboard = make_keyboard ("zh_CN");
  type (keyboard, "zhang");
  g_assert_true (choose (keyboard, "张"));
  type (keyboard, "wei");
  anx_keyboard_press (keyboard, " ");
  g_assert_false (anx_keyboard_is_composing (keyboard));
  g_assert_cmpint (g_utf8_strlen (anx_keyboard_get_text (keyboard), -1), ==, 2);
  anx_keyboard_press (keyboard, "·");
  g_assert_true (g_str_has_suffix (anx_keyboard_get_text (keyboard), "·"));
  anx_keyboard_press (keyboard, "erase");
  anx_keyboard_press (keyboard, "erase");
  g_assert_cmpstr (anx_keyboard_get_text (keyboard), ==, "张");
  anx_keyboard_press (keyboard, "clear");
  g_assert_cmpstr (anx_keyboard_get_text (keyboard), ==, "");
}

static void
test_letters (void)
{
  g_autoptr (AnxKeyboard) keyboard = make_keyboard ("en");
  g_assert_true (anx_keyboard_get_latin (keyboard));
  anx_keyboard_press (keyboard, " ");
  type (keyboard, "ann");
  anx_keyboard_press (keyboard, " ");
  anx_keyboard_press (keyboard, "shift");
  type (keyboard, "lee");
  g_assert_cmpstr (anx_keyboard_get_text (keyboard), ==, "Ann Lee");
  g_assert_false (anx_keyboard_is_composing (keyboard));
  anx_keyboard_press (keyboard, "mode");
  g_assert_false (anx_keyboard_get_latin (keyboard));
  type (keyboard, "wo");
  g_assert_true (anx_keyboard_is_composing (keyboard));
  g_assert_cmpstr (anx_keyboard_get_text (keyboard), ==, "Ann Lee");
}

static void
test_bounds (void)
{
  g_autoptr (AnxKeyboard) keyboard = make_keyboard ("en");
  for (int i = 0; i < 3 * ANX_BOUND_NAME_CHARS; i++)
    anx_keyboard_press (keyboard, "a");
  g_assert_cmpint (g_utf8_strlen (anx_keyboard_get_text (keyboard), -1), ==, ANX_BOUND_NAME_CHARS);
  anx_keyboard_press (keyboard, "clear");
  anx_keyboard_press (keyboard, "mode");
  for (int i = 0; i < 3 * ANX_PINYIN_MAX_LETTERS; i++)
    anx_keyboard_press (keyboard, "a");
  g_assert_true (anx_keyboard_is_composing (keyboard));
  anx_keyboard_press (keyboard, "0");
  anx_keyboard_press (keyboard, "F13");
  g_autoptr (AnxPinyin) pinyin = anx_pinyin_new (NULL);
  static const char *const hostile[] = { "", "'", "''", "ZHANG", "张", "zhang3", "a b", "v", "i", "u", "zzzzzzzzzz", "'a'" };
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autoptr (GPtrArray) found = anx_pinyin_look_up (pinyin, hostile[i], TRUE);
      g_assert_nonnull (found);
    }
}

/* Choosing the second candidate many times must not bring it to the front: nothing is learnt, by this one or the next resident. */
static void
test_learns_nothing (void)
{
  g_autofree char *before = NULL;
  for (int round = 0; round < 20; round++)
    {
      g_autoptr (AnxKeyboard) keyboard = make_keyboard ("zh_CN");
      type (keyboard, "shanghai");
      g_autoptr (GPtrArray) shown = anx_keyboard_list_shown (keyboard);
      g_autofree char *list = NULL;
      g_ptr_array_add (shown, NULL);
      list = g_strjoinv (" ", (char **) shown->pdata);
      if (before != NULL)
        g_assert_cmpstr (list, ==, before);
      g_free (before);
      before = g_steal_pointer (&list);
      anx_keyboard_choose (keyboard, 1);
    }
  g_assert_false (g_file_test ("/nonexistent/anxin", G_FILE_TEST_EXISTS));
}

static void
count (gpointer object,
       guint *n)
{
  (*n)++;
}

static void
test_tells_of_typing (void)
{
  guint n = 0;
  g_autoptr (AnxKeyboard) keyboard = make_keyboard ("zh_CN");
  g_signal_connect (keyboard, "typed", G_CALLBACK (count), &n);
  type (keyboard, "li");
  anx_keyboard_press (keyboard, "erase");
  g_assert_cmpuint (n, ==, 3);

  n = 0;
  g_autoptr (AnxKeypad) keypad = ANX_KEYPAD (g_object_ref_sink (anx_keypad_new ("1234567890", 3, 11, ANX_KEYPAD_PHONE, "?")));
  g_signal_connect (keypad, "typed", G_CALLBACK (count), &n);
  for (int i = 0; i < 20; i++)
    anx_keypad_press (keypad, "1");
  anx_keypad_press (keypad, "A");
  anx_keypad_press (keypad, "erase");
  g_assert_cmpuint (n, ==, 22);
  g_assert_cmpstr (anx_keypad_get_text (keypad), ==, "1111111111");
  anx_keypad_set_text (keypad, "+86 138-1234");
  g_assert_cmpstr (anx_keypad_get_text (keypad), ==, "861381234");
  anx_keypad_press (keypad, "clear");
  g_assert_cmpstr (anx_keypad_get_text (keypad), ==, "");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!anx_test_display_open (1080, 1920))
    {
      g_print ("1..0 # SKIP no Xvfb\n");
      return 0;
    }
  g_test_add_func ("/kiosk/keyboard/names", test_names);
  g_test_add_func ("/kiosk/keyboard/character-by-character", test_character_by_character);
  g_test_add_func ("/kiosk/keyboard/letters", test_letters);
  g_test_add_func ("/kiosk/keyboard/bounds", test_bounds);
  g_test_add_func ("/kiosk/keyboard/learns-nothing", test_learns_nothing);
  g_test_add_func ("/kiosk/keyboard/tells-of-typing", test_tells_of_typing);
  return g_test_run ();
}
