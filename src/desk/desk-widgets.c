/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-widgets.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "json.h"
#include "ui-text.h"

/**
 * anx_desk_label_new:
 * @text: (nullable): what it says
 * @css_class: (nullable): a style class
 *
 * Returns: (transfer floating): a wrapping label that begins at the left
 */
GtkWidget *
anx_desk_label_new (const char *text,
                    const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
set_action (GtkWidget *button,
            const char *action,
            const char *target)
{
  if (action == NULL)
    return;
  /* The target first: a name without it would not fit the action. */
  if (target != NULL)
    gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", target);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  if (target == NULL)
    return;
  /* The name makes the same button of a rebuilt list known again, so that the focus can go back to it. */
  g_autofree char *name = g_strdup_printf ("%s %s", action, target);
  gtk_widget_set_name (button, name);
}

/**
 * anx_desk_button_new:
 * @label: its word, with a mnemonic
 * @css_class: (nullable): a style class
 * @action: (nullable): an action's full name
 * @target: (nullable): the action's parameter
 *
 * Returns: (transfer floating): a button
 */
GtkWidget *
anx_desk_button_new (const char *label,
                     const char *css_class,
                     const char *action,
                     const char *target)
{
  GtkWidget *button = gtk_button_new ();
  gtk_button_set_use_underline (GTK_BUTTON (button), TRUE);
  anx_desk_button_set_label (GTK_BUTTON (button), label, NULL);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  if (css_class != NULL)
    gtk_widget_add_css_class (button, css_class);
  set_action (button, action, target);
  return button;
}

/**
 * anx_desk_button_set_label:
 * @button: a button with a text
 * @label: what is seen, with its mnemonic if the button uses one
 * @name: (nullable): what a screen reader says instead
 */
void
anx_desk_button_set_label (GtkButton *button,
                           const char *label,
                           const char *name)
{
  gtk_button_set_label (button, label);
  if (name == NULL)
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
  else
    {
      gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
      anx_ui_set_accessible_name (GTK_WIDGET (button), name);
    }
}

/**
 * anx_desk_set_mnemonic:
 * @label: a label with a mnemonic
 * @widget: what the mnemonic leads to
 * @name: what a screen reader says for @widget
 */
void
anx_desk_set_mnemonic (GtkWidget *label,
                       GtkWidget *widget,
                       const char *name)
{
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), widget);
  /* Else the name would be said twice, from the label and from the property. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  anx_ui_set_accessible_name (widget, name);
}

/**
 * anx_desk_icon_button_new:
 * @icon: a symbolic icon
 * @name: what it does, for tooltip and screen readers
 * @action: (nullable): an action's full name
 * @target: (nullable): the action's parameter
 *
 * Returns: (transfer floating): a flat button
 */
GtkWidget *
anx_desk_icon_button_new (const char *icon,
                          const char *name,
                          const char *action,
                          const char *target)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, name);
  anx_ui_set_accessible_name (button, name);
  set_action (button, action, target);
  return button;
}

/**
 * anx_desk_chip_new:
 * @icon: a symbolic icon
 * @text: the word beside it: nothing is told by colour alone
 * @css_class: `quiet`, `good`, `warn` or `bad`
 *
 * Returns: (transfer floating): a small mark
 */
GtkWidget *
anx_desk_chip_new (const char *icon,
                   const char *text,
                   const char *css_class)
{
  GtkWidget *chip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_add_css_class (chip, "chip");
  gtk_widget_add_css_class (chip, css_class);
  gtk_widget_set_valign (chip, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (chip), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (chip), gtk_label_new (text));
  return chip;
}

/**
 * anx_desk_light_new:
 * @light: green, yellow or red
 * @due_usec: when the next step is due, microseconds of UTC; 0 = nothing is due
 * @now_usec: the time now
 * @zone: (nullable): the time zone
 *
 * Returns: (transfer floating): the light of a referral, with its words
 */
GtkWidget *
anx_desk_light_new (AnxLevel light,
                    gint64 due_usec,
                    gint64 now_usec,
                    const char *zone)
{
  g_autofree char *when = NULL;
  g_autofree char *text = NULL;

  if (due_usec == 0)
    return anx_desk_chip_new ("object-select-symbolic", _("Nothing is due"), "quiet");
  when = anx_ui_format_day_time (due_usec, zone);
  if (due_usec < now_usec)
    text = g_strdup_printf (_("Overdue since %s"), when);
  else if (light == ANX_LEVEL_YELLOW)
    text = g_strdup_printf (_("Due soon: %s"), when);
  else
    text = g_strdup_printf (_("Due %s"), when);
  if (light == ANX_LEVEL_RED)
    return anx_desk_chip_new ("dialog-error-symbolic", text, "bad");
  if (light == ANX_LEVEL_YELLOW)
    return anx_desk_chip_new ("dialog-warning-symbolic", text, "warn");
  return anx_desk_chip_new ("object-select-symbolic", text, "good");
}

/**
 * anx_desk_list_new:
 *
 * Returns: (transfer floating): a framed list whose rows are not selected, only their buttons are pressed
 */
GtkWidget *
anx_desk_list_new (void)
{
  GtkWidget *list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  return list;
}

/**
 * anx_desk_row_new:
 * @title: plain text
 * @subtitle: (nullable): plain text
 *
 * Returns: (transfer floating): an #AdwActionRow that reads its texts as they are: a name is never markup
 */
GtkWidget *
anx_desk_row_new (const char *title,
                  const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  /* libadwaita 1.2 reads the subtitle as markup whatever use-markup says. */
  g_autofree char *escaped = subtitle != NULL ? g_markup_escape_text (subtitle, -1) : NULL;
  if (escaped != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), escaped);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

/**
 * anx_desk_switch_row_new:
 * @title: what is switched
 * @subtitle: (nullable): a second line
 * @out_switch: (out) (transfer none): the switch
 *
 * Returns: (transfer floating): a row with a switch named for screen readers
 */
GtkWidget *
anx_desk_switch_row_new (const char *title,
                         const char *subtitle,
                         GtkSwitch **out_switch)
{
  GtkWidget *row = anx_desk_row_new (title, subtitle);
  GtkWidget *button = gtk_switch_new ();

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  /* The row has just named the switch by itself; the name would be said twice. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  anx_ui_set_accessible_name (button, title);
  *out_switch = GTK_SWITCH (button);
  return row;
}

/**
 * anx_desk_heading_new:
 * @text: the heading of a group
 *
 * Returns: (transfer floating): a label
 */
GtkWidget *
anx_desk_heading_new (const char *text)
{
  GtkWidget *label = anx_desk_label_new (text, "heading");
  gtk_widget_set_margin_top (label, 12);
  return label;
}

/**
 * anx_desk_page_new:
 * @content: (transfer floating): what scrolls
 * @width: greatest width, px
 *
 * Returns: (transfer floating): a scrolled, centred page
 */
GtkWidget *
anx_desk_page_new (GtkWidget *content,
                   int width)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), width);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), width);
  adw_clamp_set_child (ADW_CLAMP (clamp), content);
  gtk_widget_add_css_class (content, "page");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

static void
describe (GtkWidget *widget,
          GString *text)
{
  g_autofree char *classes = NULL;
  g_auto (GStrv) names = gtk_widget_get_css_classes (widget);

  classes = g_strjoinv (",", names);
  g_string_append_printf (text, "(%s#%s.%s%d%d", G_OBJECT_TYPE_NAME (widget), gtk_widget_get_name (widget), classes,
                          gtk_widget_get_visible (widget), gtk_widget_get_sensitive (widget));
  if (GTK_IS_LABEL (widget))
    g_string_append (text, gtk_label_get_label (GTK_LABEL (widget)));
  else if (GTK_IS_IMAGE (widget) && gtk_image_get_icon_name (GTK_IMAGE (widget)) != NULL)
    g_string_append (text, gtk_image_get_icon_name (GTK_IMAGE (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    describe (child, text);
  g_string_append_c (text, ')');
}

static GtkWidget *
find_named (GtkWidget *widget,
            const char *name)
{
  if (g_strcmp0 (gtk_widget_get_name (widget), name) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_named (child, name);
      if (found != NULL)
        return found;
    }
  return NULL;
}

/**
 * anx_desk_place_update:
 * @place: where it stands
 * @fresh: (transfer floating): what shall be seen there now
 *
 * Rebuilding a list would take the keyboard focus and a screen reader's place away, so a list that looks as
 * before is left alone, and after a change the focus goes back to the button of the same name.
 */
void
anx_desk_place_update (AdwBin *place,
                       GtkWidget *fresh)
{
  GtkWidget *old = adw_bin_get_child (place);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (place));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GString *text = g_string_new (NULL);
  g_autofree char *name = NULL;

  describe (fresh, text);
  g_autofree char *look = g_string_free (text, FALSE);
  const char *before = g_object_get_data (G_OBJECT (place), "look");
  if (old != NULL && g_strcmp0 (look, before) == 0)
    {
      g_object_ref_sink (fresh);
      g_object_unref (fresh);
      return;
    }
  if (focus != NULL && old != NULL && gtk_widget_is_ancestor (focus, old))
    name = g_strdup (gtk_widget_get_name (focus));
  g_object_set_data_full (G_OBJECT (place), "look", g_steal_pointer (&look), g_free);
  adw_bin_set_child (place, fresh);
  GtkWidget *again = name != NULL ? find_named (fresh, name) : NULL;
  if (again != NULL)
    gtk_widget_grab_focus (again);
}

/* Nothing is told by colour alone. */
static const struct
{
  const char *status;
  const char *text;
  const char *style;
  const char *icon;
} statuses[] = {
  { "proposed", N_ ("Asked for"), "asked", "dialog-question-symbolic" },
  { "pending", N_ ("Not yet confirmed"), "asked", "dialog-question-symbolic" },
  { "booked", N_ ("Booked"), "booked", "x-office-calendar-symbolic" },
  { "checked-in", N_ ("Waiting"), "waiting", "alarm-symbolic" },
  { "arrived", N_ ("In session"), "session", "media-playback-start-symbolic" },
  { "fulfilled", N_ ("Finished"), "done", "object-select-symbolic" },
  { "cancelled", N_ ("Cancelled"), "away", "window-close-symbolic" },
  { "noshow", N_ ("Did not come"), "away", "action-unavailable-symbolic" },
  { "waitlist", N_ ("On the waiting list"), "asked", "dialog-question-symbolic" },
  { "entered-in-error", N_ ("Entered by mistake"), "asked", "dialog-question-symbolic" },
};

static gsize
find_status (const char *status)
{
  gsize i = 0;

  while (i < G_N_ELEMENTS (statuses) && g_strcmp0 (statuses[i].status, status) != 0)
    i++;
  return i;
}

/**
 * anx_desk_booking_status_text:
 * @status: (nullable): FHIR R4 Appointment.status
 *
 * Returns: its words; one that is not known stands for itself
 */
const char *
anx_desk_booking_status_text (const char *status)
{
  gsize i = find_status (status);

  if (i == G_N_ELEMENTS (statuses))
    return status != NULL ? status : "";
  return _ (statuses[i].text);
}

/**
 * anx_desk_booking_status_style:
 * @status: (nullable): FHIR R4 Appointment.status
 *
 * Returns: the style class of its cell in the calendar
 */
const char *
anx_desk_booking_status_style (const char *status)
{
  gsize i = find_status (status);

  return i < G_N_ELEMENTS (statuses) ? statuses[i].style : "asked";
}

/**
 * anx_desk_booking_status_icon:
 * @status: (nullable): FHIR R4 Appointment.status
 *
 * Returns: a symbolic icon that says the same as its words
 */
const char *
anx_desk_booking_status_icon (const char *status)
{
  gsize i = find_status (status);

  return i < G_N_ELEMENTS (statuses) ? statuses[i].icon : "dialog-question-symbolic";
}

/**
 * anx_desk_urgency_text:
 * @urgency: an urgency
 *
 * Returns: its words
 */
const char *
anx_desk_urgency_text (AnxUrgency urgency)
{
  switch (urgency)
    {
    case ANX_URGENCY_URGENT:
      return _ ("Urgent");
    case ANX_URGENCY_IMMEDIATE:
      return _ ("At once");
    case ANX_URGENCY_ROUTINE:
    default:
      return _ ("Routine");
    }
}

/**
 * anx_desk_level_text:
 * @level: a level
 *
 * Returns: its words
 */
const char *
anx_desk_level_text (AnxLevel level)
{
  switch (level)
    {
    case ANX_LEVEL_GREEN:
      return _ ("Green");
    case ANX_LEVEL_YELLOW:
      return _ ("Yellow: needs attention");
    case ANX_LEVEL_RED:
    default:
      return _ ("Red: acute danger possible");
    }
}

/**
 * anx_desk_minutes_text:
 * @minutes: 0 or more
 *
 * Returns: (transfer full): how long, in words
 */
char *
anx_desk_minutes_text (gint64 minutes)
{
  if (minutes < 1)
    return g_strdup (_ ("just now"));
  if (minutes >= 120)
    return g_strdup_printf (ngettext ("for %d hour", "for %d hours", (gulong) (minutes / 60)), (int) (minutes / 60));
  return g_strdup_printf (ngettext ("for %d minute", "for %d minutes", (gulong) minutes), (int) minutes);
}

/**
 * anx_desk_describe_person:
 * @service: the service
 * @booking: (nullable): a booking's id
 *
 * Returns: (transfer full): the resident's name as the contact record says it, or what is known instead
 */
char *
anx_desk_describe_person (AnxDeskService *service,
                          const char *booking)
{
  const AnxDeskContact *contact = anx_desk_model_get_contact (anx_desk_service_get_model (service), booking);

  if (contact == NULL)
    return g_strdup (_ ("Name not yet here"));
  if (contact->alias)
    return g_strdup_printf (_ ("%s (chosen name)"), contact->name);
  return g_strdup (contact->name);
}

/**
 * anx_desk_describe_booking:
 * @service: the service
 * @booking: a booking
 *
 * Returns: (transfer full): when, who, how it stands, what about, with whom and where, as a screen reader says it
 */
char *
anx_desk_describe_booking (AnxDeskService *service,
                           const AnxDeskBooking *booking)
{
  const char *zone = anx_desk_service_get_zone (service);
  g_autofree char *person = anx_desk_describe_person (service, booking->id);
  g_autofree char *when = anx_ui_format_day_time (booking->start_usec, zone);
  g_autofree char *until = anx_ui_format_time (booking->end_usec, zone);

  return g_strdup_printf ("%s–%s, %s, %s, %s, %s, %s", when, until, person,
                          anx_desk_booking_status_text (booking->status),
                          anx_desk_service_name_service (service, booking->service),
                          anx_desk_service_name_principal (service, booking->counsellor),
                          anx_desk_service_name_room (service, booking->centre, booking->room));
}

static void
append_label (GtkWidget *box,
              const char *text,
              const char *css_class)
{
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, css_class));
}

static const char *
css_of_level (AnxLevel level)
{
  return level == ANX_LEVEL_RED ? "bad" : level == ANX_LEVEL_YELLOW ? "warn" : "quiet";
}

/**
 * anx_desk_format_score:
 * @score: a score that is present
 *
 * A total as a person reads it: one place after the point at most, and "about" before an estimate, which is a mean and no count.
 *
 * Returns: (transfer full): the text
 */
char *
anx_desk_format_score (const AnxScore *score)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%g", round (score->value * 10) / 10);
  return g_strdup_printf (score->prorated ? _ ("about %s") : "%s", number);
}

/**
 * anx_desk_band_text:
 * @score: a score that could be computed
 *
 * Returns: (transfer none) (nullable): what counsellors call its band, in the screen's language, never a code
 */
const char *
anx_desk_band_text (const AnxScore *score)
{
  return g_str_equal (anx_ui_get_language (), "zh") ? score->band_name_zh : score->band_name_en;
}

/**
 * anx_desk_score_name:
 * @score: a score
 *
 * Returns: (transfer none) (nullable): what it counts, in the screen's language; %NULL when its file does not say
 */
const char *
anx_desk_score_name (const AnxScore *score)
{
  return g_str_equal (anx_ui_get_language (), "zh") ? score->name_zh : score->name_en;
}

/**
 * anx_desk_describe_score:
 * @score: a score that is present
 * @title: its questionnaire's title, for a score without a name
 *
 * Returns: (transfer full): what it counts, the total, the band
 */
char *
anx_desk_describe_score (const AnxScore *score,
                         const char *title)
{
  const char *name = anx_desk_score_name (score), *band = anx_desk_band_text (score);
  g_autofree char *value = anx_desk_format_score (score);

  return g_strdup_printf ("%s: %s%s%s%s", name != NULL ? name : title, value, band != NULL ? " (" : "",
                          band != NULL ? band : "", band != NULL ? ")" : "");
}

static void
append_score (GtkWidget *list,
              const AnxScore *score)
{
  const char *band = anx_desk_band_text (score), *name = anx_desk_score_name (score);
  GtkWidget *row;

  if (!score->present)
    {
      row = anx_desk_row_new (name != NULL ? name : _ ("Score"), _ ("Cannot be computed: too many answers are missing"));
      gtk_list_box_append (GTK_LIST_BOX (list), row);
      return;
    }
  g_autofree char *own = score->cut_off_reason != NULL ? g_strdup_printf (_ ("This district's own cut-offs: %s"), score->cut_off_reason) : NULL;
  const char *lines[4] = { NULL };
  guint n = 0;
  if (name != NULL)
    lines[n++] = name;
  if (score->prorated)
    lines[n++] = _ ("Estimated from the answers given");
  if (own != NULL)
    lines[n++] = own;
  g_autofree char *below = n > 0 ? g_strjoinv ("\n", (char **) lines) : NULL;
  row = anx_desk_row_new (band != NULL ? band : _ ("Score"), below);
  g_autofree char *value = anx_desk_format_score (score);
  GtkWidget *number = gtk_label_new (value);
  gtk_widget_add_css_class (number, "title-3");
  gtk_widget_add_css_class (number, "numeric");
  gtk_widget_add_css_class (number, css_of_level (score->level));
  gtk_widget_add_css_class (row, "score");
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), number);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
}

/* Answers so wide are not broken into lines, nor are longer ones made narrower: a long question would push them to the edge. In letters, of
 * which a Chinese character takes two. */
#define ANSWER_LETTERS 16

static gboolean
is_short (const char *answer)
{
  guint letters = 0;

  for (const char *p = answer; *p != '\0'; p = g_utf8_next_char (p))
    letters += g_unichar_iswide (g_utf8_get_char (p)) ? 2 : 1;
  return letters <= ANSWER_LETTERS;
}

static void
append_item (GtkWidget *list,
             const char *question,
             const char *answer,
             gboolean missing)
{
  GtkWidget *row = anx_desk_row_new (question, NULL);

  if (missing)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), anx_desk_chip_new ("dialog-question-symbolic", answer, "warn"));
  else
    {
      GtkWidget *label = anx_desk_label_new (answer, NULL);
      gtk_label_set_xalign (GTK_LABEL (label), 1);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
      if (is_short (answer))
        gtk_label_set_wrap (GTK_LABEL (label), FALSE);
      else
        gtk_label_set_width_chars (GTK_LABEL (label), ANSWER_LETTERS / 2);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
    }
  gtk_widget_add_css_class (row, "dense");
  gtk_list_box_append (GTK_LIST_BOX (list), row);
}

static void
append_known_items (GtkWidget *list,
                    AnxQuestionnaire *questionnaire,
                    AnxAnswers *answers)
{
  const char *language = anx_ui_get_language ();

  for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
    {
      int chosen = anx_answers_get (answers, i);
      g_autofree char *question = anx_questionnaire_dup_item_text (questionnaire, i, language);
      if (!anx_answers_is_enabled (answers, i))
        continue;
      g_autofree char *numbered = g_strdup_printf ("%u. %s", i + 1, question);
      if (chosen == ANX_ANSWER_DECLINED)
        append_item (list, numbered, _ ("Preferred not to say"), TRUE);
      else if (chosen == ANX_ANSWER_NONE)
        append_item (list, numbered, _ ("Not answered"), TRUE);
      else
        {
          g_autofree char *option = anx_answers_dup_text (answers, i, language);
          append_item (list, numbered, option, FALSE);
        }
    }
}

/* Without the questionnaire of that version the response still names its items; what it says is shown as it stands. */
static void
append_raw_items (GtkWidget *list,
                  JsonObject *response)
{
  JsonArray *items = anx_json_get_array (response, "item");

  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    {
      JsonNode *node = json_array_get_element (items, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        continue;
      JsonObject *item = json_node_get_object (node);
      JsonArray *answers = anx_json_get_array (item, "answer");
      JsonNode *first
          = answers != NULL && json_array_get_length (answers) > 0 ? json_array_get_element (answers, 0) : NULL;
      JsonObject *coding = first != NULL && JSON_NODE_HOLDS_OBJECT (first)
                               ? anx_json_get_object (json_node_get_object (first), "valueCoding")
                               : NULL;
      const char *question = anx_json_get_string (item, "text", anx_json_get_string (item, "linkId", ""));
      const char *answer
          = coding != NULL ? anx_json_get_string (coding, "display", anx_json_get_string (coding, "code", "")) : NULL;
      append_item (list, question, answer != NULL ? answer : _ ("Not answered"), answer == NULL);
    }
}

static void
append_part (GtkWidget *box,
             AnxDeskService *service,
             const AnxScreeningPart *part)
{
  AnxQuestionnaire *questionnaire = anx_desk_service_get_questionnaire (service, part->canonical);
  g_autofree char *title = questionnaire != NULL
                               ? anx_questionnaire_dup_title (questionnaire, anx_ui_get_language ())
                               : g_strdup (part->canonical);
  g_autoptr (AnxAnswers) answers
      = questionnaire != NULL ? anx_answers_parse (questionnaire, part->response, NULL) : NULL;
  GtkWidget *list = anx_desk_list_new ();

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (title));
  if (g_strcmp0 (anx_json_get_string (part->response, "status", NULL), "stopped") == 0)
    append_label (box, _ ("The resident stopped before the end."), "warning");
  for (guint i = 0; i < part->scores->len; i++)
    append_score (list, g_ptr_array_index (part->scores, i));
  if (answers != NULL)
    append_known_items (list, questionnaire, answers);
  else
    {
      append_label (box,
                    _ ("This version of the questionnaire is not installed here; the answers are shown as recorded."),
                    "dim-label");
      append_raw_items (list, part->response);
    }
  gtk_box_append (GTK_BOX (box), list);
  g_autofree char *credit = questionnaire != NULL ? anx_questionnaire_dup_credit (questionnaire, anx_ui_get_language ()) : NULL;
  if (credit != NULL)
    append_label (box, credit, "caption");
}

/**
 * anx_desk_screening_view_new:
 * @service: the service
 * @screening: (nullable): what was shared
 *
 * Returns: (transfer floating): scores with their bands and each item's answer; absence is said in words
 */
GtkWidget *
anx_desk_screening_view_new (AnxDeskService *service,
                             const AnxDeskScreening *screening)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  if (screening == NULL)
    {
      append_label (box,
                    _ ("No answers were shared for this session. The resident may not have filled in anything, or "
                       "chose not to share it. This does not mean that all is well."),
                    "dim-label");
      return box;
    }
  if (screening->level != ANX_LEVEL_GREEN)
    {
      GtkWidget *chip = anx_desk_chip_new ("dialog-warning-symbolic", anx_desk_level_text (screening->level),
                                           css_of_level (screening->level));
      gtk_widget_set_halign (chip, GTK_ALIGN_START);
      gtk_box_append (GTK_BOX (box), chip);
    }
  for (guint i = 0; i < screening->parts->len; i++)
    append_part (box, service, g_ptr_array_index (screening->parts, i));
  append_label (box, _ ("Scores are signs, not a diagnosis. Please talk about them before you rely on them."),
                "caption");
  return box;
}
