/**
 * Attachment for what scrolls sideways: while there is something to scroll, it can be reached and scrolled by keys, and
 * bears the name of its panel.
 */
export function reachable(element: HTMLElement): () => void {
  const observer = new ResizeObserver(() => {
    const scrolls = element.scrollWidth > element.clientWidth;
    const name = element.closest('section')?.getAttribute('aria-labelledby');
    if (scrolls && name) {
      element.tabIndex = 0;
      element.setAttribute('role', 'group');
      element.setAttribute('aria-labelledby', name);
    } else {
      for (const attribute of ['tabindex', 'role', 'aria-labelledby']) element.removeAttribute(attribute);
    }
  });
  observer.observe(element);
  for (const child of element.children) observer.observe(child);
  return () => observer.disconnect();
}
