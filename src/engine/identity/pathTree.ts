/** At a position with more distinct values than this, under one prefix, the values are names of things: {name}. */
export const MAX_VALUES = 64;

class Node {
  children = new Map<string, Node>();
  folded = false;
}

/**
 * Paths of one service and method. What is folded depends only on the set of paths added, not on their order: a position that has once had too
 * many values keeps having them. At most MAX_VALUES children a node and 16 levels, so hostile paths stay bounded.
 */
export class PathTree {
  private readonly root = new Node();

  add(path: string): void {
    let node = this.root;
    for (const segment of path.split('/')) {
      const key = node.folded && !isPlaceholder(segment) ? '{name}' : segment;
      let next = node.children.get(key);
      if (next === undefined) {
        next = new Node();
        node.children.set(key, next);
        if (node.children.size > MAX_VALUES) {
          fold(node);
          next = node.children.get(isPlaceholder(key) ? key : '{name}')!;
        }
      }
      node = next;
    }
  }

  /** The path with folded positions replaced. */
  template(path: string): string {
    let node: Node | undefined = this.root;
    const out: string[] = [];
    for (const segment of path.split('/')) {
      const key: string = node?.folded && !isPlaceholder(segment) ? '{name}' : segment;
      out.push(key);
      node = node?.children.get(key);
    }
    return out.join('/');
  }
}

const isPlaceholder = (segment: string): boolean => segment === '{id}' || segment === '{name}';

function fold(node: Node): void {
  node.folded = true;
  const merged = new Node();
  const kept = new Map<string, Node>();
  for (const [key, child] of node.children) {
    if (isPlaceholder(key) && key !== '{name}') kept.set(key, child);
    else merge(merged, child);
  }
  kept.set('{name}', merged);
  node.children = kept;
}

/** Depth is at most the number of segments of a path, so recursion is bounded. */
function merge(into: Node, from: Node): void {
  for (const [key, child] of from.children) {
    const as = into.folded && !isPlaceholder(key) ? '{name}' : key;
    const held = into.children.get(as);
    if (held === undefined) into.children.set(as, child);
    else merge(held, child);
  }
  if (from.folded && !into.folded) fold(into);
  else if (!into.folded && into.children.size > MAX_VALUES) fold(into);
}
