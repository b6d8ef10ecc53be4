from markupsafe import Markup, escape
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, plaintext2html

from odoo.addons.sop_pipeline.tools.arguments import at_most, record_id, record_ids, takes, text

from ...tools.placeholders import UnfilledError, fill, names_in


class SopConversationReply(models.AbstractModel):
    """Reply tools: canned answers with variables, product cards, pictures used before."""

    _name = "sop.conversation.reply"
    _inherit = "sop.conversation.part.mixin"
    _description = "Reply Tools of a Conversation"

    # === CANNED ANSWERS ===

    @takes(canned_id=record_id, product_id=record_id)
    def action_send_canned(self, canned_id, product_id=None):
        """Send a canned answer at one click: its words with the variables filled, its pictures, its product.

        A variable that cannot be filled stops the sending and is named.

        :param product_id: the product whose price and stock are given; default the answer's own
        :return: id of the message
        """
        self._open("write")
        canned = self.env["mail.canned.response"].browse(canned_id)
        canned.check_access("read")
        product = self.env["product.product"].browse(product_id or []) or canned.sop_product_id
        product.check_access("read")
        body = self._fill_placeholders(canned.substitution, product)
        images = canned.sop_attachment_ids._sop_copies()
        if canned.sop_send_card and product:
            body = plaintext2html(body) + self._product_card_body(product)
            images |= self._product_image(product)
        message = self.conversation._post_outbound(body, attachment_ids=images.ids)
        # sudo: answers of colleagues count their use too
        canned.sudo().last_used = fields.Datetime.now()
        return message.id

    @takes(canned_id=record_id, product_id=record_id)
    def preview_canned(self, canned_id, product_id=None):
        """Return the words a canned answer would send, or the sentence that says what is missing.

        :return: dict ``text``, ``error``
        """
        self._open("read")
        canned = self.env["mail.canned.response"].browse(canned_id)
        product = self.env["product.product"].browse(product_id or []) or canned.sop_product_id
        try:
            return {"text": self._fill_placeholders(canned.substitution, product), "error": ""}
        except UserError as error:
            return {"text": canned.substitution, "error": str(error)}

    def _fill_placeholders(self, text, product=None):
        """Return ``text`` with its variables filled; UserError that names those that cannot be."""
        if not names_in(text):
            return text
        talked = self.conversation.sudo().talk_product_id.with_env(self.env)  # sudo: which one; the reader's rights decide what is told of it
        product = product or talked.filtered(lambda one: one.has_access("read"))
        values = self._placeholder_values(product)
        try:
            if isinstance(text, Markup):
                return Markup(fill(str(text), {name: str(escape(value)) for name, value in values.items() if value}))
            return fill(text, values)
        except UnfilledError as error:
            raise UserError(self.env._("Not sent: nothing to put in for %(names)s.", names=", ".join("{{" + name + "}}" for name in error.names)))

    def _placeholder_values(self, product):
        """Values of the variables: name -> text; an empty one counts as missing. Extend to add variables."""
        partner = self.conversation._seen_partner()
        values = {
            "customer": partner.name or (self.env._("you") if self.conversation.identity_id.is_nameless else self.conversation.name),
            "staff": self.env.user.name,
            "phone": self.conversation.phone or partner.phone,
            "shop": self.conversation.company_id.name,
            "channel": self.conversation.account_id.name,
        }
        if product:
            values |= {
                "product": self._product_name(product),
                "price": self._product_price(product),
                "stock": self._product_stock(product),
                "link": self._product_link(product),
            }
        return values

    # === PRODUCTS ===

    @takes(product_id=record_id)
    def action_send_product(self, product_id):
        """Send a product's card: picture, price, stock and link.

        :return: id of the message
        """
        self._open("write")
        product = self.env["product.product"].browse(product_id)
        product.check_access("read")
        self.conversation.sudo().talk_product_id = product  # sudo: a column only our code writes
        image = self._product_image(product)
        return self.conversation._post_outbound(self._product_card_body(product), attachment_ids=image.ids).id

    @api.model
    @takes(text=text(200), limit=at_most(40), conversation_id=record_id)
    def search_products(self, text="", limit=12, conversation_id=None):
        """Return products that can be sold, for the picker: id, name, code, price, stock, image.

        :param text: words of the name or the code; empty: the ones sold last
        :param conversation_id: whose customer the prices are for; without, an unknown person's prices
        """
        conversation = self.env["sop.conversation"].browse(conversation_id or [])
        conversation.check_access("read")
        domain = self.env["product.product"]._sop_offered_domain(conversation.company_id or self.env.company)
        if text.strip():
            domain &= self.env["product.product"]._sop_words_domain(text)
        products = self.env["product.product"].search(domain, limit=limit)
        prices, currency = conversation._customer_prices(products)
        return [{**self._product_values(product), "price": format_amount(self.env, prices[product.id], currency)} for product in products]

    def _product_values(self, product):
        """What the pickers show of a product."""
        return {
            "id": product.id,
            "name": product.display_name,
            "stock": self._product_stock(product),
            "in_stock": not product.is_storable or product.free_qty > 0,
            "image": f"/web/image/product.product/{product.id}/image_128",
        }

    def _product_name(self, product):
        """Name as given to a customer: the code is the shop's own."""
        return product.with_context(display_default_code=False).display_name

    def _product_price(self, product):
        """Price as given to the customer of this conversation."""
        prices, currency = self.conversation._customer_prices(product)
        return format_amount(self.env, prices[product.id], currency)

    def _product_stock(self, product):
        """Stock as given to a customer: a number, or that it is always there."""
        if not product.is_storable:
            return self.env._("in stock")
        quantity = max(0, int(product.free_qty))
        return str(quantity) if quantity else self.env._("out of stock")

    def _stock_words(self, product):
        """Stock as a line of a card: a number alone says nothing."""
        stock = self._product_stock(product)
        return self.env._("In stock: %(stock)s", stock=stock) if stock.isdigit() else stock[:1].upper() + stock[1:]

    def _product_link(self, product):
        """Address of the product's page on the site; empty when it has none."""
        if "website_url" not in product._fields or not product.is_published:
            return ""
        return product.get_base_url() + product.website_url

    def _product_card_body(self, product):
        """Words of a product's card as safe markup; they read well as plain text too."""
        lines = [
            Markup("<b>%s</b>") % self._product_name(product),
            self.env._("Price: %(price)s", price=self._product_price(product)),
            self._stock_words(product),
        ]
        link = self._product_link(product)
        if link:
            lines.append(Markup('<a href="%s" target="_blank">%s</a>') % (link, link))
        return Markup("<div>%s</div>") % Markup("<br/>").join(escape(line) for line in lines)

    def _product_image(self, product):
        """Return the product's picture as a new attachment that can ride in a message; empty without one."""
        attachments = self.env["ir.attachment"]
        image = product.image_512
        if not image:
            return attachments
        return attachments.sudo().create(  # sudo: the file belongs to the message that is about to be posted
            {
                "name": f"{product.display_name}.png",
                "datas": image,
                "res_model": "mail.compose.message",
                "res_id": 0,
            }
        )

    # === PICTURES USED BEFORE ===

    @takes(picture_ids=record_ids)
    def action_send_picture(self, picture_ids):
        """Send pictures of the library again; nothing is uploaded or stored twice.

        :return: id of the message
        """
        self._open("write")
        pictures = self.env["sop.picture"].browse(picture_ids)
        pictures.check_access("read")
        copies = pictures.attachment_id._sop_copies()
        if not copies:
            raise UserError(self.env._("Choose a picture."))
        message = self.conversation._post_outbound("", attachment_ids=copies.ids)
        return message.id
