/** Where there is not room for all of a menu, the part of it that one is at is scrolled to; also when the room changes. */
export function intoSight(node: HTMLElement): () => void {
  const menu = node.parentElement as HTMLElement;
  const watch = new ResizeObserver(() => (menu.scrollLeft = node.offsetLeft - menu.offsetLeft - (menu.clientWidth - node.offsetWidth) / 2));
  watch.observe(menu);
  return () => watch.disconnect();
}
