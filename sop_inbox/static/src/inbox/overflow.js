import { onMounted, onPatched, onWillUnmount, useRef } from "@odoo/owl";

/**
 * Watch how many children of an element do not fit on its first line.
 *
 * @param {string} name of the element's ref
 * @param {Function} onChange gets the number whenever it is another one
 */
export function useOverflow(name, onChange) {
    const row = useRef(name);
    let hidden = 0;
    function measure() {
        const children = [...(row.el?.children || [])];
        const top = Math.min(...children.map((child) => child.offsetTop));
        const number = children.filter((child) => child.offsetTop > top + child.offsetHeight / 2).length;
        if (number !== hidden) {
            hidden = number;
            onChange(number);
        }
    }
    const observer = new ResizeObserver(measure);
    onMounted(() => {
        observer.observe(row.el);
        measure();
    });
    onPatched(measure);
    onWillUnmount(() => observer.disconnect());
}
