"""What Slack's own Python library builds is accepted: a limit that refuses it would be a limit of our own."""

import pytest
from slack_sdk.models import blocks as models

from bot.sandbox.validation import check_blocks

CHOICES = [models.Option(text=name, value=name) for name in ("staging", "production")]
CONFIRM = models.ConfirmObject(title="Sure?", text="It is production", confirm="Yes", deny="No", style="danger")
LINE = models.RichTextSectionElement(
    elements=[
        models.RichTextElementParts.Text(text="Deployed ", style=models.RichTextElementParts.TextStyle(bold=True)),
        models.RichTextElementParts.Emoji(name="rocket"),
        models.RichTextElementParts.Link(url="https://example.com", text="log"),
        models.RichTextElementParts.User(user_id="U1"),
    ]
)

ELEMENTS: list[models.BlockElement] = [
    models.ButtonElement(text="Approve", action_id="approve", value="42", style="primary", confirm=CONFIRM),
    models.LinkButtonElement(text="Log", url="https://example.com/log", action_id="log"),
    models.OverflowMenuElement(options=CHOICES, action_id="more"),
    models.StaticSelectElement(action_id="where", placeholder="?", options=CHOICES, initial_option=CHOICES[0]),
    models.StaticMultiSelectElement(action_id="wheres", placeholder="?", options=CHOICES, max_selected_items=1),
    models.ExternalDataSelectElement(action_id="what", placeholder="?", min_query_length=0),
    models.UserSelectElement(action_id="who", placeholder="?"),
    models.ConversationSelectElement(action_id="room", filter=models.ConversationFilter(include=["public"])),
    models.ChannelSelectElement(action_id="channel", placeholder="?", initial_channel="C1"),
    models.DatePickerElement(action_id="day", initial_date="2026-11-23"),
    models.TimePickerElement(action_id="hour", initial_time="09:30"),
    models.DateTimePickerElement(action_id="moment", initial_date_time=1763900000),
    models.CheckboxesElement(action_id="boxes", options=CHOICES, initial_options=CHOICES),
    models.RadioButtonsElement(action_id="radio", options=CHOICES, initial_option=CHOICES[1]),
]

INPUTS: list[models.InputInteractiveElement] = [
    models.PlainTextInputElement(action_id="why", multiline=True, min_length=5, max_length=300),
    models.NumberInputElement(action_id="count", is_decimal_allowed=False, min_value="1", max_value="9"),
    models.EmailInputElement(action_id="mail", placeholder="?"),
    models.UrlInputElement(action_id="url", initial_value="https://example.com"),
    models.RichTextInputElement(action_id="rich"),
]

BLOCKS: list[models.Block] = [
    models.HeaderBlock(text="Release"),
    models.SectionBlock(text="*Backend*", fields=["a", "b"], expand=True),
    models.SectionBlock(text="x", accessory=models.ImageElement(image_url="https://example.com/a.png", alt_text="a")),
    models.DividerBlock(),
    models.ContextBlock(elements=[models.MarkdownTextObject(text="x"), models.PlainTextObject(text="x", emoji=True)]),
    models.ImageBlock(image_url="https://example.com/a.png", alt_text="a", title="A"),
    models.RichTextBlock(elements=[LINE, models.RichTextListElement(style="bullet", elements=[LINE], indent=1)]),
    models.MarkdownBlock(text="**x**"),
    models.PlanBlock(title="Deploy", tasks=[models.TaskCardBlock(task_id="a", title="Build", status="complete")]),
    models.TableBlock(rows=[[models.RawTextObject(text="x").to_dict()]], column_settings=[{"align": "center"}]),
    models.ContextActionsBlock(
        elements=[
            models.FeedbackButtonsElement(
                positive_button=models.FeedbackButtonObject(text="Good", value="1"),
                negative_button=models.FeedbackButtonObject(text="Bad", value="0"),
            )
        ]
    ),
]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.type)
def test_a_block_of_slacks_own_library_passes(block: models.Block) -> None:
    assert check_blocks([block.to_dict()], surface="message") == []


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.type)
def test_an_element_of_slacks_own_library_passes(element: models.InteractiveElement) -> None:
    assert check_blocks([models.ActionsBlock(elements=[element]).to_dict()], surface="message") == []


@pytest.mark.parametrize("element", INPUTS, ids=lambda element: element.type)
def test_an_input_of_slacks_own_library_passes(element: models.InputInteractiveElement) -> None:
    block = models.InputBlock(label="Why", element=element, hint="So that others know", optional=True)

    assert check_blocks([block.to_dict()], surface="modal") == []
