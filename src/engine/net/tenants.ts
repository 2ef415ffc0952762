import type { StringTable } from '../calls/callTable.ts';
import { TAGS, TENANCY_TEXT, Tenancy } from './layer.ts';

/** Ids of tenant texts: "vni:7", "vlan:12", "key:9" (GRE), "vni:7+vlan:12", "vlan:100+vlan:12", with the tap's own name in front if it has one. */
export class Tenants {
  readonly #strings: StringTable;
  readonly #name: string;
  /** Id of the tenant of packets without VNI and VLAN. */
  readonly plain: number;
  readonly #ids = new Map<number, number>();
  readonly #ranks = new Map<number, number>();
  #lastKey = -1;
  #lastId = 0;

  constructor(strings: StringTable, name: string) {
    this.#strings = strings;
    this.#name = name;
    this.plain = strings.intern(name);
  }

  id(tenancy: number, number: number): number {
    if (tenancy === 0) return this.plain;
    const key = number * 8 + tenancy;
    if (key === this.#lastKey) return this.#lastId;
    let id = this.#ids.get(key);
    if (id === undefined) {
      const kind = TENANCY_TEXT[tenancy]!;
      const text = tenancy < Tenancy.vlanInVni ? `${kind}:${number}` : `${kind}:${Math.floor(number / TAGS)}+vlan:${number % TAGS}`;
      id = this.#strings.intern(this.#name === '' ? text : `${this.#name}/${text}`);
      if (this.#ids.size < 1 << 20) {
        this.#ids.set(key, id);
        this.#ranks.set(id, TENANCY_TEXT[tenancy] === 'vlan' ? 1 : 2);
      }
    }
    this.#lastKey = key;
    this.#lastId = id;
    return id;
  }

  /** How telling a tenant's text is: 0 plain, 1 VLAN (a number of one wire), 2 tunnel (a number of the whole network). */
  rank(id: number): number {
    return this.#ranks.get(id) ?? 0;
  }

  /** Texts of the tenants seen in tunnels and tags, in order of appearance, at most `limit`. */
  seen(limit: number): { count: number; texts: string[] } {
    const texts: string[] = [];
    for (const id of this.#ids.values()) {
      if (texts.length >= limit) break;
      texts.push(this.#strings.text(id));
    }
    return { count: this.#ids.size, texts };
  }
}
