"""Draws a QR code as a PNG. No ORM, no drawing library but Pillow, which Odoo brings (Odoo's own
barcodes need a Cairo binding that many installations have not)."""

import io

from PIL import Image
from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel

MAX_BYTES = 2_200
BORDER = 4  # white modules around, as the standard asks


def draw(text, scale=8):
    """Return the PNG (bytes) of a QR code, error correction level M.

    :param text: what a reader shall see; UTF-8, at most 2 200 bytes
    :param scale: pixels of one module
    :raise ValueError: for a text too long for any QR code
    """
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise ValueError("too long for a QR code")
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR8bitByte(data))
    code.make()
    size = code.getModuleCount() + 2 * BORDER
    picture = Image.new("1", (size, size), 1)
    for row in range(code.getModuleCount()):
        for column in range(code.getModuleCount()):
            if code.isDark(row, column):
                picture.putpixel((column + BORDER, row + BORDER), 0)
    out = io.BytesIO()
    picture.resize((size * scale, size * scale), Image.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()
