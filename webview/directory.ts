/** Services and edges of one generation by id and name, asked for once: every view names and colours them the same way. */
import type { Edge, EdgeId, ServiceId, ServiceNode } from '../src/shared/protocol.ts';
import { swatchColor } from './theme.ts';

export class Directory {
  readonly services: readonly ServiceNode[];
  readonly edges: readonly Edge[];
  private readonly serviceById: ReadonlyMap<ServiceId, ServiceNode>;
  private readonly edgeById: ReadonlyMap<EdgeId, Edge>;
  private readonly serviceByName = new Map<string, ServiceNode>();

  constructor(services: readonly ServiceNode[] = [], edges: readonly Edge[] = []) {
    this.services = services;
    this.edges = edges;
    this.serviceById = new Map(services.map((s) => [s.id, s]));
    this.edgeById = new Map(edges.map((e) => [e.id, e]));
    for (const s of services) if (!this.serviceByName.has(s.name)) this.serviceByName.set(s.name, s);
  }

  service(id: ServiceId): ServiceNode | undefined {
    return this.serviceById.get(id);
  }
  byName(name: string): ServiceNode | undefined {
    return this.serviceByName.get(name);
  }
  edge(id: EdgeId): Edge | undefined {
    return this.edgeById.get(id);
  }
  edgeBetween(from: ServiceId, to: ServiceId): Edge | undefined {
    return this.edges.find((e) => e.from === from && e.to === to);
  }
  /** Raw, as it came from the packets: `visibleText` before it is shown. Empty: not known (yet). */
  name(id: ServiceId): string {
    return this.serviceById.get(id)?.name ?? '';
  }
  /** A CSS colour (a custom property, follows the theme); for canvases resolve it by `resolveColor`. */
  color(id: ServiceId): string {
    return swatchColor(this.serviceById.get(id)?.swatch ?? -1);
  }
}
