/**
 * Replaces what stands between `<!-- BEGIN_NAME -->` and `<!-- END_NAME -->`; a document without the two is an error.
 */
export function insertSection(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- BEGIN_${name} -->`, `<!-- END_${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no ${begin} followed by ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`;
}
