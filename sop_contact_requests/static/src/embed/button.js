/* Button "I want to be advised" on another web site; no dependency, no cookie, no global. */
(() => {
    const script = document.currentScript;
    const address = new URL(script.src);
    const vietnamese = !document.documentElement.lang || document.documentElement.lang.startsWith("vi");
    const label = script.dataset.label || (vietnamese ? "TÔI MUỐN ĐƯỢC TƯ VẤN" : "I WANT TO BE ADVISED");
    const query = new URLSearchParams();
    for (const name of ["ref", "title", "url", "signature"]) {
        query.set(name, script.dataset[name] || "");
    }
    const form = address.href.replace(/\/button\.js.*$/, "/form?") + query;

    const button = document.createElement("button");
    button.type = "button";
    button.className = "sop-request-button";
    button.textContent = label;
    button.style.cssText =
        "min-height:48px;padding:0 24px;border:0;border-radius:6px;background:#714b67;color:#fff;font:bold 16px sans-serif;cursor:pointer";
    button.addEventListener("click", () => {
        const dialog = document.createElement("dialog");
        dialog.style.cssText = "width:520px;max-width:calc(100vw - 16px);height:680px;max-height:calc(100vh - 16px);padding:0;border:0;border-radius:12px";
        dialog.setAttribute("aria-label", label);
        const frame = document.createElement("iframe");
        frame.src = form;
        frame.title = label;
        frame.style.cssText = "width:100%;height:100%;border:0";
        const close = document.createElement("button");
        close.type = "button";
        close.textContent = "✕";
        close.setAttribute("aria-label", vietnamese ? "Đóng" : "Close");
        close.style.cssText = "position:absolute;top:8px;right:8px;width:44px;height:44px;border:0;background:none;font-size:20px;cursor:pointer";
        close.addEventListener("click", () => dialog.close());
        // the Escape key pressed inside the frame
        const onMessage = (ev) => ev.source === frame.contentWindow && ev.data === "sop-contact-request-close" && dialog.close();
        window.addEventListener("message", onMessage);
        dialog.addEventListener("close", () => {
            window.removeEventListener("message", onMessage);
            dialog.remove();
            button.focus();
        });
        dialog.append(close, frame); // the cross first: it has the focus, so that Escape closes
        document.body.append(dialog);
        dialog.showModal();
    });
    script.after(button);
})();
