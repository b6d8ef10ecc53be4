"""Vietnamese of words on core's shop pages that core's own catalogue has not."""

import re

VIETNAMESE = "vi_VN"
PAGES = (
    "website_sale.", "website_sale_wishlist.", "portal.", "sale.sale_order_portal", "sale_stock.portal_",
    "website.", "payment.", "web.login", "auth_signup.",
)  # fmt: skip
WORDS = {
    "+1 555-555-5556": "028 7300 1234",
    "info@yourcompany.example.com": "lienhe@cuahang.example.com",
    "1.00 Units": "1,00 cái",
    "Add an address": "Thêm địa chỉ",
    "Add Address": "Thêm địa chỉ",
    "Add to cart": "Thêm vào giỏ hàng",
    "Add to Cart": "Thêm vào giỏ hàng",
    "Add to wishlist": "Thêm vào danh sách yêu thích",
    "All products": "Tất cả sản phẩm",
    "All Products": "Tất cả sản phẩm",
    "Already have an account?": "Đã có tài khoản?",
    "Back to address": "Quay lại địa chỉ",
    "Back to extra info": "Quay lại thông tin thêm",
    "By paying,": "Khi thanh toán,",
    "Clear Filters": "Xóa bộ lọc",
    "Clear search for this category": "Xóa tìm kiếm trong danh mục này",
    "Continue shopping": "Tiếp tục mua sắm",
    "Deliver to pickup point": "Giao đến điểm nhận hàng",
    "Delivery &amp; Billing": "Giao hàng và thanh toán",
    "Delivery Date:": "Ngày giao hàng:",
    "Documents": "Tài liệu",
    "Enter your email": "Nhập email của bạn",
    "Enter your password": "Nhập mật khẩu của bạn",
    "Login to reorder": "Đăng nhập để đặt lại",
    "Main Address": "Địa chỉ chính",
    "Next": "Sau",
    "Not Available": "Không cần giao",
    "No previous products available for reorder.": "Chưa có sản phẩm nào để đặt lại.",
    "Original price": "Giá gốc",
    "Press 'Enter' to add to cart": "Nhấn Enter để thêm vào giỏ hàng",
    "Previous": "Trước",
    "Price": "Giá",
    "Price information": "Thông tin giá",
    "Quick reorder": "Đặt lại nhanh",
    "Remove from recently viewed": "Bỏ khỏi danh sách đã xem",
    "Remove this address": "Xóa địa chỉ này",
    "Sale price": "Giá bán",
    "Same as delivery address": "Giống địa chỉ giao hàng",
    "Search results for": "Kết quả tìm kiếm cho",
    "Shipping Status": "Trạng thái giao hàng",
    "Sign Up": "Đăng ký",
    "The VAT number can only be updated on the company account.": "Mã số thuế chỉ sửa được trên tài khoản của công ty.",
    "The company name and VAT number can only be updated on your main account.": "Tên công ty và mã số thuế chỉ sửa được trên tài khoản chính.",
    "Want an invoice?": "Cần hóa đơn?",
    "to follow your order.": "để theo dõi đơn hàng.",
    "you confirm acceptance on behalf of": "bạn xác nhận thay mặt cho",
}
# the longest first, and no part of a longer word
PATTERN = re.compile("|".join(rf"(?<!\w){re.escape(words)}(?!\w)" for words in sorted(WORDS, key=len, reverse=True)))


def load(env):
    """Fill these words in where a page of the shop shows them in English; nothing where Vietnamese is not installed."""
    if not env["res.lang"].search_count([("code", "=", VIETNAMESE)]):
        return
    views = env["ir.ui.view"].search([("type", "=", "qweb")])
    for view in views.filtered(lambda view: (view.key or "").startswith(PAGES)):
        fill_in(view, "arch_db")
    steps = env["website.checkout.step"].search([])
    for name in ("name", "main_button_label", "back_button_label"):
        for step in steps:
            source, shown = (step.with_context(lang=lang)[name] for lang in ("en_US", VIETNAMESE))
            if source and shown == source:
                step.with_context(lang=VIETNAMESE)[name] = translate(source)


def fill_in(record, name):
    """Translate the terms of a field that stand there in English still."""
    source, shown = (record.with_context(lang=lang)[name] for lang in ("en_US", VIETNAMESE))
    terms = record._fields[name].get_translation_dictionary(source, {VIETNAMESE: shown})
    missing = {term: translate(term) for term, found in terms.items() if found[VIETNAMESE] == term != translate(term)}
    if missing:
        record.update_field_translations(name, {VIETNAMESE: missing})


def translate(term):
    """A term of a page with the words that are known; the markup in it stays."""
    return PATTERN.sub(lambda found: WORDS[found[0]], term)
