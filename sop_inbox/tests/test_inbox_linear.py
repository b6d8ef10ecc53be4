import re

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import html2plaintext

from odoo.addons.sop_pipeline.tests.linear import LinearMixin, rubbish

from ..models.conversation.sop_conversation_messages import BODY_LIMIT, as_html
from ..tools import (
    address,
    address_units,
    amount,
    carrier_viettelpost,
    facebook,
    facts,
    livestream,
    order_input,
    order_sheet,
    outgoing,
    placeholders,
    text,
    transport,
    words,
    words_sql,
    zalo,
)
from ..tools import facebook_conversions as conversions
from .channel_common import parse
from .common import InboxCommon

CODES = ("A1", "áo đỏ", "12", "a a", "0 0", "9-9", "x2")
WORDS = ("giá", "còn hàng", "a a", "0 0 0", "ship")


def messenger(words):
    """A webhook of Meta with these words wherever people's words stand."""
    sender = {"sender": {"id": words}, "recipient": {"id": "p"}, "timestamp": words}
    attachment = {"type": "template", "title": words, "payload": {"url": words, "title": words}}
    comment = {"item": "comment", "verb": "add", "comment_id": "c", "message": words, "from": {"id": words, "name": words}}
    return {
        "entry": [
            {
                "id": "p",
                "messaging": [
                    {**sender, "message": {"mid": "m", "text": words, "attachments": [attachment]}},
                    {**sender, "postback": {"title": words}},
                ],
                "changes": [{"field": "feed", "value": comment}],
            }
        ]
    }


@tagged("post_install", "-at_install")
class TestLinear(LinearMixin, InboxCommon):
    """What meets customers' words takes time in proportion to their length."""

    def test_tools(self):
        self.assertAllLinear(
            "sop_inbox",
            {
                "livestream.read_wishes": lambda said: livestream.read_wishes(said, CODES),
                "livestream.choose_variant": lambda said: livestream.choose_variant(said.split(), {1: [said, "M"], 2: ["a", "0"]}),
                "address.read_addresses": address.read_addresses,
                "address_units.fold": address_units.fold,
                "amount.read_amount": lambda said: amount.read_amount(said, 100, 0),
                "amount.read_percent": amount.read_percent,
                "words.fold": words.fold,
                "words.split_words": words.split_words,
                "words.has_word": lambda said: words.has_word(said, WORDS),
                "words.word_finder": lambda said: words.word_finder(said)(WORDS),
                "words_sql.like_words": words_sql.like_words,
                "text.clean": text.clean,
                "text.snippet": text.snippet,
                "text.hold_lines": text.hold_lines,
                "text.free_lines": text.free_lines,
                "words.national_digits": words.national_digits,
                "words.number_asked": words.number_asked,
                "words._small": words._small,
                "facts.place_of": lambda said: facts.place_of({"lat": said, "long": said}),
                "facts.place_media": lambda said: facts.place_media("1,2", said),
                "order_sheet.clean": order_sheet.clean,
                "order_input.clean_text": lambda said: order_input.clean_text(said, "note"),
                "order_input.clean_order": lambda said: order_input.clean_order({"lines": [{"product_id": 1, "note": said}], "note": said}),
                "outgoing.cut_text": lambda said: outgoing.cut_text(said, 640),
                "placeholders.names_in": placeholders.names_in,
                "placeholders.fill": lambda said: placeholders.fill(said, {"a": "b"}),
                "facts.text_of": facts.text_of,
                "facts.ref_of": facts.ref_of,
                "facts.moment": facts.moment,
                "facts.load": lambda said: facts.load(said.encode()),
                "facebook.parse": lambda said: parse(facebook, messenger(said)),
                "zalo.parse": lambda said: parse(
                    zalo, {"event_name": "user_send_text", "sender": {"id": said}, "message": {"msg_id": "1", "text": said}}
                ),
                "transport.file_name": lambda said: transport.file_name(said, "file", "text/plain"),
                "conversions.digest_phone": conversions.digest_phone,
                "conversions.digest_email": conversions.digest_email,
                "carrier_viettelpost._days": carrier_viettelpost._days,
                "qr_picture.draw": "draws the payload of a bank's code, which is made here",
            },
        )

    def test_conversation(self):
        """The words of a message on their way through a conversation."""
        conversation = self.make()
        self.env["sop.tag.rule"].create({"name": ", ".join(WORDS), "tag_id": self.env["crm.tag"].create({"name": "Hỏi giá"}).id})
        template = self.env["sop.channel.template"].new({"body": ""})

        def blanks(said):
            template.body = said
            template._blanks()

        def read(said):
            conversation._words_values(self.env["mail.message"].new({"body": as_html(said)}))

        for function in (
            as_html,
            read,
            blanks,
            conversation._order_form._product_words,
            conversation._replies._fill_placeholders,
            conversation._before_reply,
            lambda said: conversation._replies._fill_placeholders(Markup(said)),
            lambda said: self.env["mail.message"].new({"body": as_html(said)})._sop_preview(),
            lambda said: html2plaintext(as_html(said), include_references=False),
        ):
            self.assertLinear(function, refusal=UserError)

    def test_a_number_is_seen_wherever_it_stands(self):
        for at in (0, 4_995, 5_000, 12_345, 19_980, BODY_LIMIT - 20):
            conversation = self.make(name=f"Khách {at}")
            self.say(conversation, "là lá " * (at // 6) + " " * (at % 6) + "0912 345 678" + " la" * 30)
            self.assertEqual(conversation.phone, "+84912345678", at)

    def test_rubbish_with_a_number_behind(self):
        for number, said in enumerate(rubbish()):
            conversation = self.make(name=f"Khách {number}")
            self.say(conversation, text.clean(f"{said} điện thoại: 0912 345 678 nhé"))  # as platforms' words come
            self.assertEqual(conversation.phone, "+84912345678", said[:40])


@tagged("post_install", "-at_install")
class TestScanners(BaseCase):
    """What is searched for by hand is found as a pattern would find it."""

    @given(st.text("aA_b ấ,1\n", max_size=12), st.text("aAb ấ1", min_size=1, max_size=4))
    def test_words(self, said, word):
        plain, folded = said.lower(), words.fold(said)
        wanted = re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", folded if words.fold(word) == word.lower() else plain)
        self.assertEqual(words.has_word(said, [word]), bool(wanted))

    @given(st.text("aA1x2 -_.,\nếz日", max_size=14), st.text("aA1x2-ế ", min_size=1, max_size=4))
    def test_codes(self, said, code):
        folded = words.fold(said)
        letters = re.sub(r"[^a-z0-9]", "", words.fold(code))
        pattern = r"(?<![a-z0-9])" + r"[\s\-_.]?".join(map(re.escape, letters)) + r"(?:(?![a-z0-9])|(?=x\s?\d{1,2}(?![a-z0-9])))"
        wanted = [match.span() for match in re.finditer(pattern, folded)] if letters else []
        self.assertEqual(list(livestream._spans(letters, folded, *livestream._squeeze(folded))) if letters else [], wanted)
