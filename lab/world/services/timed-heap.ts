/** Values ordered by a moment; equal moments keep the order in which they came. */
export interface TimedHeap<T> {
  push(atMs: number, value: T): void;
  peek(): { atMs: number; value: T } | undefined;
  pop(): { atMs: number; value: T } | undefined;
}

interface Node<T> {
  atMs: number;
  order: number;
  value: T;
}

/** A binary heap: ten thousand waiting messages must not cost ten thousand steps each time one is taken. */
export function createTimedHeap<T>(): TimedHeap<T> {
  const nodes: Node<T>[] = [];
  let lastOrder = 0;

  function isBefore(one: Node<T> | undefined, other: Node<T> | undefined): boolean {
    if (one === undefined) return false;
    return other === undefined || one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
  }

  function swap(one: number, other: number): void {
    const [first, second] = [nodes[one], nodes[other]];
    if (first && second) [nodes[one], nodes[other]] = [second, first];
  }

  function sink(): void {
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      const child = isBefore(nodes[left + 1], nodes[left]) ? left + 1 : left;
      if (!isBefore(nodes[child], nodes[index])) return;
      swap(index, child);
      index = child;
    }
  }

  return {
    push(atMs, value) {
      let index = nodes.push({ atMs, order: lastOrder++, value }) - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (!isBefore(nodes[index], nodes[parent])) return;
        swap(index, parent);
        index = parent;
      }
    },
    peek: () => nodes[0],
    pop() {
      const top = nodes[0];
      const last = nodes.pop();
      if (nodes.length > 0 && last) {
        nodes[0] = last;
        sink();
      }
      return top;
    },
  };
}
